"""The readout lens against the same questions asked one cell and one loop at a time."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.readout import readout

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(40, 4)) + 2 * RNG.normal(size=(9, 40, 4)) * 0.6 ** np.arange(9)[:, None, None]  # settles, early or late


def test_the_answer_is_the_token_with_the_largest_logit_and_confidence_its_probability() -> None:
    answers, confidence, *_ = readout(LOGITS)
    for t in range(9):
        for i in range(40):
            raised = [np.exp(value) for value in LOGITS[t, i]]
            assert LOGITS[t, i, answers[t, i]] == max(LOGITS[t, i])
            assert confidence[t, i] == pytest.approx(max(raised) / sum(raised))


def test_a_cell_has_changed_when_its_answer_differs_from_the_loop_before() -> None:
    answers, _, changed, _ = readout(LOGITS)
    assert not changed[0].any()
    assert changed[1:].any()
    assert not changed[1:].all()
    for t in range(1, 9):
        assert changed[t].tolist() == [a != b for a, b in zip(answers[t], answers[t - 1], strict=True)]


def test_settled_is_the_number_of_loops_after_which_the_answer_stays() -> None:
    answers, _, _, settled = readout(LOGITS)
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
