"""What the page Theory shows: moduli that are proved beside those that are found, errors, links."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from looped.theory import lab as page
from looped.theory.capacity import capacity
from looped.theory.lab import Lab, read, show
from looped.theory.machine import Machine, Settings
from looped.theory.measures import measure, sweep
from looped.theory.moduli import KINDS, Effort, curve, search
from looped.theory.tables import Sizes, make_table, walk
from looped.theory.targets import PRESETS, Drawn, Target, Wave, modulus, read_curve

HAND = Target(Drawn((0.0, 0.6, -0.4, 0.1)), Drawn((0.3, -0.2, 0.5)))


@pytest.mark.parametrize(
    ("curve", "delta", "span", "closed"),
    [
        (Wave("sin", 3, 2), 0.1, 1.0, 2 * math.sin(0.3)),  # steepest at the end 0
        (Wave("cos", 2, 0.5), 0.125, 2.0, math.sin(0.125)),  # about π/4
        (Wave("sin", 12, 1), 0.5, 1.0, 2.0),  # from a peak to a valley
        (Wave("sin", 3, 0), 0.5, 1.0, 0.0),
        (Drawn((0, 1)), 0.25, 1.0, 0.25),
        (Drawn((0.5, 0, 0.5)), 0.2, 1.0, 0.2),  # |x − ½|
        (Drawn((0, 1, 0)), 0.8, 2.0, 0.8),
        (Drawn((0, 0, 1, 1)), 1.0, 3.0, 1.0),
    ],
)
def test_the_modulus_of_a_curve_is_the_closed_form(
    curve: Wave | Drawn, delta: float, span: float, closed: float
) -> None:
    assert modulus(curve, delta, span) == pytest.approx(closed, abs=1e-12)


@pytest.mark.parametrize("curve", [Wave("cos", 8, 0.5), Wave("sin", 5, 1), HAND.token, HAND.context])
def test_the_modulus_of_a_curve_is_that_of_a_fine_grid(curve: Wave | Drawn) -> None:
    span, delta = 2.0, 0.3
    at = torch.linspace(0, span, 1001, dtype=torch.float64)
    values = curve.of(at, span).numpy()
    steps = int(delta / (span / 1000) + 1e-9)
    most = max(np.abs(values[k:] - values[:-k]).max() for k in range(1, steps + 1))
    exact = modulus(curve, delta, span)
    assert most <= exact + 1e-12
    assert most == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("target", [*PRESETS.values(), HAND])
@pytest.mark.parametrize("tokens", [2, 3])
def test_what_is_found_is_never_above_what_is_proved(target: Target, tokens: int) -> None:
    for kind in KINDS:
        for one, delta in zip(
            curve(target.batch, kind, (0.05, 0.4), tokens, effort=Effort(16, 30)), (0.05, 0.4), strict=True
        ):
            assert one.value <= target.certified(kind, delta, tokens) + 1e-9, kind


def test_the_contextual_modulus_is_exact_and_found() -> None:
    found = search(Target().batch, "contextual", 0.25, 3, effort=Effort(64, 60)).value
    assert found == pytest.approx(Target().certified("contextual", 0.25, 3), rel=0.01)


def test_a_modulus_never_falls_as_the_distance_grows() -> None:
    deltas = (0.02, 0.1, 0.3, 0.6)
    for kind in KINDS:
        found = curve(Target(Wave("sin", 12, 1)).batch, kind, deltas, 2, effort=Effort(8, 10))
        assert (np.diff([one.value for one in found]) >= 0).all()
        for one, delta in zip(found, deltas, strict=True):
            assert np.linalg.norm(one.input - one.other) <= delta + 1e-12


@pytest.mark.parametrize(("slope", "beta"), [(2.0**20, math.inf), (16.0, math.inf), (2.0**20, 2.0)])
def test_the_error_of_a_sweep_is_that_of_the_network_that_runs_to_its_end(slope: float, beta: float) -> None:
    sizes = Sizes(3, 2)
    table = make_table(Target(), sizes)
    swept = sweep(Target(), sizes, slope, beta, count=60)
    for weights in ("tied", "modulated"):
        whole = measure(Machine(table, Settings(weights, slope, beta)), Target(), 60)  # type: ignore[arg-type]
        assert swept.l2[weights] == pytest.approx(whole.l2, rel=1e-6)  # type: ignore[index]
        assert swept.ids_right == whole.ids_right


def test_the_error_stays_below_the_proved_bound() -> None:
    for preset in ("sine and cosine", "rough in the context"):
        target = PRESETS[preset]
        found = show(Lab(token=target.token, context=target.context, cells=4)).arrays
        assert (found["error_modulated"] <= found["error_tied"] + 1e-6).all()
        assert (found["error_tied"] <= found["bound_certified"]).all()
        terms = found["bound_token"] + found["bound_contextual"] + found["bound_sequence"]
        assert (terms <= found["bound_certified"] + 1e-6).all()


def test_what_is_shown_of_a_run() -> None:
    found = show(Lab(cells=4))
    arrays, meta = found
    assert (meta["loops"], meta["stages"], meta["stated_loops"]) == (132, [3, 2, 127], 514)
    assert arrays["ids"].tolist() == arrays["true_ids"].tolist()
    end = [np.interp(arrays["ids"], np.arange(128), arrays[name]) for name in ("table", "walk")]
    np.testing.assert_allclose([arrays["modulated"][-1], arrays["tied"][-1]], end, atol=1e-6)
    assert arrays["attention"].tolist() == [[1, 0], [0, 1]]
    assert np.abs(arrays["walk"] - arrays["table"]).max() <= meta["jump"] + 1e-6


def test_two_of_three_tokens_in_one_cell_are_marked_wrong() -> None:
    assert not show(Lab(cells=3, x=(0.9, 0.5, 0.1))).arrays["wrong"].any()
    found = show(Lab(cells=3, x=(0.9, 0.8, 0.4)))
    assert found.meta["repeated"]
    assert found.arrays["wrong"].all()


def test_a_flat_slope_blurs_an_id_just_below_a_threshold() -> None:
    found = show(Lab(cells=4, x=(0.49, 0.1), slope=16.0)).arrays
    assert found["wrong"].any()
    assert found["z"][3, 0] == pytest.approx(1.84, abs=1e-6)  # 1 + 16 (0.49 − 0.5) + 1


def test_a_setting_goes_into_a_link_and_comes_back() -> None:
    one = Lab(HAND.token, Wave("cos", 8, 0.5), 3, (0.9, 0.5, 0.1), "hold", 64.0, 20.0, (0.0, 1.0, 0.5))
    assert read(one.query()) == one
    assert read({}) == Lab()
    assert read(Lab().query()) == Lab()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"cells": "9999"}, "take at most 10 cells"),
        ({"cells": "many"}, "option cells of this link cannot be read: 'many'"),
        ({"cells": "1"}, "at least 2 cells"),
        ({"x": "0.5"}, "two or three"),
        ({"x": "0.5,1.5"}, "from 0 to below 1"),
        ({"x": "0.5,nan"}, "from 0 to below 1"),
        ({"g": "tan,1,1"}, "no wave 'tan'"),
        ({"g": "sin,1"}, "a frequency and a size"),
        ({"g": "drawn,1,x"}, "is no curve"),
        ({"h": "drawn,1"}, "from 2 to 65"),
        ({"h": "drawn,1,inf"}, "from -1000 to 1000"),
        ({"slope": "0"}, "2^30"),
        ({"beta": "-1"}, "above 0"),
        ({"filling": "sand"}, "no filling 'sand'"),
        ({"y": "1"}, "from 2 to 64"),
    ],
)
def test_a_link_that_cannot_be_shown_is_refused_in_a_sentence(query: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("^", r"\^")) as refused:
        read(query)
    said = str(refused.value)
    assert not said[0].islower()
    assert "\n" not in said


def test_a_curve_is_written_as_it_is_read() -> None:
    for text in ("sin,3,1", "cos,2,0.5", "drawn,0,0.25,-1"):
        assert read_curve(text).text == text


def test_steps_of_one_size_are_never_further_away_than_the_largest_jump() -> None:
    for seed in range(5):
        values = np.random.default_rng(seed).normal(size=40)
        jump = np.abs(np.diff(values)).max()
        assert np.abs(walk(values) - values).max() <= jump + 1e-12
    assert walk(np.array([1.0])).tolist() == [1.0]


def test_counts_of_the_theorem() -> None:
    assert capacity(8, 2)[:3] == (1032, 8194, 512)
    assert capacity(2, 1, dims=3).embedding == 17 * 3 + 9
    assert page.most_cells(2) == 10


def test_the_script_of_an_export_runs() -> None:
    script = show(Lab(cells=2)).meta["script"].replace("np.savez", "(lambda *_, **arrays: None)")
    exec(compile(script, "make.py", "exec"), {"print": lambda meta: meta})


@pytest.mark.parametrize("cells", [5, 7, 10])
def test_a_token_on_the_border_of_a_cell_is_not_wrong_by_rounding(cells: int) -> None:
    """D thresholds of 1/D add up to a number that is not whole in floating point."""
    found = show(Lab(cells=cells, x=(0.7, 0.2))).arrays
    assert not found["wrong"].any(), (found["ids"], found["true_ids"])
