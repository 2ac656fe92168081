"""A project that has been run a few times: people came and went, one was never a user, one segment is frozen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.running import files, project, run
from tests.shell import Answer

USERS = "user_id,country,email\nann,UA,ann@example.com\nbob,UA,bob@example.com\neve,PL,eve@example.com\n"
LATER = "user_id,country,email\nann,PL,ann@example.com\neve,UA,eve@example.com\nzoe,UA,zoe@example.com\n"
LOG = (
    "who,what,at,note\n"
    "ann,open,2026-06-01T10:00:00Z,a-note\n"
    "bob,open,2026-06-02T10:00:00Z,b-note\n"
    "bob,click,2026-06-03T10:00:00Z,b-other\n"
    "out,open,2026-06-04T10:00:00Z,o-note\n"
    "eve,click,2026-06-05T10:00:00Z,e-note\n"
)
SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id}
events:
  mail: {path: mail.csv, user: who, time: at, name: what}
"""
SEGMENTS = """\
ukraine:
  kind: dynamic
  where: {country: UA}
  exclude: [eve]
openers:
  kind: dynamic
  where: {did: {event: open}}
spring:
  kind: static
  where: {everyone: true}
  include: [out]
  columns: [email]
"""
DAYS = ("2026-06-15T12:00:00Z", "2026-06-16T12:00:00Z", "2026-06-17T12:00:00Z")


def upkept(folder: Path) -> Path:
    """Three runs: bob goes and zoe comes with the second, and nothing is new at the third."""
    project(folder, USERS, SEGMENTS, SETTINGS)
    (folder / "mail.csv").write_text(LOG)
    done(run(folder, "evaluate", "--as-of", DAYS[0]))
    (folder / "users.csv").write_text(LATER)
    for day in DAYS[1:]:
        done(run(folder, "evaluate", "--as-of", day))
    return folder


def done(answer: Answer) -> Answer:
    assert answer.code == 0, answer.err
    return answer


def erase(folder: Path, keys: str, *words: str) -> Answer:
    (folder / "asked.txt").write_text(keys)
    answer = run(folder, "erase", "asked.txt", *words)
    (folder / "asked.txt").unlink()
    return answer


def facts(folder: Path, *words: str) -> Any:
    return json.loads(done(run(folder, *words, "-o", "json")).out)


def holding(folder: Path, text: str) -> list[str]:
    """The files below .segtool and snapshots that hold a text."""
    places = [(place, *one) for place in (".segtool", "snapshots") for one in files(folder / place).items()]
    return sorted(f"{place}/{name}" for place, name, content in places if text.encode() in content)
