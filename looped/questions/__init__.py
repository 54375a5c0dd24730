"""Questions that take more than a moment, asked of one input and a checkpoint, and answered step by step.

Each is a generator of `{"share", "arrays", "meta"}`, ready for `looped.serving.message.pack`: the share of the work
that is done, and what is known so far; the last step has the share 1. Closing the generator stops the work. What
questions compute is in `looped.lenses`; here it is only called and arranged.

A new question is a function in a file of this room and an entry of `QUESTIONS`.
"""

from __future__ import annotations

from looped import lenses
from looped.catalogue.checkpoints import Checkpoint
from looped.experiments import EXPERIMENTS
from looped.model.interventions import Cut
from looped.model.seam import ATTENTION
from looped.questions.calibration import ask_calibration
from looped.questions.clues import ask_clues
from looped.questions.compute import ask_compute
from looped.questions.effects import ask_cells, ask_heads
from looped.questions.ends import RUNS, ask_noise, ask_turns
from looped.questions.exits import BOARDS, ask_exits, ask_exits_minimal
from looped.questions.experiments import ask_experiment
from looped.questions.influence import ask_influence
from looped.questions.inputs import ask_inputs
from looped.questions.layerwise import ask_layerwise
from looped.questions.linear import ask_linear
from looped.questions.locality import ask_locality
from looped.questions.lyapunov import ask_lyapunov
from looped.questions.multistep import ask_multistep
from looped.questions.probes import ask_probes
from looped.questions.question import Asked, Question, spread
from looped.questions.recorded import ask_recorded
from looped.questions.recovery import ask_recovery
from looped.questions.resting import ask_resting, ask_resting_minimal
from looped.questions.rollout import ask_rollout
from looped.questions.scores import COUNT, INPUTS, ask_lengths, ask_scaling
from looped.questions.shifts import ask_shifts
from looped.questions.similarity import ask_similarity
from looped.questions.sizes import ask_sizes
from looped.questions.spectrum import ask_spectrum
from looped.questions.temperature import TEMPERATURES, ask_temperature
from looped.questions.wavefront import ask_wavefront, entries
from looped.questions.weights import ask_weights
from looped.runs.needs import LOGITS, Needs
from looped.tasks.protocol import (
    FUNCTIONS,
    HARDEST,
    LENGTHS,
    ONE_ANSWER,
    PROBE_LABELS,
    PROBE_NUMBERS,
    SIZES,
    SYMMETRIES,
    TABLE,
)

__all__ = [
    "BOARDS",
    "COUNT",
    "INPUTS",
    "QUESTIONS",
    "RUNS",
    "TEMPERATURES",
    "Asked",
    "Question",
    "entries",
    "spread",
    "unanswerable",
]

HEADS = Needs(all_of=(ATTENTION,), interventions=(Cut,))  # what cutting heads needs beside what a sweep does

TOKENS = Needs(inputs=("tokens",))  # inputs that can be written as text

QUESTIONS = {
    "rollout": Question(ask_rollout, needs=(lenses.rollout.NEEDS,)),
    "spectrum": Question(ask_spectrum, looped=True, needs=(lenses.fixed_point.NEEDS,)),
    "similarity": Question(ask_similarity, needs=(lenses.similarity.NEEDS,)),
    "lyapunov": Question(ask_lyapunov, looped=True, needs=(lenses.lyapunov.NEEDS,)),
    "layerwise": Question(ask_layerwise, looped=True, needs=(lenses.layerwise.NEEDS,)),
    "linear": Question(ask_linear, looped=True, needs=(lenses.linear.NEEDS,)),
    "recovery": Question(ask_recovery, looped=True, needs=(lenses.recovery.NEEDS,)),
    "locality": Question(ask_locality, cell=True, needs=(lenses.locality.NEEDS,)),
    "calibration": Question(ask_calibration, board=False, needs=(lenses.calibration.NEEDS,), offers=(ONE_ANSWER,)),
    "resting": Question(ask_resting, board=False, looped=True, needs=(lenses.resting.NEEDS,)),
    "resting_minimal": Question(
        ask_resting_minimal, board=False, looped=True, needs=(lenses.resting.NEEDS,), offers=(HARDEST,)
    ),
    "compute": Question(ask_compute, board=False, looped=True, needs=(lenses.compute.NEEDS,)),
    "cells": Question(ask_cells, cell=True, looped=True, needs=(lenses.sweep.NEEDS,)),
    "heads": Question(ask_heads, cell=True, needs=(lenses.sweep.NEEDS, HEADS)),
    "exits": Question(ask_exits, board=False, looped=True),
    "exits_minimal": Question(
        ask_exits_minimal, board=False, looped=True, needs=(lenses.halting.NEEDS,), offers=(HARDEST,)
    ),
    "turns": Question(ask_turns, needs=(lenses.basins.NEEDS,), offers=(SYMMETRIES,)),
    "noise": Question(ask_noise, looped=True, needs=(lenses.basins.NEEDS,)),
    "temperature": Question(ask_temperature, needs=(lenses.temperature.NEEDS,)),
    "clues": Question(ask_clues, cell=True, loop=True, needs=(lenses.attribution.NEEDS,)),
    "influence": Question(ask_influence, cell=True, loop=True, offers=(FUNCTIONS,)),
    "probes": Question(ask_probes, needs=(lenses.probes.NEEDS,), offers=(PROBE_LABELS,)),
    "weights": Question(ask_weights, offers=(PROBE_NUMBERS, SIZES)),
    "wavefront": Question(ask_wavefront, needs=(lenses.wavefront.NEEDS,), offers=(TABLE, LENGTHS)),
    "lengths": Question(ask_lengths, board=False, needs=(LOGITS,), offers=(LENGTHS,)),
    "sizes": Question(ask_sizes, board=False, offers=(SIZES,)),
    "shifts": Question(ask_shifts, board=False, offers=(SIZES,)),
    "scaling": Question(ask_scaling, board=False, needs=(LOGITS,)),
    "multistep": Question(ask_multistep, board=False, offers=(FUNCTIONS,)),
    "recorded": Question(ask_recorded),  # the page asks it by itself
    "inputs": Question(ask_inputs, board=False, inputs=True, needs=(TOKENS, LOGITS)),
} | {
    name: Question(ask_experiment(name), board=False, looped=one.looped, offers=(FUNCTIONS,))
    for name, one in EXPERIMENTS.items()
}


def unanswerable(checkpoint: Checkpoint) -> dict[str, str]:
    """Return the questions that cannot be asked of a checkpoint: name → why, in one sentence."""
    found = {name: question.why_not(checkpoint) for name, question in QUESTIONS.items()}
    return {name: why for name, why in found.items() if why is not None}
