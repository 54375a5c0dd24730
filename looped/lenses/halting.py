"""When would eight exit rules have stopped a run, and what cost and accuracy does each have over many runs?

A rule watches one number, which falls as the model makes up its mind, and stops after the first loop at which it has
been at most the threshold for `patience` loops in a row. Huginn's authors (arXiv 2502.05171) exit on changes of
entropy, of the latent state and of the distribution, and on an answer that stays; stopping at high confidence is from
Fan et al. (arXiv 2409.15647). Thresholds of the first, second, fourth and fifth are those of Huginn's released code,
which has entropy and divergence in nats and one token to decide on. The second difference, small where steps neither
shrink nor turn, is from arXiv 2509.23314 and has the threshold of the latent change here; answers that are those of two
loops before, at rest or in a swing, are what small Sudoku solvers stop at (chenglou/sotaku).

`peak` asks what the most confident loop of a run would have answered. That is no rule: it is known when the run is
over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from looped.model import LoopedModel
from looped.model.interventions import exchanged
from looped.model.seam import device_of
from looped.runs.needs import LOGITS
from looped.runs.numerics import relative_residual

NEEDS = LOGITS


class Rule(NamedTuple):
    """A rule that stops a run as soon as what it watches has been at most `threshold` for `patience` loops in a row."""

    name: str
    watches: str  # in words, with its unit; means are over the positions that are asked about
    threshold: float
    patience: int = 1


RULES = (
    Rule("entropy change", "|H[t] − H[t−1]|, mean, in bits", 1e-3),
    Rule("latent change", "‖h[t] − h[t−1]‖ / ‖h[t−1]‖", 0.03),
    Rule("cosine", "1 − cosine of h[t] and h[t−1]", 5e-4),
    Rule("KL", "KL(p[t−1] ‖ p[t]), mean, in bits", 5e-4),
    Rule("argmax stability", "share of answers that changed", 0.0, 5),
    Rule("confidence", "1 − largest probability, mean", 0.01),
    Rule("second difference", "‖h[t] − 2 h[t−1] + h[t−2]‖ / ‖h[t−1]‖", 0.03),
    Rule("two-cycle", "share of answers unlike those two loops before", 0.0, 2),
)


class Halting(NamedTuple):
    """What each rule would have done on one run; the first axis is the rule, in the order in which they were given."""

    watched: np.ndarray  # (rules, loops) the number that the rule watches after each loop; NaN where it is undefined
    stopped: np.ndarray  # (rules,) bool; False: the rule never stops and the run goes to its end
    exit: np.ndarray  # (rules,) int64, after how many loops it stops, 1 … loops
    saved: np.ndarray  # (rules,) int64, loops that it saves
    right: np.ndarray | None  # (rules,) bool, whether the answer it stops with is right; None when that was not given


class Survey(NamedTuple):
    """What the rules watch in many runs: those that are done so far."""

    watched: np.ndarray  # (8, loops, runs) float32, in the order of RULES
    right: np.ndarray  # (loops, runs) bool, whether the answer is right after each loop


class Curve(NamedTuple):
    """A rule's cost and accuracy at each threshold, from the one that never stops to the one that stops at once."""

    thresholds: np.ndarray  # (thresholds,)
    loops: np.ndarray  # (thresholds,) mean number of loops that are run
    accuracy: np.ndarray  # (thresholds,) share of runs that are right when they stop


def halting(
    hidden: np.ndarray,
    logits: np.ndarray,
    right: np.ndarray | None = None,
    asked: np.ndarray | None = None,
    rules: Sequence[Rule] = RULES,
) -> Halting:
    """Apply each rule to a run of hidden (loops + 1, positions, d_model) and logits (loops, positions, vocab).

    `right` (loops,) bool says whether the answer after each loop is right. `asked`, a mask or indices of positions,
    are those whose readout counts (all when not given): in a Sudoku the blanks, for nothing was learned of the
    others. `rules` are some of RULES, with any threshold and patience (`RULES[0]._replace(threshold=…)`).

    >>> hidden = np.array([1.0, 2.0, 2.0, 2.5])[:, None, None]
    >>> logits = np.log([[[0.5, 0.5]], [[0.9, 0.1]], [[0.9, 0.1]]])
    >>> h = halting(hidden, logits, right=np.array([False, True, True]), rules=RULES[:2])
    >>> h.watched[1].tolist(), h.exit.tolist(), h.saved.tolist(), h.right.tolist()
    ([1.0, 0.0, 0.25], [3, 2], [0, 1], [True, True])
    """
    read = torch.tensor(logits[:, slice(None) if asked is None else asked])
    states = torch.tensor(hidden)
    mask = torch.ones(read.shape[:2], dtype=torch.bool)
    nothing = torch.full_like(read[:1], torch.nan)  # the readout of h[0] is not part of a run
    unknown = torch.full_like(states[:1], torch.nan)  # nor is there a state before it
    told = torch.cat([nothing, nothing, read])
    past = torch.cat([unknown, states])
    every = _watch((past[:-2], past[1:-1], past[2:]), (told[:-2], told[1:-1], told[2:]), mask).numpy()
    names = [rule.name for rule in RULES]
    watched = np.stack([every[names.index(rule.name)] for rule in rules])
    exit = np.array(
        [exits(values[:, None], rule.threshold, rule.patience)[0] for values, rule in zip(watched, rules, strict=True)]
    )
    loops = len(logits)
    stopped = exit <= loops
    exit = exit.clip(max=loops)
    return Halting(watched, stopped, exit, loops - exit, None if right is None else right[exit - 1])


