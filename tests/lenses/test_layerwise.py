"""Cycles of blocks of several layers, known by hand and against the model's own layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from looped.lenses.layerwise import layerwise, streams_of
from looped.model.candidates import Candidates, CandidatesConfig
from looped.model.layers import norm
from looped.model.seam import LAYERS
from looped.runs.trace import record

TOKENS = np.arange(16) % 5


def test_layers_that_rest_apart_are_a_cycle() -> None:
    """Two layers on the axes: the first rests from its third loop on, the second never does; a turn of 90° is √2."""
    loops = 6
    streams = np.zeros((loops, 2, 1, 3))
    streams[:, 0, 0, 0] = [2, 1, 1, 1, 1, 1]
    streams[:, 1, 0, 1] = [1, 2, 1, 2, 1, 2]
    found = layerwise(streams)
    np.testing.assert_allclose(found.moved[1:], [[1, 0.5], [0, 1], [0, 0.5], [0, 1], [0, 0.5]])
    assert np.isnan(found.moved[0]).all()
    assert found.since.tolist() == [3, 0]
    assert np.isnan(found.within[0, 0])
    np.testing.assert_allclose(found.within[4], [np.sqrt(1 + 4), np.sqrt(2)])
    np.testing.assert_allclose(found.apart, [[0, np.sqrt(5)], [np.sqrt(5) / 2, 0]])


def test_a_layer_that_rests_once_and_goes_on_does_not_rest() -> None:
    streams = np.array([1.0, 1, 2, 2, 2, 2, 2])[:, None, None, None]
    assert layerwise(streams).since.tolist() == [4]
    assert layerwise(streams[:3]).since.tolist() == [0]


def test_rest_is_seen_in_the_last_four_loops_or_not_at_all() -> None:
    """One loop below the bound is none, nor are all that a run of four can compare."""
    streams = np.array([1.0, 2, 2, 2, 2, 2])[:, None, None, None]
    assert [int(layerwise(streams[:loops]).since[0]) for loops in (3, 5, 6)] == [0, 0, 3]
    assert layerwise(streams[1:5]).since.tolist() == [0]
    assert layerwise(streams[1:6]).since.tolist() == [2]


def test_streams_are_those_of_the_layers_one_by_one(make_model: Callable[..., Any]) -> None:
    """The last one, normalised, is the state of a model that normalises it; the first is that of the first layer."""
    model = make_model(layers=2, injection=True, state_norm=True)
    assert LAYERS in model.capabilities
    streams, trace = streams_of(model, TOKENS, 4), record(model, TOKENS, 4)
    assert streams.shape == (4, 2, 16, model.width)
    np.testing.assert_allclose(streams[:, 1], trace.hidden[1:], atol=1e-5)
    with torch.inference_mode():
        embedded = model.embed(torch.tensor(TOKENS)[None])
        first, _ = model.layers[0](torch.tensor(trace.hidden[2])[None] + embedded)
    np.testing.assert_allclose(streams[2, 0], norm(first)[0], atol=1e-5)


def test_a_net_of_candidates_has_layers_and_one_layer_has_none(make_model: Callable[..., Any]) -> None:
    torch.manual_seed(0)
    config = CandidatesConfig("candidates", 4, (2, 2), width=8, contests=2, hidden=8)
    net = Candidates(config).eval().requires_grad_(False)
    streams, trace = streams_of(net, TOKENS, 3), record(net, TOKENS, 3)
    np.testing.assert_allclose(streams[:, 1], trace.hidden[1:], atol=1e-4)
    assert LAYERS not in make_model().capabilities
    assert LAYERS not in make_model(architecture="standard", layers=3).capabilities
    with pytest.raises(ValueError, match="does not tell the layers of its loop"):
        super(Candidates, net).layer_states(net.begin(torch.tensor(TOKENS)[None]))
