"""What does one layer of linear attention learn, when it is looped? Trained here, beside its closed form."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.questions.question import Asked, step
from looped.serving.message import Packed
from looped.theory.multistep import (
    FRESH,
    STEPS,
    Setting,
    best_step,
    chain_of_thought,
    diverging,
    errors,
    floor,
    learn,
    moments,
    one_loop_step,
    path,
    prompts,
    without_rotation,
)

TRAINED = (1, 2, 4, 8, 16)  # loops of training
BEYOND = 3  # times as many loops are looked at as the most that are trained
PLANE = Setting(dims=2, examples=10, loops=4)  # what is drawn as ways over the contours of the loss
WAYS = 16  # loops of them
PROMPT = 54  # seed of the prompt of the ways: its curvatures are 0.7 and 2.1


def ask_multistep(asked: Asked) -> Iterator[Packed]:
    """Train layers of linear attention for 1 to 16 loops, with one matrix and with one for each loop.

    Arrays: errors (2, 5, loops + 1) F32, the error by closed form on fresh prompts after every loop, of one matrix and
    of one for each loop, NaN where not trained yet; matrices (5, d, d) F32, those that are shared; best (5, 5) F32:
    the best constant step, its error at the trained loops, the least error of any steps, the error of the shared
    matrix without its rotation, and the mean of its diagonal; away (5) F32, the share of prompts on which the shared
    matrix runs away. Of a prompt with two weights: ways (4, 17, 2) F32, the weights after every loop by the best
    constant step, one matrix, one for each loop, and the tokens that a chain of thought with the one matrix writes;
    chain_apart () F32, how far these are at most from the way of the loop; ellipse (2, 3) F32: true weights and the
    angle of the contours' first axis, then the curvatures along both axes. Meta: trained, dims, examples, prompts,
    steps (of training), plane_loops, one_loop_step (by closed form); runs_away and turning_gains, of each of the
    five: whether the error of the shared matrix is larger at the last loop than at the trained one, and whether it is
    smaller with the rotation than without.
    """
    loops = BEYOND * TRAINED[-1]
    known = {
        "errors": np.full((2, len(TRAINED), loops + 1), np.nan),
        "matrices": np.full((len(TRAINED), Setting().dims, Setting().dims), np.nan),
        "best": np.full((5, len(TRAINED)), np.nan),
        "away": np.full(len(TRAINED), np.nan),
        "ways": np.full((4, WAYS + 1, 2), np.nan),
        "chain_apart": np.full((), np.nan),
        "ellipse": np.full((2, 3), np.nan),
    }
    second = moments(prompts(FRESH, Setting(), seed=1)[0])
    work = [(column, row) for column in range(len(TRAINED)) for row in (0, 1)]
    total = 2 * sum(TRAINED) + 2 * PLANE.loops  # work is as the loops that are run
    done = 0.0
    for column, row in work:
        setting = Setting(loops=TRAINED[column], timesteps=bool(row))
        for found in learn(setting, steps=STEPS):
            _add(known, second, column, row, found.matrices)
            yield _said(known, 0.99 * (done + setting.loops * found.steps / STEPS) / total)
        done += setting.loops
    for share in _ways(known):
        yield _said(known, 0.99 * (done + 2 * PLANE.loops * share) / total)
    yield _said(known, 1.0)


def _add(known: dict[str, np.ndarray], second: np.ndarray, column: int, row: int, matrices: np.ndarray) -> None:
    """Fill in what follows from matrices that were trained for TRAINED[column] loops; row 1: one for each loop."""
    loops = TRAINED[column]
    known["errors"][row, column] = errors(matrices, second, known["errors"].shape[-1] - 1)
    if row:
        return
    known["matrices"][column] = matrices[0]
    known["away"][column] = diverging(matrices[0], second)
    a = best_step(second, loops)
    straight = errors(without_rotation(matrices), second, loops)[-1]
    constant = errors(a * np.eye(second.shape[-1])[None], second, loops)[-1]
    diagonal = np.trace(matrices[0]) / len(matrices[0])
    known["best"][:, column] = a, constant, floor(second, loops), straight, diagonal


def _ways(known: dict[str, np.ndarray]) -> Iterator[float]:
    """Train on prompts with two weights, fill in the ways on one of them; yield the share of the work."""
    inputs, weights = (drawn[0] for drawn in prompts(1, PLANE, seed=PROMPT))
    own = moments(inputs[None])[0]
    curvatures, axes = np.linalg.eigh(own)
    angle = float(np.arctan2(axes[1, 0], axes[0, 0]))
    known["ellipse"][:] = [[*weights, angle], [*curvatures, 0.0]]
    step_size = best_step(moments(prompts(FRESH, PLANE, seed=1)[0]), PLANE.loops)
    known["ways"][0] = path(step_size * np.eye(2)[None], inputs, weights, WAYS)
    for row, timesteps in enumerate((False, True), 1):
        for found in learn(Setting(PLANE.dims, PLANE.examples, PLANE.loops, timesteps), steps=STEPS):
            known["ways"][row] = path(found.matrices, inputs, weights, WAYS)
            if not timesteps:
                loop, chain = known["ways"][row], chain_of_thought(found.matrices[0], inputs, weights, WAYS)
                known["ways"][3], known["chain_apart"][...] = chain, np.linalg.norm(chain - loop, axis=-1).max()
            yield (row - 1 + found.steps / STEPS) / 2


def _said(known: dict[str, np.ndarray], share: float) -> Packed:
    """Return a step of the answer."""
    setting = Setting()
    shared = known["errors"][0]
    own = shared[range(len(TRAINED)), TRAINED]
    return step(
        share,
        {name: array.astype(np.float32) for name, array in known.items()},
        trained=TRAINED,
        dims=setting.dims,
        examples=setting.examples,
        prompts=FRESH,
        steps=STEPS,
        plane_loops=PLANE.loops,
        runs_away=(shared[:, -1] > own).tolist(),
        turning_gains=(own < known["best"][3]).tolist(),
        one_loop_step=one_loop_step(setting),
    )
