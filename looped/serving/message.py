"""The data of the microscope page: runs and what the lenses say of them, packed for the browser.

The bytes are a safetensors file (a typed header, then raw arrays), whose metadata `meta` is JSON for everything that
is not an array. The browser decodes, scales, draws and chooses words; whatever is a statement about a model is
computed here, by a lens. Each array travels in the smallest type that does not change what is seen:

    attention and shares of it      uint8, square-root steps: weight = (q / 255)²; the error is below 0.4 % of one,
                                    and least for small weights
    probabilities                   float16, relative error below 0.05 % for all above 0.0001
    entropy, cosines, distances     float16
    trajectory                      int16, scales int8: whole multiples of a step, which is in `meta`
    tokens, positions, ranks        uint8, or uint16 where there are more than 256
    loops and counts                uint16
    rules                           float16, shares
    residuals and the rest          float32

Every array, its shape, unit and meaning:

    L loops, n positions, V tokens, Y layers, H heads, d width. Entry t − 1 of an axis L belongs to the state after t
    loops; an axis L + 1 begins before the first loop. Where there are H + 1 heads, the last is the mean of all.

    tokens (n), or vectors (n, …)   the input
    asked (n)                       whether an answer is asked there
    truth (q)                       of the asked positions, where numbers are asked: what is true, NaN where unknown
    method_predictions (M, q)       what other methods predict there; their names are "methods" in the message
    error (L), method_errors (M)    mean squared error over the variance of y; method_exact (M): it is rounding alone
    moved (L), still (L)            by how much a loop changed the predictions; whether by rounding alone
    method_apart (M, L)             mean squared difference between the predictions and those of each method;
                                    nearest (L): the method with the least
    predictions (L, n, …)           of a model that answers with numbers, in place of all that follows up to `readable`
    answers, runner_up (L, n)       tokens with the largest and second largest logit
    probabilities (L, n, V)         softmax of the logits
    tied (L, n)                     how many tokens have the largest probability; left out where it is always one
    entropy (L, n)                  bits, of the readout
    ranks (L, n)                    of the last loop's answer, from 1
    flips (L, n)                    how often the answer has changed so far; 0 where nothing is asked
    settled (n)                     loops after which the answer never changed again; 1 where nothing is asked
    unsettled (n)                   whether the run is too short to call the answer settled (readout.settling)
    right (L)                       whether the whole answer is right
    doubtful, wrong (L)             asked answers below a probability of 0.5; those that differ from the one solution
    ends_wrong (n)                  whether the last answer differs from the one solution; 0 where nothing is asked
    givens, solutions (L, n)        where digits were exchanged: what was given in each loop, and its one solution
                                    (`looped.serving.rejudged`)
    conflicts (L, n)                whether the token stands a second time in a group of the position
    whole (4, L)                    asked positions: mean entropy in bits, mean rank, changed and settled answers
    readable (n, 9)                 the tokens that a readout is drawn for, where there are too many to draw all
    descent_distance (M, L, S + 1)  root mean square between the predictions of each loop and of each step of a method;
                                    descent_nearest (M, L): the nearest step, −1 for none; methods in meta.descent
    blank_read (n)                  of a board: whether token 0 is the answer of any loop
    attention (L, Y, H, n, n)       [..., i, j] is how much i attends to j; with neighbours (n, K) it is (…, n, K), how
                                    much to each of these positions, −1 for none
    strongest (L, Y, H, n)          the position attended to most
    strongest_head (L, Y, n)        the head with the largest of these weights
    strongest_ties (L, Y, H + 1, n) how many weights are as large as that of strongest; the last of all heads
    even (n)                        what each weight is when a position spreads its attention evenly
    near (L, Y, H + 1, n)           share of attention that stays in the position's groups; near_even (n): spread evenly
    unseen (L, Y, H + 1, n)         share of attention to positions that are not drawn
    reach_distance (n, K)           of points of a space: how far each neighbour is
    reach_share, _mean (L, Y, H + 1, n), reach_even, _equal (n): attention to known points; `looped.lenses.reach`
    rules (R, L, Y, H)              share of attention by rule; rules_even (R, L): spread evenly
    rules_most (L, Y, H + 1, 2)     [head, rule] with the largest lift; the last entry is over all heads; −1 for none
    across (2, 3, L, Y, H + 1)      two words, both directions: share that goes across, share of it that joins equal
                                    letters, the largest weight
    across_most (2, L, Y, H + 1, 2) the letters that the largest weight joins
    trajectory (L + 1, n, 6)        principal components, in steps of meta.trajectory_step
    distances (L + 1, n)            log10 of the distance to the end
    nearer (L + 1)                  positions that are ten times nearer to their end than at first
    residual_absolute, _relative (L), residual_cell (L, n)
    length (L)                      ‖h[t]‖ of the whole state after each loop
    wrote, wrote_share (L, B)       size of what each branch of the block adds, and its share of all that they add
    injected (L)                    size of the embedded input that is added to the state
    trend, trend_loop (L)           kind of `looped.lenses.residual.Trend`, and the loop compared with
    steps (3, L)                    cosine, contraction and two loops of `looped.lenses.fixed_point.Steps`
    stops (rules)                   loop at which each exit rule stops; meta.halting says the rest, and halting_best
                                    which rule is right first, or of numbers stops first
    scales (L, Y, W, d)             in steps of meta.scales_step; strengths (L, Y, W): root mean square; the W vectors
                                    are those of meta.vectors, in a transformer's block α1, α2, γ1, γ2
    alike (1 + W Y, L (L + 1) / 2)  cosines between loops of TE, then of these vectors of every layer: lower triangle,
                                    one row behind the other
    alike_mean (1 + W Y, L)         the mean over all other loops; turns_most (L, Y): its least, 255 for none
    claims (L, Y, n, D, 4)          share of each candidate in its cell, row, column and box, the mean over contests;
                                    claims_most (L, Y, n, 4): the digits of a place with the largest, bit d − 1 for d
    field_moved (L, n, D)           how much the state of each candidate moved; field_most (L): the digits that moved
                                    most, as bits, and field_mean (L, D): how much each digit's did
    differ (clock, n)               whether two runs that are compared answer differently
    round (L)                       the round of each loop, from 1, of R in all; then there are no `steps`
    sets (R, n, D), guessed (R, n)  which candidates are left in a round; the number of a guess that stands, from 1
    conflict (L)                    the probability of a conflict that the net tells; meta.rounds: a sentence a round
    way (L, steps)                  node of meta.tree that the first equations of the answer lead to, −1 for none
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from safetensors.numpy import save

from looped import lenses
from looped.lenses import attention as attending
from looped.lenses import readout as reading
from looped.lenses import ways
from looped.lenses.branches import branches
from looped.lenses.contests import claims, fields
from looped.lenses.divergence import divergence, prolonged
from looped.lenses.fixed_point import overthinking, steps
from looped.lenses.halting import RULES, Halting, best, halting, peak
from looped.lenses.halting_numbers import RULES as NUMBER_RULES
from looped.lenses.halting_numbers import halting_numbers
from looped.lenses.reach import reach
from looped.lenses.residual import lengths, residual, trend
from looped.lenses.rules import Rules, conflicts, most_lift, neighbours, rule_shares
from looped.lenses.solver import solver_view
from looped.lenses.timestep import alike, strengths, vectors
from looped.lenses.trajectory import distances, nearer, trajectories, trajectory
from looped.runs.numerics import largest
from looped.runs.together import CLOSE
from looped.runs.trace import Trace
from looped.serving.stored import as_bits, below_one, least, quantise, stepped

Packed = dict[str, Any]
Arrays = dict[str, np.ndarray]
Meta = dict[str, Any]
ALIKE = 0.005  # numbers that differ by less are written with the same two decimals
COMPONENTS = 6  # principal components: a plane, a space, and three planes of orbits


class Letters(NamedTuple):
    """Where the letters of two words stand, and which are the same."""

    first: np.ndarray  # (a,) positions
    second: np.ndarray  # (b,) positions
    equal: np.ndarray  # (a, b) bool


class Points(NamedTuple):
    """Where the positions of an input stand in a space."""

    at: np.ndarray  # (positions, coordinates)
    known: np.ndarray  # (positions,) bool, those on which an answer can rest


class Ways(NamedTuple):
    """All ways to solve a problem that are drawn, and which steps the model's answers consist of, each as a text."""

    all: Sequence[Sequence[str]]
    own: Sequence[Sequence[str]]  # one for each loop