def best(found: Halting) -> int | None:
    """Find the rule that stops first with a right answer: its index; None where none does, or where that is not known.

    >>> both = np.array([True, True])
    >>> best(Halting(np.zeros((2, 3)), stopped=both, exit=np.array([3, 2]), saved=np.array([0, 1]), right=both))
    1
    """
    if found.right is None:
        return None
    good = np.flatnonzero(found.stopped & found.right)
    return int(good[found.exit[good].argmin()]) if len(good) else None


def peak(doubt: np.ndarray) -> np.ndarray:
    """Find the loop at which each run is most confident: doubt (loops, runs), which "confidence" watches → (runs,).

    The first of several; loops count from 1.

    >>> peak(np.array([[0.5], [0.1], [0.3], [0.1]])).tolist()
    [2]
    """
    found: np.ndarray = np.where(np.isnan(doubt), np.inf, doubt).argmin(0) + 1
    return found


def exits(watched: np.ndarray, threshold: float, patience: int = 1) -> np.ndarray:
    """Find the loop after which each run stops: watched (loops, runs) → (runs,) int64; loops + 1 where it never does.

    >>> exits(np.array([[0.5], [0.1], [0.3], [0.1], [0.1]]), threshold=0.2, patience=2).tolist()
    [5]
    """
    met = _lasting(watched, patience) <= threshold
    first: np.ndarray = np.where(met.any(0), met.argmax(0), len(met)) + 1
    return first


def curve(watched: np.ndarray, right: np.ndarray, patience: int = 1, points: int = 50) -> Curve:
    """Compute cost and accuracy of one rule as its threshold varies: watched (loops, runs), right (loops, runs) bool.

    Thresholds are −∞ and up to `points` of the values that make a difference, evenly spread among them. Beside the
    curve belongs right.mean(1), the accuracy of stopping everywhere after the same number of loops: only what lies
    above that is worth a rule.

    >>> watched, right = np.array([[0.1, 0.9], [0.1, 0.1]]), np.array([[True, False], [True, True]])
    >>> c = curve(watched, right)
    >>> c.loops.tolist(), c.accuracy.tolist()
    ([2.0, 1.5, 1.0], [1.0, 1.0, 0.5])
    """
    loops, runs = watched.shape
    lowest = np.fmin.accumulate(_lasting(watched, patience))  # a run has stopped once this is at most the threshold
    lowest = np.where(np.isnan(lowest), np.inf, lowest)
    values = np.unique(lowest[np.isfinite(lowest)])
    chosen = np.unique(np.linspace(0, len(values) - 1, min(points, len(values))).round().astype(int))
    thresholds = np.concatenate([[-np.inf], values[chosen]])
    exit = np.stack([(lowest > threshold).sum(0) for threshold in thresholds]).clip(
        max=loops - 1
    )  # as an index of loops
    return Curve(thresholds, exit.mean(1) + 1, right[exit, np.arange(runs)].mean(1))


class Cheapest(NamedTuple):
    """The rule that is as good as the whole run at the least cost."""

    rule: int  # its index
    loops: float  # mean number of loops that it runs
    everywhere: int  # loops after which stopping everywhere is as good
    threshold: float  # of the rule there; −∞: it never stops


def cheapest(curves: Sequence[Curve], fixed: np.ndarray) -> Cheapest:
    """Find the least mean number of loops at which a rule is as often right as the whole run.

    `fixed` (loops,) is the share of runs that are right after each number of loops. A rule that never stops runs all
    loops, so every curve of `curve` has such a point.

    >>> curves = [Curve(np.array([-np.inf, 1]), np.array([4.0, 2.0]), np.array([0.5, 0.5]))]
    >>> cheapest(curves, np.array([0.0, 0.25, 0.5, 0.5]))
    Cheapest(rule=0, loops=2.0, everywhere=3, threshold=1.0)
    """
    return least(curves, [one.accuracy >= fixed[-1] for one in curves], fixed >= fixed[-1])


def least(curves: Sequence[Curve], good: Sequence[np.ndarray], everywhere: np.ndarray) -> Cheapest:
    """Find the least mean number of loops among the thresholds of curves that are good enough.

    good (thresholds,) bool of each curve; everywhere (loops,) bool says the same of stopping everywhere after so many.
    """
    costs = [np.where(enough, one.loops, np.inf) for one, enough in zip(curves, good, strict=True)]
    rule = int(np.argmin([cost.min() for cost in costs]))
    at = int(costs[rule].argmin())
    return Cheapest(rule, float(costs[rule][at]), int(everywhere.argmax()) + 1, float(curves[rule].thresholds[at]))


