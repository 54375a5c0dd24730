"""The timestep lens: how strong each loop's gates and scales are, and how alike those of different loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from looped.lenses.timestep import alike, compare, encodings, strengths, vectors, vectors_at
from looped.model.interventions import Scale, freeze
from looped.runs.trace import record
from looped.runs.variants import VARIANTS

Make = Callable[..., Any]
TOKENS = np.random.default_rng(0).integers(5, size=16)


def test_a_strength_is_the_root_mean_square_over_channels(make_model: Make) -> None:
    trace = record(make_model(architecture="tmlt", layers=2), TOKENS, 5)
    found = strengths(trace)
    assert found.shape == (5, 2, 4)
    for t in range(5):
        for layer in range(2):
            for i, own in enumerate((trace.alpha1, trace.alpha2, trace.gamma1, trace.gamma2)):
                numbers = [float(x) for x in own[t, layer]]
                assert found[t, layer, i] == pytest.approx(
                    (sum(x * x for x in numbers) / len(numbers)) ** 0.5, rel=1e-5
                )
    assert len({round(float(x), 4) for x in found[:, 0, 0]}) == 5  # every loop has its own


def test_a_gate_of_zero_and_a_gain_of_one_show_as_zero_and_one(make_model: Make) -> None:
    model = make_model(architecture="tmlt")
    model.timestep.w5.weight.zero_()
    model.timestep.w5.bias.zero_()
    assert strengths(record(model, TOKENS, 3)).tolist() == [[[0, 0, 1, 1]]] * 3


def test_a_model_without_timestep_encoding_has_none(make_model: Make) -> None:
    assert strengths(record(make_model(), TOKENS)) is None


def test_the_vectors_of_a_run_are_those_of_its_timesteps(make_model: Make) -> None:
    model = make_model(architecture="tmlt", layers=2)
    trace = record(model, TOKENS, 5)
    found = vectors(trace)
    assert found.shape == (5, 2, 4, 8)
    assert np.array_equal(found[3, 1, 2], trace.gamma1[3, 1])
    assert np.array_equal(vectors_at(model, range(5)), found)
    frozen = vectors(record(model, TOKENS, 5, interventions=[freeze(2.5), Scale(("alpha1",), first=1)]))
    between = vectors_at(model, [2.5])[0]
    assert np.array_equal(frozen[0], between)
    assert not frozen[1:, :, 0].any()
    assert np.array_equal(frozen[4, :, 1:], between[:, 1:])


def test_any_timestep_can_be_asked_for_without_a_run(make_model: Make) -> None:
    model = make_model(architecture="tmlt", layers=2)
    t = [0, 0.5, 7.25, 400]
    scales, encoded = vectors_at(model, t), encodings(model, t)
    assert (scales.shape, encoded.shape) == ((4, 2, 4, 8), (4, 8))
    for i, one in enumerate(t):
        assert np.array_equal(scales[i], model.timestep(one).numpy())
        assert np.array_equal(encoded[i], model.timestep.encode(one).numpy())
    wanted = torch.nn.functional.silu(torch.tensor(encoded)) @ model.timestep.w5.weight.T + model.timestep.w5.bias
    np.testing.assert_allclose(scales[:, :, :2], wanted.view(4, 2, 4, 8)[:, :, :2].numpy(), rtol=0, atol=1e-5)


def test_beyond_the_trained_loops_a_held_timestep_is_the_last_one(make_model: Make) -> None:
    model = make_model(architecture="tmlt", layers=2, trained_loops=3, clamp_timestep=True)
    assert np.array_equal(vectors_at(model, range(5)), vectors(record(model, TOKENS, 5)))
    assert np.array_equal(encodings(model, [2, 9]), encodings(model, [2, 2]))
    assert not np.array_equal(encodings(model, [1]), encodings(model, [2]))


def test_vectors_are_compared_with_themselves_at_other_timesteps(make_model: Make) -> None:
    scales = vectors_at(make_model(architecture="tmlt", layers=2), [0, 1, 2.5])
    found = compare(scales)
    assert (found.norms.shape, found.cosines.shape) == ((3, 2, 4), (2, 4, 3, 3))
    for layer in range(2):
        for i in range(4):
            rows = scales[:, layer, i].astype(np.float64)
            for s in range(3):
                assert found.norms[s, layer, i] == pytest.approx(sum(rows[s] ** 2) ** 0.5, rel=1e-5)
                for t in range(3):
                    wanted = rows[s] @ rows[t] / np.sqrt((rows[s] @ rows[s]) * (rows[t] @ rows[t]))
                    assert found.cosines[layer, i, s, t] == pytest.approx(wanted, abs=1e-5)
    assert found.cosines.min() < 0.999


def test_a_vector_of_zeros_is_like_nothing() -> None:
    found = compare(np.array([[0.0, 0.0], [1.0, 0.0], [-2.0, 0.0]]))
    assert np.isnan(found.cosines[0]).all()
    assert np.isnan(found.cosines[:, 0]).all()
    assert found.cosines[1:, 1:].tolist() == [[1, -1], [-1, 1]]


def test_the_lens_sees_what_a_variant_gives_its_loops(make_model: Make) -> None:
    model = make_model(architecture="tmlt")
    frozen, unscaled = (VARIANTS[kind].make(model) for kind in ("frozen", "unscaled"))
    assert np.array_equal(vectors_at(frozen, [3, 4.5]), vectors_at(model, [0, 0]))
    assert np.array_equal(encodings(frozen, [3, 4.5]), encodings(model, [0, 0]))
    assert (vectors_at(unscaled, [3]) == 1).all()
    assert np.array_equal(encodings(unscaled, [3]), encodings(model, [3]))


def test_a_model_without_timestep_encoding_has_no_vectors(make_model: Make) -> None:
    model = make_model()
    assert vectors(record(model, TOKENS)) is None
    assert vectors_at(model, [0]) is None
    assert encodings(model, [0]) is None


def test_timesteps_are_compared_vector_by_vector() -> None:
    rng = np.random.default_rng(4)
    encoded, used = rng.normal(size=(5, 6)), rng.normal(size=(5, 2, 4, 6))
    found = alike(encoded, used)
    assert found.cosines.shape == (9, 5, 5)
    vector = [encoded, *(used[:, layer, which] for layer in range(2) for which in range(4))]
    for row, rows in enumerate(vector):
        np.testing.assert_allclose(found.cosines[row], compare(rows).cosines)
        for t in range(5):
            others = [found.cosines[row, t, s] for s in range(5) if s != t]
            assert found.mean[row, t] == pytest.approx(np.mean(others))
    assert found.turns.tolist() == [
        [int(found.mean[1 + 4 * k : 5 + 4 * k, t].argmin()) for k in range(2)] for t in range(5)
    ]


def test_a_vector_of_zero_has_no_cosine_and_does_not_count() -> None:
    encoded = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    used = np.zeros((3, 1, 4, 2))
    used[:, 0, 2] = [[1, 0], [1, 0], [1, 1]]
    found = alike(encoded, used)
    assert np.isnan(found.cosines[0, 0]).all()
    assert np.isnan(found.mean[0, 0])
    assert found.mean[0, 1:].tolist() == [0, 0]
    assert found.turns.tolist() == [[2], [2], [2]]  # the only one that is known
    same = alike(encoded, np.tile([0.3, 0.1], (3, 1, 4, 1)).astype(np.float32))
    assert same.turns.tolist() == [[-1], [-1], [-1]]  # equal in every loop: none is less alike than another
    assert alike(encoded, np.zeros((3, 1, 4, 2))).turns.tolist() == [[-1], [-1], [-1]]


def test_a_single_loop_is_like_itself() -> None:
    found = alike(np.ones((1, 2)), np.ones((1, 1, 4, 2)))
    assert found.mean.tolist() == [[1]] * 5
