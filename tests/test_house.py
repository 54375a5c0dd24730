"""The rules of the house (DESIGN section 3): who may know whom, nothing is unpickled, the tree stays small."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from looped.export.bundle import imports as imports_of_module
from looped.tasks import registry as tasks
from looped.tasks.protocol import OFFERS

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
    # The benchmark of many users speaks Streamlit's own wire format, and imports it only when it runs (next test).
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


# What each room may know of the others, in the order of the table in ARCHITECTURE.md: only what stands above it.
# Data goes one way: text → task → model → trace → lens → message → panel.
MAY_KNOW = {
    "looped/model/": ("looped.model",),
    "looped/tasks/": ("looped.tasks",),
    "looped/runs/": ("looped.model", "looped.runs"),
    "looped/lenses/": ("looped.model", "looped.runs", "looped.lenses"),
    "looped/theory/": ("looped.model", "looped.tasks", "looped.theory"),
    "looped/catalogue/": ("looped.model", "looped.tasks", "looped.runs", "looped.lenses", "looped.catalogue"),
    "looped/training/": ("looped.model", "looped.tasks", "looped.catalogue", "looped.training"),
    "looped/experiments/": (
        "looped.tasks",
        "looped.model",
        "looped.runs",
        "looped.catalogue",
        "looped.lenses",
        "looped.theory",
        "looped.training",
        "looped.experiments",
    ),
    "looped/figures/": ("looped.figures",),
    "looped/serving/": (
        "looped.model",
        "looped.tasks",
        "looped.catalogue",
        "looped.runs",
        "looped.lenses",
        "looped.serving",
    ),
    "looped/questions/": (
        "looped.tasks",
        "looped.model",
        "looped.catalogue",
        "looped.runs",
        "looped.lenses",
        "looped.serving.message",
        "looped.theory",
        "looped.experiments",
        "looped.questions",
    ),
    "looped/lessons/": (
        "looped.model",
        "looped.tasks",
        "looped.lenses",
        "looped.serving",
        "looped.questions",
        "looped.theory",
        "looped.experiments",
        "looped.lessons",
    ),
    "looped/classes/": ("looped.lessons", "looped.serving", "looped.classes"),
    "looped/export/": (
        "looped.tasks",
        "looped.catalogue",
        "looped.runs",
        "looped.lenses",
        "looped.figures",
        "looped.serving",
        "looped.lessons",
        "looped.export",
    ),
    "looped/bench/": (
        "looped.model",
        "looped.tasks",
        "looped.catalogue",
        "looped.runs",
        "looped.training",
        "looped.questions",
        "looped.bench",
    ),
    "looped/commands/": (
        "looped.catalogue",
        "looped.runs",
        "looped.lenses",
        "looped.serving.engine",
        "looped.serving.cluster",
        "looped.training",
        "looped.export",
        "looped.experiments",
        "looped.bench",
        "looped.theory",
        "looped.lessons",
        "looped.commands",
    ),
    "looped/ui/": ("looped.",),  # the last room: everything is to its left
}


def test_every_room_has_its_rule() -> None:
    rooms = {"/".join(name_of(file).split("/")[:2]) + "/" for file in SOURCES if name_of(file).count("/") >= 2}
    assert rooms == set(MAY_KNOW)
    folders = {f"looped/{folder.name}/" for folder in (ROOT / "looped").iterdir() if any(folder.glob("*.py"))}
    assert rooms == folders


def test_a_room_may_know_only_rooms_above_it_in_the_table_of_the_architecture() -> None:
    table = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert list(MAY_KNOW) == re.findall(r"^\| \[(looped/\w+/)\]", table, re.MULTILINE)
    above: set[str] = set()
    for room, known in MAY_KNOW.items():
        above.add(room.split("/")[1])
        assert {name.split(".")[1] for name in known} - {""} <= above, room


@pytest.mark.parametrize("room", MAY_KNOW)
def test_nothing_to_the_left_knows_anything_to_the_right(room: str) -> None:
    files = [file for file in SOURCES if name_of(file).startswith(room)]
    assert files
    for file in files:
        known = {name for name in imports(file) if name.startswith("looped.")}
        allowed = ("looped.places", "looped.settings", *MAY_KNOW[room])  # which every room may ask
        assert {name for name in known if not name.startswith(allowed)} == set(), name_of(file)


# The browser's side: what the modules of each folder may import.
MODULES = sorted((ROOT / "assets" / "microscope").rglob("*.js"))
MODULES_MAY_KNOW = {
    "core/": ("core/",),
    "draw/": ("core/", "draw/"),
    "panels/": ("core/", "draw/"),
    "ask/": ("core/", "ask/"),
    "theory/": ("core/", "draw/", "theory/"),
    "pages/": ("core/", "draw/", "panels/registry.js", "ask/", "theory/", "pages/"),
    "main.js": ("core/", "ask/", "pages/"),
}


def module_name(file: Path) -> str:
    return file.relative_to(ROOT / "assets" / "microscope").as_posix()


def test_every_module_of_the_browser_has_its_folder() -> None:
    assert {"main.js", "core/message.js", "draw/axis.js", "panels/registry.js", "pages/page.js"} <= {
        module_name(file) for file in MODULES
    }
    folders = {name.split("/")[0] + "/" if "/" in name else name for name in map(module_name, MODULES)}
    assert folders == set(MODULES_MAY_KNOW)


@pytest.mark.parametrize("folder", MODULES_MAY_KNOW)
def test_modules_of_the_browser_import_only_what_they_may_know(folder: str) -> None:
    for file in MODULES:
        name, source = module_name(file), file.read_text("utf-8")
        if not name.startswith(folder):
            continue
        found = {address for _, address in imports_of_module(name, source)}
        assert len(found) == len(re.findall(r"^import\b", source, re.MULTILINE)), f"{name}: an import that is not seen"
        allowed = (*MODULES_MAY_KNOW[folder], "panels/") if name == "panels/registry.js" else MODULES_MAY_KNOW[folder]
        assert {address for address in found if not address.startswith(allowed)} == set(), name


def test_every_panel_is_registered_once() -> None:
    registry = (ROOT / "assets" / "microscope" / "panels" / "registry.js").read_text("utf-8")
    registered = [address for _, address in imports_of_module("panels/registry.js", registry)]
    panels = [module_name(file) for file in MODULES if module_name(file).startswith("panels/")]
    assert sorted([*registered, "panels/registry.js"]) == panels


def test_every_panel_says_its_type_and_has_what_it_must() -> None:
    """A property that a panel lacks would be missed only when the panel is shown."""
    types = (ROOT / "assets" / "microscope" / "core" / "types.js").read_text("utf-8")
    of_a_panel = types.partition("@typedef {object} Panel ")[2].partition("@typedef")[0]
    must = re.findall(r"@property \{.*\} (\w+)", of_a_panel)
    assert {"name", "title", "needs", "help", "describe", "draw"} <= set(must)
    for file in MODULES:
        if module_name(file).startswith("panels/") and file.name != "registry.js":
            panel = file.read_text("utf-8").partition('/** @type {import("../core/types.js").Panel} */\n')[2]
            assert panel.startswith("export default {\n"), file.name
            has = set(re.findall(r"^  (\w+)[:(,]", panel, re.MULTILINE))
            drawn = {"describe", "draw", "pick", "table"}
            assert set(must) - has <= (drawn if "build" in has else set()), file.name


def test_lines_of_modules_and_style_sheets_fit_into_120_columns() -> None:
    assert [
        f"{file.name}:{number}"
        for file in [*MODULES, *(ROOT / "assets").glob("**/*.css")]
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if len(line) > 120
    ] == []


LONGEST = 60  # lines of a function: one that is longer does several things
FUNCTION = re.compile(
    r"^( *)(?! |if|for|while|switch|catch)(?:.*\bfunction\b.*|[\w*# ]+\(.*\)|.*=>) \{$\n(?:.*\n)*?^\1\}", re.MULTILINE
)


def lines_of_functions(file: Path) -> Iterator[tuple[str, int]]:
    """Yield the functions of a file of Python or JavaScript, each by its first line, with the number of its lines."""
    text = file.read_text("utf-8")
    if file.suffix == ".js":
        yield from ((found[0].split("\n")[0].strip(), found[0].count("\n") + 1) for found in FUNCTION.finditer(text))
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def test_functions_are_found_in_both_languages() -> None:
    microscope = ROOT / "assets" / "microscope"
    added = "export function addToZip(zip, files, now = new Date()) {"
    assert dict(lines_of_functions(microscope / "core" / "zip.js")).keys() >= {added}
    assert dict(lines_of_functions(microscope / "panels" / "table.js"))["draw(pen, seen, width, height) {"] > 10
    assert "record" in dict(lines_of_functions(ROOT / "looped" / "runs" / "trace.py"))


def test_no_function_is_longer_than_60_lines() -> None:
    found = [(file, name, lines) for file in [*SOURCES, *MODULES] for name, lines in lines_of_functions(file)]
    assert len(found) > 2000
    assert [(name_of(file), name, lines) for file, name, lines in found if lines > LONGEST] == []


ROOMS_OF_TASKS = tuple(f"looped.tasks.{room}." for room in tasks.ROOMS)
# A page shows the tasks of its room; a benchmark needs boards of a size.
MAY_KNOW_A_ROOM = ("looped/tasks/", "looped/ui/", "pages/", "looped/bench/")


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


# What the browser may ask the name of a page for: a key under which a panel's choice was kept since the first version.
PAGE_ASKED = {"pages/panels.js": 1}
ASKED_IN_A_MODULE = re.compile(r"\bmeta\.(?:kind|task|page) [!=]==|\bspec\.page [!=]== \"")


def test_no_module_of_the_browser_asks_what_kind_a_task_is() -> None:
    assert ASKED_IN_A_MODULE.findall('meta.kind === "words"; spec.page === "sudoku"; spec.page === panel.page')
    asking = {module_name(file): len(ASKED_IN_A_MODULE.findall(file.read_text("utf-8"))) for file in MODULES}
    assert {name: times for name, times in asking.items() if times} == PAGE_ASKED


def test_a_mode_of_a_panel_names_what_a_task_must_offer() -> None:
    modes = [
        found[1]
        for file in MODULES
        if module_name(file).startswith("panels/")
        for found in re.finditer(r'^    \["[^"]+", "[^"]+", "([^"]+)"\],$', file.read_text("utf-8"), re.MULTILINE)
    ]
    assert sorted(modes) == ["hardest inputs", "hardest inputs", "symmetries"]
    assert set(modes) <= set(OFFERS)


TINTS = re.compile(r"\b(?:heat|smallBoard)\(")
KEY = re.compile(r"\b(?:blue|orange|faintest)\b|■")  # what a tint stands for, in words or as a sign
HELP = re.compile(r"^  (?:help|formula):\n(?:^    .*\n)+", re.MULTILINE)


def without_help(file: Path) -> str:
    """Return the text of a module without its comments and without what only stands behind its question mark."""
    return re.sub(r"//.*", "", HELP.sub("", file.read_text("utf-8")))


def test_every_drawing_with_tints_has_a_key_that_is_seen() -> None:
    """What a tint stands for is said on the canvas or in the sentence below it, not in the help alone."""
    panels = [file for file in MODULES if module_name(file).startswith("panels/") and TINTS.search(without_help(file))]
    assert len(panels) > 15
    assert [file.name for file in panels if not KEY.search(without_help(file))] == []


def test_no_panel_knows_a_rule_of_attention_by_name() -> None:
    """Each task says what its rules are called; "self" is a word of its own in several panels."""
    rules = {name for known in map(tasks.get, tasks.makers()) for name in known.rule_words}
    assert {"non-peers", "own equation", "same place"} <= rules
    named = re.compile("|".join(rf'"{name}":?' for name in rules if " " in name or "-" in name) + r"|\bown row\b")
    assert [module_name(file) for file in MODULES if named.search(file.read_text("utf-8"))] == []


@pytest.mark.parametrize("name", tasks.makers())
def test_every_rule_of_a_task_is_put_into_words(name: str) -> None:
    task = tasks.get(name)
    tokens = task.encode(task.parse(task.examples[0][1]))
    if task.input_kind == "tokens":
        assert set(task.rules(tokens, tokens[None])) == set(task.rule_words)


def test_only_figures_draw() -> None:
    drawing = {
        name_of(file)
        for file in SOURCES
        if any(name.partition(".")[0] in {"altair", "plotly", "matplotlib"} for name in imports(file))
    }
    assert "looped/figures/curves.py" in drawing
    assert {name for name in drawing if not name.startswith("looped/figures/")} == set()


def test_only_one_module_knows_where_files_lie() -> None:
    """Paths that climb out of the package lead nowhere in an installed wheel; `looped.places` finds files in both."""
    climbing = {name_of(file) for file in SOURCES if "parents[" in file.read_text("utf-8")}
    assert climbing == set()


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
            where = f"{name_of(file)}:{call.lineno}"
            assert name not in {"torch.hub.load", "torch.jit.load", "eval", "exec"}, where
            if name == "torch.load":  # what others saved is converted, by the reader that runs no code
                assert name_of(file) == "looped/catalogue/convert.py", where
                assert "weights_only=True" in [ast.unparse(keyword) for keyword in call.keywords], where
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
        ignored = {".git", ".venv", "build", "runs", "__pycache__"}
        ignored |= {".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
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
