"""Rate experiments: the functions have the moduli that are told, networks train apart, sentences say what was found."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from torch import Tensor

from looped.experiments.estimates import side, told
from looped.experiments.rates import RATES, attention, blocks, modulus, precision, run, seeds
from looped.experiments.rates.functions import Largest, mean, waves
from looped.experiments.rates.nets import TOKENS, Crowd, Form
from looped.experiments.rates.over_seeds import typical
from looped.questions.rates import ask_rate
from looped.theory.moduli import Effort, search

FUNCTIONS = (*waves(TOKENS), mean(TOKENS), Largest())


@pytest.fixture(autouse=True)
def _few_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer loops and rates, so that a whole experiment takes a second."""
    monkeypatch.setattr(modulus, "LOOPS", (1, 2))
    monkeypatch.setattr(attention, "LOOPS", (1,))
    monkeypatch.setattr(blocks, "SPLITS", ((1, 2), (2, 1)))
    monkeypatch.setattr(seeds, "LEARNING", (0.003, 0.03))
    monkeypatch.setattr(seeds, "LOOPS", 2)
    monkeypatch.setattr(precision, "BITS", (2, 8))
    monkeypatch.setattr(precision, "COUNT", 500)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
def test_the_moduli_of_the_functions_are_the_closed_forms(function: Largest) -> None:
    def batch(x: Tensor) -> Tensor:
        return function.of(x[..., 0])[..., None]

    for kind in ("token", "contextual"):
        found = search(batch, kind, 1 / 8, TOKENS, effort=Effort(64, 60)).value  # type: ignore[arg-type]
        closed = function.modulus(kind, 1 / 8, TOKENS)
        assert found <= closed + 1e-6
        assert found == pytest.approx(closed, rel=0.02, abs=1e-6)


def test_four_times_as_rough_is_four_times_the_modulus_of_small_distances() -> None:
    smooth, rough, mean_smooth, mean_rough, _ = waves(TOKENS)
    for kind, (one, other) in {"token": (smooth, rough), "contextual": (mean_smooth, mean_rough)}.items():
        assert other.modulus(kind, 0.01, TOKENS) == pytest.approx(4 * one.modulus(kind, 0.01, TOKENS), rel=0.02)


def test_networks_of_a_crowd_train_as_each_would_alone() -> None:
    functions = waves(TOKENS)[:2]
    together = Crowd(Form("tmlt", 2), functions, 2)
    alone = Crowd(Form("tmlt", 2), functions[1:], 2)
    for crowd in (together, alone):
        assert list(crowd.train(3, 0.01))
    np.testing.assert_allclose(together.errors()[1], alone.errors()[0], rtol=1e-4)
    assert np.stack(together.losses).shape == np.stack(together.slopes).shape == (3, 2, 2)


def test_hardmax_attends_to_the_largest_score_and_has_the_gradient_of_softmax() -> None:
    soft, hard = Crowd(Form(), [Largest()], 2), Crowd(Form(hard=True), [Largest()], 2)
    assert (soft.errors(hard=True) == hard.errors()).all()
    assert (soft.errors() != hard.errors()).all()
    assert list(hard.train(1, 0.01))
    assert (hard.slopes[0] > 0).all()


def test_a_network_learns() -> None:
    crowd = Crowd(Form("looped", 1), [waves(TOKENS)[0]], 2)
    before = crowd.errors()
    assert list(crowd.train(40, 0.01))
    assert (crowd.errors() < 0.8 * before).all()


@pytest.mark.parametrize("name", RATES)
def test_an_experiment_says_its_numbers_with_intervals(name: str) -> None:
    steps = list(RATES[name].run(seed=1, seeds=2, steps=2))
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    found = steps[-1].result
    json.dumps(found.about())
    charts, lines, xs = (len(found.about()[part]) for part in ("charts", "lines", "xs"))
    assert found.arrays()["values"].shape == (charts, lines, xs, 3)
    assert found.sentence() == " ".join(found.parts())
    said = set(re.findall(r"[0-9.e-]+ \([0-9.e-]+ to [0-9.e-]+\)", found.sentence()))
    assert said
    every = {told(one) for array in found.arrays().values() for one in array.reshape(-1, 3)}
    assert said <= every  # no number is made up
    assert RATES[name].beyond
    again = run(name, seed=1, seeds=2, steps=2)
    assert again.sentence() == found.sentence()


def test_what_modulus_says_is_what_the_networks_do() -> None:
    found = run("modulus", seeds=3, steps=2)
    assert isinstance(found, modulus.Modulus)
    functions = waves(TOKENS)
    errors = []
    for loops in (1, 2):
        crowd = Crowd(Form("looped", loops), functions, 3)
        assert list(crowd.train(2, modulus.RATE))
        errors.append(crowd.errors())
    np.testing.assert_allclose(found.values[:, 0], typical(np.stack(errors, 1)), rtol=1e-4)
    np.testing.assert_allclose(found.rougher[0, 0], typical(errors[1][1] / errors[1][0]), rtol=1e-4)
    falls = sum(side(one, 1) < 0 for one in found.by_loops.reshape(-1, 3))
    assert f"falls in {falls} of 10 cases" in found.sentence()


def test_eight_layers_are_as_many_weights_where_it_is_said() -> None:
    for layers, width in zip((1, 2, 4, 8), blocks.WIDTHS[1], strict=True):
        count = sum(
            weight.numel() for weight in Crowd(Form("looped", 1, layers, width), [Largest()], 2).net.parameters()
        )
        assert count == pytest.approx(12_500, rel=0.15)


def test_what_cannot_be_made_is_refused_in_a_sentence() -> None:
    for settings, says in (({"seeds": 1}, "give no interval"), ({"steps": 0}, "cannot be trained")):
        with pytest.raises(ValueError, match=says):
            run("modulus", **settings)
    with pytest.raises(ValueError, match="no rate experiment 'speed'"):
        ask_rate("speed")


def test_the_answer_of_a_page_ends_in_the_sentence() -> None:
    *_, last = ask_rate("precision")
    assert (last["share"], last["meta"]["rate"]) == (1, "precision")
    assert last["arrays"]["values"].dtype == np.float32
    assert last["meta"]["told"] == run("precision").parts()
