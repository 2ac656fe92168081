"""The page on channels shows what its commands print, and its YAML holds."""

from __future__ import annotations

import re
from pathlib import Path

from tests import test_readme
from tests.cli.running import run

PAGE = Path(__file__).parent.parent / "docs" / "channels.md"


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert test_readme.rendered(page, test_readme.prepare(tmp_path)) == page


def test_the_segments_and_exports_on_the_page_hold_in_the_shop(tmp_path: Path) -> None:
    shop = test_readme.prepare(tmp_path)
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    shown = [block.replace("…", "{did: purchase}").replace("lapsed_buyers:", "of_page:") for block in blocks[1:]]
    (shop / "segments" / "page.yaml").write_text("\n".join(shown), encoding="utf-8")
    answer = run(shop, "check")
    assert (answer.code, answer.err) == (0, "19 segments, no problems\n")


if __name__ == "__main__":  # writes the output into the page, to be read before it is committed
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        shown = test_readme.rendered(PAGE.read_text(encoding="utf-8"), test_readme.prepare(Path(made)))
        PAGE.write_text(shown, encoding="utf-8")