@dataclass(frozen=True)
class Facts:
    """What the task says of one run. What needs a fact that is not there is left out of the message."""

    rules: Rules | None = None  # `looped.lenses.rules`
    right: np.ndarray | None = None  # (loops,) bool, whether the answer after each loop is right
    asked: np.ndarray | None = None  # (positions,) bool, where an answer is asked; everywhere when not given
    groups: np.ndarray | None = None  # (groups, size) positions among which a token may stand once
    undrawn: np.ndarray | None = None  # (positions,) bool, True for positions that are not drawn
    letters: Letters | None = None
    ways: Ways | None = None
    many: bool = False  # there are too many tokens to draw a readout of all
    points: Points | None = None
    board: bool = False  # drawn as one board, whose readout leaves out token 0 unless it is ever the answer


def pack_trace(trace: Trace, facts: Facts | None = None) -> Packed:
    """Compute the arrays of a trace that the page draws, ready for `pack`, and under "meta" what goes with them.

    "kept" holds what is needed later and not sent.
    """
    facts = facts or Facts()
    positions = len(trace.input)
    asked = np.ones(positions, bool) if facts.asked is None else facts.asked
    where = asked if asked.any() else np.ones(positions, bool)  # means are over all where nothing is asked
    parts = [
        _input(trace, facts, asked),
        _answers(trace, facts, asked, where),
        _movement(trace),
        _branches(trace),
        _attention(trace, facts, where),
        _exits(trace, facts, where),
        _timesteps(trace),
        _contests(trace),
        _ways(facts),
    ]
    arrays: Arrays = {}
    meta: Meta = {}
    for part, about in parts:
        arrays |= part
        meta |= about
    meta["missing"] = {name: why for name, why in missing(trace).items() if name not in arrays}
    apart = np.array([trace.difference, trace.faithful], np.float64)  # read by `drift`
    return {"arrays": arrays, "meta": meta, "kept": {"hidden": trace.states, "scales": vectors(trace), "drift": apart}}


