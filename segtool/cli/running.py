"""What commands do around their verb: find the project, take the clock, show the answer in the form asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from segtool.cli.options import Form, now
from segtool.errors import Problem, SegtoolError, UsageError
from segtool.model.diagnosis import Diagnosis
from segtool.model.results import Checked, Erased, Evaluation, History, Listing, Pruned, Shown, TableResult, Verified
from segtool.model.tested import Tested
from segtool.output import data, tested, texts, upkeep
from segtool.output.annotations import talk_annotations
from segtool.output.progress import progress
from segtool.output.streams import raw, tell
from segtool.verbs.run import Run, project_folder, to_instant


def folder(project: Path | None) -> Path:
    """The project's folder: the one given, else this one or the nearest parent that is one."""
    return project_folder(project)


@contextmanager
def run(
    folder: Path, output: Form, quiet: bool, *, verbose: bool = False, as_of: str = "", wait: float = 0, **options: Any
) -> Iterator[Run]:
    """A run with its clock taken once, and progress on stderr."""
    at = now()
    with progress(perf_counter, quiet=quiet or output is not Form.text, verbose=verbose) as advance:
        yield Run(to_instant(folder, as_of, at), at.replace(microsecond=0), wait=wait, progress=advance, **options)


def tables_and_file(words: tuple[str, ...], project: Path) -> tuple[tuple[str, ...], str | None]:
    """`users FILE` names a table and a file; other words are tables."""
    if len(words) == 2 and words[1] != words[0]:
        return words[:1], inside(words[1], project)
    if len(words) > 2:
        raise UsageError(Problem("too many words", "write `segtool import`, or `segtool import users FILE`"))
    return words, None


def inside(file: str, project: Path) -> str:
    """A file named from where the person stands, as the project names it: relative if it lies inside."""
    if "://" in file:
        raise UsageError(Problem(f"`{file}` is a URL", "download it, and name the file"))
    path = Path(file).absolute()
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else str(path)


def answer_evaluation(result: Evaluation, output: Form, quiet: bool) -> None:
    texts.tell_rejects(result.tables)
    facts = data.evaluation_data(result)
    if not _machine(facts, facts["segments"], output):
        texts.show_evaluation(result, quiet=quiet)
    elif result.held:
        tell(held.problem for held in result.held)


def answer_import(results: list[TableResult], output: Form, quiet: bool) -> None:
    texts.tell_rejects(results)
    facts = data.import_data(results)
    if not _machine(facts, facts["tables"], output):
        texts.show_import(results, quiet=quiet)


def answer_checked(result: Checked, output: Form, quiet: bool) -> None:
    facts = data.checked_data(result)
    if not _machine(facts, facts["problems"], output):
        texts.show_checked(result, quiet=quiet)


def answer_tested(result: Tested, output: Form, quiet: bool) -> None:
    facts = tested.tested_data(result)
    if not _machine(facts, facts["tests"], output):
        tested.show_tested(result, quiet=quiet)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        talk_annotations(tested.failures(result))


def answer_listing(result: Listing, output: Form) -> None:
    facts = data.listing_data(result)
    if not _machine(facts, facts["segments"], output):
        texts.show_listing(result)


def answer_shown(result: Shown, output: Form) -> None:
    facts = data.shown_data(result)
    if not _machine(facts, facts["sizes"], output):
        texts.show_shown(result)


def answer_history(result: History, output: Form) -> None:
    facts = data.history_data(result)
    if not _machine(facts, facts["runs"], output):
        texts.show_history(result)


def answer_kept(result: Verified | Pruned | Erased, output: Form, quiet: bool) -> None:
    facts = data.kept_data(result)
    if not _machine(facts, [facts], output):
        upkeep.show_kept(result, quiet=quiet)


def answer_diagnosis(result: Diagnosis, output: Form) -> None:
    facts = data.diagnosis_data(result)
    if not _machine(facts, facts["findings"], output):
        texts.show_diagnosis(result)


def answer_frame(frame: Any, output: Form) -> None:
    if output in (Form.csv, Form.text):
        raw(data.frame_csv(frame))
    else:
        _machine({"version": data.VERSION, "rows": frame.to_dicts()}, frame.to_dicts(), output)


def answer_json(facts: Any) -> None:
    raw(data.json_text(facts))


def _machine(facts: dict[str, Any], rows: list[data.Row], output: Form) -> bool:
    """Answers in a form for machines; False where the answer is for people."""
    match output:
        case Form.json:
            raw(data.json_text(facts))
        case Form.jsonl:
            raw(data.jsonl_text(rows))
        case Form.csv:
            raw(data.csv_text(rows))
        case Form.text:
            return False
    return True


def tell_failure(error: SegtoolError, words: list[str]) -> None:
    """The problems on stderr, and as JSON on stdout where that was asked for."""
    if asks_json(words):
        raw(data.json_text(data.failure_data(error)))
    tell(error.problems)
    sys.stdout.flush()


def asks_json(words: list[str]) -> bool:
    pairs = zip(words, [*words[1:], ""], strict=True)
    return any(
        word in ("-ojson", "--output=json") or (word in ("-o", "--output") and after == "json") for word, after in pairs
    )
