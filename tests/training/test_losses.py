"""What is asked of an answer, and after which loops."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from looped.model import Config, Model, State
from looped.training.losses import (
    cross_entropy,
    loss_over_loops,
    loss_over_window,
    loss_to_rest,
    share_explained,
    share_right,
    squared_error,
)
from tests.training.helpers import Make


def test_the_loss_is_the_mean_over_all_loops_of_the_cross_entropy_on_the_blanks(make_model: Make) -> None:
    model = make_model(trained_loops=3, dtype=torch.float64)
    rng = np.random.default_rng(0)
    tokens, targets = rng.integers(5, size=(4, 16)), rng.integers(-1, 5, size=(4, 16))
    loss, logits = loss_over_loops(model, torch.as_tensor(tokens), torch.as_tensor(targets))
    by_loop = []
    for state in list(model.unroll(torch.as_tensor(tokens), 3))[1:]:
        scores = model.readout(state.hidden).numpy()
        asked = [(b, i) for b in range(4) for i in range(16) if targets[b, i] >= 0]
        by_loop.append(np.mean([np.log(np.exp(scores[b, i]).sum()) - scores[b, i, targets[b, i]] for b, i in asked]))
    assert len(by_loop) == 3
    assert len({round(value, 6) for value in by_loop}) == 3
    assert float(loss) == pytest.approx(np.mean(by_loop), abs=1e-12)
    np.testing.assert_allclose(logits.numpy(), scores, atol=1e-12)


def test_where_any_of_some_answers_will_do_the_loss_is_that_of_drawing_one_of_them() -> None:
    rng = np.random.default_rng(0)
    logits = torch.as_tensor(rng.normal(size=(3, 5, 4)))
    asked = np.array([[False, True, True, True, False], [True, True, False, True, True], [True] * 5])
    ways = np.where(asked[:, None], rng.integers(4, size=(3, 2, 5)), -1)
    ways[1, 1] = -1  # there is one answer to this one
    shares = logits.softmax(-1).numpy()
    drawn = [
        sum(math.prod(shares[b, i, way[i]] for i in np.flatnonzero(asked[b])) for way in ways[b] if way.max() >= 0)
        for b in range(3)
    ]
    assert float(cross_entropy(logits, torch.as_tensor(ways))) == pytest.approx(
        -np.log(drawn).sum() / asked.sum(), abs=1e-12
    )
    assert float(cross_entropy(logits, torch.as_tensor(ways[:, :1]))) == pytest.approx(
        float(cross_entropy(logits, torch.as_tensor(ways[:, 0]))), abs=1e-12
    )
    said = logits.argmax(-1).numpy()
    hits = [max(sum(said[b, i] == way[i] for i in np.flatnonzero(asked[b])) for way in ways[b]) for b in range(3)]
    assert share_right(logits, torch.as_tensor(ways)) == pytest.approx(sum(hits) / asked.sum())
    first = (said == ways[:, 0])[asked]
    assert share_right(logits, torch.as_tensor(ways[:, 0])) == pytest.approx(first.mean())
    assert sum(hits) > first.sum()


def test_every_loop_is_asked_so_every_part_of_the_model_learns() -> None:
    torch.manual_seed(0)
    model = Model(Config("tmlt", vocab=5, length=16, trained_loops=2, d_model=8, heads=2, layers=2, init="scaled"))
    with torch.no_grad():
        model.timestep.w5.weight.normal_(std=0.1)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    loss_over_loops(model, tokens, tokens)[0].backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


@pytest.mark.parametrize(("settings", "half"), [({}, False), ({}, True), ({"architecture": "tmlt", "layers": 2}, True)])
def test_loops_without_gradient_come_before_those_that_are_asked(settings: dict[str, Any], half: bool) -> None:
    """Against full precision, written plainly: the state after three loops as a constant, then the mean loss of two."""
    torch.manual_seed(0)
    usual: dict[str, Any] = {
        "architecture": "looped",
        "trained_loops": 4,
        "injection": True,
        "state_norm": True,
        "init": "scaled",
    }
    model = Model(Config(vocab=5, length=16, d_model=16, heads=2, positions="board", box=(2, 2), **usual | settings))
    if model.timestep is not None:
        torch.nn.init.normal_(model.timestep.w5.weight, std=0.1)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    targets = torch.where(tokens == 0, torch.arange(16) % 5, -1)

    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss, logits = loss_over_loops(model, tokens, targets, loops=2, skip=3)
    loss.backward()
    found = {name: p.grad for name, p in model.named_parameters()}

    model.zero_grad()
    state = model.begin(tokens)
    for _ in range(3):
        state = model.step(state)
    state, wanted = state._replace(hidden=state.hidden.detach()), torch.zeros(())
    for _ in range(2):
        state = model.step(state)
        scores = model.readout(state.hidden)
        wanted = wanted + torch.nn.functional.cross_entropy(scores[targets >= 0], targets[targets >= 0]) / 2
    wanted.backward()  # type: ignore[no-untyped-call]

    def close(a: torch.Tensor | None, b: torch.Tensor | None) -> bool:
        assert a is not None  # the embedding and all weights learn, also those that were used without gradient before
        assert b is not None
        return bool((a - b).norm() < (0.05 if half else 1e-4) * b.norm())

    assert close(loss.detach(), wanted.detach())
    assert close(logits, scores)
    assert [name for name, p in model.named_parameters() if not close(found[name], p.grad)] == []


VARIED = [
    {"injection": True, "state_norm": True},
    {"architecture": "tmlt", "layers": 2},
    {"architecture": "tmlt", "injection": True, "state_norm": True},
    {},
    {"injection": True, "feedback": True, "layers": 2},
    {"injection": True, "relations": True, "positions": "board", "box": (2, 2)},
]


@pytest.mark.parametrize("settings", VARIED, ids=str)
def test_inputs_at_different_loops_advance_as_each_would_alone(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(dtype=torch.float64, **settings)
    tokens, hidden = torch.randint(5, (4, 16)), torch.randn(4, 16, model.config.d_model, dtype=torch.float64)
    embedded, loops = model.embed(tokens), [3, 0, 20, 3]
    found = model.advance(hidden, embedded, torch.tensor(loops))
    for i, loop in enumerate(loops):
        alone = model.step(State(loop, hidden[i : i + 1], input=(embedded[i : i + 1],)))
        torch.testing.assert_close(found[i : i + 1], alone.hidden)


@pytest.mark.parametrize("settings", VARIED, ids=str)
def test_the_loss_of_inputs_that_go_on_is_that_of_their_next_loops(make_model: Make, settings: dict[str, Any]) -> None:
    """The mean over what each would give alone, from its start or from the state it had as a constant."""
    model = make_model(dtype=torch.float64, **settings).requires_grad_(True)
    tokens, targets = torch.randint(5, (3, 16)), torch.randint(5, (3, 16))
    earlier = [
        torch.full((1, 16, model.config.d_model), torch.nan, dtype=torch.float64)
    ]  # a fresh one has no state yet
    for i, loops in ((1, 2), (2, 4)):
        earlier.append([*model.unroll(tokens[i : i + 1], loops)][-1].hidden.detach())
    done = torch.tensor([0, 2, 4])
    loss, logits, hidden, others = loss_over_window(model, tokens, targets, torch.cat(earlier), done, done == 0, 2)
    assert others == {}
    loss.backward()
    found = [p.grad for p in model.parameters()]
    model.zero_grad()

    wanted = torch.zeros((), dtype=torch.float64)
    for i, done in enumerate((0, 2, 4)):
        start = State(done, earlier[i]) if done else None
        states = [*model.unroll(tokens[i : i + 1], done + 2, start=start)][1:]
        scores = [model.readout(state.hidden)[0] for state in states]
        wanted = wanted + sum(torch.nn.functional.cross_entropy(one, targets[i]) for one in scores) / 6
        torch.testing.assert_close(logits[i], scores[-1])
        torch.testing.assert_close(hidden[i], states[-1].hidden[0].detach())
    wanted.backward()  # type: ignore[no-untyped-call]
    assert not hidden.requires_grad
    assert float(loss.detach()) == pytest.approx(float(wanted.detach()))
    for one, p in zip(found, model.parameters(), strict=True):
        torch.testing.assert_close(one, p.grad)


def test_all_loops_of_a_step_are_asked_when_none_is_skipped(make_model: Make) -> None:
    model = make_model(trained_loops=3)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    by_default, all_three, last = (loss_over_loops(model, tokens, tokens, *asked)[0] for asked in ((), (3, 0), (1, 2)))
    assert by_default == all_three
    scores = model(tokens, 3)
    assert float(last) == pytest.approx(
        float(torch.nn.functional.cross_entropy(scores.flatten(0, 1), tokens.flatten())), rel=1e-5
    )
    assert last != all_three


def test_a_standard_transformer_is_asked_after_its_last_layer_and_every_layer_learns(make_model: Make) -> None:
    model = make_model(architecture="standard", layers=3).requires_grad_(True)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    loss, logits = loss_over_loops(model, tokens, tokens, loops=3)
    wanted = torch.nn.functional.cross_entropy(model(tokens).flatten(0, 1), tokens.flatten())
    assert float(loss.detach()) == pytest.approx(float(wanted.detach()), rel=1e-5)
    torch.testing.assert_close(logits, model(tokens))
    loss.backward()  # type: ignore[no-untyped-call]
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


def test_the_last_loop_alone_may_be_asked(make_model: Make) -> None:
    model = make_model(trained_loops=3).requires_grad_(True)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    loss, logits = loss_over_loops(model, tokens, tokens, 5, last_only=True)
    torch.testing.assert_close(logits, model(tokens, 5))
    torch.testing.assert_close(
        loss, torch.nn.functional.cross_entropy(model(tokens, 5).flatten(0, 1), tokens.flatten())
    )
    assert loss != loss_over_loops(model, tokens, tokens, 5)[0]


def test_an_answer_is_asked_as_soon_as_it_can_be_known_and_pulled_to_rest(make_model: Make) -> None:
    model = make_model(trained_loops=3).requires_grad_(True)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(3, 16)))
    needed, loops = torch.tensor([0, 3, 9]), 11
    states = [state.hidden.detach() for state in model.unroll(tokens, loops)]

    def asked(after: list[int]) -> float:
        outputs = torch.stack([model.readout(states[loop])[row] for row, loop in enumerate(after)])
        return float(torch.nn.functional.cross_entropy(outputs.flatten(0, 1), tokens.flatten()).detach())

    def moved(row: int, loop: int) -> float:
        before, after = states[loop - 1][row], states[loop][row]
        return float(((after - before).norm() / before.norm() + 1e-6).log())

    loss, outputs = loss_to_rest(model, tokens, tokens, loops, needed, rest=0.0)
    torch.testing.assert_close(outputs, model(tokens, loops))
    right = (asked([1, 3, 9]) + asked([11, 11, 11])) / 2
    assert float(loss.detach()) == pytest.approx(right, rel=1e-5)
    loss, _ = loss_to_rest(model, tokens, tokens, loops, needed, rest=0.5)
    at_last = (moved(0, 11) + moved(1, 11)) / 3  # the third input has had two loops to spare
    at_twice = (moved(0, 4) + moved(1, 10)) / 3  # and would need 22 loops
    assert float(loss.detach()) == pytest.approx(right + 0.5 * (at_last + at_twice / 2), rel=1e-5)
    loss.backward()  # type: ignore[no-untyped-call]
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_the_squared_error_is_on_what_is_asked() -> None:
    rng = np.random.default_rng(0)
    outputs, wanted = rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 4, 2))
    asked = rng.random((3, 4, 2)) < 0.5
    numbers = torch.as_tensor(np.where(asked, wanted, np.nan))
    error = np.mean((outputs - wanted)[asked] ** 2)
    assert float(squared_error(torch.as_tensor(outputs), numbers)) == pytest.approx(error, abs=1e-12)
    explained = share_explained(torch.as_tensor(outputs), numbers)
    assert explained == pytest.approx(1 - error / np.var(wanted[asked]), abs=1e-12)
    assert share_explained(numbers.nan_to_num(), numbers) == 1
    leaf = torch.as_tensor(outputs).requires_grad_(True)
    squared_error(leaf, numbers).backward()  # type: ignore[no-untyped-call]
    assert leaf.grad is not None
    assert torch.isfinite(leaf.grad).all()
    assert not leaf.grad[torch.as_tensor(~asked)].any()
