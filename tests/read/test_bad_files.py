"""Each file in `bad` is refused with the report beside it; drop in a pair and it is a test."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from segtool.errors import InputError
from segtool.model.kinds import INTEGER, TEXT, list_of
from segtool.model.tables import DeclaredColumn, TableSource
from segtool.read.tables import UserReading
from tests.tabled import whole

BAD = Path(__file__).parent / "bad"

DECLARED = {
    "declared_integer": DeclaredColumn(INTEGER),
    "declared_list": DeclaredColumn(list_of(INTEGER), "|"),
    "declared_text": DeclaredColumn(TEXT),
}
"""Columns that are declared in whichever file has them."""


@pytest.mark.parametrize("path", sorted(BAD.glob("*.csv")), ids=lambda path: str(path.stem))
def test_a_bad_file_is_refused_with_the_report_beside_it(path: Path) -> None:
    header = path.read_bytes().split(b"\n")[0].decode(errors="replace")
    columns = {name: said for name, said in DECLARED.items() if name in header}
    with pytest.raises(InputError) as caught:
        whole(UserReading(TableSource("users", path.name, "user_id", columns), BAD, ZoneInfo("Europe/Kyiv")))
    assert str(caught.value) + "\n" == path.with_suffix(".expected").read_text()
