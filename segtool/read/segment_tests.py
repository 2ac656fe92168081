"""A project comes in; go out: the tests of its files and of `tests/*.yaml`, with every problem at its place."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

from segtool.errors import Mark, Problem
from segtool.model.nodes import Fields, Items, Node, described, near_name
from segtool.model.project import Project
from segtool.model.segment_tests import SegmentTest, to_test
from segtool.read.files import definition_files
from segtool.read.yaml import read_yaml

FOLDER = "tests"


def read_tests(project: Project, known: Container[str], problems: list[Problem]) -> list[SegmentTest]:
    """All tests in the order of their files; what is wrong with others is added to `problems`. `known`: the segments
    that are not in the files, and may be given."""
    found = [test for node in nodes_of_tests(project, problems) for test in _tests(node, problems)]
    names = {*project.segments, *project.broken}
    for test in found:
        problems.extend(_unknown_names(test, names, known))
    return found


def nodes_of_tests(project: Project, problems: list[Problem]) -> list[Node]:
    """What stands under `tests:`, in segments files and in the folder of tests."""
    return [*project.tests, *_of_folder(project.folder, project.tests, problems)]


def _of_folder(folder: Path, read: tuple[Node, ...], problems: list[Problem]) -> Iterator[Node]:
    """What stands under `tests:` in the files of the folder of tests that are no segments files."""
    before = {node.mark.file for node in read}
    for path in sorted(definition_files(f"{FOLDER}/*.yaml", folder)):
        shown = path.relative_to(folder).as_posix()
        node = read_yaml(folder, shown, problems) if shown not in before else None
        if node is None:
            continue
        if not isinstance(node, Fields) or set(node) != {"tests"}:
            fact = "a file of tests holds `tests:` and nothing else"
            problems.append(Problem(fact, "write `tests:` and a list of tests under it", node.mark))
            continue
        yield node["tests"]


def _tests(node: Node, problems: list[Problem]) -> Iterator[SegmentTest]:
    if not isinstance(node, Items):
        fact = f"{described(node)} is not a list of tests"
        problems.append(Problem(fact, "write `- segment: NAME` and what belongs to it", node.mark))
        return
    for item in node:
        test = to_test(item, problems)
        if test:
            yield test


def _unknown_names(test: SegmentTest, names: set[str], known: Container[str]) -> Iterator[Problem]:
    if test.segment not in names and "segment" not in test.unread:
        yield _unknown(test.segment, test.case.segment.mark, names)
    for name, keys in test.case.segments.items():
        if name not in names and name not in known:
            mark = keys[0].mark if keys else test.mark
            yield _unknown(name, mark, names)


def _unknown(name: str, mark: Mark, names: set[str]) -> Problem:
    return Problem(f"there is no segment `{name}`", near_name(name, names) or "see `segtool list`", mark)
