"""People who asked to be forgotten leave everything that is kept; what cannot be reached from here is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from segtool.errors import InputError, Mark, Problem, UsageError
from segtool.model.project import Project
from segtool.model.results import Erased
from segtool.model.run import Frozen, SegmentState, Size, State
from segtool.model.time import utc_text
from segtool.read.given import given_keys, shown_name
from segtool.read.project import read_project
from segtool.read.segment_tests import nodes_of_tests
from segtool.store.erasure import Departed, Erasure, lines_without
from segtool.store.mentions import in_snapshot
from segtool.store.writer import Writer, writing
from segtool.verbs.departed import holds, scalars, without, words_before_keys
from segtool.verbs.inputs import keys_in_lists
from segtool.verbs.reach import suppressed_by
from segtool.verbs.run import Run

SHOWN = 20
"""Keys that a refusal names; of more, it tells how many."""


def erase(folder: Path, run: Run, file: str, *, suppress: bool = False) -> Erased:
    """Takes people, whose keys stand in a file (`-`: the standard input), out of the store, the snapshots and the
    changes of all runs.

    Refuses those who stand in the table of users, unless they are to be suppressed: then they stay out, whatever is
    imported. UsageError names them.
    """
    project, keys = read_project(folder, keep_problems=True), given_keys(file)
    with writing(folder, run.wait) as store:
        store.check_snapshots()
        erasure = Erasure(store, tuple(keys))
        _refuse_misspelled(erasure, keys, shown_name(file), project.users.key)
        present = erasure.present
        if present and not suppress:
            _refuse(present, project)
        return _Erasing(project, store, run, erasure, suppress).committed()


def _refuse_misspelled(erasure: Erasure, lines: Mapping[str, int], file: str, column: str) -> None:
    """UsageError for the header of a table, and for what would be somebody's key without spaces or quotes around it."""
    bare = {key: key.strip().strip("\"'").strip() for key in lines if key not in erasure.known}
    known = erasure.among(set(bare.values()))
    problems = []
    for key, plain in bare.items():
        if plain == column:
            fact, step = f"`{key}` is the name of the column of keys", "leave the header out"
        elif plain != key and plain in known:
            fact, step = f"`{key}` is nobody's key, and `{plain}` is", "give keys alone, one a line"
        else:
            continue
        problems.append(Problem(fact, step, Mark(file, lines[key])))
    if problems:
        raise UsageError(problems)


def _refuse(present: list[str], project: Project) -> None:
    step = f"take them out of {project.users.path or 'its file'} and run `segtool import`, or give --suppress"
    problems = [Problem(f"`{key}` stands in the table of users", step) for key in present[:SHOWN]]
    if len(present) > SHOWN:
        problems.append(Problem(f"{len(present) - SHOWN:,} more stand in the table of users", step))
    raise UsageError(problems)


