"""Every experiment: the numbers of its sentence are restated from runs of single prompts; no difference is made up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Lasso, Ridge
from sklearn.neighbors import KNeighborsRegressor

import looped
from looped.catalogue.checkpoints import Checkpoint, load_checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.catalogue.intervals import resamples
from looped.experiments import (
    EXPERIMENTS,
    adaptive,
    bias,
    comparisons,
    estimates,
    farther,
    layers,
    methods,
    run,
    sweep,
    tables,
)
from looped.experiments.estimates import number, percent, ratio, told
from looped.lenses.fixed_point import verdict
from looped.runs.trace import record

PROMPTS = 6
SMALL: dict[str, dict[str, int]] = {name: {"prompts": PROMPTS} for name in EXPERIMENTS} | {
    "layers": {"prompts": PROMPTS, "fitted": 8},
    "sweep": {"prompts": PROMPTS, "steps": 2},
}


@pytest.fixture(scope="module", autouse=True)
def _few_models() -> Iterator[None]:
    """A sweep of four models."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("LOOPS", (2, 4)), ("WINDOWS", (1, 4)), ("WIDTHS", (8, 32)), ("OF_WIDTHS", (4, 1))):
            patch.setattr(sweep, name, value)
        yield


def standard(checkpoint: Checkpoint) -> Checkpoint:
    found = comparisons.standard_sibling(checkpoint)
    assert found is not None
    return found


def sampled(checkpoint: Checkpoint, split: str = "held-out", count: int = PROMPTS, **sampling: Any) -> Any:
    return checkpoint.task.sample(count, HELD_OUT_SEED, split, **sampling)


def errors(checkpoint: Checkpoint, inputs: np.ndarray, answers: np.ndarray, loops: int) -> tuple[Any, Any]:
    """Squared errors (loops, prompts) and those of answering zero (prompts,), one recorded run after the other."""
    asked = checkpoint.task.asked(inputs[0])
    said = np.stack([record(checkpoint.model, one, loops).predictions[:, asked, 0] for one in inputs], 1)
    truth = answers[:, asked].astype(float)
    return np.square(said.astype(float) - truth).sum(-1), np.square(truth).sum(-1)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_progress_grows_and_ends_with_a_sentence(name: str, looped_one: Checkpoint) -> None:
    steps = list(EXPERIMENTS[name].run(looped_one, **SMALL[name]))
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert len(shares) > 2
    assert (shares[0] > 0, shares[-1]) == (True, 1)
    last = steps[-1].result
    assert last.sentence().endswith(".")
    assert looped_one.name in last.sentence()
    assert "nan" not in last.sentence()
    assert last.about()["checkpoint"] == looped_one.name
    again = run(name, looped_one, **SMALL[name])
    assert again.sentence() == last.sentence()


def test_far_beyond_training(looped_one: Checkpoint) -> None:
    found = run("farther", looped_one, **SMALL["farther"])
    assert isinstance(found, farther.Farther)
    loops = 10 * looped_one.model.trained_loops
    inputs, answers = sampled(looped_one)
    traces = [record(looped_one.model, one, loops) for one in inputs]
    rest = sum(verdict(trace.hidden, looped_one.model.trained_loops).settled for trace in traces)
    last = [np.linalg.norm(one.hidden[-1] - one.hidden[-2]) / np.linalg.norm(one.hidden[-2]) for one in traces]
    off, size = errors(looped_one, inputs, answers, loops)
    sentence = found.sentence()
    assert f"After {loops} loops, 10 times the trained 3, {rest} of {PROMPTS} runs" in sentence
    assert f"moves the state by {percent(float(np.median(last)))} of its length" in sentence
    np.testing.assert_allclose(found.error[0, :, 0], off.sum(-1) / size.sum(), rtol=1e-4)
    grown = off[-1].sum() / off[2].sum()
    assert f"{number(grown)} (" in sentence
    doubled, true = sampled(looped_one, scale=2.0)
    off, size = errors(looped_one, doubled, true, loops)
    row = found.changes.index("x twice as large")
    np.testing.assert_allclose(found.error[row, :, 0], off.sum(-1) / size.sum(), rtol=1e-4)
    layer, _ = errors(standard(looped_one), inputs, answers, 2)
    _, size = errors(looped_one, inputs, answers, 1)
    np.testing.assert_allclose(found.layer_error[:, 0], layer.sum(-1) / size.sum(), rtol=1e-4)
    assert (
        f"The last of the 2 layers of linear5-standard moves its state by {percent(found.layer_residual[1])}"
        in sentence
    )


