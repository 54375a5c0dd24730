"""Which clue decides an answer? Integrated gradients and ablation of the givens.

Both are about one token at one position after one loop, and ask for the *evidence*: log2 of the odds p / (1 − p) of
the token, in bits, so that a score of 1 means that the clue doubles the odds. A logit alone will not do: it can rise
without its probability rising, because a constant added to all logits changes nothing. Nor will a log-probability: it
stops moving once the answer is sure. Evidence has neither fault, and is smooth where the margin over the largest other
token has a kink.

Attribution is to the embedded input, because Captum's hooks on layers are wrong for a block that is called several
times. The model is not changed, so several threads can use the same one. In a model with input injection a clue is read
again in every loop. Here it is removed in the last `window` loops only; the loops before them are those of the true
run. Over more than about eight loops the path from no clues to all of them is chaotic on a 9×9 board: where clues are
faint there is no answer to converge to, gradients grow a thousandfold, and no number of steps makes integrated
gradients complete. How complete they are is part of the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from looped.lenses.correlation import spearman
from looped.lenses.sweep import CPU_BYTES, GPU_BYTES
from looped.model import LoopedModel
from looped.model.interventions import Intervention, patched
from looped.model.seam import CANDIDATES, EMBEDDING, INJECTION, SEVERAL_STATES, device_of
from looped.runs.needs import CLASSES, Needs

NEEDS = Needs(all_of=(EMBEDDING,), none_of=(SEVERAL_STATES, CANDIDATES), inputs=("tokens",), outputs=CLASSES)

WINDOW = 6  # loops: what gradients of the 9×9 checkpoints stand, and as long as easy boards take
PIECE = 8  # gradients in one piece of the path
ENOUGH = 0.01  # bits: a smaller error is not worth another gradient
KEPT = 2**28  # bytes of activations that are kept for the backward pass at a time, about

Attribute = Callable[[Tensor, Tensor, int], Tensor]  # end and start of a path, gradients → attributions to the input


class Attribution(NamedTuple):
    """Integrated gradients, complete up to `error`; later results are usually more exact."""

    done: int  # gradients so far
    total: int  # at most as many; equal to `done` in the last result
    token: int  # that the evidence is for
    givens: np.ndarray  # (givens,) int64, their positions
    scores: np.ndarray  # (givens,) bits, the evidence that each given brings; float64
    output: float  # bits, the evidence of the run itself
    baseline: float  # bits, with the blank in place of every given
    error: float  # bits, of completeness: sum(scores) − (output − baseline)
    relative: float  # |error| / |output − baseline|; NaN where that is zero
    bound: float  # bits, sum of the absolute errors of all pieces of the path: ≥ |error|


class Ablation(NamedTuple):
    """Ablation: one given at a time is replaced by the blank. The scores need not sum to anything."""

    done: int  # givens so far
    total: int
    token: int  # that the evidence is for
    givens: np.ndarray  # (givens,) int64, their positions
    scores: np.ndarray  # (givens,) bits, the evidence that is lost without each given; float64, NaN where not run yet
    output: float  # bits, the evidence of the run itself


class Agreement(NamedTuple):
    """How far two attributions to the same givens agree."""

    correlation: float  # Spearman's, over the givens; NaN where either is constant
    tops: tuple[int, int]  # where in the list of givens each has its largest score
    same: bool  # it is the same given


def integrated_gradients(
    model: LoopedModel,
    tokens: np.ndarray,
    position: int,
    loop: int | None = None,
    givens: np.ndarray | None = None,
    token: int | None = None,
    blank: int = 0,
    window: int | None = None,
    steps: int = 200,
    tolerance: float = 0.01,
    interventions: Sequence[Intervention] = (),
) -> Iterator[Attribution]:
    """Compute integrated gradients (arXiv 1703.01365) of tokens (positions,), step by step.

    A generator that yields after every halving of the path; the caller can stop at any time.

    Evidence is for `token` (default: the answer) at `position` after `loop` loops (default: as trained). `givens`, a
    mask or indices of positions, are what is attributed to; default every token but the blank. The baseline is the
    same input with `blank` in their place, so that position codes stay. `window` is the number of last loops in which
    the input moves along the path: by default 6, or all if there are fewer. Without input injection it is all loops,
    because the input is read only once. window=loop means the whole run.

    The path begins as two pieces, of which the least complete is halved again and again, until its pieces are within
    `tolerance` of output − baseline, or within 0.01 bits, or the next halving would take more than `steps` gradients.
    Raises ValueError for values that this model and input cannot have.
    """
    from captum.attr import IntegratedGradients  # imports matplotlib, too: imported only when it is needed

    if not steps >= 2 or not tolerance >= 0:
        raise ValueError(
            f"steps is {steps} and tolerance {tolerance}; at least two steps are needed, "
            "and a tolerance of zero or more."
        )
    asked = _Question(model, tokens, position, loop, givens, token, blank, window, interventions)
    method = IntegratedGradients(asked.evidence)

    def attribute(end: Tensor, start: Tensor, count: int) -> Tensor:
        found: Tensor = method.attribute(end, start, n_steps=count, internal_batch_size=asked.batch(gradients=True))
        return found

    path = _Path(asked, attribute, min(PIECE, steps // 2))
    while True:
        last = path.bound <= max(tolerance * abs(path.change), ENOUGH) or path.done + 2 * path.nodes > steps
        yield path.result(path.done if last else steps)
        if last:
            return
        path.halve()


class _Piece(NamedTuple):
    """One piece of the path from no clues to all of them."""

    start: float  # shares of the way, 0 to 1
    end: float
    scores: np.ndarray  # (givens,) bits
    error: float  # bits, by how much the scores are not complete; NaN where gradients overflow


class _Path:
    """The straight path from no clues to all of them, in pieces, each with its integrated gradients."""

    def __init__(self, asked: _Question, attribute: Attribute, nodes: int) -> None:
        self.asked, self.attribute, self.nodes = asked, attribute, nodes
        self.known = {share: asked.measure(self.point(share)) for share in (0.0, 0.5, 1.0)}  # evidence along the path
        self.change = self.known[1.0] - self.known[0.0]
        self.pieces = [self.piece(0.0, 0.5), self.piece(0.5, 1.0)]
        self.done = 2 * nodes  # gradients so far

    @property
    def bound(self) -> float:
        """Return the sum of the errors of all pieces, in bits."""
        return sum(abs(piece.error) for piece in self.pieces)

    def point(self, share: float) -> Tensor:
        """Return the embedded input at a share of the way."""
        return self.asked.baseline + share * (self.asked.embedded - self.asked.baseline)

    def piece(self, start: float, end: float) -> _Piece:
        """Compute the scores of one piece."""
        with torch.inference_mode(False), torch.enable_grad():  # whatever the caller is in
            found = self.attribute(self.point(end), self.point(start), self.nodes)
        scores = found[0, self.asked.givens].detach().sum(-1).double().cpu().numpy()
        with np.errstate(invalid="ignore"):  # gradients of hundreds of loops may overflow; then the error is NaN
            return _Piece(start, end, scores, float(scores.sum()) - (self.known[end] - self.known[start]))

    def halve(self) -> None:
        """Replace the piece that is least complete by its two halves."""
        worst = int(np.argmax([abs(piece.error) for piece in self.pieces]))
        start, end, *_ = self.pieces.pop(worst)
        middle = (start + end) / 2
        self.known[middle] = self.asked.measure(self.point(middle))
        self.pieces += [self.piece(start, middle), self.piece(middle, end)]
        self.done += 2 * self.nodes

    def result(self, total: int) -> Attribution:
        """Put the pieces together."""
        with np.errstate(invalid="ignore"):
            scores = np.sum([piece.scores for piece in self.pieces], axis=0)
            error = float(scores.sum()) - self.change
        return Attribution(
            self.done,
            total,
            self.asked.token,
            self.asked.givens,
            scores,
            self.known[1.0],
            self.known[0.0],
            error,
            abs(error / self.change) if self.change else math.nan,
            self.bound,
        )


def ablation(
    model: LoopedModel,
    tokens: np.ndarray,
    position: int,
    loop: int | None = None,
    givens: np.ndarray | None = None,
    token: int | None = None,
    blank: int = 0,
    window: int | None = None,
    interventions: Sequence[Intervention] = (),
) -> Iterator[Ablation]:
    """Measure the same evidence with one given at a time replaced by the blank: yields after every batch of runs.

    Arguments as in `integrated_gradients`. Without gradients the whole run is as easy as its last loops: window=loop
    says what the answer would be had the clue never been there; the default says what the answer still rests on, given
    what the state already holds.
    """
    from captum.attr import FeatureAblation

    asked = _Question(model, tokens, position, loop, givens, token, blank, window, interventions)
    scores, total, batch = np.full(len(asked.givens), np.nan), len(asked.givens), asked.batch()
    output = asked.measure(asked.embedded)
    for first in range(0, total, batch):
        part = asked.givens[first : first + batch]

        def evidence(given: Tensor, part: np.ndarray = part) -> Tensor:
            """Put given (batch, part), tokens, at the positions of this part."""
            changed = asked.tokens.repeat(len(given), 1)
            changed[:, part] = given
            return asked.evidence(asked.model.embed(changed))

        with torch.inference_mode():
            found = FeatureAblation(evidence).attribute(asked.tokens[:, part], blank, perturbations_per_eval=batch)
        scores[first : first + batch] = found[0].double().cpu().numpy()
        yield Ablation(first + len(part), total, asked.token, asked.givens, scores.copy(), output)


def agreement(first: np.ndarray, second: np.ndarray) -> Agreement:
    """Compare the scores (givens,) of two methods.

    >>> agreement(np.array([0.5, 3.0, -1.0]), np.array([0.1, 9.0, 0.0]))
    Agreement(correlation=1.0, tops=(1, 1), same=True)
    """
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise ValueError(f"scores must be of the same givens, not of shapes {first.shape} and {second.shape}.")
    tops = int(first.argmax()), int(second.argmax())
    return Agreement(spearman(first, second), tops, tops[0] == tops[1])


def strongest(scores: np.ndarray) -> int | None:
    """Find the largest of some scores: its index; None where none is known.

    >>> strongest(np.array([np.nan, -1.0, 2.0])), strongest(np.array([np.nan]))
    (2, None)
    """
    known = np.isfinite(scores)
    return int(np.where(known, scores, -np.inf).argmax()) if known.any() else None


class _Question:
    """A checked request: runs the loops before the window once, and computes the evidence from there on."""

    def __init__(
        self,
        model: LoopedModel,
        tokens: np.ndarray,
        position: int,
        loop: int | None,
        givens: np.ndarray | None,
        token: int | None,
        blank: int,
        window: int | None,
        interventions: Sequence[Intervention],
    ) -> None:
        injection = INJECTION in model.capabilities
        tokens = _checked_tokens(tokens, model.inputs)
        self.givens = _checked_givens(tokens != blank if givens is None else givens, len(tokens))
        for what, value, count in (
            ("position", position, len(tokens)),
            ("token", token or 0, model.outputs),
            ("blank", blank, model.inputs),
            ("given", self.givens.min(), len(tokens)),
            ("given", self.givens.max(), len(tokens)),
        ):
            if not 0 <= value < count:
                raise ValueError(f"{what} {value} is not possible: there are {count}, counted from 0.")
        loop = model.trained_loops if loop is None else loop
        most = _checked_window(window, loop, injection)
        self.model, self.position, self.window, self.interventions = model, position, most, interventions
        self.injection = injection
        with torch.inference_mode(False), torch.no_grad():  # tensors that gradients may be asked of later
            self.tokens = torch.tensor(tokens.astype(np.int64), device=device_of(model))[None]
            self.embedded = model.embed(self.tokens)
            self.baseline = model.embed(
                self.tokens.index_fill(1, torch.tensor(self.givens, device=self.tokens.device), blank)
            )
            for state in model.unroll(self.tokens, loop, interventions=interventions):
                if state.loop == loop - most:
                    self.start = state
            logits = model.readout(state.hidden[0, position])
        self.token = int(logits.argmax()) if token is None else token

    def evidence(self, embedded: Tensor) -> Tensor:
        """Run the last loops with embedded (batch, positions, d_model) as their input: bits (batch,)."""
        if self.injection:
            state = self.start._replace(hidden=self.start.hidden.expand(len(embedded), -1, -1), input=(embedded,))
        else:
            state = self.model.begin_embedded(embedded)
            changes = (*self.model.standing_interventions, *self.interventions)
            state = state._replace(hidden=patched(state.hidden, 0, changes))
        for _ in range(self.window):
            state = self.model.step(state, False, self.interventions)
        logits = self.model.readout(state.hidden[:, self.position])
        others = logits.index_fill(-1, torch.tensor([self.token], device=logits.device), -torch.inf)
        odds = logits[:, self.token] - others.logsumexp(-1)
        # Where interventions replace all of the input, nothing depends on it, and autograd would refuse to say so.
        return odds / math.log(2) + 0 * embedded[:, 0, 0]

    def measure(self, embedded: Tensor) -> float:
        """Return the evidence of one embedded input (1, positions, d_model), in bits."""
        with torch.inference_mode():
            return float(self.evidence(embedded))

    def batch(self, gradients: bool = False) -> int:
        """Return how many runs are computed at a time.

        There are as many as in a sweep; for gradients, which keep what every layer of every loop computed, as many as
        memory allows.
        """
        run = self.embedded.element_size() * self.embedded.shape[1] * self.model.widest
        if gradients:  # eight activations as wide as the MLP in each layer, measured
            return max(1, KEPT // (8 * run * self.window * self.model.sizes(1, 1).layers))
        return max(1, (CPU_BYTES if self.embedded.device.type == "cpu" else GPU_BYTES) // run)


def _checked_tokens(tokens: np.ndarray, vocab: int) -> np.ndarray:
    """Return tokens (positions,) if they are tokens of the model. Raises ValueError otherwise."""
    tokens = np.asarray(tokens)
    whole = tokens.ndim == 1 and tokens.size > 0 and tokens.dtype.kind in "iu"
    if not whole or tokens.min() < 0 or tokens.max() >= vocab:
        raise ValueError(f"tokens must be one sequence (positions,) of whole numbers from 0 to {vocab - 1}.")
    return tokens


def _checked_givens(chosen: np.ndarray, positions: int) -> np.ndarray:
    """Return the indices of the chosen positions: a mask or indices, (givens,) int64. Raises ValueError for others."""
    chosen = np.asarray(chosen)
    givens = np.flatnonzero(chosen) if chosen.dtype == bool and chosen.shape == (positions,) else chosen
    whole = givens.ndim == 1 and givens.dtype.kind in "iu"
    if not whole or not 0 < len(givens) == len(set(givens.tolist())):
        raise ValueError("givens must be a mask (positions,) or indices of positions, each once, and at least one.")
    return givens.astype(np.int64)


def _checked_window(window: int | None, loop: int, injection: bool) -> int:
    """Return in how many of the `loop` loops a clue is removed. Raises ValueError for an impossible window."""
    if window is None:
        window = min(loop, WINDOW) if injection else loop
    if loop >= 1 and not 1 <= window <= loop:
        raise ValueError(f"window is {window}; it must be 1 to {loop}, a number of loops of this run.")
    if window < loop and not injection:
        raise ValueError(
            f"window is {window}; this model reads its tokens before the first loop only, so it must be all {loop}."
        )
    return window
