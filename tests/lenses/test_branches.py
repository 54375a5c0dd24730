"""What attention and the MLP add: the sizes that a run records are those of the branches, written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from looped.lenses.branches import branches
from looped.model import registry
from looped.model.interventions import Cut
from looped.model.layers import norm
from looped.runs.trace import record

TOKENS = np.array([1, 0, 3, 2, 0, 1])
SIZES = {"vocab": 4, "length": 6, "trained_loops": 3, "d_model": 8, "heads": 2}


def make(**config: object):  # type: ignore[no-untyped-def]
    model = registry.build(registry.read(SIZES | config)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(parameter.numel()))
    return model


@pytest.mark.parametrize("config", [{"injection": True, "layers": 2}, {"architecture": "tmlt", "injection": False}])
@torch.no_grad()
def test_sizes_are_those_of_the_branches_written_out(config: dict[str, object]) -> None:
    model = make(**{"architecture": "looped", "layers": 1} | config)
    trace = record(model, TOKENS, 3)
    embedded = model.embed(torch.tensor(TOKENS)[None])
    assert ("injected" in trace.observed) == bool(config["injection"])
    for t in range(3):
        x = torch.tensor(trace.hidden[t])[None]
        if config["injection"]:
            x = x + embedded
            assert trace.observed["injected"][t] == pytest.approx(float(embedded.norm()), rel=1e-5)
        for number, layer in enumerate(model.layers):
            a1, a2, g1, g2 = (1, 1, layer.gain1, layer.gain2) if model.timestep is None else model.timestep(t)[number]
            u = norm(x) * g1
            first = a1 * layer.attend(u, u, False)[0]
            second = a2 * layer.feed_forward(norm(x + first) * g2)
            wanted = [float(first.norm()), float(second.norm())]
            np.testing.assert_allclose(trace.observed["wrote"][t, number], wanted, rtol=1e-4)
            x = x + first + second
    np.testing.assert_allclose(branches(trace.observed["wrote"]).share.sum(1), 1)


def test_a_branch_that_is_cut_adds_nothing_and_the_input_is_not_a_branch() -> None:
    model = make(architecture="looped", layers=1)
    found = branches(record(model, TOKENS, 2, interventions=[Cut(mlp=True)]).observed["wrote"])
    assert found.size[:, 1].tolist() == [0, 0]
    assert found.share[:, 0].tolist() == [1, 1]
