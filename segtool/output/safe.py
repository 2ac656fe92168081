"""Foreign text to text that is harmless where people look: nothing in it moves the cursor or turns the line round."""

from __future__ import annotations

import json
import re
import unicodedata

JOINERS = "\u200c\u200d"
"""What is not seen itself, and makes of letters and pictures beside it those that people know."""
_UNUSUAL = re.compile(r"[^ -~\w]")
_UNUSUAL_IN_LINES = re.compile(r"[^\n -~\w]")
"""All that is neither ASCII nor a letter or number, and so may not be printable: most texts hold little of it."""


def safe(text: str) -> str:
    """The text with control, direction and other unseen characters written out, such as `\\x1b`."""
    return _UNUSUAL.sub(_visible, text)


def safe_lines(text: str) -> str:
    """The same for a text of many lines, which stay."""
    return _UNUSUAL_IN_LINES.sub(_visible, text)


def safe_json(text: str) -> str:
    """The same JSON with all that is not printable as JSON writes it out, such as `\\u202e`."""
    return _UNUSUAL_IN_LINES.sub(_escaped, text)


def _visible(found: re.Match[str]) -> str:
    character, code = found[0], ord(found[0])
    if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in JOINERS:
        return character
    return f"\\x{code:02x}" if code < 2**8 else f"\\u{code:04x}" if code < 2**16 else f"\\U{code:08x}"


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]
