"""`experiment`: the sentence, all arrays, and one line for what cannot be made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.experiments import run as make
from looped.model.in_context import InContext, InContextConfig
from tests.cli.commands import Run, refused


@pytest.fixture
def in_context(run: Run, catalogue: Path) -> Run:
    """The command line with a looped checkpoint and the plain one beside it."""
    for core, loops in (("looped", 3), ("standard", 2)):
        torch.manual_seed(2)
        layers = loops if core == "standard" else 1
        model = InContext(InContextConfig("in-context", 5, core, loops, d_model=16, heads=2, layers=layers))
        save_checkpoint(catalogue / f"linear5-{core}", model, "linear5", training={}, scores=[])
    return run


def test_an_experiment_ends_in_its_sentence_and_its_arrays(in_context: Run, tmp_path: Path) -> None:
    arguments = ("experiment", "adaptive", "--checkpoint", "linear5-looped", "--prompts", 4)
    told = in_context(*arguments)
    wanted = make("adaptive", load_checkpoint("linear5-looped"), prompts=4)
    assert (told.status, told.out) == (0, f"Adaptive looping: {wanted.sentence()}\n")
    found = in_context(*arguments, "--seed", 5, "--out", tmp_path / "a.npz", "--json").json
    other = make("adaptive", load_checkpoint("linear5-looped"), prompts=4, seed=5)
    assert (found["sentence"], found["prompts"]) == (other.sentence(), 4)
    written = np.load(tmp_path / "a.npz", allow_pickle=False)
    assert set(written) == set(found["arrays"]) == set(other.arrays())
    np.testing.assert_array_equal(written["fixed"], found["arrays"]["fixed"])
    assert (written["fixed"] != wanted.arrays()["fixed"]).any()  # another seed draws other prompts


def test_what_is_infinite_is_null(in_context: Run) -> None:
    found = in_context("experiment", "layers", "--checkpoint", "linear5-looped", "--prompts", 3, "--json").json
    inside = np.isfinite(make("layers", load_checkpoint("linear5-looped"), prompts=3).arrays()["needed"])
    assert [[end is not None for end in one] for one in found["arrays"]["needed"]] == inside.tolist()


def test_what_cannot_be_made_is_refused_in_a_line(in_context: Run, tmp_path: Path) -> None:
    refused(in_context("experiment", "nothing"), "there is no experiment 'nothing'; experiments: farther, bias")
    refused(in_context("experiment", "tables", "--checkpoint", "tiny"), "has no examples of a function")
    refused(
        in_context("experiment", "layers", "--checkpoint", "linear5-standard"),
        "has no loop to be held against layers; choose a looped checkpoint",
    )
    refused(in_context("experiment", "tables", "--steps", 5), "tables trains nothing; leave out --steps")
    refused(in_context("experiment", "layers", "--prompts", "0"), "not a whole number of at least 1")
    place = tmp_path / "no" / "a.npz"
    done = in_context("experiment", "adaptive", "--prompts", 2, "--out", place)
    refused(done, "a.npz cannot be written")
