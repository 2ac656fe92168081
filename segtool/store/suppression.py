"""Keys of people who were erased and must stay out come in; goes out: who of those that are read is one of them."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segtool.store.encoding import json_bytes

if TYPE_CHECKING:
    import polars as pl

STAYS_OUT = "of people who were erased and stay out"


@dataclass(frozen=True)
class Suppression:
    """What is kept of people who stay out: of each a hash that nobody can look up without the secret beside it."""

    secret: str
    hashes: frozenset[str]

    @classmethod
    def read(cls, payload: bytes) -> Suppression:
        data = json.loads(payload)
        return cls(data["secret"], frozenset(data["hashes"]))

    @classmethod
    def none(cls) -> Suppression:
        return cls(secrets.token_hex(32), frozenset())

    def payload(self) -> bytes:
        return json_bytes({"secret": self.secret, "hashes": sorted(self.hashes)})

    def adding(self, keys: Iterable[str]) -> Suppression:
        return Suppression(self.secret, self.hashes | {self._hash(key) for key in keys})

    def __contains__(self, key: object) -> bool:
        """Whether this is the key of somebody who stays out."""
        return isinstance(key, str) and self._hash(key) in self.hashes

    def of(self, keys: pl.Series) -> pl.Series:
        """Whether each of these keys is of somebody who stays out."""
        import polars as pl

        return pl.Series([key in self for key in keys.to_list()], dtype=pl.Boolean)

    def without(self, keys: set[str]) -> set[str]:
        return {key for key in keys if key not in self}

    def _hash(self, key: str) -> str:
        return hashlib.blake2b(key.encode(), key=bytes.fromhex(self.secret), digest_size=16).hexdigest()
