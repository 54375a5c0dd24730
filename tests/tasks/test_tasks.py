"""What every task says of itself in the same words."""

from __future__ import annotations

import numpy as np
import pytest

from looped import tasks

NAMES = (
    "sudoku4",
    "sudoku6",
    "sudoku9",
    "edit_distance12",
    "lcs12",
    "edit_distance12-border1",
    "countdown3",
    "countdown4",
    "countdown4x99",
)
EXAMPLES = {"sudoku": ".3244..32.3..1.2", "words": "cat at", "countdown": "3 5 7 = 22"}
every = pytest.mark.parametrize("name", NAMES)


@every
def test_its_kind_is_one_of_three(name: str) -> None:
    assert name.startswith(
        {"sudoku": "sudoku", "words": ("edit_distance", "lcs"), "countdown": "countdown"}[tasks.get(name).kind]
    )


@every
def test_it_is_asked_where_the_loss_asks_and_nowhere_else(name: str) -> None:
    task = tasks.get(name)
    inputs, answers = task.sample(50, seed=3, split=None)
    asked = task.asked(inputs)
    assert (asked.shape, asked.dtype) == (inputs.shape, np.bool_)
    assert np.array_equal(asked, task.targets(inputs, answers) >= 0)
    assert asked.any(-1).all()
    assert np.array_equal(task.asked(inputs[7]), asked[7])
    assert np.array_equal(task.asked(inputs.reshape(5, 10, -1)), asked.reshape(5, 10, -1))


@every
def test_clues_are_what_the_input_says_of_its_own(name: str) -> None:
    task = tasks.get(name)
    inputs, _ = task.sample(50, seed=3, split=None)
    clues = task.clues(inputs)
    assert (clues.shape, clues.dtype) == (inputs.shape, np.bool_)
    assert np.array_equal(clues, [[task.sign(int(token)).isalnum() for token in row] for row in inputs])
    if task.kind != "words":  # a letter is a clue and asked, too
        assert np.array_equal(clues, ~task.asked(inputs))


@every
def test_every_token_has_a_sign_of_its_own(name: str) -> None:
    task = tasks.get(name)
    signs = [task.sign(token) for token in range(task.vocab)]
    assert len(set(signs)) == len(signs)
    assert all(sign.strip() for sign in signs)


@every
def test_every_position_has_a_name_of_its_own(name: str) -> None:
    task = tasks.get(name)
    for tokens in task.sample(5, seed=0, split=None)[0]:
        names = [task.place(tokens, position) for position in range(task.length)]
        assert len(set(names) - {"padding"}) == len(names) - names.count("padding")


@pytest.mark.parametrize(("name", "signs", "places"), [
    ("sudoku4", "·3244··32·3··1·2", {0: "row 1, column 1", 7: "row 2, column 4", 15: "row 4, column 4"}),
    ("lcs6", "cat|·····at=······", {0: "letter 1 of the first word (c)", 2: "letter 3 of the first word (t)", 3: "the mark | after the first word",
                                    4: "padding", 10: "letter 2 of the second word (t)", 11: "the sign = after the second word", 17: "padding"}),
    ("countdown3", "35722__________", {0: "number 1 (3)", 2: "number 3 (7)", 3: "target (22)", 4: "step 1, first number", 5: "step 1, operation",
                                       6: "step 1, second number", 7: "step 1, equals sign", 8: "step 1, result", 9: "step 2, first number",
                                       13: "step 2, result"}),
])  # fmt: skip
def test_signs_and_places_by_hand(name: str, signs: str, places: dict[int, str]) -> None:
    task = tasks.get(name)
    tokens = task.encode(task.parse(EXAMPLES[task.kind]))
    assert "".join(task.sign(int(token)) for token in tokens) == signs
    assert {position: task.place(tokens, position) for position in places} == places


def test_signs_of_answers() -> None:
    lcs, countdown = tasks.get("lcs12"), tasks.get("countdown4")
    assert [lcs.sign(token) for token in (0, 1, 2, 3, 28, 29, 45)] == ["·", "|", "=", "a", "z", "0", "16"]
    assert [countdown.sign(token) for token in (0, 1, 2, 3, 4, 5, 6, 106)] == ["_", "+", "×", "-", "÷", "=", "0", "100"]
