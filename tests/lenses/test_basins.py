"""Basins: on a map with two of them, on models equivariant by construction, and against runs made one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from looped.lenses.basins import Basins, Symmetries, basins, endpoints, equivariance
from looped.model import State
from looped.runs.trace import record
from looped.tasks.sudoku.generator import generate
from looped.tasks.sudoku.rules import is_solution
from looped.tasks.sudoku.symmetries import augment, fingerprint, random_symmetries

Make = Callable[..., Any]
RNG = np.random.default_rng(0)
TOKENS = RNG.integers(5, size=16)


def never(tokens: np.ndarray, answers: np.ndarray) -> np.ndarray:
    assert tokens.shape == answers.shape
    return np.zeros(len(answers), bool)


def last(found: Iterator[Basins]) -> Basins:
    return list(found)[-1]


def permutations(count: int, n: int, vocab: int) -> Symmetries:
    return Symmetries(*(np.stack([RNG.permutation(size) for _ in range(count)]) for size in (n, vocab)))


# ------------------------------------------------------------------------------------------------ a map with two basins


class Ditch:
    """One position, one channel: h ← 2h, clamped to ±1. All above zero end at 1 (token 1), the rest at −1 (token 0)."""

    standing_interventions = ()

    trained_loops, inputs = 30, 2

    def parameters(self) -> Iterator[torch.Tensor]:
        yield torch.zeros(1)

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        return torch.full((len(tokens), 1, 1), 0.1)

    def unroll(self, tokens: torch.Tensor, loops: int, start: State | None = None) -> Iterator[State]:
        state = start or State(0, self.embed(tokens), input=(self.embed(tokens),))
        yield state
        while state.loop < loops:
            state = state._replace(loop=state.loop + 1, hidden=(2 * state.hidden).clamp(-1, 1))
            yield state

    def readout(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.cat([-hidden, hidden], -1)


def test_runs_end_in_the_basin_that_they_start_in() -> None:
    found = last(
        basins(Ditch(), np.array([0]), lambda tokens, answers: answers[:, 0] == 1, runs=2000, noise=2.0, batch=500)
    )
    assert found.right[0]
    assert found.right.mean() == pytest.approx((1 + math.erf(0.5 / math.sqrt(2))) / 2, abs=0.03)  # P(0.1 + 0.2 z > 0)
    ends = endpoints(found.answers)
    assert ends.distinct.tolist() == [[1], [0]]
    assert ends.sizes.tolist() == [found.right.sum(), (~found.right).sum()]
    assert ends.vote.tolist() == [1]
    assert ends.agreement.item() == found.right.mean()
    assert sorted(set(found.probabilities[:, 0, 1].tolist())) == pytest.approx(
        [1 / (1 + math.exp(2)), 1 / (1 + math.exp(-2))]
    )


def test_noise_in_proportion_carries_as_many_across_later() -> None:
    """After three loops the state is at 0.8: eight times as far from the edge, with noise eight times as large."""
    early, late = (last(basins(Ditch(), np.array([0]), never, runs=500, noise=0.5, at=at, batch=500)) for at in (0, 3))
    np.testing.assert_array_equal(early.answers, late.answers)
    assert 0.9 < early.answers.mean() < 1


# --------------------------------------------------------------------------------------------- against runs one by one


@pytest.mark.parametrize("settings", [
    {}, {"injection": True, "state_norm": True}, {"architecture": "tmlt", "positions": "board", "box": (2, 2)},
])  # fmt: skip
def test_a_run_is_that_of_the_image_mapped_back(make_model: Make, settings: dict[str, Any]) -> None:
    model, symmetries = make_model(**settings), permutations(3, 16, 5)
    found = last(
        basins(
            model, TOKENS, lambda tokens, answers: answers[:, 3] == 2, runs=6, loops=4, symmetries=symmetries, batch=4
        )
    )
    assert found.answers.shape == (6, 16)
    assert found.right.tolist() == (found.answers[:, 3] == 2).tolist()
    plain = record(model, TOKENS, 4)
    np.testing.assert_array_equal(found.answers[0], plain.answers[-1])
    np.testing.assert_allclose(found.probabilities[0], plain.probabilities[-1], atol=1e-5)
    for run in range(1, 6):
        source, labels = symmetries.source[(run - 1) % 3], symmetries.labels[(run - 1) % 3]
        trace = record(model, np.array([labels[TOKENS[source[j]]] for j in range(16)]), 4)
        for j in range(16):
            assert labels[found.answers[run, source[j]]] == trace.answers[-1, j]
            np.testing.assert_allclose(
                [found.probabilities[run, source[j], v] for v in range(5)],
                [trace.probabilities[-1, j, labels[v]] for v in range(5)],
                atol=1e-5,
            )


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("injection", [False, True])
def test_noise_is_added_once_in_proportion_to_the_state(make_model: Make, at: int, injection: bool) -> None:
    model = make_model(injection=injection)
    found = last(basins(model, TOKENS, never, runs=4, loops=5, noise=0.3, at=at, seed=7))
    plain = record(model, TOKENS, 5)
    np.testing.assert_array_equal(found.answers[0], plain.answers[-1])
    tokens = torch.tensor(TOKENS)[None]
    for run in range(1, 4):
        state = (
            plain.hidden[at] if at or not injection else model.embed(tokens)[0].numpy()
        )  # h[0] is zero with injection
        noise = 0.3 * np.sqrt((state**2).mean()) * np.random.default_rng((7, run)).standard_normal((16, 8))
        start = torch.tensor(plain.hidden[at] + noise, dtype=torch.float32)[None]
        end = list(model.unroll(tokens, 5, start=State(at, start)))[-1].hidden
        np.testing.assert_allclose(found.probabilities[run], model.readout(end)[0].softmax(-1), atol=1e-4)
        assert np.abs(found.probabilities[run] - found.probabilities[0]).max() > 1e-3


def test_the_noise_is_the_same_for_every_batch_size_and_another_for_every_seed(make_model: Make) -> None:
    model, symmetries = make_model(), permutations(7, 16, 5)  # images of which no two have states of one size
    runs = [
        last(
            basins(model, TOKENS, never, runs=7, noise=0.5, symmetries=symmetries, seed=seed, batch=batch)
        ).probabilities
        for seed, batch in ((1, 7), (1, 3), (2, 7))
    ]
    np.testing.assert_allclose(runs[0], runs[1], atol=1e-5)
    assert np.abs(runs[0] - runs[2])[1:].max((1, 2)).min() > 1e-3
    np.testing.assert_allclose(runs[0][0], runs[2][0], atol=1e-5)


def test_every_batch_adds_to_what_is_known(make_model: Make) -> None:
    parts = list(basins(make_model(), TOKENS, never, runs=7, noise=0.1, batch=3))
    assert [len(part.right) for part in parts] == [3, 6, 7]
    for part in parts:
        for some, every in zip(part, parts[-1], strict=True):
            np.testing.assert_array_equal(some, every[: len(some)])


def test_noise_and_symmetries_come_together(make_model: Make) -> None:
    model, symmetries = make_model(), permutations(3, 16, 5)
    both, turned = (
        last(basins(model, TOKENS, never, runs=4, symmetries=symmetries, noise=noise)) for noise in (1e-4, 0.0)
    )
    np.testing.assert_allclose(both.probabilities, turned.probabilities, atol=0.02)
    assert (both.probabilities[1:] != turned.probabilities[1:]).any((1, 2)).all()


def test_what_does_not_fit_is_refused(make_model: Make) -> None:
    model, fine = make_model(), permutations(2, 16, 5)
    for settings in ({"noise": -1.0}, {"noise": math.nan}, {"noise": 1.0, "at": 3}, {"at": -1}):
        with pytest.raises(ValueError, match="cannot be added; it must be 0 or more, after 0 to 2 loops"):
            next(basins(model, TOKENS, never, **settings))
    unfit = (
        ("source", fine.source % 15),
        ("source", fine.source[:, :9]),
        ("labels", fine.labels[0]),
        ("labels", fine.labels + 1),
    )
    for name, rows in unfit:
        with pytest.raises(ValueError, match=f"symmetries' {name} must be permutations of 0 to"):
            next(basins(model, TOKENS, never, symmetries=fine._replace(**{name: rows})))


# ------------------------------------------------------------------------------------------------------- equivariance


def test_a_model_that_knows_no_places_commutes_with_every_move(make_model: Make) -> None:
    model, moves = (
        make_model(positions="none", injection=True),
        permutations(5, 16, 5)._replace(labels=np.tile(np.arange(5), (5, 1))),
    )
    found = equivariance(last(basins(model, TOKENS, never, runs=6, symmetries=moves)))
    assert found.same.tolist() == [1] * 6
    assert found.distance.max() < 1e-5
    other = equivariance(
        last(basins(make_model(positions="learned", injection=True), TOKENS, never, runs=6, symmetries=moves))
    )
    assert other.same[1:].max() < 1
    assert other.distance[1:].min() > 0.01


def test_a_model_that_treats_all_digits_alike_commutes_with_every_relabelling(make_model: Make) -> None:
    """Five channels, one for each token, and a block that adds nothing: the answer is what stands there."""
    model = make_model(positions="none", d_model=8)
    for layer in model.layers:
        layer.out.weight.zero_()
        layer.down.weight.zero_()
    model.gain.fill_(1)
    model.token.weight.copy_(torch.eye(5, 8))
    model.head.weight.copy_(torch.eye(5, 8))
    relabelled = last(basins(model, TOKENS, never, runs=6, symmetries=permutations(5, 16, 5)))
    assert (relabelled.answers == TOKENS).all()
    assert equivariance(relabelled).distance.max() < 1e-6


def test_equivariance_counts_and_measures_what_is_asked_about() -> None:
    p = np.array([[[1, 0, 0], [0.5, 0.5, 0]], [[0, 1, 0], [0.5, 0.25, 0.25]]])
    found = Basins(p.argmax(-1), p, np.ones(2, bool))
    assert equivariance(found).same.tolist() == [1, 0.5]
    assert equivariance(found).distance.tolist() == [0, (1 + 0.25) / 2]
    assert equivariance(found, np.array([False, True])).distance.tolist() == [0, 0.25]


# --------------------------------------------------------------------------------------------------------- end points


def test_end_points_are_told_apart_where_it_counts_and_come_most_frequent_first() -> None:
    answers = np.array([[0, 1], [0, 2], [1, 2], [0, 3], [1, 4], [1, 5], [2, 5]])
    ends = endpoints(answers, np.array([0]))
    assert ends.distinct.tolist() == [[0, 1], [1, 2], [2, 5]]
    assert ends.sizes.tolist() == [3, 3, 1]  # of equally many the one that came first
    assert ends.which.tolist() == [0, 0, 1, 0, 1, 1, 2]
    assert ends.vote.tolist() == [0, 2]
    assert ends.agreement.tolist() == [3 / 7, 2 / 7]
    assert endpoints(answers).sizes.tolist() == [1] * 7
    assert endpoints(answers[::-1]).distinct[0].tolist() == [2, 5]
    turned = endpoints(np.array([[0], [1], [1], [1], [2], [2]]))
    assert (turned.distinct.ravel().tolist(), turned.which.tolist()) == ([1, 2, 0], [2, 0, 0, 0, 1, 1])


def test_the_vote_can_be_right_where_no_run_is() -> None:
    answers = np.array([[1, 1, 2], [1, 2, 1], [2, 1, 1]])
    assert endpoints(answers).vote.tolist() == [1, 1, 1]


# ----------------------------------------------------------------------------------------------- symmetries of a Sudoku


@pytest.mark.parametrize("size", [4, 6, 9])
def test_symmetries_of_a_sudoku_keep_solutions_and_the_class(size: int) -> None:
    puzzles, solutions = generate(2, size, size * size // 2, seed=1)
    symmetries = random_symmetries(size, 20, seed=5)
    images = [
        [labels[board[source]] for source, labels in zip(*symmetries, strict=True)]
        for board in (puzzles[0], solutions[0])
    ]
    assert is_solution(images[0], images[1], size).all()
    assert (fingerprint(np.array(images[0]), size) == fingerprint(puzzles[:1], size)).all()
    assert len({image.tobytes() for image in images[0]}) > 15
    assert (symmetries.labels[:, 0] == 0).all()  # a blank stays blank
    turned = [
        source[1] % size == source[0] % size for source in symmetries.source
    ]  # transposed: the next cell is in the next row
    assert (0 < sum(turned) < 20) == (size != 6)


def test_they_are_as_many_as_those_that_training_draws() -> None:
    """Places of a 4×4 board under either: the 128 of its geometry, and no others."""
    marked = np.eye(16, dtype=np.int8)
    mine = {source.tobytes() for source in random_symmetries(4, 3000, digits=False).source}
    rng, theirs = np.random.default_rng(0), set()
    for _ in range(200):
        # Every board marks one cell, so the same move of all of them is needed: one seed for each.
        seed = int(rng.integers(2**32))
        moved = [augment(cell[None], cell[None], 4, np.random.default_rng(seed))[0][0] for cell in marked]
        theirs.add(np.argmax(np.array(moved) > 0, 0).astype(np.int64).tobytes())
    assert len(mine) == 128
    assert theirs <= mine


def test_digits_and_places_can_be_had_alone() -> None:
    both, places, digits = (random_symmetries(9, 4, 2, **alone) for alone in ({}, {"digits": False}, {"places": False}))
    np.testing.assert_array_equal(places.source, both.source)
    np.testing.assert_array_equal(digits.labels, both.labels)
    assert (places.labels == np.arange(10)).all()
    assert (digits.source == np.arange(81)).all()
    assert (random_symmetries(9, 4, 3).source != both.source).any()
