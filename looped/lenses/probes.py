"""What do the hidden states hold, loop by loop?

Linear probes, each fitted to one loop in closed form, and what to compare them with.

A probe that finds something in a state shows that it can be read from there by a linear map, not that the model reads
it. A probe may also have memorised which label goes with which place. These numbers help to tell:

    accuracy      on runs that the probe has not seen
    control       accuracy of the same probe on a control task (Hewitt & Liang 2019, arXiv 1909.03368)
    baseline      accuracy of always saying what is most frequent
    place         accuracy of saying what is most frequent for a sample's type: what the place alone tells
    embedded      accuracy of the same probe on the embedded input: what place and input tell without any loop

In a control task every *type* of sample has a label drawn once, at random, from those of the real task: in the
original a type is a word, here a position with the token that stands there. Such a label depends on nothing but the
type and is the same in held-out runs, so the accuracy is what a probe of this size reaches by memorising types.
Shuffled labels would not show that: on held-out runs they cannot beat the baseline, whatever the probe memorises.

Samples and labels are plain arrays, so that the same probes serve a cell of a Sudoku, a letter, or a pair of positions.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as packed
from torch import Tensor

from looped.lenses.numeric_probes import Sums
from looped.model import LoopedModel
from looped.model.interventions import Intervention
from looped.model.seam import device_of
from looped.runs.needs import ANY

NEEDS = ANY

SCHEMA = "4"  # of the files

States = Callable[
    [np.ndarray], np.ndarray
]  # indices of runs (count,) → their features (count, loops + 1, samples, features)


class Probes(NamedTuple):
    """One linear map for each loop, entry t for the state after t loops; accuracies are shares of held-out samples."""

    accuracy: np.ndarray  # (labels, loops + 1)
    control: np.ndarray  # (labels, loops + 1) the mean over control tasks
    baseline: np.ndarray  # (labels,) always saying the class that is most frequent in the runs fitted to
    weights: np.ndarray  # (loops + 1, features, labels, classes) float32
    bias: np.ndarray  # (loops + 1, labels, classes) float32
    runs: np.ndarray  # (2,) int64, how many were fitted to, and how many held out
    samples: np.ndarray  # (2,) int64, asked samples in them
    place: np.ndarray  # (labels,) always saying the class that is most frequent for the type, in the runs fitted to
    control_baseline: np.ndarray  # (labels,) `baseline` of the control tasks, the mean over them
    embedded: np.ndarray  # (labels,) the same probe on the embedded input; NaN where no such features were given
    embedded_weights: np.ndarray  # (features, labels, classes) float32, of that probe; NaN likewise
    embedded_bias: np.ndarray  # (labels, classes) float32, of that probe; NaN likewise
    right: np.ndarray  # (held-out runs, labels, loops + 1) float32, the accuracy on each run, NaN where none is asked
    alone: np.ndarray  # (2, held-out runs, labels) float32, `place` and `embedded` on each run, NaN likewise
    asked: np.ndarray  # (held-out runs,) int64, asked samples of each
    whole: np.ndarray  # (held-out runs, kinds, loops + 1) float32, the share of samples with all labels of a kind right
    whole_alone: np.ndarray  # (2, held-out runs, kinds) float32, the same by `place` and by `embedded`; NaN likewise

    @property
    def selectivity(self) -> np.ndarray:
        """Return accuracy − control, −1 to 1: (labels, loops + 1).

        Below zero, the control task is the easier one: where a state tells nothing the difference is `baseline` −
        `control_baseline`, for both probes then say what is most frequent.
        """
        difference: np.ndarray = self.accuracy - self.control
        return difference


class Fit(NamedTuple):
    """Progress of a fit: first the runs to fit to, then those held out."""

    done: int  # runs so far
    total: int
    probes: Probes | None  # in the last result only


class Reading(NamedTuple):
    """What the probes say of one run. Entry t belongs to the state after t loops."""

    answers: np.ndarray  # (loops + 1, samples, labels) int64, the class with the largest score
    scores: (
        np.ndarray
    )  # (loops + 1, samples, labels, classes) float32; they sum to one over the classes, but are no probabilities


def fit(
    states: States,
    labels: np.ndarray,
    types: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    held_out: float = 0.25,
    ridge: float = 1e-3,
    controls: int = 4,
    seed: int = 0,
    batch: int = 8,
    embedded: States | None = None,
    kinds: Sequence[slice] = (slice(None),),
) -> Iterator[Fit]:
    """Fit probes to labels (runs, samples, labels): a generator that yields after every batch of runs.

    `states` computes the features of `batch` runs at a time and once for each run, so that memory stays bounded. Labels
    are classes 0, 1, …; a sample that is not asked has −1 in all of its labels. `types` (runs, samples) are whole
    numbers, the types of the control task: default the place among the samples, which is right where all asked samples
    have the same token. `groups` (runs,) are whole numbers, and runs with the same one are on the same side of the
    split: the same board twice, or its images. About `held_out` of the groups are held out.

    Each label's classes are fitted one against all others by least squares, with `ridge` times the variance of each
    feature as the penalty: the closed form (C + ridge · diag C)⁻¹ c, from sums over runs. `controls` control tasks are
    fitted along with it, and the same probe of `embedded`, features of the embedded input (count, 1, samples, features)
    such as `embedded_input`. `kinds` are slices of the labels that make a whole together, such as all candidates of a
    cell: accuracies count labels, `whole` samples. Raises ValueError for what does not fit or cannot be split.

    >>> hidden = np.random.default_rng(0).normal(size=(40, 2, 5, 3))  # 40 runs of 1 loop, 5 positions
    >>> labels = (hidden[:, 1, :, :1] > 0).astype(int)  # in the first channel after that loop
    >>> *_, last = fit(lambda runs: hidden[runs], labels)
    >>> last.probes.accuracy.round(1).tolist(), last.probes.runs.tolist()
    ([[0.5, 1.0]], [30, 10])
    """
    if not (0 < held_out < 1 and ridge > 0 and min(controls, batch) >= 1):
        raise ValueError(
            f"held_out {held_out}, ridge {ridge}, controls {controls} and batch {batch} make no fit: held_out must lie "
            "between 0 and 1, ridge above 0, and the others must be at least 1."
        )
    data = _Data(states, labels, types, groups, held_out, controls, seed, batch)
    sums, done = Sums(), 0
    for count, x, y in data.batches(data.fitted):
        sums.add(x, torch.nn.functional.one_hot(y, data.classes).flatten(1).double())
        done += count
        yield Fit(done, data.runs, None)
    weights, bias = sums.solve(ridge)
    right: list[Tensor] = []  # of each held-out run, (loops + 1, tasks, labels)
    whole: list[Tensor] = []  # (loops + 1, kinds)
    for count, x, y in data.batches(data.aside):
        hit = (x @ weights + bias).view(*x.shape[:2], *data.wide).argmax(-1) == y
        for one in torch.split_with_sizes(hit, data.counts[len(right) : len(right) + count], 1):
            right.append(one.sum(1).double())
            whole.append(torch.stack([one[:, :, 0, kind].all(-1).sum(1).double() for kind in kinds], 1))
        done += count
        if done < data.runs:
            yield Fit(done, data.runs, None)
    probes = data.probes(weights, bias, torch.stack(right), torch.stack(whole), kinds)
    if embedded is not None:
        *_, alone = fit(embedded, labels, types, groups, held_out, ridge, 1, seed, batch, kinds=kinds)
        probes = _beside(probes, alone.probes)
    yield Fit(done, data.runs, probes)


def _beside(probes: Probes, embedded: Probes | None) -> Probes:
    """Put probes of the embedded input, which is a single state, beside those of the loops."""
    assert embedded is not None
    return probes._replace(
        embedded=embedded.accuracy[:, 0],
        embedded_weights=embedded.weights[0],
        embedded_bias=embedded.bias[0],
        alone=np.stack([probes.alone[0], embedded.right[..., 0]]),
        whole_alone=np.stack([probes.whole_alone[0], embedded.whole[..., 0]]),
    )


def hidden_states(
    model: LoopedModel, tokens: np.ndarray, loops: int | None = None, interventions: Sequence[Intervention] = ()
) -> States:
    """Return the hidden states of tokens (runs, places), computed on demand; samples are places (`by_place`).

    Raises ValueError for tokens outside the vocabulary, and, when they are computed, what `Model.unroll` raises.
    """
    if (
        tokens.ndim != 2
        or not tokens.size
        or tokens.dtype.kind not in "iu"
        or tokens.min() < 0
        or tokens.max() >= model.inputs
    ):
        raise ValueError(f"tokens must be (runs, positions) of whole numbers from 0 to {model.inputs - 1}.")

    @torch.inference_mode()
    def states(runs: np.ndarray) -> np.ndarray:
        batch = torch.as_tensor(tokens[runs].astype(np.int64), device=device_of(model))
        hidden = torch.stack([state.hidden for state in model.unroll(batch, loops, interventions=interventions)], 1)
        return by_place(hidden.float().cpu().numpy(), model.places(hidden.shape[2]))

    return states


def embedded_input(model: LoopedModel, tokens: np.ndarray) -> States:
    """Return the embedded input of tokens (runs, places), as features of one state; samples as in `hidden_states`."""

    @torch.inference_mode()
    def states(runs: np.ndarray) -> np.ndarray:
        batch = torch.as_tensor(tokens[runs].astype(np.int64), device=device_of(model))
        begun = model.begin(batch)
        embedded = (begun.input[0] if begun.input else begun.hidden)[:, None].float().cpu().numpy()
        return by_place(embedded, model.places(embedded.shape[2]))

    return states


def by_place(states: np.ndarray, places: np.ndarray | None) -> np.ndarray:
    """Put the states of a place's positions side by side: (…, positions, width) → (…, places, K · width).

    places (places, K) are the positions of each place (`looped.model.seam.LoopedModel.places`), such as the candidates
    of a cell; None where positions are places, whose states are returned as they are.

    >>> by_place(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]), np.array([[0, 1], [2, 3]])).tolist()
    [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]
    """
    if places is None:
        return states
    return states[..., places, :].reshape(*states.shape[:-2], len(places), -1)


def same_runs(tokens: np.ndarray) -> np.ndarray:
    """Return the `groups` of tokens (runs, positions): a number for each distinct row.

    >>> same_runs(np.array([[3, 1], [0, 2], [3, 1]])).tolist()
    [1, 0, 1]
    """
    found: np.ndarray = np.unique(tokens, axis=0, return_inverse=True)[1].reshape(-1)
    return found


def read(probes: Probes, states: np.ndarray) -> Reading:
    """Apply probes to states (loops + 1, samples, features), such as `Trace.hidden`, of at most as many loops.

    Raises ValueError for more loops than were fitted and for features of another width.
    """
    if states.ndim != 3 or len(states) > len(probes.weights) or states.shape[2] != probes.weights.shape[1]:
        raise ValueError(
            f"states have shape {states.shape}; these probes read "
            f"(at most {len(probes.weights)}, samples, {probes.weights.shape[1]})."
        )
    maps = probes.weights[: len(states)]
    scores = states @ maps.reshape(*maps.shape[:2], -1)
    scores = scores.reshape(*states.shape[:2], *maps.shape[2:]) + probes.bias[: len(states), None]
    return Reading(scores.argmax(-1), scores)


class Kinds(NamedTuple):
    """The numbers of some probes, averaged over the labels of each kind."""

    accuracy: np.ndarray  # (kinds, loops + 1)
    control: np.ndarray  # (kinds, loops + 1)
    baseline: np.ndarray  # (kinds,)
    place: np.ndarray  # (kinds,)
    control_baseline: np.ndarray  # (kinds,)
    embedded: np.ndarray  # (kinds,)

    @property
    def without(self) -> np.ndarray:
        """Return what place and input tell without any loop, (kinds,): the larger of the two."""
        return without_loops(self.place, self.embedded)


def without_loops(place: np.ndarray, embedded: np.ndarray) -> np.ndarray:
    """Return the larger of the accuracies by place alone and by the embedded input, NaN where one is not known.

    place: of the most frequent class at each place; embedded: of the same probe on the embedded input.
    """
    found: np.ndarray = np.maximum(place, embedded)
    return found


def by_kind(probes: Probes, kinds: Sequence[slice]) -> Kinds:
    """Average the accuracies of probes over kinds of labels, such as all candidates of a Sudoku."""
    return Kinds(
        np.stack([probes.accuracy[kind].mean(0) for kind in kinds]),
        np.stack([probes.control[kind].mean(0) for kind in kinds]),
        *(
            np.array([values[kind].mean() for kind in kinds])
            for values in (probes.baseline, probes.place, probes.control_baseline, probes.embedded)
        ),
    )


def hits(answers: np.ndarray, truth: np.ndarray, kinds: Sequence[slice]) -> np.ndarray:
    """Measure which share of a sample's labels of each kind is read right: (kinds, loops + 1, samples).

    answers (loops + 1, samples, labels) are those of a `Reading`, truth (samples, labels) the true classes, −1 where a
    label is not asked or not known; the result is NaN where a label of that kind is.

    >>> answers, truth = np.array([[[1, 0, 4], [1, 1, 2]]]), np.array([[1, 1, 4], [1, 1, -1]])
    >>> hits(answers, truth, [slice(0, 2), slice(2, 3)]).tolist()
    [[[0.5, 1.0]], [[1.0, nan]]]
    """
    right = np.where(truth >= 0, answers == truth, np.nan)
    return np.stack([right[..., kind].mean(-1) for kind in kinds])


def save(probes: Probes, folder: Path, sha256: str, what: str) -> Path:
    """Write probes to a folder for caches, for `load` to find by the checkpoint's sha256 and a name; the file.

    `what` must tell everything that the probes depend on beside the weights, in small letters, digits and hyphens:
    the labels, how many loops and runs, and the kind of a variant, which may share its weights with the checkpoint
    that it is of.
    """
    file = _file(folder, sha256, what)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.ascontiguousarray(array) for name, array in probes._asdict().items()}
    # A file of another name first: another thread or process may look for it at this moment.
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with open(handle, "wb") as out:
            out.write(packed(arrays, {"schema": SCHEMA, "sha256": sha256, "what": what}))
        os.replace(name, file)
    finally:
        Path(name).unlink(missing_ok=True)  # is there only when something went wrong
    return file


def load(folder: Path, sha256: str, what: str) -> Probes | None:
    """Read what `save` wrote; None when there is no usable file, so that the probes must be fitted again."""
    file = _file(folder, sha256, what)
    try:
        with safe_open(file, "np") as opened:
            if opened.metadata() != {"schema": SCHEMA, "sha256": sha256, "what": what}:
                return None
            return Probes(**{name: opened.get_tensor(name) for name in Probes._fields})
    except (OSError, SafetensorError):
        return None


def _file(folder: Path, sha256: str, what: str) -> Path:
    if not re.fullmatch("[0-9a-f]{64}", sha256) or not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", what):
        raise ValueError(
            "probes are kept under a sha256 and a name of small letters, digits and hyphens, "
            f"not {sha256!r} and {what!r}."
        )
    return folder / f"probes-{sha256}-{what}.safetensors"


def _asked(labels: np.ndarray) -> np.ndarray:
    """Return which samples have labels, (runs, samples) bool."""
    if labels.ndim != 3 or not labels.size or labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels must be whole numbers of shape (runs, samples, labels), not {labels.dtype} of {labels.shape}."
        )
    there = np.greater_equal(labels, 0)
    asked: np.ndarray = there.any(-1)
    if not asked.any() or (asked != there.all(-1)).any():
        raise ValueError("a sample must have all of its labels, or −1 in all of them; and some must have labels.")
    return asked


def _split(
    groups: np.ndarray, asked: np.ndarray, held_out: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of the runs to fit to, and of those held out."""
    order = rng.permutation(np.unique(groups))
    aside = np.isin(groups, order[: max(1, round(held_out * len(order)))])
    if not asked[aside].any() or not asked[~aside].any():
        raise ValueError(
            f"{len(order)} groups of runs cannot be split so that there are samples on both sides; more are needed."
        )
    return np.flatnonzero(~aside), np.flatnonzero(aside)


