"""Probes of real numbers: what they find, what they do not, and that held-out prompts are not fitted to."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from looped.lenses.numeric_probes import NumericProbes, fit, pooled_input, pooled_states, read
from looped.model.in_context import InContext, InContextConfig

PROMPTS, LOOPS = 90, 2


def fitted(states: np.ndarray, numbers: np.ndarray, control: np.ndarray) -> NumericProbes:
    *_, last = fit(lambda rows: states[rows], [numbers], [control], lambda rows: states[rows, :1], batch=40)
    assert last.probes is not None
    return last.probes


def test_a_number_is_found_in_the_loop_that_holds_it_and_read_back() -> None:
    states = np.random.default_rng(0).normal(size=(PROMPTS, LOOPS + 1, 4))
    numbers = states[:, 2, :2] @ [[1.0, 2.0], [-1.0, 0.5]] + 3
    probes = fitted(states, numbers, (numbers - 3) ** 2)
    assert probes.explained[0, 2] > 0.999
    assert probes.explained[0, :2].max() < 0.3
    assert probes.embedded[0] == probes.explained[0, 0]
    assert probes.control[0, 2] < 0.8  # squares are no linear map of the state
    assert probes.prompts == (60, 30)
    np.testing.assert_allclose(read(probes, states[-1])[0][2], numbers[-1], atol=0.05)


def test_what_is_learned_by_heart_explains_nothing_of_other_prompts() -> None:
    rng = np.random.default_rng(1)
    states = rng.normal(size=(PROMPTS, 2, 50))  # nearly as many features as prompts that are fitted to
    noise = rng.normal(size=(PROMPTS, 1))
    assert fitted(states, noise, noise).explained.max() < 0.1


def test_a_state_that_does_not_vary_explains_nothing() -> None:
    numbers = np.random.default_rng(2).normal(size=(PROMPTS, 3))
    found = fitted(np.zeros((PROMPTS, 1, 4)), numbers, numbers)
    assert found.explained == pytest.approx(0, abs=1e-9)


def test_too_few_prompts_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two are fitted to"):
        fitted(np.zeros((3, 1, 2)), np.zeros((3, 1)), np.zeros((3, 1)))


@pytest.mark.parametrize("prompt", ["pairs", "interleaved"])
@pytest.mark.parametrize("core", ["looped", "standard"])
def test_states_are_pooled_over_the_tokens_of_the_examples(prompt: str, core: str) -> None:
    torch.manual_seed(0)
    config = InContextConfig("in-context", 2, core, LOOPS, prompt, length=8, d_model=8, heads=2, layers=LOOPS)
    model = InContext(config).eval()
    vectors = np.random.default_rng(0).normal(size=(3, 5, 4)).astype(np.float32)
    vectors[:, 3:, -2:] = 0, 1
    vectors[:, :3, -1] = 0
    known = np.arange(5) < 3
    found = pooled_states(model, vectors, known, LOOPS)(np.array([2, 0]))
    tokens = 3 * (2 if prompt == "interleaved" else 1)
    with torch.no_grad():
        states = [state.hidden[[2, 0], :tokens].mean(1) for state in model.unroll(torch.tensor(vectors), LOOPS)]
        embedded = model.embedded(torch.tensor(vectors), 3)[[2, 0], :tokens].mean(1)
    np.testing.assert_allclose(found, torch.stack(states, 1), atol=1e-5)
    np.testing.assert_allclose(pooled_input(model, vectors, known)(np.array([2, 0]))[:, 0], embedded, atol=1e-5)
