"""The message of a view: everything the browser needs to draw what is shown, of any task on any page."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import numpy as np

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.results import Score, generated, nearest_figure, tested, with_interval
from looped.catalogue.sets import sources
from looped.lenses.fixed_point import lost_words, told, verdict
from looped.lenses.residual import Residual
from looped.lenses.timestep import encodings, named
from looped.model import LoopedModel, seam
from looped.model.seam import is_standard, usual_loops
from looped.runs.changes import offered, puts_back, unoffered
from looped.runs.names import CheckpointName
from looped.runs.variants import VARIANTS, variants
from looped.serving.engine import Engine
from looped.serving.message import Arrays, Packed, compare, drift, pack, timesteps_compared, with_solution
from looped.serving.packing import packer
from looped.serving.rejudged import givens, rejudged
from looped.serving.request import (
    Names,
    Shown,
    ShownRun,
    change_words,
    checkpoints_of,
    label,
    names_of,
    runs_of,
    task_of,
)
from looped.serving.rounds import clock_words
from looped.tasks import Task
from looped.tasks.protocol import Page

WhyNot = Callable[[Checkpoint], dict[str, str]]
Value = TypeVar("Value")


def message_bytes(engine: Engine, shown: Shown, why_not: WhyNot = lambda _: {}) -> bytes:
    """Return the message of a view, as `looped.serving.message.pack` writes it.

    why_not: tells which long questions cannot be asked of a checkpoint, and why; without it nothing is said of them.
    """
    task = task_of(engine, shown.checkpoint)
    names, facts = names_of(task, shown.input), task.facts(shown.input)
    solution = None if facts["solution"] is None else np.array([int(each) for each in facts["solution"]])
    if shown.instead == "copy":  # of an input that has no right answer: what the copy's is would be of another
        solution, facts = None, facts | {"solution": None, "judged": False}
    shown_runs = runs_of(engine, shown)
    runs = [solved(run(engine, one, names, facts["judged"]), one, solution) for one in shown_runs]
    if shown.instead == "copy":
        runs = [unjudged(packed) for packed in runs]
    for packed, one in zip(runs, shown_runs, strict=True):
        packed["meta"]["refused"] = why_not(one.checkpoint)
        if shown.input.warnings:  # an input that is beyond training: the card's figure is of others
            packed["meta"]["measured"] = None
    return pack(
        compare(runs),
        drift=drift(runs),
        page=task.page.slug,
        offers=sorted(task.offers),
        verdicts=task.verdicts(shown.input),
        rule_words=dict(task.rule_words),
        terms=asdict(task.terms),
        layout=task.layout(shown_runs[0].tokens).message(),
        **facts,
        examples=examples(engine, task),
        **about(engine, shown, names) | elsewhere(runs, shown, engine.runs_on),
    )


def elsewhere(runs: list[Packed], shown: Shown, device: str) -> dict[str, Any]:
    """Return what is said where a run was not computed as usual.

    On another device than the engine's, which had no memory left; or once more, because a replica had died.
    """
    others = [packed["kept"]["device"] for packed in runs if packed["kept"].get("device")]
    said = list(dict.fromkeys(packed["kept"]["said"] for packed in runs if packed["kept"].get("said")))
    if others:
        said.insert(0, f"{device} has no memory left, so this was computed on the {others[0].upper()}.")
    if not said:
        return {}
    if shown.message and shown.message["kind"] != "info":  # a welcome gives way
        said.insert(0, shown.message["text"])
    message = {"kind": "error" if (shown.message or {}).get("kind") == "error" else "warning", "text": " ".join(said)}
    return {"message": message} | ({"device": others[0]} if others else {})


def run(engine: Engine, shown: ShownRun, names: Names, judged: bool) -> Packed:
    """Return one run as a message holds it, with what the page says of the checkpoint.

    judged: whether it is known which answers are right.
    """
    name, checkpoint, tokens, loops, beside = shown
    names = names.of(checkpoint.model)
    read = CheckpointName.read(name)
    packed = engine.packed(name, tokens, loops, packer(checkpoint.task.name, beside))
    changed = checkpoint.model.standing_interventions
    if changed:
        told = once(packed, "rejudged", lambda: rejudged(packed, checkpoint.task, tokens, changed))
        packed = packed | {part: packed[part] | told[part] for part in ("arrays", "meta")}
    right = bool(packed["arrays"]["right"][-1]) if judged and packed["arrays"]["asked"].any() else None
    said = {
        "name": name,
        "base": read.base,
        "parts": read.parts,
        "label": label(name, names),
        "kinds": offered(checkpoint.model),
        "unoffered": unoffered(checkpoint.model),
        "puts_back": puts_back(checkpoint.model),
        "vectors": [vector._asdict() for vector in named(checkpoint.model)],
        "anatomy": anatomy(checkpoint.model),
        "looped": not is_standard(checkpoint.model),
        "passes": checkpoint.passes,
        "trained_loops": checkpoint.model.trained_loops,
        "clock": clock_words(checkpoint.model, loops),
        "clamped": math.isfinite(checkpoint.model.last_t),
        "sha256": checkpoint.sha256,
        "parameters": checkpoint.model.parameters_count,
        "changes": change_words(name, names, checkpoint.model),
        "measured": None if read.changes else nearest_figure(checkpoint.info, loops),
        "missing": missing_words(packed["meta"]["missing"], checkpoint.model),
        "verdict": verdict_of(packed, checkpoint.model, right),
    }
    if packed["meta"]["overthinking"] is not None:
        said["overthinking"] = told_lost(packed["meta"]["overthinking"], names.one, checkpoint.task.terms.judged)
    arrays = once(packed, "timesteps", lambda: timesteps_of(packed, checkpoint.model, loops))
    return {"arrays": packed["arrays"] | arrays, "meta": packed["meta"] | said, "kept": packed["kept"]}


def told_lost(lost: dict[str, Any], one: str, judged: str) -> dict[str, Any]:
    """Return where a right answer was lost with its sentence in the words for a pass of this model and for its task."""
    return lost | {"sentence": lost_words(lost["reached"], lost["lost"], lost["back"], one, judged)}


def unjudged(packed: Packed) -> Packed:
    """Return a run in which nothing is called right, or right and lost."""
    nothing = np.zeros_like(packed["arrays"]["right"])
    bare = {"first_right": None, "right_since": None, "overthinking": None, "unjudged": True}
    return packed | {"arrays": packed["arrays"] | {"right": nothing}, "meta": packed["meta"] | bare}


def anatomy(model: LoopedModel) -> dict[str, Any]:
    """Return what one loop consists of, and whether every loop reads the input, or what stands in its place, again."""
    own = model.anatomy
    drawn = {name: part for name, part in own._asdict().items() if name != "learned"}
    return drawn | {"reads": seam.INJECTION in model.capabilities or bool(own.source)}


def solved(packed: Packed, shown: ShownRun, solution: np.ndarray | None) -> Packed:
    """Add to a run what follows from the one solution (places,), with the digits exchanged that are in the run."""
    if solution is not None and "givens" in packed["arrays"]:
        solution = givens(solution, shown.loops, shown.checkpoint.model.standing_interventions)
    return with_solution(packed, solution)


def once(packed: Packed, name: str, make: Callable[[], Value]) -> Value:
    """Return what follows from a run that the engine keeps: made once, and kept with it."""
    kept: dict[str, Any] = packed["kept"]
    if name not in kept:
        kept[name] = make()
    made: Value = kept[name]
    return made


def timesteps_of(packed: Packed, model: LoopedModel, loops: int) -> Arrays:
    """Return the arrays that compare a model's timesteps; none of a model without."""
    encoded, used = encodings(model, range(loops)), packed["kept"]["scales"]
    return {} if encoded is None or used is None else timesteps_compared(encoded, used)


