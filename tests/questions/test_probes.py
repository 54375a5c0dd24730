"""Probes of the labels of a board: accuracy by kind, and what is read of this board against what is true of it."""

from __future__ import annotations

import numpy as np
import pytest

from looped.catalogue.intervals import sides
from looped.lenses.probes import embedded_input, fit, hidden_states, read, same_runs
from looped.questions import QUESTIONS, Asked
from looped.questions.probes import PROBED, spread
from questions.replies import LOOPS, last

KINDS = [["candidates", 0, 4], ["count", 4, 1], ["single", 5, 1], ["digit", 6, 1]]


def test_accuracy_is_the_mean_of_the_labels_of_a_kind(asked: Asked) -> None:
    answer, task = last("probes", asked), asked.checkpoint.task
    assert answer["meta"]["kinds"] == KINDS
    boards, solutions = task.sample(PROBED, seed=11, split="train")
    labels = np.concatenate(list(task.probe_labels(boards, solutions).values()), -1)
    states = hidden_states(asked.checkpoint.model, boards, LOOPS)
    embedded = embedded_input(asked.checkpoint.model, boards)
    *_, found = fit(states, labels, groups=same_runs(boards), embedded=embedded)
    assert found.probes is not None
    for name in ("accuracy", "control", "baseline", "place", "control_baseline", "embedded"):
        wanted = [getattr(found.probes, name)[first : first + count].mean(0) for _, first, count in KINDS]
        np.testing.assert_allclose(answer["arrays"][name], wanted, rtol=1e-6)
    better = np.maximum(answer["arrays"]["place"], answer["arrays"]["embedded"])
    assert np.array_equal(answer["arrays"]["without"], better)
    low, high = np.moveaxis(answer["arrays"]["interval"], -1, 0)
    assert ((low <= answer["arrays"]["accuracy"]) & (answer["arrays"]["accuracy"] <= high)).all()
    gain = answer["arrays"]["accuracy"] - better[:, None]
    ends = [spread(found.probes, slice(first, first + count))[1] for _, first, count in KINDS]
    assert np.array_equal(answer["arrays"]["gain"], sides(np.stack(ends)))
    assert (answer["arrays"]["gain"] * gain >= 0).all()
    fitted, held_out = found.probes.runs
    assert (answer["meta"]["fitted"], answer["meta"]["held_out"]) == (fitted, held_out)
    assert answer["meta"]["inputs"] == (
        f"fitted to {fitted} generated boards of the training side and tried on {held_out} others, seed 11"
    )


def test_how_many_blanks_have_all_labels_right_is_told_beside_the_labels(asked: Asked) -> None:
    """Of candidates there is a label for each digit: more of the labels are right than of the blanks."""
    arrays, task = last("probes", asked)["arrays"], asked.checkpoint.task
    boards, solutions = task.sample(PROBED, seed=11, split="train")
    named = task.probe_labels(boards, solutions)
    labels = np.concatenate(list(named.values()), -1)
    states = hidden_states(asked.checkpoint.model, boards, LOOPS)
    *_, found = fit(states, labels, groups=same_runs(boards))
    assert found.probes is not None
    groups = same_runs(boards)
    order = np.random.default_rng(0).permutation(np.unique(groups))
    held_out = np.flatnonzero(np.isin(groups, order[: round(len(order) / 4)]))  # as `fit` splits
    blank = boards[held_out] == 0
    answers = np.stack([read(found.probes, hidden).answers for hidden in states(held_out)])
    right = (answers == labels[held_out][:, None]).swapaxes(0, 1)[:, blank]  # (loops + 1, blanks, labels)
    for row, (_, first, count) in enumerate(KINDS):
        whole = right[..., first : first + count].all(-1).mean(1)
        np.testing.assert_allclose(arrays["whole"][row], whole, atol=1e-6)
    low, high = np.moveaxis(arrays["whole_interval"], -1, 0)
    assert ((low <= arrays["whole"]) & (arrays["whole"] <= high)).all()
    for name, of_labels in (("whole", "accuracy"), ("whole_place", "place"), ("whole_embedded", "embedded")):
        np.testing.assert_allclose(arrays[name][1:], arrays[of_labels][1:], atol=1e-6)  # kinds of one label
        assert (arrays[name][0] < arrays[of_labels][0]).all()


def test_what_is_read_is_compared_with_what_is_true(asked: Asked) -> None:
    arrays, task = last("probes", asked)["arrays"], asked.checkpoint.task
    blank = asked.tokens == 0
    assert ((arrays["truth"] < 0).all(1) == ~blank).all()
    solution = arrays["truth"][:, 6]
    assert task.right(asked.tokens, np.where(blank, solution, asked.tokens))
    assert np.isnan(arrays["hits"][..., ~blank]).all()
    right = (arrays["read"] == arrays["truth"])[:, blank]
    np.testing.assert_allclose(arrays["hits"][0][:, blank], right[..., :4].mean(-1))
    np.testing.assert_allclose(arrays["hits"][3][:, blank], right[..., 6])


def test_of_a_board_with_several_solutions_no_digit_is_true(asked: Asked) -> None:
    empty = Asked(asked.checkpoint, np.zeros(16, np.int64), LOOPS, cell=0, loop=1)
    arrays = last("probes", empty)["arrays"]
    assert (arrays["truth"][:, 6] == -1).all()
    assert (arrays["truth"][:, :4] == 1).all()
    assert np.isnan(arrays["hits"][3]).all()


def test_fitted_probes_are_kept(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second question about a model is answered in one step, and nothing is fitted for it."""
    one = last("probes", asked)
    monkeypatch.setattr("looped.questions.probes.fit", lambda *arguments, **options: pytest.fail("fitted again"))
    steps = list(QUESTIONS["probes"].ask(asked))
    assert len(steps) == 1
    np.testing.assert_array_equal(steps[0]["arrays"]["accuracy"], one["arrays"]["accuracy"])
