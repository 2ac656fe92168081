"""An export of those alone who entered a segment, or left it, since a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.exports import evaluate, export, exported, rewritten, shop
from tests.cli.running import run

DAYS = [f"2026-06-{day}T12:00:00Z" for day in (15, 16, 17, 18)]
HEADER = "user_id,country,email,opted,phone,sms_ok,name"
FIRST = {"a": "UA,a@b.ua,true", "b": "UA,b@b.ua,true", "c": "UA,c@b.ua,false", "d": "PL,d@b.ua,true", "e": "UA,,true"}
SECOND = FIRST | {"b": "PL,b@b.ua,true", "d": "UA,d@b.ua,true", "f": "UA,f@b.ua,true"}
THIRD = SECOND | {"a": "PL,a@b.ua,true", "c": "PL,c@b.ua,false", "f": "PL,f@b.ua,true", "b": "UA,b@b.ua,true"}
SEGMENTS = """\
ukraine: {kind: dynamic, where: {country: UA}}
spring: {kind: static, where: {country: UA}}
"""


def with_users(folder: Path, rows: dict[str, str]) -> Path:
    lines = [HEADER, *(f"{key},{row},,true," for key, row in rows.items()), ""]
    (folder / "users.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three runs of `ukraine`: a b c e; then b leaves, and d and f enter; then a, c and f leave, and b comes back."""
    made = shop(tmp_path / "shop", segments=SEGMENTS)
    (made / "never.csv").write_text("user_id\nnobody\n", encoding="utf-8")
    for rows, day in zip([FIRST, SECOND, THIRD], DAYS[:3], strict=True):
        evaluate(with_users(made, rows), day)
    return made


def moved(folder: Path, side: str, *words: str) -> list[str]:
    """The keys of those who entered `ukraine`, or left it."""
    lines = exported(folder, "ukraine", "--only", side, *words, as_of=DAYS[3]).splitlines()
    return [line.split(",")[0] for line in lines[1:]]


@pytest.mark.parametrize(
    ("since", "entered", "left"), [((), ["b"], ["a", "c", "f"]), (("--since", "1"), ["d"], ["a", "c"])]
)
def test_who_moved_stands_otherwise_than_after_that_run(
    since: tuple[str, ...], entered: list[str], left: list[str], folder: Path
) -> None:
    assert moved(folder, "entered", *since) == entered
    assert moved(folder, "left", *since) == left


def test_who_was_there_when_the_segment_was_new_is_no_news(folder: Path) -> None:
    assert moved(folder, "entered", "--since", "0") == ["b", "d"]
    assert moved(folder, "entered", "--since", "0", "--also", "initial") == ["b", "d", "e"]
    assert moved(folder, "left", "--since", "0") == []


def test_who_came_in_by_an_edited_definition_is_no_news(folder: Path) -> None:
    rewritten(folder / "segments/all.yaml", "dynamic, where: {country: UA}", "dynamic, where: {everyone: true}")
    evaluate(folder, DAYS[3])
    assert moved(folder, "entered") == []
    assert moved(folder, "entered", "--also", "definition") == ["a", "c", "f"]
    assert moved(folder, "entered", "--since", "1", "--also", "definition") == ["d", "f"]
    rewritten(folder / "segments/all.yaml", "dynamic, where: {everyone: true}", "dynamic, where: {country: UA}")
    evaluate(folder, DAYS[3])
    assert moved(folder, "left") == ["a", "c", "f"]


def test_who_entered_is_reached_as_any_member_is(folder: Path) -> None:
    rewritten(folder / "users.csv", "b,UA,b@b.ua,true", "b,UA,b@b.ua,false")
    answer = export(folder, "ukraine", "--only", "entered", "--since", "1", "--channel", "email", as_of=DAYS[3])
    assert answer.out == "user_id,email\nd,d@b.ua\n"
    answer = export(folder, "ukraine", "--only", "entered", "--channel", "email", as_of=DAYS[3])
    assert (answer.out, answer.err) == ("user_id,email\n", "ukraine: 0 exported = 1 member less 1 no consent\n")