def test_the_input_is_taken_away_and_the_start_is_random(looped_one: Checkpoint) -> None:
    found = run("farther", looped_one, **SMALL["farther"])
    assert isinstance(found, farther.Farther)
    taken, started = (found.changes.index(words) for words in (farther.TAKEN, farther.RANDOM))
    trained = looped_one.model.trained_loops
    np.testing.assert_array_equal(found.error[taken, :trained], found.error[0, :trained])
    assert not np.isclose(found.error[taken, -1, 0], found.error[0, -1, 0])
    assert not np.isclose(found.error[started, 0, 0], found.error[0, 0, 0])
    assert np.isnan(found.apart[found.changes.index("twice as many examples")]).all()
    assert found.apart[0].tolist() == [0, 0, 0]


def test_loops_against_layers(looped_one: Checkpoint) -> None:
    found = run("layers", looped_one, **SMALL["layers"])
    assert isinstance(found, layers.Layers)
    fit_on, measure_on = sampled(looped_one, "train", 8), sampled(looped_one)
    of = {}
    for one, steps in ((looped_one, 6), (standard(looped_one), 2)):
        asked = one.task.asked(fit_on[0][0])
        features, truth = [], []
        for inputs, answers in (fit_on, measure_on):
            hidden = np.stack([record(one.model, prompt, steps).hidden[1:, asked] for prompt in inputs], 1).astype(
                float
            )
            scaled = hidden / np.sqrt(np.square(hidden).mean(-1, keepdims=True))
            features.append(np.concatenate([scaled, np.ones((*scaled.shape[:-1], 1))], -1))
            truth.append(answers[:, asked].astype(float))
        off = []
        for step in range(steps):
            x, y = features[0][step].reshape(-1, 17), truth[0].ravel()
            penalty = layers.PENALTY * np.square(x).sum() / 17
            head = np.linalg.solve(x.T @ x + penalty * np.eye(17), x.T @ y)
            off.append(np.square(features[1][step] @ head - truth[1]).sum(-1))
        of[one.name] = np.stack(off).sum(-1) / np.square(truth[1]).sum()
    np.testing.assert_allclose(found.loop_error[:, 0], of["linear5-looped"], rtol=1e-3)
    np.testing.assert_allclose(found.layer_error[:, 0], of["linear5-standard"], rtol=1e-3)
    own, size = errors(looped_one, *measure_on, 6)
    np.testing.assert_allclose(found.own_loop_error[:, 0], own.sum(-1) / size.sum(), rtol=1e-4)
    assert f"({looped_one.model.parameters_count:,} parameters) against the 2 of linear5-standard" in found.sentence()
    assert f"error {number(of['linear5-standard'][-1])})" in found.sentence()


@pytest.mark.parametrize(
    ("level", "steps"), [(0.1, 2.0), (2.0, 1.0), (0.01, 3.0), (0.001, np.inf), (10**-1.5, 2.5), (1.0, 1.0)]
)
def test_steps_to_an_error_are_interpolated_on_logarithms(level: float, steps: float) -> None:
    assert layers.reached(np.array([[1.0, 0.1, 0.01]]), np.array([level]))[0] == pytest.approx(steps)


def test_more_than_all_layers_is_said_and_not_a_number(looped_one: Checkpoint) -> None:
    found = run("layers", looped_one, **SMALL["layers"])
    assert isinstance(found, layers.Layers)
    open_above = np.array([np.inf, 1.8, np.inf])
    changed = replace(found, worth=np.tile(open_above, (6, 1)), needed=np.tile([5.0, 4.0, np.inf], (2, 1)))
    assert "1 loop is worth more than all (at least 1.8) layers" in changed.sentence()
    assert "it takes 5.0 (at least 4.0) loops" in changed.sentence()


