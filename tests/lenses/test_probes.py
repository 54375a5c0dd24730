"""Probes: what was planted is found, what can only be remembered is not, and no run is on both sides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from looped import load as load_checkpoint
from looped.lenses import probes
from looped.lenses.probes import (
    Fit,
    Probes,
    by_kind,
    by_place,
    embedded_input,
    fit,
    hidden_states,
    hits,
    load,
    read,
    same_runs,
    save,
)
from looped.model.candidates import Candidates, CandidatesConfig
from looped.model.interventions import Cut
from looped.runs.trace import record
from looped.tasks.sudoku.generator import generate
from looped.tasks.sudoku.logic import labels as sudoku_labels

Make = Callable[..., Any]
RNG = np.random.default_rng(0)
RUNS, LOOPS, SAMPLES, WIDTH = 60, 3, 10, 6
SHA = "0123456789abcdef" * 4


def fitted(states: np.ndarray | probes.States, labels: np.ndarray, **settings: Any) -> Probes:
    *_, last = fit(states if callable(states) else lambda runs: states[runs], labels, **settings)
    assert last.probes is not None
    assert last.done == last.total
    return last.probes


def noise() -> np.ndarray:
    return RNG.normal(size=(RUNS, LOOPS + 1, SAMPLES, WIDTH))


# ------------------------------------------------------------------------------------------------- planted, remembered


def test_what_is_planted_from_some_loop_on_is_found_from_there_on() -> None:
    labels, hidden = RNG.integers(3, size=(RUNS, SAMPLES, 2)), noise()
    hidden[:, 2:] += 30 * np.eye(3)[labels[..., 0]].repeat(2, -1)[:, None]  # the first label after two loops
    hidden[:, 3, :, 0] += 200 * labels[..., 1]  # the second, as a number, after three
    found = fitted(hidden, labels)
    assert found.accuracy.shape == found.control.shape == (2, LOOPS + 1)
    assert found.baseline.shape == (2,)
    assert (found.accuracy[0, 2:] == 1).all()
    assert 0.6 < found.accuracy[1, 3] < 0.8  # what lies between two others no linear map tells from both
    for chance in (found.accuracy[:, :2], found.accuracy[1, 2], found.control, found.baseline):
        np.testing.assert_allclose(chance, 1 / 3, atol=0.17)
    assert found.selectivity[0, 2:].min() > 0.5
    np.testing.assert_array_equal(found.selectivity, found.accuracy - found.control)
    assert (found.runs.tolist(), found.samples.tolist()) == ([45, 15], [450, 150])
    assert found.weights.shape == (LOOPS + 1, WIDTH, 2, 3)
    assert found.bias.shape == (LOOPS + 1, 2, 3)


def test_a_label_of_the_type_is_no_more_than_what_is_remembered() -> None:
    """States that hold the place and nothing else: the probe learns any label of the place, whatever it is."""
    hidden = np.broadcast_to(np.eye(SAMPLES), (RUNS, 2, SAMPLES, SAMPLES))
    of_place = np.broadcast_to(np.arange(SAMPLES)[:, None] % 2, (RUNS, SAMPLES, 1))
    found = fitted(hidden, of_place)
    assert (found.accuracy == 1).all()
    assert (found.control == 1).all()
    assert (found.selectivity == 0).all()
    of_nothing = fitted(hidden, RNG.integers(2, size=(RUNS, SAMPLES, 1)))
    assert of_nothing.accuracy.max() < 0.65
    assert (of_nothing.control == 1).all()
    assert of_nothing.selectivity.max() < -0.3


def test_types_can_be_given_and_labels_of_a_type_are_drawn_from_real_ones() -> None:
    types = RNG.integers(40, size=(RUNS, SAMPLES))
    hidden = np.eye(40)[types][:, None]
    labels = (RNG.random((RUNS, SAMPLES, 1)) < 0.2).astype(np.int8)
    by_type, by_place = fitted(hidden, labels, types=types, controls=20), fitted(hidden, labels, controls=20)
    assert (by_type.control == 1).all()
    assert by_place.control.max() < 0.9  # the place is not in these states, so nothing of it can be remembered
    controls = probes._control(np.array([[0, 7], [0, 7], [1, 7]]), types, np.random.default_rng(0))
    assert controls.shape == (RUNS, SAMPLES, 2)
    assert (controls[..., 1] == 7).all()
    assert 0.1 < controls[..., 0].mean() < 0.6
    for one in range(40):
        assert len(np.unique(controls[types == one], axis=0)) == 1
    assert (fitted(hidden, labels, types=types, seed=3).control != by_place.control).any()


def test_a_state_that_does_not_vary_says_what_is_most_frequent() -> None:
    hidden = noise()
    hidden[:, 0] = 0  # h[0] with input injection
    hidden[:, 1] = 1e4 + 1e-9 * hidden[:, 1]  # and rounding is not a feature
    labels = (RNG.random((RUNS, SAMPLES, 2)) < [0.8, 0.3]).astype(int)
    found = fitted(hidden, labels)
    np.testing.assert_array_equal(found.accuracy[:, 0], found.baseline)
    np.testing.assert_array_equal(found.accuracy[:, 1], found.baseline)
    assert not found.weights[:2].any()
    assert found.baseline.min() > 0.6
    np.testing.assert_allclose(found.bias[0, :, 1], [0.8, 0.3], atol=0.06)


# ------------------------------------------------------------------------------------------------- the closed form


def test_weights_are_those_of_least_squares_with_the_penalty_written_out() -> None:
    labels, hidden = RNG.integers(3, size=(RUNS, SAMPLES, 1)), noise() * np.array([1, 100, 0.01, 1, 1, 1]) + 5
    hidden[:, 1:] += labels[:, None] * np.array([0, 50, 0.01, 1, 0, 0])
    asked: list[int] = []

    def states(runs: np.ndarray) -> np.ndarray:
        asked.extend(runs)
        return hidden[runs]

    found = fitted(states, labels, ridge=0.5)
    runs = np.array(asked[: found.runs[0]])
    for loop in range(LOOPS + 1):
        x, y = hidden[runs, loop].reshape(-1, WIDTH), np.eye(3)[labels[runs].ravel()]
        # The penalty as further rows: ridge · count · variance of the feature, for every weight, on centred data.
        rows = np.diag(np.sqrt(0.5 * len(x)) * x.std(0))
        wanted = np.linalg.lstsq(
            np.concatenate([x - x.mean(0), rows]), np.concatenate([y - y.mean(0), np.zeros((WIDTH, 3))]), rcond=None
        )[0]
        np.testing.assert_allclose(found.weights[loop, :, 0], wanted, rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(found.bias[loop, 0], y.mean(0) - x.mean(0) @ wanted, rtol=1e-4, atol=1e-5)


def test_neither_the_batch_nor_the_scale_of_a_feature_changes_anything() -> None:
    labels, hidden = RNG.integers(2, size=(RUNS, SAMPLES, 3)), noise()
    hidden[..., :3] += labels[:, None]
    usual = fitted(hidden, labels)
    for other in (
        fitted(hidden, labels, batch=7),
        fitted(hidden * 1e3, labels),
        fitted(hidden.astype(np.float32), labels, batch=100),
    ):
        np.testing.assert_allclose(other.accuracy, usual.accuracy, atol=0.011)
        np.testing.assert_allclose(other.control, usual.control, atol=0.011)
        np.testing.assert_allclose(other.bias, usual.bias, atol=1e-4)
    np.testing.assert_allclose(fitted(hidden * 1e3, labels).weights * 1e3, usual.weights, rtol=1e-4, atol=1e-6)


# ------------------------------------------------------------------------------------------------- which runs


def test_each_run_is_asked_for_once_a_batch_at_a_time_and_held_out_last() -> None:
    hidden, asked = noise(), []

    def states(runs: np.ndarray) -> np.ndarray:
        asked.append(runs.tolist())
        return hidden[runs]

    progress = fit(states, RNG.integers(2, size=(RUNS, SAMPLES, 1)), held_out=0.4, batch=16)
    assert asked == []
    first = next(progress)
    assert first == Fit(16, RUNS, None)
    assert [len(one) for one in asked] == [16]
    rest = list(progress)
    assert [one.done for one in rest] == [32, 36, 52, 60]
    assert [one.probes is None for one in rest] == [True, True, True, False]
    order = [run for runs in asked for run in runs]
    assert sorted(order) == list(range(RUNS))
    assert set(order[:36]) != set(range(36))  # drawn at random
    assert rest[-1].probes is not None
    assert rest[-1].probes.runs.tolist() == [36, 24]
    left = fit(states, RNG.integers(2, size=(RUNS, SAMPLES, 1)))
    next(left)
    left.close()
    assert len(asked) == 6


def test_what_is_known_of_runs_by_heart_does_not_help_on_others() -> None:
    """States that name the run, labels that are those of the run: known by heart on one side, unknown on the other."""
    hidden = np.broadcast_to(np.eye(RUNS)[:, None, None], (RUNS, 1, SAMPLES, RUNS))
    labels = np.broadcast_to(np.arange(RUNS)[:, None, None] % 2, (RUNS, SAMPLES, 1))
    assert fitted(hidden, labels).accuracy[0, 0] < 0.7
    twice, again = np.concatenate([hidden, hidden]), np.concatenate([labels, labels])
    boards = np.arange(2 * RUNS) % RUNS
    assert (
        fitted(twice, again).accuracy[0, 0] > 0.8
    )  # every other one of the held-out runs has been seen: what groups are for
    for seed in range(3):
        assert fitted(twice, again, groups=boards, seed=seed).accuracy[0, 0] < 0.75
    assert fitted(twice, again, groups=boards).runs.tolist() == [90, 30]


def test_the_same_board_is_one_group() -> None:
    tokens = RNG.integers(5, size=(6, 16))[[0, 1, 2, 0, 3, 2]]
    groups = same_runs(tokens)
    assert groups[0] == groups[3]
    assert groups[2] == groups[5]
    assert len(set(groups.tolist())) == 4


def test_samples_without_labels_do_not_count() -> None:
    labels, hidden = RNG.integers(2, size=(RUNS, SAMPLES, 1)), noise()
    hidden[:, 1, :, 0] += 10 * labels[..., 0]
    gone = RNG.random((RUNS, SAMPLES)) < 0.5
    hidden.swapaxes(1, 2)[gone] = 1e6 * RNG.normal(size=(gone.sum(), LOOPS + 1, WIDTH))
    found = fitted(hidden, np.where(gone[..., None], -1, labels))
    assert found.accuracy[0, 1] > 0.99
    assert found.samples.sum() == (~gone).sum()
    empty = fitted(
        hidden, np.where((gone | (np.arange(RUNS) % 3 > 0)[:, None])[..., None], -1, labels), batch=2
    )  # batches without any
    assert empty.accuracy[0, 1] > 0.99


def test_what_does_not_fit_is_refused() -> None:
    hidden, labels = noise(), RNG.integers(2, size=(RUNS, SAMPLES, 2))
    some = labels.copy()
    some[3, 4, 1] = -1
    for wrong, sentence in (
        (labels[0], "labels must be whole numbers of shape (runs, samples, labels), not int64 of (10, 2)."),
        (labels / 2, "labels must be whole numbers of shape (runs, samples, labels), not float64 of (60, 10, 2)."),
        (labels[:0], "labels must be whole numbers of shape (runs, samples, labels), not int64 of (0, 10, 2)."),
        (some, "a sample must have all of its labels, or −1 in all of them; and some must have labels."),
        (labels * 0 - 1, "a sample must have all of its labels, or −1 in all of them; and some must have labels."),
        (labels[:1], "1 groups of runs cannot be split so that there are samples on both sides; more are needed."),
    ):
        with pytest.raises(ValueError, match=r"^[^\n]+\.$") as caught:
            fitted(hidden, wrong)
        assert str(caught.value) == sentence
    for settings, part in (
        ({"types": np.zeros((RUNS, 3), int)}, r"types \(60, 3\) and groups \(60,\) do not fit labels of \(60, 10, 2\)"),
        ({"groups": np.zeros(3, int)}, r"groups \(3,\) do not fit"),
        ({"groups": np.zeros(RUNS, int)}, "1 groups of runs cannot be split"),
        ({"ridge": 0}, "ridge 0, .* make no fit"),
        ({"held_out": 0}, "held_out 0, .* make no fit"),
        ({"held_out": 1}, "held_out 1, .* make no fit"),
        ({"controls": 0}, "controls 0 .* make no fit"),
        ({"batch": 0}, "batch 0 make no fit"),
    ):
        with pytest.raises(ValueError, match=part):
            fitted(hidden, labels, **settings)
    lost = hidden.copy()
    lost[:, 2, 3, 1] = np.nan
    for wrong in (hidden[:, :, :4], hidden[:, 0], lost):
        with pytest.raises(
            ValueError,
            match=r"the features of 8 runs have shape .*; finite numbers of \(8, loops \+ 1, 10, features\) were",
        ):
            fitted(wrong, labels)


# ------------------------------------------------------------------------------------------------- reading, keeping


def test_reading_gives_the_answers_that_were_counted() -> None:
    labels, hidden, asked = RNG.integers(3, size=(RUNS, SAMPLES, 2)), noise(), []
    hidden[..., :2] += labels[:, None]

    def states(runs: np.ndarray) -> np.ndarray:
        asked.extend(runs)
        return hidden[runs]

    found = fitted(states, labels)
    right = [read(found, hidden[run]).answers == labels[run] for run in asked[found.runs[0] :]]
    np.testing.assert_allclose(np.mean(right, axis=(0, 2)).T, found.accuracy, atol=1e-6)
    reading = read(found, hidden[0].astype(np.float32))
    assert reading.scores.shape == (LOOPS + 1, SAMPLES, 2, 3)
    np.testing.assert_allclose(reading.scores.sum(-1), 1, atol=1e-4)
    np.testing.assert_array_equal(reading.answers, reading.scores.argmax(-1))
    fewer = read(found, hidden[0, :2])
    np.testing.assert_array_equal(fewer.answers, read(found, hidden[0]).answers[:2])
    for wrong in (hidden[0, :, :, :3], hidden[:1], np.concatenate([hidden[0], hidden[0]])):
        with pytest.raises(ValueError, match=r"these probes read \(at most 4, samples, 6\)"):
            read(found, wrong)


def test_what_is_kept_comes_back_for_the_same_weights_and_name_only(tmp_path: Path) -> None:
    found = fitted(noise(), RNG.integers(3, size=(RUNS, SAMPLES, 2)))
    folder = tmp_path / "new" / "folder"
    assert load(folder, SHA, "digit-3") is None
    file = save(found, folder, SHA, "digit-3")
    again = load(folder, SHA, "digit-3")
    assert again is not None
    for name, array in found._asdict().items():
        kept = getattr(again, name)
        np.testing.assert_array_equal(kept, array)
        assert kept.dtype == array.dtype
    assert load(folder, SHA[::-1], "digit-3") is None
    assert load(folder, SHA, "digit-4") is None
    save(found._replace(baseline=found.baseline + 1), folder, SHA, "digit-3")
    newer = load(folder, SHA, "digit-3")
    assert newer is not None
    np.testing.assert_array_equal(newer.baseline, found.baseline + 1)
    assert [one.name for one in folder.iterdir()] == [file.name] == [f"probes-{SHA}-digit-3.safetensors"]


def test_files_that_are_not_what_they_should_be_are_as_good_as_none(tmp_path: Path) -> None:
    file = save(fitted(noise(), RNG.integers(3, size=(RUNS, SAMPLES, 2))), tmp_path, SHA, "digit")
    whole = file.read_bytes()
    file.rename(tmp_path / f"probes-{SHA[::-1]}-digit.safetensors")  # that of other weights
    assert load(tmp_path, SHA[::-1], "digit") is None
    for damaged in (whole[:-10], b"", b"no tensors"):
        file.write_bytes(damaged)
        assert load(tmp_path, SHA, "digit") is None
    file.write_bytes(whole)
    arrays = load_file(file)
    arrays.pop("bias")
    save_file(arrays, file, {"schema": probes.SCHEMA, "sha256": SHA, "what": "digit"})
    assert load(tmp_path, SHA, "digit") is None
    file.write_bytes(whole)
    assert load(tmp_path, SHA, "digit") is not None


@pytest.mark.parametrize(
    ("sha256", "what"),
    [("../" + SHA, "x"), (SHA[:-1], "x"), (SHA, "../x"), (SHA, ""), (SHA, "a b"), (SHA, "x.y"), (SHA, "x\n")],
)
def test_names_are_no_paths(tmp_path: Path, sha256: str, what: str) -> None:
    found = fitted(noise(), RNG.integers(3, size=(RUNS, SAMPLES, 2)))
    for call in (lambda: load(tmp_path, sha256, what), lambda: save(found, tmp_path, sha256, what)):
        with pytest.raises(ValueError, match="probes are kept under a sha256 and a name of small letters"):
            call()
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = fitted(noise(), RNG.integers(3, size=(RUNS, SAMPLES, 2)))

    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(probes.os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        save(found, tmp_path, SHA, "digit")
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------- of a model


def test_hidden_states_are_those_of_traces(make_model: Make) -> None:
    model, tokens = make_model(architecture="tmlt", injection=True), RNG.integers(5, size=(5, 16))
    for interventions in ((), (Cut((1,)),)):
        states = hidden_states(model, tokens, 4, interventions)(np.array([3, 0]))
        for run, one in zip((3, 0), states, strict=True):
            np.testing.assert_allclose(
                one, record(model, tokens[run], 4, interventions=interventions).hidden, atol=1e-5
            )
    assert hidden_states(model, tokens)(np.arange(2)).shape == (2, 4, 16, 8)
    for wrong in (tokens[0], tokens + 1, tokens / 1, tokens[:0]):
        with pytest.raises(ValueError, match=r"tokens must be \(runs, positions\) of whole numbers from 0 to 4"):
            hidden_states(model, wrong)


def test_samples_may_be_made_of_two_positions() -> None:
    """As for a table of a string against another: the state of one letter beside that of the other."""
    letters = RNG.integers(3, size=(RUNS, 4))
    hidden = np.eye(3)[letters][:, None]
    i, j = np.indices((2, 2)).reshape(2, -1)

    def pairs(runs: np.ndarray) -> np.ndarray:
        product: np.ndarray = hidden[runs][..., i, :, None] * hidden[runs][..., j + 2, None, :]
        return np.concatenate(
            [hidden[runs][..., i, :], hidden[runs][..., j + 2, :], product.reshape(*product.shape[:-2], 9)], -1
        )

    equal = (letters[:, i] == letters[:, j + 2]).astype(int)[..., None]
    assert fitted(pairs, equal).accuracy.tolist() == [[1]]
    assert fitted(lambda runs: pairs(runs)[..., :6], equal).accuracy[0, 0] < 0.8  # not linear in the two alone


def test_the_state_of_a_cell_is_that_of_all_its_candidates() -> None:
    """Where a place has several positions, their states stand side by side, and so do those of the embedded input."""
    net = Candidates(CandidatesConfig("candidates", 3, (2, 2), width=8, contests=2, hidden=8)).eval()
    tokens = np.random.default_rng(1).integers(0, 5, (2, 16))
    trace = record(net, tokens[1], 3)
    found = hidden_states(net, tokens, 3)(np.array([1]))
    assert found.shape == (1, 4, 16, 4 * 8)
    np.testing.assert_allclose(found[0], trace.hidden.reshape(4, 16, 32), atol=1e-5)
    assert np.array_equal(by_place(trace.hidden, trace.places)[2, 5], trace.hidden[2, 20:24].ravel())
    flags = embedded_input(net, tokens)(np.array([1]))
    assert flags.shape == (1, 1, 16, 4 * 3)
    assert np.array_equal(flags[0, 0, :, ::3].argmax(1)[tokens[1] > 0], tokens[1][tokens[1] > 0] - 1)  # this digit


def test_candidates_are_read_from_the_states_of_a_trained_net_of_candidates() -> None:
    """After two loops the candidates left are there; a place is not told, as no weight depends on one."""
    checkpoint = load_checkpoint("sudoku4-candidates-looped")
    puzzles, solutions = generate(40, 4, (5, 10), seed=1, split="held-out")
    labels = sudoku_labels(puzzles, solutions, 4)["candidates"]
    states, embedded = hidden_states(checkpoint.model, puzzles, 2), embedded_input(checkpoint.model, puzzles)
    *_, last = fit(states, labels, groups=same_runs(puzzles), embedded=embedded)
    assert last.probes is not None
    assert last.probes.accuracy[:, 2].min() > 0.95
    assert last.probes.embedded.max() < 0.8
    np.testing.assert_allclose(last.probes.accuracy[:, 0], last.probes.baseline)  # h[0] = 0
    assert last.probes.control[:, 2].mean() < last.probes.control_baseline.mean() + 0.05


def test_of_a_trained_model_the_candidates_come_first_and_the_digit_in_the_end() -> None:
    checkpoint = load_checkpoint("sudoku4-tmlt")
    puzzles, solutions = generate(40, 4, (5, 10), seed=1, split="held-out")
    labels = sudoku_labels(puzzles, solutions, 4)
    states = hidden_states(checkpoint.model, puzzles, 12)
    candidates, digit = (fitted(states, labels[name], groups=same_runs(puzzles)) for name in ("candidates", "digit"))
    assert candidates.accuracy.shape == (4, 13)
    assert candidates.accuracy[:, 1].min() > 0.9
    assert candidates.selectivity[:, 1].mean() > 0.05
    assert candidates.accuracy[:, 12].mean() < candidates.accuracy[:, 1].mean()
    np.testing.assert_allclose(candidates.accuracy[:, 0], candidates.baseline)  # h[0] = 0
    assert digit.accuracy[0, 0] == digit.baseline[0] < 0.5
    assert digit.accuracy[0, 12] > 0.99
    assert digit.accuracy[0, 1] < 0.95
    answers = read(digit, record(checkpoint.model, puzzles[0], 12).hidden).answers[-1, :, 0]
    assert (answers == solutions[0])[puzzles[0] == 0].all()


def test_the_accuracies_of_held_out_runs_make_up_the_whole() -> None:
    """Run by run, weighted by how many samples are asked: what an interval over runs is made of."""
    hidden = RNG.normal(size=(30, 2, 4, 3))
    labels = (hidden[:, 1, :, :1] + RNG.normal(size=(30, 4, 1)) > 0).astype(int)
    labels[RNG.random((30, 4)) < 0.3] = -1
    *_, found = fit(lambda runs: hidden[runs], labels, embedded=lambda runs: hidden[runs, :1])
    probes = found.probes
    assert probes is not None
    there = probes.asked > 0
    assert probes.asked.sum() == probes.samples[1]
    share = probes.asked[there] / probes.asked.sum()
    np.testing.assert_allclose(np.tensordot(share, probes.right[there], 1), probes.accuracy, rtol=1e-5)
    np.testing.assert_allclose(share @ probes.alone[0, there], probes.place, rtol=1e-5)
    np.testing.assert_allclose(share @ probes.alone[1, there], probes.embedded, rtol=1e-5)


def test_a_sample_is_right_as_a_whole_where_all_labels_of_a_kind_are() -> None:
    """Accuracies count labels; nine labels in ten may be right where hardly one sample is."""
    hidden = RNG.normal(size=(40, 2, 5, 4))
    labels = (hidden[:, 1] + RNG.normal(size=(40, 5, 4)) > 0).astype(int)
    labels[RNG.random((40, 5)) < 0.3] = -1
    kinds = (slice(0, 3), slice(3, 4))
    *_, found = fit(lambda runs: hidden[runs], labels, embedded=lambda runs: hidden[runs, :1], kinds=kinds)
    probes = found.probes
    assert probes is not None
    assert probes.whole.shape == (10, 2, 2)
    order = np.random.default_rng(0).permutation(np.arange(40))
    aside = np.sort(order[:10])
    for row, run in enumerate(aside):
        there = labels[run, :, 0] >= 0
        hit = read(probes, hidden[run]).answers[:, there] == labels[run, there]
        alone = (hidden[run, 0] @ probes.embedded_weights.transpose(1, 0, 2)).transpose(1, 0, 2) + probes.embedded_bias
        known = alone[there].argmax(-1) == labels[run, there]
        for at, kind in enumerate(kinds):
            np.testing.assert_allclose(probes.whole[row, at], hit[..., kind].all(-1).mean(1), rtol=1e-6)
            np.testing.assert_allclose(probes.whole_alone[1, row, at], known[:, kind].all(-1).mean(), rtol=1e-6)
    np.testing.assert_allclose(probes.whole[:, 1], probes.right[:, 3], rtol=1e-6)
    np.testing.assert_allclose(probes.whole_alone[:, :, 1], probes.alone[:, :, 3], rtol=1e-6)
    assert (probes.whole[:, 0] <= probes.right[:, :3].min(1) + 1e-6).all()
    assert (probes.whole_alone[0, :, 0] <= probes.alone[0, :, :3].min(1) + 1e-6).all()
    assert probes.whole[:, 0].mean() < probes.right[:, :3].mean() - 0.05


def test_kinds_of_labels_have_the_mean_of_their_labels() -> None:
    accuracy, control = RNG.random((2, 5, 3))
    nothing = np.zeros((3, 2, 5, 2), np.float32)
    found = Probes(
        accuracy,
        control,
        RNG.random(5),
        nothing,
        nothing[:, 0],
        np.ones(2),
        np.ones(2),
        *RNG.random((3, 5)),
        *nothing[:2],
        *RNG.random((5, 2, 5)),
    )
    kinds = by_kind(found, [slice(0, 4), slice(4, 5)])
    np.testing.assert_allclose(kinds.accuracy, [accuracy[:4].mean(0), accuracy[4]])
    np.testing.assert_allclose(kinds.control, [control[:4].mean(0), control[4]])
    np.testing.assert_allclose(kinds.baseline, [found.baseline[:4].mean(), found.baseline[4]])


def test_hits_are_shares_of_a_samples_labels_and_unknown_without_truth() -> None:
    answers = RNG.integers(3, size=(4, 6, 5))
    truth = RNG.integers(3, size=(6, 5))
    truth[2], truth[3, 4] = -1, -1
    found = hits(answers, truth, [slice(0, 4), slice(4, 5)])
    assert found.shape == (2, 4, 6)
    for t, i in np.ndindex(4, 6):
        shares = [np.mean(answers[t, i, :4] == truth[i, :4]), float(answers[t, i, 4] == truth[i, 4])]
        expected = [np.nan, np.nan] if i == 2 else [shares[0], np.nan] if i == 3 else shares
        np.testing.assert_allclose(found[:, t, i], expected)


def test_place_and_input_alone_have_their_own_baselines() -> None:
    """Labels that the place tells, and others that the input tells: neither is anything that a loop worked out."""
    tokens = RNG.integers(2, size=(60, 5))
    labels = np.stack([np.broadcast_to(np.arange(5) % 3, (60, 5)), tokens], -1)
    states = np.zeros((60, 2, 5, 4))  # as before the first loop of a model with input injection
    embedded = np.eye(2)[tokens][:, None]
    *_, last = fit(lambda runs: states[runs], labels, embedded=lambda runs: embedded[runs])
    found = last.probes
    assert found is not None
    assert found.accuracy[0, 0] == found.baseline[0] == pytest.approx(0.4)
    assert found.place[0] == 1
    assert found.embedded[1] == 1
    assert found.place[1] < 0.8
    np.testing.assert_allclose(found.selectivity[:, 0], found.baseline - found.control_baseline)
    *_, last = fit(lambda runs: states[runs], labels)
    assert last.probes is not None
    assert np.isnan(last.probes.embedded).all()