def saved(watched: np.ndarray, rule: Rule, found: Cheapest) -> np.ndarray:
    """Return how many loops each run saves by a rule at its threshold, against stopping everywhere: (runs,).

    watched (loops, runs) is what `rule`, that of `found`, watches.

    >>> saved(np.array([[0.1, 0.9], [0.1, 0.1]]), Rule("r", "x", 0), Cheapest(0, 1.5, 2, 0.5)).tolist()
    [1, 0]
    """
    return found.everywhere - exits(watched, found.threshold, rule.patience).clip(max=len(watched))


@torch.inference_mode()
def survey(
    model: LoopedModel,
    tokens: np.ndarray,
    right: Callable[[np.ndarray, np.ndarray], np.ndarray],
    loops: int | None = None,
    asked: np.ndarray | None = None,
    batch: int = 8,
) -> Iterator[Survey]:
    """Run tokens (runs, positions) and keep what the rules watch: yield all runs so far after each batch.

    `right` takes tokens and answers, (count, positions) both, and says (count,) which are right, as a task's does;
    `asked` (runs, positions) bool are the positions whose readout counts. No more than three states of a batch are held
    at a time.
    """
    device = device_of(model)
    asked = np.ones(tokens.shape, bool) if asked is None else asked
    parts: list[Survey] = []
    for first in range(0, len(tokens), batch):
        part = tokens[first : first + batch].astype(np.int64)
        mask = torch.as_tensor(asked[first : first + batch], device=device)
        watched, good = [], []
        before: list[tuple[Tensor, Tensor]] = []  # states and readouts of the last two loops
        for state in model.unroll(torch.as_tensor(part, device=device), loops):
            logits = model.readout(state.hidden)
            if not before:
                logits = torch.full_like(logits, torch.nan)
                before = [(torch.full_like(state.hidden, torch.nan), logits)]
            else:
                (h0, said0), (h1, said1) = before
                watched.append(_watch((h0, h1, state.hidden), (said0, said1, logits), mask).float().cpu().numpy())
                given = exchanged(part, state.loop - 1, model.standing_interventions)
                good.append(right(given, logits.argmax(-1).cpu().numpy()))
            before = [before[-1], (state.hidden, logits)]
        parts.append(Survey(np.stack(watched, 1), np.stack(good)))
        yield Survey(*(np.concatenate(kept, -1) for kept in zip(*parts, strict=True)))


def _watch(states: tuple[Tensor, Tensor, Tensor], logits: tuple[Tensor, Tensor, Tensor], asked: Tensor) -> Tensor:
    """Return what the eight rules watch in a loop: (8, batch).

    The states (batch, positions, d_model) two loops before, before it and after it, their logits (batch, positions,
    vocab), NaN where there are none; asked (batch, positions) bool.
    """
    (earlier, h0, h1), (logits_earlier, logits0, logits1) = states, logits
    p0, p1 = (logits.float().log_softmax(-1) for logits in (logits0, logits1))

    def mean(values: Tensor) -> Tensor:
        return (values.float() * asked).sum(-1) / asked.sum(-1)

    def bits(weights: Tensor, logs: Tensor) -> Tensor:  # 0 · log 0 = 0
        return torch.where(weights == 0, 0, weights * logs).sum(-1) / math.log(2)

    before, after = h0.flatten(1).float(), h1.flatten(1).float()

    def changed(since: Tensor) -> Tensor:
        differ = (since.argmax(-1) != logits1.argmax(-1)).float()
        return mean(torch.where(since.isnan().any(-1), torch.nan, differ))

    turned = (after - 2 * before + earlier.flatten(1).float()).norm(dim=-1)
    watched: Tensor = torch.stack(
        [
            mean((bits(p1.exp(), p1) - bits(p0.exp(), p0)).abs()),
            relative_residual(before, after),
            1 - (before * after).sum(-1) / (before.norm(dim=-1) * after.norm(dim=-1)),
            mean(bits(p0.exp(), p0 - p1)),
            changed(logits0),
            1 - mean(p1.amax(-1).exp()),
            torch.where(before.norm(dim=-1) > 0, turned / before.norm(dim=-1), torch.nan),
            changed(logits_earlier),
        ]
    )
    return watched


def _lasting(watched: np.ndarray, patience: int) -> np.ndarray:
    """Return the largest value of the last `patience` loops, (loops, runs); NaN in the first patience − 1 loops."""
    if patience < 1:
        raise ValueError(f"patience is {patience}; it must be at least one loop.")
    lasting = np.full(watched.shape, np.nan, watched.dtype)
    if patience <= len(watched):
        windows = np.lib.stride_tricks.sliding_window_view(watched, patience, axis=0)
        lasting[patience - 1 :] = windows.max(-1)
    return lasting
