"""The exit rules: what they watch, against plain definitions; when they stop, on known numbers; and many runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.lenses.halting import RULES, Curve, Halting, best, cheapest, curve, exits, halting, peak, survey
from looped.lenses.readout import certainty, readout
from looped.lenses.residual import residual
from looped.runs.trace import record

Make = Callable[..., Any]
RNG = np.random.default_rng(0)
HIDDEN, LOGITS = RNG.normal(size=(7, 5, 4)), 2 * RNG.normal(size=(6, 5, 3))
ENTROPY, LATENT, COSINE, KL, ARGMAX, CONFIDENCE, SECOND, CYCLE = range(8)


def by_loop(values: list[float], shape: tuple[int, ...] = (1, 1)) -> np.ndarray:
    return np.array(values, float).reshape(-1, *shape)


# ---------------------------------------------------------------------------------------------- what the rules watch


@pytest.mark.parametrize("asked", [None, np.array([0, 3]), np.array([True, False, True, True, False])])
def test_every_rule_watches_what_it_says(asked: np.ndarray | None) -> None:
    watched = halting(HIDDEN, LOGITS, asked=asked).watched
    chosen = list(range(5)) if asked is None else np.arange(5)[asked].tolist()
    sure, read = certainty(LOGITS), readout(LOGITS)
    p = sure.probabilities
    assert watched.shape == (8, 6)
    for t in range(6):
        assert watched[CONFIDENCE, t] == pytest.approx(1 - read.confidence[t, chosen].mean(), rel=1e-5)
        a, b = HIDDEN[t].ravel(), HIDDEN[t + 1].ravel()
        assert watched[LATENT, t] == pytest.approx(residual(HIDDEN).relative[t], rel=1e-5)
        assert watched[COSINE, t] == pytest.approx(1 - a @ b / math.sqrt((a @ a) * (b @ b)), rel=1e-5)
        if t == 0:  # the readout of h[0] is not known
            assert np.isnan(watched[[ENTROPY, KL, ARGMAX, SECOND, CYCLE], 0]).all()
            continue
        bent = HIDDEN[t + 1] - 2 * HIDDEN[t] + HIDDEN[t - 1]
        assert watched[SECOND, t] == pytest.approx(np.linalg.norm(bent) / np.linalg.norm(HIDDEN[t]), rel=1e-5)
        unlike = np.nan if t == 1 else (read.answers[t, chosen] != read.answers[t - 2, chosen]).mean()
        assert watched[CYCLE, t] == pytest.approx(unlike, nan_ok=True)
        assert watched[ENTROPY, t] == pytest.approx(
            np.abs(sure.entropy[t] - sure.entropy[t - 1])[chosen].mean(), rel=1e-5
        )
        divergence = [sum(q * math.log2(q / r) for q, r in zip(p[t - 1, i], p[t, i], strict=True)) for i in chosen]
        assert watched[KL, t] == pytest.approx(np.mean(divergence), rel=1e-5)
        assert watched[ARGMAX, t] == pytest.approx(read.changed[t, chosen].mean())
    assert len(set(watched[ARGMAX, 1:].tolist())) > 1


def test_a_token_without_any_probability_adds_nothing() -> None:
    logits = np.array([[[0.0, -np.inf, -np.inf]], [[0.0, 0.0, -np.inf]]])
    watched = halting(HIDDEN[:3, :1], logits).watched[:, 1]
    assert watched[[ENTROPY, KL, CONFIDENCE]].tolist() == pytest.approx([1, 1, 0.5])


def test_a_start_at_zero_has_no_latent_change_and_no_angle() -> None:
    hidden = HIDDEN.copy()
    hidden[0] = 0
    watched = halting(hidden, LOGITS).watched
    assert np.isnan(watched[[LATENT, COSINE], 0]).all()
    assert np.isfinite(watched[:, 2:]).all()
    assert np.isfinite(watched[:CYCLE, 1]).all()


# ---------------------------------------------------------------------------------------------------- when they stop


def test_a_rule_stops_after_the_first_loop_that_meets_it_for_as_long_as_asked() -> None:
    watched = np.array([[np.nan, 9, 1, 9, 1, 1, 1, 9], [9, 9, 9, 9, 9, 9, 9, 9], [1, 1, 1, 1, 1, 1, 1, 1]]).T
    assert exits(watched, 2).tolist() == [3, 9, 1]
    assert exits(watched, 2, patience=2).tolist() == [6, 9, 2]
    assert exits(watched, 2, patience=3).tolist() == [7, 9, 3]
    assert exits(watched, 2, patience=4).tolist() == [9, 9, 4]
    assert exits(watched, 2, patience=9).tolist() == [9, 9, 9]  # a run of eight loops cannot show nine
    assert exits(watched, 1).tolist() == [3, 9, 1]  # at most, so the threshold itself counts
    assert exits(watched, 0.5).tolist() == [9, 9, 9]
    with pytest.raises(ValueError, match="patience is 0"):
        exits(watched, 2, patience=0)


def test_on_a_run_that_comes_to_rest_each_rule_stops_when_it_should() -> None:
    """Ten loops: the state halves its distance to one, the answer comes in loop 4, the logits stay from loop 6 on."""
    hidden = by_loop([1 + 0.5**t for t in range(11)])
    size = np.array([0, 0, 0, 1, 4, 9, 9, 9, 9, 9.0])
    logits = np.stack([size - 0.5, np.zeros(10)], -1)[:, None]
    right = np.arange(10) >= 3
    found = halting(hidden, logits, right)
    loops = dict(zip([rule.name for rule in RULES], found.exit.tolist(), strict=True))
    relative = residual(hidden).relative
    assert loops["latent change"] == np.flatnonzero(relative <= 0.03)[0] + 1
    assert loops["cosine"] == 1  # one number has no angle
    assert loops["entropy change"] == loops["KL"] == 2  # deceived: nothing has happened yet
    assert loops["argmax stability"] == 9  # the answer of loop 4 seen again in 5, 6, 7, 8 and 9
    assert loops["confidence"] == 6
    bends = np.abs(np.diff(hidden.ravel(), 2)) / hidden.ravel()[1:-1]
    assert loops["second difference"] == np.flatnonzero(bends <= 0.03)[0] + 2
    assert loops["two-cycle"] == 7  # the answers of loops 6 and 7 are those of 4 and 5
    assert found.stopped.all()
    assert found.saved.tolist() == [10 - loop for loop in found.exit.tolist()]
    assert found.right is not None
    assert found.right.tolist() == [bool(right[loop - 1]) for loop in found.exit.tolist()]
    assert found.right.tolist() == [False, True, False, False, True, True, True, True]


def test_a_rule_that_is_never_met_runs_to_the_end() -> None:
    rules = [rule._replace(threshold=-1.0) for rule in RULES]
    found = halting(HIDDEN, LOGITS, np.arange(6) < 5, rules=rules)
    assert (found.stopped.any(), found.exit.tolist(), found.saved.tolist()) == (False, [6] * 8, [0] * 8)
    assert found.right is not None
    assert not found.right.any()
    at_the_end = halting(HIDDEN[:2], LOGITS[:1], rules=[RULES[CONFIDENCE]._replace(threshold=1.0)])
    assert (at_the_end.stopped.tolist(), at_the_end.exit.tolist(), at_the_end.right) == ([True], [1], None)


def test_a_swing_between_two_answers_stops_at_the_two_cycle_and_at_no_other_rule_on_answers() -> None:
    logits = np.where(np.arange(8)[:, None, None] % 2, [[1.0, 0.0]], [[0.0, 1.0]])
    found = halting(by_loop([1, -1] * 5)[:9], logits)
    assert found.stopped[[ARGMAX, CYCLE, SECOND]].tolist() == [False, True, False]
    assert found.exit[CYCLE] == 4  # the answers of loops 3 and 4 are those of 1 and 2


def test_a_run_is_most_confident_at_its_first_largest_probability() -> None:
    assert peak(np.array([[0.5, np.nan], [0.2, 0.4], [0.2, 0.3]])).tolist() == [2, 3]


def test_rules_may_be_some_of_them_in_any_order() -> None:
    found = halting(HIDDEN, LOGITS, rules=[RULES[CONFIDENCE], RULES[LATENT]])
    every = halting(HIDDEN, LOGITS)
    np.testing.assert_array_equal(found.watched, every.watched[[CONFIDENCE, LATENT]])
    assert found.exit.tolist() == every.exit[[CONFIDENCE, LATENT]].tolist()


# ---------------------------------------------------------------------------------------------------- many runs


def test_a_curve_is_what_each_of_its_thresholds_does() -> None:
    watched, right = RNG.random((8, 30)).astype(np.float32), RNG.random((8, 30)) < 0.6
    watched[0, :5] = np.nan
    for patience in (1, 3):
        found = curve(watched, right, patience)
        assert found.thresholds[0] == -np.inf
        assert (found.loops[0], found.accuracy[0]) == (8, right[-1].mean())
        assert len(found.thresholds) > 20
        for threshold, loops, accuracy in zip(*found, strict=True):
            exit = exits(watched, threshold, patience).clip(max=8)
            assert loops == pytest.approx(exit.mean())
            assert accuracy == pytest.approx(np.mean([right[t - 1, i] for i, t in enumerate(exit)]))
        assert (np.diff(found.thresholds) > 0).all()
        assert (np.diff(found.loops) <= 0).all()
    assert curve(watched, right).loops[-1] == pytest.approx(
        1 + 5 / 30
    )  # all but those that see nothing in the first loop
    assert len(curve(watched, right, points=4).thresholds) == 5


def test_what_is_never_defined_never_stops() -> None:
    found = curve(np.full((3, 2), np.nan), np.array([[True, True], [True, True], [False, True]]))
    assert (found.thresholds.tolist(), found.loops.tolist(), found.accuracy.tolist()) == ([-np.inf], [3], [0.5])


@pytest.mark.parametrize(
    "settings", [{}, {"injection": True, "state_norm": True}, {"architecture": "tmlt", "layers": 2}]
)
def test_a_survey_watches_in_many_runs_what_halting_watches_in_one(make_model: Make, settings: dict[str, Any]) -> None:
    model, tokens = make_model(**settings), RNG.integers(5, size=(7, 16))
    tokens[:, 0] = 0  # at least one position is asked about

    def right(inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        return (answers[:, 3] + inputs[:, 3]) % 2 == 0

    parts = list(survey(model, tokens, right, 5, tokens == 0, batch=3))
    assert [part.right.shape[1] for part in parts] == [3, 6, 7]
    whole = parts[-1]
    assert whole.watched.shape == (8, 5, 7)
    np.testing.assert_array_equal(parts[0].watched, whole.watched[..., :3])
    for i, one in enumerate(tokens):
        trace = record(model, one, 5)
        expected = halting(trace.hidden, trace.logits, asked=one == 0).watched
        np.testing.assert_allclose(whole.watched[..., i], expected, rtol=1e-3, atol=1e-5)
        assert whole.right[:, i].tolist() == [bool(right(one[None], answers[None])[0]) for answers in trace.answers]
    assert 0 < whole.right.mean() < 1
    trace, everywhere = record(model, tokens[0], 5), list(survey(model, tokens, right, 5, batch=7))[-1]
    assert everywhere.watched[CONFIDENCE, 0, 0] == pytest.approx(
        halting(trace.hidden, trace.logits).watched[CONFIDENCE, 0], rel=1e-3
    )


def stops(stopped: list[bool], at: list[int], right: list[bool] | None) -> Halting:
    loops = np.array(at)
    return Halting(
        np.zeros((len(at), 9)), np.array(stopped), loops, 9 - loops, None if right is None else np.array(right)
    )


def test_the_best_rule_stops_first_with_a_right_answer() -> None:
    assert best(stops([True, True, True], [2, 4, 3], [False, True, True])) == 2
    assert best(stops([True, False], [5, 1], [True, True])) == 0  # one that never stops does not count
    assert best(stops([True, True], [3, 3], [True, True])) == 0
    assert best(stops([True, False], [3, 9], [False, True])) is None
    assert best(stops([True], [3], None)) is None


def test_the_cheapest_rule_is_as_good_as_the_whole_run() -> None:
    never, always = np.array([-np.inf, 1.0]), np.array([9.0, 2.0])
    curves = [Curve(never, always, np.array([0.5, 0.25])), Curve(never, np.array([9.0, 4.5]), np.array([0.5, 0.5]))]
    assert cheapest(curves, np.array([0, 0.25, 0.5, 0.25, 0.5]))[:3] == (1, 4.5, 3)
    assert cheapest(curves[:1], np.array([0, 0.5, 0.5]))[:3] == (0, 9.0, 2)  # only at its dearest
    assert cheapest(curves[:1], np.zeros(5))[:3] == (0, 2.0, 1)  # nothing is ever right