@dataclass(frozen=True)
class _Erasing:
    project: Project
    store: Writer
    run: Run
    erasure: Erasure
    suppress: bool

    def committed(self) -> Erased:
        known, unreached = self.erasure.known, tuple(self._unreached())
        departed, sizes = self.erasure.members(), dict[str, Size]()
        segments, snapshots, held = dict(self.store.state.segments), list[str](), set(known)
        for name, one in self.store.state.segments.items():
            if one.frozen and (fewer := self._frozen(one, one.frozen)):
                segments[name], found = fewer
                snapshots.append(name)
                held.update(found)
                sizes[name] = Size(one.members, 0, len(found), one.members - len(found))
        segments |= self._dynamic(departed, sizes)
        state = self._state(departed, segments)
        # rows that were rejected hold values of people, and no run rests on them
        rejects = self.store.forget_rejects()
        head = self.store.head
        unknown = tuple(key for key in self.erasure.keys if key not in held)
        facts = (len(self.erasure.keys), len(held), len(self.erasure.keys) if self.suppress else 0, unknown)
        unreached += tuple(self._kept(segments))
        if state == self.store.state:
            return Erased(head.number if head else 0, False, *facts, 0, (), rejects, unreached, self._lists[1])
        record = self.store.commit(
            kind="erase",
            as_of=head.as_of if head else "",
            at=utc_text(self.run.at),
            state=state,
            changes=self.store.add_changes(departed.movements) if departed.movements else "",
            sizes=sizes,
            rewritten=tuple(snapshots),
        )
        return Erased(
            record.number, True, *facts, len(departed.movements), tuple(snapshots), rejects, unreached, self._lists[1]
        )

    def _state(self, departed: Departed, segments: Mapping[str, SegmentState]) -> State:
        """The state without these people; the newest one where it held nothing of them."""
        store, state = self.store, self.store.state
        if self._definitions != store.definitions():
            state = replace(state, definitions=store.add_definitions(self._definitions))
        suppression = self.erasure.suppression()
        if self.suppress and suppression != store.suppression():
            state = replace(state, suppressed=store.add_bytes(suppression.payload()))
        if len(self.erasure.rows):
            members = store.add_members(departed.members, departed.size) if departed.members.rows else ""
            tables = self.erasure.tables(self.run.progress)
            # what is known of leaves tells of each row
            state = replace(state, members=members, tables=tables, leaves="")
        return replace(state, segments=dict(segments))

    @cached_property
    def _definitions(self) -> dict[str, Any]:
        """The definitions as they are to be kept."""
        trees = self.store.definitions()
        return {name: without(tree, self._keys, self._words) for name, tree in trees.items()}

    @property
    def _keys(self) -> frozenset[str]:
        return frozenset(self.erasure.keys)

    @property
    def _words(self) -> frozenset[str]:
        return words_before_keys(self.project.users.key)

    def _dynamic(self, departed: Departed, sizes: dict[str, Size]) -> dict[str, SegmentState]:
        number, head = self._number, self.store.head
        found = {}
        for name, move in departed.movements.items():
            known = self.store.state.segments[name]
            found[name] = replace(known, members=move.after, run=number, as_of=head.as_of if head else "")
            sizes[name] = Size(move.before, 0, move.left.count, move.after)
        return found

    @property
    def _number(self) -> int:
        return self.store.head.number + 1 if self.store.head else 1

    def _frozen(self, state: SegmentState, frozen: Frozen) -> tuple[SegmentState, list[str]] | None:
        """A frozen segment without these people, and those it held; None where its files hold nothing of them."""
        content, found = lines_without(self.store.object_bytes(frozen.csv), self._keys)
        manifest = json.loads(self.store.object_bytes(frozen.manifest))
        definition = without(manifest["definition"], self._keys, self._words)
        if not found and definition == manifest["definition"]:
            return None
        strangers = frozen.strangers - len({*found} - {*self.erasure.users})
        digest, rows = hashlib.sha256(content).hexdigest(), frozen.rows - len(found)
        manifest |= {"rows": rows, "sha256": digest, "definition": definition}
        frozen = replace(
            frozen,
            rows=rows,
            strangers=max(strangers, 0),
            sha256=digest,
            csv=self.store.add_bytes(content),
            manifest=self.store.add_bytes(json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"),
        )
        return replace(state, members=rows, frozen=frozen, run=self._number), found

    def _unreached(self) -> Iterator[str]:
        """Where these people still stand, or may: places that are not segtool's to change."""
        present = self.erasure.present
        tables = self.store.table_states()
        if present:
            yield from sorted({file.path for file in tables["users"].files})
        yield from self.erasure.event_files()
        yield from self.erasure.mentions()
        nodes = [segment.node for segment in self.project.segments.values()]
        for node in [*nodes, *nodes_of_tests(self.project, [])]:
            yield from (str(one.mark) for one in scalars(node) if one.text in self._keys)
        yield from (file for file, listed in self._lists[0].items() if not self._keys.isdisjoint(listed))

    @cached_property
    def _lists(self) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
        """The keys in each list file; and why others cannot be read."""
        key, found, unread = self.project.users.key, dict[str, tuple[str, ...]](), list[str]()
        for segment in self.project.segments.values():
            try:
                found |= keys_in_lists([segment], self.project.folder, key)
            except InputError as error:
                unread += map(str, error.problems)
        for file in self.project.suppress:
            try:
                found[file] = tuple(suppressed_by(replace(self.project, suppress=(file,))).keys)
            except InputError as error:
                unread += map(str, error.problems)
        return found, tuple(dict.fromkeys(unread))

    def _kept(self, segments: Mapping[str, SegmentState]) -> Iterator[str]:
        """Definitions that are kept and snapshots, where these hold such a key elsewhere than among their keys."""
        for name, tree in self._definitions.items():
            if holds(tree, self._keys):
                yield f"the kept definition of `{name}`"
        for name, one in segments.items():
            if one.frozen is None:
                continue
            if holds(json.loads(self.store.object_bytes(one.frozen.manifest))["definition"], self._keys):
                yield f"snapshots/{name}.json"
            columns = in_snapshot(self.store.object_bytes(one.frozen.csv), self._keys)
            yield from (f"column `{column}` of snapshots/{name}.csv" for column in columns)
