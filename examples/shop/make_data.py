"""Writes the shop's made-up users, e-mails and purchases to data/: the same bytes on every machine."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

T = TypeVar("T")
User = dict[str, str]

SEED = 2026
USERS = 2_000
OPENED = datetime(2024, 7, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 6, 14, 21, tzinfo=UTC)
FIRST_CAMPAIGN = datetime(2025, 12, 16, 8, tzinfo=UTC)
CAMPAIGNS = 26
OLDEST, YOUNGEST = date(1952, 1, 1), date(2008, 1, 1)
# Euro cents: the cheapest and the dearest basket of each category.
PRICES = {
    "fashion": (1500, 12000),
    "shoes": (2900, 15000),
    "beauty": (600, 6000),
    "sport": (1200, 14000),
    "books": (500, 4000),
    "home": (900, 18000),
    "kids": (800, 7000),
    "electronics": (2500, 60000),
}
ORDER = ("order_id", "customer", "paid_at", "amount", "category")

# How many users of a hundred paid for so many baskets.
BASKETS = {0: 28, 1: 28, 2: 17, 3: 10, 4: 6, 5: 4, 6: 3, 8: 2, 12: 1, 18: 1}


class Country(NamedTuple):
    """How to phone there; `digits` counts a number without the dial code."""

    code: str
    dial: str
    operators: tuple[str, ...]
    digits: int


COUNTRIES = {
    Country("UA", "+380", ("50", "63", "67", "93"), 9): 52,
    Country("PL", "+48", ("50", "60", "72"), 9): 24,
    Country("DE", "+49", ("151", "160", "171"), 11): 14,
    Country("NO", "+47", ("4", "9"), 8): 4,
    Country("", "", (), 0): 6,
}
LANGUAGES = {
    "UA": {"uk": 90, "en": 10},
    "PL": {"pl": 84, "uk": 12, "en": 4},
    "DE": {"de": 80, "uk": 10, "en": 10},
    "NO": {"no": 85, "en": 15},
    "": {"en": 60, "": 40},
}
CITIES = {
    "UA": {
        ("Kyiv", 50.45, 30.52): 40,
        ("Lviv", 49.83, 24.02): 20,
        ("Odesa", 46.48, 30.72): 14,
        ("Dnipro", 48.46, 35.04): 12,
        ("Kharkiv", 49.99, 36.23): 14,
    },
    "PL": {("Warsaw", 52.23, 21.01): 60, ("Kraków", 50.06, 19.94): 24, ("Gdańsk", 54.35, 18.65): 16},
    "DE": {("Berlin", 52.52, 13.40): 65, ("München", 48.13, 11.58): 35},
    "NO": {("Oslo", 59.91, 10.75): 70, ("Bergen", 60.39, 5.32): 30},
}
# First names of women and of men, surnames.
NAMES = {
    "UA": ("olena iryna oksana sofiia", "andrii taras oleh maksym", "koval bondar tkach melnyk"),
    "PL": ("anna zofia ewa maja", "jan piotr marek adam", "nowak wrona lis wilk"),
    "DE": ("lena clara ida greta", "jonas paul felix emil", "vogel sommer busch linde"),
    "NO": ("ingrid solveig", "lars henrik", "berg haugen dahl"),
    "": ("alex sasha", "alex sasha", "river stone field"),
}


class Dice:
    """Draws that rest on `random()` alone: Python may change its other methods between versions."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def share(self) -> float:
        return self._random.random()

    def chance(self, percent: float) -> bool:
        return self.share() * 100 < percent

    def below(self, count: int) -> int:
        return int(self.share() * count)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def weighted(self, weights: Mapping[T, int]) -> T:
        draw = self.below(sum(weights.values()))
        ends = accumulate(weights.values())
        return next(choice for choice, end in zip(weights, ends, strict=True) if draw < end)

    def spread(self) -> float:
        """Between -1 and 1, most often near 0."""
        return self.share() - self.share()

    def moment(self, start: datetime, end: datetime) -> datetime:
        return start + timedelta(seconds=self.below(int((end - start).total_seconds()) + 1))


class Purchase(NamedTuple):
    """One basket; its order_id is given once all are in the order of time."""

    paid_at: str
    customer: str
    cents: int
    category: str


class Letter(NamedTuple):
    """One row of email_events.csv: an e-mail was sent, opened, or a link in it was clicked."""

    user_id: str
    event: str
    occurred_at: str
    campaign: str


def main() -> None:
    dice = Dice(SEED)
    users, purchases = customers(dice)
    data = Path(__file__).parent / "data"
    data.mkdir(exist_ok=True)
    write(data / "users.csv", list(users[0]), (list(user.values()) for user in users))
    write(data / "email_events.csv", Letter._fields, emails(dice, users))
    write(data / "purchases.csv", ORDER, orders(purchases))


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def customers(dice: Dice) -> tuple[list[User], list[Purchase]]:
    users: list[User] = []
    purchases: list[Purchase] = []
    number = 100
    for _ in range(USERS):
        number += 1 + dice.below(4)
        user, bought = customer(dice, f"{number:05d}")
        users.append(user)
        purchases += bought
    return users, purchases


