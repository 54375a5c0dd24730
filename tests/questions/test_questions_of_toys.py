"""Every question put to models unlike the family: it is answered to the end, or refused in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from looped.catalogue.checkpoints import load_checkpoint
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
        assert why is None or re.fullmatch(r"This cannot be asked of [\w -]+: (it|the task) [^\n]+\.", why)
