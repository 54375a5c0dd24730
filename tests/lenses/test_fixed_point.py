"""The fixed-point lens on maps of known steps, spectrum and end, and on models of known Jacobian."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import looped
from looped.lenses.fixed_point import (
    FEWEST,
    Overthinking,
    local_lipschitz,
    loop_map,
    overthinking,
    returns,
    spectral_radius,
    steps,
    told,
    trend_of_steps,
    verdict,
)
from looped.lenses.residual import residual
from looped.runs.trace import record

Make = Callable[..., Any]
RNG = np.random.default_rng(0)
TOKENS = np.arange(16) % 5


def run(matrix: np.ndarray, loops: int, start: np.ndarray | None = None) -> np.ndarray:
    """h[t + 1] = A h[t] from a random start, as one position."""
    states = [RNG.normal(size=len(matrix)) if start is None else start]
    for _ in range(loops):
        states.append(matrix @ states[-1])
    return np.array(states)[:, None]


def turn(angle: float) -> np.ndarray:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


# ---------------------------------------------------------------------------------------------------------- steps


def test_a_turning_contraction_has_its_angle_and_its_rate() -> None:
    found = steps(run(0.7 * turn(math.radians(50)), 10))
    assert found.contraction[1:].tolist() == pytest.approx([0.7] * 9)
    assert found.cosine[1:].tolist() == pytest.approx([math.cos(math.radians(50))] * 9)
    two = abs(1 + 0.7 * complex(math.cos(math.radians(50)), math.sin(math.radians(50))))
    assert found.two_loops[1:].tolist() == pytest.approx([two] * 9)


def test_straight_on_straight_back_and_period_two() -> None:
    assert steps(run(np.eye(2) * 0.5, 5)).cosine[1:].tolist() == pytest.approx([1] * 4)
    assert steps(run(np.eye(2) * -0.5, 5)).cosine[1:].tolist() == pytest.approx([-1] * 4)
    back = steps(run(-np.eye(3), 6))
    assert back.two_loops[1:].tolist() == pytest.approx([0] * 5)
    assert back.contraction[1:].tolist() == pytest.approx([1] * 5)
    straight = np.arange(6.0)[:, None, None] * np.ones((1, 2, 3))
    assert steps(straight).two_loops[1:].tolist() == pytest.approx([2] * 4)


def test_steps_are_of_the_whole_state_and_begin_with_the_residual() -> None:
    hidden = RNG.normal(size=(7, 5, 4))
    found, known = steps(hidden), residual(hidden)
    np.testing.assert_array_equal(found.absolute, known.absolute)
    np.testing.assert_array_equal(found.relative, known.relative)
    flat = hidden.reshape(7, 20)
    for t in range(1, 6):
        a, b = flat[t] - flat[t - 1], flat[t + 1] - flat[t]
        assert found.cosine[t] == pytest.approx(a @ b / math.sqrt((a @ a) * (b @ b)))
        assert found.contraction[t] == pytest.approx(math.sqrt((b @ b) / (a @ a)))
        assert found.two_loops[t] == pytest.approx(np.linalg.norm(flat[t + 1] - flat[t - 1]) / np.linalg.norm(a))


def test_what_has_nothing_before_it_is_not_a_number() -> None:
    found = steps(np.array([0.0, 1, 1, 2])[:, None, None])
    for values in (found.cosine, found.contraction, found.two_loops):
        assert np.isnan(values[0])
    assert np.isnan(found.contraction).tolist() == [True, False, True]  # after a step of zero
    assert found.contraction[1] == 0
    assert np.isnan(found.cosine).tolist() == [True, True, True]


# ------------------------------------------------------------------------------------------------------- spectrum


def linear(matrix: np.ndarray) -> Callable[[torch.Tensor], torch.Tensor]:
    weight = torch.tensor(matrix, dtype=torch.float32)
    return lambda hidden: (weight @ hidden.flatten()).view_as(hidden)


@pytest.mark.parametrize("leading", [[3.0], [-3.0], [3.0, -3.0]], ids=["positive", "negative", "a pair"])
def test_the_radius_of_a_linear_map_is_its_largest_eigenvalue(leading: list[float]) -> None:
    values = np.concatenate([leading, RNG.uniform(-2, 2, 40 - len(leading))])
    basis = RNG.normal(size=(40, 40))  # the eigenvectors are far from orthogonal
    found = spectral_radius([linear(basis @ np.diag(values) @ np.linalg.inv(basis))], np.zeros((1, 4, 10), np.float32))
    assert found.value.item() == pytest.approx(3, rel=0.02)
    assert found.settled.item()
    assert FEWEST <= found.iterations.item() <= 40


def test_a_complex_pair_settles() -> None:
    matrix = np.diag(RNG.uniform(-1, 1, 20))
    matrix[:2, :2] = 1.5 * turn(1.0)
    mixing = np.linalg.qr(RNG.normal(size=(20, 20)))[0]
    found = spectral_radius([linear(mixing @ matrix @ mixing.T)], np.zeros((1, 4, 5), np.float32))
    assert found.settled.item()
    assert found.value.item() == pytest.approx(1.5, rel=0.02)


def test_one_direction_among_thousands_is_found() -> None:
    """A random start is hardly changed by the first product; what it says then is not believed."""

    def step(hidden: torch.Tensor) -> torch.Tensor:
        factor = torch.ones_like(hidden)
        factor[0, 0] = 2
        return factor * hidden

    found = spectral_radius([step], np.zeros((1, 100, 100), np.float32), tolerance=0.1)
    assert found.value.item() == pytest.approx(2, rel=0.1)


def test_the_lipschitz_constant_of_a_linear_map_is_its_largest_singular_value() -> None:
    left, right = (np.linalg.qr(RNG.normal(size=(30, 30)))[0] for _ in range(2))
    matrix = left @ np.diag(np.linspace(0.1, 4, 30)) @ right
    state = np.zeros((1, 3, 10), np.float32)
    found = local_lipschitz([linear(matrix)], state, tolerance=1e-4)
    assert found.value.item() == pytest.approx(4, rel=1e-3)
    assert found.settled.item()
    assert spectral_radius([linear(matrix)], state).value.item() < 4


def test_special_maps_are_exact() -> None:
    state = np.ones((1, 2, 3), np.float32)
    for radius in (spectral_radius, local_lipschitz):
        assert radius([lambda h: h], state).value.item() == pytest.approx(1)
        assert radius([lambda h: -0.5 * h], state).value.item() == pytest.approx(0.5)
        constant = radius([lambda h: 0 * h + 1], state)
        assert (constant.value.item(), constant.settled.item()) == (0, True)
    nilpotent = linear(np.eye(6, k=1))
    found = spectral_radius([nilpotent], state)
    assert found.value.item() < 0.1  # rounding of ε moves its eigenvalue by the sixth root of ε
    assert found.settled.item()
    assert found.iterations.item() <= 6
    assert local_lipschitz([nilpotent], state).value.item() == pytest.approx(1)


def test_too_few_iterations_are_said_to_be_too_few() -> None:
    matrix = RNG.normal(size=(60, 60))
    few = spectral_radius([linear(matrix)], np.zeros((1, 6, 10), np.float32), iterations=3)
    assert few.iterations.item() == 3
    assert not few.settled.item()
    many = spectral_radius([linear(matrix)], np.zeros((1, 6, 10), np.float32), iterations=60)
    assert many.settled.item()
    assert many.value.item() == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max(), rel=0.01)


@pytest.mark.parametrize("settings", [
    {"injection": True, "state_norm": True}, {"architecture": "tmlt", "layers": 2}, {"values": "as released"},
    {"architecture": "standard", "layers": 3}, {"positions": "rotary", "causal": True},
    {"injection": True, "feedback": True},
], ids=["looped", "tmlt", "as released", "standard", "causal", "feedback"])  # fmt: skip
def test_the_spectrum_of_a_model_is_that_of_its_whole_jacobian(make_model: Make, settings: dict[str, Any]) -> None:
    model, loops = make_model(**settings), [0, 2]
    trace = record(model, TOKENS, 3)
    maps = [loop_map(model, TOKENS.astype(np.int8), t) for t in loops]  # as `task.sample` returns them
    radius, stretch = (
        lens(maps, trace.hidden[loops], iterations=100, tolerance=1e-3) for lens in (spectral_radius, local_lipschitz)
    )
    begun = model.begin(torch.tensor(TOKENS)[None])
    for i, t in enumerate(loops):
        state = torch.tensor(trace.hidden[t])[None]
        jacobian = torch.autograd.functional.jacobian(
            lambda h, t=t: model.step(begun._replace(loop=t, hidden=h)).hidden, state
        )
        whole = jacobian.reshape(128, 128).double().numpy()
        assert radius.settled[i]
        assert radius.value[i] == pytest.approx(np.abs(np.linalg.eigvals(whole)).max(), rel=0.01)
        assert stretch.settled[i]
        assert stretch.value[i] == pytest.approx(np.linalg.norm(whole, 2), rel=0.01)
        assert stretch.value[i] > radius.value[i]


def test_the_spectrum_of_a_shipped_model_is_that_of_its_whole_jacobian() -> None:
    """The eigenvalues are 0.810 and 0.726: a loose residual bound takes the second for the first."""
    loop, checkpoint = 8, looped.load("sudoku4-tmlt")
    tokens = checkpoint.task.encode(checkpoint.task.parse("4......2...33..."))
    state = record(checkpoint.model, tokens, loop, verify=False).hidden[loop]
    step = loop_map(checkpoint.model, tokens, loop)
    jacobian = torch.autograd.functional.jacobian(step, torch.tensor(state)).reshape(state.size, state.size).numpy()
    radius, stretch = (lens([step], state[None]) for lens in (spectral_radius, local_lipschitz))
    assert radius.settled.item()
    assert radius.value.item() == pytest.approx(np.abs(np.linalg.eigvals(jacobian)).max(), rel=1e-3)
    assert stretch.settled.item()
    assert stretch.value.item() == pytest.approx(np.linalg.norm(jacobian, 2), rel=1e-3)
    assert radius.value.item() == pytest.approx(0.810, abs=5e-4)


def test_a_loop_map_is_the_loop(make_model: Make) -> None:
    model = make_model(architecture="tmlt", injection=True)
    trace = record(model, TOKENS, 4)
    for t in (0, 3):
        np.testing.assert_allclose(
            loop_map(model, TOKENS, t)(torch.tensor(trace.hidden[t])), trace.hidden[t + 1], atol=1e-5
        )


def test_a_seed_gives_the_same_and_the_caller_may_be_in_inference_mode(make_model: Make) -> None:
    model = make_model(injection=True)
    hidden = record(model, TOKENS, 2).hidden
    with torch.inference_mode():
        first = spectral_radius([loop_map(model, TOKENS, 1)], hidden[[1]], iterations=5)
    again, other = (
        spectral_radius([loop_map(model, TOKENS, 1)], hidden[[1]], iterations=5, seed=seed) for seed in (0, 1)
    )
    assert first == again
    assert first.value.item() != other.value.item()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_maps_and_states_must_be_as_many() -> None:
    for maps, count, iterations in ((1, 2, 5), (1, 1, 0), (0, 0, 5)):
        with pytest.raises(
            ValueError, match=f"{maps} maps, {count} states and {iterations} iterations make no spectrum"
        ):
            spectral_radius([lambda h: h] * maps, np.ones((count, 2, 3), np.float32), iterations)


# -------------------------------------------------------------------------------------------------------- verdict


def line(values: list[float]) -> np.ndarray:
    return np.array(values, float)[:, None, None]


def test_a_contraction_converges_and_it_is_said_since_when() -> None:
    hidden = line([1 + 0.5**t for t in range(20)])
    found = verdict(hidden, trained_loops=8)
    assert found.kind == "converged"
    relative = residual(hidden).relative
    assert found.since is not None
    assert relative[found.since - 1] > 1e-3 >= relative[found.since :].max()
    assert (
        found.sentence
        == f"Converged: after loop {found.since} no loop moves the state by more than 0.1 % of its length."
    )
    assert verdict(hidden[:6], trained_loops=8).kind == "closing in"


def test_a_fixed_point_is_reached_when_rounding_is_all_that_moves() -> None:
    exact = verdict(line([1 + 0.5**t for t in range(60)]), trained_loops=8)
    assert (exact.kind, exact.settled, exact.since) == ("reached", True, 19)
    assert exact.sentence == "Fixed point reached: after loop 19 rounding is all that moves."
    way = [1 + 0.5**t for t in range(18)]  # then the loop amplifies rounding, to 4e-6 of the state's length
    amplified = verdict(line([*way, *(1 + 2e-6 * (-1) ** t for t in range(30))]), trained_loops=8)
    assert amplified.kind == "reached"
    assert verdict(line([1 + 3e-3 * 0.9**t for t in range(50)]), trained_loops=8).kind == "converged"  # still shrinks


def test_a_state_that_never_moves_has_converged_at_once() -> None:
    for state in (0.0, 3.0):
        found = verdict(line([state] * 3), trained_loops=8)
        assert (found.kind, found.since) == ("reached", 0)


def test_rest_after_the_trained_depth_is_rest_wherever_it_is() -> None:
    assert verdict(line([1, 1, 1, 1, 1, 2, 4, *[8] * 5]), trained_loops=4)[:2] == ("reached", 7)


def test_three_loops_at_rest_are_one_too_few() -> None:
    assert verdict(line([1, 2, 4, 8, 16, 16, 16, 16]), trained_loops=20).kind == "closing in"


@pytest.mark.parametrize("loops", range(2, 9))
def test_periods_up_to_eight_oscillate(loops: int) -> None:
    found = verdict(run(turn(2 * math.pi / loops), 4 * loops), trained_loops=40)
    assert (found.kind, found.period) == ("oscillating", loops)
    assert found.sentence.startswith(f"Oscillating: a period of {loops} loops; the last 4 loops move the state by ")


def test_a_period_is_the_shortest_and_needs_to_be_seen_twice() -> None:
    assert verdict(line([5, 4, *[1, 2] * 4]), trained_loops=4).period == 2
    assert verdict(line([5, 4, *[1, 2] * 4]), trained_loops=40).period == 2
    assert returns(line([0, 1, 5, 0, 1])) is None
    assert returns(run(turn(2 * math.pi / 9), 40)) is None  # nine is longer than what is looked for


@pytest.mark.parametrize(("eigenvalue", "swings"), [(-0.6, None), (-0.9, 2), (-0.95, 2), (0.9, None), (-1.1, 2)])
def test_a_contraction_that_swings_and_a_swing_that_grows_do_not_oscillate(
    eigenvalue: float, swings: int | None
) -> None:
    """Whether a state comes back and whether its steps keep their length are two questions."""
    for trained in (8, 40):
        found = verdict(line([1 + eigenvalue**t for t in range(16)]), trained_loops=trained)
        wider = "drifted" if trained == 8 else "still moving"
        assert (found.kind, found.period) == (wider if eigenvalue < -1 else "closing in", swings)
        if found.kind != "drifted":
            change = "shrink" if abs(eigenvalue) < 1 else "grow"
            assert f"steps {change} by a factor of {abs(eigenvalue):.2f} a loop (median of all pairs)" in found.sentence
            assert (", swinging with a period of 2 loops: " in found.sentence) == (swings is not None)


@pytest.mark.parametrize("eigenvalue", [-0.9829, -0.985, -1.01, -1.0])
def test_an_oscillation_says_by_how_much_its_steps_change(eigenvalue: float) -> None:
    found = verdict(line([5 + eigenvalue**t for t in range(40)]), trained_loops=40)
    assert (found.kind, found.period) == ("oscillating", 2)
    change = {-0.9829: "shrink by a factor of 0.983", -0.985: "shrink by a factor of 0.985"}.get(
        eigenvalue, "grow by a factor of 1.010"
    )
    said = f" over the last 16 loops steps {change} a loop (median of all pairs)."
    assert found.sentence.endswith("of its length in the median." if eigenvalue == -1 else said)
    assert "keep their length to 2 % a loop" in found.rule


@pytest.mark.parametrize("loops", [1, 2, 7])
def test_a_short_run_that_moves_is_not_called_wandering(loops: int) -> None:
    found = verdict(line([t**2 + 1 for t in range(loops + 1)]), trained_loops=loops)
    assert told(found, False).startswith("Not at rest yet, and wrong. Still moving: ")
    long = verdict(line([t**2 + 1 for t in range(9)]), trained_loops=8)
    assert told(long, False).startswith("Wandering, and wrong. Still moving: ")


def test_both_axes_are_told() -> None:
    rests, swings = verdict(line([3.0] * 9), 8), verdict(line([1, 2] * 6), 8)
    closing = verdict(line([1 + 0.9**t for t in range(16)]), 8)
    assert [told(rests, right).partition(".")[0] for right in (True, False)] == [
        "At rest, and right",
        "At rest, but wrong",
    ]
    assert [told(swings, right).partition(".")[0] for right in (True, False)] == [
        "Wandering, yet right",
        "Wandering, and wrong",
    ]
    assert told(closing, False).startswith("Not at rest yet, and wrong. Closing in: ")
    assert told(swings, None) == swings.sentence


def test_steps_that_grow_beyond_the_trained_depth_are_a_drift() -> None:
    calm = [100 + 0.9**t for t in range(9)]
    away = [calm[-1] + 5 * t for t in range(1, 9)]
    found = verdict(line(calm + away), trained_loops=8)
    assert found.kind == "drifted"
    assert "at the trained depth of 8 loops it was 0.056 %" in found.sentence
    assert verdict(line(calm + away), trained_loops=16).kind == "still moving"  # it was trained for that many
    assert verdict(line(calm), trained_loops=8).kind == "converged"


def test_a_state_that_grows_without_end_drifts_however_small_its_steps_look() -> None:
    for loops in (30, 3000):
        hidden = line([10 * t for t in range(loops + 1)])
        found = verdict(hidden, trained_loops=8)
        assert found.kind == "drifted"
        assert found.sentence == (
            "Drifted after the trained depth: since loop 8 the state has moved away by "
            f"{(loops - 8) / 8:.1f} times the length that it had then."
        )
    assert residual(hidden).relative[-1] < 1e-3
    assert verdict(hidden[:16], trained_loops=8).kind == "still moving"  # not yet further than its length


def test_a_state_that_halves_in_every_loop_does_not_rest_however_short_its_steps() -> None:
    assert verdict(line([0.5**t for t in range(30)]), trained_loops=8).kind == "closing in"


def test_to_go_on_as_before_is_no_drift() -> None:
    hidden = run(np.array([[1.05]]), 20, np.ones(1))
    found = verdict(hidden, trained_loops=8)
    assert found.kind == "still moving"
    assert found.sentence == (
        "Still moving: the last 4 loops move the state by 5 % of its length in the median, and over the last 10 loops "
        "steps grow by a factor of 1.05 a loop (median of all pairs)."
    )


def test_one_loop_from_zero_cannot_be_judged() -> None:
    assert (
        verdict(line([0, 1]), trained_loops=1).sentence
        == "Still moving: the only loop did, and one tells nothing more."
    )
    unknown = verdict(line([0, 1, 3, 1]), trained_loops=1)  # nothing is known of the trained depth
    assert unknown.sentence.startswith("Still moving: the last 2 loops move the state by 133 % of its length in the")
    one = verdict(line([0, 1, 1.5]), trained_loops=1)
    assert one.sentence.startswith(
        "Still moving: the last loop moves the state by 50 % of its length, and over the last"
    )
    assert verdict(line([0, 0, 0, 1, 3, 6]), trained_loops=2).kind == "still moving"


def test_no_word_of_instability() -> None:
    """A radius above one is no criterion, so no verdict rests on it."""
    for hidden in (line([1, 2, 4, 8]), run(-np.eye(2), 5), line([1.0] * 5)):
        said = verdict(hidden, 2)
        assert not {"stable", "unstable", "radius"} & set((said.sentence + said.rule).lower().split())


NOISE = np.random.default_rng(5).uniform(0.6, 1.6, 40)


@pytest.mark.parametrize(("lengths", "clear", "low", "high"), [
    (0.9 ** np.arange(40) * NOISE, True, 0.85, 0.94),
    (1.1 ** np.arange(40) * NOISE, True, 1.06, 1.15),
    (NOISE, False, 0.95, 1.05),
    (np.where(np.arange(40) == 39, 9.0, 0.9 ** np.arange(40)), True, 0.89, 0.91),  # one step out of line
    (np.where(np.arange(40) == 20, 9.0, 1.0), False, 1, 1),  # one before the last sixteen
], ids=["shrinks", "grows", "keeps", "a late blip", "an early blip"])  # fmt: skip
def test_a_trend_is_one_of_many_steps(lengths: np.ndarray, clear: bool, low: float, high: float) -> None:
    found = trend_of_steps(lengths)
    assert (found.clear, found.loops) == (clear, 16)
    assert low <= found.rate <= high


def stepping(lengths: list[float]) -> np.ndarray:
    """Return a state that makes steps of these lengths, none of which goes back."""
    return line([200.0, *(200 + np.cumsum(lengths))])


def test_steps_that_have_stopped_shrinking_are_not_closing_in() -> None:
    """Steps that fell once and grow now, and steps that level off: the end is told, not the fall before it."""
    falls = [20.0, 10, 9, 4, 3.5, 3.2, 2.9, 2.4]
    grows = verdict(stepping([*falls, 4.3, 3.4, 3.1, 5.5, 3.6, 2.7, 3.5, 5.5]), 16)
    test = "Kendall's S: 0.0 of 1.645 standard deviations"
    assert grows.sentence.endswith(f"over the last 8 loops steps become neither clearly longer nor shorter ({test}).")
    assert grows.rule == (
        "not closing in: over the last 8 loops Kendall's S is 0.0 standard deviations from 0, and must be more than "
        "1.645"
    )
    levels = verdict(stepping([24, 22, 19, 18, 17, 15.2, 14.3, 13.9, 13.9, 13.9, 13.9]), 16)
    assert (grows.kind, levels.kind) == ("still moving", "still moving")
    assert verdict(stepping([9 * 0.9**t for t in range(16)]), 16).kind == "closing in"


def test_the_sentence_of_a_run_that_still_moves_names_the_test_that_it_fails() -> None:
    """Steps that shrank over the whole window are no evidence for moving on: that they no longer do is."""
    falls = [20.0] * 12 + [20 * 0.6**t for t in range(1, 7)]
    hidden = stepping([*falls, *(falls[-1] * 0.99**t for t in range(1, 7))])
    found, trend = verdict(hidden, 24), trend_of_steps(steps(hidden).absolute)
    assert (found.kind, trend.loops, trend.clear) == ("still moving", 12, True)
    assert found.sentence.endswith(
        f"and over the last 12 loops steps shrink by a factor of {trend.rate:.2f} a loop (median of all pairs), but no "
        "longer over the last 6 of them: there the factor is 0.990, and to close in it must be below 0.98."
    )
    assert found.rule == "not closing in: over the last 6 loops the factor a loop is 0.990 and must be below 0.98"
    slow = verdict(stepping([9 * 0.985**t for t in range(16)]), 16)
    assert slow.sentence.endswith(
        "steps shrink by a factor of 0.985 a loop (median of all pairs); to close in it must be below 0.98."
    )
    assert slow.rule == "not closing in: over the last 8 loops the factor a loop is 0.985 and must be below 0.98"
    grows = verdict(run(np.array([[1.05]]), 20, np.ones(1)), 8)
    assert grows.rule == "not closing in: over the last 10 loops the factor a loop is 1.05 and must be below 0.98"
    assert verdict(line([0, 1]), 1).rule == "not closing in: there is only one step"
    rises = verdict(line([0, 0, 0, 1, 3, 6]), 2)
    assert rises.sentence.endswith("and over the last 4 loops steps grow from none at all.")
    closes = verdict(stepping([9 * 0.9**t for t in range(12)]), 12)
    assert "(median of all pairs) over the last 6 loops, and by such a factor over the last 4 of them" in closes.rule


def test_the_factor_of_steps_is_that_of_all_pairs_and_the_move_a_median() -> None:
    """Neither is the median of the contractions, nor true of each loop."""
    hidden = stepping([100, 90, 80, 64, 65.4, 48.6, 31.6, 16])
    found, moved = verdict(hidden, 8), steps(hidden)
    assert found.sentence == (
        "Closing in: the last 4 loops move the state by 6.5 % of its length in the median, and over the last 4 loops "
        "steps shrink by a factor of 0.64 a loop (median of all pairs)."
    )
    assert moved.relative[-1] < 0.03 < 0.12 < moved.relative[-4]
    assert f"{np.median(moved.contraction[-3:]):.2f}" == "0.65"


@pytest.mark.parametrize("period", [4, 6])
def test_a_long_swing_that_narrows_closes_in(period: int) -> None:
    found = verdict(run(0.97 * turn(2 * math.pi / period), 40, np.array([9.0, 0.0])) + 100, trained_loops=40)
    assert (found.kind, found.period) == ("closing in", period)
    assert "steps shrink by a factor of 0.97 a loop" in found.sentence


def test_a_board_whose_last_steps_grow_is_not_closing_in() -> None:
    checkpoint = looped.load("sudoku9-tmlt")
    text = "..6289..37....19..3.147..28.7362...1..4.....2....184...578..........71..489..5..7"
    trace = record(checkpoint.model, checkpoint.task.encode(checkpoint.task.parse(text)), 32, verify=False)
    assert residual(trace.hidden).absolute[-9:].argmax() > 4
    assert verdict(trace.hidden, 32).kind == "still moving"


def test_a_state_that_stands_still_for_fewer_than_four_loops_is_said_to() -> None:
    said = "Closing in: the last {} not moved the state; after 4 it counts as at rest."
    assert verdict(line([1, 2, 4, 8, 16, 16, 16, 16]), 20).sentence == said.format("3 loops have")
    assert verdict(line([1, 2, 4, 8, 16, 16]), 20).sentence == said.format("loop has")


# --------------------------------------------------------------------------------------------------- overthinking


@pytest.mark.parametrize(("right", "found"), [
    ("FTTF", (2, 4, None)), ("TFTT", (1, 2, 3)), ("FTFTFT", (2, 3, 6)), ("FTFTF", (2, 3, None)),
    ("FFF", None), ("TTT", None), ("FFT", None),
])  # fmt: skip
def test_overthinking_is_a_right_answer_lost_later(right: str, found: tuple[int, int, int | None] | None) -> None:
    marker = overthinking(np.array([sign == "T" for sign in right]))
    assert (marker and marker[:3]) == found
    if marker:
        assert isinstance(marker, Overthinking)
        assert marker.sentence.startswith(
            f"Overthinking: right after loop {marker.reached}, lost in loop {marker.lost}, "
        )
        assert marker.sentence.endswith(
            "wrong at the end." if marker.back is None else f"right again from loop {marker.back} on."
        )
