"""Foreign text to text that is harmless where people look: nothing in it moves the cursor or turns the line round."""

from __future__ import annotations

import re
import unicodedata

DIRECTIONS = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON lets stand as it is, and a terminal does not."""


def safe(text: str) -> str:
    """The text with control and direction characters written out, such as `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    code = ord(character)
    if code in DIRECTIONS or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    return character


def safe_json(text: str) -> str:
    """The same JSON with these characters as JSON writes them out, such as `\\u202e`."""
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
