"""Is a fixed point approached?

How the steps h[t + 1] − h[t] follow each other, what a loop does to small differences, and a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from looped.lenses.residual import Residual, residual, rounding
from looped.model import LoopedModel
from looped.model.seam import check_input
from looped.runs.needs import ONE_STATE

NEEDS = ONE_STATE

LAST = 4  # loops at the end of a run that a verdict looks at
AT_REST = 1e-3  # of its length; what a model in float32 still moves at a fixed point is far below
LONGEST = 8  # the longest period that is looked for
RETURNS = 0.25  # of a step: a state that comes back this near after a period has come back
KEEPS = 0.98  # a step is at least this times the one before in a period, and at most 1 / this
LATER = 16  # loops over which the length of steps is compared; half of the run where that is less, but at least LAST
SURE = 1.645  # standard deviations of Kendall's S: a trend that chance alone has in one of twenty runs is none
GROWS = 2.0  # times as far in one loop as at the trained depth
AWAY = 1.0  # of its length at the trained depth, away from where it was then
FEWEST = 8  # products before an eigenvalue may count as found: a random start holds little of the leading vector
EVERY = 4  # products between two looks at the eigenvalues
MOST = 200  # products for one eigenvalue
SHORTENS = (
    f"steps clearly shorter (Kendall's S more than {SURE} standard deviations from 0), by a factor below {KEEPS} a "
    "loop (median of all pairs) over the last {loops} loops, and by such a factor over the last {late} of them"
)
LONG_RUN = ("shrinks", "stays", "grows", "changes")  # what a loop does to a tiny difference (`long_run`)
LEVEL = 0.01  # a growth whose logarithm is nearer to zero than this neither grows nor shrinks: 1 % a loop
RESIDUAL = 1e-4  # ‖Ax − λx‖ / |λ|: with a looser bound the second eigenvalue is taken for the first

Map = Callable[[Tensor], Tensor]


class Steps(NamedTuple):
    """Entry t is about the loop that turns h[t] into h[t + 1]. NaN at the first step, and after a step of zero."""

    absolute: np.ndarray  # (loops,) ‖h[t+1] − h[t]‖ over all positions, in the units of the state
    relative: np.ndarray  # (loops,) the same, divided by ‖h[t]‖; NaN where h[t] = 0
    cosine: np.ndarray  # (loops,) of this step with the one before: 1 straight on, 0 a right angle, −1 straight back
    contraction: np.ndarray  # (loops,) ‖h[t+1] − h[t]‖ / ‖h[t] − h[t−1]‖; below 1 the steps become shorter
    two_loops: (
        np.ndarray
    )  # (loops,) ‖h[t+1] − h[t−1]‖ / ‖h[t] − h[t−1]‖: 0 for a period of two, 2 for equal steps straight on


class Spectrum(NamedTuple):
    """One entry for each loop that was asked for."""

    value: np.ndarray  # (loops,) the spectral radius, or the Lipschitz constant
    iterations: np.ndarray  # (loops,) int64, products with the Jacobian that were made
    settled: (
        np.ndarray
    )  # (loops,) bool: the value has been found to the tolerance; where not, it is a lower bound as a rule


class Verdict(NamedTuple):
    """How the state moves at the end of a run; `told` adds whether the answer is right."""

    kind: str  # "reached", "converged", "oscillating", "drifted", "closing in" or "still moving"
    since: int | None  # for "reached" and "converged": after so many loops the state rests
    sentence: str  # for people
    rule: str  # what was tested, with its threshold
    period: int | None = None  # loops until the state is back, whether or not its swing keeps its width
    short: bool = False  # the run has too few loops to tell wandering from coming to rest

    @property
    def settled(self) -> bool:
        """Return whether the state rests; otherwise it wanders, or is still on its way."""
        return self.kind in ("reached", "converged")


class StepTrend(NamedTuple):
    """How the length of steps goes on at the end of a run."""

    rate: float  # factor a loop, the median over all pairs of steps (Theil and Sen); NaN where only one is known
    clear: bool  # they become longer or shorter, and chance alone would hardly have it: `score` is more than `SURE`
    loops: int  # that were looked at
    score: float  # how far Kendall's S is from 0, with a correction for whole numbers, in its standard deviations


class Overthinking(NamedTuple):
    """An answer that was right and was lost. Loops are counted as "after so many", from 1."""

    reached: int  # right for the first time
    lost: int  # for the first time no longer right
    back: int | None  # right again from here to the end; None: wrong at the end
    sentence: str


def steps(hidden: np.ndarray, moved: Residual | None = None) -> Steps:
    """Compare every step of hidden (loops + 1, positions, d_model) with the one before.

    For one position alone give hidden[:, [position]]. `moved` is `residual(hidden)` where that is known already.

    >>> s = steps(np.array([[[0.0, 0.0]], [[4.0, 0.0]], [[4.0, 2.0]], [[4.0, 0.0]]]))
    >>> s.cosine.tolist(), s.contraction.tolist(), s.two_loops.round(2).tolist()
    ([nan, 0.0, -1.0], [nan, 0.5, 1.0], [nan, 1.12, 0.0])
    """
    absolute, relative, _ = residual(hidden) if moved is None else moved
    step = np.diff(hidden, axis=0).reshape(len(hidden) - 1, -1)
    dot = (step[1:] * step[:-1]).sum(-1)
    two = np.linalg.norm(step[1:] + step[:-1], axis=-1)
    return Steps(
        absolute,
        relative,
        *(
            _after_first(over, under)
            for over, under in (
                (dot, absolute[1:] * absolute[:-1]),
                (absolute[1:], absolute[:-1]),
                (two, absolute[:-1]),
            )
        ),
    )


def loop_map(model: LoopedModel, tokens: np.ndarray, loop: int) -> Map:
    """Return the map h[loop] → h[loop + 1] of one input, tokens (positions,), on states (positions, d_model)."""
    weight = next(model.parameters())
    before = model.begin(torch.tensor(check_input(model, tokens), device=weight.device)[None])

    def step(hidden: Tensor) -> Tensor:
        # Recorded, so that attention is multiplied out: the fused kernel has no second derivative.
        return model.step(before._replace(loop=loop, hidden=hidden.to(weight)[None]), record=True).hidden[0].to(hidden)

    return step


def spectral_radius(
    maps: Sequence[Map], hidden: np.ndarray, iterations: int = MOST, tolerance: float = RESIDUAL, seed: int = 0
) -> Spectrum:
    """Compute the spectral radius of the Jacobian of each map at its state.

    It is the largest |eigenvalue|, by which tiny differences grow in the long run.

    hidden (maps, positions, d_model), in the order of the maps, such as trace.hidden[t] for [loop_map(model, tokens,
    t)]. Power iteration with products of the transposed Jacobian, which has the same eigenvalues and is never formed;
    all its iterates are kept and the Jacobian is projected onto them (Arnoldi, 1951), so that complex pairs settle,
    too. At most `iterations` products for each map, fewer when ‖Jᵀx − λx‖ ≤ tolerance · |λ| sooner. The seed fixes
    the first vector.

    A radius above one does not mean that the model is unstable. Models that keep their answers for a thousand loops
    have radii above one, too (chenglou/sotaku: 56 after 16 loops, falling to 14 after 256). What distinguishes them
    from models that collapse is the trend over the loops; and the linear part alone does not decide what happens to the
    state. The block of a TMLT is a different map in every loop.

    >>> turn = torch.tensor([[0.0, -2.0], [2.0, 0.0]])  # eigenvalues ± 2i
    >>> radius = spectral_radius([lambda h: h @ turn.T], np.ones((1, 1, 2), np.float32))
    >>> radius.value.round(4).tolist(), radius.iterations.tolist(), radius.settled.tolist()
    ([2.0], [2], [True])
    """

    def transposed(y: Tensor, x: Tensor) -> Map:
        return lambda v: torch.autograd.grad(y, x, v, retain_graph=True)[0]

    return _spectrum(maps, hidden, transposed, iterations, tolerance, seed)


def long_run(found: Spectrum) -> np.ndarray:
    """Say what a loop does to a tiny difference in the long run, by spectral radii: (loops,), each into LONG_RUN.

    It grows with a radius above one, shrinks with one below, and stays within `LEVEL`, as for an exponent
    (`looped.lenses.lyapunov`). A radius that was not found is a lower bound, which does not say that anything stays
    or shrinks: then it changes.

    >>> radii, settled = np.array([0.5, 0.999, 1.0169, 0.5, 1.02]), np.array([True, True, True, False, False])
    >>> [LONG_RUN[kind] for kind in long_run(Spectrum(radii, np.full(5, 9), settled))]
    ['shrinks', 'stays', 'grows', 'changes', 'grows']
    """
    kinds = []
    for radius, settled in zip(found.value, found.settled, strict=True):
        if settled and np.exp(-LEVEL) <= radius <= np.exp(LEVEL):
            kinds.append("stays")
        elif radius > 1:
            kinds.append("grows")
        else:
            kinds.append("shrinks" if settled else "changes")
    return np.array([LONG_RUN.index(kind) for kind in kinds], np.int64)


def local_lipschitz(
    maps: Sequence[Map], hidden: np.ndarray, iterations: int = MOST, tolerance: float = RESIDUAL, seed: int = 0
) -> Spectrum:
    """Compute the local Lipschitz constant of each map at its state, in Euclidean norms.

    It says by how much one loop can stretch a tiny difference at most.

    It is the largest singular value of the Jacobian, hence never below the spectral radius, and is found in the same
    way with the products Jᵀ(Jv); the tolerance is on its square. Arguments as in `spectral_radius`.

    >>> shear = torch.tensor([[0.5, 3.0], [0.0, 0.5]])  # radius 0.5, yet (0, 1) becomes (3, 0.5)
    >>> local_lipschitz([lambda h: h @ shear.T], np.ones((1, 1, 2), np.float32)).value.round(3).tolist()
    [3.081]
    """

    def there_and_back(y: Tensor, x: Tensor) -> Map:
        there = _forward(y, x)
        return lambda v: torch.autograd.grad(y, x, there(v), retain_graph=True)[0]

    squared = _spectrum(maps, hidden, there_and_back, iterations, tolerance, seed)
    return squared._replace(value=np.sqrt(squared.value))


def pushing(step: Map, state: Tensor) -> Map:
    """Return the product v → Jv with the Jacobian of a map at a state; v has the shape of the state.

    >>> push = pushing(lambda h: h**2, torch.tensor([1.0, 3.0]))
    >>> push(torch.tensor([1.0, 1.0])).tolist()
    [2.0, 6.0]
    """
    with torch.inference_mode(False), torch.enable_grad():  # whatever the caller is in
        x = state.clone().requires_grad_()
        return _forward(step(x), x)


def pulling(step: Map, state: Tensor) -> Map:
    """Return the product v → Jᵀv with the Jacobian of a map at a state; v has the shape of the state.

    >>> pull = pulling(lambda h: torch.stack([h[1], 0 * h[0]]), torch.tensor([1.0, 3.0]))
    >>> pull(torch.tensor([1.0, 2.0])).tolist()
    [0.0, 1.0]
    """
    with torch.inference_mode(False), torch.enable_grad():
        x = state.clone().requires_grad_()
        y = step(x)
    return lambda v: torch.autograd.grad(y, x, v, retain_graph=True)[0]


def _forward(y: Tensor, x: Tensor) -> Map:
    """Return the product v → Jv with the Jacobian of y with respect to x.

    Jᵀu is linear in u, and its transposed derivative with respect to u is J: this takes a fifth of the time of forward
    differentiation.
    """
    u = torch.zeros_like(y, requires_grad=True)
    back = torch.autograd.grad(y, x, u, create_graph=True)[0]
    return lambda v: torch.autograd.grad(back, u, v, retain_graph=True)[0]


def verdict(hidden: np.ndarray, trained_loops: int, moved: Residual | None = None) -> Verdict:
    """Say how a run of hidden (loops + 1, positions, d_model) ends: the first rule that holds.

    `moved` is `residual(hidden)` where that is known already.

    reached        in each of the last four loops rounding is all that moves the state (`residual.rounding`)
    converged      each of them moves it by at most 0.001 of its length, now and at the trained depth, because beside a
                   state that grows without end every step looks small
    oscillating    a period of two to eight loops (`returns`), and steps that keep their length to 2 % a loop
    drifted        there are loops beyond the trained ones, and in the median the last four move the state, relative to
                   its length, more than twice as far as the four that end at the trained depth; or the state is further
                   from where it was then than its length
    closing in     the steps become clearly shorter (`trend_of_steps`), by more than 2 % a loop, over the last 16 loops
                   (half of the run where that is less, at least four and twice the period) and still over the last half
                   of those (again at least four and twice the period), whatever their direction
    still moving   none of these; `rule` and `sentence` say which test the steps failed to be closing in

    Where the state comes back and how its steps grow are told apart: a swing may narrow, keep its width or widen.

    >>> found = verdict(np.array([1.0, -1, 1, -1, 1, -1])[:, None, None], trained_loops=3)
    >>> found.kind, found.period, found.since
    ('oscillating', 2, None)
    >>> found.sentence
    'Oscillating: a period of 2 loops; the last 4 loops move the state by 200 % of its length in the median.'
    """
    absolute, relative, _ = residual(hidden) if moved is None else moved
    trained = min(trained_loops, len(relative))
    length = np.linalg.norm(hidden, axis=(1, 2))
    found = _rest(absolute, relative, length, trained)
    if found is not None:
        return found
    moves = _moves(relative)
    back = returns(hidden)
    trend = trend_of_steps(absolute, back or 1)
    if back is not None and KEEPS <= trend.rate <= 1 / KEEPS:
        return Verdict(
            "oscillating",
            None,
            f"Oscillating: a period of {back} loops; {moves}{_growth(trend)}.",
            f"after the period the state is back to {RETURNS} of a step, and steps keep their length to 2 % a loop",
            back,
        )
    drifted = _drift(hidden, relative, length, trained)
    if drifted is not None:
        return drifted._replace(period=back)
    swing = "" if back is None else f", swinging with a period of {back} loops"
    if absolute[-1] == 0:
        stood = len(absolute) - int(np.flatnonzero(absolute).max()) - 1
        loops = "loop has" if stood == 1 else f"{stood} loops have"
        sentence = f"Closing in: the last {loops} not moved the state; after {LAST} it counts as at rest."
        return Verdict("closing in", None, sentence, "the last step is zero")
    late = trend_of_steps(absolute[-max(LAST, trend.loops // 2, 2 * (back or 1)) :], back or 1, whole=True)
    if trend.clear and trend.rate < KEEPS and late.rate < KEEPS:
        sentence = f"Closing in{swing}: {moves}{_growth(trend)}."
        return Verdict("closing in", None, sentence, SHORTENS.format(loops=trend.loops, late=late.loops), back)
    why, failed = _not_shorter(trend, late)
    moved_by = "the only loop did" if np.isnan(_median(relative[-LAST:])) else moves
    words = f"Still moving{swing}: {moved_by}{why}."
    return Verdict("still moving", None, words, f"not closing in: {failed}", back, len(relative) < 2 * LAST)


def _not_shorter(trend: StepTrend, late: StepTrend) -> tuple[str, str]:
    """Say of steps that do not become shorter for good which test they fail: for the sentence, and for the rule."""
    if math.isnan(trend.rate):
        return ", and one tells nothing more", "there is only one step"
    over = f"over the last {trend.loops} loops"
    if not trend.clear:
        unclear = "steps become neither clearly longer nor shorter"
        said = f", and {over} {unclear} (Kendall's S: {trend.score:.1f} of {SURE} standard deviations)"
        return said, f"{over} Kendall's S is {trend.score:.1f} standard deviations from 0, and must be more than {SURE}"
    limit = f"must be below {KEEPS}"
    if trend.rate >= KEEPS:
        by = f"{over} the factor a loop is {_factor(trend.rate)}"
        if math.isinf(trend.rate):
            by = f"{over} steps grow from none at all"
        said = _growth(trend) or f", and {by}"
        return f"{said}; to close in it {limit}" if trend.rate <= 1 else said, f"{by} and {limit}"
    by = f"the factor is {_factor(late.rate)}, and to close in it {limit}"
    shrank = f"{_growth(trend)}, but no longer over the last {late.loops} of them: there {by}"
    return shrank, f"over the last {late.loops} loops the factor a loop is {_factor(late.rate)} and {limit}"


def told(found: Verdict, right: bool | None) -> str:
    """Return a verdict on both axes, at rest or wandering and right or wrong; right is None where none can say.

    >>> told(Verdict("drifted", None, "Drifted.", ""), False)
    'Wandering, and wrong. Drifted.'
    """
    if right is None:
        return found.sentence
    answer = "right" if right else "wrong"
    if found.settled:
        return f"At rest{', and right' if right else ', but wrong'}. {found.sentence}"
    if found.kind == "closing in" or found.short:
        return f"Not at rest yet, and {answer}. {found.sentence}"
    return f"Wandering, {'yet' if right else 'and'} {answer}. {found.sentence}"


def returns(hidden: np.ndarray) -> int | None:
    """Return after how many loops the state comes back at the end of a run: 2 to 8, None where it does not.

    hidden (loops + 1, positions, d_model). It has come back where ‖h[t] − h[t − p]‖ is at most a quarter of a step over
    all of the last p loops. Twice the period must have been seen. Nothing is said of how the steps grow.

    >>> around = np.array([0.0, 1.0, 5.0] * 4)[:, None, None]
    >>> returns(around), returns(np.array([0.9**t for t in range(20)])[:, None, None])
    (3, None)
    """
    flat = hidden.reshape(len(hidden), -1)
    absolute = np.linalg.norm(np.diff(flat, axis=0), axis=-1)
    for loops in range(2, min(LONGEST, len(absolute) // 2) + 1):
        returned = np.linalg.norm(flat[-loops:] - flat[-2 * loops : -loops], axis=-1).max()
        step = absolute[-loops:].mean()
        if step > 0 and returned <= RETURNS * step:
            return loops
    return None


def trend_of_steps(absolute: np.ndarray, period: int = 1, whole: bool = False) -> StepTrend:
    """Say whether the last steps become longer or shorter, and by how much a loop.

    absolute (steps,) their lengths; those of the last 16 loops are looked at, or of half of them all where that is
    less, but at least four, and twice the period; all that are given for `whole`. Each step is compared with every
    later one that is whole periods away: the rate is the median of their ratios for a loop (Theil and Sen), and a trend
    is clear where Kendall's S (of Hirsch and Slack for a period) is further from zero than chance has it in one run of
    twenty on that side. A few steps out of line change neither. NaN, and not clear, for a single step.

    >>> trend_of_steps(np.array([8.0, 4.0, 2.0, 1.0, 0.5]))
    StepTrend(rate=0.5, clear=True, loops=4, score=1.6984155512168937)
    >>> grows_again = np.array([20, 9, 4, 2.4, 3.1, 5.0, 3.8, 2.9, 5.3, 5.5, 6.8, 5.2])
    >>> trend_of_steps(grows_again).clear, trend_of_steps(grows_again).rate > 1
    (False, True)
    """
    count = len(absolute)
    loops = count if whole else min(count, max(LAST, 2 * period, min(LATER, count // 2)))
    last = absolute[count - loops :].astype(np.float64)
    first, second = np.triu_indices(loops, period)
    apart = (second - first) % period == 0
    first, second = first[apart], second[apart]
    if not len(first):
        return StepTrend(float("nan"), False, loops, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (np.log(last[second]) - np.log(last[first])) / (second - first)
    slope[last[second] == last[first]] = 0  # two that are zero, too
    total = abs(int(np.sign(last[second] - last[first]).sum()))
    alike = [len(last[phase::period]) for phase in range(period)]
    spread = math.sqrt(sum(n * (n - 1) * (2 * n + 5) / 18 for n in alike))
    score = max(0, total - 1) / spread
    return StepTrend(float(np.exp(np.median(slope))), score > SURE, loops, score)


def _moves(relative: np.ndarray) -> str:
    """Say how far the last loops move the state: the median over those of which it is known."""
    known = ~np.isnan(relative[-LAST:])
    loops = len(known) - int(known.argmax())  # the first loop may start at zero
    by = f"the state by {_percent(_median(relative[-LAST:]))} of its length"
    return f"the last loop moves {by}" if loops == 1 else f"the last {loops} loops move {by} in the median"


def _growth(trend: StepTrend) -> str:
    """Say how steps grow, where they clearly do; nothing where too few are known."""
    said = _factor(trend.rate)
    if not trend.clear or said == "1.000" or not math.isfinite(trend.rate):
        return ""
    change = "shrink" if trend.rate < 1 else "grow"
    return f", and over the last {trend.loops} loops steps {change} by a factor of {said} a loop (median of all pairs)"


def _factor(rate: float) -> str:
    """Write a factor with two digits, with one more near 1, where its distance from 1 counts."""
    if abs(rate - 1) < 0.02:
        return f"{rate:.3f}"
    return f"{rate:.2g}" if rate < 0.1 else f"{rate:.2f}"


def _rest(absolute: np.ndarray, relative: np.ndarray, length: np.ndarray, trained: int) -> Verdict | None:
    """Return the verdict on a state that rests; None where it does not. length (loops + 1,) is that of each state."""
    rests = absolute <= AT_REST * np.minimum(length[:-1], length[trained])
    if not rests[-LAST:].all():
        return None
    still = rounding(relative) | (absolute == 0)
    if still[-LAST:].all():
        since = int(np.flatnonzero(~still).max(initial=-1)) + 1
        return Verdict(
            "reached",
            since,
            f"Fixed point reached: after loop {since} rounding is all that moves.",
            f"‖h[t+1] − h[t]‖ / ‖h[t]‖ below 1e-6 in each of the last {LAST} loops, "
            "or below 1e-5 and no longer shrinking",
        )
    since = int(np.flatnonzero(~rests).max(initial=-1)) + 1
    return Verdict(
        "converged",
        since,
        f"Converged: after loop {since} no loop moves the state by more than {_percent(AT_REST)} of its length.",
        f"‖h[t+1] − h[t]‖ at most {AT_REST} of ‖h[t]‖ and of ‖h‖ at the trained depth in each of the last {LAST} loops",
    )


def _drift(hidden: np.ndarray, relative: np.ndarray, length: np.ndarray, trained: int) -> Verdict | None:
    """Return the verdict on a state that goes away beyond the trained depth; None where it does not."""
    now, before = _median(relative[-LAST:]), _median(relative[max(0, trained - LAST) : trained])
    if now > GROWS * before:
        return Verdict(
            "drifted",
            None,
            f"Drifted after the trained depth: {_moves(relative)}, "
            f"at the trained depth of {trained} loop{'s' * (trained > 1)} it was {_percent(before)}.",
            f"median relative residual of the last {LAST} loops more than {GROWS:g} times "
            f"that of the {LAST} that end at the trained depth",
        )
    away = np.linalg.norm(hidden[-1] - hidden[trained])
    if not 0 < AWAY * length[trained] < away:
        return None
    return Verdict(
        "drifted",
        None,
        f"Drifted after the trained depth: since loop {trained} the state has moved away by "
        f"{away / length[trained]:.1f} times the length that it had then.",
        f"‖h[last] − h[trained]‖ more than {AWAY:g} times ‖h[trained]‖",
    )


def overthinking(right: np.ndarray) -> Overthinking | None:
    """Find where a right answer is lost, None when none is: right (loops,) bool after each loop.

    Overthinking as in Bansal et al. (arXiv 2202.05826): more loops make a right answer wrong.

    >>> overthinking(np.array([False, True, True, False, True])).sentence
    'Overthinking: right after loop 2, lost in loop 4, right again from loop 5 on.'
    >>> overthinking(np.array([False, True, True])) is None
    True
    """
    reached = int(right.argmax())
    wrong = np.flatnonzero(~right)
    later = wrong[wrong > reached]
    if not right.any() or not len(later):
        return None
    back = int(wrong[-1]) + 2 if right[-1] else None
    lost = int(later[0]) + 1
    return Overthinking(reached + 1, lost, back, lost_words(reached + 1, lost, back))


def lost_words(reached: int, lost: int, back: int | None, one: str = "loop", judged: str = "") -> str:
    """Return where a right answer was lost as a sentence; one: what a pass of the model is called, loop or layer.

    judged: where the answer stands that was right, as `looped.tasks.wording.Terms.judged` says it.

    Overthinking is what loops do; the layers of a standard transformer are not more of the same.

    >>> lost_words(3, 4, 5, "layer")
    'Right after layer 3, lost in layer 4, right again from layer 5 on.'
    """
    end = f"right again from {one} {back} on" if back else "wrong at the end"
    said = f"right{judged} after {one} {reached}, lost in {one} {lost}, {end}."
    return f"Overthinking: {said}" if one == "loop" else f"{said[0].upper()}{said[1:]}"


def _after_first(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Return the quotients of steps 1, 2, … with a NaN in front for step 0."""
    quotient = np.full(len(over) + 1, np.nan, over.dtype)
    np.divide(over, under, out=quotient[1:], where=under > 0)
    return quotient