def _control(known: np.ndarray, types: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw labels (runs, samples, labels) that depend on the type alone.

    For each type and label it is that of a random one of the known samples (samples, labels).
    """
    which, place = np.unique(types, return_inverse=True)
    drawn = np.stack([rng.choice(column, len(which)) for column in known.T], -1)
    control: np.ndarray = drawn[place.reshape(types.shape)]
    return control


def by_type(known: np.ndarray, labels: np.ndarray, wanted: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Return the most frequent label of the type of each wanted sample: (wanted samples, labels).

    known (samples,) are the types of labels (samples, labels), wanted (wanted samples,) types; `usual` (labels,) stands
    in for a type that is not known.

    >>> by_type(np.array([5, 5, 5, 7]), np.array([[1], [2], [2], [3]]), np.array([7, 5, 9]), np.array([0])).tolist()
    [[3], [2], [0]]
    """
    said = np.tile(usual, (len(wanted), 1))
    for kind in np.intersect1d(known, wanted):
        said[wanted == kind] = _usual(labels[known == kind], int(labels.max()) + 1)
    return said


def _usual(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return the most frequent class of each column of labels (samples, labels): (labels,)."""
    counts = np.stack([(labels == one).sum(0) for one in range(classes)])
    found: np.ndarray = counts.argmax(0)
    return found


class _Data:
    """The runs to fit to and those held out, with the labels of the real task and of the control tasks."""

    def __init__(
        self,
        states: States,
        labels: np.ndarray,
        types: np.ndarray | None,
        groups: np.ndarray | None,
        held_out: float,
        controls: int,
        seed: int,
        batch: int,
    ) -> None:
        self.states, self.batch = states, batch
        self.labels = np.asarray(labels)
        self.asked = _asked(self.labels)
        self.runs, self.samples, count = self.labels.shape
        types = (
            np.broadcast_to(np.arange(self.samples), (self.runs, self.samples)) if types is None else np.asarray(types)
        )
        groups = np.arange(self.runs) if groups is None else np.asarray(groups)
        if types.shape != self.labels.shape[:2] or groups.shape != self.labels.shape[:1]:
            raise ValueError(
                f"types {types.shape} and groups {groups.shape} do not fit labels of {self.labels.shape}: "
                "runs, samples, labels."
            )
        self.types = types
        rng = np.random.default_rng(seed)
        self.fitted, self.aside = _split(groups, self.asked, held_out, rng)
        self.counts: list[int] = self.asked[self.aside].sum(1).tolist()  # asked samples of each held-out run
        self.classes = int(self.labels.max()) + 1
        self.known = self.of(self.fitted)
        control = [_control(self.known, types, rng) for _ in range(controls)]
        self.tasks = np.stack([self.labels, *control])  # (tasks, runs, samples, labels), the first is the real one
        self.wide = (len(self.tasks), count, self.classes)  # of what the fitted maps give

    def of(self, side: np.ndarray) -> np.ndarray:
        """Return the labels of the asked samples of some runs: (asked samples, labels)."""
        found: np.ndarray = self.labels[side][self.asked[side]]
        return found

    def batches(self, side: np.ndarray) -> Iterator[tuple[int, Tensor, Tensor]]:
        """Yield the number of runs, x (loops + 1, asked samples, features), y (asked samples, tasks, labels)."""
        for first in range(0, len(side), self.batch):
            runs = side[first : first + self.batch]
            features = np.asarray(self.states(runs))
            fits = features.ndim == 4 and features.shape[0] == len(runs) and features.shape[2] == self.samples
            if not fits or not np.isfinite(features).all():
                raise ValueError(
                    f"the features of {len(runs)} runs have shape {features.shape}; finite numbers of "
                    f"({len(runs)}, loops + 1, {self.samples}, features) were expected."
                )
            asked = self.asked[runs]
            x, y = features.swapaxes(0, 1)[:, asked], self.tasks[:, runs][:, asked]
            yield len(runs), torch.as_tensor(x).double(), torch.as_tensor(y).long().transpose(0, 1)

    def real(self, maps: Tensor) -> np.ndarray:
        """Take the real task's part of what was fitted: (…, outputs) → (…, labels, classes) float32."""
        part: np.ndarray = maps.view(*maps.shape[:-1], *self.wide)[..., 0, :, :].float().contiguous().numpy()
        return part

    def probes(self, weights: Tensor, bias: Tensor, right: Tensor, whole: Tensor, kinds: Sequence[slice]) -> Probes:
        """Put together what was fitted; right (runs, loops + 1, tasks, labels) counts samples of held-out runs.

        whole (runs, loops + 1, kinds) counts those with all labels of a kind right.
        """
        tested, counts = self.of(self.aside), np.array(self.counts)
        accuracy = (right.sum(0) / len(tested)).permute(1, 2, 0).numpy()  # (tasks, labels, loops + 1)
        usual = _usual(self.known, self.classes)
        at_place = tested == self._by_place(usual)
        share = np.where(counts, 1 / counts.clip(min=1), np.nan)  # of one sample in its run

        def by_run(hit: np.ndarray) -> np.ndarray:
            """Return the shares of (samples, …) by run, twice: NaN in the second place, for the embedded input."""
            found = np.stack([part.sum(0) for part in np.split(hit, counts.cumsum()[:-1])]) * share[:, None]
            return np.stack([found, np.full_like(found, np.nan)]).astype(np.float32)

        return Probes(
            accuracy[0],
            accuracy[1:].mean(0),
            (tested == usual).mean(0),
            self.real(weights),
            self.real(bias[:, 0]),
            np.array([len(self.fitted), len(self.aside)]),
            np.array([len(self.known), len(tested)]),
            at_place.mean(0),
            np.mean([self._control_baseline(task) for task in self.tasks[1:]], axis=0),
            np.full(len(usual), np.nan),
            np.full((weights.shape[1], *self.wide[1:]), np.nan, np.float32),
            np.full(self.wide[1:], np.nan, np.float32),
            (right[:, :, 0].permute(0, 2, 1).numpy() * share[:, None, None]).astype(np.float32),
            by_run(at_place),
            counts,
            (whole.permute(0, 2, 1).numpy() * share[:, None, None]).astype(np.float32),
            by_run(np.stack([at_place[:, kind].all(1) for kind in kinds], 1)),
        )

    def _by_place(self, usual: np.ndarray) -> np.ndarray:
        """Return the most frequent class of the type of each held-out sample: (held-out samples, labels).

        `usual` (labels,) stands in for a type that was not fitted to.
        """
        known, wanted = self.types[self.fitted][self.asked[self.fitted]], self.types[self.aside][self.asked[self.aside]]
        return by_type(known, self.known, wanted, usual)

    def _control_baseline(self, task: np.ndarray) -> np.ndarray:
        """Return the accuracy of always saying what is most frequent in a control task: (labels,)."""
        known, tested = (task[side][self.asked[side]] for side in (self.fitted, self.aside))
        found: np.ndarray = (tested == _usual(known, self.classes)).mean(0)
        return found
