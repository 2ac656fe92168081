"""The whole vocabulary: importing this module makes every condition and every test known."""

from segtool.compile import behaviour, conditions, lists, parts, texts, times, values
from segtool.compile.base import CONDITIONS, TESTS

FAMILIES = (conditions, behaviour, values, texts, lists, times, parts)
__all__ = ["CONDITIONS", "FAMILIES", "TESTS"]
