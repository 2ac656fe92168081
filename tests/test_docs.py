"""The pages that are made from the code are the ones that the code makes."""

from __future__ import annotations

from pathlib import Path

from segtool.compile.reference import reference

PAGE = Path(__file__).parent.parent / "docs" / "reference.md"


def test_the_reference_page_is_what_the_vocabulary_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference()


if __name__ == "__main__":  # writes the page
    PAGE.write_text(reference(), encoding="utf-8")
