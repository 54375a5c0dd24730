"""python -m looped theory: what the construction of the theorem does."""

from __future__ import annotations

import pytest

from tests.cli.commands import Run, refused


def test_the_machine_is_run_and_measured(run: Run) -> None:
    found = run("theory", "machine", "--dims", 1, "--tokens", 2, "--cells", 4, "--count", 200, "--json").json
    assert found["loops"] == 3 + 2 + 127
    assert found["stated_loops"] == 514
    assert found["ids_right"] == 1.0
    assert found["table_error"]["modulated"] <= 1e-15
    assert found["table_error"]["tied"] <= found["jump"] == pytest.approx(0.536, abs=5e-4)
    assert found["l2"]["modulated"] < found["l2"]["tied"]
    told = run("theory", "machine", "--cells", 4, "--count", 200).out
    assert told.startswith(
        "132 loops: 3 quantise, 2 read the context, 127 walk through the table; the theorem states 514"
    )
    assert "100.0% of the tokens of 200 random inputs have the right ID" in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--dims", 2), "use --dims 1"),
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
    assert (found["checkpoint"], found["loops"], found["pairs"], found["searches"]) == ("tiny", 2, 48, 1)
    assert 0 < found["moduli"]["contextual"]["least"][-1] <= 1
    assert found["moduli"]["token"]["least"] is None
    told = run("theory", "moduli", "tiny", *few).out
    assert "48 pairs, lower bounds" in told
    assert "token: this task has none" in told
    refused(run("theory", "moduli"), "needs the name of a checkpoint")
    refused(run("theory", "machine", "tiny"), "takes no checkpoint")
