"""The rooms of the house: who may import whom, who may read the clock, print, or write; and how large things get."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "segtool").rglob("*.py"))
TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".json", ".cfg", ".csv", ".expected", ".sh", ".html", ""}
HIDDEN = {".git", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv", ".segtool", "__pycache__"}

MAY_IMPORT = {
    "cli": {"cli", "verbs", "output", "model", "errors"},
    "verbs": {"verbs", "explain", "read", "compile", "engine", "channels", "store", "model", "errors"},
    "explain": {"explain", "compile", "engine", "store", "model", "errors"},
    "read": {"read", "model", "errors"},
    "compile": {"compile", "model", "errors"},
    "engine": {"engine", "model", "errors"},
    "channels": {"channels", "model", "errors"},
    "store": {"store", "model", "errors"},
    "output": {"output", "model", "errors"},
    "model": {"model", "errors"},
    "errors": set(),
}
ONLY_IN = {"typer": "cli", "click": "cli", "rich": "output", "yaml": "read", "phonenumbers": "channels"}
CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"),
    *("os.environ", "os.getenv", "os.getenvb", "time.localtime", "time.gmtime"),
}


def room(path: Path) -> str:
    """The package of a module, or the module's own name at the top; what `python -m segtool` runs is of cli."""
    first = path.relative_to(ROOT / "segtool").with_suffix("").parts[0]
    return "cli" if first == "__main__" else first


def name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
MODULES = {name(path): path for path in SOURCES}