def _input(trace: Trace, facts: Facts, asked: np.ndarray) -> tuple[Arrays, Meta]:
    """Pack what was put in, and the sizes of the run."""
    right = np.zeros(trace.loops, bool) if facts.right is None else facts.right
    arrays = {"asked": asked.astype(np.uint8), "right": right.astype(np.uint8)}
    if trace.input_name == "tokens":
        arrays["tokens"] = least(trace.tokens)
    else:
        arrays["vectors"] = trace.vectors.astype(np.float32)
    some = bool(asked.any())
    found, lost = reading.outcome(right), overthinking(at_ends(right, trace.rounds))
    meta = {
        "loops": trace.loops,
        "complete": trace.complete,
        "first_right": found.first if some else None,
        "right_since": found.since if some else None,
        "overthinking": lost._asdict() if lost is not None and some else None,
    }
    return arrays, meta


def at_ends(right: np.ndarray, begins: np.ndarray | None) -> np.ndarray:
    """Return whether each answer is right, (loops,), where there are rounds that of the last round that has ended.

    What the first loops of a round do not know yet is not lost.

    >>> at_ends(np.array([False, True, False, True, True, False]), np.array([1, 0, 1, 0, 1, 0], bool)).tolist()
    [False, True, True, True, True, False]
    """
    if begins is None:
        return right
    ends = np.append(begins[1:], True)
    last = np.maximum.accumulate(np.where(ends, np.arange(len(right)), -1))
    found: np.ndarray = np.where(last >= 0, right[last], False)
    return found