def test_inductive_bias(looped_one: Checkpoint) -> None:
    found = run("bias", looped_one, **SMALL["bias"])
    assert isinstance(found, bias.Bias)
    assert found.methods == ["linear5-looped", "linear5-standard", "best ridge", "best lasso"]
    i, j = found.nonzero.index(3), found.noises.index(0.5)
    inputs, answers = sampled(looped_one, examples=4, noise=0.5, nonzero=3)
    off, size = errors(looped_one, inputs, answers, 3)
    assert found.error[0, i, j, 0] == pytest.approx(off[-1].sum() / size.sum(), rel=1e-4)
    x, y, queries, truth = inputs[:, :4, :-2], inputs[:, :4, -2], inputs[:, 4:, :-2], answers[:, 4:]

    def least(models: list[Any]) -> float:
        return min(
            sum(
                float(np.square(model.fit(*one).predict(q) - t).sum())
                for *one, q, t in zip(x, y, queries, truth, strict=True)
            )
            for model in models
        ) / float(size.sum())

    ridges = [Ridge(penalty, fit_intercept=False) for penalty in comparisons.RIDGE[1:]]
    lassos = [Lasso(penalty, fit_intercept=False, tol=1e-4, max_iter=20_000) for penalty in comparisons.LASSO]
    assert found.error[2, i, j, 0] == pytest.approx(least(ridges), rel=1e-3)
    assert found.error[3, i, j, 0] == pytest.approx(least(lassos), rel=2e-2)
    np.testing.assert_allclose(found.lead[1, i, j, 0], found.error[0, i, j, 0] - found.error[2, i, j, 0])
    low, high = found.lead[..., 1], found.lead[..., 2]
    np.testing.assert_array_equal(found.lead_side, np.where(high < 0, -1, np.where(low > 0, 1, 0)))
    counts = [(found.lead_side[1] == way).sum() for way in (-1, 1, 0)]
    lower, higher, even = counts
    said = f"a lower error in {lower}, a higher one in {higher} and one not told apart in {even} than the best ridge"
    assert said in found.sentence()
    inputs, answers = sampled(looped_one, examples=5, noise=0.5)
    off, size = errors(looped_one, inputs, answers, 3)
    column = found.counts.index(5)
    assert found.descent[0, column, 0] == pytest.approx(np.median(off[-1]) / size.mean(), rel=1e-4)
    straight = [np.linalg.lstsq(p[:5, :-2], p[:5, -2], rcond=None)[0] for p in inputs.astype(float)]
    least_off = [np.square(p[5:, :-2] @ w - a[5:]).sum() for p, w, a in zip(inputs, straight, answers, strict=True)]
    assert found.descent[-1, column, 0] == pytest.approx(np.median(least_off) / size.mean(), rel=1e-4)
    assert f"to {number(found.descent[-1, column, 0])}; that of linear5-looped" in found.sentence()


def test_the_bias_of_functions_that_are_not_linear_is_not_asked(alone: Checkpoint) -> None:
    with pytest.raises(ValueError, match=r"about linear functions, and those of curves1 are not"):
        run("bias", alone)


def test_adaptive_looping(looped_one: Checkpoint) -> None:
    found = run("adaptive", looped_one, **SMALL["adaptive"])
    assert isinstance(found, adaptive.Adaptive)
    column = int(np.argmin(np.abs(found.cost[0, :, 0] - 2.5)))
    threshold = found.thresholds[column]
    exits, logs, whole = [], [], []
    for size in found.sizes:
        inputs, answers = sampled(looped_one, examples=size)
        asked = looped_one.task.asked(inputs[0])
        off, _ = errors(looped_one, inputs, answers, 3)
        at = []
        for one in inputs:
            said = record(looped_one.model, one, 3).predictions[:, asked, 0].astype(float)
            moved = np.sqrt(np.square(np.diff(said, axis=0)).mean(-1))
            at.append(int(next((t + 2 for t in range(2) if moved[t] <= threshold), 3)))
        exits.append(np.mean(at))
        logs.append(np.log(sum(off[t - 1, i] for i, t in enumerate(at)) / off[-1].sum()))
        whole.append(off)
    cost = float(np.mean(exits))
    assert 2 < cost < 3  # the rule stops some of them
    assert found.cost[0, column, 0] == pytest.approx(cost)
    assert found.error[0, column, 0] == pytest.approx(np.exp(np.mean(logs)), rel=1e-4)
    part = cost - 2
    same = [np.log((part * off[2] + (1 - part) * off[1]).sum() / off[2].sum()) for off in whole]
    assert found.gains[0, column, 0] == pytest.approx(np.exp(np.mean(logs) - np.mean(same)), rel=1e-4)
    chosen = found.thresholds.index(found.chosen)
    assert f"it runs {told(found.cost[0, chosen])} of 3 loops in the mean" in found.sentence()


def test_a_rule_that_costs_what_all_cost_is_no_better(looped_one: Checkpoint) -> None:
    found = run("adaptive", looped_one, **SMALL["adaptive"])
    assert isinstance(found, adaptive.Adaptive)
    for gain, words in (([0.9, 0.8, 1.1], "not told apart from"), ([0.9, 0.8, 0.95], "better than")):
        changed = replace(found, gain=np.array([gain, gain]))
        assert f"Stopping by the rule is {words} giving every" in changed.sentence()


