"""Export: a folder that holds all there is to know of a run, with scores that were measured on what it holds."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint, load_checkpoint
from looped.catalogue.evaluate import evaluate
from looped.commands import parser
from looped.training.cards import card, describe_device, export, keep
from looped.training.log import read_log, write_log
from looped.training.recipes import RECIPES, Recipe, Stage
from looped.training.run import Run

Make = Callable[..., Any]


@pytest.fixture
def run(recipe: Recipe, tmp_path: Path) -> Run:
    run = Run(recipe, tmp_path / "run", torch.device("cpu"), resume=False)
    run.train()
    return run


def test_the_folder_holds_weights_config_card_and_log(run: Run, tmp_path: Path) -> None:
    scores = export(run, tmp_path / "mine")
    assert sorted(file.name for file in (tmp_path / "mine").iterdir()) == [
        "README.md",
        "config.json",
        "log.csv",
        "model.safetensors",
    ]
    info = json.loads((tmp_path / "mine" / "config.json").read_text("utf-8"))
    assert info["name"] == "mine"
    assert info["scores"] == scores
    assert (info["training"]["steps"], info["training"]["recipe"]["name"]) == (12, "tiny")
    assert info["training"]["recipe"] == json.loads(json.dumps(asdict(run.recipe)))


def test_the_scores_are_those_that_evaluate_prints(run: Run, tmp_path: Path) -> None:
    (score,) = export(run, tmp_path / "mine")
    assert (score["n"], score["loops"]) == (1000, [1, 2, 4, 8])
    again = evaluate(load_checkpoint(str(tmp_path / "mine")))
    assert {**again, "seconds": 0} == {**score, "seconds": 0}


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Checkpoint]:
    """What `export` evaluates, on a few boards."""
    seen: list[Checkpoint] = []

    def remember(checkpoint: Checkpoint, data: str | None, loops: Sequence[int] | None, **size: Any) -> dict[str, Any]:
        seen.append(checkpoint)
        return evaluate(checkpoint, data, loops, limit=20, **size)

    monkeypatch.setattr("looped.training.cards.evaluate", remember)
    return seen


def test_what_was_written_is_measured_and_not_what_was_in_memory(
    run: Run, tmp_path: Path, measured: list[Checkpoint]
) -> None:
    export(run, tmp_path / "mine")
    assert [checkpoint.sha256 for checkpoint in measured] == [load_checkpoint(str(tmp_path / "mine")).sha256]
    for name, parameter in run.model.named_parameters():
        assert torch.equal(measured[0].model.get_parameter(name), parameter.detach().half().float())
    assert not torch.equal(measured[0].model.head.weight, run.model.head.weight)


def test_a_recipe_may_choose_the_loops_that_are_measured(
    recipe: Recipe, tmp_path: Path, measured: list[Checkpoint]
) -> None:
    """Then the card's command gives them, too, and a model that loses its answers says so."""
    run = Run(replace(recipe, measured=(1, 3)), tmp_path / "run", torch.device("cpu"), resume=False)
    (score,) = export(run, tmp_path / "mine")
    assert score["loops"] == [1, 3]
    assert "evaluate mine --loops 1,3`" in (tmp_path / "mine" / "README.md").read_text("utf-8")
    checkpoint = load_checkpoint(str(tmp_path / "mine"))
    for last, said in ((0.96, False), (0.9, True)):
        older = {key: value for key, value in score.items() if key != "lost"} | {"accuracy": [1.0, last]}
        counted = score | {"accuracy": [last, last], "lost": [0, round((1 - last) * score["n"])]}  # others were found
        for one in (older, counted):
            lost = replace(checkpoint, info=checkpoint.info | {"scores": [one]})
            assert ("Overthinking" in card(lost)) is said


def test_a_checkpoint_of_the_catalogue_with_the_same_name_is_not_measured_instead(
    run: Run,
    catalogue: Path,
    make_checkpoint: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    measured: list[Checkpoint],
) -> None:
    make_checkpoint(catalogue / "tiny")
    monkeypatch.chdir(tmp_path)
    export(run, Path("tiny"))
    written = load_checkpoint(str(tmp_path / "tiny"))
    assert load_checkpoint("tiny").sha256 != written.sha256
    assert [checkpoint.sha256 for checkpoint in measured] == [written.sha256]
    assert written.sha256[:16] in (tmp_path / "tiny" / "README.md").read_text("utf-8")