def _answers(trace: Trace, facts: Facts, asked: np.ndarray, where: np.ndarray) -> tuple[Arrays, Meta]:
    """Pack the readout: answers among tokens or classes, or predicted numbers."""
    if trace.output_kind == "numbers":
        return {"predictions": trace.predictions.astype(np.float32)}, {}
    read, sure = reading.readout(trace.logits, trace.complete), reading.certainty(trace.logits)
    together = reading.summed(read, sure, where)
    settled, flips = np.where(asked, read.settled, 1), np.where(asked, sure.flips, 0)
    arrays: Arrays = {
        "answers": least(read.answers),  # which 16 bits of the probabilities do not tell when two are all but equal
        "runner_up": least(sure.runner_up),
        "probabilities": below_one(sure.probabilities),
        "entropy": sure.entropy.astype(np.float16),
        "ranks": least(sure.rank),
        "flips": least(flips),
        "settled": settled.astype(np.uint16),
        "unsettled": (asked & read.unsettled).astype(np.uint8),
        "doubtful": reading.unsure(read, asked).astype(np.uint16),
        "whole": np.stack([together.entropy, together.rank, together.flips, together.settled]).astype(np.float32),
    }
    if facts.groups is not None and trace.input_name == "tokens":
        shown = np.where(asked, read.answers, trace.tokens)
        arrays["conflicts"] = conflicts(shown, facts.groups).astype(np.uint8)
    tied = largest(sure.probabilities).sum(-1)
    if (tied > 1).any():
        arrays["tied"] = least(tied)
    if facts.many:
        arrays["readable"] = least(reading.readable(trace.logits))
    if facts.board:
        arrays["blank_read"] = reading.ever(read.answers, 0).astype(np.uint8)
    meta = {
        "settled": int(settled.max()),
        "unsettled": int((asked & read.unsettled).sum()),
        "quiet": reading.quiet(trace.loops, trace.complete),
        "moving": bool((read.changed[-1] & asked).any()),
    }
    return arrays, meta


LENSES = {  # arrays that some panel needs → the lens that makes them
    "attention": "attention",
    "rules": "rules",
    "probabilities": "readout",
    "answers": "readout",
    "whole": "readout",
    "stops": "halting",
    "steps": "fixed_point",
    "scales": "timestep",
    "alike": "timestep",
    "claims": "contests",
}


def missing(trace: Trace) -> dict[str, str]:
    """Return why the run of this model cannot have some arrays: name → one sentence, for panels without them."""
    found = {name: getattr(lenses, lens).NEEDS.missing(trace, "this panel") for name, lens in LENSES.items()}
    return {name: f"There is nothing to draw: {reason}" for name, reason in found.items() if reason is not None}


def _movement(trace: Trace) -> tuple[Arrays, Meta]:
    """Pack how the hidden states move."""
    states = trace.states  # of places: what is drawn
    moved, path = residual(states, trace.anew), trajectory(states, COMPONENTS)
    along, logs = trend(moved, trace.anew), distances(states)
    arrays: Arrays = {
        "distances": logs.astype(np.float16),
        "nearer": nearer(logs).astype(np.uint16),
        "residual_absolute": moved.absolute.astype(np.float32),
        "residual_relative": moved.relative.astype(np.float32),
        "residual_cell": moved.per_position.astype(np.float32),
        "length": lengths(states)[1:].astype(np.float32),
        "trend": along.kind.astype(np.uint8),
        "trend_loop": along.compared.astype(np.uint16),
    }
    if trace.rounds is None:  # a search changes its map from round to round, and its state where it goes back
        whole_run = steps(states, moved)
        arrays["steps"] = np.stack([whole_run.cosine, whole_run.contraction, whole_run.two_loops]).astype(np.float32)
    points, about = _path(path.points, path.explained)
    start = {"zero_start": bool(not states[0].any()), "start_length": float(lengths(states)[0])}
    return arrays | points, about | start


def _branches(trace: Trace) -> tuple[Arrays, Meta]:
    """Pack what each branch of the block and the injected input add to the state, where the model observes it."""
    arrays: Arrays = {}
    if "wrote" in trace.observed:
        found = branches(trace.observed["wrote"])
        arrays |= {"wrote": found.size.astype(np.float32), "wrote_share": found.share.astype(np.float32)}
    if "injected" in trace.observed:
        arrays["injected"] = trace.observed["injected"].astype(np.float32)
    return arrays, {}