def test_real_tables(looped_one: Checkpoint) -> None:
    found = run("tables", looped_one, **SMALL["tables"])
    assert isinstance(found, tables.Tables)
    x, y = tables.projected(*tables.table("wine"), 5)
    inputs, answers = tables.drawn(x, y, 20, PROMPTS, HELD_OUT_SEED)
    rows = [np.flatnonzero(np.isclose(x, one[:5], atol=1e-4).all(1))[0] for one in inputs[0]]
    np.testing.assert_allclose(answers[0], y[rows], atol=1e-5)
    assert (inputs[:, :20, 5] == answers[:, :20]).all()
    assert (inputs[:, 20:, 5] == 0).all()
    off, size = errors(looped_one, inputs, answers, 3)
    straight = [np.linalg.lstsq(p[:20, :5], p[:20, 5], rcond=None)[0] for p in inputs.astype(float)]
    least = np.array(
        [np.square(p[20:, :5] @ w - a[20:]).sum() for p, w, a in zip(inputs, straight, answers, strict=True)]
    )
    column = found.tables.index("wine")
    np.testing.assert_allclose(
        found.error[[0, -1], column, 0], [off[-1].sum() / size.sum(), least.sum() / size.sum()], 1e-4
    )
    assert found.relative[0, column, 0] == pytest.approx(off[-1].sum() / least.sum(), rel=1e-4)
    assert f"wine {told(found.relative[0, column])}" in found.sentence()
    layers_off, _ = errors(standard(looped_one), inputs, answers, 2)
    assert found.beside[column, 0] == pytest.approx(off[-1].sum() / layers_off[-1].sum(), rel=1e-4)
    lower, even, higher = estimates.sides(found.beside, 1)
    said = f"than that of linear5-standard on {lower}, higher on {higher} and not told apart on {even}."
    assert said in found.sentence()


def test_a_table_is_called_lower_only_where_its_interval_is(looped_one: Checkpoint) -> None:
    found = run("tables", looped_one, **SMALL["tables"])
    assert isinstance(found, tables.Tables)
    relative = found.relative.copy()
    relative[0] = [[0.8, 0.7, 0.9], [0.9, 0.8, 1.2], [1.3, 1.1, 1.4], [1.0, 0.9, 1.1]]
    sentence = replace(found, relative=relative).sentence()
    assert re.search(r"lower on diabetes .*; higher on wine .*; not told apart on iris .*, breast cancer", sentence)


def test_beside_known_methods(looped_one: Checkpoint) -> None:
    found = run("methods", looped_one, **SMALL["methods"])
    assert isinstance(found, methods.Methods)
    assert found.sizes == [1, 2, 5, 10, 12, 15, 18, 20]
    inputs, answers = sampled(looped_one, examples=10)
    off, size = errors(looped_one, inputs, answers, 3)
    column, row = found.sizes.index(10), found.methods.index("3 nearest neighbours")
    assert found.error[0, column, 0] == pytest.approx(off[-1].sum() / size.sum(), rel=1e-4)
    near = []
    for one, true in zip(inputs.astype(float), answers, strict=True):
        fitted = KNeighborsRegressor(3).fit(one[:10, :-2], one[:10, -2])
        near.append(np.square(fitted.predict(one[10:, :-2]) - true[10:]).sum())
    assert found.error[row, column, 0] == pytest.approx(sum(near) / size.sum(), rel=1e-4)
    assert found.relative[row, column, 0] == pytest.approx(off[-1].sum() / sum(near), rel=1e-4)
    exact = found.methods.index("least squares")
    assert np.isinf(found.relative[exact, column]).all()
    assert "higher with 5–20 and not told apart with 1, 2 examples, which has no error with 20" in found.sentence()
    neighbours = replace(found, relative=np.tile([0.8, 0.7, 0.9], (*found.relative.shape[:2], 1)))
    said = "beside 3 nearest neighbours lower with 1–20 examples, 0.800 (0.700 to 0.900) times"
    assert said in neighbours.sentence()


@pytest.fixture(scope="module")
def swept(looped_one: Checkpoint) -> sweep.Sweep:
    found = run("sweep", looped_one, prompts=32, steps=40)
    assert isinstance(found, sweep.Sweep)
    return found


