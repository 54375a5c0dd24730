"""Questions that take more than a moment, asked of one input and a checkpoint: a share of the work done, and what is known so far.

Each is a generator of `{"arrays", "meta", "share"}`, ready for `looped.serving.message.pack`, that stops when nobody asks for the
next step; the last step has the share 1. What they compute is in `looped.lenses`; here it is only asked for and put in order.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.evaluate import HELD_OUT_SEED, read_puzzles, right_by_loop
from looped.lenses.attribution import WINDOW, ablation, agreement, integrated_gradients
from looped.lenses.basins import basins, endpoints, equivariance, sudoku_symmetries
from looped.lenses.fixed_point import local_lipschitz, loop_map, spectral_radius
from looped.lenses.halting import RULES, curve, survey
from looped.lenses.probes import fit, hidden_states, load, read, same_runs, save
from looped.lenses.rollout import rollout
from looped.lenses.sweep import Sweep, sweep_heads, sweep_positions
from looped.lenses.temperature import temperatures
from looped.lenses.wavefront import Table, wavefront
from looped.places import resource
from looped.runs.trace import record
from looped.serving.message import Packed
from looped.tasks.sudoku import logic as sudoku_logic
from looped.tasks.sudoku.task import BOXES
from looped.tasks.words.strings import FEW, Strings

AT_ONCE = 16  # loops that a heat map or a curve over loops is computed for, at most
TEMPERATURES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.5, 2.0, 4.0)
RUNS = 32  # of a basin, the plain one among them
BOARDS = 64  # held-out ones of a survey
PROBED = 96  # boards that probes are fitted to and tried on
PAIRS, ENTRIES = 128, 64  # pairs of words that probes are fitted to and tried on, and entries of the table of each
FRESH = 32  # held-out pairs on which the table's diagonals are tried
COUNT = 40  # pairs of each length
INPUTS, BATCH = 200, 25  # of a score by loops, and how many of them are run at a time
MINIMAL = resource("assets/sudoku9-minimal.txt")
CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "loopscope"
)  # of fitted probes, by the hash of the weights


@dataclass(frozen=True)
class Asked:
    """What a question is about."""

    checkpoint: Checkpoint
    tokens: np.ndarray  # (positions,) int64
    loops: int
    cell: int  # the chosen position
    loop: int  # 1 … loops, where the clock stands


def spread(loops: int, most: int = AT_ONCE) -> list[int]:
    """At most as many loops of range(loops), as evenly spread as possible, the last among them.

    >>> spread(6), spread(32, 4)
    ([0, 1, 2, 3, 4, 5], [0, 10, 21, 31])
    """
    return sorted({round(float(x)) for x in np.linspace(0, loops - 1, min(loops, most))})


def step(share: float, arrays: dict[str, np.ndarray], **meta: object) -> Packed:
    return {"share": share, "arrays": arrays, "meta": meta}


def variant(checkpoint: Checkpoint) -> str:
    """A name for the changes of a checkpoint, which may share its weights with the unchanged one."""
    return hashlib.sha256(checkpoint.name.partition("~")[2].encode()).hexdigest()[:12]


def ask_rollout(asked: Asked) -> Iterator[Packed]:
    """Attention rollout from before the first loop to every later state."""
    trace = record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False)
    yield step(1, {"rollout": rollout(trace.attention, trace.alpha1).astype(np.float16)})


def ask_spectrum(asked: Asked) -> Iterator[Packed]:
    """Spectral radius and local Lipschitz constant of the loop map, at states along the run."""
    model = asked.checkpoint.model
    trace = record(model, asked.tokens, asked.loops, verify=False)
    loops = spread(asked.loops)
    found = np.full((2, len(loops)), np.nan, np.float32)
    settled = np.zeros((2, len(loops)), np.uint8)
    for i, loop in enumerate(loops):
        for row, lens in enumerate((spectral_radius, local_lipschitz)):
            spectrum = lens([loop_map(model, asked.tokens, loop)], trace.hidden[loop : loop + 1])
            found[row, i], settled[row, i] = spectrum.value[0], spectrum.settled[0]
        yield step(
            (i + 1) / len(loops), {"radius": found.copy(), "settled": settled.copy(), "at": np.array(loops, np.uint16)}
        )


def ask_effect(asked: Asked, sweep: Callable[..., Iterator[Sweep]]) -> Iterator[Packed]:
    """How the answer in the chosen cell changes when one cell's state is put back to its start after one loop, or one head cut in it."""
    model = asked.checkpoint.model
    trace = record(model, asked.tokens, asked.loops, verify=False)
    loops = spread(asked.loops)
    for found in sweep(model, trace, asked.cell, loops=loops):
        arrays = {
            name: getattr(found, name).reshape(len(loops), -1).astype(np.float32)
            for name in ("margin", "probability", "changed")
        }
        yield step(
            found.done / found.total if found.total else 1,
            arrays | {"at": np.array(loops, np.uint16)},
            answer=int(trace.answers[-1, asked.cell]),
        )


