"""Writes the measured segments on behaviour twice: as segtool's YAML and as one DuckDB query."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from bench import attribute_leaves
from bench.behaviour_leaves import DISTINCT, EMAIL, LEAVES, PURCHASE, Feature
from bench.trees import Four, Tree, four_leaves, named, nested, spread, sql_of, yaml_of

SEED = 200
ALONE = 20
NESTED = 80
# Not a divisor of the number of shapes, so that the mixed ones come in several.
MIXED_EACH = 7

QUERY = """\
WITH email_rows AS MATERIALIZED (
  SELECT user_id, event, occurred_at, campaign FROM email WHERE occurred_at <= as_of()
),
purchase_rows AS MATERIALIZED (
  SELECT customer AS user_id, paid_at, amount, category, items FROM purchase WHERE paid_at <= as_of()
),
email_features AS (
  SELECT
    user_id,
{email}
  FROM email_rows
  GROUP BY user_id
),
purchase_features AS (
  SELECT
    user_id,
{purchase}
  FROM purchase_rows
  GROUP BY user_id
),
{distinct},
tests AS (
  SELECT
    user_id,
{{tests}}
  FROM users
  LEFT JOIN email_features USING (user_id)
  LEFT JOIN purchase_features USING (user_id)
{joins}
)
SELECT
    user_id,
{{segments}}
FROM tests
"""
COUNTED = """\
counted_{0.name} AS (
  SELECT user_id, count(value) AS {0.name}
  FROM ({0.sql})
  GROUP BY user_id
)"""


def segments() -> dict[str, Tree]:
    """By name; the same on every run."""
    return named(spread(LEAVES, ALONE) + nested(fours()))


def fours() -> Iterator[Four]:
    """Leaves on behaviour, and now and then two of them with two on attributes."""
    draw = Random(SEED)
    for number in range(1, NESTED + 1):
        a, b, c, d = four_leaves(draw, LEAVES)
        if number % MIXED_EACH == 0:
            b, d, *_ = four_leaves(draw, attribute_leaves.LEAVES)
        yield a, b, c, d


def query() -> str:
    distinct = ",\n".join(COUNTED.format(feature) for feature in DISTINCT)
    joins = "\n".join(f"  LEFT JOIN counted_{feature.name} USING (user_id)" for feature in DISTINCT)
    with_features = QUERY.format(email=columns(EMAIL), purchase=columns(PURCHASE), distinct=distinct, joins=joins)
    return sql_of(segments(), with_features)


def columns(features: Sequence[Feature]) -> str:
    return ",\n".join(f"    {feature.sql} AS {feature.name}" for feature in features)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="gets segments/behaviour.yaml and behaviour.sql")
    write(parser.parse_args().out)


def write(folder: Path) -> None:
    (folder / "segments").mkdir(parents=True, exist_ok=True)
    (folder / "segments" / "behaviour.yaml").write_text(yaml_of(segments()), encoding="utf-8")
    (folder / "behaviour.sql").write_text(query(), encoding="utf-8")


if __name__ == "__main__":
    main()
