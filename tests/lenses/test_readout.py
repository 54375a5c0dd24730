"""The readout lens against the same questions asked one cell and one loop at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.lenses.readout import certainty, doubtful, misses, outcome, readable, readout, softmax, whole
from looped.runs.trace import record

RNG = np.random.default_rng(0)
LOGITS = (
    RNG.normal(size=(40, 4)) + 2 * RNG.normal(size=(9, 40, 4)) * 0.6 ** np.arange(9)[:, None, None]
)  # settles, early or late


def test_the_answer_is_the_token_with_the_largest_logit_and_confidence_its_probability() -> None:
    answers, confidence, *_ = readout(LOGITS)
    for t in range(9):
        for i in range(40):
            raised = [np.exp(value) for value in LOGITS[t, i]]
            assert LOGITS[t, i, answers[t, i]] == max(LOGITS[t, i])
            assert confidence[t, i] == pytest.approx(max(raised) / sum(raised))


def test_a_cell_has_changed_when_its_answer_differs_from_the_loop_before() -> None:
    answers, _, changed, *_ = readout(LOGITS)
    assert not changed[0].any()
    assert changed[1:].any()
    assert not changed[1:].all()
    for t in range(1, 9):
        assert changed[t].tolist() == [a != b for a, b in zip(answers[t], answers[t - 1], strict=True)]


def test_settled_is_the_number_of_loops_after_which_the_answer_stays() -> None:
    answers, _, _, settled, _ = readout(LOGITS)
    for i in range(40):
        loops = int(settled[i])  # answers[loops - 1] is the answer after that many loops
        assert 1 <= loops <= 9
        assert len(set(answers[loops - 1 :, i])) == 1
        assert loops == 1 or answers[loops - 2, i] != answers[loops - 1, i]
    assert len(set(settled.tolist())) > 3  # early and late ones are among them


def test_an_answer_that_never_changes_settled_after_one_loop() -> None:
    assert readout(np.repeat(LOGITS[:1], 5, axis=0)).settled.tolist() == [1] * 40
    assert readout(LOGITS[:1]).settled.tolist() == [1] * 40


def test_large_logits_do_not_overflow() -> None:
    read = readout(np.array([[[1000.0, 999.0]], [[-1000.0, -1001.0]]], np.float32))
    assert read.confidence[:, 0] == pytest.approx([1 / (1 + np.exp(-1))] * 2)
    assert read.answers[:, 0].tolist() == [0, 0]


def test_entropy_is_in_bits_and_lies_between_sure_and_even() -> None:
    assert certainty(np.zeros((1, 2, 8))).entropy.tolist() == [[3, 3]]
    sure = certainty(np.array([[[0.0, -np.inf, -np.inf]]]))
    assert sure.entropy.tolist() == [[0]]
    assert sure.probabilities.tolist() == [[[1, 0, 0]]]
    entropy = certainty(LOGITS).entropy
    for t in range(9):
        for i in range(40):
            p = [math.exp(x) for x in LOGITS[t, i]]
            assert entropy[t, i] == pytest.approx(-sum(x / sum(p) * math.log2(x / sum(p)) for x in p))


def test_the_rank_is_the_place_of_the_final_answer() -> None:
    rank, answers = certainty(LOGITS).rank, readout(LOGITS).answers
    for t in range(9):
        for i in range(40):
            assert answers[-1, i] == np.argsort(-LOGITS[t, i])[rank[t, i] - 1]
    assert set(rank.ravel().tolist()) == {1, 2, 3, 4}
    assert rank.dtype == np.int64


def test_a_token_that_ties_with_the_final_answer_does_not_stand_above_it() -> None:
    logits = np.array([[[2.0, 2.0, 1.0]], [[0.0, 1.0, 0.0]]])
    assert certainty(logits).rank.tolist() == [[1], [1]]


def test_flips_count_the_loops_that_changed_a_position() -> None:
    answers = [[0, 1], [1, 1], [0, 1], [1, 2]]
    logits = np.eye(3)[np.array(answers)]
    assert certainty(logits).flips[-1].tolist() == [3, 1]
    assert certainty(LOGITS).flips.tolist() == readout(LOGITS).changed.cumsum(0).tolist()


@pytest.mark.parametrize("chosen", [slice(None), np.array([3, 7, 20]), np.arange(40) % 3 == 0])
def test_the_whole_sums_up_its_positions(chosen: np.ndarray | slice) -> None:
    read, sure, together = readout(LOGITS), certainty(LOGITS), whole(LOGITS, chosen)
    np.testing.assert_allclose(together.entropy, sure.entropy[:, chosen].mean(1))
    np.testing.assert_allclose(together.rank, sure.rank[:, chosen].mean(1))
    np.testing.assert_array_equal(together.flips, read.changed[:, chosen].sum(1))
    assert together.flips.sum() == sure.flips[-1][chosen].sum()
    rest = read.settled[chosen][~read.unsettled[chosen]]  # what still changed in the last quarter is not settled
    assert read.unsettled.any()
    assert together.settled.tolist() == [sum(s <= t + 1 for s in rest.tolist()) for t in range(9)]
    assert together.rank[-1] == 1


def test_probabilities_are_those_of_the_trace(make_model: Callable[..., Any]) -> None:
    trace = record(make_model(), np.arange(16) % 5, 6)
    np.testing.assert_array_equal(certainty(trace.logits).probabilities, trace.probabilities)


def test_the_runner_up_has_the_second_largest_logit() -> None:
    found = certainty(LOGITS).runner_up
    order = np.argsort(-LOGITS, axis=-1)
    np.testing.assert_array_equal(found, order[..., 1])
    assert certainty(np.zeros((2, 3, 1))).runner_up.tolist() == [[0, 0, 0], [0, 0, 0]]  # of one token


def test_doubtful_answers_are_those_below_one_half() -> None:
    logits = np.log(np.array([[[0.5, 0.5], [0.4, 0.6]], [[0.9, 0.1], [0.45, 0.55]]]))
    assert doubtful(logits).tolist() == [0, 0]  # one half is not below it
    assert doubtful(logits, below=0.58).tolist() == [1, 1]
    assert doubtful(logits, np.zeros(2, bool)).tolist() == [0, 0]


def test_misses_count_where_something_is_asked() -> None:
    answers = np.array([[1, 2, 3], [1, 5, 3]])
    assert misses(answers, np.array([9, 5, 3])).tolist() == [2, 1]
    assert misses(answers, np.array([9, 5, 3]), np.array([False, True, True])).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("right", "first", "since"),
    [("FTTFT", 2, 5), ("TTT", 1, 1), ("FFF", None, None), ("FTF", 2, None), ("T", 1, 1), ("FFT", 3, 3)],
)
def test_when_an_answer_is_right_first_and_for_good(right: str, first: int | None, since: int | None) -> None:
    assert outcome(np.array([sign == "T" for sign in right])) == (first, since)


def test_readable_tokens_are_the_last_answer_and_those_that_were_ever_likely() -> None:
    tokens = readable(LOGITS, 3)
    peak = softmax(LOGITS).max(0)
    for i, row in enumerate(tokens):
        last = int(LOGITS[-1, i].argmax())
        assert last in row
        assert row.tolist() == sorted(set(row.tolist()))
        others = [v for v in np.argsort(-peak[i]) if v != last]
        assert set(row.tolist()) == {last, *others[:2]}
    assert readable(np.zeros((1, 1, 2)), 9).tolist() == [[0, 1]]  # no more than there are


def test_an_answer_that_changed_in_the_last_quarter_is_not_settled() -> None:
    last = np.array([1, 8, 12, 13, 16])  # the last loop that changed the answer, of 16
    answers = (np.arange(1, 17)[:, None] >= last).astype(int)
    said = readout(np.eye(2)[answers])
    assert said.settled.tolist() == last.tolist()
    assert said.unsettled.tolist() == [False, False, False, True, True]
    flips = readout(np.eye(2)[np.arange(16) % 2][:, None])  # it never comes to rest
    assert (flips.settled.tolist(), flips.unsettled.tolist()) == ([16], [True])


@pytest.mark.parametrize("loops", [1, 2, 4])
def test_a_short_run_calls_no_answer_settled(loops: int) -> None:
    """Not even one that never changed: four more loops without a change are asked of it."""
    assert readout(np.ones((loops, 2, 3))).unsettled.all()
    assert not readout(np.ones((loops + 4, 2, 3))).unsettled.any()


def test_after_the_last_layer_every_answer_has_settled() -> None:
    """Of six layers; of six loops those that changed in the last four have not."""
    answers = (np.arange(1, 7)[:, None] >= np.array([1, 2, 3, 6])).astype(int)
    logits = np.eye(2)[answers]
    read = readout(logits, complete=True)
    assert read.settled.tolist() == [1, 2, 3, 6]
    assert read.unsettled.tolist() == [False] * 4
    assert readout(logits).unsettled.tolist() == [False, False, True, True]
    assert whole(logits, complete=True).settled.tolist() == [1, 2, 3, 3, 3, 4]
    assert whole(logits).settled.tolist() == [1, 2, 2, 2, 2, 2]
