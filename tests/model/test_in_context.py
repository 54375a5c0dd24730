"""The in-context model against a plain restatement of its equations, and what a set of examples promises."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from looped.model import registry
from looped.model.in_context import InContext, InContextConfig
from looped.model.interventions import Block, Cut, Patch, Temperature
from looped.runs.trace import record

DIMS, EXAMPLES, QUERIES, LOOPS = 3, 5, 4, 4
CORES = ("looped", "tmlt", "standard")


def made(core: str, **settings: object) -> InContext:
    torch.manual_seed(3)
    layers = 2 if core == "standard" else 1
    loops = layers if core == "standard" else LOOPS
    config = InContextConfig("in-context", DIMS, core, loops, d_model=16, heads=2, layers=layers, **settings)
    model = registry.build(config)
    assert isinstance(model, InContext)
    for weight in model.parameters():  # gates and biases of a TMLT begin at zero, where a mistake would not show
        if not weight.any() or weight.ndim == 1:
            torch.nn.init.normal_(weight, mean=0.5, std=0.3)
    return model.eval().requires_grad_(False)


def prompt(examples: int = EXAMPLES, queries: int = QUERIES, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((examples + queries, DIMS + 2)).astype(np.float32)
    vectors[:, -1] = np.arange(len(vectors)) >= examples
    vectors[examples:, -2] = 0
    return vectors


def n(x: Tensor) -> Tensor:
    return x / (x.square().mean(-1, keepdim=True) + 1e-6).sqrt()


def restated(model: InContext, vectors: np.ndarray, loops: int, weights: dict[str, Tensor]) -> list[Tensor]:
    """The predictions after every loop, written with loops over places, examples and heads."""
    config, k = model.config, int((vectors[:, -1] == 0).sum())
    embedded = torch.tensor(vectors) @ weights["read.weight"].T + weights["read.bias"]
    standard = config.core == "standard"
    h, out = embedded if standard else torch.zeros_like(embedded), []
    for t in range(loops):
        x, index = (h, t) if standard else (h + embedded, 0)
        if config.core == "tmlt":
            a1, a2, g1, g2 = model.timestep(t)[0]  # its own parity is tested with the family's
        else:
            a1 = a2 = torch.ones(())
            g1, g2 = weights[f"layers.{index}.gain1"], weights[f"layers.{index}.gain2"]
        q, key, v = (n(x) * g1 @ weights[f"layers.{index}.qkv.weight"].T).chunk(3, -1)
        mixed = torch.zeros_like(x)
        wide = config.d_model // config.heads
        for place in range(len(x)):
            attended = [*range(k), *([place] if place >= k else [])]
            for head in range(config.heads):
                part = slice(head * wide, (head + 1) * wide)
                scores = torch.stack([q[place, part] @ key[j, part] for j in attended]) / math.sqrt(wide)
                mixed[place, part] = sum(w * v[j, part] for w, j in zip(scores.softmax(0), attended, strict=True))
        x = x + a1 * (mixed @ weights[f"layers.{index}.out.weight"].T)
        inner = F.gelu(n(x) * g2 @ weights[f"layers.{index}.up.weight"].T)
        x = x + a2 * (inner @ weights[f"layers.{index}.down.weight"].T)
        h = n(x) if config.state_norm and not standard else x
        out.append(n(h) * weights["gain"] @ weights["head.weight"].T + weights["head.bias"])
    return out


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("state_norm", [True, False])
def test_it_computes_what_its_equations_say(core: str, state_norm: bool) -> None:
    model, vectors = made(core, state_norm=state_norm), prompt()
    trace = record(model, vectors)
    wanted = torch.stack(restated(model, vectors, trace.loops, dict(model.state_dict())))
    assert np.allclose(trace.predictions, wanted.numpy(), atol=2e-5)
    assert trace.difference < 1e-5


@pytest.mark.parametrize("core", CORES)
def test_the_examples_are_a_set_and_queries_do_not_see_each_other(core: str) -> None:
    model, vectors = made(core), prompt()
    first = record(model, vectors).predictions
    turned = np.concatenate([vectors[[3, 0, 4, 1, 2]], vectors[EXAMPLES:][::-1]])
    again = record(model, turned).predictions
    assert np.allclose(again[:, EXAMPLES:], first[:, EXAMPLES:][:, ::-1], atol=1e-5)
    alone = record(model, vectors[: EXAMPLES + 1]).predictions
    assert np.allclose(alone[:, EXAMPLES], first[:, EXAMPLES], atol=1e-5)


def restated_interleaved(model: InContext, vectors: np.ndarray, loops: int) -> np.ndarray:
    """The predictions at the queries, each from a sequence x1, y1, …, xk, yk, x of its own under a causal mask."""
    weights, k = dict(model.state_dict()), int((vectors[:, -1] == 0).sum())
    out = np.zeros((loops, len(vectors) - k))
    for query in range(len(vectors) - k):
        tokens = torch.zeros(2 * k + 1, DIMS)
        tokens[::2] = torch.tensor(vectors[[*range(k), k + query], :DIMS])
        tokens[1::2, 0] = torch.tensor(vectors[:k, DIMS])
        embedded = tokens @ weights["read.weight"].T + weights["read.bias"] + weights["place.weight"][: 2 * k + 1]
        h, wide = torch.zeros_like(embedded), model.config.d_model // model.config.heads
        for t in range(loops):
            x = h + embedded
            q, key, v = (n(x) * weights["layers.0.gain1"] @ weights["layers.0.qkv.weight"].T).chunk(3, -1)
            mixed = torch.zeros_like(x)
            for head in range(model.config.heads):
                part = slice(head * wide, (head + 1) * wide)
                scores = q[:, part] @ key[:, part].T / math.sqrt(wide)
                later = torch.ones(len(x), len(x)).triu(1).bool()
                mixed[:, part] = scores.masked_fill(later, -torch.inf).softmax(-1) @ v[:, part]
            x = x + mixed @ weights["layers.0.out.weight"].T
            inner = F.gelu(n(x) * weights["layers.0.gain2"] @ weights["layers.0.up.weight"].T)
            h = n(x + inner @ weights["layers.0.down.weight"].T)
            said = n(h[-1]) * weights["gain"] @ weights["head.weight"].T + weights["head.bias"]
            out[t, query] = float(said[0])
    return out


def test_interleaved_it_computes_what_the_sequence_of_each_query_gives() -> None:
    model, vectors = made("looped", prompt="interleaved"), prompt()
    trace = record(model, vectors)
    assert np.allclose(trace.predictions[:, EXAMPLES:, 0], restated_interleaved(model, vectors, LOOPS), atol=2e-5)
    assert trace.difference < 1e-5
    assert trace.places.tolist() == np.arange(2 * len(vectors)).reshape(-1, 2).tolist()
    assert trace.neighbours.tolist()[2] == [0, 1, 2, *[-1] * 8]


def test_interleaved_an_example_is_predicted_from_those_before_it() -> None:
    model, vectors = made("tmlt", prompt="interleaved"), prompt()
    first, shorter = record(model, vectors).predictions, prompt()[[0, 1, 2]]
    shorter[2, -2:] = (0, 1)  # the third example as a query
    assert np.allclose(record(model, shorter).predictions[:, 2], first[:, 2], atol=1e-5)
    changed = vectors.copy()
    changed[3, -2] += 1
    assert np.allclose(record(model, changed).predictions[:, :4], first[:, :4], atol=1e-5)


def test_attention_is_kept_for_the_examples_and_the_query_itself() -> None:
    trace = record(made("looped"), prompt())
    assert trace.attention.shape == (LOOPS, 1, 2, EXAMPLES + QUERIES, EXAMPLES + 1)
    assert trace.neighbours.tolist()[0] == [0, 1, 2, 3, 4, -1]
    assert trace.neighbours.tolist()[-1] == [0, 1, 2, 3, 4, 8]


def test_it_runs_without_any_example() -> None:
    trace = record(made("tmlt"), prompt(examples=0))
    assert np.isfinite(trace.predictions).all()
    assert trace.attention.shape[-1] == 1


def test_interventions_act_on_the_neighbours() -> None:
    model, vectors = made("looped"), prompt()
    last = EXAMPLES + QUERIES - 1
    cut = record(model, vectors, interventions=(Block(positions=(last,), to=(2,)),))
    weights = cut.attention[0, 0, :, last]
    assert np.all(weights[:, 2] == 0)
    assert np.allclose(weights.sum(-1), 1)
    hard = record(model, vectors, interventions=(Temperature(temperature=0.0),)).attention[0]
    even = record(model, vectors, interventions=(Temperature(temperature=np.inf),)).attention[0, 0, :, last]
    assert np.allclose(even, 1 / (EXAMPLES + 1))
    assert set(np.unique(hard)) <= {0.0, 1.0}
    plain, without = record(model, vectors), record(model, vectors, interventions=(Cut(heads=(0, 1)),))
    assert not np.allclose(plain.predictions[0], without.predictions[0])
    assert Patch in model.interventions


@pytest.mark.parametrize(("settings", "message"), [
    ({"core": "recurrent"}, "core is 'recurrent'"),
    ({"prompt": "sentences"}, "prompt is 'sentences'"),
    ({"dims": 0}, "dims is 0"),
    ({"heads": 5}, "does not divide"),
])  # fmt: skip
def test_a_config_that_makes_no_sense_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(InContextConfig("in-context", DIMS, "looped", LOOPS), **settings)


def test_prompts_that_cannot_be_run_together_are_refused() -> None:
    model = made("looped")
    with pytest.raises(ValueError, match="examples of a prompt stand before its queries"):
        model.begin(torch.tensor(np.stack([prompt(5, 4), prompt(4, 5)])))
    with pytest.raises(ValueError, match="10 places are too many: this model has 9"):
        made("looped", length=9).begin(torch.tensor(prompt(5, 5))[None])
