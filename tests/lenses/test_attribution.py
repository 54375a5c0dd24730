"""Attribution: on maps whose scores are known, against separate runs, and without side effects on the model."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from looped import load
from looped.lenses import attribution
from looped.lenses.attribution import (
    Ablation,
    Attribution,
    ablation,
    agreement,
    integrated_gradients,
    strongest,
)
from looped.model import Model, State
from looped.model.interventions import Cut, Input, Intervention, Sizes, freeze, patch
from looped.model.seam import INJECTION
from looped.runs.trace import record

Make = Callable[..., Any]
TOKENS = np.random.default_rng(0).integers(5, size=16)
TOKENS[[2, 7, 11]] = 0
LOOPS = 4
SETTINGS: list[dict[str, Any]] = [
    {"injection": True, "state_norm": True},
    {"injection": False},
    {"architecture": "tmlt", "layers": 2, "injection": True, "state_norm": True, "positions": "board", "box": (2, 2)},
    {"architecture": "standard", "layers": LOOPS, "trained_loops": LOOPS},
    {"injection": True, "feedback": True, "state_norm": True},
]
NAMES = ["injection", "looped", "tmlt", "standard", "feedback"]


def end(progress: Iterator[Any]) -> Any:
    *_, last = progress
    assert last.done == last.total
    return last


def evidence(logits: np.ndarray, token: int) -> float:
    p = np.exp(logits - logits.max())
    p /= p.sum()
    return float(np.log2(p[token] / np.delete(p, token).sum()))


# ------------------------------------------------------------------------------------------------- maps that are known


class Known:
    """A model of known attributions: two tokens, one channel, embedded as 0 and 1 (1 and 3 with another table).

    Position 0 collects what `mix` makes of the input.

    The logits are 0 and the state of position 0, so the evidence for token 1 is that state, in nats.
    """

    standing_interventions = ()
    trained_loops, inputs, outputs, widest = 5, 2, 2, 1

    def __init__(
        self,
        mix: Callable[[torch.Tensor], torch.Tensor],
        injection: bool = True,
        table: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        self.mix, self.table = mix, torch.tensor(table)
        self.injection = injection
        self.capabilities = frozenset({INJECTION}) if injection else frozenset()

    def parameters(self) -> Iterator[torch.Tensor]:
        yield torch.zeros(1)

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.table[tokens][..., None]

    def sizes(self, loops: int, positions: int) -> Sizes:
        return Sizes(loops, positions, 1, 1, 1, 2, (), self.injection)

    def begin_embedded(self, embedded: torch.Tensor) -> State:
        return State(0, torch.zeros_like(embedded) if self.injection else embedded, input=(embedded,))

    def step(self, state: State, record: bool, interventions: Any) -> State:
        read = self.mix((state.input[0] if self.injection else state.hidden)[..., 0])[:, None, None]
        keep = torch.zeros_like(state.hidden[:, :1]) if not self.injection else state.hidden[:, :1]
        return state._replace(loop=state.loop + 1, hidden=torch.cat([keep + read, state.hidden[:, 1:]], 1))

    def unroll(self, tokens: torch.Tensor, loops: int, interventions: Any = ()) -> Iterator[State]:
        state = self.begin_embedded(self.embed(tokens))
        yield state
        while state.loop < loops:
            state = self.step(state, False, ())
            yield state

    def readout(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.cat([torch.zeros_like(hidden), hidden], -1)


def test_of_a_linear_function_the_gradients_are_complete_and_each_clue_has_its_weight() -> None:
    weights = torch.tensor([0.5, -2.0, 3.0, 1.0])
    model, tokens = Known(lambda x: x @ weights, table=(1.0, 3.0)), np.array([1, 1, 1, 0])
    found = end(integrated_gradients(model, tokens, 0, token=1))
    assert isinstance(found, Attribution)
    assert (found.done, found.givens.tolist()) == (16, [0, 1, 2])
    each = 2 * np.array([0.5, -2.0, 3.0]) / math.log(2)  # from the blank's 1 to 3, in bits, in each of five loops
    np.testing.assert_allclose(found.scores, 5 * each, rtol=1e-5)
    assert found.output == pytest.approx(5 * (3 * 1.5 + 1) / math.log(2))
    assert found.baseline == pytest.approx(5 * 2.5 / math.log(2))
    assert abs(found.error) < 1e-4
    assert (found.bound, found.relative) == pytest.approx(
        (abs(found.error), abs(found.error) / (found.output - found.baseline))
    )
    for window in (1, 3):
        some = end(integrated_gradients(model, tokens, 0, token=1, window=window))
        np.testing.assert_allclose(some.scores, window * each, rtol=1e-5)
        assert some.output == pytest.approx(found.output)  # the run is the same; what is taken away from it is not
        np.testing.assert_allclose(
            end(ablation(model, tokens, 0, token=1, window=window)).scores, window * each, rtol=1e-5
        )
    against = end(integrated_gradients(model, tokens, 0, token=0))
    np.testing.assert_allclose(against.scores, -found.scores, rtol=1e-5)


@pytest.mark.parametrize("injection", [True, False])
def test_only_the_clue_that_is_read_has_a_score(injection: bool) -> None:
    model, tokens = Known(lambda x: 5 * torch.tanh(2 * x[:, 2]) ** 3, injection), np.ones(6, int)
    found, removed = end(integrated_gradients(model, tokens, 0, 1)), end(ablation(model, tokens, 0, 1))
    assert isinstance(removed, Ablation)
    change = 5 * math.tanh(2) ** 3 / math.log(2)
    for scores in (found.scores, removed.scores):
        assert scores[2] == pytest.approx(change, rel=0.01)
        assert not scores[[0, 1, 3, 4, 5]].any()
    assert (found.output, found.baseline, removed.output) == pytest.approx((change, 0, change))


def test_clues_that_only_count_together_share_and_each_is_missed_whole() -> None:
    model = Known(lambda x: 6 * x[:, 1] * x[:, 3])
    scores = [end(ask(model, np.ones(4, int), 0, 1)).scores * math.log(2) for ask in (integrated_gradients, ablation)]
    np.testing.assert_allclose(scores, [[0, 3, 0, 3], [0, 6, 0, 6]], atol=1e-5)


def test_a_steep_path_is_halved_where_it_is_steep_until_it_is_complete() -> None:
    model = Known(lambda x: 4 * torch.sigmoid(400 * (x[:, 1] - 0.3)))
    found = list(integrated_gradients(model, np.array([0, 1]), 0, 1))
    bounds = [one.bound for one in found]
    assert bounds[0] > 0.5
    assert bounds[-1] < 0.01 * (found[-1].output - found[-1].baseline) < bounds[-2]
    assert [one.done for one in found] == [16 + 16 * i for i in range(len(found))]
    assert {one.total for one in found[:-1]} == {200}
    assert found[-1].total == found[-1].done < 200
    for one in found:
        assert one.error == pytest.approx(one.scores.sum() - (one.output - one.baseline))
        assert abs(one.error) <= one.bound + 1e-12
    assert found[-1].scores.sum() == pytest.approx(4 / math.log(2), rel=0.01)
    evenly = end(integrated_gradients(model, np.array([0, 1]), 0, 1, steps=found[-1].done, tolerance=0))
    assert evenly.done == found[-1].done
    more = end(integrated_gradients(model, np.array([0, 1]), 0, 1, tolerance=0, steps=1000))
    assert more.bound < 0.01  # bits: less is not asked of it
    assert more.done < 500
    assert end(integrated_gradients(model, np.array([0, 1]), 0, 1, steps=5)).done == 4


def test_what_no_gradient_sees_is_told_by_the_error() -> None:
    """A step: its gradient is zero wherever there is one."""
    model = Known(lambda x: 7 * (x[:, 1] > 0.4).float() + 0 * x[:, 1])
    found = end(integrated_gradients(model, np.array([0, 1]), 0, 1))
    assert found.scores.tolist() == [0]
    assert found.error == pytest.approx(-7 / math.log(2))
    assert found.relative == pytest.approx(1)
    assert found.bound == pytest.approx(7 / math.log(2))
    assert 184 < found.done <= 200
    assert end(ablation(model, np.array([0, 1]), 0, 1)).scores.tolist() == pytest.approx([7 / math.log(2)])


def test_errors_of_pieces_that_make_good_for_each_other_are_seen() -> None:
    """A step up and the same step down: the sum is complete, and still nothing is known of what lies between."""
    model = Known(lambda x: 7 * ((x[:, 1] > 0.2) & (x[:, 1] < 0.7)).float() + x[:, 1])
    found = end(integrated_gradients(model, np.array([0, 1]), 0, 1))
    assert abs(found.error) < 0.01
    assert found.bound == pytest.approx(14 / math.log(2))


# ------------------------------------------------------------------------------------------------- against plain runs


@pytest.mark.parametrize("settings", SETTINGS, ids=NAMES)
def test_gradients_of_every_architecture_are_those_of_a_path_in_small_steps(
    make_model: Make, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribution, "ENOUGH", 1e-5)
    model = make_model(**settings)
    found = end(integrated_gradients(model, TOKENS, 6, LOOPS, steps=800, tolerance=1e-4))
    trace = record(model, TOKENS, LOOPS)
    assert found.token == trace.answers[-1, 6]
    assert found.output == pytest.approx(evidence(trace.logits[-1, 6], found.token), abs=1e-4)
    assert found.baseline == pytest.approx(
        evidence(record(model, 0 * TOKENS, LOOPS).logits[-1, 6], found.token), abs=1e-4
    )
    assert found.givens.tolist() == np.flatnonzero(TOKENS).tolist()
    tokens = torch.tensor(TOKENS)[None]
    embedded, blank = model.embed(tokens), model.embed(0 * tokens)
    shares = ((torch.arange(2000) + 0.5) / 2000)[:, None, None]
    path = (blank + shares * (embedded - blank)).requires_grad_()
    state = model.begin_embedded(path)
    for _ in range(LOOPS):
        state = model.step(state)
    p = model.readout(state.hidden[:, 6]).softmax(-1)[:, found.token]
    gradient = torch.autograd.grad((p / (1 - p)).log2().sum(), path)[0].mean(0)
    wanted = (gradient * (embedded - blank)[0]).sum(-1).numpy()
    assert np.abs(wanted).max() > 0.02
    np.testing.assert_allclose(found.scores, wanted[found.givens], atol=0.001)
    assert not wanted[TOKENS == 0].any()


@pytest.mark.parametrize("settings", SETTINGS, ids=NAMES)
def test_ablation_is_a_run_without_the_clue(
    make_model: Make, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model(**settings)
    trace = record(model, TOKENS, LOOPS)
    token = int(np.argsort(trace.logits[-1, 6])[-2])
    monkeypatch.setattr(attribution, "CPU_BYTES", 4 * 4 * TOKENS.size * 8 * 2)  # four runs at a time
    *parts, last = ablation(model, TOKENS, 6, LOOPS, token=token, blank=3, window=LOOPS)
    assert [part.done for part in parts] == [4, 8, 12][: len(parts)]
    assert [np.isnan(part.scores).sum() for part in parts] == [part.total - part.done for part in parts]
    assert last.token == token
    assert last.givens.tolist() == np.flatnonzero(TOKENS != 3).tolist()
    blanks = record(model, np.full(16, 3), LOOPS).logits[-1, 6]
    assert next(integrated_gradients(model, TOKENS, 6, LOOPS, blank=3)).baseline == pytest.approx(
        evidence(blanks, int(trace.answers[-1, 6])), abs=1e-3
    )
    for place, score in zip(last.givens, last.scores, strict=True):
        without = TOKENS.copy()
        without[place] = 3
        lost = evidence(trace.logits[-1, 6], token) - evidence(record(model, without, LOOPS).logits[-1, 6], token)
        assert score == pytest.approx(lost, abs=1e-3), place
    assert np.abs(last.scores).max() > 0.1


def changed(tokens: np.ndarray, places: list[int], window: int) -> Input:
    without = tokens.copy()
    without[places] = 0
    return Input(tuple(without), first=LOOPS - window)


@pytest.mark.parametrize("settings", [SETTINGS[0], SETTINGS[2]], ids=["injection", "tmlt"])
@pytest.mark.parametrize("window", [1, 3])
def test_in_the_window_alone_the_clues_are_gone(make_model: Make, settings: dict[str, Any], window: int) -> None:
    model, places = make_model(**settings), [12, 0, 5]
    found = end(integrated_gradients(model, TOKENS, 6, LOOPS, np.array(places), window=window))
    run, blank = (
        record(model, TOKENS, LOOPS, interventions=how).logits[-1, 6]
        for how in ((), (changed(TOKENS, places, window),))
    )
    assert found.givens.tolist() == places
    assert found.output == pytest.approx(evidence(run, found.token), abs=1e-3)
    assert found.baseline == pytest.approx(evidence(blank, found.token), abs=1e-3)
    removed = end(ablation(model, TOKENS, 6, LOOPS, np.array(places), window=window))
    for place, score in zip(places, removed.scores, strict=True):
        without = record(model, TOKENS, LOOPS, interventions=[changed(TOKENS, [place], window)]).logits[-1, 6]
        assert score == pytest.approx(evidence(run, found.token) - evidence(without, found.token), abs=1e-3)


def test_the_usual_window_is_six_loops_or_the_run(make_model: Make) -> None:
    for settings, loops, window in ((SETTINGS[0], 9, 6), (SETTINGS[0], 3, 3), (SETTINGS[1], 9, 9)):
        model = make_model(size=0.2, **settings)
        usual, said = (end(ablation(model, TOKENS, 6, loops, **how)).scores for how in ({}, {"window": window}))
        np.testing.assert_array_equal(usual, said)
        gradients = [
            end(integrated_gradients(model, TOKENS, 6, loops, **how)).baseline for how in ({}, {"window": window})
        ]
        assert gradients[0] == gradients[1]


@pytest.mark.parametrize(("settings", "interventions"), [
    (SETTINGS[0], (Cut((1,)), patch(2, [6, 1], np.ones((2, 8))))),
    (SETTINGS[0], (patch(0, [6, 1], np.ones((2, 8))),)),
    (SETTINGS[1], (patch(0, [6, 1], np.ones((2, 8))), patch(1, [3], np.ones((1, 8))))),
    (SETTINGS[2], (freeze(2), Cut(mlp=True, first=1, stop=2))),
])  # fmt: skip
def test_interventions_are_part_of_the_run(
    make_model: Make, settings: dict[str, Any], interventions: tuple[Intervention, ...]
) -> None:
    model = make_model(size=0.3, **settings)
    found = end(integrated_gradients(model, TOKENS, 6, LOOPS, interventions=interventions, window=LOOPS))
    removed = end(ablation(model, TOKENS, 6, LOOPS, interventions=interventions, window=LOOPS))
    without = np.where(np.arange(16) == removed.givens[3], 0, TOKENS)
    run, blank, one = (
        evidence(record(model, tokens, LOOPS, interventions=interventions).logits[-1, 6], found.token)
        for tokens in (TOKENS, 0 * TOKENS, without)
    )
    assert (found.output, found.baseline, removed.scores[3]) == pytest.approx((run, blank, run - one), abs=1e-3)
    assert found.relative < 0.02
    plain = record(model, TOKENS, LOOPS).logits[-1, 6]
    assert abs(run - evidence(plain, found.token)) > 0.01


def test_an_input_that_is_replaced_altogether_brings_nothing(make_model: Make) -> None:
    model = make_model(**SETTINGS[0])
    found = end(integrated_gradients(model, TOKENS, 6, LOOPS, interventions=[Input(tuple(TOKENS[::-1]))]))
    assert not found.scores.any()
    assert (found.error, found.output) == (0, found.baseline)
    assert math.isnan(found.relative)


def test_gradients_beyond_all_bounds_are_no_error_but_an_unknown(make_model: Make) -> None:
    model = make_model(size=3.0, injection=True, dtype=torch.float32)
    found = end(integrated_gradients(model, TOKENS, 6, 150, window=150, steps=40))
    assert not found.relative < 1


# ------------------------------------------------------------------------------------------------- who asks, and what


def test_a_mask_and_its_indices_are_the_same_question(make_model: Make) -> None:
    model, places = make_model(**SETTINGS[0]), np.array([1, 5, 12])
    mask = np.isin(np.arange(16), places)
    for ask in (integrated_gradients, ablation):
        first, second, turned = (end(ask(model, TOKENS, 6, LOOPS, givens)) for givens in (mask, places, places[::-1]))
        np.testing.assert_array_equal(first.scores, second.scores)
        np.testing.assert_allclose(turned.scores[::-1], first.scores, atol=1e-4)
        assert first.givens.tolist() == [1, 5, 12]


def test_the_model_is_left_as_it_was_and_anybody_may_ask(make_model: Make) -> None:
    model = make_model(**SETTINGS[2])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    wanted = [end(ask(model, TOKENS, 6, LOOPS)).scores for ask in (integrated_gradients, ablation)]
    for context in (torch.no_grad, torch.inference_mode):
        with context():
            np.testing.assert_array_equal(end(integrated_gradients(model, TOKENS, 6, LOOPS)).scores, wanted[0])
    model.requires_grad_(True)  # as in training
    np.testing.assert_allclose(end(integrated_gradients(model, TOKENS, 6, LOOPS)).scores, wanted[0], atol=1e-5)
    np.testing.assert_allclose(end(ablation(model, TOKENS, 6, LOOPS)).scores, wanted[1], atol=1e-5)
    assert all(parameter.grad is None and parameter.requires_grad for parameter in model.parameters())
    model.requires_grad_(False)
    some = integrated_gradients(model, TOKENS, 6, LOOPS, tolerance=0)
    next(some)
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    some.close()
    with ThreadPoolExecutor(4) as threads:
        jobs = [
            threads.submit(lambda ask=ask: end(ask(model, TOKENS, 6, LOOPS)).scores)
            for ask in (integrated_gradients, ablation) * 4
        ]
        for job, scores in zip(jobs, wanted * 4, strict=True):
            np.testing.assert_array_equal(job.result(), scores)
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in model.parameters())
    assert not any(
        module._forward_hooks or module._backward_hooks or module._forward_pre_hooks for module in model.modules()
    )
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_memory_sets_how_many_gradients_go_together(make_model: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    model, sizes = make_model(**SETTINGS[0]), []
    step = Model.step

    def watched(self: Model, state: State, *rest: Any) -> State:
        if torch.is_grad_enabled():
            sizes.append(len(state.hidden))
        return step(self, state, *rest)

    wanted = end(integrated_gradients(model, TOKENS, 6, LOOPS)).scores
    monkeypatch.setattr(Model, "step", watched)
    run = 8 * 4 * TOKENS.size * 8 * 2 * LOOPS
    for memory, most in ((2**28, 8), (3 * run, 3), (1, 1)):
        sizes.clear()
        monkeypatch.setattr(attribution, "KEPT", memory)
        np.testing.assert_allclose(end(integrated_gradients(model, TOKENS, 6, LOOPS)).scores, wanted, atol=1e-4)
        assert max(sizes) == most


def test_questions_that_cannot_be_asked_are_refused(make_model: Make) -> None:
    looped, plain, standard = (make_model(**SETTINGS[i]) for i in (0, 1, 3))
    one = "givens must be a mask (positions,) or indices of positions, each once, and at least one."
    for model, asked, sentence in (
        (looped, {"position": 16}, "position 16 is not possible: there are 16, counted from 0."),
        (looped, {"position": -1}, "position -1 is not possible: there are 16, counted from 0."),
        (looped, {"token": 5}, "token 5 is not possible: there are 5, counted from 0."),
        (looped, {"blank": -1}, "blank -1 is not possible: there are 5, counted from 0."),
        (looped, {"givens": np.array([3, 16])}, "given 16 is not possible: there are 16, counted from 0."),
        (looped, {"givens": np.array([-1, 1])}, "given -1 is not possible: there are 16, counted from 0."),
        (looped, {"givens": np.array([3, 3])}, one),
        (looped, {"givens": np.array([], int)}, one),
        (looped, {"givens": np.ones(15, bool)}, one),
        (looped, {"givens": np.zeros(16, bool)}, one),
        (looped, {"givens": np.array([0.5])}, one),
        (looped, {"tokens": 0 * TOKENS}, one),
        (looped, {"tokens": TOKENS + 1}, "tokens must be one sequence (positions,) of whole numbers from 0 to 4."),
        (looped, {"tokens": TOKENS[None]}, "tokens must be one sequence (positions,) of whole numbers from 0 to 4."),
        (looped, {"tokens": TOKENS / 1}, "tokens must be one sequence (positions,) of whole numbers from 0 to 4."),
        (looped, {"loop": 0}, "loops is 0; at least one loop must be run."),
        (looped, {"window": 0}, "window is 0; it must be 1 to 3, a number of loops of this run."),
        (looped, {"window": 4}, "window is 4; it must be 1 to 3, a number of loops of this run."),
        (
            plain,
            {"window": 2},
            "window is 2; this model reads its tokens before the first loop only, so it must be all 3.",
        ),
        (
            standard,
            {"loop": 5},
            "a standard transformer cannot be run for 5 loops: it has 4 layers, each applied once.",
        ),
        (looped, {"interventions": [Cut((2,))]}, "head 2 does not exist: this model has heads 0 to 1."),
    ):
        for ask in (integrated_gradients, ablation):
            with pytest.raises(ValueError, match=r"^[^\n]+\.$") as caught:
                next(ask(model, **{"tokens": TOKENS, "position": 0} | asked))
            assert str(caught.value) == sentence
    for steps, tolerance in ((1, 0.1), (10, -1), (10, math.nan)):
        with pytest.raises(
            ValueError, match=f"steps is {steps} and tolerance {tolerance}; at least two steps are needed"
        ):
            next(integrated_gradients(looped, TOKENS, 0, steps=steps, tolerance=tolerance))


def test_captum_is_imported_by_those_who_ask_only() -> None:
    program = (
        "import sys, looped.lenses.attribution; "
        "print([name for name in sys.modules if name.startswith(('captum', 'matplotlib'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


# ------------------------------------------------------------------------------------------------- agreement


def test_agreement_is_of_ranks_and_of_the_largest() -> None:
    first = np.array([3.0, -1, 0.5, 0.5])
    found = agreement(first, np.array([40.0, 0, 7, 9]))
    assert found.correlation == pytest.approx(np.corrcoef([4, 1, 2.5, 2.5], [4, 1, 2, 3])[0, 1])
    assert (found.tops, found.same) == ((0, 0), True)
    apart = agreement(first, -first)
    assert (apart.correlation, apart.tops, apart.same) == (-1, (0, 1), False)  # the most against the answer is no top
    assert math.isnan(agreement(first, np.zeros(4)).correlation)
    for other in (first[:3], first[None], np.zeros((0,))):
        with pytest.raises(ValueError, match="scores must be of the same givens, not of shapes"):
            agreement(first, other)


# ------------------------------------------------------------------------------------------------- a real checkpoint


def test_of_a_trained_model_the_clues_that_decide_are_found() -> None:
    """
    . 2 3 4    r1c1 is 1, for its row has 2, 3 and 4; neither of the other clues is in its row, column or box
    . . . .
    . . 2 .
    . . . 1
    """
    checkpoint = load("sudoku4-tmlt")
    tokens = np.array([0, 2, 3, 4, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1])
    found = end(integrated_gradients(checkpoint.model, tokens, 0, 4))
    assert found.token == 1
    assert found.relative < 0.01
    assert found.scores[:3].min() > 4
    assert np.abs(found.scores[:3] / found.scores[:3].mean() - 1).max() < 0.25  # one is as needed as the other
    assert found.scores[3] < 4
    removed = end(ablation(checkpoint.model, tokens, 0, 4))
    assert removed.scores[3] < 1 < 10 < removed.scores.max()
    late = end(integrated_gradients(checkpoint.model, tokens, 0, 32))
    assert abs(late.error) < 0.02
    assert np.abs(late.scores).sum() < 2  # the state remembers: hardly anything rests on the last loops


def test_the_strongest_score_is_one_that_is_known() -> None:
    assert strongest(np.array([np.nan, -3.0, -1.0, np.nan])) == 2
    assert strongest(np.array([0.0, 0.0])) == 0
    assert strongest(np.full(3, np.nan)) is None
    assert strongest(np.array([])) is None