def shown(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def imports(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every module that is imported anywhere, and every name taken from one, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "an import names its module in full"
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def test_imports_go_down_only_and_siblings_do_not_know_each_other() -> None:
    wrong = [
        f"{shown(path, node)} imports {imported}"
        for path, tree in TREES.items()
        if room(path) != "__init__"
        for node, imported in imports(tree)
        if imported.startswith("segtool.") and imported != "segtool.__version__"
        if imported.split(".")[1] not in MAY_IMPORT[room(path)]
    ]
    assert wrong == []


def test_every_room_has_its_arrows() -> None:
    assert {room(path) for path in SOURCES} - {"__init__"} == set(MAY_IMPORT)


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_known_to_one_room_alone(library: str) -> None:
    rooms = {room(path) for path, tree in TREES.items() for _, one in imports(tree) if one.split(".")[0] == library}
    assert rooms <= {ONLY_IN[library]}


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    needs = {name(path): needed(tree) for path, tree in TREES.items()}
    done: set[str] = set()
    while ready := {one for one, needed_by in needs.items() if one not in done and needed_by - {one} <= done}:
        done |= ready
    assert set(needs) - done == set()


def needed(tree: ast.AST) -> set[str]:
    """The modules of segtool that a module imports; what only a type checker reads counts too."""
    found = {one if one in MODULES else one.rpartition(".")[0] for _, one in imports(tree)}
    return found & set(MODULES)


def dotted(node: ast.expr) -> str:
    """`os.environ` and the like as text, an empty text for what is no name."""
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{inner}.{node.attr}" if inner and isinstance(node, ast.Attribute) else ""


def uses(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every dotted name and every name that is imported, by its last two parts; to set a default reads nothing."""
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    set_only = {id(node.value) for node in attributes if node.attr == "setdefault"}
    for used in attributes:
        if id(used) not in set_only:
            yield used, ".".join(dotted(used).split(".")[-2:])
    for node, imported in imports(tree):
        yield node, ".".join(imported.split(".")[-2:])


def test_only_cli_reads_the_clock_and_the_environment() -> None:
    wrong = [
        f"{shown(path, node)} uses {used}"
        for path, tree in TREES.items()
        if room(path) != "cli"
        for node, used in uses(tree)
        if used in CLOCKS
    ]
    assert wrong == []


def test_only_output_prints() -> None:
    printers = {"print", "sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}
    wrong = [
        f"{shown(path, node)} uses {dotted(node)}"
        for path, tree in TREES.items()
        if room(path) not in ("output", "cli")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and dotted(node) in printers
    ]
    assert wrong == []


def test_cli_prints_through_typer_or_output_alone() -> None:
    wrong = [
        shown(path, node)
        for path, tree in TREES.items()
        if room(path) == "cli"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func) == "print"
    ]
    assert wrong == []


def test_packages_are_one_level_deep_and_their_init_files_are_empty() -> None:
    folders = {path.parent for path in SOURCES}
    assert {len(folder.relative_to(ROOT).parts) for folder in folders} == {1, 2}
    assert [
        path for path in SOURCES if path.name == "__init__.py" and room(path) != "__init__" and path.stat().st_size
    ] == []
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_are_short() -> None:
    lengths = sorted(lines(node) for _, node in functions())
    assert [f"{shown(path, node)} {node.name}" for path, node in functions() if lines(node) > 50] == []
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 95 // 100] <= 30


def test_files_are_short() -> None:
    families = {
        ROOT / "segtool" / "compile" / f"{family}.py" for family in ("conditions", "lists", "texts", "times", "values")
    }
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert [
        (path.name, length) for path, length in lengths.items() if length > (450 if path in families else 300)
    ] == []


def test_nothing_is_caught_broadly() -> None:
    wrong = [
        shown(path, node)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and {"", "Exception", "BaseException"} & caught(node)
    ]
    assert wrong == []


def caught(handler: ast.ExceptHandler) -> set[str]:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {dotted(kind) if kind else "" for kind in kinds}


def test_every_parameter_and_result_is_annotated() -> None:
    wrong = [
        f"{shown(path, node)} {node.name}"
        for path, node in functions()
        if node.returns is None or any(one.annotation is None for one in parameters(node))
    ]
    assert wrong == []


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    args = node.args
    own = [*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
    return [one for one in own if one.arg not in ("self", "cls")]


def test_nothing_is_left_to_do() -> None:
    left = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [path for path in SOURCES if left.search(path.read_text(encoding="utf-8"))] == []


HEAVY = {"polars", "numpy", "rich", "asyncio", "concurrent.futures", "multiprocessing"}
NEEDED_BY_COMMANDS = HEAVY | {"yaml", "pydantic", "zoneinfo", "segtool.model.nodes"}
NEEDED_BY_DEFINITIONS = HEAVY | {"segtool.compile.vocabulary"}
SCRIPT = """
import sys
from segtool.cli.app import main
sys.argv = ["segtool", *{words}]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
sys.stderr.write(" ".join(sorted({heavy} & set(sys.modules))))
"""


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose files are all in its store."""
    folder = tmp_path_factory.mktemp("evaluated")
    for words in (["init"], ["evaluate", "-q"]):
        subprocess.run([sys.executable, "-m", "segtool", *words], cwd=folder, check=True, timeout=60)
    return folder


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        ("--help", NEEDED_BY_COMMANDS),
        ("--version", NEEDED_BY_COMMANDS),
        ("check --quiet", HEAVY),
        ("list", NEEDED_BY_DEFINITIONS),
        ("history", NEEDED_BY_DEFINITIONS),
        ("doctor", NEEDED_BY_DEFINITIONS),
    ],
)
def test_a_command_does_not_pay_for_what_only_others_need(words: str, heavy: set[str], evaluated: Path) -> None:
    script = SCRIPT.format(words=words.split(), heavy=heavy)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=evaluated)
    assert (ran.returncode, ran.stderr) == (0, "")


def tracked() -> list[Path]:
    """The files of the tree that hold text: those that git knows or would add, or all where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, cwd=ROOT
    )
    paths = [ROOT / line for line in listed.stdout.splitlines()] if listed.returncode == 0 else ROOT.rglob("*")
    return [path for path in paths if path.is_file() and path.suffix in TEXTS and not HIDDEN & set(path.parts)]


FOREIGN = re.compile(
    "|".join(
        [
            *(r"/wo" + r"rk/", r"/tmp/v" + r"env", r"/ro" + r"ot/", r"/ho" + r"me/[a-z]", r"/Us" + r"ers/[A-Za-z]"),
            *(
                r"py" + r"pi\.org",
                r"python" + r"hosted",
                r"artifact" + r"ory",
                r"conda\.ana" + r"conda",
                r"--index" + r"-url",
            ),
        ]
    )
)
"""Paths of one machine and hosts of package registries, written so that this file does not find itself."""


def test_no_file_names_a_path_of_one_machine_or_a_package_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert found == []
