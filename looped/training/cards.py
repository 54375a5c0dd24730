"""From a training run to a checkpoint folder: weights, measured scores, the log and a model card."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import evaluate
from looped.tasks.countdown.task import TARGETS, Countdown
from looped.tasks.words.strings import ALPHABET, FEW, Strings
from looped.training.log import write_log
from looped.training.recipes import RECIPES
from looped.training.run import Run
from looped.training.state import binding


def describe_device(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{threads} thread{'s' if threads > 1 else ''} of {'an' if platform.machine()[:1] in 'aeioux' else 'a'} {platform.machine()} CPU"


def export(run: Run, folder: Path) -> list[dict[str, Any]]:
    """Write the checkpoint, measure what was written (not what was in memory), and put the scores into it."""
    recipe = json.loads(json.dumps(asdict(run.recipe)))
    training = {
        "steps": run.step,
        "seconds": round(run.seconds),
        "device": describe_device(run.device),
        "recipe": recipe,
    }
    with run.averaged():
        save_checkpoint(folder, run.model, run.recipe.task, training, scores=[])
    written = str(folder.resolve())  # a whole path, which no name of the catalogue can be
    loops = run.recipe.measured or None
    scores = [
        evaluate(load_checkpoint(written, run.device), None, loops, size=size) for size in run.recipe.sizes or (None,)
    ]
    scores += [evaluate(load_checkpoint(written, run.device), data, loops) for data in run.recipe.also]
    if run.recipe.measured:  # then the loops must be given to measure it again
        scores = [score | {"chosen": True} for score in scores]
    with run.averaged():
        save_checkpoint(folder, run.model, run.recipe.task, training, scores)
    write_log(folder / "log.csv", run.log)
    (folder / "README.md").write_text(card(load_checkpoint(written)), "utf-8")
    return scores


PLACES = {
    "board": "row + column + box codes",
    "halves": "half + place-in-it codes",
    "learned": "learned positions",
    "rotary": "rotary positions",
    "none": "no position codes",
}
OPTIMIZERS = {"adamw": "AdamW", "muon": "Muon for the matrices of the layers and AdamW for all else"}
KINDS = {
    "standard": "A plain transformer",
    "looped": "A looped transformer",
    "tmlt": "A timestep-modulated looped transformer (TMLT)",
}


LOST = 0.05  # a share of inputs that is no accident


def command(name: str, score: dict[str, Any]) -> str:
    """The command line that prints a score."""
    loops = f" --loops {','.join(map(str, score['loops']))}" if score.get("chosen") else ""
    size = f" --size {score['size']}" if "size" in score else ""
    data = f" --data {score['file']}" if "file" in score else ""
    return f"python -m looped evaluate {name}{size}{data}{loops}"


class Wording(NamedTuple):
    """What a card says of a kind of task."""

    scored: str  # what share the scores are
    right: str  # the name of their row
    data: str  # what is trained on, and what is held out
    loss: str  # where the loss is


def wording(task: tasks.Task) -> Wording:
    if isinstance(task, Strings):
        backwards = " or read backwards" if task.border == task.gap else ""
        return Wording(
            'Numbers right at the "="',
            "pairs right",
            f"generated pairs of words, each met again only in other letters, swapped{backwards}. Of pairs of more than {FEW} letters together "
            "one class under these changes in sixteen is held out before that; scores are on held-out classes.",
            'cross-entropy at the "=" and at every letter, which is asked what the word up to there shares with the other',
        )
    if isinstance(task, Countdown):
        return Wording(
            "Problems solved, by whichever solution",
            "problems solved",
            "generated problems that have a solution, each met again only with its numbers in another order. One problem in sixteen, in whatever "
            "order, is held out before that; scores are on held-out problems.",
            "cross-entropy on the steps of the first solution that a search finds, or of any of the first ones where a stage says so",
        )
    return Wording(
        "Whole boards right, all cells",
        "boards right",
        "generated boards with one solution, each met again only under a random symmetry. One symmetry class in sixteen is held out "
        "before that; scores are on held-out classes.",
        "cross-entropy on the blanks",
    )


def kind(sampling: dict[str, Any], task: tasks.Task) -> str:
    """What `task.sample` was asked for, in words.

    >>> sudoku, words, countdown = map(tasks.get, ("sudoku9", "lcs12", "countdown3"))
    >>> kind({"givens": (24, 42)}, sudoku), kind({"minimal": True, "rating": (0.05, 3)}, sudoku)
    ('boards with 24 to 42 givens', 'minimal boards of a rating from 0.05 to below 3')
    >>> kind({}, words), kind({"letters": (6, 12), "alphabet": (2, 2), "unrelated": 0.5}, words)
    ('pairs of words of 1 to 12 letters', 'pairs of words of 6 to 12 letters, 2 to 2 different ones, 50 % unrelated')
    >>> kind({"high": 10, "shown": 1}, countdown)
    'problems with 3 numbers from 1 to 10 and targets from 10 to 100, their first step given'
    """
    if isinstance(task, Strings):
        words = f"{task.things} of " + (
            "{} to {} letters".format(*sampling["letters"]) if "letters" in sampling else task.usual
        )
        if "alphabet" in sampling:
            words += ", {} to {} different ones".format(*sampling["alphabet"])
        return words + (f", {100 * sampling['unrelated']:g} % unrelated" if "unrelated" in sampling else "")
    if isinstance(task, Countdown):
        words = (
            f"{task.things} with {task.count} numbers from 1 to {sampling.get('high', task.high)} and targets from "
            + "{} to {}".format(*sampling.get("targets", TARGETS))
        )
        shown = sampling.get("shown", 0)
        return words + (f", their first {f'{shown} steps' if shown > 1 else 'step'} given" if shown else "")
    words = "minimal boards" if sampling.get("minimal") else "boards"
    if "givens" in sampling:
        words += " with {} to {} givens".format(*sampling["givens"])
    if "rating" in sampling:
        words += " of a rating from {:g} to below {:g}".format(*sampling["rating"])
    return words


def begun(recipe: dict[str, Any], steps: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Each stage that a run of so many steps has begun, and how many of them were left for it."""
    for stage in recipe["stages"]:
        if steps <= 0:
            return
        yield stage, steps
        steps -= stage["steps"]