def test_the_card_says_what_was_measured_and_how_to_measure_it_again(run: Run, tmp_path: Path) -> None:
    (score,) = export(run, tmp_path / "mine")
    text = (tmp_path / "mine" / "README.md").read_text("utf-8")
    assert text.startswith("# mine\n")
    assert score["data"] in text
    assert "were chosen. No test set was measured.\n" in text
    assert "| loops | 1 | 2 | 4 | 8 |" in text
    assert "| boards right | " + " | ".join(f"{100 * share:.1f} %" for share in score["accuracy"]) + " |" in text
    assert f"{run.model.parameters_count:,} parameters" in text
    assert (
        "- Stage 1: 12 steps, learning rate 0.005 at its peak, decaying to zero; 200 boards with 8 to 12 givens;"
        " loss on 2 loops.\n" in text
    )
    assert "Stage 2" not in text
    assert "- In all 12 steps of 8 boards, AdamW, in " in text
    assert re.search(r"AdamW, in ([1-9][0-9]* seconds?|less than a second) on ", text)
    assert max(score["accuracy"]) < 0.5
    assert "- Most puzzles are answered wrongly, those like the ones it was trained on, too.\n" in text
    assert "far more often" not in text
    assert load_checkpoint(str(tmp_path / "mine")).sha256[:16] in text
    assert "None" not in text


def test_the_card_names_the_optimizer_and_whether_the_recipe_is_still_that(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: list[Checkpoint]
) -> None:
    export(run, tmp_path / "mine")
    checkpoint = load_checkpoint(str(tmp_path / "mine"))
    assert "- The recipe of this run is in `config.json`, its log is `log.csv`.\n" in card(
        checkpoint
    )  # no command runs it
    longer, changed = replace(run.recipe, stages=run.recipe.stages * 2), replace(run.recipe, batch=9)
    for now, said in (
        (run.recipe, "Run again with"),
        (longer, "Run again with"),
        (changed, "By now another recipe is run by"),
    ):
        monkeypatch.setitem(RECIPES, "tiny", now)
        assert (
            f"- {said} `python -m looped train tiny`; the recipe of this run is in `config.json`,"
            " its log is `log.csv`.\n" in card(checkpoint)
        )
    checkpoint.info["training"]["recipe"]["optimizer"] = "muon"
    assert "- In all 12 steps of 8 boards, Muon for the matrices of the layers and AdamW for all else, in " in card(
        checkpoint
    )


def test_the_commands_of_the_card_are_commands(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "tiny", run.recipe)
    export(run, tmp_path / "mine")
    checkpoint = load_checkpoint(str(tmp_path / "mine"))
    checkpoint.info["scores"].append({**checkpoint.info["scores"][0], "data": "some.txt", "file": "assets/some.txt"})
    commands = re.findall(r"`python -m looped ([^`]*)`", card(checkpoint))
    assert [command.split()[0] for command in commands] == ["evaluate", "evaluate", "train"]
    first, second, train = (parser().parse_args(shlex.split(command)) for command in commands)
    assert (first.checkpoint, first.data) == ("mine", None)
    assert (second.checkpoint, second.data) == ("mine", "assets/some.txt")
    assert train.recipe == "tiny"


def test_the_card_of_a_run_that_was_stopped_says_so(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path / "run", torch.device("cpu"), resume=False)
    assert run.train(minutes=0) is False
    export(run, tmp_path / "mine")
    text = (tmp_path / "mine" / "README.md").read_text("utf-8")
    assert "Stage 1: 1 of 12 steps" in text
    assert "In all 1 steps of 12 (stopped before the end) of 8 boards" in text


