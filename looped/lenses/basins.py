"""Do runs of one input end alike when they start elsewhere, or read it relabelled and turned?

End points, votes, and equivariance.

A model may have several fixed points and settle in the first it reaches, as arXiv 2601.10679 shows for the hierarchical
reasoning model. Runs from nearby states then end apart, and a vote over inputs of the same meaning can be right where a
single run is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch

from looped.model import LoopedModel, State
from looped.model.interventions import exchanged
from looped.model.seam import device_of
from looped.runs.needs import CLASSES, Needs
from looped.runs.numerics import softmax

NEEDS = Needs(inputs=("tokens",), outputs=CLASSES)


class Symmetries(NamedTuple):
    """Ways to write an input so that its meaning stays. An image of tokens is labels[tokens[source]]."""

    source: (
        np.ndarray
    )  # (symmetries, positions) int64, a permutation each: position j of the image shows what stands at source[j]
    labels: np.ndarray  # (symmetries, vocab) int64, a permutation each: token v is written labels[v]


class Basins(NamedTuple):
    """The runs that are done so far, mapped back to the input itself. Run 0 is the plain one."""

    answers: np.ndarray  # (runs, positions) int64, the tokens with the largest logits after the last loop
    probabilities: np.ndarray  # (runs, positions, vocab) float32
    right: np.ndarray  # (runs,) bool


class Ends(NamedTuple):
    """The distinct end points, most frequent first, and what the runs answer together."""

    distinct: np.ndarray  # (ends, positions) int64; of answers that are equal where it counts, the first
    sizes: np.ndarray  # (ends,) int64, how many runs end there
    which: np.ndarray  # (runs,) int64, the end point of each run
    vote: np.ndarray  # (positions,) int64, what most runs answer at each position; of equally many the smallest token
    agreement: np.ndarray  # (positions,) share of runs that answer so


class Equivariance(NamedTuple):
    """How near each run comes to run 0: 1 and 0 everywhere if answering commutes with the symmetries, without noise."""

    same: np.ndarray  # (runs,) share of positions with the same answer
    distance: (
        np.ndarray
    )  # (runs,) total variation distance of the probabilities, mean over positions: 0 equal, 1 nothing in common


@torch.inference_mode()
def basins(
    model: LoopedModel,
    tokens: np.ndarray,
    right: Callable[[np.ndarray, np.ndarray], np.ndarray],
    runs: int = 32,
    loops: int | None = None,
    noise: float = 0.0,
    at: int = 0,
    symmetries: Symmetries | None = None,
    seed: int = 0,
    batch: int = 8,
) -> Iterator[Basins]:
    """Run tokens (positions,) `runs` times, each but run 0 changed; yield all runs so far after each batch.

    The state after `at` loops gets Gaussian noise whose root mean square is `noise` times that of the state, or of
    the embedded input where the state is zero (the start with input injection). Run i starts from the image under
    symmetry i − 1; when the symmetries are used up, they are used again in order. `right` takes tokens and answers,
    (count, positions) both, and says (count,) which are right, as a task's does. Where a `Swap` has exchanged tokens,
    all answers are told with those of the input exchanged, and judged so. A seed gives the same noise for every
    batch size. Raises ValueError for a negative noise, an `at` that no loop follows, and symmetries that do not fit the
    model.
    """
    loops, n, vocab = model.trained_loops if loops is None else loops, len(tokens), model.inputs
    if not noise >= 0 or not 0 <= at < loops:
        raise ValueError(
            f"noise of {noise} after {at} loops cannot be added; it must be 0 or more, after 0 to {loops - 1} loops."
        )
    source, labels = _permutations(symmetries, runs, n, vocab)
    images = np.take_along_axis(labels, tokens[source], 1)
    swapped = exchanged(np.arange(vocab), loops - 1, model.standing_interventions)
    device = device_of(model)
    parts: list[Basins] = []
    for first in range(0, runs, batch):
        rows = slice(first, first + batch)
        image, start = torch.as_tensor(images[rows].astype(np.int64), device=device), None
        if noise > 0:
            start = next(state for state in model.unroll(image, loops) if state.loop == at)
            start = _noisy(start, noise, seed, first)
        for state in model.unroll(image, loops, start=start):
            last = state.hidden
        # Tokens that a `Swap` has exchanged are first those of the image again, and exchanged in the input afterwards:
        # so runs can be compared, and voted on.
        logits = model.readout(last).float().cpu().numpy()[..., swapped]
        logits = _undo(logits, source[rows], labels[rows])[..., swapped.argsort()]
        answers = logits.argmax(-1)
        parts.append(Basins(answers, softmax(logits), right(np.broadcast_to(swapped[tokens], answers.shape), answers)))
        yield Basins(*(np.concatenate(kept) for kept in zip(*parts, strict=True)))


def _permutations(symmetries: Symmetries | None, runs: int, n: int, vocab: int) -> tuple[np.ndarray, np.ndarray]:
    """Return source (runs, positions) and labels (runs, vocab) of every run; run 0 is left as it is.

    Raises ValueError for symmetries that are no permutations of so many positions and tokens.
    """
    source, labels = np.arange(n)[None], np.arange(vocab)[None]
    if symmetries is not None:
        for name, each, size in (("source", symmetries.source, n), ("labels", symmetries.labels, vocab)):
            if each.ndim != 2 or each.shape[1] != size or not (np.sort(each) == np.arange(size)).all():
                raise ValueError(f"symmetries' {name} must be permutations of 0 to {size - 1}, one a row.")
        turn = np.arange(runs - 1) % len(symmetries.source)
        source = np.concatenate([source, symmetries.source[turn]])
        labels = np.concatenate([labels, symmetries.labels[turn]])
    return np.broadcast_to(source, (runs, n)), np.broadcast_to(labels, (runs, vocab))


def _noisy(start: State, noise: float, seed: int, first: int) -> State:
    """Return a batch of states with noise added, that of run `first` + i drawn by (seed, first + i); run 0 has none."""
    shape = start.hidden.shape
    drawn = np.stack([np.random.default_rng((seed, first + i)).standard_normal(shape[1:]) for i in range(shape[0])])
    drawn[: first == 0] = 0
    own, injected = (_size(states) for states in (start.hidden, start.input[0]))
    scale = noise * torch.where(own > 0, own, injected)
    return start._replace(hidden=start.hidden + scale * torch.tensor(drawn).to(scale))


def endpoints(answers: np.ndarray, asked: np.ndarray | slice = slice(None)) -> Ends:
    """Find the end points of answers (runs, positions).

    Only the `asked` positions, a mask or indices, distinguish end points. Whether the vote is right is for the task to
    say.

    >>> e = endpoints(np.array([[1, 2], [3, 3], [1, 2], [1, 3]]))
    >>> e.distinct.tolist(), e.sizes.tolist(), e.which.tolist(), e.vote.tolist(), e.agreement.tolist()
    ([[1, 2], [3, 3], [1, 3]], [2, 1, 1], [0, 1, 0, 2], [1, 2], [0.75, 0.5])
    """
    _, first, which, sizes = np.unique(
        answers[:, asked], axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -sizes))
    counts = (answers[..., None] == np.arange(answers.max() + 1)).sum(0)
    return Ends(
        answers[first[order]],
        sizes[order],
        order.argsort()[which.ravel()],
        counts.argmax(-1),
        counts.max(-1) / len(answers),
    )


def equivariance(found: Basins, asked: np.ndarray | slice = slice(None)) -> Equivariance:
    """Measure how far answering commutes with the change of each run, over the `asked` positions, a mask or indices.

    >>> p = np.array([[[0.75, 0.25]], [[0.25, 0.75]]])
    >>> e = equivariance(Basins(p.argmax(-1), p, np.array([True, False])))
    >>> e.same.tolist(), e.distance.tolist()
    ([1.0, 0.0], [0.0, 0.5])
    """
    answers, p = found.answers[:, asked], found.probabilities[:, asked]
    return Equivariance((answers == answers[0]).mean(-1), np.abs(p - p[0]).sum(-1).mean(-1) / 2)


def _size(states: torch.Tensor) -> torch.Tensor:
    """Return the root mean square of each run's state: (runs, positions, d_model) → (runs, 1, 1)."""
    return states.square().mean((1, 2), keepdim=True).sqrt()


def _undo(logits: np.ndarray, source: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Turn logits (runs, positions, vocab) of images into those of the input: undo both permutations."""
    named = np.take_along_axis(logits, labels[:, None], -1)
    own: np.ndarray = np.take_along_axis(named, source.argsort(-1)[..., None], 1)
    return own