def _path(points: np.ndarray, explained: np.ndarray, step: float | None = None) -> tuple[Arrays, Meta]:
    """Pack coordinates (loops + 1, positions, components), in steps of `step` if that is given."""
    if step is None:
        coordinates, step = stepped(points, np.int16)
    else:
        coordinates = np.rint(points / step).astype(np.int16)
    sums = np.cumsum(explained)
    meta: Meta = {
        "trajectory_step": step,
        "explained": [round(float(share), 5) for share in explained],
        "explained_sums": [round(float(share), 5) for share in sums],
        "explained_planes": [round(float(share), 5) for share in np.diff(sums[1::2], prepend=0.0)],
    }
    return {"trajectory": coordinates}, meta


def _attention(trace: Trace, facts: Facts, where: np.ndarray) -> tuple[Arrays, Meta]:
    """Pack where attention goes; nothing for a model in which none was observed, but that it has no heads."""
    weights = trace.observed.get("attention")
    if weights is None:
        return {}, {"layers": 1, "heads": 0}
    meta: Meta = {"layers": weights.shape[1], "heads": weights.shape[2]}
    most = attending.strongest(weights)
    position, around = most.position, trace.neighbours
    if around is not None:  # attention is to the k-th neighbour of each position
        position = around[np.arange(trace.positions), position]
    arrays = {
        "attention": quantise(weights),
        "strongest": least(position),
        "strongest_head": least(most.head),
        "strongest_ties": least(most.ties),
        "even": attending.evenly(weights.shape[-2], around, trace.mask),
    }
    if around is not None:
        arrays["neighbours"] = around.astype(np.int16)
        if trace.input_name == "vectors" and facts.points is not None:
            far = reach(weights, around, *facts.points)
            arrays |= {
                "reach_distance": far.distance,
                "reach_share": quantise(far.share),
                "reach_mean": far.mean.astype(np.float16),
                "reach_even": far.even,
                "reach_equal": far.equal,
            }
    if facts.groups is not None:
        near = neighbours(facts.groups, trace.positions)
        arrays["near"] = quantise(attending.mass(weights, near, around))
        arrays["near_even"] = near.mean(-1).astype(np.float32)
    if facts.undrawn is not None and facts.undrawn.any():
        arrays["unseen"] = quantise(attending.mass(weights, facts.undrawn, around))
    if facts.rules:  # a task may have none
        shares = rule_shares(weights, facts.rules, where, trace.mask, around)
        arrays["rules"], arrays["rules_even"] = shares.mass.astype(np.float16), shares.even.astype(np.float32)
        arrays["rules_most"] = most_lift(shares).astype(np.int8)
        meta["rules"] = shares.names
    if facts.letters is not None and around is None:
        between = attending.across(weights, *facts.letters)
        arrays["across"] = np.stack([between.share, between.equal, between.weight], axis=1).astype(np.float32)
        arrays["across_most"] = between.pair.astype(np.uint8)
        meta["across_even"] = between.even
    return arrays, meta


def _exits(trace: Trace, facts: Facts, where: np.ndarray) -> tuple[Arrays, Meta]:
    """Pack what the exit rules would have done; nothing for a single loop."""
    if trace.loops < 2:
        return {}, {}
    if trace.output_kind == "numbers":
        own, found = list(NUMBER_RULES), halting_numbers(trace.states, trace.predictions, where)
        chosen = _first(found)
    else:
        own, found = list(RULES), halting(trace.states, trace.logits, facts.right, where)
        chosen = best(found)
    rules = [
        {
            "name": rule.name,
            "watches": rule.watches,
            "threshold": rule.threshold,
            "patience": rule.patience,
            "stopped": bool(stopped),
            "exit": int(at),
            "saved": int(found.saved[number]),
            "right": None if found.right is None else bool(found.right[number]),
        }
        for number, (rule, stopped, at) in enumerate(zip(own, found.stopped, found.exit, strict=True))
    ]
    meta: Meta = {"halting": rules, "halting_best": chosen, "halting_stops": int(found.stopped.sum())}
    if trace.output_kind != "numbers":
        doubt = found.watched[[rule.name for rule in own].index("confidence")]
        surest = int(peak(doubt[:, None])[0])
        meta["halting_peak"] = {
            "loop": surest,
            "right": None if facts.right is None else bool(facts.right[surest - 1]),
            "equal": int(largest(1 - doubt).sum()) - 1,  # more loops that are as confident, but for rounding
        }
    return {"stops": found.exit.astype(np.uint16)}, meta


