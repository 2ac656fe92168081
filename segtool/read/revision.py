"""A git revision of a project comes in; go out: its definitions, read from files that are laid out in another folder.

Git is asked for bytes as they were committed: nothing is checked out, and no filter and no hook is run.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO

from segtool.errors import DefinitionError, Problem, UsageError
from segtool.model.project import Project, Segment
from segtool.read.files import CHUNK
from segtool.read.project import FILE, ProjectShape, read_project
from segtool.read.yaml import read_yaml

SYMLINK = b"120000"


@dataclass(frozen=True)
class Revision:
    """A project as a revision has it, in a folder of its own; None where its settings cannot be read. `problems`: what
    of it cannot be; `lists`: the files of keys that it holds, by the names that definitions give them."""

    ref: str
    folder: Path
    project: Project | None
    problems: tuple[Problem, ...]
    lists: frozenset[str] = frozenset()

    @property
    def segments(self) -> Mapping[str, Segment]:
        return self.project.segments if self.project else {}


def read_revision(folder: Path, ref: str, into: Path) -> Revision:
    """What `ref` has of the project in `folder`, laid out in the new folder `into`; UsageError where git cannot say."""
    tree = _Tree(folder, _commit_of(folder, ref))
    into.mkdir()
    tree.lay_out([FILE], into)
    patterns = _patterns(into)
    tree.lay_out((path for path in tree.blobs if _fits(path, patterns)), into)
    unread = [
        Problem(f"`{path}` is a symlink, which is not followed") for path in tree.symlinks if _fits(path, patterns)
    ]
    try:
        project = read_project(into, keep_problems=True)
    except DefinitionError as error:
        return Revision(ref, into, None, tuple(error.problems))
    named = {file for segment in project.segments.values() for file in segment.definition.files()}
    lists = {file: path for file in named if (path := str(PurePosixPath(file))) in tree.blobs}
    tree.lay_out(lists.values(), into)
    return Revision(ref, into, project, (*project.problems, *unread), frozenset(lists))


def _patterns(folder: Path) -> tuple[str, ...]:
    """Where the settings say that the segments are, as far as they can be read."""
    node = read_yaml(folder, FILE, [])
    shape = ProjectShape.read(node, []) if node is not None else None
    return shape.segments if shape else ()


def _fits(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path may be one that a pattern names; it is looked at more closely where it is read."""
    return any(fnmatchcase(path, str(PurePosixPath(pattern)).replace("**/", "*")) for pattern in patterns)


class _Tree:
    """What a commit holds of a folder: the blob of each file by its path, and the paths of symlinks."""

    def __init__(self, folder: Path, commit: str) -> None:
        self.folder = folder
        self.blobs: dict[str, bytes] = {}
        self.symlinks: set[str] = set()
        for entry in _git(folder, "ls-tree", "-r", "-z", commit).split(b"\0")[:-1]:
            facts, _, name = entry.partition(b"\t")
            mode, kind, blob = facts.split(b" ")
            path = os.fsdecode(name)
            # whoever made the tree may have named files as no git would
            if kind == b"blob" and not {"", ".", ".."} & set(path.split("/")):
                if mode == SYMLINK:
                    self.symlinks.add(path)
                else:
                    self.blobs[path] = blob

    def lay_out(self, paths: Iterable[str], into: Path) -> None:
        """Writes the files at these paths, as far as there are such, into another folder."""
        wanted = {path: self.blobs[path] for path in paths if path in self.blobs}
        with TemporaryFile(dir=into) as held:
            _git(self.folder, "cat-file", "--batch", asked=b"\n".join(wanted.values()), out=held)
            held.seek(0)
            for path in wanted:
                _, kind, size = held.readline().split(b" ")
                assert kind == b"blob"
                _copy(held, into / path, int(size))
                held.readline()


def _copy(held: IO[bytes], to: Path, size: int) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as file:
        while size:
            size -= file.write(held.read(min(size, CHUNK)))


def _commit_of(folder: Path, ref: str) -> str:
    """The commit that a person names, as git understands it."""
    if not ref.isprintable() or not ref.strip() or ref.startswith("-"):
        raise UsageError(Problem(f"`{ref}` is no git revision", "write for example `--against origin/main`"))
    is_shallow = _git(folder, "rev-parse", "--is-shallow-repository") == b"true\n"
    try:
        return _git(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    except UsageError:
        fetch = "this clone is shallow: fetch all of it, in a workflow with `fetch-depth: 0`"
        step = fetch if is_shallow else "see `git branch --all` and `git log`"
        raise UsageError(Problem(f"git finds no revision `{ref}` here", step)) from None


def _git(folder: Path, *words: str, asked: bytes = b"", out: IO[bytes] | int = subprocess.PIPE) -> bytes:
    """What git answers in a folder; UsageError with its words where it does not."""
    try:
        done = subprocess.run(["git", *words], cwd=folder, input=asked, stdout=out, stderr=subprocess.PIPE)
    except OSError as error:
        raise UsageError(Problem(f"git cannot be run: {error.strerror}", "install it: `--against` needs it")) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise UsageError(Problem(f"git cannot read this project's repository: {said.removeprefix('fatal: ')}"))
    return done.stdout or b""
