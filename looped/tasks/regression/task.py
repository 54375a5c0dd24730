"""The task of learning a function in context: examples (x, y) and queries x in, the values at the queries out.

Inputs are vectors (places, d + 2) as `looped.tasks.regression.prompts` makes them. What is true at a query does not
stand in the input. It is known of sampled prompts, whose function follows from the seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.base import Base
from looped.tasks.protocol import FUNCTIONS, PROBE_NUMBERS, SIZES, CardWords, Layout, Rules, Shift, Terms
from looped.tasks.regression import methods
from looped.tasks.regression.examples import examples_of
from looped.tasks.regression.functions import CURVES, FORMS, WIDEST, Form
from looped.tasks.regression.page import PAGE
from looped.tasks.regression.prompts import GRID, MOST_EXAMPLES, WHERE, Sampled, Settings, grid_of, sample
from looped.tasks.regression.text import Prompt, answers_of, read, written

Vectors = NDArray[np.float32]
CURVE_KERNEL = 0.5
"""Length scale of the kernel that gradient descent is given for curves; for trees and networks it is √dims."""
HEIGHTS = (-3.0, 3.0)
"""Values of y that a drawing shows at least."""
SHIFTS = 6
WHERE_WORDS = ("as the examples do", "orthogonal to all examples", "on an example")
"""Values over a slider for which errors outside of training are measured, beside the usual one."""
FAMILY_WORDS = {
    "linear": "linear functions of {dims} numbers{sparse}",
    "tree": "decision trees of depth {size} over {dims} numbers",
    "network": "two-layer ReLU networks of {dims} numbers and {size} hidden units",
    "curve": "curves of one number: smooth ones, sums of sines, step functions",
}
POINT_WORDS = {
    "gaussian": "points are normally distributed",
    "signs": "every number of a point is +1 or -1",
    "even": f"points lie evenly from {-WIDEST:g} to {WIDEST:g}",
}


def kernel_of(form: Form) -> float:
    """Return the length scale of the kernel that gradient descent is given for a family; 0 is the linear kernel.

    Raises ValueError for a family that it is not said of.

    >>> kernel_of(Form("linear", 4, 8)), kernel_of(Form("tree", 4, 8)), kernel_of(Form("curve", 1, 8))
    (0.0, 2.0, 0.5)
    """
    wide = float(np.sqrt(form.dims))
    known = {"linear": 0.0, "curve": CURVE_KERNEL, "tree": wide, "network": wide}
    if form.family not in known:
        raise ValueError(f"There is no kernel for functions of the family {form.family!r}; add it to kernel_of.")
    return known[form.family]


class Regression(Base[Prompt]):
    """Functions of one family, learned from the examples of a prompt."""

    kind = "regression"
    input_kind: Literal["tokens", "vectors"] = "vectors"
    length = 512
    things = "prompts"
    verifiable = False
    columns: tuple[str, ...] = ("prompt",)
    answer_column = "answers"
    terms = Terms(
        place="point",
        places="points",
        token="number",
        tokens="numbers",
        asked="query",
        asked_many="queries",
        clue="example",
        clues="examples",
        input="prompt",
        inputs="prompts",
        face="prompt",
    )
    page = PAGE
    offers = frozenset({SIZES, FUNCTIONS})
    many_tokens = False

    def __init__(self, name: str) -> None:
        self.name, self.of = name, FORMS[name]
        self.vocab = self.of.dims + 2
        sparse = f", {self.of.size} of them with a weight" if self.of.size else ""
        words = FAMILY_WORDS[self.of.family]
        self.form = words.format(dims=self.of.dims, size=self.of.size, sparse=sparse)
        self.kernel = kernel_of(self.of)
        if self.of.family == "linear":
            self.offers = self.offers | {PROBE_NUMBERS}
        self.usual = f"{self.of.most} examples each"
        self.examples = examples_of(self.of)

    # ------------------------------------------------------------------------------------------------ text and vectors

    def parse(self, text: str) -> Prompt:
        """Read a prompt as `looped.tasks.regression.text.read` does. Raises ValueError with one sentence."""
        return read(text, self.of)

    def encode(self, parsed: Prompt) -> Vectors:
        """Return the vectors (places, d + 2) float32 of a prompt; without queries of its own it gets a grid of them."""
        if parsed.settings is not None:
            sampled: Vectors = self._sampled(parsed, parsed.settings).prompts[0]
            return sampled
        queries = np.array(parsed.queries or grid_of(self.of.dims, *self._extent(parsed)), float)
        shown = np.array(parsed.examples, float).reshape(-1, self.of.dims + 1)
        vectors = np.zeros((len(shown) + len(queries), self.vocab), np.float32)
        vectors[: len(shown), :-1] = shown
        vectors[len(shown) :, :-2] = queries
        vectors[len(shown) :, -1] = 1
        return vectors

    def told_answers(self, parsed: Prompt, beside: str = "") -> Vectors | None:
        """Return the true y (places,): of a sampled prompt, or as told beside typed rows, one number for each '?'."""
        if parsed.settings is not None:
            truth: Vectors = self._sampled(parsed, parsed.settings).truth[0]
            return truth
        told = answers_of(beside)
        if not told:
            return None
        queries = len(parsed.queries or grid_of(self.of.dims))
        if len(told) != queries:
            raise ValueError(
                f"There are {queries} {'query' if queries == 1 else 'queries'} and {len(told)} "
                f"{'number' if len(told) == 1 else 'numbers'} as answers; write one for each query, in order."
            )
        return np.array([0.0] * len(parsed.examples) + told, np.float32)

    def decode(self, inputs: ArrayLike, answers: ArrayLike) -> str:
        """Write each query with what was predicted there: `0.5 -> 1.2`."""
        vectors, said = np.asarray(inputs), np.asarray(answers)[..., 0]
        rows = np.flatnonzero(self.asked(vectors))
        return "; ".join(f"{' '.join(f'{x:.4g}' for x in vectors[row, :-2])} -> {said[row]:.4g}" for row in rows)

    def written(self, tokens: ArrayLike) -> str:
        """Write vectors (places, d + 2) as rows that `parse` reads, which keeps DIGITS places behind the point."""
        vectors = np.asarray(tokens)
        asked = self.asked(vectors)
        return written([tuple(row[:-1]) for row in vectors[~asked]], [tuple(row[:-2]) for row in vectors[asked]])

    def sign(self, token: int) -> str:
        """Return what one number of a vector is called."""
        return (*(f"x{i + 1}" for i in range(self.of.dims)), "y", "?")[token]

    def place(self, tokens: ArrayLike, position: int) -> str:
        """Return 'example 3' or 'query 2' for a place of vectors (places, d + 2)."""
        k = int(self.clues(np.asarray(tokens)).sum())
        return f"example {position + 1}" if position < k else f"query {position - k + 1}"

    # ------------------------------------------------------------------------------------------------ making inputs

    def sample(
        self, count: int, seed: int = 0, split: str | None = None, **sampling: Any
    ) -> tuple[Vectors, NDArray[np.float32]]:
        """Make prompts (count, places, d + 2) and the true y (count, places).

        Keywords are fields of `looped.tasks.regression.prompts.Settings`; examples may be a pair, between which one
        number is drawn for all of them. The sides of the split are streams of their own, so no function is on both.
        """
        given = dict(sampling)
        if isinstance(given.get("examples"), (tuple, list)):
            low, high = given["examples"]
            given["examples"] = int(np.random.default_rng(seed).integers(low, high + 1))
        made = sample(self.of, Settings.of(self.of, given), count, seed, split)
        return made.prompts, made.truth

    def of_size(self, size: int) -> dict[str, Any]:
        """Return the keywords of `sample` for prompts of `size` examples. Raises ValueError for a size out of range."""
        return {"examples": Settings.of(self.of, {"examples": size}).examples}

    def sizes(self) -> tuple[int, ...]:
        """Return numbers of examples by which scores are broken down, from one to as many as training had at most."""
        d, most = self.of.dims, self.of.most
        return tuple(sorted({size for size in (1, 2, 5, 10, d, 2 * d, 20, most) if size <= most}))

    def shifts(self) -> dict[str, Shift]:
        """Return the usual value of each slider among SHIFTS others that are spread over it, on its steps."""
        found = {}
        for slider in self._sliders():
            low, high, step, usual = (slider[name] for name in ("low", "high", "step", "usual"))
            spread = low + step * np.round((np.linspace(low, high, SHIFTS) - low) / step)
            values = {usual, *(int(value) if step == 1 else round(value, 6) for value in spread.tolist())}
            values -= {0} if slider["name"] == "examples" else set()  # which say nothing of any function
            found[slider["name"]] = Shift(tuple(sorted(values)), usual)
        return found

    def method_errors(self, inputs: ArrayLike, answers: ArrayLike, **sampling: Any) -> dict[str, float]:
        """Return the squared error of each method over that of answering zero, by its label: (count, …) prompts.

        sampling: what `sample` was told, of which the noise matters to methods that know it.
        """
        vectors, truth = np.asarray(inputs, float), np.asarray(answers, float)
        true = np.stack([y[a] for y, a in zip(truth, self.asked(vectors), strict=True)])
        of = self.method_predictions(vectors, **sampling)
        return {label: float(np.square(said - true).sum() / np.square(true).sum()) for label, said in of.items()}

    def method_predictions(self, inputs: ArrayLike, **sampling: Any) -> dict[str, NDArray[np.floating]]:
        """Return what each method predicts at the queries, (count, queries) by label; sampling: see `method_errors`."""
        noise, vectors = Settings.of(self.of, sampling).relative_noise, np.asarray(inputs, float)
        asked = self.asked(vectors)
        of = [
            methods.predictions(self.of, x[~a][:, :-1], x[a][:, :-2], noise)
            for x, a in zip(vectors, asked, strict=True)
        ]
        return dict(zip(methods.labels(self.of).values(), np.stack(of, 1), strict=True))

    def augment(
        self, inputs: ArrayLike, answers: ArrayLike, rng: np.random.Generator
    ) -> tuple[Vectors, NDArray[np.float32]]:
        """Return inputs and answers as they are: prompts are made anew in place of being varied."""
        return np.asarray(inputs, np.float32), np.asarray(answers, np.float32)

    def bands(self, inputs: ArrayLike) -> dict[str, np.ndarray]:
        """Return the number of examples of inputs (count, places, d + 2)."""
        return {"examples": self.clues(inputs).sum(-1).astype(str)}

    # ------------------------------------------------------------------------------------------------ what is true

    def asked(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return where the queries are: (…, places) bool."""
        return np.asarray(inputs)[..., -1] > 0

    def clues(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return where the examples are: (…, places) bool."""
        return ~self.asked(inputs)

    def targets(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[Any]:
        """Return the true y (…, places, 1) at queries, NaN at examples."""
        return np.where(self.asked(inputs), answers, np.nan)[..., None].astype(np.float32)

    def right(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """Return False for every prompt (…,): a real number is near or far, never right."""
        return np.zeros(np.shape(inputs)[:-2], np.bool_)

    def facts(self, parsed: Prompt) -> dict[str, Any]:
        """Return what the page is told of a prompt; see the contract of the page in `facts` of the message."""
        vectors = self.encode(parsed)
        settings = parsed.settings
        return {
            "solution": None,
            "judged": False,
            "typed": "Points",
            "dims": self.of.dims,
            "flips": self.of.points == "signs" and self.of.dims not in GRID,
            "range": list(self._extent(parsed, vectors)),
            "heights": list(HEIGHTS),
            "example_count": int(self.clues(vectors).sum()),
            "methods": [{"name": name, "label": label} for name, label in methods.labels(self.of).items()],
            "settings": self._sliders(),
            "choices": self._choices(),
            "sampled": None if settings is None else {"seed": parsed.seed} | vars(settings),
        }

    # ------------------------------------------------------------------------------------------------ places and arrays

    def layout(self, tokens: ArrayLike) -> Layout:
        """Return two rows: the examples, then the queries; without examples only these. The middle query is chosen."""
        vectors = np.asarray(tokens)
        names = tuple(self.place(vectors, position) for position in range(len(vectors)))
        k = int(self.clues(vectors).sum())
        rows = (("the examples", range(k)), ("the queries", range(k, len(vectors))))
        kept = [(name, tuple(row)) for name, row in rows if len(row)]
        middle = k + (len(vectors) - k) // 2
        return Layout(tuple(row for _, row in kept), tuple(name for name, _ in kept), names, (), middle)

    def first_place(self, tokens: ArrayLike) -> int:
        """Return the middle query."""
        return self.layout(tokens).cell

    def rules(self, tokens: ArrayLike, answers: ArrayLike) -> Rules:
        """Return whom attention goes to: the place itself, and the other examples."""
        itself = np.eye(len(np.asarray(tokens)), dtype=bool)
        return {"self": itself, "other examples": self.clues(tokens)[None] & ~itself}

    def points(self, inputs: ArrayLike) -> Vectors:
        """Return where every place stands: x, (places, d)."""
        return np.asarray(inputs, np.float32)[:, :-2]

    def probe_numbers(self, inputs: ArrayLike, control: bool = False) -> dict[str, NDArray[np.floating]]:
        """Return what least squares of linear functions works with, of inputs (count, places, d + 2): (count, d) each.

        moments: X'y / k of the k examples; weights: the least-squares weights, of these the shortest. control: the same
        of |y| in place of y, which predicts nothing.
        """
        if PROBE_NUMBERS not in self.offers:
            return super().probe_numbers(inputs, control)
        vectors = np.asarray(inputs, float)
        shown = vectors[:, self.clues(vectors[0]), :-1]
        x, y = shown[..., :-1], np.abs(shown[..., -1]) if control else shown[..., -1]
        moments = np.einsum("nkd,nk->nd", x, y) / y.shape[1]
        return {"moments": moments, "weights": np.einsum("ndk,nk->nd", np.linalg.pinv(x), y)}

    def beside(self, parsed: Prompt) -> str:
        """Return the text of a sampled prompt, from whose seed its function follows; "" for typed points."""
        return "" if parsed.settings is None else parsed.text

    def extras(
        self, tokens: ArrayLike, answers: ArrayLike, beside: str = "", settled: NDArray[Any] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return what the page draws beside the model, float32.

        truth (queries), NaN where the points were typed; method_predictions (methods, queries) in the order of `facts`;
        scale (), the variance of y by which squared errors are divided; kernel (), the length scale of the kernel with
        which gradient descent learns such functions, 0 for linear ones (`looped.lenses.descent`).
        """
        vectors = np.ascontiguousarray(tokens, np.float32)
        asked = self.asked(vectors)
        truth, settings = np.full(len(vectors), np.nan, np.float32), Settings(0)
        if beside:
            parsed = self.parse(beside)
            settings = parsed.settings or settings
            truth = self._sampled(parsed, settings).truth[0]
        shown, queries = vectors[~asked, :-1].astype(float), vectors[asked, :-2].astype(float)
        own = methods.predictions(self.of, shown, queries, settings.relative_noise)
        return {
            "truth": truth[asked],
            "method_predictions": own.astype(np.float32),
            "scale": np.array(settings.variance(self.of), np.float32),
            "kernel": np.array(self.kernel, np.float32),
        }

    # ------------------------------------------------------------------------------------------------ model cards

    def card(self) -> CardWords:
        """Return what a model card says of the task."""
        data = (
            f"{self.form}; {POINT_WORDS[self.of.points]}, and y has variance 1. Functions are drawn anew for every "
            "step; held out are functions of other random streams."
        )
        return CardWords("Squared error over that of answering zero", "error", data, "squared error at the queries")

    def describe_sampling(self, sampling: Mapping[str, Any]) -> str:
        """Return what `sample` was asked for, in words."""
        given = dict(sampling)
        examples = given.pop("examples", self.of.most)
        many = f"{examples[0]} to {examples[1]}" if isinstance(examples, (tuple, list)) else str(examples)
        more = "".join(f", {name} {value}" for name, value in given.items())
        return f"prompts of {many} example{'' if many == '1' else 's'}{more}"

    def failures(self, samplings: Sequence[Mapping[str, Any]], learned: bool = True) -> list[str]:
        """Return sentences on what a run trained with these samplings has not met."""
        return [
            f"It has met only {self.form} where {POINT_WORDS[self.of.points]}. Other functions, scaled or skewed "
            "points and noise were not trained on."
        ]

    # ------------------------------------------------------------------------------------------------ private

    def _extent(self, parsed: Prompt, vectors: Vectors | None = None) -> tuple[float, float]:
        """Return from where to where the x of a prompt are drawn, so that all of them are.

        Of typed ones that is at least what training used; of a sampled prompt its `vectors` say.
        """
        if parsed.settings is not None and vectors is not None and self.of.dims in GRID:
            return float(vectors[:, :-2].min()), float(vectors[:, :-2].max())
        given = [value for row in parsed.examples for value in row[:-1]] + [x for row in parsed.queries for x in row]
        return min(-WIDEST, *given, WIDEST), max(-WIDEST, *given, WIDEST)

    def _sampled(self, parsed: Prompt, settings: Settings) -> Sampled:
        """Return the prompt that settings and seed say, with its truth."""
        return sample(self.of, settings, 1, parsed.seed, grid=self.of.dims in GRID, queries=parsed.queries)

    def _sliders(self) -> list[dict[str, Any]]:
        """Return what a sampled prompt can be told, for sliders: what was trained on, and how far one can go."""
        d, most = self.of.dims, self.of.most
        found = [
            ("examples", "examples", 0, min(MOST_EXAMPLES, 3 * most), 1, most, [0, most]),
            ("noise", "noise", 0, 2, 0.1, 0, [0, 0]),
            ("scale", "scale of x", 0.2, 3, 0.1, 1, [1, 1]),
            ("wscale", "scale of y", 0.2, 3, 0.1, 1, [1, 1]),
        ]
        if d > 1:
            found += [
                ("skew", "skew", 0, 2, 0.1, 0, [0, 0]),
                ("quadrant", "queries in another quadrant", 0, 1, 1, 0, [0, 0]),
            ]
        if self.of.family == "linear":
            trained = self.of.size or d
            found.append(("nonzero", "weights that are not zero", 1, d, 1, trained, [trained, trained]))
        keys = ("name", "label", "low", "high", "step", "usual", "trained")
        return [dict(zip(keys, each, strict=True)) for each in found]

    def _choices(self) -> list[dict[str, Any]]:
        """Return what else a sampled prompt can be told, a value of a few; the first is that of training."""
        found = []
        if self.of.dims not in GRID:
            values = [[value, words] for value, words in zip(WHERE, WHERE_WORDS, strict=True)]
            found.append({"name": "query", "label": "queries lie", "values": values})
        if self.of.family == "curve":
            found.append(
                {"name": "curve", "label": "curves", "values": [["", "any"], *([kind] * 2 for kind in CURVES)]}
            )
        return found
