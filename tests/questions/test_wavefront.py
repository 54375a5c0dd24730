"""Tables of two words: the answer is the lens's, of fresh pairs by anti-diagonal."""

from __future__ import annotations

import numpy as np
import pytest

from looped.catalogue.checkpoints import load_checkpoint
from looped.lenses.wavefront import wavefront
from looped.questions import Asked, entries
from questions.replies import LOOPS, last


@pytest.mark.parametrize("name", ["lcs6", "edit_distance6"])
def test_wavefront(name: str, others: dict[str, Asked]) -> None:
    asked = others[name]
    answer, task = last("wavefront", asked), asked.checkpoint.task
    first, second = task.words(asked.tokens)
    shapes = {key: (array.shape, array.dtype) for key, array in answer["arrays"].items()}
    assert shapes == {
        "accuracy": ((LOOPS + 1,), np.float32),
        "control": ((LOOPS + 1,), np.float32),
        "diagonals": ((11, LOOPS + 1), np.float32),
        "diagonals_without": ((11,), np.float32),
        "above": ((11, LOOPS + 1), np.uint8),
        "read": ((LOOPS + 1, len(first), len(second)), np.int16),
        "hit": ((LOOPS + 1, len(first), len(second)), np.int16),
        "hits": ((LOOPS + 1,), np.int16),
        "interval": ((LOOPS + 1, 2), np.float32),
        "gain": ((LOOPS + 1,), np.int8),
    }
    assert all(np.isfinite(array).all() for array in answer["arrays"].values())
    assert (answer["arrays"]["read"] >= 0).all()
    meta = answer["meta"]
    assert (meta["fitted"], meta["held_out"], meta["fresh"], meta["data"]) == (96, 32, 32, "3 to 6 letters")
    assert 0 < meta["baseline"] < 1
    assert meta["without"] == max(meta["place"], meta["embedded"])
    fitted = entries(task, task.sample(128, seed=11, split="train", letters=(3, 6))[0], 64)
    fresh = entries(task, task.sample(32, seed=12, split="held-out", letters=(6, 6))[0])
    *_, found = wavefront(asked.checkpoint.model, fitted, fresh, entries(task, asked.tokens[None]), LOOPS)
    np.testing.assert_allclose(
        answer["arrays"]["diagonals"][[0, 1, 10]],
        [found.right[:, where].mean((0, 1)) for where in ([0], [1, 6], [35])],
        rtol=1e-6,
    )
    first_row = found.alone[:, :, 0].mean(1).max()
    assert answer["arrays"]["diagonals_without"][0] == pytest.approx(first_row)
    gain = answer["arrays"]["diagonals"] - answer["arrays"]["diagonals_without"][:, None]
    assert (gain[answer["arrays"]["above"] == 1] > 0).all()  # and not each gain is a finding
    assert (answer["arrays"]["above"] == 0)[gain <= 0].all()
    assert np.array_equal(answer["arrays"]["read"], found.read.reshape(LOOPS + 1, len(first), len(second)))
    assert meta["baseline"] < answer["arrays"]["accuracy"][1:].mean()
    right = answer["arrays"]["read"] == task.table(first, second)[1:, 1:]
    assert np.array_equal(answer["arrays"]["hit"], right)
    assert answer["arrays"]["hits"].tolist() == right.sum((1, 2)).tolist()
    assert right.any()


def test_wavefront_is_asked_of_a_changed_model_as_it_is(others: dict[str, Asked]) -> None:
    asked = others["lcs6"]
    changed = Asked(load_checkpoint(f"{asked.checkpoint.folder}~cut=0_1"), asked.tokens, LOOPS, asked.cell, asked.loop)
    assert changed.checkpoint.sha256 == asked.checkpoint.sha256
    assert not np.array_equal(
        last("wavefront", changed)["arrays"]["accuracy"], last("wavefront", asked)["arrays"]["accuracy"]
    )