def test_the_card_has_a_bullet_for_every_stage_that_was_begun(run: Run, tmp_path: Path) -> None:
    export(run, tmp_path / "mine")
    checkpoint = load_checkpoint(str(tmp_path / "mine"))
    training = checkpoint.info["training"]
    hard = [
        [20, {"minimal": True, "rating": [3, 100]}],
        [5, {"minimal": True, "rating": [0.05, 3]}],
        [1500, {"givens": [24, 42]}],
    ]
    training["recipe"]["stages"] += [
        {"steps": 1000, "lr": 1e-3, "mix": hard, "loops": 16, "skip": [0, 16], "carry": 0, "ways": 1},
        training["recipe"]["stages"][0],
    ]
    training["steps"] = 600
    checkpoint.info["scores"][0]["accuracy"] = [0.6] * 4  # it has learned: what goes wrong is the exception
    lines = card(checkpoint).splitlines()
    assert [line.partition(":")[0] for line in lines if line.startswith("- Stage")] == ["- Stage 1", "- Stage 2"]
    assert (
        "- Stage 2: 588 of 1,000 steps, learning rate 0.001 at its peak, decaying to zero; 20 minimal boards of a"
        " rating from 3 to below 100, "
        "5 minimal boards of a rating from 0.05 to below 3, 1,500 boards with 24 to 42 givens; loss on 16 loops,"
        " before them 0 or 16 loops without gradient."
    ) in lines
    training["recipe"]["stages"][1] |= {"skip": [0], "carry": 32}
    assert "; loss on 16 loops at a time, of puzzles that go on from step to step up to 32 loops.\n" in card(checkpoint)
    training["recipe"]["stages"][1] |= {"growth": [[0.4, 16]], "leave": 0.3, "noise": 0.25}
    assert (
        "up to 32 loops, 16 in the first 40% of the steps; from a quarter of the steps on a solved one leaves with "
        "probability 0.3; 25% of them begin with a random state.\n"
    ) in card(checkpoint)
    training["recipe"]["stages"][1] |= {"carry": 0, "noise": 0.0, "skip": [0], "spare": [2, 8], "rest": 0.01}
    assert (
        "; loss after the last of as many loops as a step needs and 2 or 8 more, at most 16, and after those that each "
        "input needs; 0.01 times the logarithm of the relative change of finished states is added.\n"
    ) in card(checkpoint)
    training["recipe"]["stages"][1] |= {"spare": [], "rest": 0}
    training["recipe"]["stages"][1] |= {"carry": 0, "ways": 8}
    assert "; loss on 16 loops, any of the first 8 solutions.\n" in card(checkpoint)
    assert "- In all 600 steps of 1,024 (stopped before the end) of 8 boards, AdamW, in " in "\n".join(lines)
    assert "- Puzzles that need many guesses are answered wrongly far more often." in lines
    training["steps"] = 12  # the minimal boards have not been met
    assert (
        "- Puzzles with fewer givens than it was trained on are answered wrongly far more often."
        in card(checkpoint).splitlines()
    )


def test_the_card_of_a_plain_transformer_speaks_of_layers(
    recipe: Recipe, tmp_path: Path, measured: list[Checkpoint]
) -> None:
    plain = replace(recipe, model=replace(recipe.model, architecture="standard", layers=2, injection=False))
    run = Run(plain, tmp_path / "run", torch.device("cpu"), resume=False)
    run.train(minutes=0)
    export(run, tmp_path / "mine")
    text = (tmp_path / "mine" / "README.md").read_text("utf-8")
    assert "2 layers of width 16 with 2 heads, each applied once, row + column + box codes." in text
    assert "; loss after the last layer.\n" in text
    assert "| layers | 2 |" in text
    assert "by number of layers:\n" in text
    assert "- Loss: cross-entropy on the blanks.\n" in text
    checkpoint = load_checkpoint(str(tmp_path / "mine"))
    (score,) = checkpoint.info["scores"]
    more = evaluate(checkpoint, loops=[1, 2], limit=20, tries=2) | {"lost": [0, 9], "n": 20}
    told = card(replace(checkpoint, info=checkpoint.info | {"scores": [score | more]}))
    for said in ("| right after fewer layers, and lost |", "| layers run in all |"):
        assert said in told
    assert "- In its last layers it loses right answers again (table above)." in told
    assert not re.search(r"\bloops?\b", told.partition("## Scores")[2].partition("## ")[0])


@pytest.fixture
def small(recipe: Recipe) -> Callable[..., Recipe]:
    """The same run of a second for another task, with as many stages as mixes."""

    def make(task: str, *mixes: dict[str, Any], steps: int = 2, architecture: str = "looped") -> Recipe:
        of, standard = tasks.get(task), architecture == "standard"
        model = replace(
            recipe.model,
            architecture=architecture,
            vocab=of.vocab,
            length=of.length,
            positions="learned",
            layers=2 if standard else 1,
            injection=not standard,
        )
        return replace(
            recipe, task=task, model=model, stages=tuple(Stage(steps, 5e-3, ((50, mix),), loops=2) for mix in mixes)
        )

    return make


