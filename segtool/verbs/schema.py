"""The vocabulary to the JSON Schema of segments files."""

from segtool.compile.schema import json_schema

__all__ = ["json_schema"]
