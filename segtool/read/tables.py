"""A declared table comes in; goes out, piece by piece: its rows read from its files, typed and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.model.kinds import TEXT, Column, Kind, Schema
from segtool.model.progress import Progress, untold
from segtool.model.tables import ImportReport, Piece, Reject, SourceFile, TableSource
from segtool.read.ahead import ahead
from segtool.read.columns import MEANT, Reader, TypedColumns, history, near, typed_columns
from segtool.read.csv import read_csv
from segtool.read.excel import read_excel
from segtool.read.files import OpenFile, file_size, opened, refuse_changed, resolved
from segtool.read.findings import Findings, Part, Places
from segtool.read.hashes import row_hashes
from segtool.read.keys import check_keys, key_text, repeats
from segtool.read.kinds import GUESSES, TIME_GUESSES
from segtool.read.natural import flattened
from segtool.read.ndjson import read_ndjson
from segtool.read.parquet import read_parquet
from segtool.read.raw import Alike, RawPiece, without_rejected
from segtool.read.rejects import Rejects
from segtool.read.settled import Settled
from segtool.read.sniff import form_of


class TableReading:
    """The rows in the files of a declared table; see `model.tables.Reading`.

    `known`: the schema the store has for this table, whose kinds stay as long as every value fits. `file`: read this
    file in place of `source.path`. InputError where there is no such file. Up to `max_errors` rows with errors are left
    out.
    """

    roles: Schema
    schema: Schema
    files: tuple[SourceFile, ...]
    report: ImportReport
    rejects: tuple[Reject, ...]

    def __init__(
        self,
        source: TableSource,
        folder: Path,
        zone: ZoneInfo,
        known: Schema | None = None,
        file: str | None = None,
        progress: Progress = untold,
        max_errors: int = 0,
    ) -> None:
        self.source, self.folder, self.zone, self.known = source, folder, zone, known
        self.rejecting = Rejects(max_errors)
        self.found = Findings(self.rejecting)
        self.read_before: list[SourceFile] = []
        self.table, self.progress = source.name, progress
        self.paths = resolved(file or source.path, folder, source.mark)
        self.roles = self.schema_of(())
        self.begin_anew()

    def begin_anew(self) -> None:
        """The first of some passes over the same rows."""
        self.forced: dict[str, Kind] = {}
        self.begin()

    def begin(self) -> None:
        """What one pass gathers."""
        self.findings, self.unformed = Findings(self.rejecting), Findings(self.rejecting)
        self.settled = Settled(self.findings, self.several, self.known.by_name if self.known else ())
        self.notes: Counter[str] = Counter()
        self.facts: set[str] = set()
        self.meant: dict[str, Kind | None] = {}
        self.names: dict[str, None] = {}
        self.sources: list[SourceFile] = []
        self.has_rejected = False
        self.parts: list[Part] = []
        self.rows = 0

    @property
    def several(self) -> bool:
        return len(self.paths) > 1

    def passes(self) -> Iterator[Iterator[Piece]]:
        check_one_form(self.paths)
        yield self._pieces()
        while self.begins_again():
            yield self._pieces()
        self.schema = self.schema_of(tuple(self.settled.columns.values()))
        self.files, self.rejects = tuple(self.sources), self.rejecting.rows()
        meant = (MEANT[kind].format(name) for name, kind in self.meant.items() if kind)
        facts = dict.fromkeys({*self.facts, *meant, *history(self.schema.columns, self.known)}, 1)
        rejected = dict(sorted(Counter(f"rejected ({row.sort})" for row in self.rejects).items()))
        report = ImportReport(self.source.name, self.rows + len(self.rejects), self.rows, rejected)
        self.report = self.reported(report.noting({**self.notes, **facts}))

    def begins_again(self) -> bool:
        """Whether all must be read once more: without rows that were at fault, or as what all of them are."""
        if not self.has_rejected and not self.must_repeat():
            return False
        self.read_before = self.sources
        if self.has_rejected:
            self.begin_anew()
        else:
            self.forced |= self.settled.differ
            self.begin()
        return True

    def _pieces(self) -> Iterator[Piece]:
        size = sum(file_size(self.folder / path) for path in self.paths)
        for raw in ahead(self.raw_pieces()):
            self.progress(f"reading {self.table}", raw.seen, size, "bytes")
            piece = None if self.unformed else self.typed(raw)
            if piece is not None and not self.findings:
                yield piece
        if not self.unformed and self._has_columns():
            self.finish()
        refuse_changed(self.read_before, self.sources)
        found = self.unformed.with_all(self.findings)
        self.found, self.has_rejected = self.found.with_all(found), bool(found)
        if found:
            self.found.reject_rows()
        else:
            yield from self.held_back()

    def raw_pieces(self) -> Iterator[RawPiece]:
        alike, done = Alike(self.unformed), 0
        for path in self.paths:
            if stands := self.stands(path):
                self.sources.append(stands)
                done += stands.size
                continue
            with opened(path, self.folder) as file:
                for piece in self.pieces_of(file):
                    alike.check(piece)
                    yield replace(piece, seen=done + file.seen)
                self.sources.append(file.source_file())
                done += file.seen

    def typed(self, raw: RawPiece) -> Piece | None:
        """The piece with every column in its kind, structs as a column for each field."""
        self.rows += raw.frame.height
        self.parts.append(raw.part)
        self.notes.update(raw.notes)
        frame = self._whole(flattened(raw.frame, raw.part.file), raw)
        places = Places([raw.part], self.several)
        typed = self.with_roles(typed_columns(frame, places, self._reader(), self.findings), places)
        self.notes.update(typed.notes)
        self.facts.update(typed.facts)
        # a piece that looks otherwise takes back what those before it were meant to be
        self.meant |= {name: kind if self.meant.get(name, kind) == kind else None for name, kind in typed.meant.items()}
        columns = tuple(typed.columns)
        self.settled.add(columns, frame, raw.part)
        if not self.source.roles.keys() <= set(frame.columns):
            return None
        return self.kept(Piece(columns, pl.DataFrame(typed.values)))

    def _whole(self, frame: pl.DataFrame, raw: RawPiece) -> pl.DataFrame:
        """The columns with all that the table must have, where rows need not name all."""
        self.names.update(dict.fromkeys(frame.columns))
        if not raw.is_loose:
            return frame
        absent = [name for name in self.source.roles if name not in frame.columns]
        return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)

    def _has_columns(self) -> bool:
        """Whether the table has the columns that it must have; those that it lacks are findings."""
        absent = {name: role for name, role in self.source.roles.items() if name not in self.names}
        mark = Mark(self.parts[0].file if self.parts else self.paths[0])
        for name, role in absent.items():
            problem = Problem(f"no column `{name}`, which is {role}", near(name, list(self.names)), mark)
            self.findings.add("columns that are missing", problem)
        return not absent

    def _reader(self) -> Reader:
        """How the columns are typed: as they are known, those that differed in the kind that holds all their values."""
        known = self.known
        if self.forced:
            before = known or Schema(self.source.key, ())
            columns = {name: Column(name, kind) for name, kind in self.forced.items()}
            known = replace(before, columns=tuple((before.by_name | columns).values()))
        guesses = {"CSV": GUESSES, "gzip": GUESSES, "NDJSON": TIME_GUESSES}.get(_form(self.paths[0]), ())
        return Reader(self.source, known, self.zone, guesses)

    def must_repeat(self) -> bool:
        return not self.settled.differ.keys() <= self.forced.keys()

    # what readings do in their own ways

    def stands(self, path: str) -> SourceFile | None:
        """A file that need not be read again."""
        return None

    def pieces_of(self, file: OpenFile) -> Iterator[RawPiece]:
        return raw_pieces(file, self.source.separator, self.unformed)

    def with_roles(self, typed: TypedColumns, places: Places) -> TypedColumns:
        return typed

    def kept(self, piece: Piece) -> Piece:
        return piece

    def finish(self) -> None:
        """What is found only when all rows were seen."""

    def held_back(self) -> Iterator[Piece]:
        """Rows that could be told only when all others were seen."""
        yield from ()

    def schema_of(self, columns: tuple[Column, ...]) -> Schema:
        return Schema(self.source.key, columns)

    def reported(self, report: ImportReport) -> ImportReport:
        return report


class UserReading(TableReading):
    """The users: each row has a key of its own, as text."""

    def begin(self) -> None:
        super().begin()
        self._keys: list[pl.Series] = []
        self._repeated = 0

    def typed(self, raw: RawPiece) -> Piece | None:
        piece = super().typed(raw)
        return replace(piece, hashes=self.hashes(flattened(raw.frame, raw.part.file))) if piece else None

    def hashes(self, frame: pl.DataFrame) -> pl.Series:
        return row_hashes(frame, family_of(self.paths[0]))

    def with_roles(self, typed: TypedColumns, places: Places) -> TypedColumns:
        names = [column.name for column in typed.columns]
        if self.source.key not in names:
            return typed
        at = names.index(self.source.key)
        before = len(self.findings)
        file, kind = places.parts[0].file, typed.columns[at].kind.name
        typed.values[at] = key_text(self.source.key, typed.values[at], kind, file, self.findings)
        typed.columns[at] = Column(self.source.key, TEXT)
        if len(self.findings) == before:
            self._keys.append(typed.values[at])
            self._stop_at_repeated(typed.values[at])
        return typed

    def _stop_at_repeated(self, keys: pl.Series) -> None:
        """Refuses rows of few keys before all of them are held."""
        self._repeated += repeats(keys)
        if self._repeated > self.findings.most:
            self.finish()
            self.findings.stop()

    def finish(self) -> None:
        if len(self._keys) == len(self.parts):
            check_keys(pl.concat(self._keys), Places(self.parts, self.several), self.findings)


def raw_pieces(file: OpenFile, separator: str, findings: Findings) -> Iterator[RawPiece]:
    """The columns of a file as they are written."""
    match _form(file.shown):
        case "Parquet":
            return (without_rejected(piece, findings.rejects) for piece in read_parquet(file))
        case "NDJSON":
            return read_ndjson(file, findings)
        case "Excel":
            return (without_rejected(piece, findings.rejects) for piece in read_excel(file))
        case _:
            return read_csv(file, separator, findings)


def _form(path: str) -> str:
    return form_of(path) or "CSV"


def family_of(path: str) -> str:
    """The name of all forms whose rows are read alike."""
    return _form(path).replace("gzip", "CSV")


def check_one_form(paths: list[str]) -> None:
    forms = {family_of(path): path for path in paths}
    if len(forms) > 1:
        first, second = sorted(forms.values())[:2]
        fact = f"`{first}` and `{second}` are of different kinds"
        raise InputError(Problem(fact, "name files of one kind, as in `data/*.csv`", Mark(second)))
    if "Excel" in forms and len(paths) > 1:
        raise InputError(Problem("several workbooks cannot be one table", "name one file", Mark(paths[1])))
