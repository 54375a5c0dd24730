"""Rollout: the answer is the lens's, and traces back to the input that is injected, or else to the start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from looped.lenses.attribution import ablation
from looped.lenses.correlation import spearman
from looped.lenses.rollout import entering, input_rollout, rollout
from looped.questions import Asked
from looped.runs.trace import Trace, record
from questions.replies import LOOPS, last


@pytest.fixture(scope="module")
def flow(asked: Asked, trace: Trace) -> np.ndarray:
    """The rollout of the board, whose model has input injection."""
    embedded = asked.checkpoint.model.embed(torch.as_tensor(asked.tokens)[None])[0].detach().numpy()
    return input_rollout(trace.attention, entering(trace.hidden, embedded), trace.alpha1)


def test_rollout_of_a_model_with_injection_traces_back_to_its_input(asked: Asked, flow: np.ndarray) -> None:
    answer = last("rollout", asked)
    assert answer["meta"] == {"origin": "input", "even": 1 / 16}
    np.testing.assert_allclose(answer["arrays"]["rollout"].astype(float), flow, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(answer["arrays"]["rollout"][1:].astype(float).sum(-1), 1, atol=4e-3)


def test_rollout_of_another_model_traces_back_to_its_start(standard: Asked) -> None:
    answer = last("rollout", standard)
    trace = record(standard.checkpoint.model, standard.tokens, standard.loops)
    assert answer["meta"]["origin"] == "start"
    flow = answer["arrays"]["rollout"].astype(float)
    np.testing.assert_allclose(flow, rollout(trace.attention), rtol=1e-3, atol=1e-6)


def test_the_other_position_that_most_comes_from(asked: Asked, flow: np.ndarray) -> None:
    sources = last("rollout", asked)["arrays"]["sources"]
    assert sources.dtype == np.uint8
    for loop, position in ((1, 3), (2, 0), (LOOPS, 15)):
        others = [place for place in range(16) if place != position]
        assert flow[loop, position, sources[loop, position]] == flow[loop, position, others].max()
        assert sources[loop, position] != position


def test_blanking_a_clue_is_compared_with_rollout(asked: Asked, flow: np.ndarray) -> None:
    blank = replace(asked, cell=int(np.flatnonzero(asked.tokens == 0)[1]))
    given = asked.tokens != 0
    *_, without = ablation(asked.checkpoint.model, asked.tokens, blank.cell, blank.loop, given)
    wanted = spearman(flow[blank.loop, blank.cell, given], without.scores)
    assert last("clues", blank)["meta"]["rollout"] == pytest.approx(wanted, abs=1e-6)
    assert abs(wanted) < 1  # or the comparison would say little
