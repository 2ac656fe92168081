"""A project's store and snapshots come in; goes out: everything in them that is not as it was written."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from segtool.errors import DamageError, Problem, StoreError
from segtool.model.columns import count
from segtool.model.files import is_temporary
from segtool.model.progress import Progress
from segtool.model.run import Frozen, Members, Record
from segtool.store import log
from segtool.store.debris import needed
from segtool.store.encoding import OTHER_BYTES, damage, json_bytes
from segtool.store.files import link_problem, open_file, plain_failure, read_file
from segtool.store.lock import is_held
from segtool.store.objects import NAME, SALT, object_path
from segtool.store.parts import DESCRIPTION
from segtool.store.rejects import REJECTS
from segtool.store.replay import Replay
from segtool.store.snapshots import FOLDER, RESTORE, RESTORE_CHANGED, size_problem, snapshot_files
from segtool.store.store import FORMAT, UNFINISHED, Store

FIXED = {"format": json_bytes({"format": FORMAT}), ".gitignore": b"*\n", "lock": b"", UNFINISHED: b""}
"""Files of the store that always hold the same."""
FOLDERS = ("log", "objects", "tables")


@dataclass
class Examined:
    """What was found: problems, and how much was looked at. `strays` are files that nothing needs; `unended`: a run was
    stopped, and none has ended what it began."""

    runs: int = 0
    files: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    unended: bool = False


def examined(project: Path, *, quick: bool, progress: Progress) -> Examined:
    """Looks at all that is kept: `quick` at everything but the bytes of objects, tables and snapshots, and of the runs'
    sums at those of the newest alone. Nothing is written, and no lock is taken."""
    while True:
        with plain_failure(project):
            before = log.newest(project / ".segtool")
        found = _Examination(project, quick, progress).found()
        if not found.problems or log.newest(project / ".segtool") == before:
            return found


class _Examination:
    def __init__(self, project: Path, quick: bool, progress: Progress) -> None:
        self._project, self._root, self._quick, self._progress = project, project / ".segtool", quick, progress
        self._seen = Examined()

    def found(self) -> Examined:
        if not self._root.is_dir():
            return self._seen
        self._modes()
        self._fixed()
        store: Store | None = None
        wanted: set[str] | None = None
        with self._noting():
            store = Store(self._project)
            wanted = needed(store)
        if not self._quick:
            with self._noting():
                self._bytes(wanted)
        if store:
            self._log(store)
            with self._noting():
                self._present(store, wanted or set())
            if not self._seen.problems:
                # sums of what is damaged say nothing
                with self._noting():
                    self._sums(store)
            self._snapshots(store)
        with self._noting():
            self._seen.unended = self._is_unended()
        self._seen.problems = sorted(dict.fromkeys(self._seen.problems), key=str)
        return self._seen

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """What is damaged is noted, and the rest is looked at all the same."""
        try:
            with plain_failure(self._project):
                yield
        except (DamageError, StoreError) as error:
            self._seen.problems += error.problems

    def _is_unended(self) -> bool:
        """The mark of a run stands, and no run is at work; one that ended meanwhile has taken its mark away."""
        mark = self._root / UNFINISHED
        return mark.exists() and not is_held(self._root / "lock") and mark.exists()

    def _note(self, path: Path, fact: str) -> None:
        self._seen.problems += damage(self._root, path, fact).problems

    def _modes(self) -> None:
        """Folders 0700, files 0600."""
        for path in (self._root, *self._root.rglob("*")):
            with self._noting():
                status = path.lstat()
                mode, wanted = stat.S_IMODE(status.st_mode), 0o700 if stat.S_ISDIR(status.st_mode) else 0o600
                if stat.S_ISLNK(status.st_mode):
                    self._seen.problems.append(link_problem(path, self._project))
                elif mode != wanted:
                    name, step = path.relative_to(self._project), f"chmod {wanted:o} {path.relative_to(self._project)}"
                    self._seen.problems.append(Problem(f"{name} has the mode {mode:04o}, so others may read it", step))

    def _fixed(self) -> None:
        for name, content in FIXED.items():
            path = self._root / name
            with self._noting():
                if path.exists() and read_file(path) != content:
                    self._note(path, OTHER_BYTES)
        with self._noting():
            for name in ("format", ".gitignore"):
                if not (self._root / name).exists() and log.newest(self._root):
                    self._note(self._root / name, "is missing")

    def _log(self, store: Store) -> None:
        """Every record follows the one before it, and the newest is the one that was noted."""
        with self._noting():
            for record in store.records():
                self._seen.runs += 1
                self._progress("reading the log", record.number, store.head.number if store.head else 0, unit="runs")
        self._seen.files += self._seen.runs

    def _present(self, store: Store, wanted: set[str]) -> None:
        """Everything that a run needs is there; what is there besides is a stray."""
        numbers = range(store.state.first, (store.head.number if store.head else 0) + 1)
        there = {f"{folder}/{name}" for folder in FOLDERS for name in self._names(folder)}
        for path in sorted(wanted - there):
            self._note(self._root / path, "is missing")
        others = there - wanted - {f"log/{number}.json" for number in numbers}
        roots = {name for name in self._names("") if name not in (*FIXED, *FOLDERS, log.HEAD, REJECTS)}
        # what a run that did not end well has left, the next one removes
        unfinished = (self._root / UNFINISHED).exists()
        strays = [name for name in sorted(others | roots) if not (unfinished and _is_ours(name))]
        self._seen.strays += [f".segtool/{name}" for name in strays]

    def _names(self, folder: str) -> list[str]:
        path = self._root / folder
        return os.listdir(path) if path.is_dir() else []

    def _snapshots(self, store: Store) -> None:
        if (self._project / FOLDER).is_symlink():
            self._seen.problems.append(Problem(f"{FOLDER} is a link, and no run writes through it", "move it away"))
        for name, state in store.state.segments.items():
            if state.frozen:
                with self._noting():
                    self._seen.problems += self._snapshot(store, name, state.frozen)

    def _snapshot(self, store: Store, name: str, frozen: Frozen) -> Iterator[Problem]:
        # a run that did not end well may have left its snapshots to the next one: not there yet, or not yet anew
        left = store.head if (self._root / UNFINISHED).exists() else None
        to_come, to_change = (name in left.frozen, name in left.rewritten) if left else (False, False)
        for file, object_name in snapshot_files(name, frozen).items() if not to_change else ():
            size = object_path(self._root, object_name).stat().st_size - SALT
            problem = size_problem(self._project, file, size, may_be_missing=to_come)
            if problem:
                yield problem
            elif not self._quick and (self._project / FOLDER / file).exists():
                yield from self._published(store, file, object_name)
        if not self._quick:
            content = store.object_bytes(frozen.csv)
            if hashlib.sha256(content).hexdigest() != frozen.sha256:
                yield Problem(f"{FOLDER}/{name}.csv is not what was frozen", RESTORE)

    def _published(self, store: Store, file: str, object_name: str) -> Iterator[Problem]:
        content = read_file(self._project / FOLDER / file)
        self._seen.files, self._seen.bytes = self._seen.files + 1, self._seen.bytes + len(content)
        if content != store.object_bytes(object_name):
            yield Problem(f"{FOLDER}/{file} was changed: its bytes are not the ones that were frozen", RESTORE_CHANGED)

    def _sums(self, store: Store) -> None:
        """members(n) = members(n - 1) + entered(n) - left(n), for every segment and run."""
        if store.head is None:
            return
        if self._quick:
            self._note_all(store.head, _newest_sums(store))
            return
        base = store.base_members()
        replay = Replay(base, store.size())
        for record in store.records():
            self._progress("adding up runs", record.number, store.head.number, unit="runs")
            self._note_all(record, list(replay.add(record, store.changes(record))))
            self._compare(record, replay, store.checkpoint(record))
        self._compare(store.head, replay, store.members())
        self._note_all(store.head, _counts(store, replay.frozen))

    def _compare(self, record: Record, replay: Replay, committed: Members | None) -> None:
        others = replay.differing(committed) if committed else []
        self._note_all(record, [f"has members of `{name}` that its changes do not give" for name in others])

    def _note_all(self, record: Record, facts: list[str]) -> None:
        for fact in facts:
            self._note(log.record_path(self._root, record.number), fact)

    def _bytes(self, wanted: set[str] | None) -> None:
        """Objects and tables are named after their bytes. Where it is known which are `wanted`, others are strays."""
        names = {f"{folder}/{name}" for folder in ("objects", "tables") for name in self._names(folder)}
        paths = [self._root / name for name in sorted(names if wanted is None else names & wanted)]
        paths = [path for path in paths if NAME.fullmatch(path.name)]
        files = [file for path in paths for file in (path.iterdir() if path.is_dir() else [path])]
        total = sum(file.lstat().st_size for file in files)
        for path in paths:
            with self._noting():
                if path.parent.name == "tables":
                    self._table(path, total)
                else:
                    self._hashed(path, path.name, total)

    def _table(self, path: Path, total: int) -> None:
        description = path / DESCRIPTION
        if not description.exists():
            self._note(description, "is missing")
            return
        if not self._hashed(description, path.name, total):
            return
        hashes = json.loads(read_file(description))["files"]
        for name, digest in hashes.items():
            if (path / name).exists():
                self._hashed(path / name, digest, total)
            else:
                self._note(path / name, "is missing")
        for name in sorted({file.name for file in path.iterdir()} - {*hashes, DESCRIPTION}):
            self._seen.strays.append(f".segtool/tables/{path.name}/{name}")

    def _hashed(self, path: Path, digest: str, total: int) -> bool:
        with open_file(path) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        self._seen.files, self._seen.bytes = self._seen.files + 1, self._seen.bytes + path.stat().st_size
        self._progress("reading what is kept", self._seen.bytes, total, unit="bytes")
        if found != digest:
            self._note(path, OTHER_BYTES)
        return found == digest


def _is_ours(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    return is_temporary(file) or (folder in ("objects", "tables") and bool(NAME.fullmatch(file))) or folder == "log"


def _newest_sums(store: Store) -> list[str]:
    """What does not add up in the newest run: its changes, and the members that it counts."""
    assert store.head
    record, facts = store.head, list[str]()
    for name, move in store.changes(record).items():
        told = (move.before, move.entered.count, move.left.count, move.after)
        if name not in record.frozen and record.sizes.get(name) != told:
            facts.append(f"counts the members of `{name}` otherwise than its changes")
    return facts + _counts(store, {})


def _counts(store: Store, frozen: dict[str, int]) -> list[str]:
    """The segments whose number of members is another one than the state tells."""
    members: Members = store.members()
    facts = []
    for name, state in store.state.segments.items():
        bits = members.of(name)
        found = frozen.get(name, state.members) if state.frozen else count(bits) if bits is not None else 0
        if found != state.members or (state.frozen and state.frozen.rows != state.members):
            facts.append(f"counts {state.members} members of `{name}`, who are {found}")
    return facts