def stages(recipe: dict[str, Any], steps: int) -> Iterator[str]:
    """A bullet for each stage that a run of so many steps has begun."""
    task = tasks.get(recipe["task"])
    for number, (stage, left) in enumerate(begun(recipe, steps), start=1):
        length = f"{min(left, stage['steps']):,}" + (f" of {stage['steps']:,}" if left < stage["steps"] else "")
        puzzles = ", ".join(f"{count:,} {kind(sampling, task)}" for count, sampling in stage["mix"])
        if recipe["model"]["architecture"] == "standard":
            loss = "loss after the last layer"
        else:
            loss = f"loss on {stage['loops']} loops"
            if any(stage["skip"]):
                loss += f", before them {' or '.join(map(str, stage['skip']))} loops without gradient"
            if stage["carry"]:
                loss += f" at a time, of puzzles that go on from step to step up to {stage['carry']} loops"
        if stage["ways"] > 1:
            loss += f", any of the first {stage['ways']} solutions"
        yield f"- Stage {number}: {length} steps, learning rate {stage['lr']:g} at its peak, decaying to zero; {puzzles}; {loss}."


def beyond(recipe: dict[str, Any], steps: int) -> list[str]:
    """Bullets on what a run of so many steps has not met, or what is known to go wrong."""
    task, met = (
        tasks.get(recipe["task"]),
        [sampling for stage, _ in begun(recipe, steps) for _, sampling in stage["mix"]],
    )
    if isinstance(task, Strings):
        letters = max(sampling.get("letters", (1, task.size))[1] for sampling in met)
        different = max(sampling.get("alphabet", ALPHABET)[1] for sampling in met)
        return [
            *(
                [f"- Words of more than {letters} letters were not trained on; the scores are on {task.usual}."]
                if letters < task.longest
                else []
            ),
            f"- Words of more than {task.longest} letters cannot be read.",
            f"- Two words of more than {different} different letters together were not trained on.",
        ]
    if isinstance(task, Countdown):
        high = max(sampling.get("high", task.high) for sampling in met)
        low, last = (
            pick(sampling.get("targets", TARGETS)[end] for sampling in met) for end, pick in ((0, min), (1, max))
        )
        return [
            f"- Numbers above {high} and targets that are not from {low} to {last} were not trained on; the scores are on {task.usual}.",
            f"- A solution that passes a number above {task.most:,} cannot be written.",
        ]
    failing = (
        "that need many guesses"
        if any(sampling.get("minimal") for sampling in met)
        else "with fewer givens than it was trained on"
    )
    return [
        f"- Puzzles {failing} are answered wrongly far more often.",
        "- A puzzle with several solutions has no single right answer; the model may mix them.",
    ]