def customer(dice: Dice, key: str) -> tuple[User, list[Purchase]]:
    country = dice.weighted(COUNTRIES)
    likes = interests(dice)
    signed_up = awake(dice.moment(OPENED, NOW))
    bought = sorted(baskets(dice, key, signed_up, likes))
    last_purchase = bought[-1].paid_at if bought else ""
    user = {
        "user_id": key,
        **person(dice, country, key),
        "interests": "|".join(likes),
        **spending(dice, bought),
        "email_opt_in": dice.weighted({"true": 66, "false": 28, "": 6}),
        "sms_opt_in": dice.weighted({"true": 34, "false": 54, "": 12}),
        "signed_up_at": stamp(signed_up),
        "last_purchase_at": last_purchase,
        "last_visit_on": last_visit(dice, last_purchase or stamp(signed_up)),
    }
    return user, bought


def person(dice: Dice, country: Country, key: str) -> User:
    gender = dice.weighted({"f": 56, "m": 38, "": 6})
    return {
        "email": email_address(dice, country, gender, key),
        "phone": phone(dice, country, key),
        "country": country.code,
        **home(dice, country),
        "birth_date": birth_date(dice),
        "gender": gender,
        "language": dice.weighted(LANGUAGES[country.code]),
    }


def spending(dice: Dice, bought: Sequence[Purchase]) -> User:
    """A point for each euro, some of them spent again."""
    cents = sum(purchase.cents for purchase in bought)
    return {"points": str(dice.below(cents // 100 + 1)), "lifetime_value": euros(cents)}


def interests(dice: Dice) -> list[str]:
    if dice.chance(12):
        return []
    share = 15 + dice.below(20)
    return [category for category in PRICES if dice.chance(share)]


def baskets(dice: Dice, key: str, signed_up: datetime, likes: Sequence[str]) -> list[Purchase]:
    """Close to half of the users drift away; on average nobody buys more often than every twelve days."""
    end = NOW if dice.chance(55) else dice.moment(signed_up, NOW)
    count = min(dice.weighted(BASKETS), (NOW - signed_up).days // 12)
    return [basket(dice, key, signed_up, end, likes) for _ in range(count)]


def basket(dice: Dice, key: str, start: datetime, end: datetime, likes: Sequence[str]) -> Purchase:
    category = dice.pick(likes) if likes and dice.chance(80) else dice.pick(list(PRICES))
    low, high = PRICES[category]
    # A square of the share: most baskets are small.
    cents = low + int((high - low) * dice.share() * dice.share())
    return Purchase(stamp(awake(dice.moment(start, end))), key, cents - cents % 10, category)


def email_address(dice: Dice, country: Country, gender: str, key: str) -> str:
    women, men, surnames = NAMES[country.code]
    first = dice.pick((women if gender == "f" else men).split())
    last = dice.pick(surnames.split())
    host = dice.weighted({"example.com": 70, "example.org": 30})
    return "" if dice.chance(7) else f"{first}.{last}{int(key)}@{host}"


def phone(dice: Dice, country: Country, key: str) -> str:
    """A number nobody is meant to have: a plain 123 and the digits of the key."""
    if not country.dial or dice.chance(20):
        return ""
    operator = dice.pick(country.operators)
    local = operator + "123" + key.lstrip("0").zfill(country.digits - len(operator) - 3)
    return "0" + local if country.code == "UA" and dice.chance(15) else country.dial + local


def home(dice: Dice, country: Country) -> User:
    if country.code not in CITIES or dice.chance(5):
        return {"city": "", "lat": "", "lon": ""}
    city, lat, lon = dice.weighted(CITIES[country.code])
    north, east = dice.spread() * 0.3, dice.spread() * 0.4
    return {"city": city, "lat": f"{lat + north:.4f}", "lon": f"{lon + east:.4f}"}


def birth_date(dice: Dice) -> str:
    born = OLDEST + timedelta(days=dice.below((YOUNGEST - OLDEST).days))
    return "" if dice.chance(8) else born.isoformat()


def last_visit(dice: Dice, last_seen: str) -> str:
    """Never before the last purchase; some came back only a short while after it."""
    start = datetime.fromisoformat(last_seen)
    end = NOW if dice.chance(60) else min(NOW, start + timedelta(days=21))
    return dice.moment(start, end).date().isoformat()


def emails(dice: Dice, users: Sequence[User]) -> list[Letter]:
    readers = [(user, dice.below(80)) for user in users if user["email"] and user["email_opt_in"] == "true"]
    rows: list[Letter] = []
    for week in range(CAMPAIGNS):
        sent_at = FIRST_CAMPAIGN + timedelta(weeks=week)
        for user, eagerness in readers:
            if user["signed_up_at"] < stamp(sent_at) and dice.chance(26):
                rows += letters(dice, user["user_id"], eagerness, sent_at)
    return sorted(rows, key=lambda row: (row.occurred_at, row))


def letters(dice: Dice, key: str, eagerness: int, start: datetime) -> Iterator[Letter]:
    campaign = f"news-{start.isocalendar().week:02d}"
    sent = start + timedelta(seconds=dice.below(600))
    yield Letter(key, "email_sent", stamp(sent), campaign)
    if dice.chance(eagerness):
        opened = sent + timedelta(seconds=60 + dice.below(130_000))
        yield Letter(key, "email_open", stamp(opened), campaign)
        if dice.chance(30):
            yield Letter(key, "email_click", stamp(opened + timedelta(seconds=5 + dice.below(90))), campaign)


def orders(purchases: Iterable[Purchase]) -> Iterator[tuple[str, ...]]:
    for number, row in enumerate(sorted(purchases), start=100_001):
        yield str(number), row.customer, row.paid_at, euros(row.cents), row.category


def awake(moment: datetime) -> datetime:
    """People shop by day, so the small hours move to the morning."""
    return moment + timedelta(hours=7) if moment.hour < 5 else moment


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    main()
