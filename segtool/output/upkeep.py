"""What was verified, pruned or erased, to what people read in a terminal."""

from __future__ import annotations

from segtool.model.results import Erased, Pruned, Verified
from segtool.output.streams import line, talk, warn
from segtool.output.texts import number_of

COPIES = "data files that hold them still, copies that were delivered, backups, and what git remembers of snapshots/"


NAMED = 10
"""Keys that were not found and are shown."""


def show_kept(result: Verified | Pruned | Erased, *, quiet: bool = False) -> None:
    match result:
        case Verified():
            _show_verified(result, quiet)
        case Pruned():
            _show_pruned(result, quiet)
        case Erased():
            _show_erased(result, quiet)


def _show_verified(result: Verified, quiet: bool) -> None:
    for file in result.restored:
        line(f"snapshots/{file} was brought back")
    for file in result.strays:
        warn(f"{file} is not needed by any run (remove it, if it is not yours)")
    if not quiet:
        extent = "sizes, modes and the newest run" if result.quick else f"{result.bytes:,} bytes"
        talk(f"{number_of(result.runs, 'run')}, {number_of(result.files, 'file')}: {extent} as they were written")


def _show_pruned(result: Pruned, quiet: bool) -> None:
    if not result.committed:
        talk("nothing to prune: every run is kept by a rule")
    elif not quiet:
        talk(f"{number_of(result.dropped, 'run')} dropped; run {result.first} is the oldest now")


def _show_erased(result: Erased, quiet: bool) -> None:
    if not quiet:
        talk(f"{number_of(result.known, 'key')} of {result.asked:,} found in the store")
        for name in result.snapshots:
            talk(f"the snapshot {name} was written anew without them")
        if result.suppressed:
            talk(f"{number_of(result.suppressed, 'key')} will stay out of later imports")
        if result.rejects:
            talk(f"{number_of(result.rejects, 'file')} of rejected rows removed from .segtool/rejects/")
        talk(f"run {result.run} committed" if result.committed else "nothing to erase")
    if result.unknown:
        more = f" and {len(result.unknown) - NAMED:,} more" if len(result.unknown) > NAMED else ""
        named = ", ".join(f"`{key}`" for key in result.unknown[:NAMED])
        also = ", and kept out all the same" if result.suppressed else ""
        warn(f"not found in the store{also}: {named}{more}")
    for place in result.unreached:
        warn(f"{place} still holds the key of somebody who was erased")
    for text in result.unread:
        warn(f"{text}; whether a key stands in it is not known")
    warn(f"out of reach: {COPIES}")
