"""What a toy task says where nothing depends on it: the answer repeats the input, and every place is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from looped.tasks.base import Base
from looped.tasks.protocol import CardWords, Page

P = TypeVar("P")


def toy_page(slug: str, first: str, welcome: str, things: str) -> Page:
    """The page of a toy task: `first` is the checkpoint it opens with."""
    return Page(
        slug=slug,
        first=((first, None),),
        welcome=welcome,
        no_checkpoint=f"There is no checkpoint for {things}.",
        here_is="{checkpoint} reads {own}, so here is one.",
        chose="{task} does not read this, so {checkpoint} was chosen.",
        none_fits="Nothing reads this.",
        misfit="{label} does another task, so nothing is compared.",
    )


class Repeating(Base[P]):
    """Tokens in, the same tokens out."""

    def decode(self, inputs: Any, answers: Any) -> str:
        return "".join(map(str, np.asarray(answers).tolist()))

    def augment(self, inputs: Any, answers: Any, rng: np.random.Generator) -> tuple[Any, Any]:
        return inputs, answers

    def asked(self, inputs: Any) -> Any:
        return np.ones(np.shape(inputs), bool)

    def clues(self, inputs: Any) -> Any:
        return np.ones(np.shape(inputs), bool)

    def targets(self, inputs: Any, answers: Any) -> Any:
        return np.asarray(answers)

    def right(self, inputs: Any, answers: Any) -> Any:
        return (np.asarray(inputs) == answers).all(-1)

    def bands(self, inputs: Any) -> dict[str, Any]:
        return {}

    def card(self) -> CardWords:
        return CardWords("Rows right", "rows right", "any rows.", "cross-entropy")

    def describe_sampling(self, sampling: Mapping[str, Any]) -> str:
        return "rows"

    def failures(self, samplings: Sequence[Mapping[str, Any]], learned: bool = True) -> list[str]:
        return ["None is known."]
