"""One layer of linear attention, looped: what is learned is what the closed form says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from looped.theory import multistep
from looped.theory.multistep import Setting

SMALL = Setting(dims=3, examples=10, loops=2)


def last(setting: Setting, steps: int) -> multistep.Learned:
    *_, found = multistep.learn(setting, steps=steps)
    return found


def test_a_layer_is_a_step_of_gradient_descent() -> None:
    inputs, wanted = multistep.prompts(4, SMALL, seed=0)
    matrix = np.random.default_rng(1).standard_normal((3, 3))
    w = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    values = np.einsum("pnd,pd->pn", inputs, wanted)
    pairs = torch.tensor(inputs), torch.tensor(values)
    loss = ((torch.einsum("pnd,pd->pn", pairs[0], w) - pairs[1]) ** 2).sum() / (2 * 10)
    (gradient,) = torch.autograd.grad(loss, w)
    expected = w - gradient @ torch.tensor(matrix).T
    assert torch.allclose(multistep.layer(w, torch.tensor(matrix), *pairs), expected)


def test_the_closed_form_is_the_error_of_running_it() -> None:
    """Over many w* the mean error of the real layer is the trace that the closed form says."""
    inputs, _ = multistep.prompts(1, SMALL, seed=0)
    matrices = 0.5 * np.eye(3)[None] + 0.1 * np.random.default_rng(0).standard_normal((2, 3, 3))
    wanted = np.random.default_rng(1).standard_normal((20_000, 3))
    many = np.broadcast_to(inputs, (20_000, 10, 3))
    w, values = torch.zeros(20_000, 3, dtype=torch.float64), torch.tensor(np.einsum("pnd,pd->pn", many, wanted))
    measured = []
    for loop in range(3):  # beyond the trained loops the last matrix is used
        w = multistep.layer(w, torch.tensor(matrices[min(loop, 1)]), torch.tensor(many), values)
        measured.append(float((w - torch.tensor(wanted)).square().sum(-1).mean()) / 3)
    said = multistep.errors(matrices, multistep.moments(inputs), 3)
    assert said[0] == 1
    assert measured == pytest.approx(said[1:], rel=0.05)


def test_a_chain_of_thought_writes_what_the_loop_passes_through() -> None:
    (inputs, *_), (wanted, *_) = multistep.prompts(1, SMALL, seed=3)
    matrix = np.random.default_rng(2).standard_normal((3, 3)) / 4
    looped = multistep.path(matrix[None], inputs, wanted, loops=6)
    assert multistep.chain_of_thought(matrix, inputs, wanted, steps=6) == pytest.approx(looped, abs=1e-12)


def test_one_loop_learns_the_best_step_and_no_rotation() -> None:
    setting = Setting(dims=3, examples=10, loops=1)
    found = last(setting, steps=300)
    second = multistep.moments(multistep.prompts(4_096, setting, seed=1)[0])
    step = multistep.best_step(second, 1)
    error = multistep.errors(found.matrices, second, 1)[-1]
    assert np.diagonal(found.matrices[0]) == pytest.approx(step, abs=0.03)
    assert multistep.floor(second, 1) - 1e-9 <= error <= multistep.errors(step * np.eye(3)[None], second, 1)[-1] + 1e-3


def test_the_best_step_is_best_and_no_steps_beat_the_floor() -> None:
    second = multistep.moments(multistep.prompts(512, SMALL, seed=5)[0])

    def error(step: float, loops: int) -> float:
        return float(multistep.errors(step * np.eye(3)[None], second, loops)[-1])

    for loops in (1, 2, 5):
        best = multistep.best_step(second, loops)
        assert error(best, loops) <= min(error(best - 0.01, loops), error(best + 0.01, loops))
        assert multistep.floor(second, loops) <= error(best, loops) + 1e-12
    roots = np.linalg.eigvalsh(second[:1])[0]  # one prompt: a step for each eigenvalue leaves nothing
    exact = np.array([np.eye(3) / value for value in roots])
    assert multistep.errors(exact, second[:1], 3)[-1] == pytest.approx(0, abs=1e-20)
    assert multistep.floor(second[:1], 3) == pytest.approx(0, abs=1e-12)


def test_a_shared_matrix_gains_by_a_rotation_that_no_step_has() -> None:
    setting = Setting(loops=16)
    found = last(setting, steps=600)
    second = multistep.moments(multistep.prompts(2_048, setting, seed=1)[0])
    error, straight = (
        multistep.errors(matrices, second, 16)[-1]
        for matrices in (found.matrices, multistep.without_rotation(found.matrices))
    )
    assert error < 0.9 * straight


def test_too_bold_a_step_runs_away() -> None:
    second = np.array([[[1.0]], [[3.0]]])
    assert multistep.diverging(np.array([[1.0]]), second) == 0.5  # |1 − 3| > 1 on the second prompt only
    assert multistep.errors(np.array([[[1.0]]]), second, 2).tolist() == [1.0, 2.0, 8.0]


def test_timesteps_do_better_than_one_matrix_at_the_trained_loops() -> None:
    second = multistep.moments(multistep.prompts(2_048, SMALL, seed=1)[0])
    shared, own = (
        multistep.errors(last(Setting(3, 10, 2, timesteps), steps=300).matrices, second, 2)[-1]
        for timesteps in (False, True)
    )
    assert own < shared


@pytest.mark.parametrize("sizes", [{"dims": 0}, {"loops": 65}, {"examples": 501}])
def test_sizes_that_make_no_sense_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="it must be from 1 to"):
        Setting(**sizes)
