"""The vocabulary to the JSON Schema of segments files, the shape of presets to theirs."""

from segtool.compile.schema import json_schema, preset_schema

__all__ = ["json_schema", "preset_schema"]