def missing_words(missing: dict[str, str], model: LoopedModel) -> dict[str, str]:
    """Return why arrays are missing: what the absence of timestep scales means, and what there is for attention."""
    same = "every loop applies exactly the same function"
    if is_standard(model):
        same = "it has no loop, but layers with weights of their own"
    elif seam.ROUNDS in model.capabilities:
        same = "every loop applies the same weights to the state and to sets of candidates, which change between rounds"
    why = f"This checkpoint has no timestep encoding: {same}. Choose a TMLT checkpoint to see "
    seen = {"scales": "the scales turn from loop to loop.", "alike": "how alike the timesteps are."}
    said = {name: why + words for name, words in seen.items() if name in missing}
    if seam.CONTESTS in model.capabilities:
        held = "This net has no attention: its candidates hold contests, whose shares the panel Contests shows."
        said |= {name: held for name in ("attention", "rules") if name in missing}
    return missing | said


def verdict_of(packed: Packed, model: LoopedModel, right: bool | None) -> dict[str, Any]:
    """Return how a run ends, for the panel on fixed points; right is None where no rule says.

    one_map: whether every loop applies the same map to the state; where none does the sentence says why.
    """
    if is_standard(model):
        return {
            "one_map": False,
            "sentence": "A standard transformer applies every layer once: there is no map to have a fixed point.",
        }
    if seam.ROUNDS in model.capabilities:
        return {
            "one_map": False,
            "sentence": "Every round begins with a state of zero and sets of its own: there is no one map to have a "
            "fixed point.",
        }
    arrays = packed["arrays"]
    moved = Residual(*(arrays[f"residual_{name}"] for name in ("absolute", "relative", "cell")))
    found = once(packed, "verdict", lambda: verdict(packed["kept"]["hidden"], model.trained_loops, moved))
    return {"one_map": True, "sentence": told(found, right)}


