"""Reading small files as large ones are: in many pieces."""

from __future__ import annotations

import pytest

from segtool.read import csv, ndjson, parquet
from segtool.store import user_draft


def read_in_blocks(patch: pytest.MonkeyPatch, size: int, rows: int = 2) -> None:
    """Files are read in blocks of about `size` bytes, or of so many rows; what is read goes to files at once."""
    patch.setattr(csv, "BLOCK", size)
    patch.setattr(ndjson, "BLOCK", size)
    patch.setattr(parquet, "ROWS", rows)
    patch.setattr(user_draft, "SPILL", size)