def test_loops_window_and_width_are_trained_and_measured(swept: sweep.Sweep) -> None:
    assert np.isfinite(swept.error[..., 0]).tolist() == [[[True] * 2, [False] * 2], [[True] * 2] * 2]
    np.testing.assert_array_equal(swept.error[1, 0], swept.by_width[1])
    assert swept.parameters[0] < swept.parameters[1]
    least = min((swept.error[at][0].tolist() for at in ((0, 0), (1, 0), (1, 1))), key=lambda one: one[0])
    assert least[0] < 0.8  # it learns
    assert (
        swept.error[1, 1, 0, 0]
        < swept.error[1, 1, 1, 0]
        == pytest.approx(swept.drift[1, 1, 0] * swept.error[1, 1, 0, 0])
    )
    assert f"are trained: {told(np.array(least))}" in swept.sentence()
    assert f"b = 4 {told(swept.window[1])}" in swept.sentence()
    assert f"{number(swept.by_width[0, 0, 0])} at 8, {number(swept.by_width[1, 0, 0])} at 32" in swept.sentence()


def test_a_small_model_is_what_its_seed_says(looped_one: Checkpoint) -> None:
    first, again, other = (sweep.small(looped_one, (4, 1, 8), seed) for seed in (1, 1, 2))
    mine, same, others = ({name: p.tolist() for name, p in one.named_parameters()} for one in (first, again, other))
    assert mine == same
    assert mine != others


def test_intervals_are_those_of_a_bootstrap_over_prompts() -> None:
    rng = np.random.default_rng(3)
    off, size = rng.random((2, 40))
    chosen = resamples(40)
    drawn = off[chosen].sum(-1) / size[chosen].sum(-1)
    value, low, high = ratio(off, size)
    assert value == pytest.approx(off.sum() / size.sum())
    np.testing.assert_allclose([low, high], np.percentile(drawn, (2.5, 97.5)), rtol=1e-2)
    found = estimates.median(off)
    np.testing.assert_allclose(found[1:], np.percentile(np.median(off[chosen], -1), (2.5, 97.5)), rtol=2e-2)


def test_what_an_experiment_needs_is_said(alone: Checkpoint, looped_one: Checkpoint) -> None:
    with pytest.raises(ValueError, match=r"train one with: python -m looped train curves1-standard$"):
        run("layers", alone)
    assert "layers of" not in run("farther", alone, prompts=2).sentence()
    for name in ("layers", "adaptive", "sweep"):
        with pytest.raises(ValueError, match="linear5-standard"):
            run(name, standard(looped_one))
    with pytest.raises(ValueError, match="has no examples of a function"):
        run("tables", load_checkpoint("sudoku4-looped"))
    with pytest.raises(ValueError, match=r"there is no experiment 'x'; experiments: farther, bias, layers"):
        run("x", looped_one)
    for name in ("layers", "farther"):
        with pytest.raises(ValueError, match=r"^linear5-standard has no loop .*; choose a looped checkpoint\.$"):
            run(name, standard(looped_one))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_one_prompt_has_no_interval(name: str, looped_one: Checkpoint) -> None:
    with pytest.raises(ValueError, match=r"^intervals are drawn over prompts, and 1 has none; .* at least 2"):
        run(name, looped_one, prompts=1)


def test_two_errors_that_are_said_to_differ_do_not_look_alike(looped_one: Checkpoint) -> None:
    found = run("layers", looped_one, **SMALL["layers"])
    assert isinstance(found, layers.Layers)
    over = replace(
        found,
        layer_error=np.tile([0.000948, 0.0009, 0.001], (2, 1)),
        loop_error=np.tile([0.000951, 0.00095049, 0.00095151], (6, 1)),
        needed=np.full((2, 3), np.inf),
    )
    said = over.sentence()
    assert "does not become as good as all 2 layers (error 0.000948)" in said
    assert said.endswith("its least error is 0.000951 (0.00095 to 0.000952), after 1 loop.")
    worth = replace(found, worth=np.tile([2.4, 2.38, 2.42], (6, 1)))
    assert "1 loop is worth 2.4 (2.38 to 2.42) layers" in worth.sentence()


def test_an_end_that_is_not_one_is_not_written_as_one(looped_one: Checkpoint) -> None:
    found = run("tables", looped_one, **SMALL["tables"])
    assert isinstance(found, tables.Tables)
    below = replace(found, relative=np.tile([0.9972, 0.9951, 0.9996], (*found.relative.shape[:2], 1)))
    assert "lower on diabetes 0.997 (0.9951 to 0.9996)" in below.sentence()


def test_a_loop_of_the_shipped_checkpoint_is_worth_most_of_a_layer() -> None:
    found = run("layers", looped.load("linear5-looped"), prompts=32, fitted=64)
    assert isinstance(found, layers.Layers)
    value, low, high = found.worth[5]
    assert 3 < low < value < high < 6