def _median(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 or share < 1e-4 else f"{100 * share:.2g} %"


def _spectrum(
    maps: Sequence[Map],
    hidden: np.ndarray,
    product_of: Callable[[Tensor, Tensor], Map],
    iterations: int,
    tolerance: float,
    seed: int,
) -> Spectrum:
    if not len(maps) == len(hidden) > 0 or iterations < 1:
        raise ValueError(
            f"{len(maps)} maps, {len(hidden)} states and {iterations} iterations make no spectrum; "
            "there must be a state for each map and at least one iteration."
        )
    found = []
    for step, state in zip(maps, hidden, strict=True):
        with torch.inference_mode(False), torch.enable_grad():  # whatever the caller is in
            x = torch.tensor(state, requires_grad=True)
            product = product_of(step(x), x)
        first = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed), dtype=x.dtype)
        found.append(largest_eigenvalue(product, first, iterations, tolerance))
    value, made, settled = (np.array(column) for column in zip(*found, strict=True))
    return Spectrum(value, made, settled)


def largest_eigenvalue(
    product: Map, first: Tensor, iterations: int = MOST, tolerance: float = RESIDUAL
) -> tuple[float, int, bool]:
    """Return the largest |eigenvalue| of a linear map on tensors like `first`, products made, and if it is settled.

    >>> largest_eigenvalue(lambda v: -2 * v, torch.ones(4))
    (2.0, 1, True)
    """
    basis = torch.zeros(iterations + 1, first.numel(), dtype=first.dtype)
    projected = np.zeros((iterations + 1, iterations))
    basis[0] = first.flatten() / first.norm()
    for k in range(iterations):
        vector = product(basis[k].view_as(first)).flatten()
        size = float(vector.norm())
        for _ in range(2):  # again, for what rounding leaves
            shares = basis[: k + 1] @ vector
            vector = vector - shares @ basis[: k + 1]
            projected[: k + 1, k] += shares.numpy()
        rest = float(vector.norm())
        closed = rest <= 1e-6 * size  # nothing leads out of the space: its eigenvalues are exact
        projected[k + 1, k] = rest
        looks = k + 1 >= FEWEST and (k + 1) % EVERY == 0
        if closed or looks or k + 1 == iterations:
            values, vectors = np.linalg.eig(projected[: k + 1, : k + 1])
            leading = int(np.abs(values).argmax())
            value = float(np.abs(values[leading]))
            settled = bool(rest * np.abs(vectors[k, leading]) <= tolerance * value)
            if settled:
                break
        basis[k + 1] = vector / rest
    return value, k + 1, settled