def _first(found: Halting) -> int | None:
    """Return the rule that stops first, None where none does."""
    return int(np.where(found.stopped, found.exit, found.exit.max() + 1).argmin()) if found.stopped.any() else None


def _timesteps(trace: Trace) -> tuple[Arrays, Meta]:
    """Pack the scales of a timestep encoding; nothing for a model without."""
    strength, used = strengths(trace), vectors(trace)
    if strength is None or used is None:
        return {}, {}
    scales, step = stepped(used, np.int8)
    return {"strengths": strength.astype(np.float32), "scales": scales}, {"scales_step": step}


def _contests(trace: Trace) -> tuple[Arrays, Meta]:
    """Pack who claims what in the contests of a net of candidates; nothing for another model."""
    found, places = claims(trace), trace.places
    if found is None or places is None:
        return {}, {}
    moved = fields(trace.hidden, places, trace.anew)
    arrays = {
        "claims": quantise(found.mean),
        "claims_most": as_bits(found.most, 3),
        "field_moved": moved.moved.astype(np.float16),
        "field_most": as_bits(moved.most, 1),
        "field_mean": moved.mean.astype(np.float32),
    }
    return arrays, {"contests": found.contests, "claims_even": found.even, "layers": found.mean.shape[1]}


def _ways(facts: Facts) -> tuple[Arrays, Meta]:
    """Pack the tree of all solutions and the way of the answer through it."""
    if facts.ways is None:
        return {}, {}
    nodes = [list(node) for node in ways.tree(facts.ways.all)]
    return {"way": ways.taken(facts.ways.all, facts.ways.own).astype(np.int16)}, {"tree": nodes}


def timesteps_compared(encoded: np.ndarray, used: np.ndarray) -> Arrays:
    """Pack how alike encodings (loops, width) and vectors used (loops, layers, vectors, width) are between loops."""
    found = alike(encoded, used)
    rows, columns = np.tril_indices(len(encoded))
    return {
        "alike": found.cosines[:, rows, columns].astype(np.float16),
        "alike_mean": found.mean.astype(np.float32),
        "turns_most": (found.turns % 256).astype(np.uint8),
    }


def with_solution(run: Packed, solution: np.ndarray | None) -> Packed:
    """Add to a packed run what follows from the one solution, or None where there is none.

    solution: tokens (positions,), or (loops, positions) where digits are exchanged in the run.

    How many answers differ from it after each loop; and, for a task whose solver has an order, how the order in which
    right answers settle compares with it.
    """
    arrays = run["arrays"]
    if "answers" not in arrays:
        return run
    asked, missed = arrays["asked"].astype(bool), np.zeros(len(arrays["asked"]), bool)
    more: Arrays = {}
    if solution is not None:
        missed = asked & (arrays["answers"][-1] != (solution if solution.ndim == 1 else solution[-1]))
        more["wrong"] = reading.misses(arrays["answers"], solution, asked).astype(np.uint16)
        more["ends_wrong"] = missed.astype(np.uint8)
        if solution.ndim == 2:
            more["solutions"] = least(solution)
    meta = order_meta(arrays, missed) if "order" in arrays else {}
    return run | {"arrays": arrays | more, "meta": run["meta"] | meta}


def order_meta(arrays: Arrays, missed: np.ndarray) -> Meta:
    """Return how the order in which answers settle compares with that of a simple solver.

    missed (positions,) bool: the answer ends wrong. Such answers and those that have not settled are left out.
    "order_alike" names which of "model" and "logic" has all that count in one loop or round, so that nothing can be
    correlated; "ends_on" is how many of all wrong answers are tokens, and how many the blank, token 0.
    """
    blank = arrays["answers"][-1] == 0
    order, unsettled = arrays["order"].astype(np.int64), arrays["unsettled"].astype(bool)
    logic = solver_view(arrays["settled"], order, unsettled | missed)
    return {
        "order_correlation": None if math.isnan(logic.correlation) else logic.correlation,
        "order_counted": logic.counted,
        "order_alike": [name for name, same in zip(("model", "logic"), logic.alike, strict=True) if same],
        "order_unsettled": int((unsettled & ~missed & (order > 0)).sum()),
        "order_missed": int((missed & (order > 0)).sum()),
        "ends_on": [int((missed & ~blank).sum()), int((missed & blank).sum())],
    }