def exported(recipe: Recipe, folder: Path) -> list[str]:
    """The lines of the card."""
    run = Run(recipe, folder / "run", torch.device("cpu"), resume=False)
    run.train()
    export(run, folder / "mine")
    return (folder / "mine" / "README.md").read_text("utf-8").splitlines()


def test_the_card_of_two_words_speaks_of_words(
    small: Callable[..., Recipe], tmp_path: Path, measured: list[Checkpoint]
) -> None:
    lines = exported(
        small(
            "lcs6", {"letters": (1, 4)}, {"letters": (2, 5), "alphabet": (2, 9)}, {"unrelated": 0.25, "letters": (1, 4)}
        ),
        tmp_path,
    )
    assert 'Numbers right at the "=", by number of loops:' in lines
    assert (
        "Validation: generated held-out pairs of words, 1 to 6 letters, seed 241001405 (n = 20), printed by"
        " `python -m looped evaluate mine`:" in lines
    )
    assert any(line.startswith("| pairs right | ") and line.count(" % |") == 4 for line in lines)
    assert [line.split("; ")[1] for line in lines if line.startswith("- Stage")] == [
        "50 pairs of words of 1 to 4 letters",
        "50 pairs of words of 2 to 5 letters, 2 to 9 different ones",
        "50 pairs of words of 1 to 4 letters, 25 % unrelated",
    ]
    assert any(
        "swapped or read backwards. Of pairs of more than 6 letters together one class" in line for line in lines
    )
    assert any(line.startswith('- Loss: cross-entropy at the "=" and at every letter') for line in lines)
    assert any(" steps of 8 pairs of words, AdamW, " in line for line in lines)
    assert lines[lines.index("## Known failures") + 2 :] == [
        "- Words of more than 5 letters were not trained on; the scores are on 1 to 6 letters.",
        "- Words of more than 8 letters cannot be read.",
        "- Two words of more than 9 different letters together were not trained on.",
    ]
    assert not {"board", "cell", "puzzle", "symmetry", "blank", "given", "None"} & {
        *re.findall("[A-Za-z]+", "\n".join(lines).replace("boards", "board"))
    }


def test_the_card_tells_of_stages_that_were_begun_and_of_symmetries_that_hold(
    small: Callable[..., Recipe], tmp_path: Path, measured: list[Checkpoint]
) -> None:
    recipe = replace(small("edit_distance6-border1", {"letters": (1, 4)}, {}), evaluate_every=1)
    run = Run(recipe, tmp_path / "run", torch.device("cpu"), resume=False)
    run.train(minutes=0)
    export(run, tmp_path / "mine")
    text = (tmp_path / "mine" / "README.md").read_text("utf-8")
    assert "Words of more than 4 letters were not trained on" in text  # the second stage was never begun
    assert "swapped. Of pairs" in text  # where the border costs less, backwards is another problem


def test_the_card_of_countdown_speaks_of_problems(
    small: Callable[..., Recipe], tmp_path: Path, measured: list[Checkpoint]
) -> None:
    lines = exported(small("countdown3", {"high": 9, "targets": (15, 40)}, {"high": 12, "targets": (12, 30)}), tmp_path)
    assert "Problems solved, by whichever solution, by number of loops:" in lines
    assert any(line.startswith("| problems solved | ") for line in lines)
    assert [line.split("; ")[1] for line in lines if line.startswith("- Stage")] == [
        "50 problems with 3 numbers from 1 to 9 and targets from 15 to 40",
        "50 problems with 3 numbers from 1 to 12 and targets from 12 to 30",
    ]
    assert any("only with its numbers in another order." in line for line in lines)
    assert any(" steps of 8 problems, AdamW, " in line for line in lines)
    assert lines[lines.index("## Known failures") + 2 :] == [
        "- Numbers above 12 and targets that are not from 12 to 40 were not trained on; the scores are on 3 numbers"
        " from 1 to 30, targets from 10 to 100.",
        "- A solution that passes a number above 100 cannot be written.",
    ]


@pytest.mark.parametrize("task", ["lcs6", "countdown3"])
def test_the_card_of_a_plain_transformer_for_them_speaks_of_layers(
    task: str, small: Callable[..., Recipe], tmp_path: Path, measured: list[Checkpoint]
) -> None:
    text = "\n".join(exported(small(task, {}, architecture="standard"), tmp_path))
    assert f"A standard transformer for {task}: " in text
    assert "each applied once, learned positions." in text
    assert "; loss after the last layer." in text


