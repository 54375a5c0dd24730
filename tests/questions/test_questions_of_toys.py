"""Every question put to models unlike the family: it is answered to the end, or refused in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.model.lattice import Lattice, LatticeConfig
from looped.questions import QUESTIONS, Asked
from looped.tasks import registry
from tests.model.toys import TOYS, registered
from tests.serving.toy_tasks import folder_of, make_catalogue, text_of

TOLD = {"exits", "noise", "scaling", "inputs", "similarity", "resting", "compute"}
TOLD |= {"linear", "recovery", "locality", "recorded"}
ANSWERED = {
    "regression": {"spectrum", "lyapunov", "similarity", "exits", "linear", "recorded"},
    "causal": {"rollout", "spectrum", "lyapunov", "cells", *TOLD},
    "two states": TOLD,
    "ring": {"rollout", "spectrum", "lyapunov", "cells", *TOLD},
    "pencil marks": {"spectrum", "lyapunov", "cells", *TOLD},
}
# Questions about what only some tasks offer, and about interventions and embeddings that no toy has.
OF_TASKS = {"exits_minimal", "resting_minimal", "calibration", "turns", "probes", "wavefront", "lengths"}
OF_FUNCTIONS = {
    "influence",
    "weights",
    "sizes",
    "shifts",
    "multistep",
    "farther",
    "bias",
    "layers",
    "adaptive",
    "tables",
    "methods",
    "sweep",
}
OF_THE_FAMILY = {"layerwise", "heads", "temperature", "clues"}


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("looped.questions.exits.BOARDS", 4)
    monkeypatch.setattr("looped.questions.scores.INPUTS", 25)
    with registered():
        yield make_catalogue(tmp_path / "toys", monkeypatch)
    registry.get.cache_clear()


def test_a_new_question_is_put_to_a_toy_or_named_as_one_that_no_toy_can_be_asked() -> None:
    assert set().union(*ANSWERED.values()) | OF_TASKS | OF_FUNCTIONS | OF_THE_FAMILY == set(QUESTIONS)


@pytest.mark.parametrize("name", TOYS)
def test_every_question_is_answered_or_refused_in_a_sentence(name: str, catalogue: Path) -> None:
    checkpoint = load_checkpoint(str(catalogue / folder_of(name)))
    task = checkpoint.task
    asked = Asked(checkpoint, task.encode(task.parse(text_of(name))), 2, cell=0, loop=2)
    refused = {key: question.why_not(checkpoint) for key, question in QUESTIONS.items()}
    assert {key for key, why in refused.items() if why is None} == ANSWERED[name]
    for key in ANSWERED[name]:
        *_, answer = QUESTIONS[key].ask(asked)
        assert answer["share"] == 1, key
        assert any(np.isfinite(array).all() for array in answer["arrays"].values()), key
    for why in refused.values():
        assert why is None or re.fullmatch(r"This cannot be asked of [\w -]+: (this question|the task) [^\n]+\.", why)


OF_ONE_MAP = {"spectrum", "lyapunov", "linear", "recovery", "resting", "resting_minimal", "cells", "heads", "clues"}


def test_a_search_is_asked_all_that_needs_no_single_map(catalogue: Path) -> None:
    """Where every round reads other sets, nothing is said of fixed points, rest or a return of the state."""
    torch.manual_seed(0)
    net = Lattice(LatticeConfig("lattice", 4, (2, 2), width=8, contests=2, hidden=8, round=2))
    save_checkpoint(catalogue / "search", net, "sudoku4", {}, [], torch.float32)
    checkpoint = load_checkpoint(str(catalogue / "search"))
    task = checkpoint.task
    asked = Asked(checkpoint, task.encode(task.parse("4......2...33...")), 5, cell=1, loop=3)
    refused = {key: question.why_not(checkpoint) for key, question in QUESTIONS.items()}
    for key in OF_ONE_MAP - {"heads", "clues", "resting_minimal"}:
        assert refused[key] == (
            "This cannot be asked of search: this question is not made for a model with rounds of a search: "
            "the sets that it reads change between rounds, so there is no one map from loop to loop."
        ), key
    answered = {key for key, why in refused.items() if why is None}
    assert not answered & OF_ONE_MAP
    assert answered >= TOLD - OF_ONE_MAP | {"layerwise", "turns", "calibration"}
    for key in answered:
        *_, answer = QUESTIONS[key].ask(asked)
        assert answer["share"] == 1, key