def compare(runs: list[Packed]) -> list[Packed]:
    """Add to two runs of one input where they answer differently, on one clock; and put their states in one basis.

    A run that is shorter than the other stays at its end. One run is given back as it is.
    """
    if len(runs) < 2:
        return runs
    first, second = (run["arrays"] for run in runs)
    clock = max(len(first["right"]), len(second["right"]))
    asked = first["asked"].astype(bool)
    a, b = (prolonged(_compared(one, asked), clock) for one in (first, second))
    if a.ndim == 3:  # numbers are told apart where what is written of them differs
        b = (np.abs(a - b) >= ALIKE).any(-1)
        a = np.zeros_like(b)
    apart = divergence(a, b)
    differ = apart.differ.astype(np.uint8)
    meta = {"first": apart.first, "recovered": apart.recovered} | _states_apart(runs)
    return [
        run | {"arrays": run["arrays"] | {"differ": differ}, "meta": run["meta"] | {"divergence": meta}}
        for run in share_basis(runs)
    ]


def _compared(arrays: Arrays, asked: np.ndarray) -> np.ndarray:
    """Return what a run answers where something is asked, 0 elsewhere: (loops, positions), of numbers one axis more."""
    if "predictions" in arrays:
        return np.where(asked[:, None], arrays["predictions"], 0)
    return np.where(asked, arrays["answers"], 0)


def _states_apart(runs: list[Packed]) -> Meta:
    """Return by how much the states of two runs differ at most, and whether that is no more than rounding.

    None and False for runs of other sizes, whose states cannot be told apart number by number.
    """
    first, second = (run["kept"]["hidden"] for run in runs)
    if first.shape != second.shape:
        return {"states": None, "rounding": False}
    most = float(np.abs(first - second).max())
    return {"states": most, "rounding": most <= CLOSE * float(np.abs(first).max())}


def share_basis(runs: list[Packed]) -> list[Packed]:
    """Put the trajectories of runs in one basis, where their states are of one width: equal states are equal points."""
    hidden = [run["kept"]["hidden"] for run in runs]
    if len(runs) < 2 or len({states.shape[-1] for states in hidden}) > 1:
        return runs
    paths = trajectories(hidden, COMPONENTS)
    _, step = stepped(np.concatenate([path.points.ravel() for path in paths]), np.int16)
    shared = []
    for run, path in zip(runs, paths, strict=True):
        arrays, meta = _path(path.points, path.explained, step)
        meta["shared_basis"] = True
        shared.append(run | {"arrays": run["arrays"] | arrays, "meta": run["meta"] | meta})
    return shared


def pack(runs: list[Packed], **meta: Any) -> bytes:
    """Write one message to the browser: what `pack_trace` made of every run, and JSON for its metadata.

    The arrays of run i are called "i/name"; its "meta" is entry i of the message's "runs".
    """
    arrays = {
        f"{i}/{name}": np.ascontiguousarray(array)
        for i, run in enumerate(runs)
        for name, array in run["arrays"].items()
    }
    data: bytes = save(arrays, {"meta": json.dumps(meta | {"runs": [run["meta"] for run in runs]})})
    return data


def drift(runs: list[Packed]) -> Meta:
    """Return how far what is drawn is from what the models compute, for all runs together.

    That is the largest difference of a run, and whether every run is faithful; see `looped.runs.trace.Trace`. Both are
    None where a run was not verified: the question "recorded" does it.
    """
    found = [run["kept"]["drift"] for run in runs]
    if any(np.isnan(difference) for difference, _ in found):
        return {"difference": None, "faithful": None}
    return {
        "difference": max(float(difference) for difference, _ in found),
        "faithful": all(bool(faithful) for _, faithful in found),
    }
