"""Writes data/customers.csv and data/purchases.csv from the CDNOW sample, which the package lifetimes carries."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

DATA = Path(__file__).parent / "data"
ABSENT = "the CDNOW sample is in the package lifetimes: pip install --no-deps lifetimes"


def sample() -> Path:
    """The file of the package; it is not imported, so it need not run."""
    found = find_spec("lifetimes")
    if found is None or not found.submodule_search_locations:
        raise SystemExit(ABSENT)
    return Path(found.submodule_search_locations[0]) / "datasets" / "CDNOW_sample.txt"


def purchases(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Customer, day, number of CDs and dollars of each line."""
    for line in text.splitlines():
        _, customer, day, number, dollars = line.split()
        yield customer, f"{day[:4]}-{day[4:6]}-{day[6:]}", number, dollars


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with (DATA / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    rows = list(purchases(sample().read_text(encoding="ascii")))
    DATA.mkdir(exist_ok=True)
    write("customers.csv", ("customer",), sorted({row[:1] for row in rows}))
    write("purchases.csv", ("customer", "on", "number", "dollars"), rows)


if __name__ == "__main__":
    main()
