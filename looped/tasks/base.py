"""Defaults for a task: one position for each place, and none of what only some tasks offer.

See `looped.tasks.protocol`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, Literal, NoReturn, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.protocol import Chart, Entries, Layout, NearTraining, Parsed, Rules, Seen, Shift, Symmetries, Terms

P = TypeVar("P", bound=Parsed)
"""What `parse` of a task makes of a text."""


class Base(ABC, Generic[P]):
    """What a task inherits. Subclasses offer the rest of `looped.tasks.protocol.Task`.

    A task names the class of its inputs, `class Sudoku(Base[Board])`, and all methods that take one are checked by it.
    """

    name: str
    length: int
    form = ""
    comment = "#"
    in_a_line = ""
    answer_column = ""
    terms = Terms()
    rule_words: Mapping[str, str] = MappingProxyType({})
    offers: frozenset[str] = frozenset()
    many_tokens = True
    splits: tuple[str, ...] = ()
    input_kind: Literal["tokens", "vectors"] = "tokens"

    # What every subclass defines and the defaults below build on.

    @abstractmethod
    def parse(self, text: str) -> P:
        """Read what a person typed."""

    @abstractmethod
    def encode(self, parsed: P, /) -> NDArray[Any]:
        """Return what the model reads of a checked input."""

    @abstractmethod
    def facts(self, parsed: P, /) -> dict[str, Any]:
        """Return what a page is told of an input."""

    @abstractmethod
    def sign(self, token: int) -> str:
        """Return a token as people read it."""

    @abstractmethod
    def asked(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return where an answer is asked for."""

    @abstractmethod
    def clues(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return what an answer can rest on."""

    @abstractmethod
    def layout(self, tokens: NDArray[np.integer]) -> Layout:
        """Return where the places of an input stand."""

    # Defaults.

    def targets(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[Any]:
        """Return what the loss asks for: the answer's token, -1 where nothing is asked; int64."""
        return np.where(self.asked(inputs), answers, -1).astype(np.int64)

    def read(self, text: str) -> tuple[str, P]:
        """Read a text as `parse` does: this task's name and what it made of it."""
        return self.name, self.parse(text)

    def trained_on(self, samplings: Sequence[Mapping[str, Any]]) -> Self:
        """Return this task: what it says of an input is the same for all its models."""
        return self

    def written(self, tokens: NDArray[np.integer]) -> str:
        """Return the signs of all tokens, one behind the other."""
        return "".join(self.sign(token) for token in np.asarray(tokens).tolist())

    def told_answers(self, parsed: Any, beside: str = "") -> NDArray[Any] | None:
        """Return None: rules decide which answers are right."""
        return None

    def measures(self, inputs: ArrayLike) -> dict[str, NDArray[Any]]:
        """Return none: the bands say it all."""
        return {}

    def token_name(self, token: int) -> str:
        """Return the sign of a token."""
        return self.sign(token)

    def claims(self, text: str) -> bool:
        """Return True: any text may be meant for it."""
        return True

    def mend(self, text: str) -> tuple[str, str] | None:
        """Return None: nothing of a wrong text can be run."""
        return None

    def entry(self, parsed: P, /) -> str:
        """Return the text: nothing else is marked."""
        return parsed.text

    def marked(self, text: str, entered: str) -> str:
        """Return the text: nothing tells entries from the rest."""
        return text

    def shown(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[Any]:
        """Return the tokens that stand on the face.

        (…, positions), answers where something is asked and no clue stands.
        """
        return np.where(self.asked(inputs) & ~self.clues(inputs), answers, inputs)

    def ways(self, inputs: ArrayLike, most: int) -> NDArray[np.int64]:
        """Raise ValueError: every input has one right answer."""
        raise ValueError(f"an input of {self.name} has one answer; ways must be 1, not {most}.")

    def loops_needed(self, inputs: ArrayLike) -> NDArray[np.int64]:
        """Raise ValueError: nothing is known of the loops that an input needs."""
        raise ValueError(f"{self.name} does not know how many loops an input needs; leave out spare.")

    def first_place(self, tokens: NDArray[np.integer]) -> int:
        """Return the first position where something is asked, or 0."""
        asked = np.flatnonzero(self.asked(tokens))
        return int(asked[0]) if len(asked) else 0

    def rules(self, tokens: NDArray[np.integer], answers: NDArray[np.integer]) -> Rules:
        """Return only the rule "self"."""
        return {"self": np.eye(len(tokens), dtype=bool)}

    def classes(self, inputs: ArrayLike) -> NDArray[np.unsignedinteger] | None:
        """Return None: no symmetry turns one input into another."""
        return None

    def near_training(self, inputs: ArrayLike, **splitting: Any) -> NearTraining | None:
        """Return None: nothing says which inputs are near to those of training."""
        return None

    def right_everywhere(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_] | None:
        """Return None: no answer is looked at where the input is given."""
        return None

    def groups(self, tokens: NDArray[np.integer]) -> NDArray[np.int64] | None:
        """Return None: places have no rules in groups."""
        return None

    def halves(self, tokens: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """Return None: an input has no two parts."""
        return None

    def points(self, inputs: NDArray[Any]) -> NDArray[np.floating] | None:
        """Return None: an input stands in no space."""
        return None

    def verdicts(self, parsed: P, /) -> dict[str, str]:
        """Return what is said of any answer."""
        return {
            "right": "The answer is right.",
            "wrong": "The answer is not right.",
            "several": "There is no single right answer to compare with.",
            "rule": "",
        }

    def beside(self, parsed: P, /) -> str:
        """Return "": all that is known is in what the model reads."""
        return ""

    def extras(
        self,
        tokens: NDArray[np.integer],
        answers: NDArray[np.integer],
        beside: str = "",
        settled: NDArray[np.integer] | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Return none: the page draws nothing further."""
        return {}

    def solutions(self, tokens: NDArray[np.integer], most: int) -> list[list[str]] | None:
        """Return None: an answer has no steps."""
        return None

    def equations(self, tokens: NDArray[np.integer], answers: NDArray[np.integer]) -> list[list[str]] | None:
        """Return None: an answer has no steps."""
        return None

    def charts(self, parsed: P, /, seen: Seen) -> list[Chart]:
        """Return none: no chart is of this task only."""
        return []

    def parts(self) -> Sequence[int]:
        """Return none: the sequence is of one part."""
        return ()

    # What only some tasks have.

    def symmetries(self, count: int, seed: int = 0) -> Symmetries:
        """Refuse: `offers` does not name SYMMETRIES."""
        self._lacks("symmetries of a single input")

    def probe_labels(self, inputs: ArrayLike, answers: ArrayLike) -> dict[str, NDArray[np.int64]]:
        """Refuse: `offers` does not name PROBE_LABELS."""
        self._lacks("labels for probes")

    def probe_truth(self, tokens: NDArray[np.integer]) -> dict[str, NDArray[np.int64]]:
        """Refuse: `offers` does not name PROBE_LABELS."""
        self._lacks("labels for probes")

    def probe_numbers(self, inputs: ArrayLike, control: bool = False) -> dict[str, NDArray[np.floating]]:
        """Refuse: `offers` does not name PROBE_NUMBERS."""
        self._lacks("numbers for probes")

    def table_entries(self, inputs: NDArray[np.integer], most: int | None = None) -> Entries:
        """Refuse: `offers` does not name TABLE."""
        self._lacks("table")

    def table_shape(self, tokens: NDArray[np.integer]) -> tuple[int, int]:
        """Refuse: `offers` does not name TABLE."""
        self._lacks("table")

    def lengths(self) -> range:
        """Refuse: `offers` does not name LENGTHS."""
        self._lacks("inputs of a chosen length")

    def trained_length(self) -> int:
        """Refuse: `offers` does not name LENGTHS."""
        self._lacks("inputs of a chosen length")

    def sample_length(
        self, count: int, seed: int, low: int, high: int, split: str | None = "held-out"
    ) -> NDArray[np.integer]:
        """Refuse: `offers` does not name LENGTHS."""
        self._lacks("inputs of a chosen length")

    def sizes(self) -> tuple[int, ...]:
        """Refuse: `offers` does not name SIZES."""
        self._lacks("prompts of a chosen size")

    def of_size(self, size: int) -> dict[str, Any]:
        """Refuse: `offers` does not name SIZES."""
        self._lacks("prompts of a chosen size")

    def shifts(self) -> dict[str, Shift]:
        """Refuse: `offers` does not name SIZES."""
        self._lacks("data outside of training")

    def method_errors(self, inputs: NDArray[Any], answers: NDArray[Any], **sampling: Any) -> dict[str, float]:
        """Refuse: `offers` does not name SIZES."""
        self._lacks("prompts of a chosen size")

    def method_predictions(self, inputs: NDArray[Any], **sampling: Any) -> dict[str, NDArray[np.floating]]:
        """Refuse: `offers` does not name SIZES."""
        self._lacks("prompts of a chosen size")

    def sample_hardest(self, count: int, seed: int) -> NDArray[np.integer]:
        """Refuse: `offers` does not name HARDEST."""
        self._lacks("hardest inputs")

    def hardest_file(self) -> str | None:
        """Refuse: `offers` does not name HARDEST."""
        self._lacks("hardest inputs")

    def _checked(self, inputs: ArrayLike) -> NDArray[np.int16]:
        """Return tokens (…, length) as int16, for compiled code. Raises ValueError for other numbers and shapes."""
        tokens = np.asarray(inputs)
        if tokens.ndim < 1 or tokens.shape[-1] != self.length or tokens.dtype.kind not in "iu":
            raise ValueError(
                f"{self.name} takes whole numbers (…, {self.length}), not {tokens.dtype} of shape {tokens.shape}."
            )
        return np.ascontiguousarray(tokens, np.int16)

    def _lacks(self, what: str) -> NoReturn:
        raise ValueError(f"{self.name} has no {what}.")
