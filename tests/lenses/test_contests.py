"""Shares of contests and moves of fields, of a small net and of cases by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import looped
from looped.lenses.contests import claims, fields
from looped.model.candidates import GROUPS, Candidates, CandidatesConfig
from looped.runs.trace import Trace, record
from looped.serving.message import pack_trace

N, LOOPS, CONTESTS = 4, 3, 2


@pytest.fixture(scope="module")
def trace() -> Trace:
    torch.manual_seed(0)
    net = Candidates(CandidatesConfig("candidates", 4, (2, 2), width=8, contests=CONTESTS, hidden=8))
    return record(net.eval().requires_grad_(False), np.arange(16) % 5, LOOPS)


def test_claims_are_the_mean_over_contests_of_each_candidate(trace: Trace) -> None:
    found, shares = claims(trace), trace.observed["shares"]
    assert found is not None
    assert (found.contests, found.even, found.mean.shape) == (CONTESTS, 0.25, (LOOPS, 2, 16, N, 4))
    for loop, layer, cell, digit, group in [(0, 0, 0, 0, 0), (2, 1, 7, 3, 1), (1, 0, 15, 2, 3)]:
        own = [shares[loop, layer, cell * N + digit, group * CONTESTS + h] for h in range(CONTESTS)]
        assert found.mean[loop, layer, cell, digit, group] == pytest.approx(sum(own) / CONTESTS)
        column = found.mean[loop, layer, cell, :, group]
        assert np.array_equal(found.most[loop, layer, cell, :, group], column > max(column) * (1 - 1e-6))
    np.testing.assert_allclose(found.mean[..., GROUPS.index("cell")].sum(-1), 1, atol=1e-5)
    rows = found.mean[..., GROUPS.index("row")].reshape(LOOPS, 2, 4, 4, N)
    np.testing.assert_allclose(rows.sum(3), 1, atol=1e-5)  # of one digit in one row


def test_a_run_without_contests_has_no_claims(trace: Trace) -> None:
    without = Trace.of({name: array for name, array in trace.arrays().items() if name != "shares"})
    assert claims(without) is None
    assert "claims" not in pack_trace(without)["arrays"]
    assert pack_trace(without)["meta"]["missing"]["claims"] == (
        "There is nothing to draw: this panel needs contests within groups, which was not observed in this run."
    )


def test_fields_move_as_much_as_their_numbers(trace: Trace) -> None:
    assert trace.places is not None
    found = fields(trace.hidden, trace.places)
    change = trace.hidden[2].astype(float) - trace.hidden[1]
    assert found.moved[1, 6, 3] == pytest.approx(np.sqrt((change[6 * N + 3] ** 2).mean()))
    assert found.mean[1, 2] == pytest.approx(np.sqrt((change[2::N] ** 2).mean()))
    assert np.array_equal(found.most[1], found.mean[1] > max(found.mean[1]) * (1 - 1e-6))


def test_the_message_holds_them(trace: Trace) -> None:
    packed, found = pack_trace(trace), claims(trace)
    assert found is not None
    np.testing.assert_allclose((packed["arrays"]["claims"] / 255.0) ** 2, found.mean, atol=0.004)
    digits = packed["arrays"]["claims_most"][..., None] >> np.arange(N) & 1
    assert np.array_equal(digits.astype(bool), np.moveaxis(found.most, 3, -1))
    assert (packed["meta"]["contests"], packed["meta"]["layers"]) == (CONTESTS, 2)


def test_none_is_called_the_largest_where_several_tie() -> None:
    """A trained net knows nothing in its first loop: the shares of a blank's candidates differ by rounding alone."""
    checkpoint = looped.load("sudoku4-candidates-looped")
    trace = record(checkpoint.model, checkpoint.task.encode(checkpoint.task.parse("4......2...33...")), 3)
    found, packed = claims(trace), pack_trace(trace)
    assert found is not None
    assert trace.places is not None
    apart = np.ptp(found.mean[0, 0, 5, :, 0])
    assert 0 <= apart < 1e-7
    assert found.most[0, 0, 5].all()
    assert found.most[2].any(2).all()
    assert not found.most[2].all(2).any()
    moved = fields(trace.hidden, trace.places)
    assert moved.most[0].all()  # every state has size 1 after the first loop, and none before it
    assert packed["arrays"]["field_most"][0] == 0b1111
    assert packed["arrays"]["tied"][0, 5] == 2  # 1 and 3, at one half each
    assert (packed["arrays"]["tied"][2] == 1).all()
