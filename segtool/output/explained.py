"""Why a user is in segments or not, as text, as Markdown and as plain data."""

from __future__ import annotations

from collections.abc import Iterator

from segtool.model.explanation import Explained, Explanation, Standing
from segtool.output.answers import ExplainAnswer
from segtool.output.data import VERSION
from segtool.output.lines import SIGNS, change_texts, edit_data, line_data, line_texts
from segtool.output.markdown import cell_text, markdown_table, page
from segtool.output.streams import Heading, line, table
from segtool.output.texts import Table
from segtool.output.why import ExplanationRow, StandingFacts


def show_explained(result: Explained) -> None:
    line(f"{result.user}, as of {result.as_of}")
    if not result.is_one:
        table(*_table(result))
        return
    for one in result.segments:
        for text in _lines(one):
            line(text)


def _table(result: Explained) -> Table:
    headings = (Heading(""), Heading("segment"), Heading("kind"), Heading("decided by"))
    return headings, [[SIGNS[one.is_member], one.segment, one.kind, _in_short(one.basis)] for one in result.segments]


def _in_short(basis: str) -> str:
    """What decides; of a guard without its figures."""
    return basis.partition(": ")[0]


def _lines(one: Explanation) -> Iterator[str]:
    yield f"{SIGNS[one.is_member]} {'a' if one.is_member else 'no'} member of {one.segment} ({one.kind})"
    if one.basis != "the definition":
        yield f"  decided by {one.basis}, and by no condition any more" if one.kind == "static" else f"  {one.basis}"
    yield from (f"  {text}" for text in _standing(one))
    if one.lines:
        yield ""
    for told in one.lines:
        yield from line_texts(told)
    if one.change:
        yield ""
    yield from change_texts(one.change)
    if one.hindrances:
        yield ""
        yield "what stands in the way:"
        yield from (f"  {text}" for text in one.hindrances)


def _standing(one: Explanation) -> Iterator[str]:
    standing = one.standing
    if standing is None:
        yield "not decided by any run yet"
        return
    since = f" since run {standing.run}, as of {standing.as_of}" if standing.run else ""
    yield f"{'a member' if standing.is_member else 'no member'} after the last run{since}"
    if standing.is_member != one.is_member:
        yield f"would {'enter' if one.is_member else 'leave'} at the next run"


def explained_markdown(result: Explained) -> str:
    title = f"{cell_text(result.user)}, as of {result.as_of}"
    if not result.is_one:
        return page(title, markdown_table(*_table(result)))
    # lines of a definition are told apart by how far they stand in
    rows = [[text.replace("  ", "\u00a0\u00a0")] for one in result.segments for text in _lines(one) if text]
    return page(title, markdown_table([Heading("why")], rows))


def explained_data(result: Explained) -> ExplainAnswer:
    return {
        "version": VERSION,
        "user": result.user,
        "as_of": result.as_of,
        "run": result.run,
        "segments": [_explanation(one) for one in result.segments],
    }


def _explanation(one: Explanation) -> ExplanationRow:
    return {
        "segment": one.segment,
        "kind": one.kind,
        "is_member": one.is_member,
        "basis": one.basis,
        "standing": _standing_facts(one.standing),
        "lines": [line_data(told) for told in one.lines],
        "change": [edit_data(edit) for edit in one.change],
        "hindrances": list(one.hindrances),
    }


def _standing_facts(standing: Standing | None) -> StandingFacts | None:
    if standing is None:
        return None
    return {"is_member": standing.is_member, "run": standing.run or None, "as_of": standing.as_of or None}
