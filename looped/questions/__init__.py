"""Questions that take more than a moment, asked of one input and a checkpoint, and answered step by step.

Each is a generator of `{"share", "arrays", "meta"}`, ready for `looped.serving.message.pack`: the share of the work
that is done, and what is known so far; the last step has the share 1. Who closes the generator stops the work. What
questions compute is in `looped.lenses`; here it is only asked for and put in order.

A new question is a function in a file of this room and an entry of `QUESTIONS`.
"""

from __future__ import annotations

from looped.model.interventions import Cut, Temperature
from looped.model.seam import ATTENTION, EMBEDDING
from looped.questions.clues import ask_clues
from looped.questions.effects import ask_cells, ask_heads
from looped.questions.ends import RUNS, ask_noise, ask_turns
from looped.questions.exits import BOARDS, ask_exits, ask_exits_minimal
from looped.questions.probes import ask_probes
from looped.questions.question import Asked, Question, spread
from looped.questions.rollout import ask_rollout
from looped.questions.scores import COUNT, INPUTS, ask_lengths, ask_scaling
from looped.questions.spectrum import ask_spectrum
from looped.questions.temperature import TEMPERATURES, ask_temperature
from looped.questions.wavefront import ask_wavefront, entries
from looped.tasks.protocol import HARDEST, LENGTHS, PROBE_LABELS, SYMMETRIES, TABLE

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
]

QUESTIONS = {
    "rollout": Question(ask_rollout, needs=(ATTENTION,)),
    "spectrum": Question(ask_spectrum, looped=True),
    "cells": Question(ask_cells, cell=True, looped=True),
    "heads": Question(ask_heads, cell=True, needs=(ATTENTION,), takes=(Cut,)),
    "exits": Question(ask_exits, board=False, looped=True),
    "exits_minimal": Question(ask_exits_minimal, board=False, looped=True, offers=(HARDEST,)),
    "turns": Question(ask_turns, offers=(SYMMETRIES,)),
    "noise": Question(ask_noise, looped=True),
    "temperature": Question(ask_temperature, takes=(Temperature,)),
    "clues": Question(ask_clues, cell=True, loop=True, needs=(EMBEDDING,)),
    "probes": Question(ask_probes, offers=(PROBE_LABELS,)),
    "wavefront": Question(ask_wavefront, offers=(TABLE, LENGTHS)),
    "lengths": Question(ask_lengths, board=False, offers=(LENGTHS,)),
    "scaling": Question(ask_scaling, board=False),
}
