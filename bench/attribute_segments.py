"""Writes the measured attribute segments twice: as segtool's YAML and as one DuckDB query."""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from bench.attribute_leaves import LEAVES
from bench.trees import Tree, four_leaves, named, nested, spread, sql_of, yaml_of

SEED = 100
ALONE = 24
NESTED = 76

QUERY = """\
WITH tests AS (
  SELECT
    user_id,
{tests}
  FROM users
)
SELECT
    user_id,
{segments}
FROM tests
"""


def segments() -> dict[str, Tree]:
    """By name; the same on every run."""
    draw = Random(SEED)
    return named(spread(LEAVES, ALONE) + nested(four_leaves(draw, LEAVES) for _ in range(NESTED)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="gets segments/attributes.yaml and attributes.sql")
    write(parser.parse_args().out)


def write(folder: Path) -> None:
    (folder / "segments").mkdir(parents=True, exist_ok=True)
    (folder / "segments" / "attributes.yaml").write_text(yaml_of(segments()), encoding="utf-8")
    (folder / "attributes.sql").write_text(sql_of(segments(), QUERY), encoding="utf-8")


if __name__ == "__main__":
    main()