def ask_halting(asked: Asked, minimal: bool) -> Iterator[Packed]:
    """Cost and accuracy of every exit rule over held-out boards, and of stopping everywhere after the same number of loops.

    `minimal` ones are the whole puzzle file of the repository, for sizes that have one.
    """
    task, model, data = asked.checkpoint.task, asked.checkpoint.model, asked.checkpoint.task.usual
    if minimal and task.name == "sudoku9":
        tokens, data = read_puzzles(MINIMAL, task), "no clue to spare"
    elif minimal:
        (tokens, _), data = task.sample(BOARDS, seed=7, split="held-out", minimal=True), "no clue to spare"
    else:
        tokens, _ = task.sample(BOARDS, seed=7, split="held-out")
    for seen in survey(model, tokens, task.right, asked.loops, task.asked(tokens)):
        done = seen.right.shape[1]
        arrays = {"fixed": seen.right.mean(1).astype(np.float32)}
        for i, rule in enumerate(RULES):
            along = curve(seen.watched[i], seen.right, rule.patience)
            arrays[f"rule{i}"] = np.stack([along.loops, along.accuracy]).astype(np.float32)
        yield step(done / len(tokens), arrays, runs=done, data=data, rules=[rule.name for rule in RULES])


def ask_basins(asked: Asked, noise: float) -> Iterator[Packed]:
    """Where the same input ends from noisy starts (noise above 0), or a board relabelled and turned (0): end points, votes, equivariance."""
    task, model = asked.checkpoint.task, asked.checkpoint.model
    symmetries = None if noise else sudoku_symmetries(BOXES[math.isqrt(len(asked.tokens))], RUNS - 1, seed=0)
    blanks = task.asked(asked.tokens)
    if not blanks.any():
        blanks = np.ones(len(asked.tokens), bool)
    small = np.min_scalar_type(task.vocab - 1)
    for found in basins(model, asked.tokens, task.right, RUNS, asked.loops, noise, symmetries=symmetries):
        ends, like = endpoints(found.answers, blanks), equivariance(found, blanks)
        first = [int((ends.which == end).argmax()) for end in range(len(ends.sizes))]  # a run of each end
        yield step(
            len(found.right) / RUNS,
            {
                "sizes": ends.sizes.astype(np.uint16),
                "ends": ends.distinct.astype(small),
                "ends_right": found.right[first].astype(np.uint8),
                "vote": ends.vote.astype(small),
                "agreement": ends.agreement.astype(np.float32),
                "same": like.same.astype(np.float32),
            },
            runs=len(found.right),
            right=int(found.right.sum()),
            plain_right=bool(found.right[0]),
            plain_end=int(ends.which[0]),
            vote_right=bool(task.right(asked.tokens[None], ends.vote[None])[0]),
            distance=float(like.distance[1:].mean()) if len(like.distance) > 1 else 0.0,
        )


def ask_temperature(asked: Asked) -> Iterator[Packed]:
    """The same weights with softmax(scores / temperature): what the answers share with those at temperature 1, and whether they are right."""
    task, blanks = asked.checkpoint.task, asked.checkpoint.task.asked(asked.tokens)
    plain = record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False).answers
    same = np.full((len(TEMPERATURES), asked.loops), np.nan, np.float32)
    right = np.zeros((len(TEMPERATURES), asked.loops), np.uint8)
    order = sorted(range(len(TEMPERATURES)), key=lambda i: abs(math.log(TEMPERATURES[i] or 0.1)))
    for done, i in enumerate(order, 1):
        found = temperatures(asked.checkpoint.model, asked.tokens, asked.loops, (TEMPERATURES[i],), task.right)
        assert found.right is not None
        same[i] = (found.answers[0] == plain)[:, blanks].mean(-1) if blanks.any() else 1
        right[i] = found.right[0]
        yield step(done / len(order), {"same": same.copy(), "right": right.copy()}, temperatures=TEMPERATURES)


