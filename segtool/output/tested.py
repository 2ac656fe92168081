"""What came of tests of definitions, as text, as Markdown, as plain data, and as problems at their places."""

from __future__ import annotations

from collections.abc import Iterator

from segtool.errors import Problem
from segtool.model.tested import CaseResult, Coverage, Gap, Tested, Wrong
from segtool.output.answers import TestAnswer
from segtool.output.data import VERSION, place_data
from segtool.output.facts import CoverageRow, GapFacts, TestRow, WrongFacts
from segtool.output.lines import change_texts, edit_data, line_data, line_texts
from segtool.output.markdown import failure, markdown_table, page
from segtool.output.streams import Heading, line, talk
from segtool.output.texts import number_of

LISTED = 20
"""As many names as a line shows."""


def show_tested(result: Tested, *, quiet: bool = False) -> None:
    for problem in failures(result):
        line(str(problem))
    for one in result.failed:
        line()
        for text in _lines(one):
            line(text)
    _show_gaps(result)
    if not quiet:
        talk(summary(result))


def failures(result: Tested) -> list[Problem]:
    """Every test that failed."""
    return [Problem(_fact(one), "", one.mark) for one in result.failed]


def _fact(one: CaseResult) -> str:
    wrong = [
        f"{word} {_names(keys)}" for word, keys in (("missing", one.missing), ("unexpected", one.unexpected)) if keys
    ]
    found = f"expected {_names(one.expected)}, and the members are {_names(one.actual)}"
    return f"`{one.segment}`: {found}: {'; '.join(wrong)}"


def _names(keys: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(keys) - LISTED} more" if len(keys) > LISTED else ""
    return ", ".join(keys[:LISTED]) + more if keys else "nobody"


def _lines(one: CaseResult) -> Iterator[str]:
    for wrong in one.wrong:
        yield f"{one.mark}: {wrong.key} is {'a' if wrong.is_member else 'no'} member of `{one.segment}`"
        for told in wrong.why:
            yield from line_texts(told)
        yield from (f"  {text}" for text in change_texts(wrong.change))


def _show_gaps(result: Tested) -> None:
    gaps = _gaps(result)
    if not gaps:
        return
    if result.failed:
        line()
    line("not tried both ways:")
    for segment, gap in gaps:
        line(f"  {gap.mark}: `{segment}`: {gap.words}: {_never(gap)}")


def _gaps(result: Tested) -> list[tuple[str, Gap]]:
    return [(one.segment, gap) for one in result.coverage if one.tests for gap in one.gaps]


def _never(gap: Gap) -> str:
    return f"never {'true' if gap.never else 'false'}"


def summary(result: Tested) -> str:
    failed = f"{len(result.failed)} failed" if result.failed else "none failed"
    clauses = sum(one.clauses for one in result.coverage)
    both = clauses - sum(len({(gap.mark, gap.words) for gap in one.gaps}) for one in result.coverage)
    untested = f"{number_of(len(result.untested), 'segment')} without a test"
    if result.is_part:
        asked = number_of(len(result.coverage), "segment")
        untested = f"of the {asked} asked for, {len(result.untested):,} without a test"
    return (
        f"{number_of(len(result.tests), 'test')}, {failed}; "
        f"{both:,} of {number_of(clauses, 'clause')} tried both ways; {untested}"
    )


def tested_markdown(result: Tested) -> str:
    failed = failure(failures(result)) if result.failed else ""
    # lines of a definition are told apart by how far they stand in
    lines = [[text.replace("  ", "\u00a0\u00a0")] for one in result.failed for text in _lines(one)]
    why = markdown_table([Heading("why")], lines) if lines else ""
    rows = [[str(gap.mark), segment, gap.words, _never(gap)] for segment, gap in _gaps(result)]
    headings = [Heading(name) for name in ("place", "segment", "clause", "not tried both ways")]
    return page(f"test: {summary(result)}", failed, why, markdown_table(headings, rows) if rows else "")


def tested_data(result: Tested) -> TestAnswer:
    return {
        "version": VERSION,
        "passed": len(result.tests) - len(result.failed),
        "failed": len(result.failed),
        "untested": result.untested,
        "tests": [_test(one) for one in result.tests],
        "coverage": [_coverage(one) for one in result.coverage],
    }


def _test(one: CaseResult) -> TestRow:
    return {
        "segment": one.segment,
        **place_data(one.mark),
        "passed": not one.wrong,
        "expected": list(one.expected),
        "actual": list(one.actual),
        "missing": one.missing,
        "unexpected": one.unexpected,
        "why": [_wrong(wrong) for wrong in one.wrong],
    }


def _wrong(wrong: Wrong) -> WrongFacts:
    lines, change = [line_data(told) for told in wrong.why], [edit_data(edit) for edit in wrong.change]
    return {"key": wrong.key, "is_member": wrong.is_member, "lines": lines, "change": change}


def _coverage(one: Coverage) -> CoverageRow:
    gaps: list[GapFacts] = [{**place_data(gap.mark), "words": gap.words, "never": gap.never} for gap in one.gaps]
    return {"segment": one.segment, "tests": one.tests, "clauses": one.clauses, "gaps": gaps}
