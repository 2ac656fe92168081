"""Requests come in on stdin, a line of JSON each; goes out on stdout how each command line ended.

Each runs in a process of its own, forked from one that has loaded the libraries and used none of them, and ends as any
Python program does: what it saves is loading alone.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import resource
import signal
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import segtool
from segtool.cli.app import main
from segtool.model.nodes import Shape

MOST_ADDRESSES = 6 * 2**30
"""Bytes of addresses, so that what grows without bound ends soon; much of what is reserved is never touched."""

Request = dict[str, Any]


def load() -> None:
    """Everything that a command may import."""
    for found in pkgutil.walk_packages(segtool.__path__, "segtool."):
        if not found.name.endswith("__main__"):
            import_module(found.name)
    for name in ("polars", "rich.console", "rich.table", "rich.text", "rich.cells", "fastexcel"):
        import_module(name)
    for shape in subclasses(Shape):
        shape.model_rebuild()
    # what is there now is never looked at again, so that it is not copied for each child
    gc.collect()
    gc.freeze()


def subclasses(kind: type[Shape]) -> Iterator[type[Shape]]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def next_request() -> Request:
    """Forks for each request that comes, and returns in the child alone."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in iter(sys.stdin.readline, ""):
        refuse_threads()
        child = os.fork()
        if not child:
            answers.close()
            request: Request = json.loads(line)
            return request
        _, status, usage = os.wait4(child, 0)
        answers.write(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss]) + "\n")
        answers.flush()
    raise SystemExit


def refuse_threads() -> None:
    """A thread would be missing in the child, with whatever it was at; there is one alone that has nothing to do here:
    it removes what Polars of other processes that were killed has put aside."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    assert len(names) <= 1 or sorted(names)[:-1] == ["polars-ooc-clea"], names


def become(request: Request) -> None:
    """Takes on what a shell would give: folder, words, streams, environment, and bounds."""
    signal.alarm(request["seconds"])
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    sys.argv = ["segtool", *request["words"]]
    place(0, os.open(request["stdin"], os.O_RDONLY))
    place(2, os.open(request["stderr"], os.O_WRONLY))
    match request["stdout"]:
        case "closed":
            os.close(1)
            sys.stdout = None  # as Python begins where the descriptor is closed
        case "broken pipe":
            reader, writer = os.pipe()
            os.close(reader)
            place(1, writer)
        case path:
            place(1, os.open(path, os.O_WRONLY))


def place(descriptor: int, handle: int) -> None:
    os.dup2(handle, descriptor)
    os.close(handle)


if __name__ == "__main__":
    load()
    become(next_request())
    main()