def ask_clues(asked: Asked) -> Iterator[Packed]:
    """Which clues the answer in the chosen cell rests on at this loop: integrated gradients, ablation, and what they agree on.

    In place of a clue stands a blank, in place of a letter padding; the chosen letter is no exception, and its place is asked all the same.
    """
    model, tokens = asked.checkpoint.model, asked.tokens
    clues, given = np.full((2, len(tokens)), np.nan, np.float32), asked.checkpoint.task.clues(asked.tokens)
    if not given.any():
        raise ValueError("This board has no clue that an answer could rest on.")
    step_of = {"cell": asked.cell, "loop": asked.loop}
    for found in integrated_gradients(model, tokens, asked.cell, asked.loop, given):
        clues[0, found.givens] = found.scores
        meta = step_of | {
            "token": found.token,
            "output": found.output,
            "baseline": found.baseline,
            "error": found.error,
            "relative": None if math.isnan(found.relative) else found.relative,
            "window": min(WINDOW, asked.loop),
        }
        yield step(0.8 * found.done / found.total, {"clues": clues.copy()}, **meta, correlation=None, same=None)
    for without in ablation(model, tokens, asked.cell, asked.loop, given, found.token):
        clues[1, without.givens] = without.scores
        both = agreement(found.scores, without.scores) if without.done == without.total else None
        yield step(
            0.8 + 0.2 * without.done / without.total,
            {"clues": clues.copy()},
            **meta,
            correlation=both and (None if math.isnan(both.correlation) else both.correlation),
            same=both and both.same,
        )


def ask_probes(asked: Asked) -> Iterator[Packed]:
    """What linear probes read from the states of this board, loop by loop, and how far they can be trusted."""
    checkpoint, task, size = asked.checkpoint, asked.checkpoint.task, math.isqrt(len(asked.tokens))
    what = f"sudoku-{asked.loops}-{variant(checkpoint)}"
    probes = load(CACHE, checkpoint.sha256, what)
    if probes is None:
        puzzles, answers = task.sample(PROBED, seed=11, split="train")
        labels = np.concatenate(list(sudoku_logic.labels(puzzles, answers, size).values()), -1)
        for fitted in fit(hidden_states(checkpoint.model, puzzles, asked.loops), labels, groups=same_runs(puzzles)):
            if fitted.probes is None:
                yield step(0.98 * fitted.done / fitted.total, {})
            probes = fitted.probes
        assert probes is not None
        save(probes, CACHE, checkpoint.sha256, what)
    trace = record(checkpoint.model, asked.tokens, asked.loops, verify=False)
    arrays = {"accuracy": probes.accuracy, "control": probes.control, "baseline": probes.baseline}
    yield step(
        1,
        {name: array.astype(np.float32) for name, array in arrays.items()}
        | {"read": read(probes, trace.hidden).answers.astype(np.uint8)},
        fitted=int(probes.runs[0]),
        held_out=int(probes.runs[1]),
        samples=int(probes.samples[1]),
        data=task.usual,
    )


def entries(task: Strings, tokens: np.ndarray, most: int | None = None) -> Table:
    """The tables of tokens (pairs, positions), without the row and column of the empty word: all entries, or at most so many of each pair."""
    rng, half = np.random.default_rng(0), task.longest + 1
    tables = [task.table(*task.words(row))[1:, 1:] for row in tokens]
    wide = max(table.size for table in tables) if most is None else most
    places, numbers = np.zeros((len(tokens), wide, 2), np.int64), np.full((len(tokens), wide), -1)
    for pair, table in enumerate(tables):
        chosen = np.arange(table.size) if most is None else rng.permutation(table.size)[:most]
        i, j = np.divmod(chosen, table.shape[1])
        places[pair, : len(chosen), 0], places[pair, : len(chosen), 1] = i, half + j
        numbers[pair, : len(chosen)] = table[i, j]
    return Table(tokens, places, numbers)


