"""Each bad_channels/NAME.yaml is what `segtool.yaml` says of channels and, after a line of dashes, a segments file;
NAME.expected is what `check` says of both: drop in a pair to add a test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from segtool.errors import DefinitionError
from segtool.verbs.check import check
from segtool.verbs.run import Run

BAD = Path(__file__).parent / "bad_channels"
USERS = "user_id,email,phone,token,opted,note,age,seen,tags\na,a@b.ua,0501112233,t,true,yes,30,2026-06-01,x|y\n"
SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id, columns: {phone: text, tags: {list: text}}}
events: {sent: {path: sent.csv, user: user_id, time: at}}
"""
SEGMENTS = "all: {kind: dynamic, where: {everyone: true}}\n"


def said(text: str, folder: Path) -> str:
    settings, _, segments = text.partition("---\n")
    (folder / "segments").mkdir()
    (folder / "users.csv").write_text(USERS, encoding="utf-8")
    (folder / "sent.csv").write_text("user_id,at\na,2026-06-01\n", encoding="utf-8")
    (folder / "segtool.yaml").write_text(SETTINGS + settings, encoding="utf-8")
    (folder / "segments/s.yaml").write_text(segments or SEGMENTS, encoding="utf-8")
    now = datetime(2026, 6, 15, 12, tzinfo=UTC)
    with pytest.raises(DefinitionError) as raised:
        check(folder, Run(now, now))
    return "".join(f"{problem}\n" for problem in raised.value.problems)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_bad_channels_are_told_as_expected(path: Path, tmp_path: Path) -> None:
    expected = path.with_suffix(".expected").read_text(encoding="utf-8")
    assert said(path.read_text(encoding="utf-8"), tmp_path) == expected


if __name__ == "__main__":  # writes the reports, to be read before they are committed
    import tempfile

    for path in BAD.glob("*.yaml"):
        with tempfile.TemporaryDirectory() as folder:
            found = said(path.read_text(encoding="utf-8"), Path(folder))
            path.with_suffix(".expected").write_text(found, encoding="utf-8")
