"""The page of warnings: each block of definitions is checked, and what is said of it stands below it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.running import AS_OF, project, run

PAGE = Path(__file__).parent.parent / "docs" / "check.md"
PAIR = re.compile(r"```yaml\n(.*?)```\n\n```text\n(.*?)```", re.S)
SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id, columns: {tags: {list: text, separator: "|"}}}
events:
  purchase: {path: purchases.csv, user: user, time: at}
  email_open: {path: opens.csv, user: user, time: at}
"""
USERS = """\
user_id,country,city,points,seen_at,tags,score
a,UA,Kyiv,30,2026-06-01T10:00:00Z,x|y,5
b,PL,,20,2026-05-01T10:00:00Z,x,
c,UA,,,,,
"""
EVENTS = "user,at\na,2026-01-05T10:00:00Z\nb,2026-02-01T10:00:00Z\n"


def checked(definitions: str, folder: Path) -> str:
    """What is said of the definitions once the tables are in the store."""
    made = project(folder, USERS, "s: {kind: dynamic, where: {everyone: true}}\n", SETTINGS)
    for name in ("purchases", "opens"):
        (made / f"{name}.csv").write_text(EVENTS, encoding="utf-8")
    assert run(made, "evaluate", "--as-of", AS_OF).code == 0
    (made / "segments" / "all.yaml").unlink()
    (made / "segments" / "s.yaml").write_text(definitions, encoding="utf-8")
    answer = run(made, "check", "--as-of", AS_OF, "-q")
    assert answer.code == 0, answer.err
    return answer.err


BLOCKS = PAIR.findall(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("definitions", "said"), BLOCKS, ids=map(str, range(len(BLOCKS))))
def test_what_is_said_of_the_definitions_on_the_page_stands_below_them(
    definitions: str, said: str, tmp_path: Path
) -> None:
    assert said
    assert checked(definitions, tmp_path / "p") == said


if __name__ == "__main__":  # writes what is said, to be read before it is committed
    import tempfile

    def block(found: re.Match[str]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return f"```yaml\n{found[1]}```\n\n```text\n{checked(found[1], Path(folder) / 'p')}```"

    PAGE.write_text(PAIR.sub(block, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