def again(recipe: dict[str, Any], steps: int) -> str:
    """The command that runs a recipe again, as long as its name still stands for it, and where all else about a run is."""
    kept = "the recipe of this run is in `config.json`, its log is `log.csv`."
    now = RECIPES.get(recipe["name"])
    if now is None:
        return kept.capitalize()
    same = (
        binding(json.loads(json.dumps(asdict(now))), steps) == binding(recipe, steps)
        and now.average == recipe["average"]
    )
    start = f" --from {recipe['start'].rpartition(' (')[0]}" if recipe["start"] else ""
    return f"{'Run again with' if same else 'By now another recipe is run by'} `python -m looped train {recipe['name']}{start}`; {kept}"


def card(checkpoint: Checkpoint) -> str:
    """The model card: every figure comes from config.json, and the commands that print it are beside it."""
    info, config = checkpoint.info, checkpoint.config
    training, recipe = info["training"], info["training"]["recipe"]
    planned = sum(stage["steps"] for stage in recipe["stages"])
    says, (first, *more) = wording(checkpoint.task), beyond(recipe, training["steps"])
    plain = config.architecture == "standard"
    loops = "layers" if plain else "loops"
    lines = [
        f"# {checkpoint.name}",
        "",
        f"{KINDS[config.architecture]} for {checkpoint.task.name}: {checkpoint.model.parameters_count:,} parameters, "
        f"{config.layers} layer{'s' if config.layers > 1 else ''} of width {config.d_model} with {config.heads} heads, "
        f"{'each applied once' if plain else f'trained with {config.trained_loops} loops'}"
        f"{', input injection' if config.injection else ''}{', its answer fed back in every loop' if config.feedback else ''}{', the state normalised after every loop' if config.state_norm else ''}"
        f"{', a bias of every head for cells that share a row, a column or a box' if config.relations else ''}"
        f"{', given its last timestep again beyond its trained loops' if config.clamp_timestep else ''}, "
        f"{PLACES[config.positions]}. Weights in {info['dtype']}, sha256 `{checkpoint.sha256[:16]}…`.",
        "",
        "## Scores",
        "",
        f"{says.scored}, by number of {loops}:",
        "",
    ]
    for score in info["scores"]:
        lines += [
            f"{score['data']} (n = {score['n']:,}), printed by `{command(checkpoint.name, score)}`:",
            "",
            f"| {loops} | " + " | ".join(str(count) for count in score["loops"]) + " |",
            "|---" * (len(score["loops"]) + 1) + "|",
            f"| {says.right} | " + " | ".join(f"{100 * share:.1f} %" for share in score["accuracy"]) + " |",
            "",
        ]
    lines += [
        "## Training",
        "",
        f"- Data: {says.data}",
        f"- Loss: {says.loss}{'' if plain else ', averaged over the loops it is on'}.",
        *([f"- Begun with the weights of {recipe['start']}."] if recipe["start"] else []),
        *stages(recipe, training["steps"]),
        f"- In all {training['steps']:,} steps{'' if training['steps'] >= planned else f' of {planned:,} (stopped before the end)'} of {recipe['batch']:,} {checkpoint.task.things}, {OPTIMIZERS[recipe['optimizer']]}, "
        f"in {training['seconds'] / 60:.0f} minutes on {training['device']}.",
        *(
            [f"- Weights: averaged over the steps; each step keeps {recipe['average']:g} of the average before."]
            if recipe["average"]
            else []
        ),
        f"- {again(recipe, training['steps'])}",
        "",
        "## Known failures",
        "",
        first,
        *(
            ["- Overthinking: beyond its trained loops it loses right answers again (table above)."]
            if any(max(score["accuracy"]) - score["accuracy"][-1] > LOST for score in info["scores"])
            else []
        ),
        *more,
        "",
    ]
    return "\n".join(lines)
