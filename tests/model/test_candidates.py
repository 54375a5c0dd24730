"""The net with one position for each candidate, against a plain re-statement of its equations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from looped.lenses.timestep import strengths, vectors_at
from looped.model import seam
from looped.model.candidates import BLANK, Candidates, CandidatesConfig
from looped.model.interventions import Intervention, Mute, Scale, Swap, freeze
from looped.runs.trace import Trace, record
from looped.runs.variants import varied


@pytest.fixture(scope="module")
def net() -> Candidates:
    torch.manual_seed(0)
    config = CandidatesConfig("candidates", trained_loops=4, box=(2, 3), width=8, contests=3, hidden=10)
    return Candidates(config).double().eval().requires_grad_(False)


@pytest.fixture(scope="module")
def modulated(net: Candidates) -> Candidates:
    """The same net with a timestep encoding that has learned something."""
    torch.manual_seed(1)
    tmlt = Candidates(replace(net.config, timestep=True, clamp_timestep=True)).double().eval()
    tmlt.load_state_dict(net.state_dict(), strict=False)
    assert tmlt.timestep is not None
    torch.nn.init.normal_(tmlt.timestep.w5.weight, std=0.3)
    return tmlt.requires_grad_(False)


@pytest.fixture(scope="module")
def board() -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.where(rng.random(36) < 0.4, rng.integers(1, 7, 36), 0)


def groups_of(cell: int, digit: int) -> Iterator[list[int]]:
    """The candidates of the groups of one candidate of a 6 × 6 board with boxes of 2 × 3: cell, row, column, box."""
    row, column = divmod(cell, 6)
    yield [cell * 6 + other for other in range(6)]
    yield [(row * 6 + other) * 6 + digit for other in range(6)]
    yield [(other * 6 + column) * 6 + digit for other in range(6)]
    top, left = row // 2 * 2, column // 3 * 3
    yield [((top + down) * 6 + left + right) * 6 + digit for down in range(2) for right in range(3)]


@pytest.mark.parametrize("t", [None, 0, 2, 9])
def test_a_loop_is_what_the_equations_say(
    net: Candidates, modulated: Candidates, board: np.ndarray, t: int | None
) -> None:
    """t: the loop of a TMLT, the last one beyond its trained loops; None for the net without timesteps."""

    def normalised(x: np.ndarray) -> np.ndarray:
        scaled: np.ndarray = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6)
        return scaled

    given = np.array(
        [[board[c] == d + 1, board[c] not in (0, d + 1), 1] for c in range(36) for d in range(6)], np.float64
    )
    x = np.random.default_rng(2).normal(size=(216, 8))
    net = net if t is None else modulated
    state = net.begin(torch.as_tensor(board[None]))._replace(hidden=torch.as_tensor(x[None]), loop=t or 0)
    after = net.step(state, record=True)
    scales = np.ones((2, 2, 8)) if t is None else scales_of(modulated, min(t, 3))
    for number, layer in enumerate(net.layers):
        a, b = layer.contest.numpy()
        u = (normalised(x) if number else x) * scales[number, 1]
        claims = np.exp(30 * np.tanh(u @ a.T / 30))  # (216, 3)
        values = u @ b.T
        shares, told = np.empty((216, 4, 3)), np.empty((216, 4, 3))
        for i in range(216):
            for g, group in enumerate(groups_of(*divmod(i, 6))):
                total = claims[group].sum(0)
                shares[i, g] = claims[i] / total
                told[i, g] = (claims[group] * values[group]).sum(0) / total
        read = np.concatenate([u, shares.reshape(216, -1), told.reshape(216, -1), given], 1)
        x = x + scales[number, 0] * (np.maximum(read @ layer.up.numpy().T, 0) @ layer.down.numpy().T)
        np.testing.assert_allclose(after.observed["shares"][0, number].numpy(), shares.reshape(216, -1), rtol=1e-5)
    x = normalised(x)
    np.testing.assert_allclose(after.hidden[0].numpy(), x, rtol=1e-4, atol=1e-6)
    logits = net.readout(after.hidden)[0].numpy()
    np.testing.assert_allclose(logits[:, 1:], 3 * (x @ net.head.numpy()).reshape(36, 6), rtol=1e-4, atol=1e-5)
    assert (logits[:, 0] == BLANK).all()


def scales_of(tmlt: Candidates, t: int) -> np.ndarray:
    """α and γ of both layers in loop t, (2, 2, 8), written out."""

    def silu(x: np.ndarray) -> np.ndarray:
        activated: np.ndarray = x / (1 + np.exp(-x))
        return activated

    w = {name: value.numpy() for name, value in tmlt.timestep.state_dict().items()}  # type: ignore[union-attr]
    angle = np.array([t / 10_000 ** (k / 128) for k in range(128)])
    encoded = w["w2.weight"] @ silu(w["w1.weight"] @ np.r_[np.cos(angle), np.sin(angle)] + w["w1.bias"]) + w["w2.bias"]
    found: np.ndarray = 1 + (w["w5.weight"] @ silu(encoded) + w["w5.bias"]).reshape(2, 2, 8)
    return found


def test_digits_rows_and_bands_exchanged_only_exchange_the_answers(net: Candidates, board: np.ndarray) -> None:
    digits = np.array([0, 3, 1, 6, 2, 5, 4])
    rows = [3, 2, 0, 1, 5, 4]  # bands of two change places, and rows within them
    columns = [4, 3, 5, 0, 2, 1]
    image = digits[board.reshape(6, 6)[rows][:, columns]].reshape(1, -1)
    plain = net(torch.as_tensor(board[None]), 6)[0].reshape(6, 6, 7)[rows][:, columns]
    changed = net(torch.as_tensor(image), 6)[0].reshape(6, 6, 7)[..., digits]
    torch.testing.assert_close(changed, plain, rtol=0, atol=1e-9)
    turned = net(torch.as_tensor(board.reshape(6, 6).T.reshape(1, -1).copy()), 6)[0].reshape(6, 6, 7)
    assert (turned.transpose(0, 1) - net(torch.as_tensor(board[None]), 6)[0].reshape(6, 6, 7)).abs().max() > 0.01


def test_shares_of_a_group_sum_to_one(net: Candidates, board: np.ndarray) -> None:
    trace = record(net, board, loops=3)
    shares = trace.observed["shares"]  # (loops, layers, candidates, 4 groups × contests)
    assert shares.shape == (3, 2, 216, 12)
    by_group = shares.reshape(3, 2, 216, 4, 3)
    for i in (0, 17, 100, 215):
        for g, group in enumerate(groups_of(*divmod(i, 6))):
            np.testing.assert_allclose(by_group[:, :, group, g].sum(2), 1, atol=1e-5)


@pytest.mark.parametrize("timestep", [False, True])
def test_inputs_at_different_loops_go_on_as_each_would_alone(
    net: Candidates, modulated: Candidates, board: np.ndarray, timestep: bool
) -> None:
    net = modulated if timestep else net
    tokens = torch.as_tensor(np.stack([board, board[::-1]]))
    states = [state.hidden for state in net.unroll(tokens, 3)]
    embedded = net.embed(tokens)
    assert torch.equal(net.start(embedded), states[0])
    mixed = net.advance(torch.stack([states[0][0], states[2][1]]), embedded, torch.tensor([0, 2]))
    torch.testing.assert_close(mixed, torch.stack([states[1][0], states[3][1]]), rtol=1e-6, atol=1e-6)


def test_a_timestep_encoding_begins_as_the_net_without(net: Candidates, board: np.ndarray) -> None:
    tmlt = Candidates(replace(net.config, timestep=True)).double()
    tmlt.load_state_dict(net.state_dict(), strict=False)
    tokens = torch.as_tensor(board[None])
    assert torch.equal(tmlt.eval()(tokens, 5), net(tokens, 5))
    loss = tmlt(tokens, 5)[..., 1:].square().mean()
    loss.backward()  # type: ignore[no-untyped-call]
    assert tmlt.timestep is not None
    gradients = tmlt.timestep.w5.bias.grad
    assert gradients is not None
    assert gradients.reshape(4, 8).abs().amax(1).min() > 0  # gate and scale of both layers learn from the first step


def test_a_tmlt_shows_its_gates_and_scales_and_takes_changes_of_them(modulated: Candidates, board: np.ndarray) -> None:
    trace = record(modulated, board, loops=6)
    assert trace.modulations == ("alpha", "gamma") == modulated.vectors
    assert trace.observed["gamma"].shape == (6, 2, 8)
    np.testing.assert_allclose(trace.observed["alpha"][2], scales_of(modulated, 2)[:, 0], rtol=1e-5)
    assert np.array_equal(trace.observed["gamma"][3], trace.observed["gamma"][5])  # no later timestep than the last
    assert seam.SCALES in modulated.capabilities
    used = vectors_at(modulated, [1])
    assert used is not None
    assert np.array_equal(used[0, :, 0], trace.observed["alpha"][1])
    closed = record(modulated, board, loops=3, interventions=[Scale(("alpha",))])
    assert not closed.hidden.any()  # nothing is added to a state of zeros
    one = record(modulated, board, loops=3, interventions=[Scale(plus=1)])
    strength = strengths(one)
    assert strength is not None
    assert (strength == 1).all()
    frozen = record(modulated, board, loops=3, interventions=[freeze(2)])
    assert np.array_equal(frozen.observed["alpha"][0], trace.observed["alpha"][2])
    assert np.array_equal(Trace.of(trace.arrays()).hidden, trace.hidden)
    named = varied(modulated, "close=gamma@0-1", torch.as_tensor)
    assert not record(named, board, loops=2).observed["gamma"][0].any()
    with pytest.raises(ValueError, match=r"vectors are \('alpha1',\); those of this model are \('alpha', 'gamma'\)"):
        varied(modulated, "close=alpha1", torch.as_tensor)


@pytest.mark.parametrize("change", [{"box": (0, 3)}, {"contests": 0}, {"width": 2.5}])
def test_sizes_that_cannot_be_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="all sizes must be whole numbers of at least 1"):
        CandidatesConfig(**{"architecture": "candidates", "trained_loops": 4} | change)  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [0, 2])
def test_two_digits_exchanged_exchange_the_answer(net: Candidates, board: np.ndarray, k: int) -> None:
    plain, changed = (record(net, board, loops=5, interventions=change) for change in ((), (Swap((2, 5), first=k),)))
    order = [0, 1, 5, 3, 4, 2, 6]
    assert np.array_equal(changed.logits[:k], plain.logits[:k])
    np.testing.assert_allclose(changed.logits[k:], plain.logits[k:][..., order], atol=1e-9)
    assert np.abs(changed.logits[k:] - plain.logits[k:]).max() > 0.01
    once = record(net, board, loops=5, interventions=[Swap((2, 5), first=k, stop=k + 1)])  # what is given comes back
    assert np.abs(once.logits[-1] - changed.logits[-1]).max() > 0.01
    fields = changed.hidden.reshape(6, 36, 6, 8)[k + 1 :]
    np.testing.assert_allclose(fields[:, :, 1], plain.hidden.reshape(6, 36, 6, 8)[k + 1 :, :, 4], atol=1e-9)


def test_muted_contests_are_recorded_and_not_heard(net: Candidates, board: np.ndarray) -> None:
    """A net whose weights for them are zero computes the same."""
    deaf = net.shared()
    for layer in deaf.layers:
        up = layer.up.clone()  # 8 of the state, 12 shares, 12 told, 3 of what is given
        up[:, [8 + 3 + 1, 20 + 3 + 1]] = 0  # contest 1 in rows
        up[:, [8 + 9, 20 + 9, 8 + 10, 20 + 10, 8 + 11, 20 + 11]] = 0  # all in boxes
        layer.up = torch.nn.Parameter(up, requires_grad=False)
    changes = [Mute((1,), ("row",)), Mute(groups=("box",))]
    muted, wanted = record(net, board, loops=4, interventions=changes), record(deaf, board, loops=4)
    np.testing.assert_allclose(muted.hidden, wanted.hidden, atol=1e-9)
    np.testing.assert_allclose(muted.observed["shares"], wanted.observed["shares"], atol=1e-9)
    assert np.abs(muted.hidden - record(net, board, loops=4).hidden).max() > 0.01
    second = record(net, board, loops=1, interventions=[Mute((0, 1, 2), layer=1)]).observed["shares"]
    assert np.array_equal(second[:, 0], record(net, board, loops=1).observed["shares"][:, 0])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Mute((3,)), "contest 3 does not exist: this model has contests 0 to 2."),
        (Mute(groups=("band",)), "groups are ('band',); those of this model are ('cell', 'row', 'column', 'box')."),
        (Swap((0, 3)), "digits are (0, 3); those of this model are 1 to 6."),
        (Swap((3, 7)), "digits are (3, 7); those of this model are 1 to 6."),
    ],
)
def test_changes_that_cannot_be_are_refused(
    net: Candidates, board: np.ndarray, change: Intervention, sentence: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+\.$") as caught:
        record(net, board, loops=2, interventions=[change])
    assert str(caught.value) == sentence


def test_a_patch_of_a_place_replaces_all_its_candidates(net: Candidates, board: np.ndarray) -> None:
    patched = record(varied(net, "patch=4_start@2", torch.as_tensor), board, loops=3)
    assert not patched.states[2, 4].any()
    assert np.array_equal(np.delete(patched.states[2], 4, 0), np.delete(record(net, board, loops=3).states[2], 4, 0))
    with pytest.raises(ValueError, match=r"position 36 does not exist: this model has positions 0 to 35\."):
        varied(net, "patch=36_start@2", torch.as_tensor)


def test_only_a_tmlt_has_a_last_timestep() -> None:
    with pytest.raises(ValueError, match="clamp_timestep is for a TMLT"):
        CandidatesConfig("candidates", trained_loops=4, clamp_timestep=True)


def test_the_sizes_of_the_recipe() -> None:
    net = Candidates(CandidatesConfig("candidates", trained_loops=64))
    assert (net.parameters_count, net.positions, net.inputs, len(net.places(729))) == (68_160, 729, 10, 81)
    assert math.prod(net.layers[0].up.shape) == 128 * 187
    assert Candidates(replace(net.config, timestep=True)).parameters_count == 105_408
