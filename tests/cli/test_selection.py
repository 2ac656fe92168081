"""The same words choose the segments of every command that takes them; a word that is a mistake is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from segtool.errors import UsageError
from segtool.verbs.reading import list_segments
from tests.cli.running import AS_OF, NEXT, project, run
from tests.cli.upkeep import done
from tests.shell import Answer

USERS = "user_id,country\na,UA\nb,PL\n"
SEGMENTS = """\
vip: {kind: dynamic, tags: [winback], owner: ann@example.com, where: {country: UA}}
vip_lapsed: {kind: dynamic, tags: [winback, mail], where: [{in_segment: vip}, {everyone: true}]}
lapsed: {kind: dynamic, where: {in_segment: vip_lapsed}}
poles: {kind: dynamic, owner: bob@example.com, where: {country: PL}}
spring: {kind: static, where: {everyone: true}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Once it was decided, it lost `poles`, gained `fresh`, and had `vip` edited; `june` is a snapshot alone."""
    made = project(tmp_path_factory.mktemp("chosen") / "p", USERS, SEGMENTS)
    done(run(made, "evaluate", "--as-of", AS_OF))
    done(run(made, "freeze", "vip", "--as", "june", "--as-of", AS_OF))
    edited = SEGMENTS.replace("where: {country: UA}", "where: {country: [UA, PL]}").replace("poles:", "fresh:")
    (made / "segments" / "all.yaml").write_text(edited, encoding="utf-8")
    return made


CHOICES = {
    "vip": ["vip"],
    "vip*": ["vip", "vip_lapsed"],
    "j?ne": ["june"],
    "tag:winback": ["vip", "vip_lapsed"],
    "tag:ma*": ["vip_lapsed"],
    "owner:*@example.com": ["fresh", "vip"],
    "kind:static": ["june", "spring"],
    "+lapsed": ["lapsed", "vip", "vip_lapsed"],
    "vip_lapsed+": ["lapsed", "vip_lapsed"],
    "+vip_lapsed+": ["lapsed", "vip", "vip_lapsed"],
    "state:changed": ["lapsed", "vip", "vip_lapsed"],
    "state:new": ["fresh"],
    "state:frozen": ["june", "spring"],
    "vip lapsed": ["lapsed", "vip"],
    "vip* --exclude tag:mail": ["vip"],
    "--exclude state:changed --exclude kind:static": ["fresh", "poles"],
}


@pytest.mark.parametrize("words", CHOICES)
def test_words_choose_segments_of_the_files_and_of_the_store(words: str, folder: Path) -> None:
    select, *exclude = words.split("--exclude")
    listing = list_segments(folder, tuple(select.split()), tuple(map(str.strip, exclude)))
    assert [one.name for one in listing.segments] == CHOICES[words]


def test_a_state_or_a_kind_that_no_segment_has_chooses_nothing_and_is_no_mistake(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, "vip: {kind: dynamic, where: {country: UA}}\n")
    done(run(folder, "evaluate", "--as-of", AS_OF))
    for word in ("state:changed", "state:new", "kind:static"):
        assert list_segments(folder, (word,)).segments == ()
    answer = done(run(folder, "evaluate", "state:changed", "--as-of", AS_OF, "-o", "json"))
    assert json.loads(answer.out)["segments"] == []


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("vip_lapst*", "did you mean `vip_lapsed`?"),
        ("tag:winbak", "did you mean `winback`?"),
        ("owner:an@example.com", "did you mean `ann@example.com`?"),
        ("state:chnged", "did you mean `changed`?"),
        ("kind:frozen", "kind: dynamic, static"),
        ("tags:winback", "did you mean `tag`?"),
    ],
)
def test_a_word_that_is_a_mistake_is_told_with_a_near_one(word: str, hint: str, folder: Path) -> None:
    with pytest.raises(UsageError) as raised:
        list_segments(folder, (word,))
    assert str(raised.value) == f"no segment fits `{word}` ({hint})"


@pytest.mark.parametrize("command", ["list", "members", "changes", "evaluate"])
def test_a_word_that_fits_nothing_ends_with_2(command: str, folder: Path) -> None:
    answer = run(folder, command, "vip_lapst")
    assert (answer.code, answer.err) == (2, "error: there is no segment `vip_lapst` (did you mean `vip_lapsed`?)\n")


def test_members_of_one_name_are_keys_and_those_of_a_selector_stand_beside_their_segment(folder: Path) -> None:
    assert run(folder, "members", "june").out == "user_id\na\n"
    assert run(folder, "members", "jun*").out == "segment,user_id\njune,a\n"
    assert run(folder, "members", "vip", "jun*", "spring", "--exclude", "spring").out == (
        "segment,user_id\nvip,a\njune,a\n"
    )
    assert run(folder, "members", "--all", "--exclude", "vip*", "--exclude", "spring").out == (
        "segment,user_id\njune,a\nlapsed,a\npoles,b\n"
    )


def test_members_of_a_segment_that_is_not_decided_are_refused_and_not_left_out(folder: Path) -> None:
    answer = run(folder, "members", "owner:*")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: `fresh` has not been decided yet (run `segtool evaluate`)\n"


def test_changes_know_segments_that_were_taken_out(folder: Path) -> None:
    assert run(folder, "changes", "pol*").out.splitlines()[1:] == [f"b,poles,entered,initial,1,{AS_OF}"]
    assert run(folder, "changes", "--exclude", "*i*", "--exclude", "l*", "--exclude", "june").out.splitlines()[1:] == [
        f"b,poles,entered,initial,1,{AS_OF}"
    ]


def named(answer: Answer) -> list[str]:
    return [one["name"] for one in json.loads(done(answer).out)["segments"]]


def test_a_run_decides_what_changed_and_then_nothing_has(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    done(run(folder, "evaluate", "--as-of", AS_OF))
    edited = SEGMENTS.replace("where: {country: PL}", "where: {country: [PL, DE]}")
    (folder / "segments" / "all.yaml").write_text(edited, encoding="utf-8")
    assert named(run(folder, "evaluate", "state:changed", "--as-of", NEXT, "-o", "json")) == ["poles"]
    assert named(run(folder, "list", "state:changed", "-o", "json")) == []