def test_who_left_is_taken_off_a_list_whatever_they_consent_to(folder: Path) -> None:
    (folder / "never.csv").write_text("user_id,email\na,\n,f@b.ua\n", encoding="utf-8")
    (folder / "sent.csv").write_text("user_id,at\nc,2026-06-18T09:00:00Z\n", encoding="utf-8")
    rewritten(folder / "segments/all.yaml", "ukraine: {", "ukraine: {holdout: {percent: 100}, ")
    words = ("ukraine", "--only", "left", "--channel", "email")
    assert exported(folder, *words, as_of=DAYS[3]) == "user_id,email\na,a@b.ua\nc,c@b.ua\nf,f@b.ua\n"
    assert moved(folder, "left") == ["a", "c", "f"]


def test_who_left_and_is_no_user_any_more_has_no_address(folder: Path) -> None:
    evaluate(with_users(folder, {key: row for key, row in THIRD.items() if key != "e"}), DAYS[3])
    assert moved(folder, "left") == ["e"]
    answer = export(folder, "ukraine", "--only", "left", "--channel", "email", as_of=DAYS[3])
    assert (answer.out, answer.err) == ("user_id,email\n", "ukraine: 0 exported = 1 member less 1 no address\n")


def test_an_address_stays_on_a_list_that_a_member_has_who_may_be_sent_to(folder: Path) -> None:
    words = ("ukraine", "--only", "left", "--channel", "email", "--held-back", "held.csv")
    rewritten(folder / "users.csv", "b,UA,b@b.ua", "b,UA,A@B.ua")
    assert exported(folder, *words, as_of=DAYS[3]) == "user_id,email\nc,c@b.ua\nf,f@b.ua\n"
    assert (folder / "held.csv").read_text() == "user_id,reason\na,duplicate address\n"
    rewritten(folder / "users.csv", "b,UA,A@B.ua,true", "b,UA,A@B.ua,false")
    assert exported(folder, *words, as_of=DAYS[3]) == "user_id,email\na,a@b.ua\nc,c@b.ua\nf,f@b.ua\n"
    assert (folder / "held.csv").read_text() == "user_id,reason\n"


def test_two_who_left_with_one_address_are_one(folder: Path) -> None:
    rewritten(folder / "users.csv", "c,PL,c@b.ua", "c,PL,a@b.ua")
    words = ("ukraine", "--only", "left", "--channel", "email")
    assert exported(folder, *words, as_of=DAYS[3]) == "user_id,email\na,a@b.ua\nf,f@b.ua\n"


def test_members_of_a_static_segment_enter_once_and_never_leave(folder: Path) -> None:
    words = ("spring", "--since", "0", "--only")
    assert exported(folder, *words, "entered", "--also", "initial", as_of=DAYS[3]) == "user_id\na\nb\nc\ne\n"
    assert exported(folder, *words, "entered", as_of=DAYS[3]) == "user_id\n"
    assert exported(folder, *words, "left", as_of=DAYS[3]) == "user_id\n"


def test_what_was_imported_or_exported_since_is_no_run_of_segments(folder: Path) -> None:
    (folder / "fair.csv").write_text("user_id\na\n", encoding="utf-8")
    assert run(folder, "import", "--list", "fair", "fair.csv", "--as-of", DAYS[3]).code == 0
    assert moved(folder, "entered") == ["b"]
    assert moved(folder, "left") == ["a", "c", "f"]


def test_what_happened_before_the_runs_that_are_kept_is_not_known(folder: Path) -> None:
    assert run(folder, "prune", "--keep-last", "1").code == 0
    assert moved(folder, "entered") == ["b"]
    for since in ("0", "1"):
        answer = export(folder, "ukraine", "--only", "entered", "--since", since, as_of=DAYS[3])
        assert (answer.code, answer.out) == (2, "")
        assert answer.err == "error: the runs before 3 were pruned (give --since 2 or later)\n"
    assert moved(folder, "left", "--since", "2") == ["a", "c", "f"]
    assert run(folder, "changes", "--since", "0").code == 0