def test_a_run_that_was_never_measured_has_an_empty_log(tmp_path: Path) -> None:
    write_log(tmp_path / "log.csv", [])
    assert (tmp_path / "log.csv").read_text("utf-8").splitlines() == ["step"]


def test_a_later_stage_may_be_measured_after_other_loops(tmp_path: Path) -> None:
    write_log(
        tmp_path / "log.csv", [{"step": 5, "held_out": {"4": 0.5}}, {"step": 10, "held_out": {"4": 0.25, "8": 0.75}}]
    )
    assert (tmp_path / "log.csv").read_text("utf-8").splitlines() == [
        "step,held_out_4,held_out_8",
        "5,0.5,",
        "10,0.25,0.75",
    ]


def test_what_is_exported_is_the_average_and_the_card_says_so(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(replace(recipe, average=0.75), tmp_path / "run", torch.device("cpu"), resume=False)
    run.train()
    own = run.weights()
    export(run, tmp_path / "mine")
    kept = load_checkpoint(str(tmp_path / "mine")).model
    assert run.average is not None
    assert all(torch.equal(p, mean.half().float()) for p, mean in zip(kept.parameters(), run.average, strict=True))
    assert any(not torch.equal(p, q.half().float()) for p, q in zip(kept.parameters(), own, strict=True))
    assert "- Weights: averaged over the steps; each step keeps 0.75 of the average before.\n" in (
        tmp_path / "mine" / "README.md"
    ).read_text("utf-8")


def test_a_log_is_read_as_it_was_written(run: Run, tmp_path: Path) -> None:
    for log in (
        [],
        run.log,
        [{"step": 5, "held_out": {"4": 0.5}}, {"step": 10, "loss": 0.25, "held_out": {"4": 0.25, "8": 0.75}}],
    ):
        write_log(tmp_path / "log.csv", log)
        assert read_log(tmp_path / "log.csv") == log
    assert read_log(tmp_path / "none.csv") == []


def test_the_log_has_a_row_for_every_measurement(run: Run, tmp_path: Path) -> None:
    export(run, tmp_path / "mine")
    with (tmp_path / "mine" / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == [5, 10, 12]
    assert list(rows[0]) == ["step", "seconds", "loss", "asked", "held_out_1", "held_out_2", "held_out_4"]
    for row, logged in zip(rows, run.log, strict=True):
        assert {loops: float(row[f"held_out_{loops}"]) for loops in ("1", "2", "4")} == logged["held_out"]
        assert float(row["loss"]) == logged["loss"]


def test_a_result_that_is_no_number_is_not_kept(run: Run, tmp_path: Path) -> None:
    """Such a score would make the whole folder one that cannot be read."""
    export(run, tmp_path / "mine")
    checkpoint = load_checkpoint(str(tmp_path / "mine"))
    before = (tmp_path / "mine" / "config.json").read_bytes()
    score = checkpoint.info["scores"][0]
    with pytest.raises(ValueError, match="not always a number, so nothing is kept"):
        keep(checkpoint, score | {"accuracy": [float("nan")] * len(score["accuracy"])}, chosen=False)
    assert (tmp_path / "mine" / "config.json").read_bytes() == before


def test_the_device_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for threads, words in ((1, "1 thread of a"), (2, "2 threads of a")):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        assert describe_device(torch.device("cpu")).startswith(words)


def test_a_card_says_where_the_model_s_own_answers_were_not_measured(run: Run, tmp_path: Path) -> None:
    """Where one score of a card has them and another lacks them."""
    (score,) = export(run, tmp_path / "mine")
    older = {name: value for name, value in score.items() if name != "everywhere"} | {"set": "test"}
    checkpoint = load_checkpoint(str(tmp_path / "mine"))
    words = "with its own answers at what is given, too"
    rows = [
        line
        for line in card(replace(checkpoint, info=checkpoint.info | {"scores": [score, older]})).splitlines()
        if words in line
    ]
    assert rows[1] == f"| {words} | not measured | not measured | not measured | not measured |"
    assert "not measured" not in rows[0]
    assert words not in card(replace(checkpoint, info=checkpoint.info | {"scores": [older]}))
