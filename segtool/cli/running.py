"""What commands do around their verb: find the project, take the clock, show the answer in the form asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from segtool.cli.options import Form, TextOrJson, now
from segtool.errors import Problem, SegtoolError, UsageError
from segtool.model.backtest import Backtest
from segtool.model.diagnosis import Diagnosis
from segtool.model.explanation import Explained
from segtool.model.exports import Exported
from segtool.model.nodes import near_name
from segtool.model.preview import Preview
from segtool.model.results import (
    Checked,
    Erased,
    Evaluation,
    History,
    Listing,
    Made,
    Pruned,
    Shown,
    TableResult,
    Verified,
)
from segtool.model.tested import Tested
from segtool.output import backtest, data, explained, exported, markdown, preview, shown, tested, texts, upkeep
from segtool.output.answers import ANSWERS, columns_of
from segtool.output.export_facts import ExportRow
from segtool.output.facts import (
    FindingRow,
    MovedRow,
    PointRow,
    ProblemRow,
    SegmentRow,
    SizeRow,
    TableRow,
    TestRow,
)
from segtool.output.preview_facts import PreviewRow
from segtool.output.progress import progress
from segtool.output.run_facts import RunRow
from segtool.output.streams import annotate, append, raw, tell
from segtool.output.why import ExplanationRow
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
        try:
            yield Run(to_instant(folder, as_of, at), at.replace(microsecond=0), wait=wait, progress=advance, **options)
        except SegtoolError as error:
            error.folder = folder
            raise


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


def answer_made(result: Made, output: TextOrJson) -> None:
    if output is TextOrJson.json:
        raw(data.json_text(data.made_data(result)))
    else:
        texts.show_made(result)


def answer_evaluation(result: Evaluation, output: Form, quiet: bool) -> None:
    texts.tell_rejects(result.tables)
    facts, columns = data.evaluation_data(result), columns_of(MovedRow)
    if not _machine(facts, facts["segments"], columns, output, partial(markdown.evaluation, result)):
        texts.show_evaluation(result, quiet=quiet)
    elif result.held:
        tell(held.problem for held in result.held)


def answer_preview(result: Preview, output: Form, quiet: bool) -> None:
    texts.tell_rejects(result.tables)
    facts, columns = preview.preview_data(result), columns_of(PreviewRow)
    if not _machine(facts, facts["segments"], columns, output, partial(preview.preview_markdown, result)):
        preview.show_preview(result, quiet=quiet)


def answer_import(results: list[TableResult], output: Form, quiet: bool) -> None:
    texts.tell_rejects(results)
    facts, columns = data.import_data(results), columns_of(TableRow)
    if not _machine(facts, facts["tables"], columns, output, partial(markdown.imported, results)):
        texts.show_import(results, quiet=quiet)


def answer_checked(result: Checked, output: Form, quiet: bool, folder: Path) -> None:
    facts, columns = data.checked_data(result), columns_of(ProblemRow)
    if not _machine(facts, facts["warnings"], columns, output, partial(markdown.checked, result)):
        texts.show_checked(result, quiet=quiet)
    _annotate(result.warnings, "warning", folder)


def answer_tested(result: Tested, output: Form, quiet: bool, folder: Path) -> None:
    facts, columns = tested.tested_data(result), columns_of(TestRow)
    if not _machine(facts, facts["tests"], columns, output, partial(tested.tested_markdown, result)):
        tested.show_tested(result, quiet=quiet)
    _annotate(tested.failures(result), "error", folder)


def answer_listing(result: Listing, output: Form) -> None:
    facts, columns = data.listing_data(result), columns_of(SegmentRow)
    if not _machine(facts, facts["segments"], columns, output, partial(markdown.listing, result)):
        texts.show_listing(result)


def answer_shown(result: Shown, output: Form) -> None:
    facts, columns = shown.shown_data(result), columns_of(SizeRow)
    if not _machine(facts, facts["sizes"], columns, output, partial(shown.shown_markdown, result)):
        shown.show_shown(result)


def answer_history(result: History, output: Form) -> None:
    facts, columns = data.history_data(result), columns_of(RunRow)
    if not _machine(facts, facts["runs"], columns, output, partial(markdown.history, result)):
        texts.show_history(result)


def answer_backtest(result: Backtest, output: Form, quiet: bool) -> None:
    facts, columns = backtest.backtest_data(result), columns_of(PointRow)
    if not _machine(facts, facts["points"], columns, output, partial(backtest.backtest_markdown, result)):
        backtest.show_backtest(result)
    backtest.tell_of_backtest(result, quiet=quiet)


def answer_explained(result: Explained, output: Form) -> None:
    facts, columns = explained.explained_data(result), columns_of(ExplanationRow)
    if not _machine(facts, facts["segments"], columns, output, partial(explained.explained_markdown, result)):
        explained.show_explained(result)


def answer_exported(result: Exported, output: Form, quiet: bool) -> None:
    facts, columns = data.exported_data(result), columns_of(ExportRow)
    if not _machine(facts, facts["segments"], columns, output, partial(exported.exported_markdown, result)):
        exported.show_exported(result, quiet=quiet)


def answer_kept(result: Verified | Pruned | Erased, output: Form, quiet: bool) -> None:
    facts = data.kept_data(result)
    if not _machine(facts, [facts], list(facts), output):
        upkeep.show_kept(result, quiet=quiet)


def answer_diagnosis(result: Diagnosis, output: Form) -> None:
    facts = data.diagnosis_data(result)
    if not _machine(facts, facts["findings"], columns_of(FindingRow), output):
        texts.show_diagnosis(result)


def answer_frame(frame: Any, output: Form) -> None:
    if output in (Form.csv, Form.text):
        raw(data.frame_csv(frame))
    else:
        rows = frame.to_dicts()
        _machine({"version": data.VERSION, "rows": rows}, rows, frame.columns, output)


def answer_schema(command: str) -> dict[str, Any]:
    """The JSON Schema of what a command answers; UsageError where it answers no JSON."""
    from segtool.output.schemas import answer_schema

    if command not in ANSWERS:
        step = near_name(command, ANSWERS) or f"commands: {', '.join(ANSWERS)}"
        raise UsageError(Problem(f"there is no command `{command}` that answers in JSON", step))
    return answer_schema(command)


def answer_json(facts: Any) -> None:
    raw(data.json_text(facts))


def _machine(
    facts: Any,
    rows: Sequence[data.Row],
    columns: Sequence[str],
    output: Form,
    github: Callable[[], str] | None = None,
) -> bool:
    """Answers in a form for machines; False where the answer is for people. `github` is the answer in Markdown, where
    it is more than a table of the rows."""
    match output:
        case Form.json:
            raw(data.json_text(facts))
        case Form.jsonl:
            raw(data.jsonl_text(rows))
        case Form.csv:
            raw(data.csv_text(rows, columns))
        case Form.github:
            _publish(github() if github else markdown.rows_table(rows, columns))
        case Form.text:
            return False
    return True


def _publish(text: str) -> None:
    """Markdown to stdout, and to the summary of the job that this is a step of."""
    raw(text)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        append(summary, text + "\n")


def tell_failure(error: SegtoolError, words: Sequence[str]) -> None:
    """The problems on stderr, and on stdout in the form that was asked for."""
    tell(error.problems)
    _annotate(error.problems, "error", error.folder)
    answer_failure(error.problems, error.exit_code, words)


def _annotate(problems: Iterable[Problem], level: str, folder: Path) -> None:
    """In a job on GitHub, the problems beside the lines where they are."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        root, project = Path(os.environ.get("GITHUB_WORKSPACE", "")).resolve(), folder.resolve()
        annotate(problems, level, project.relative_to(root) if project.is_relative_to(root) else Path())


def answer_failure(problems: Sequence[Problem], exit_code: int, words: Sequence[str]) -> None:
    match asked_form(words):
        case Form.json:
            raw(data.json_text(data.failure_data(problems, exit_code)))
        case Form.github:
            _publish(markdown.failure(problems))


def asked_form(words: Sequence[str]) -> Form | None:
    """The form that these words ask for; what is wrong may be why they were not understood."""
    for word, after in zip(words, [*words[1:], ""], strict=True):
        found = re.fullmatch(r"(?:--output|-[a-np-z]*o)=?(.*)", word)
        if found and (found[1] or after) in set(Form):
            return Form(found[1] or after)
    return None
