"""Every lens asked of models unlike the family: each answers, or says in one sentence what a model lacks."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

import numpy as np
import pytest
import torch

from looped import lenses
from looped.lenses import attention
from looped.lenses.attribution import integrated_gradients
from looped.lenses.basins import basins
from looped.lenses.branches import branches
from looped.lenses.calibration import calibration, survey
from looped.lenses.compute import compute
from looped.lenses.contests import claims
from looped.lenses.correlation import spearman
from looped.lenses.crossing import crossing
from looped.lenses.descent import descent
from looped.lenses.divergence import divergence
from looped.lenses.error import errors
from looped.lenses.fixed_point import local_lipschitz, loop_map, spectral_radius, steps
from looped.lenses.halting import halting
from looped.lenses.halting_numbers import halting_numbers, survey_numbers
from looped.lenses.influence import gradients, taken_away
from looped.lenses.layerwise import layerwise, streams_of
from looped.lenses.lengths import means
from looped.lenses.linear import fit as fit_map
from looped.lenses.linear import linear
from looped.lenses.locality import locality
from looped.lenses.lyapunov import lyapunov
from looped.lenses.numeric_probes import fit as fit_numbers
from looped.lenses.numeric_probes import pooled_input, pooled_states
from looped.lenses.probes import fit
from looped.lenses.reach import reach
from looped.lenses.readout import certainty, readout
from looped.lenses.recovery import recovery
from looped.lenses.residual import residual
from looped.lenses.resting import rests
from looped.lenses.rollout import rollout
from looped.lenses.rounds import rounds
from looped.lenses.rules import rule_shares
from looped.lenses.similarity import similarity
from looped.lenses.solver import solver_view
from looped.lenses.sweep import sweep_positions
from looped.lenses.temperature import temperatures
from looped.lenses.timestep import encodings, strengths, vectors_at
from looped.lenses.trajectory import distances, trajectory
from looped.lenses.wavefront import Table, wavefront
from looped.lenses.ways import taken
from looped.model import LoopedModel
from looped.model.candidates import Candidates, CandidatesConfig
from looped.model.in_context import InContext, InContextConfig
from looped.model.lattice import Lattice, LatticeConfig
from looped.runs.trace import Trace, record
from tests.model.toys import TOYS, make_toy, some_input

LOOPS = 7
KNOWN = np.arange(9) < 6  # places of a prompt that hold examples; the others ask


def run(name: str) -> tuple[LoopedModel, Trace]:
    toy = make_toy(name)
    return toy, record(toy, some_input(name), LOOPS)


# ------------------------------------------------------------------------------------------- one question of each lens


def ask_attribution(model: LoopedModel, trace: Trace) -> object:
    return list(islice(integrated_gradients(model, trace.tokens, 0, 2, np.arange(1, 4)), 1))


def ask_basins(model: LoopedModel, trace: Trace) -> object:
    return list(basins(model, trace.tokens, lambda _, answers: answers[:, 0] == 1, runs=3, noise=0.1))


def ask_calibration(model: LoopedModel, trace: Trace) -> object:
    inputs = np.stack([trace.tokens] * 2)
    *_, found = survey(model, inputs, np.tile(trace.answers[-1], (2, 1)), LOOPS)
    return calibration(found.probability, found.right)


def ask_compute(model: LoopedModel, trace: Trace) -> object:
    inputs = np.stack([trace.tokens] * 2)
    return list(compute(model, inputs, lambda _, said: said[:, 0] == 1, inputs >= 0, LOOPS, runs=3))


def ask_descent(model: LoopedModel, trace: Trace) -> object:
    """Take the numbers of the first places but the last as x, and the last as y."""
    examples, queries = trace.vectors[KNOWN], trace.vectors[~KNOWN]
    return descent(examples, queries[:, :-1], trace.predictions[:, ~KNOWN, 0], steps=4)


def ask_error(model: LoopedModel, trace: Trace) -> object:
    said = trace.predictions[:, ~KNOWN, 0]
    return errors(said, np.ones(3), np.zeros((2, 3)))


def ask_fixed_point(model: LoopedModel, trace: Trace) -> object:
    at, states = [loop_map(model, trace.input, 2)], trace.hidden[2:3]
    return steps(trace.hidden), spectral_radius(at, states), local_lipschitz(at, states)


def ask_halting_numbers(model: LoopedModel, trace: Trace) -> object:
    wanted = np.where(KNOWN[:, None], np.nan, trace.predictions[-1])
    return halting_numbers(trace.hidden, trace.predictions), list(
        survey_numbers(model, np.stack([trace.vectors] * 2), np.stack([wanted] * 2), LOOPS)
    )


def ask_influence(model: LoopedModel, trace: Trace) -> object:
    about = (model, trace.vectors, KNOWN, 7, 3)
    return gradients(*about), list(taken_away(*about))


def ask_numeric_probes(model: LoopedModel, trace: Trace) -> object:
    inputs = np.stack([scale * trace.input for scale in np.linspace(0.5, 1.5, 6)])
    wanted = inputs.reshape(6, -1)[:, :2]
    states, embedded = pooled_states(model, inputs, KNOWN, LOOPS), pooled_input(model, inputs, KNOWN)
    return list(fit_numbers(states, [wanted], [np.roll(wanted, 1, axis=0)], embedded))


def ask_probes(model: LoopedModel, trace: Trace) -> object:
    labels = np.random.default_rng(0).integers(2, size=(8, trace.positions, 1))
    return list(fit(lambda runs: np.stack([trace.hidden] * len(runs)), labels, batch=4))


def ask_reach(model: LoopedModel, trace: Trace) -> object:
    assert trace.neighbours is not None
    return reach(trace.attention, trace.neighbours, trace.vectors[:, :-2], KNOWN)


def ask_locality(model: LoopedModel, trace: Trace) -> object:
    return locality(model, trace.tokens, 0, [(trace.tokens[0] + 1) % 2], np.arange(len(trace.tokens)), LOOPS)


def ask_recovery(model: LoopedModel, trace: Trace) -> object:
    counted = np.ones(len(trace.tokens), bool)
    return list(recovery(model, trace.tokens, lambda _, said: said[:, 0] == 1, counted, 2, 2, draws=2))


def ask_resting(model: LoopedModel, trace: Trace) -> object:
    return list(rests(model, np.stack([trace.tokens] * 2), lambda _, said: said[:, 0] == 1, LOOPS))


def ask_rules(model: LoopedModel, trace: Trace) -> object:
    itself = {"self": np.eye(trace.positions, dtype=bool)}
    return rule_shares(trace.attention, itself, visible=trace.mask, neighbours=trace.neighbours)


def ask_solver(model: LoopedModel, trace: Trace) -> object:
    return solver_view(readout(trace.logits).settled, np.ones(trace.answers.shape[1], int))


def ask_temperature(model: LoopedModel, trace: Trace) -> object:
    return list(temperatures(model, trace.tokens, LOOPS))


def ask_timestep(model: LoopedModel, trace: Trace) -> object:
    return strengths(trace), vectors_at(model, [0, 0.5]), encodings(model, [0, 0.5])


def ask_wavefront(model: LoopedModel, trace: Trace) -> object:
    """Take the first tokens of the input as one word and the last as the other."""
    places = np.stack(np.meshgrid(np.arange(2), np.arange(3, 5), indexing="ij"), -1).reshape(1, 4, 2).repeat(6, 0)
    fitted = Table(np.stack([trace.tokens] * 6), places, np.arange(24).reshape(6, 4) % 3)
    one = Table(*(part[:1] for part in fitted))
    return list(wavefront(model, fitted, one, one, LOOPS))


def ask_ways(model: LoopedModel, trace: Trace) -> object:
    said = [[str(token) for token in row] for row in trace.answers]
    return taken(said[-1:], said)


ASK: dict[str, Callable[[LoopedModel, Trace], object]] = {
    "attention": lambda _, trace: attention.strongest(trace.attention),
    "attribution": ask_attribution,
    "basins": ask_basins,
    "branches": lambda _, trace: branches(np.abs(trace.hidden[1:, None, :2, 0])),
    "calibration": ask_calibration,
    "compute": ask_compute,
    "contests": lambda _, trace: claims(trace),
    "correlation": lambda _, trace: spearman(trace.hidden[0].ravel(), trace.hidden[-1].ravel()),
    "crossing": lambda _, trace: crossing(np.arange(9), *trace.states[-2:, :9, 0] ** 2, usual=4),
    "descent": ask_descent,
    "divergence": lambda _, trace: divergence(trace.answers, trace.answers),
    "error": ask_error,
    "fixed_point": ask_fixed_point,
    "halting": lambda _, trace: halting(trace.hidden, trace.logits),
    "halting_numbers": ask_halting_numbers,
    "influence": ask_influence,
    "layerwise": lambda model, trace: layerwise(streams_of(model, trace.tokens, LOOPS)),
    "lengths": lambda _, trace: means(trace.states[1:, :9, 0].T, np.arange(9), trained=4),
    "linear": lambda _, trace: linear(fit_map([(trace.hidden[0], trace.hidden[1])]), trace.hidden),
    "locality": ask_locality,
    "lyapunov": lambda model, trace: list(lyapunov([loop_map(model, trace.input, 1)], trace.hidden[1:2])),
    "numeric_probes": ask_numeric_probes,
    "probes": ask_probes,
    "reach": ask_reach,
    "readout": lambda _, trace: (readout(trace.logits), certainty(trace.logits)),
    "recovery": ask_recovery,
    "resting": ask_resting,
    "residual": lambda _, trace: residual(trace.hidden),
    "rollout": lambda _, trace: rollout(trace.attention, neighbours=trace.neighbours),
    "rounds": lambda _, trace: rounds(trace),
    "rules": ask_rules,
    "similarity": lambda _, trace: similarity(trace.hidden),
    "solver": ask_solver,
    "sweep": lambda model, trace: list(sweep_positions(model, trace, 0, loops=[trace.loops - 1])),
    "temperature": ask_temperature,
    "timestep": ask_timestep,
    "trajectory": lambda _, trace: (trajectory(trace.hidden), distances(trace.hidden)),
    "wavefront": ask_wavefront,
    "ways": ask_ways,
}


# ------------------------------------------------------------------------------------------------- what applies to whom

# Of models that predict numbers from examples of a function; the first says how far predictions are off.
OF_EXAMPLES = {"error", "descent", "halting_numbers", "influence", "numeric_probes", "reach"}
OF_ANY = {"branches", "correlation", "crossing", "fixed_point", "lengths", "lyapunov", "probes", "residual"}
OF_ANY |= {"linear", "similarity", "trajectory"}
SPECIAL = {"attribution", "contests", "layerwise", "rounds", "temperature", "timestep"}
CLASSES = set(lenses.NAMES) - OF_EXAMPLES - SPECIAL
OF_ONE_MAP = {"fixed_point", "linear", "lyapunov", "recovery", "resting", "sweep"}
APPLIES = {
    "regression": (OF_ANY | OF_EXAMPLES) - {"reach"},
    "causal": CLASSES,
    "two states": CLASSES - {"attention", "fixed_point", "lyapunov", "rollout", "rules", "sweep"},
    "ring": CLASSES,
    "pencil marks": CLASSES - {"attention", "rollout", "rules"},
    "family": set(lenses.NAMES) - OF_EXAMPLES - {"contests", "layerwise", "rounds"},
    "candidates": CLASSES - {"attention", "rollout", "rules"} | {"contests", "layerwise", "timestep"},
    "lattice": CLASSES - OF_ONE_MAP - {"attention", "rollout", "rules"} | {"contests", "layerwise", "rounds"},
    "prompts": OF_ANY | OF_EXAMPLES | {"attention", "rollout", "rules", "timestep"},
}


@pytest.fixture
def subject(name: str, make_model: Callable[..., LoopedModel]) -> tuple[LoopedModel, Trace]:
    """A toy, or a small model of each of our own kinds, and a run of it."""
    if name in TOYS:
        return run(name)
    if name == "family":
        model = make_model(architecture="tmlt", injection=True)
        return model, record(model, np.arange(16) % 5, LOOPS)
    if name == "candidates":
        config = CandidatesConfig("candidates", 4, (2, 2), width=8, contests=2, hidden=8, timestep=True)
        net = Candidates(config).eval().requires_grad_(False)
        return net, record(net, np.arange(16) % 5, LOOPS)
    if name == "lattice":
        search = Lattice(LatticeConfig("lattice", 4, (2, 2), width=8, contests=2, hidden=8, round=2))
        search = search.eval().requires_grad_(False)
        return search, record(search, np.arange(16) % 5, LOOPS)
    torch.manual_seed(0)
    model = InContext(InContextConfig("in-context", 3, "tmlt", 4, d_model=8, heads=2)).eval().requires_grad_(False)
    prompt = np.column_stack([some_input("regression")[:, :4], ~KNOWN])
    prompt[~KNOWN, -2] = 0
    return model, record(model, prompt, LOOPS)


def test_there_is_a_question_of_every_lens() -> None:
    assert ASK.keys() == set(lenses.NAMES)
    assert set().union(*APPLIES.values()) == set(lenses.NAMES)


@pytest.mark.parametrize("name", APPLIES)
def test_every_lens_answers_or_says_why_not(name: str, subject: tuple[LoopedModel, Trace]) -> None:
    model, trace = subject
    applies = {lens for lens in lenses.NAMES if lenses.missing(lens, model) is None}
    assert applies == APPLIES[name]
    for lens in applies:
        assert lenses.missing(lens, trace) is None, lens
        assert ASK[lens](model, trace) is not None, lens
    for lens in set(lenses.NAMES) - applies:
        sentence = lenses.missing(lens, model)
        assert sentence is not None
        assert re.fullmatch(rf"The lens '{lens}' does not apply: it [^\n]+\.", sentence)


@pytest.mark.parametrize(
    ("lens", "name", "sentence"),
    [
        (
            "rollout",
            "regression",
            "it needs attention from every position to every position or attention kept for each neighbour, "
            "which this model does not have.",
        ),
        (
            "readout",
            "regression",
            "it needs classes or next tokens as output; this model predicts numbers.",
        ),
        ("rounds", "ring", "it needs rounds of a search, which this model does not have."),
        ("wavefront", "regression", "it needs tokens as input; this model reads vectors."),
        (
            "fixed_point",
            "two states",
            "it is not made for a model with several state tensors: its hidden state alone does not say what the next "
            "loop gives.",
        ),
        ("temperature", "causal", "it needs another temperature of the softmax, which this model cannot be given."),
        ("timestep", "ring", "it needs a timestep encoding with its scales, which this model does not have."),
    ],
)
def test_the_sentence_says_what_is_missing(lens: str, name: str, sentence: str) -> None:
    assert lenses.missing(lens, make_toy(name)) == f"The lens {lens!r} does not apply: {sentence}"


def test_a_run_alone_says_what_was_not_observed_in_it() -> None:
    _, trace = run("two states")
    assert lenses.missing("rules", trace) == (
        "The lens 'rules' does not apply: it needs attention from every position to every position "
        "or attention kept for each neighbour, which was not observed in this run."
    )
    assert lenses.missing("readout", trace) is None
    assert lenses.missing("rollout", run("ring")[1]) is None
    assert lenses.missing("attribution", run("pencil marks")[1]) == (
        "The lens 'attribution' does not apply: it is not made for a model with several positions for each place: "
        "a place of its input has no one embedding of its own."
    )


def test_rollout_and_rules_of_neighbour_attention_are_those_of_the_whole_matrix() -> None:
    _, trace = run("ring")
    table = trace.neighbours
    assert table is not None
    whole = np.zeros((LOOPS, 1, 1, 9, 9), np.float32)
    for i, row in enumerate(table):
        for slot, j in enumerate(row):
            if j >= 0:
                whole[..., i, j] += trace.attention[..., i, slot]
    np.testing.assert_allclose(rollout(trace.attention, neighbours=table), rollout(whole), rtol=0, atol=1e-6)
    rules = {"self": np.eye(9, dtype=bool), "before": np.eye(9, k=-1, dtype=bool)}
    seen = np.abs(np.subtract.outer(np.arange(9), np.arange(9))) <= 1
    near, full = rule_shares(trace.attention, rules, neighbours=table), rule_shares(whole, rules, visible=seen)
    np.testing.assert_allclose(near.mass, full.mass, rtol=0, atol=1e-6)
    np.testing.assert_allclose(near.even, full.even, rtol=0, atol=1e-6)
