"""A view as a folder that a researcher can keep.

Figures, every array, what was run, and a script that makes it all again.
"""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import looped
from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import Checkpoint
from looped.export.charts import charts, left_out
from looped.figures.saving import save
from looped.figures.theme import Chart
from looped.runs.names import CheckpointName
from looped.runs.trace import Trace, given, record
from looped.runs.variants import listed_words
from looped.serving.request import names_of

MOST_DRAWN = 1024  # of a run that is drawn
SCRIPT = '''"""Makes {what}: python regenerate.py [FOLDER]

Needs Loopscope {version}: installed (pip install . in its folder), or run this in the folder of a clone. Made with
PyTorch {torch} and NumPy {numpy}; other versions may differ in the last digits.
"""
import sys
from pathlib import Path

sys.path.append(str(Path.cwd()))  # of a clone that is not installed
try:
    import looped
    from looped.export.charts import charts
    from looped.figures.saving import save
except ModuleNotFoundError as error:
    sys.exit(f"This script needs Loopscope {version} (install it in its folder with: pip install .): {{error}}.")

try:
    checkpoint = looped.load({source!r}, device={device!r})
except looped.CheckpointError as error:
    sys.exit(f"The checkpoint of this export cannot be loaded; name in this script where it lies now: {{error}}")
if checkpoint.sha256 != {sha256!r}:
    found = checkpoint.sha256[:12]
    sys.exit(f"{{checkpoint.name}} is not the checkpoint of this export: its sha256 is {{found}}…, not {short}….")

task = checkpoint.task
parsed = task.parse({text!r})
trace = looped.record(checkpoint.model, task.encode(parsed), loops={loops})

folder = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent
folder.mkdir(parents=True, exist_ok=True)
trace.save(folder / "trace.npz")
# One of them alone, or in another light: see looped/figures and how `charts` calls it; dark=True is for dark slides.
# Cells and heads are counted from 0: cell {cell} is {place}.
shown = dict(loop={loop}, cell={cell}, head={head}, one={one!r})
for name, chart in charts(task, parsed, trace, checkpoint.model.trained_loops, **shown).items():
    save(chart, folder / {figures!r} / name)
'''
FIGURES, PAPER = "figures", "paper"  # folders: the figures of an export, and those beside figures drawn by the browser
MADE = {
    FIGURES: "the figures and the arrays of this folder again",
    PAPER: "the arrays of this folder again, and figures of the run for a paper",
}


@dataclass(frozen=True)
class Run:
    """What is exported: an input that has been read, and numbers that have been checked."""

    checkpoint: Checkpoint
    text: str
    parsed: Any
    tokens: np.ndarray
    loops: int
    loop: int  # 1 … loops
    cell: int  # a position, from 0
    head: int | None  # from 0; None: all


def export(
    checkpoint: Checkpoint,
    text: str,
    folder: str | Path,
    loops: int | None = None,
    loop: int | None = None,
    cell: int | None = None,
    head: int | None = None,
    tell: Callable[[str], None] = lambda name: None,
) -> list[Path]:
    """Run an input and write what can be seen of it into `folder`, which is made; return the files that were written.

    figures/*.svg, *.png, *.csv   what `looped.export.charts.charts` draws
    trace.npz                     every array, exactly as recorded (`Trace.load`)
    view.json                     what was run: checkpoint, what is changed in it (null: nothing), sha256, input,
                                  loops, loop, cell and its name, head, versions,
                                  recorded − plain; the answer after `loop` as text, and whether it is right (null of
                                  numbers); which figures were left out, and why
    regenerate.py                 makes figures and trace.npz again

    `loops` is as many as were trained when not given, `loop` the last, `cell` the task's first place, `head` all.
    `tell` is called with the name of each figure that was drawn. Raises ValueError for input that is wrong and for a
    folder that holds something, before anything is written.
    """
    folder, run = Path(folder), resolve(checkpoint, text, loops, loop, cell, head)
    if folder.is_dir() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty; name a new folder.")
    trace = record(checkpoint.model, run.tokens, run.loops)
    check_head(run, trace)
    drawn = drawn_of(run, trace, run.loop)
    with nothing_or_all(folder):
        written = write_arrays(run, trace, folder)
        for name, chart in drawn.items():
            written += save(chart, folder / "figures" / name)
            tell(name)
    return written


def drawn_of(run: Run, trace: Trace, loop: int) -> dict[str, Chart]:
    """Return the charts of a run after a loop, by name."""
    model, one = run.checkpoint.model, run.checkpoint.passes["loop"]
    return charts(run.checkpoint.task, run.parsed, trace, model.trained_loops, loop, run.cell, run.head, one=one)


