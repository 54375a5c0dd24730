"""The moduli that were measured of shipped checkpoints."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from looped.places import resource
from looped.theory import measured
from looped.theory.measured import lines, retrained, tasks, trained


def test_what_was_measured_is_of_shipped_checkpoints() -> None:
    configs = [json.loads(path.read_text("utf-8")) for path in resource("checkpoints").glob("*/config.json")]
    of_tokens = {config["name"] for config in configs if config["model"]["architecture"] != "in-context"}
    assert set(lines()) == of_tokens  # else: python -m looped theory moduli NAME --json, into the file
    assert {"edit_distance12", "lcs12", "sudoku9"} <= set(tasks())


def test_the_table_of_the_document_is_what_was_measured() -> None:
    text = resource("assets/docs/theory.md").read_text("utf-8")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    rows = {row[0]: row[1:] for row in cells if row[0] in lines()}
    assert list(rows) == list(lines())
    for name, (*of_kinds, mean, everywhere) in rows.items():
        moduli = lines()[name]["moduli"]
        for kind, said in zip(("token", "contextual", "sequence"), (*of_kinds, everywhere), strict=True):
            one = moduli[kind]
            wanted = [] if one["least"] is None else [one["least"][-1], one["searches"][0][-1]]
            found = [float(number) for number in re.findall(r"[\d.]+", said)]
            assert found == pytest.approx(wanted, abs=0.0051), (name, kind)
        one = moduli["contextual"]
        wanted = [one["mean"][-1], one["mean_error"][-1]]
        assert [float(part) for part in mean.split("±")] == pytest.approx(wanted, abs=0.0051), name


def test_what_was_measured_is_of_the_weights_that_are_shipped() -> None:
    assert retrained() == []  # else: python -m looped theory moduli NAME --json, into the file


def test_a_checkpoint_that_was_trained_anew_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = lines() | {"lcs12-tmlt": lines()["lcs12-tmlt"] | {"sha256": "0"}, "gone": {"sha256": "0"}}
    monkeypatch.setattr(measured, "lines", lambda: known)
    assert retrained.__wrapped__() == ["lcs12-tmlt", "gone"]


def test_the_checkpoints_of_a_task_stand_side_by_side() -> None:
    found = trained("edit_distance12")
    assert found.names == ["edit_distance12-looped", "edit_distance12-tmlt", "edit_distance12-standard"]
    assert (found.numbers, found.least.shape) == (True, (3, 3, 24))
    assert np.isnan(found.least[2, :, 6:]).all()  # a standard model has six layers
    assert (found.low <= found.least)[np.isfinite(found.least)].all()
    assert found.truth[0].tolist() == pytest.approx([14.697, 3, 3], abs=1e-3)
    assert found.rougher(1) == "alike"  # the finding of assets/docs
    assert found.growing[:, 1].tolist() == [
        one["moduli"]["contextual"]["growing"] for one in list(lines().values())[:3]
    ]
    assert np.isnan(trained("sudoku4").least[:, 2]).all()  # a clue is not asked
    both = [task for task in tasks() if trained(task).rougher(1) not in (None, "alike")]
    assert (both, trained("sudoku6").rougher(1)) == (["sudoku6"], "tmlt")  # one of eight, as assets/docs say
    with pytest.raises(ValueError, match="were not measured"):
        trained("nothing")