def ask_wavefront(asked: Asked) -> Iterator[Packed]:
    """Which entries of the table can be read from the letters' states, loop by loop: of these words, and of fresh ones by anti-diagonal."""
    checkpoint, task = asked.checkpoint, asked.checkpoint.task
    assert isinstance(task, Strings)
    size, what = task.size, f"table-{asked.loops}-{PAIRS}-{ENTRIES}-{variant(checkpoint)}"
    fitted = entries(task, task.sample(PAIRS, seed=11, split="train", letters=(size // 2, size))[0], ENTRIES)
    fresh = entries(task, task.sample(FRESH, seed=12, split="held-out", letters=(size, size))[0])
    probes = load(CACHE, checkpoint.sha256, what)
    known = probes is not None
    diagonal = np.add.outer(np.arange(size), np.arange(size)).ravel()
    n, m = map(len, task.words(asked.tokens))
    for found in wavefront(checkpoint.model, fitted, fresh, entries(task, asked.tokens[None]), asked.loops, probes):
        right = found.right.mean(0)  # (entries, loops + 1)
        arrays: dict[str, np.ndarray] = {
            "accuracy": found.accuracy.astype(np.float32),
            "control": found.control.astype(np.float32),
            "diagonals": np.stack([right[diagonal == d].mean(0) for d in range(2 * size - 1)]).astype(np.float32),
            "read": found.read.reshape(-1, n, m).astype(np.int16),
        }
        if found.probes is None:
            yield step(found.share, arrays)
            continue
        if not known:
            save(found.probes, CACHE, checkpoint.sha256, what)
        yield step(
            1,
            arrays,
            baseline=float(found.probes.baseline[0]),
            fitted=int(found.probes.runs[0]),
            held_out=int(found.probes.runs[1]),
            samples=int(found.probes.samples[1]),
            fresh=FRESH,
            data=f"{size // 2} to {size} letters",
        )


def ask_lengths(asked: Asked) -> Iterator[Packed]:
    """How many answers are right after every loop, by the length of the words: both have so many letters, up to the longest that can be read."""
    task, model = asked.checkpoint.task, asked.checkpoint.model
    assert isinstance(task, Strings)
    lengths = list(range(2, task.longest + 1))
    right = np.full((len(lengths), asked.loops), np.nan, np.float32)
    for row, letters in enumerate(lengths):
        split = "held-out" if 2 * letters > FEW else None  # of shorter pairs nothing is held out
        tokens, _ = task.sample(COUNT, seed=13, split=split, letters=(letters, letters))
        right[row] = right_by_loop(model, task, tokens, range(1, asked.loops + 1)).mean(1)
        yield step((row + 1) / len(lengths), {"right": right.copy()}, lengths=lengths, count=COUNT, trained=task.size)


def ask_scaling(asked: Asked) -> Iterator[Packed]:
    """How many answers to held-out inputs are right after every loop: the first of those that `looped.catalogue.evaluate` measures."""
    task = asked.checkpoint.task
    tokens, _ = task.sample(INPUTS, seed=HELD_OUT_SEED, split="held-out")
    right = np.zeros(asked.loops)
    for done in range(BATCH, INPUTS + 1, BATCH):
        right += right_by_loop(
            asked.checkpoint.model, task, tokens[done - BATCH : done], range(1, asked.loops + 1)
        ).sum(1)
        yield step(done / INPUTS, {"accuracy": (right / done).astype(np.float32)}, runs=done, data=task.usual)


@dataclass(frozen=True)
class Question:
    ask: Callable[[Asked], Iterator[Packed]]
    cell: bool = False  # the answer depends on the chosen cell
    loop: bool = False  # and on where the clock stands
    board: bool = True  # and on what is asked of the model, not of the model alone
    looped: bool = False  # needs a loop: the blocks of a standard transformer are applied once each
    kinds: tuple[str, ...] = (
        "sudoku",
        "words",
        "countdown",
    )  # the kinds of tasks that it can be asked of, as `Task.kind` says


QUESTIONS = {
    "rollout": Question(ask_rollout),
    "spectrum": Question(ask_spectrum, looped=True),
    "cells": Question(partial(ask_effect, sweep=sweep_positions), cell=True, looped=True),
    "heads": Question(partial(ask_effect, sweep=sweep_heads), cell=True),
    "exits": Question(partial(ask_halting, minimal=False), board=False, looped=True),
    "exits_minimal": Question(partial(ask_halting, minimal=True), board=False, looped=True, kinds=("sudoku",)),
    "turns": Question(partial(ask_basins, noise=0.0), kinds=("sudoku",)),
    "noise": Question(partial(ask_basins, noise=1.0), looped=True),
    "temperature": Question(ask_temperature),
    "clues": Question(ask_clues, cell=True, loop=True),
    "probes": Question(ask_probes, kinds=("sudoku",)),
    "wavefront": Question(ask_wavefront, kinds=("words",)),
    "lengths": Question(ask_lengths, board=False, kinds=("words",)),
    "scaling": Question(ask_scaling, board=False),
}