@contextmanager
def nothing_or_all(folder: Path) -> Iterator[None]:
    """Remove what was written into a folder that was empty or not there, when the writing fails."""
    there = folder.is_dir()
    try:
        yield
    except BaseException:
        for part in folder.glob("*") if folder.is_dir() else ():
            shutil.rmtree(part) if part.is_dir() else part.unlink()
        if not there:
            with suppress(OSError):  # it could not even be made
                folder.rmdir()
        raise


def write_arrays(run: Run, trace: Trace, folder: Path, figures: str = FIGURES) -> list[Path]:
    """Write view.json, regenerate.py and trace.npz of a run into a folder, which is made; return the files.

    `figures` is the folder in which the script makes figures.
    """
    view = describe(run, trace)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "view.json").write_text(json.dumps(view, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / "regenerate.py").write_text(script(run.checkpoint, view, figures), "utf-8")
    trace.save(folder / "trace.npz")
    return [folder / name for name in ("view.json", "regenerate.py", "trace.npz")]


def resolve(
    checkpoint: Checkpoint, text: str, loops: int | None, loop: int | None, cell: int | None, head: int | None
) -> Run:
    """Read the input, fill in what is not given and check the rest. Raises ValueError with one sentence."""
    task = checkpoint.task
    parsed = task.parse(text)
    tokens, passes = task.encode(parsed), checkpoint.passes
    loops = checkpoint.model.trained_loops if loops is None else loops
    loop = loops if loop is None else loop
    cell = task.first_place(tokens) if cell is None else cell
    if not 1 <= loops <= MOST_DRAWN:
        raise ValueError(f"1 to {MOST_DRAWN} {passes['loops']} can be drawn, not {loops}.")
    if not 1 <= loop <= loops:
        raise ValueError(f"{passes['loop']} {loop} cannot be drawn: this run has the {passes['loops']} 1 to {loops}.")
    if not 0 <= cell < len(tokens):
        terms = task.terms
        raise ValueError(
            f"there is no {terms.place} {cell}: {terms.places} are counted from 0 to {len(tokens) - 1}{terms.counted}."
        )
    return Run(checkpoint, text, parsed, tokens, loops, loop, cell, head)


def check_head(run: Run, trace: Trace) -> None:
    """Raise ValueError for a head that the run does not have; `trace` may be of fewer loops."""
    if run.head is None:
        return
    if "attention" not in trace.observed:
        raise ValueError(f"there is no head {run.head}: no attention was observed in {run.checkpoint.name}.")
    heads = trace.attention.shape[2]
    if not 0 <= run.head < heads:
        raise ValueError(f"there is no head {run.head}: {run.checkpoint.name} has the heads 0 to {heads - 1}.")


def describe(run: Run, trace: Trace) -> dict[str, Any]:
    """Return the contents of view.json."""
    checkpoint, answers = run.checkpoint, trace.answered[run.loop - 1]
    tokens = given(checkpoint.model, run.tokens, run.loop - 1)
    return {
        "checkpoint": checkpoint.name,
        "change": change_words(run),
        "sha256": checkpoint.sha256,
        "input": run.text,
        "loops": run.loops,
        "loop": run.loop,
        "cell": run.cell,
        "place": checkpoint.task.place(run.tokens, run.cell),
        "counted": "cell and head as in links and trace.npz, from 0; in place, figures and their tables from 1",
        "head": run.head,
        "versions": {
            "looped": looped.__version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "device": str(next(checkpoint.model.parameters()).device),
        "difference": trace.difference,
        "answer": checkpoint.task.decode(tokens, answers),
        "right": None if trace.output_kind == "numbers" else bool(checkpoint.task.right(tokens, answers)),
        "left_out": left_out(trace),
    }


def change_words(run: Run) -> str | None:
    """Return what is changed in the checkpoint of a run, as tables name it; None where nothing is."""
    name, folder = run.checkpoint.name, run.checkpoint.folder
    if not name.startswith(f"{folder.name}~"):
        return None
    parts = CheckpointName.of_folder(name, folder).parts
    model = run.checkpoint.model
    return ", ".join(listed_words(parts, *names_of(run.checkpoint.task, run.parsed).of(model), model=model))


def script(checkpoint: Checkpoint, view: dict[str, Any], figures: str = FIGURES) -> str:
    """Return the text of regenerate.py, which makes its figures in the folder `figures`.

    A checkpoint that is shipped is loaded by its name, any other from where it lay.
    """
    source, folder = checkpoint.name, checkpoint.folder.resolve()
    if folder.parent != checkpoints.SHIPPED.resolve():
        source = str(CheckpointName.of_folder(checkpoint.name, folder))
    return SCRIPT.format(
        source=source,
        short=view["sha256"][:12],
        text=view["input"],
        what=MADE[figures],
        figures=figures,
        version=view["versions"]["looped"],
        torch=view["versions"]["torch"],
        numpy=view["versions"]["numpy"],
        one=checkpoint.passes["loop"],
        **{name: view[name] for name in ("device", "sha256", "loops", "loop", "cell", "place", "head")},
    )
