"""A project whose users are reached by e-mail, by SMS and by push, each of them with something of their own."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import AS_OF, project, run
from tests.shell import Answer

SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id, columns: {phone: text}}
events:
  sent: {path: sent.csv, user: user_id, time: at}
channels:
  email: {address: email, consent: opted, quiet: {did: {event: sent, in_last: 2d}}}
  sms: {address: phone, consent: sms_ok, region: UA}
suppress: never.csv
"""
USERS = """\
user_id,country,email,opted,phone,sms_ok,name
01,UA,ann@example.com,true,0501112233,true,=Ann
02,UA,bob@example.com,true,,true,Bob
03,UA,eve@example.com,false,050 111 22 34,true,"Eve, B"
04,UA,,true,+380501112235,,Dan
05,UA,not an address,true,12,true,
06,UA,ANN@example.com ,true,+38 (050) 111-22-33,true,Fay
07,UA,gus@example.com,true,0501112237,true,Gus
08,UA,hal@example.com,true,0501112238,true,Hal
09,UA,ida@example.com,true,050-111-22-39,true,Ida
10,UA,,,+380501112240,true,Jan
11,PL,kay@example.com,true,+48501112241,true,Kay
"""
SENT = "user_id,at\n08,2026-06-14T12:00:00Z\n11,2026-06-01T12:00:00Z\n"
NEVER = "user_id,email,phone\n07,,\n,IDA@EXAMPLE.com,\n,,+380501112239\n"
SEGMENTS = """\
ukraine: {kind: dynamic, where: {country: UA}}
everybody: {kind: dynamic, where: {everyone: true}}
spring: {kind: static, where: {country: UA}, include: [zoe], columns: [name]}
"""


def shop(folder: Path, users: str = USERS, segments: str = SEGMENTS, settings: str = SETTINGS) -> Path:
    """The project, not yet run."""
    made = project(folder, users, segments, settings)
    (made / "sent.csv").write_text(SENT, encoding="utf-8")
    (made / "never.csv").write_text(NEVER, encoding="utf-8")
    return made


def evaluate(folder: Path, as_of: str = AS_OF) -> Path:
    answer = run(folder, "evaluate", "--as-of", as_of)
    assert answer.code == 0, answer.err
    return folder


def export(folder: Path, *words: str, as_of: str = AS_OF) -> Answer:
    return run(folder, "export", *words, "--as-of", as_of)


def exported(folder: Path, *words: str, as_of: str = AS_OF) -> str:
    """What goes to stdout."""
    answer = export(folder, *words, as_of=as_of)
    assert answer.code == 0, answer.err
    return answer.out


def rewritten(file: Path, old: str, new: str) -> None:
    """The file with one text in it replaced."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
