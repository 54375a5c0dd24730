"""python -m looped theory: what the construction of the theorem does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from looped.experiments.rates import RATES
from tests.cli.commands import Run, refused


def test_the_machine_is_run_and_measured(run: Run) -> None:
    found = run("theory", "machine", "--dims", 1, "--tokens", 2, "--cells", 4, "--count", 200, "--json").json
    assert found.keys() == {"loops", "ids_right", "table_error", "l2"}
    assert found["loops"] == 3 + 2 + 127
    assert found["ids_right"] == 1.0
    assert found["table_error"]["modulated"] <= 1e-15
    assert found["table_error"]["tied"] <= 0.5365  # the largest jump
    assert found["l2"]["modulated"] < found["l2"]["tied"]
    both = run("theory", "machine", "--dims", 2, "--cells", 2, "--count", 200, "--json").json
    assert (both["loops"], both["ids_right"]) == (2 + 2 + 127, 1.0)
    assert both["table_error"]["modulated"] <= 1e-15 < both["table_error"]["tied"]
    told = run("theory", "machine", "--cells", 4, "--count", 200).out
    assert told.startswith(
        "132 loops: 3 quantise, 2 read the context, 127 walk through the table; the theorem states 514"
    )
    assert "100.0% of the tokens of 200 random inputs have the right ID" in told
    assert "(largest jump 0.536)" in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--dims", 3), "tokens of one or two numbers, not of 3"),
        (("--cells", 1), "at least 2 cells"),
        (("--cells", 999), "take fewer cells or tokens"),
        (("--slope", 0), "from 1 to 2^30"),
        (("--filling", "sand"), "there is no filling 'sand'"),
    ],
)
def test_what_cannot_be_built_is_refused(run: Run, arguments: tuple[object, ...], says: str) -> None:
    refused(run("theory", "machine", *arguments), says)


def test_the_moduli_of_a_checkpoint_are_searched(run: Run) -> None:
    few = ("--searches", 1, "--rounds", 1, "--loops", 2)
    found = run("theory", "moduli", "tiny", *few, "--json").json
    assert (found["checkpoint"], found["loops"], found["searches"]) == ("tiny", 2, 1)
    assert found["pairs"] > 48  # the random swaps, and the climb
    assert found["peaks"] == 1
    assert 0 < found["moduli"]["contextual"]["least"][-1] <= 1
    assert found["moduli"]["token"]["least"] is None
    told = run("theory", "moduli", "tiny", *few).out
    ended = "1 of 1 searches climbed until no single swap of their input changes more"
    assert f"{found['pairs']} pairs, lower bounds; {ended}" in told
    assert run("theory", "moduli", "tiny", *few, "--climbs", 0, "--json").json["pairs"] == 48
    assert "token: this task has none" in told
    refused(run("theory", "moduli"), "needs the name of a checkpoint")
    refused(run("theory", "machine", "tiny"), "takes no checkpoint")


def test_a_rate_experiment_is_made_and_written(run: Run, tmp_path: Path) -> None:
    found = run("theory", "rate", "seeds", "--seeds", 2, "--steps", 1, "--out", tmp_path / "a.npz", "--json").json
    assert (found["rate"], found["seeds"], found["steps"]) == ("seeds", 2, 1)
    assert found["sentence"].startswith("sin 4πx")
    assert found["beyond"] == RATES["seeds"].beyond
    with np.load(tmp_path / "a.npz") as arrays:
        assert np.array(found["arrays"]["values"]).shape == arrays["values"].shape == (3, 2, 4, 3)
    refused(run("theory", "rate"), "needs the name of an experiment: modulus")
    refused(run("theory", "rate", "speed"), "no rate experiment 'speed'")
    refused(run("theory", "rate", "seeds", "--seeds", 1), "give no interval")
