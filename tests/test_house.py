"""The rules of the house (DESIGN section 3): who may know whom, nothing is unpickled, the tree stays small."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from looped.tasks import registry as tasks

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([ROOT / "app.py", *(ROOT / "looped").rglob("*.py"), *(ROOT / "pages").glob("*.py")])
MEBIBYTE = 2**20


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def imports(file: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, at its top or anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(file)} imports relatively; this test would not see what"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_sources_are_found() -> None:
    assert {
        "app.py",
        "looped/model/family.py",
        "looped/lenses/readout.py",
        "looped/ui/router.py",
        "pages/sudoku.py",
    } <= set(map(name_of, SOURCES))


def test_only_the_interface_imports_streamlit() -> None:
    importing = {
        name_of(file) for file in SOURCES if any(name.partition(".")[0] == "streamlit" for name in imports(file))
    }
    assert "looped/ui/router.py" in importing
    # The benchmark of a class of users speaks Streamlit's own wire format, which it imports only when it is run.
    allowed = ("app.py", "looped/ui/", "pages/", "looped/bench/")
    assert {name for name in importing if not name.startswith(allowed)} == set()


def test_the_library_can_be_imported_where_streamlit_is_not_installed() -> None:
    modules = [
        name_of(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in SOURCES
        if name_of(file).startswith("looped/") and not name_of(file).startswith("looped/ui/")
    ]
    assert {"looped", "looped.serving.engine", "looped.figures.curves", "looped.__main__"} <= set(modules)
    program = f"""
import importlib, sys
sys.modules["streamlit"] = None  # importing it raises ImportError
for name in {modules}:
    importlib.import_module(name)
print([name for name in sys.modules if name.startswith(("streamlit.", "looped.ui"))])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"


# What each room may know of the others; data goes one way: task → engine → trace → lens → figure → panel.
MAY_KNOW = {
    "looped/model/": ("looped.model",),
    "looped/tasks/": ("looped.tasks",),
    "looped/runs/": ("looped.model", "looped.runs"),
    "looped/lenses/": ("looped.model", "looped.runs", "looped.lenses"),
    "looped/figures/": ("looped.runs", "looped.lenses", "looped.figures"),
    "looped/catalogue/": ("looped.model", "looped.tasks", "looped.runs", "looped.catalogue"),
    "looped/training/": ("looped.model", "looped.tasks", "looped.catalogue", "looped.training"),
    "looped/export/": (
        "looped.tasks",
        "looped.catalogue",
        "looped.runs",
        "looped.lenses",
        "looped.figures",
        "looped.export",
    ),
    "looped/questions/": (
        "looped.tasks",
        "looped.model",
        "looped.catalogue",
        "looped.runs",
        "looped.lenses",
        "looped.serving.message",
        "looped.questions",
    ),
    "looped/serving/": (
        "looped.model",
        "looped.tasks",
        "looped.catalogue",
        "looped.runs",
        "looped.lenses",
        "looped.serving",
    ),
}


@pytest.mark.parametrize("room", MAY_KNOW)
def test_nothing_to_the_left_knows_anything_to_the_right(room: str) -> None:
    files = [file for file in SOURCES if name_of(file).startswith(room)]
    assert files
    for file in files:
        known = {name for name in imports(file) if name.startswith("looped.")}
        assert {name for name in known if not name.startswith(MAY_KNOW[room])} == set(), name_of(file)


ROOMS_OF_TASKS = tuple(f"looped.tasks.{room}." for room in tasks.ROOMS)
# A page shows the tasks of its room; a benchmark needs boards of a size.
MAY_KNOW_A_ROOM = ("looped/tasks/", "looped/ui/", "looped/bench/")


def test_no_room_but_a_page_s_knows_one_room_of_tasks() -> None:
    known = {
        name_of(file): {name for name in imports(file) if f"{name}.".startswith(ROOMS_OF_TASKS)}
        for file in SOURCES
        if not name_of(file).startswith(MAY_KNOW_A_ROOM)
    }
    assert {file: names for file, names in known.items() if names} == {}


def asks_for_the_kind(node: ast.AST) -> bool:
    """Whether a piece of a program compares the kind of a task, or asks for the class of one."""
    if isinstance(node, ast.Compare):
        sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
        return any(side.endswith("task.kind") for side in sides)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
        return ast.unparse(node.args[0]).endswith("task")
    return False


LINES = {
    "task.kind == 'sudoku'": True,
    "checkpoint.task.kind in kinds": True,
    "isinstance(self.task, Countdown)": True,
    "change.kind == 'patch'": False,
    "task.name == other": False,
    "isinstance(loops, int)": False,
}


@pytest.mark.parametrize(("line", "asks"), LINES.items())
def test_asking_for_the_kind_is_recognised(line: str, asks: bool) -> None:
    assert any(asks_for_the_kind(node) for node in ast.walk(ast.parse(line))) == asks


def test_no_room_but_the_tasks_asks_what_kind_a_task_is() -> None:
    asking = [
        f"{name_of(file)}:{getattr(node, 'lineno', 0)}"
        for file in SOURCES
        if not name_of(file).startswith("looped/tasks/")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if asks_for_the_kind(node)
    ]
    assert asking == []


def test_only_figures_draw() -> None:
    drawing = {
        name_of(file)
        for file in SOURCES
        if any(name.partition(".")[0] in {"altair", "plotly", "matplotlib"} for name in imports(file))
    }
    assert "looped/figures/curves.py" in drawing
    assert {name for name in drawing if not name.startswith("looped/figures/")} == set()


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_nothing_is_ever_unpickled_or_evaluated() -> None:
    for file in SOURCES:
        assert not {name.partition(".")[0] for name in imports(file)} & {
            "pickle",
            "cPickle",
            "_pickle",
            "dill",
            "joblib",
            "shelve",
            "marshal",
            "cloudpickle",
        }
        for name, call in calls(file):
            assert name not in {"torch.load", "torch.hub.load", "torch.jit.load", "eval", "exec"}, (
                f"{name_of(file)}:{call.lineno}"
            )
            if name in {"np.load", "numpy.load"}:
                pickling = [ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == "allow_pickle"]
                assert pickling == ["False"], f"{name_of(file)}:{call.lineno}"


def tree() -> list[Path]:
    """What is tracked or would be: git's own list, or without git everything but what .gitignore names."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        return [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    except (OSError, subprocess.CalledProcessError):
        ignored = {".git", ".venv", "runs", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
        found: list[Path] = []
        for folder, below, names in os.walk(ROOT):
            below[:] = [name for name in below if name not in ignored]
            found += [Path(folder) / name for name in names]
        return found


def test_the_tree_stays_below_60_mebibytes_and_its_checkpoints_below_40() -> None:
    sizes = {file: file.stat().st_size for file in tree() if file.is_file()}
    assert ROOT / "looped" / "model" / "family.py" in sizes
    assert sum(sizes.values()) < 60 * MEBIBYTE
    assert sum(size for file, size in sizes.items() if file.is_relative_to(ROOT / "checkpoints")) < 40 * MEBIBYTE


def test_the_tree_holds_no_weights_but_safetensors() -> None:
    assert [
        file for file in tree() if file.suffix in {".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".npy", ".bin", ".joblib"}
    ] == []
