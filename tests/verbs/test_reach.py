"""Whom a channel reaches of each segment's members is what asking them one by one gives."""

from __future__ import annotations

import csv
import hashlib
import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from segtool.verbs.evaluate import evaluate
from segtool.verbs.run import Run

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SETTINGS = """\
version: 1
users:
  path: users.csv
  key: user_id
  columns: {phone: text, email: text, token: text, opted: boolean, sms: text, seen: datetime}
events:
  sent: {path: sent.csv, user: user_id, time: at}
channels:
  email: {address: email, consent: opted, quiet: {did: {event: sent, in_last: 2d}}}
  sms: {address: phone, consent: {sms: "yes"}, region: UA}
  push: {address: token, usable: {seen: {in_last: 90d}}}
suppress: [never.csv, mails.csv]
"""
SEGMENTS = """\
all_of_them: {kind: dynamic, where: {everyone: true}}
some: {kind: dynamic, where: {sample: {percent: 40, salt: x}}, holdout: {percent: 30, salt: h}}
of_some: {kind: dynamic, where: {in_segment: some}, holdout: {percent: 100}}
frozen: {kind: static, list: frozen.csv}
"""
EMAILS = [
    "a@example.com",
    "A@EXAMPLE.com ",
    "b@example.com",
    "c@d",
    "",
    "  ",
    "e@example.org",
    "x.y@example.org",
    "z@z.",
]
PHONES = [
    "+380501112233",
    "050 111 22 33",
    "(050)111-22-34",
    "",
    "12",
    "+4915112345678",
    "+380 50 111 22 35",
    "0501112236",
]


def make(folder: Path, seed: int) -> list[dict[str, str]]:
    chance = random.Random(seed)
    users = [
        {
            "user_id": f"{number:04}",
            "email": chance.choice([*EMAILS, f"own{number}@example.com", f"own{number}@example.com"]),
            "phone": chance.choice([*PHONES, f"+38050{number:07}"]),
            "token": chance.choice(["t1", "", f"own{number}"]),
            "opted": chance.choice(["true", "true", "false", ""]),
            "sms": chance.choice(["yes", "yes", "no", ""]),
            "seen": chance.choice(["2026-06-01T00:00:00Z", "2026-01-01T00:00:00Z", ""]),
        }
        for number in range(300)
    ]
    chance.shuffle(users)
    (folder / "segments").mkdir(parents=True)
    (folder / "segtool.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "segments/all.yaml").write_text(SEGMENTS, encoding="utf-8")
    write(folder / "users.csv", users)
    sent = [{"user_id": user["user_id"], "at": "2026-06-14T12:00:00Z"} for user in users if chance.random() < 0.2]
    write(folder / "sent.csv", sent)
    write(folder / "never.csv", [{"user_id": f"{number:04}"} for number in range(0, 300, 17)])
    write(folder / "mails.csv", [{"email": "B@example.com", "phone": "050-111-22-36"}, {"email": "", "phone": ""}])
    write(folder / "frozen.csv", [{"user_id": f"{number:04}"} for number in range(150, 330)])
    return users


def write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def drawn(salt: str, key: str, percent: float) -> bool:
    first = int.from_bytes(hashlib.sha256(f"{salt}:{key}".encode()).digest()[:4], "big")
    return first * 100 < percent * 2**32


VALID = {
    "a@example.com": "a@example.com",
    "A@EXAMPLE.com": "a@example.com",
    "b@example.com": "b@example.com",
    "e@example.org": "e@example.org",
    "x.y@example.org": "x.y@example.org",
    "+380501112233": "+380501112233",
    "050 111 22 33": "+380501112233",
    "(050)111-22-34": "+380501112234",
    "+4915112345678": "+4915112345678",
    "+380 50 111 22 35": "+380501112235",
    "0501112236": "+380501112236",
}
COLUMN = {"email": "email", "sms": "phone", "push": "token"}


def asked_one_by_one(
    channel: str, members: Mapping[str, tuple[str, int]], users: Mapping[str, Mapping[str, str]], quiet: set[str]
) -> dict[str, str]:
    """The reason of each member, or that they are reached, in their order; `members`: the holdout of each."""
    found, seen = dict[str, str](), set[str]()
    for key, holdout in members.items():
        user = users.get(key, {})
        text = user.get(COLUMN[channel], "").strip()
        address = VALID.get(text, text if text.startswith(("own", "+38050", "t1")) else "")
        consent = {"email": user.get("opted") == "true", "sms": user.get("sms") == "yes", "push": True}[channel]
        is_usable = channel != "push" or user.get("seen") == "2026-06-01T00:00:00Z"
        if (int(key) % 17 == 0 and int(key) < 300) or address in ("b@example.com", "+380501112236"):
            found[key] = "suppressed"
        elif not consent:
            found[key] = "no consent"
        elif not text:
            found[key] = "no address"
        elif not address or not is_usable:
            found[key] = "invalid address"
        elif address in seen:
            found[key] = "duplicate address"
        else:
            seen.add(address)
            if channel == "email" and key in quiet:
                found[key] = "quiet"
            else:
                found[key] = "held out" if drawn(f"holdout:{holdout[0]}", key, holdout[1]) else "reached"
    return found


def quieted(folder: Path) -> set[str]:
    with (folder / "sent.csv").open(encoding="utf-8") as lines:
        return {row["user_id"] for row in csv.DictReader(lines)}


def members_of(users: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[list[str], tuple[str, int]]]:
    """The members of each segment, and its holdout."""
    some = [key for key in users if drawn("x", key, 40)]
    return {
        "all_of_them": (list(users), ("", 0)),
        "some": (some, ("h", 30)),
        "of_some": (some, ("of_some", 100)),
        "frozen": ([f"{number:04}" for number in range(150, 330)], ("", 0)),
    }


@pytest.mark.parametrize("seed", range(6))
def test_the_reached_are_those_whom_nothing_holds_back(seed: int, tmp_path: Path) -> None:
    users = {user["user_id"]: user for user in make(tmp_path / "shop", seed)}
    quiet, members = quieted(tmp_path / "shop"), members_of(users)
    result = evaluate(tmp_path / "shop", Run(NOW, NOW))
    for segment in result.segments:
        for channel, number in segment.reached.items():
            keys, holdout = members[segment.name]
            found = Counter(asked_one_by_one(channel, dict.fromkeys(sorted(keys), holdout), users, quiet).values())
            assert number == found["reached"], (segment.name, channel, found)
    assert {tuple(segment.reached) for segment in result.segments} == {("email", "sms", "push")}
    assert {segment.name for segment in result.segments} == set(members)
