"""The Sequences page without a browser: every array and every word of its message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from inputs import (
    HUGE,
    LONGEST,
    PROBLEM,
    WORDS,
    shown,
)
from messages import read_meta, read_runs

from looped.catalogue.intervals import wilson
from looped.lenses.readout import readout
from looped.runs.trace import Trace, record
from looped.serving.engine import MOST_LOOPS, Engine
from looped.serving.packing import packer
from looped.serving.views import message_bytes
from looped.tasks import get
from looped.tasks.countdown.search import OPERATIONS, solutions

# ─── the message ─────────────────────────────────────────────────────────────────────────────────────────────────


ALL = [
    f"{task}-{kind}"
    for task in ("lcs6", "edit_distance6", "countdown3", "countdown4")
    for kind in ("looped", "tmlt", "standard")
]


@pytest.mark.parametrize("name", ALL)
def test_every_array_of_the_message(sequences: Engine, name: str) -> None:
    """Names and shapes of all of them; what is asked, said and right is the task's."""
    now = shown(sequences, name, loops=3)
    checkpoint = sequences.checkpoint(name)
    task: Any = checkpoint.task
    message = message_bytes(sequences, now)
    (run,), meta = read_runs(message), read_meta(message)
    n, loops, layers, heads, rules = task.length, 3, meta["runs"][0]["layers"], 2, len(meta["runs"][0]["rules"])
    shapes = {
        "tokens": (n,),
        "probabilities": (loops, n, task.vocab),
        "attention": (loops, layers, heads, n, n),
        "trajectory": (loops + 1, n, 6),
        "settled": (n,),
        "unsettled": (n,),
        "wrote": (loops, 2),
        "wrote_share": (loops, 2),
        "residual_relative": (loops,),
        "residual_absolute": (loops,),
        "residual_cell": (loops, n),
        "length": (loops,),
        "even": (n,),
        "distances": (loops + 1, n),
        "steps": (3, loops),
        "whole": (4, loops),
        "ranks": (loops, n),
        "rules": (rules, loops, layers, heads),
        "rules_even": (rules, loops),
        "asked": (n,),
        "right": (loops,),
        "answers": (loops, n),
        "runner_up": (loops, n),
        "entropy": (loops, n),
        "flips": (loops, n),
        "doubtful": (loops,),
        "readable": (n, 9),
        "strongest": (loops, layers, heads, n),
        "strongest_head": (loops, layers, n),
        "strongest_ties": (loops, layers, heads + 1, n),
        "rules_most": (loops, layers, heads + 1, 2),
        "nearer": (loops + 1,),
        "trend": (loops,),
        "trend_loop": (loops,),
        "stops": (8,),
    }
    if checkpoint.config.architecture != "standard":
        shapes["injected"] = (loops,)
    if checkpoint.config.architecture == "tmlt":
        shapes |= {
            "strengths": (loops, layers, 4),
            "scales": (loops, layers, 4, 16),
            "alike": (1 + 4 * layers, loops * (loops + 1) // 2),
            "alike_mean": (1 + 4 * layers, loops),
            "turns_most": (loops, layers),
        }
    if task.kind == "countdown":
        shapes |= {"holds": (loops, task.count - 1), "failed": (loops,), "way": (loops, task.count - 1)}
    else:
        shapes |= {
            "table": tuple(len(word) + 1 for word in task.words(run["tokens"])),
            "across": (2, 3, loops, layers, heads + 1),
            "across_most": (2, loops, layers, heads + 1, 2),
            "unseen": (loops, layers, heads + 1, n),
            "wrong": (loops,),
            "ends_wrong": (n,),
        }
    assert {field: array.shape for field, array in run.items()} == shapes
    tokens = task.encode(now.input)
    trace = record(checkpoint.model, tokens, loops)
    assert run["tokens"].tolist() == tokens.tolist()
    assert run["asked"].tolist() == task.asked(tokens).tolist()
    settled = readout(trace.logits).settled
    assert run["settled"].tolist() == np.where(task.asked(tokens), settled, 1).tolist()
    assert np.array_equal(run["answers"], trace.answers)
    assert run["right"].tolist() == [task.right(tokens, each) for each in trace.answers]
    if task.kind == "words":
        assert run["table"].tolist() == task.table(now.input.first, now.input.second).tolist()
    else:
        assert run["holds"].tolist() == [task.holds(tokens, each).tolist() for each in trace.answers]


def forged(trace: Trace, answers: np.ndarray) -> Trace:
    """A run that gives these answers (loops, positions)."""
    logits = np.zeros_like(trace.logits)
    np.put_along_axis(logits, answers[..., None], 9, -1)
    return replace(trace, output=logits)


def test_right_answers_are_told_from_wrong_ones(sequences: Engine) -> None:
    """A run that is wrong, right, and wrong again says so; of Countdown every equation has its own verdict."""
    words, numbers = get("lcs6"), get("countdown3")
    tokens = words.encode(words.parse(WORDS))
    right = words.answers(tokens[None])[0]
    trace = record(sequences.checkpoint("lcs6-tmlt").model, tokens, 3)
    assert packer("lcs6")(forged(trace, np.stack([right * 0, right, right + 1])))["arrays"]["right"].tolist() == [
        0,
        1,
        0,
    ]
    problem = numbers.parse(PROBLEM)
    tokens = numbers.encode(problem)
    way = solutions(problem.numbers, problem.target)[0]
    right = np.array(
        [
            *tokens[:4],
            *(
                token
                for a, operation, b, c in way
                for token in (a + 6, OPERATIONS.index(operation) + 1, b + 6, 5, c + 6)
            ),
        ]
    )
    half = np.where(np.arange(len(right)) < 9, right, 0)
    trace = record(sequences.checkpoint("countdown3-tmlt").model, tokens, 3)
    packed = packer("countdown3")(forged(trace, np.stack([right * 0, half, right])))["arrays"]
    assert packed["holds"].tolist() == [[0, 0], [1, 0], [1, 1]]
    assert packed["failed"].tolist() == [2, 1, 0]
    assert packed["right"].tolist() == [0, 0, 1]


def test_answers_that_are_all_but_equal_are_told_apart(sequences: Engine) -> None:
    """Probabilities travel in 16 bits; the answers are those of the run all the same."""
    tokens = get("lcs6").encode(get("lcs6").parse(WORDS))
    trace = record(sequences.checkpoint("lcs6-tmlt").model, tokens, 2)
    logits = np.zeros_like(trace.logits)
    logits[..., 30] = 1e-5
    packed = packer("lcs6")(replace(trace, output=logits))["arrays"]
    assert (packed["probabilities"].argmax(-1) == 0).all()
    assert (packed["answers"] == 30).all()


@pytest.mark.parametrize("name", [name for name in ALL if name.endswith("-tmlt")])
def test_every_token_but_padding_has_its_place(sequences: Engine, name: str) -> None:
    """Rows without gaps, in the order of the positions; names and signs of the task; the first choice is an answer."""
    task: Any = sequences.checkpoint(name).task
    for _, text in task.examples:
        now = shown(sequences, name, text)
        tokens, layout = task.encode(now.input), read_meta(message_bytes(sequences, now))["layout"]
        placed = [position for row in layout["rows"] for position in row]
        assert sorted(placed) == placed
        assert placed == (np.flatnonzero(tokens).tolist() if task.kind == "words" else list(range(task.length)))
        assert layout["names"] == [task.place(tokens, position) for position in range(task.length)]
        assert layout["signs"] == [task.sign(token) for token in range(task.vocab)]
        assert task.asked(tokens)[layout["cell"]]
        signs = [[task.sign(int(tokens[position])) for position in row] for row in layout["rows"]]
        settable = [task.sign(token) for token in layout["settable"]]
        if task.kind == "words":
            assert ["".join(row) for row in signs] == [now.input.first + "|", now.input.second + "="]
            assert settable == list("abcdefghijklmnopqrstuvwxyz")
            assert signs[1][-1] == task.sign(int(tokens[layout["cell"]])) == "="
        else:
            assert signs[0] == [str(number) for number in (*now.input.numbers, now.input.target)]
            assert {len(row) for row in signs[1:]} == {5}
            assert settable == [str(number) for number in range(1, task.high + 1)]
            own = [[task.sign(token) for token in ends] for ends in layout["settable_at"].values()]
            low, last = task.trained.targets
            numbers, target = ["1", str(task.trained.high)], [str(low), str(last)]
            most = str(min(task.most, 100))
            steps = [["1", most], ["+", "÷"], ["1", most], ["=", "="], ["1", most]]
            assert own == [numbers] * task.count + [target] + steps * (task.count - 1)
            assert layout["cell"] == task.length - 1
        assert layout["fixed"] == ([0, 1, *range(3, 29)] if task.kind == "words" else [])


def test_what_is_true_of_the_input(sequences: Engine) -> None:
    """Two words: the table's last number and the token of every answer.

    Countdown: how many solutions there are.
    """
    for name, number in (("lcs6-tmlt", 4), ("edit_distance6-tmlt", 2)):
        task: Any = sequences.checkpoint(name).task
        meta = read_meta(message_bytes(sequences, shown(sequences, name, WORDS)))
        assert (meta["words"], meta["answer"], meta["judged"], meta["typed"]) == (
            ["stone", "tone"],
            number,
            True,
            "Words",
        )
        tokens = task.encode(task.parse(WORDS))
        assert task.right(tokens, np.array(meta["solution"]))
        assert task.targets(tokens[None], np.array([meta["solution"]])).tolist() == [
            [token if asked else -1 for token, asked in zip(meta["solution"], task.asked(tokens), strict=True)]
        ]
    for name, text in (("countdown3-tmlt", PROBLEM), ("countdown4-tmlt", "1 2 3 4 = 24")):
        meta = read_meta(message_bytes(sequences, shown(sequences, name, text)))
        *numbers, target = (int(part) for part in text.replace("=", " ").split())
        ways = solutions(numbers, target)
        assert (meta["problem"], meta["answer"], meta["solution"], meta["judged"]) == (
            ", ".join(map(str, numbers)),
            target,
            None,
            True,
        )
        assert meta["solution_count"] == len(ways) > 0


def test_lists_and_cards_are_of_the_task(sequences: Engine) -> None:
    """Every checkpoint of the page can be chosen, a Sudoku's cannot; cards are those of the same task."""
    meta = read_meta(message_bytes(sequences, shown(sequences, "lcs6-tmlt")))
    offered = [one["name"] for one in meta["checkpoints"]]
    assert [name for name in offered if "~" not in name] == [
        name for name in sequences.names() if not name.startswith("sudoku")
    ]
    assert meta["most_loops"] == MOST_LOOPS
    assert meta["cards"] == []  # these were never measured


def test_cards_tell_what_was_measured_of_the_same_task(sequences: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def between(*shares: float) -> list[list[float]]:
        return [list(wilson(share, 40)) for share in shares]

    score = {"loops": [5, 10], "accuracy": [0.5, 0.75], "n": 40, "interval": between(0.5, 0.75)}
    test = score | {"loops": [5], "accuracy": [0.25], "interval": between(0.25)}
    kept = [score | {"interval": np.round(score["interval"], 4).tolist()}]  # what is told is of the counts
    kept.append(test | {"interval": np.round(test["interval"], 4).tolist(), "set": "test", "seconds": 3})
    for name in ("lcs6-looped", "lcs8-looped"):
        scores = [score | {"file": "other.csv", "accuracy": [0, 0]}, *kept]
        monkeypatch.setitem(sequences.checkpoint(name).info, "scores", scores)
    assert read_meta(message_bytes(sequences, shown(sequences, "lcs6-tmlt")))["cards"] == [
        {"name": "lcs6-looped", "passes": {"loop": "loop", "loops": "loops"}, **score, "tests": [test]}
    ]
    (own,) = read_meta(message_bytes(sequences, shown(sequences, "lcs6-looped", loops=9)))["runs"]
    assert own["measured"] == {"loops": 10, "accuracy": 0.75, "interval": between(0.75)[0], "of": "validation", "n": 40}
    changed = shown(sequences, "lcs6-looped~hardmax", loops=9)
    assert read_meta(message_bytes(sequences, changed))["runs"][0]["measured"] is None  # nothing was measured of it
    longer = shown(sequences, "lcs6-looped", "abcdefg abcdefgh", loops=9)  # no input that was measured is as long
    assert read_meta(message_bytes(sequences, longer))["runs"][0]["measured"] is None


@pytest.mark.parametrize(("name", "text"), [("lcs8-tmlt", LONGEST), ("countdown4-tmlt", "1 2 3 4 = 24")])
def test_messages_are_small(sequences: Engine, name: str, text: str) -> None:
    """Two runs of 32 loops.

    Of these tiny models everything but the scales is as large as of a trained one, but for twice the heads.
    """
    now = replace(shown(sequences, name, text, loops=32), versus=name.replace("tmlt", "looped"))
    assert len(message_bytes(sequences, now)) < HUGE
