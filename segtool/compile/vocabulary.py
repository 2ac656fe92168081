"""The whole vocabulary: importing this module makes every condition and every test known."""

from segtool.compile import conditions, lists, texts, times, values
from segtool.compile.base import CONDITIONS, TESTS

FAMILIES = (conditions, values, texts, lists, times)
__all__ = ["CONDITIONS", "FAMILIES", "TESTS"]