def examples(engine: Engine, task: Task) -> list[dict[str, str]]:
    """Return the examples that a page offers: of the task, or of all tasks of its page where one reads all inputs."""
    if not task.page.one_room:
        return [{"name": name, "text": text} for name, text in task.examples]
    found = []
    known = {task_of(engine, name).name: task_of(engine, name) for name in checkpoints_of(engine, task.page)}
    for other in sorted(known.values(), key=lambda other: -other.length):
        found += [{"name": f"{other.form} {name}", "text": text} for name, text in other.examples]
    return found


def about(engine: Engine, shown: Shown, names: Names) -> dict[str, Any]:
    """Return what every page tells the browser beside the runs and the input."""
    task = task_of(engine, shown.checkpoint)
    names = names.of(engine.checkpoint(shown.checkpoint).model)
    known = checkpoints_of(engine, task.page)
    own = changed(engine, shown.checkpoint, names)
    # A user-defined variant, added so that the list can show it.
    if CheckpointName.read(shown.versus).changes is not None and shown.versus not in dict(own):
        own.append((shown.versus, label(shown.versus, names)))
    return {
        "most_loops": engine.most_loops(shown.checkpoint),
        "loops": shown.loops,
        "usual_loops": usual_loops(engine.checkpoint(shown.checkpoint).model),
        "versus": shown.versus,
        "device": engine.runs_on,
        "request": shown.number,
        "message": shown.message,
        "entry": shown.entry,
        "instead": shown.instead,
        "sources": sources(task),
        "columns": task.columns,
        "puzzle": shown.input.text,
        "checkpoints": [{"name": name, "label": said} for name, said in [*((name, name) for name in known), *own]],
        "comparisons": comparisons(engine, task.page, shown.checkpoint, own),
        "cards": cards(engine, task),
    }


def changed(engine: Engine, name: str, names: Names) -> list[tuple[str, str]]:
    """Return names and labels of the variants of a checkpoint, or of the one that it is a variant of."""
    read = CheckpointName.read(name)
    kinds = list(variants(engine.checkpoint(read.base).model))
    if read.changes and read.changes not in VARIANTS:
        kinds.append(read.changes)
    found = [str(read.changed(kind)) for kind in kinds]
    return [(other, label(other, names)) for other in found]


def comparisons(engine: Engine, page: Page, checkpoint: str, own: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the checkpoints and variants that a view may be compared with, under two titles; never itself."""
    task = task_of(engine, checkpoint).name
    fits = [(name, name) for name in checkpoints_of(engine, page) if task_of(engine, name).name == task]
    groups = {"Checkpoints": fits, f"{CheckpointName.read(checkpoint).base}, changed": own}
    return [
        {"title": title, "names": [pair for pair in pairs if pair[0] != checkpoint]} for title, pairs in groups.items()
    ]


def cards(engine: Engine, task: Task) -> list[dict[str, Any]]:
    """Return what was measured of all checkpoints of a task on generated held-out inputs, on which choices were made.

    Each with tests: what was measured on test inputs of the same size, on which nothing was chosen. Loops are numbers,
    or texts such as "needed+2" where every input has a number of its own; n inputs, intervals of 95 % where known.
    passes: what those of the checkpoint are called.
    """
    found = []
    for name in engine.names():
        checkpoint = engine.checkpoint(name)
        score = generated(checkpoint.info)
        if checkpoint.task.name == task.name and score:
            tests = [figures(one) for one in tested(checkpoint.info) if one.get("size") == score.get("size")]
            found.append({"name": name, "passes": checkpoint.passes, **figures(score), "tests": tests})
    return found


def figures(score: Score) -> dict[str, Any]:
    """Return the figures of a score that pages show."""
    score = with_interval(score)
    return {key: score[key] for key in ("loops", "accuracy", "n", "interval") if key in score}
