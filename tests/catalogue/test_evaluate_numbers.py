"""Models that answer with numbers are scored by their error, with an interval, by number of examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from looped import tasks
from looped.__main__ import main
from looped.catalogue.checkpoints import SHIPPED, Checkpoint, load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import HELD_OUT_SEED, evaluate
from looped.catalogue.intervals import bootstrap
from looped.catalogue.shifted import shifted
from looped.commands.form import emit
from looped.model import registry
from looped.model.in_context import InContextConfig
from looped.places import resource
from looped.training.cards import card
from looped.training.recipes import RECIPES
from looped.training.state import as_json


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    folder = tmp_path_factory.mktemp("numbers") / "linear5-looped"
    torch.manual_seed(0)
    model = registry.build(InContextConfig("in-context", 5, "looped", trained_loops=2, d_model=8, heads=2))
    recipe = as_json(RECIPES["linear5-looped"])
    training = {"steps": 3_200, "seconds": 60, "device": "1 thread of a CPU", "recipe": recipe}
    save_checkpoint(folder, model, "linear5", training, [], torch.float32)
    return load_checkpoint(str(folder))


def test_the_error_is_the_squared_error_over_that_of_answering_zero(checkpoint: Checkpoint) -> None:
    found = evaluate(checkpoint, loops=[2], limit=30, size=4)
    prompts, truth = tasks.get("linear5").sample(30, seed=HELD_OUT_SEED, split="held-out", examples=4)
    with torch.inference_mode():
        said = checkpoint.model(torch.tensor(prompts), 2).numpy()[:, 4:, 0]
    error = np.square(said - truth[:, 4:]).sum() / np.square(truth[:, 4:]).sum()
    assert found["error"] == [pytest.approx(error, rel=1e-3)]
    assert (found["n"], found["size"]) == (30, 4)
    assert "examples" in found["data"]
    (low, high), (exact,) = found["interval"][0], found["error"]
    assert low < exact < high


def test_detail_breaks_the_error_down_by_examples_beside_other_methods(checkpoint: Checkpoint) -> None:
    found = evaluate(checkpoint, loops=[1, 2], limit=8, detail=True)
    assert list(found["by"]) == ["examples"]
    by = found["by"]["examples"]
    assert list(by) == ["1", "2", "5", "10", "20"]
    assert by["20"]["error"] == found["error"]
    assert by["20"]["methods"]["least squares"] < 1e-8
    assert by["5"]["methods_on"] == 8
    assert "wrong" not in found


def test_the_command_prints_errors(checkpoint: Checkpoint, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(checkpoint.folder), "--limit", "6", "--loops", "1,2", "--detail"]) == 0
    first, one, *_, last = capsys.readouterr().out.splitlines()
    assert "1 loop error" in first
    assert one.startswith("  examples 1 (n = 6): error 1 loop ")
    assert "; on 6: Bayes-optimal " in one
    assert last.startswith("  95 % interval (bootstrap over 6 inputs): 1 loop ")


def test_a_size_out_of_range_is_refused(checkpoint: Checkpoint, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(checkpoint.folder), "--size", "900"]) == 2
    assert capsys.readouterr().err == "looped: examples is 900; a prompt has from 0 to 250.\n"


def test_the_card_says_how_prompts_and_loops_were_drawn(checkpoint: Checkpoint) -> None:
    checkpoint.info["scores"] = [evaluate(checkpoint, loops=[1, 2], limit=6, size=10)]
    lines = card(checkpoint).splitlines()
    assert "Squared error over that of answering zero, by number of loops:" in lines
    assert any(line.startswith("| error | ") for line in lines)
    assert any(line.startswith("| 95 % interval (bootstrap) | ") for line in lines)
    stage = "learning rate 0.002 at its peak, decaying to zero; anew for every step, prompts of 0 to 20 examples"
    assert any(
        stage in line
        and line.endswith("last 6 of 2 to 30 loops, drawn for each step; those before them run without gradient.")
        for line in lines
    )
    assert any("50% of the inputs begin with a random state" in line for line in lines)


def test_shifted_prompts_are_about_the_same_functions_and_the_optimum_knows_the_noise(checkpoint: Checkpoint) -> None:
    plain, noisy = (shifted(checkpoint, {"examples": 12, "noise": noise}, [1, 2], 60) for noise in (0.0, 1.0))
    assert plain["error"] == evaluate(checkpoint, loops=[1, 2], limit=60, size=12)["error"]
    assert plain["methods"]["Bayes-optimal"] < 1e-8
    others = {name: error for name, error in noisy["methods"].items() if name != "Bayes-optimal"}
    assert noisy["methods"]["Bayes-optimal"] < min(others.values())
    boards = load_checkpoint("sudoku4-tmlt")
    with pytest.raises(ValueError, match="sudoku4 has no prompts that could be sampled otherwise"):
        shifted(boards, {}, [1])


def test_an_interval_of_a_ratio_covers_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(60):
        size = rng.uniform(0.5, 1.5, 100)
        low, high = bootstrap(0.3 * size + rng.normal(0, 0.1, 100), size)
        covered.append(low < 0.3 < high)
    assert np.mean(covered) > 0.85


ROWS = "1 0 0 0 0 2; 0 1 0 0 0 -1; 1 1 0 0 0 ?; 0 0 1 0 0 ?"


def evaluated(checkpoint: Checkpoint, tmp_path: Path, text: str, **more: Any) -> dict[str, Any]:
    file = tmp_path / "prompts.csv"
    file.write_text(text)
    return evaluate(checkpoint, str(file), loops=[2], **more)


def test_a_file_of_prompts_is_scored_against_the_answers_beside_them(checkpoint: Checkpoint, tmp_path: Path) -> None:
    found = evaluated(checkpoint, tmp_path, f"answers,prompt,who\n1 0.5,{ROWS},me\n2;-1,{ROWS},you\n")
    task = checkpoint.task
    with torch.inference_mode():
        said = checkpoint.model(torch.tensor(task.encode(task.parse(ROWS)))[None], 2).numpy()[0, 2:, 0]
    true = np.array([[1, 0.5], [2, -1]])
    assert found["error"] == [pytest.approx(np.square(said - true).sum() / np.square(true).sum(), rel=1e-3)]
    assert (found["data"], found["n"]) == ("prompts.csv", 2)
    assert len(found["interval"]) == 1


def test_sampled_prompts_of_a_file_bring_their_answers(checkpoint: Checkpoint, tmp_path: Path) -> None:
    lines = [f"seed={seed} examples=4" for seed in range(3)]
    found = evaluated(checkpoint, tmp_path, "# three prompts\n" + "\n".join(lines) + "\n")
    task = checkpoint.task
    prompts = np.stack([task.encode(task.parse(line)) for line in lines])
    truth = np.stack([task.extras(prompt, None, line)["truth"] for prompt, line in zip(prompts, lines, strict=True)])
    with torch.inference_mode():
        said = checkpoint.model(torch.tensor(prompts), 2).numpy()[:, 4:, 0]
    assert found["error"] == [pytest.approx(np.square(said - truth).sum() / np.square(truth).sum(), rel=1e-3)]


BAD = {
    "a bad line": ("seed=1 examples=4\n1 2 3\n", "line 2: Row 1 has 3 numbers; this model reads 5 of x"),
    "no answers": (f"seed=1 examples=0\n{ROWS}\n", "line 2: the input has another size than the first"),
    "unanswered": (f"{ROWS}\n", "line 1: nothing tells the true answers; name them in a CSV column called answers"),
    "too few": (
        f"prompt,answers\n{ROWS},1\n",
        "line 2: There are 2 queries and 1 number as answers; write one for each",
    ),
    "no number": (f"prompt,answers\n{ROWS},1 b\n", "line 2: answers is 'b'; it must be a number"),
    "other sizes": (
        f"{ROWS}\n1 0 0 0 0 2; 0 1 0 0 0 ?; 1 1 0 0 0 ?; 0 0 1 0 0 ?\n",
        "line 2: the input has another size than the first; give each size its own file",
    ),
    "nothing": ("prompt\n", "holds no prompt; it needs a CSV column called prompt, or one prompt a line"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_of_a_file_is_named(checkpoint: Checkpoint, tmp_path: Path, case: str) -> None:
    text, message = BAD[case]
    with pytest.raises(ValueError, match=re.escape(message)):
        evaluated(checkpoint, tmp_path, text)


def test_detail_is_of_generated_prompts_alone(checkpoint: Checkpoint, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--detail generates inputs of every size"):
        evaluated(checkpoint, tmp_path, "seed=1 examples=4\n", detail=True)


def test_the_command_says_what_its_error_is(checkpoint: Checkpoint, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(checkpoint.folder), "--limit", "1", "--loops", "1"]) == 0
    said = "  error: squared error over that of answering zero (sum of (predicted − true)² over sum of true²); 0 is "
    assert capsys.readouterr().out.splitlines()[-1] == said + "exact, 1 no better than answering zero"


def test_nowhere_is_an_error_over_that_of_answering_zero_called_one_over_the_variance() -> None:
    cards = [file for file in SHIPPED.glob("*/README.md") if "| error |" in file.read_text("utf-8")]
    assert len(cards) > 20
    documents = [resource("assets/docs") / name for name in ("limits.md", "results.md")]
    assert not [
        file for file in [*cards, *documents] if "over the variance" in " ".join(file.read_text("utf-8").split())
    ]


ZEROS = "1 0 0 0 0 2; 0 1 0 0 0 3; 1 1 0 0 0 ?"


def test_prompts_whose_answers_are_all_zero_have_no_error(checkpoint: Checkpoint, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"every true answer of prompts\.csv is 0, and errors are told over that of"):
        evaluated(checkpoint, tmp_path, f"prompt,answers\n{ZEROS},0\n{ZEROS},0\n")


def test_an_interval_that_some_resamples_leave_without_an_end_is_left_out(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    found = evaluated(checkpoint, tmp_path, f"prompt,answers\n{ZEROS},0\n{ZEROS},2\n")
    assert np.isfinite(found["error"]).all()
    assert "interval" not in found


def test_what_is_no_number_is_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"error": [np.inf, float("nan"), 0.5], "by": {"5": (1, -np.inf)}}, True, "")
    assert capsys.readouterr().out == '{"error": [null, null, 0.5], "by": {"5": [1, null]}}\n'
