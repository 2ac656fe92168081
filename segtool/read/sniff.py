"""A file's name and first bytes come in; goes out: what it is, where that is not what its name promises."""

from __future__ import annotations

import re

from segtool.errors import Problem

FORMS = {
    ".csv": "CSV",
    ".csv.gz": "gzip",
    ".tsv": "CSV",
    ".parquet": "Parquet",
    ".ndjson": "NDJSON",
    ".jsonl": "NDJSON",
    ".xlsx": "Excel",
}

_SIGNS = (
    (b"PAR1", "Parquet", "a Parquet file", "name it .parquet"),
    (b"PARE", "", "an encrypted Parquet file", "write it without encryption"),
    (b"\x1f\x8b", "gzip", "gzip data", "name it .csv.gz"),
    (b"PK\x03\x04", "Excel", "a zip archive or an Excel workbook", "name it .xlsx, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "", "an old Excel workbook (.xls)", "save it as .xlsx or CSV"),
    (b"\xff\xfe", "", "UTF-16 text", "save it as UTF-8"),
    (b"\xfe\xff", "", "UTF-16 text", "save it as UTF-8"),
    (b"%PDF", "", "a PDF document", "export the data as CSV"),
    (b"SQLite format 3", "", "an SQLite database", "export the table as CSV"),
    (b"BZh", "", "bzip2 data", "unpack it"),
    (b"\xfd7zXZ", "", "xz data", "unpack it"),
    (b"\x28\xb5\x2f\xfd", "", "zstd data", "unpack it"),
)
_HTML = re.compile(rb"\s*<(!doctype\s+html|html|head|body|\?xml)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(\{\s*["}]|\[\s*[\[{"\]])')
_NDJSON = re.compile(rb"\s*\{")


def form_of(name: str) -> str | None:
    """`CSV`, `gzip`, `Parquet`, `NDJSON` or `Excel` by the end of the name, or None."""
    return next((form for end, form in FORMS.items() if name.lower().endswith(end)), None)


def foreign_form(name: str, head: bytes) -> Problem | None:
    """What the file is, where its first bytes do not fit its name."""
    promised = form_of(name)
    if promised is None:
        return Problem("this kind of file is not read", f"one of {', '.join(FORMS)} is")
    if not head:
        return Problem("the file is empty", "a header is needed" if promised in ("CSV", "gzip") else "")
    for sign, form, words, step in _SIGNS:
        if head.startswith(sign):
            return None if form == promised else Problem(f"this is {words}, not {promised}", step)
    return foreign_text(promised, head)


def foreign_text(promised: str, head: bytes) -> Problem | None:
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(text):
        return Problem(f"this is HTML or XML, not {promised}", "download the data itself, not a page")
    if promised in ("Parquet", "gzip", "Excel"):
        return Problem(f"this is not {promised}", "give the file the ending of what it is")
    if text[:2].count(0) == 1 and text[2:4].count(0) == 1:
        return Problem("this is UTF-16 text", "save it as UTF-8")
    if promised == "CSV" and _JSON.match(text):
        return Problem("this is JSON, not CSV", "name it .ndjson if each line is an object")
    if promised == "NDJSON" and not _NDJSON.match(text) and text.strip():
        return Problem("this is not NDJSON", 'each line must be an object, such as {"user_id": "7"}')
    return None
