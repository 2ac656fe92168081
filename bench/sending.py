"""What it takes to export a segment of everybody for SMS and e-mail, by how the telephone numbers are written."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
import polars as pl

from bench.compare import count
from bench.contenders import TODAY, find_segtool
from bench.folder import say
from bench.measure import Cost, cost_of, typical

NUMBERS = {
    "in the form of E.164": "+38050{}",
    "with blanks and dashes": "+380 (50) {}",
    "as dialled in the region": "050{}",
}
PROJECT = """\
version: 1
users: {path: users.csv, key: user_id, columns: {phone: text}}
channels:
  sms: {address: phone, consent: opted, region: UA}
  email: {address: email, consent: opted}
"""
EXPORTS = {
    "export for SMS": ("--channel", "sms", "--preset", "onesignal"),
    "export for e-mail": ("--channel", "email", "--preset", "mailchimp"),
    "export for Meta, hashed": ("--channel", "sms", "--preset", "meta"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=count, default=1_000_000)
    parser.add_argument("--rounds", type=count, default=3)
    parser.add_argument("--data", type=Path, default=Path(__file__).parent / "data")
    given = parser.parse_args()
    print("| | wall s | CPU s | peak MiB |\n| --- | --- | --- | --- |")
    for written, form in NUMBERS.items():
        say(f"{given.users:,} users with numbers {written} ...")
        folder = made(given.data / f"sending-{given.users}", given.users, form)
        rounds = [measured(folder) for _ in range(given.rounds)]
        for title in rounds[0]:
            cost = typical([one[title] for one in rounds])
            print(f"| {title}, numbers {written} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.peak:,.0f} |")


def made(folder: Path, users: int, form: str) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "segments").mkdir(parents=True)
    number = pl.Series(np.arange(users)).cast(pl.String).str.zfill(7)
    columns = {"user_id": "u{}", "phone": form, "email": "user{}@example.com"}
    table = pl.DataFrame({name: pl.select(pl.format(text, number)).to_series() for name, text in columns.items()})
    table.with_columns(opted=pl.lit("true")).write_csv(folder / "users.csv")
    (folder / "segtool.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "segments" / "all.yaml").write_text("all: {kind: dynamic, where: {everyone: true}}\n", encoding="utf-8")
    return folder


def measured(folder: Path) -> dict[str, Cost]:
    """A first run, a second one, and the exports."""
    segtool = find_segtool()
    shutil.rmtree(folder / ".segtool", ignore_errors=True)

    def cost(*words: str) -> Cost:
        return cost_of([segtool, *words, "--project", str(folder), "--as-of", TODAY])

    costs = {"the first run, with import": cost("evaluate"), "the next run": cost("evaluate")}
    target = str(folder / "out.csv")
    return costs | {title: cost("export", "all", "--to", target, *words) for title, words in EXPORTS.items()}


if __name__ == "__main__":
    main()
