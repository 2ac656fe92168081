"""A project comes in; comes out: its store as a run may be tried on, of which nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from segtool.model.files import Chunks
from segtool.store.additions import Additions
from segtool.store.files import make_folder, plain_failure
from segtool.store.objects import map_object


@contextmanager
def rehearsing(project: Path) -> Iterator[Rehearsal]:
    """Takes no lock and writes nothing in the project: tables that are newer than the store's are laid out in a private
    folder among the system's temporary files, which goes at the end."""
    with ExitStack() as held:
        with plain_failure(project, lambda: "nothing was changed"):
            aside = held.enter_context(TemporaryDirectory(prefix="segtool-"))
            rehearsal = Rehearsal(project, Path(aside))
        yield rehearsal


class Rehearsal(Additions):
    """A store to which a run adds, and commits nothing."""

    def __init__(self, project: Path, aside: Path) -> None:
        super().__init__(project)
        self.aside = aside
        self.desk = aside / self.root.name
        make_folder(self.desk)
        make_folder(self.desk / "objects")
        make_folder(self.desk / "tables")
        for id in (id for state in self.state.tables.values() for id in state.parts):
            (self.desk / "tables" / id).symlink_to(self.root.resolve() / "tables" / id)

    def _add(self, payload: Chunks) -> str:
        name = super()._add(payload)
        self._held[name] = map_object(self.desk, name)
        return name

    def _begin(self) -> None:
        """Nothing in the project is begun, so nothing in it tells of it."""
