"""A small task for each model of `tests.model.toys`: nine places in a row, typed as nine tokens or as nine vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from looped.catalogue.checkpoints import save_checkpoint
from looped.tasks import registry
from looped.tasks.protocol import Layout, Terms
from tests.model.toys import TOYS, make_toy
from tests.tasks.repeating import Repeating, toy_page

LENGTH, TOKENS = 9, 5
CLOSE = 0.1  # a number this near to the true one is right
PAGE = toy_page("toys", "two-states", "Nine places in a row.", "toys")


@dataclass(frozen=True)
class Row:
    """What was typed, as the model reads it."""

    values: tuple[Any, ...]
    text: str
    warnings: tuple[str, ...] = ()


class Tokens(Repeating[Row]):
    """Nine tokens from 0 to 4; right is an answer that repeats them."""

    length, vocab = LENGTH, TOKENS
    usual, things, columns = "any tokens", "rows", ("row",)
    verifiable, many_tokens = False, False
    examples = (("first", "123412340"),)
    page = PAGE
    terms = Terms()

    def __init__(self, name: str) -> None:
        self.name = self.kind = name

    def parse(self, text: str) -> Row:
        if len(text) != LENGTH or not set(text) <= set("01234"):
            raise ValueError("Type nine tokens, each from 0 to 4.")
        return Row(tuple(map(int, text)), text)

    def encode(self, parsed: Row) -> np.ndarray:
        return np.array(parsed.values)

    def sign(self, token: int) -> str:
        return "·abcd"[token]

    def place(self, tokens: Any, position: int) -> str:
        return f"place {position + 1}"

    def sample(self, count: int, seed: int = 0, split: str | None = None, **sampling: Any) -> tuple[Any, Any]:
        rows = np.random.default_rng(seed).integers(1, TOKENS, size=(count, LENGTH))
        return rows, rows

    def facts(self, parsed: Row) -> dict[str, Any]:
        return {"solution": None, "judged": True}

    def layout(self, tokens: Any) -> Layout:
        names = tuple(f"place {i + 1}" for i in range(LENGTH))
        signs = tuple(self.sign(token) for token in range(TOKENS))
        return Layout((tuple(range(LENGTH)),), ("the row",), names, signs, 0)


class NextTokens(Tokens):
    """The next token is asked at every position but the last."""

    def targets(self, inputs: Any, answers: Any) -> Any:
        last = np.full((*np.shape(answers)[:-1], 1), -1)
        return np.concatenate([np.asarray(answers)[..., 1:], last], axis=-1)


class Vectors(Tokens):
    """Nine vectors of five numbers, of which the first is typed; the answer asked for is twice the vector."""

    input_kind = "vectors"
    examples = (("first", "1 -0.5 0 0.25 2 1 1 0 -1"),)

    def parse(self, text: str) -> Row:
        try:
            numbers = tuple(map(float, text.split()))
        except ValueError as error:
            raise ValueError("Type nine numbers with spaces between.") from error
        if len(numbers) != LENGTH:
            raise ValueError("Type nine numbers with spaces between.")
        return Row(numbers, text)

    def encode(self, parsed: Row) -> np.ndarray:
        return np.outer(parsed.values, [1, 0.5, 0.25, 0, 0]).astype(np.float32)

    def decode(self, inputs: Any, answers: Any) -> str:
        return " ".join(f"{number:.2f}" for number in np.asarray(answers)[:, 0])

    def sample(self, count: int, seed: int = 0, split: str | None = None, **sampling: Any) -> tuple[Any, Any]:
        vectors = np.random.default_rng(seed).normal(size=(count, LENGTH, TOKENS)).astype(np.float32)
        return vectors, 2 * vectors

    def asked(self, inputs: Any) -> Any:
        return np.ones(np.shape(inputs)[:-1], bool)

    clues = asked

    def right(self, inputs: Any, answers: Any) -> Any:
        return (np.abs(2 * np.asarray(inputs) - answers) < CLOSE).all((-2, -1))

    def layout(self, tokens: Any) -> Layout:
        names = tuple(f"place {i + 1}" for i in range(LENGTH))
        return Layout((tuple(range(LENGTH)),), ("the row",), names, (), 0)


KINDS = {"regression": Vectors, "causal": NextTokens}  # of the others Tokens


def task_of(name: str) -> Tokens:
    """The task of a toy."""
    return KINDS.get(name, Tokens)(name)


def text_of(name: str) -> str:
    """An input of a toy as a person types it."""
    return task_of(name).examples[0][1]


def folder_of(name: str) -> str:
    """What the checkpoint of a toy is called."""
    return name.replace(" ", "-")


def make_catalogue(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the toys' tasks known, and write a checkpoint of each toy below `folder`. The toys must be registered."""
    known = registry.makers()
    made = {name: lambda name=name: task_of(name) for name in TOYS}
    monkeypatch.setattr(registry, "makers", lambda: known | made)
    for name in TOYS:
        save_checkpoint(folder / folder_of(name), make_toy(name), name, {}, [], torch.float32)
    return folder
