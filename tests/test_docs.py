"""The pages that are made from the code are the ones that the code makes."""

from __future__ import annotations

import re
from pathlib import Path

from segtool.compile.reference import reference

PAGE = Path(__file__).parent.parent / "docs" / "reference.md"


def test_the_reference_page_is_what_the_vocabulary_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference()


NAMED = re.compile(r"\[`?(\w+)`?\]\(\.\./(segtool/[\w/]+\.py)\)")


def test_every_name_on_the_page_of_how_it_works_stands_in_the_file_it_leads_to() -> None:
    found = NAMED.findall((PAGE.parent / "how-it-works.md").read_text(encoding="utf-8"))
    assert len(found) > 20
    for name, file in found:
        code = (PAGE.parent.parent / file).read_text(encoding="utf-8")
        assert re.search(rf"^(def|class) {name}\b|^{name}\b", code, re.M) or name == Path(file).stem, (
            f"{name} in {file}"
        )


if __name__ == "__main__":  # writes the page
    PAGE.write_text(reference(), encoding="utf-8")
