"""From a training run to a checkpoint folder: weights, measured scores, the log and a model card."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import evaluate
from looped.catalogue.inputs import splitting
from looped.catalogue.results import (
    apart_words,
    between,
    command,
    is_test,
    lasted,
    measure_of,
    narrow_words,
    percent,
    values_of,
    way_words,
)
from looped.model.seam import is_standard, passes_of
from looped.places import write_whole
from looped.training.log import write_log
from looped.training.losses import Searching
from looped.training.recipes import RECIPES
from looped.training.run import Run
from looped.training.state import binding


def describe_device(device: torch.device) -> str:
    """Return what a model was trained on, in words."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    machine = platform.machine()
    article = "an" if machine[:1] in "aeioux" else "a"
    return f"{threads} thread{'s' if threads > 1 else ''} of {article} {machine} CPU"


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
    loops, sizes = run.recipe.measured or None, run.recipe.sizes or (None,)
    scores = [evaluate(load_checkpoint(written, run.device), None, loops, size=size) for size in sizes]
    scores += [evaluate(load_checkpoint(written, run.device), data, loops) for data in run.recipe.also]
    if run.recipe.measured:  # then the loops must be given to measure it again
        scores = [score | {"chosen": True} for score in scores]
    with run.averaged():
        save_checkpoint(folder, run.model, run.recipe.task, training, scores)
    write_log(folder / "log.csv", run.log)
    write_whole(folder / "README.md", card(load_checkpoint(written)))
    return scores


def keep(checkpoint: Checkpoint, result: dict[str, Any], chosen: bool) -> None:
    """Put a result of `evaluate` into the config.json and the card of a checkpoint; `chosen`: its loops were given.

    It takes the place of a score of the same data, set, size and tries, or is put behind all others. Raises ValueError
    for a result with numbers that are none.
    """
    score = {name: value for name, value in result.items() if name not in ("by", "wrong", "notes")}
    try:
        json.dumps(score, allow_nan=False)
    except ValueError as error:
        raise ValueError(f"what {checkpoint.name} answers is not always a number, so nothing is kept.") from error
    score |= {"chosen": True} if chosen else {}
    file = checkpoint.folder / "config.json"
    info = json.loads(file.read_text("utf-8"))
    scores = list(info.get("scores", []))
    same = [i for i, one in enumerate(scores) if measured_on(one) == measured_on(score)]
    if same:
        scores[same[0]] = score
    else:
        scores.append(score)
    info |= {"scores": scores}
    written = card(replace(checkpoint, info=info))
    write_whole(file, json.dumps(info, indent=1) + "\n")
    write_whole(checkpoint.folder / "README.md", written)


MORE = (("with_tries", "tries"), ("with_ways", "runs"))  # what a score may hold besides, and what tells it apart


def measured_on(score: dict[str, Any]) -> tuple[Any, ...]:
    """Return what tells the scores of a checkpoint from each other."""
    return *map(score.get, ("file", "hardest", "set", "size")), *(score.get(part, {}).get(key) for part, key in MORE)


OPTIMIZERS = {"adamw": "AdamW", "muon": "Muon for the matrices of the layers and AdamW for all else"}
LEARNED = 0.5  # share of inputs from which on a wrong answer is a failure that can be told from the others
LOST = 0.05  # share of inputs whose loss is no accident


def begun(recipe: dict[str, Any], steps: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each stage that a run of so many steps has begun, and how many of them were left for it."""
    for stage in recipe["stages"]:
        if steps <= 0:
            return
        yield stage, steps
        steps -= stage["steps"]


def stages(recipe: dict[str, Any], steps: int, standard: bool) -> Iterator[str]:
    """Yield a bullet for each stage that a run of so many steps has begun; `standard`: of a model without loops."""
    task = tasks.get(recipe["task"])
    for number, (stage, left) in enumerate(begun(recipe, steps), start=1):
        length = f"{min(left, stage['steps']):,}" + (f" of {stage['steps']:,}" if left < stage["steps"] else "")
        puzzles = ", ".join(f"{count:,} {task.describe_sampling(sampling)}" for count, sampling in stage["mix"])
        if stage.get("fresh"):
            puzzles = "anew for every step, " + " or ".join(task.describe_sampling(each) for _, each in stage["mix"])
        yield (
            f"- Stage {number}: {length} steps, learning rate {stage['lr']:g} at its peak, decaying to zero; {puzzles};"
            f" {stage_loss(stage, standard)}."
        )


def stage_loss(stage: dict[str, Any], standard: bool) -> str:
    """Return where the loss of a stage is, in words; `standard`: of a model without loops."""
    if standard:
        loss = "loss after the last layer"
    else:
        loss = f"loss on {stage['loops']} loops"
        if stage.get("spare"):
            more = " or ".join(map(str, sorted(set(stage["spare"]))))
            loss = f"loss after the last of as many loops as a step needs and {more} more, at most {stage['loops']}"
        if stage.get("rest"):
            loss += (
                f", and after those that each input needs; {stage['rest']:g} times the logarithm of the relative "
                "change of finished states is added"
            )
        if stage.get("depths"):
            low, high = stage["depths"]
            loss = f"loss on the last {stage['loops']} of {low} to {high} loops, drawn for each step"
            loss += "; those before them run without gradient"
        for name, first, last in stage.get("ramp", ()):
            loss += f"; {name} grow from {first} to {last} over {stage['ramp_share']:.0%} of the steps"
        if stage.get("prefixes"):
            loss += "; at every example and query"
        if any(stage["skip"]):
            loss += f", before them {' or '.join(map(str, stage['skip']))} loops without gradient"
        if stage["carry"] and stage.get("asked") == "last loop":
            loss += ", after the last of them alone,"
        if stage["carry"]:
            loss += f" at a time, of puzzles that go on from step to step up to {stage['carry']} loops"
            for share, loops in stage.get("growth", ()):
                loss += f", {loops} in the first {share:.0%} of the steps"
            if stage.get("leave"):
                loss += f"; from a quarter of the steps on a solved one leaves with probability {stage['leave']:g}"
            if stage.get("astray"):
                loss += f"; {stage['astray']:.0%} of them are given a guess at random where a round begins"
        if stage.get("noise"):
            loss += f"; {stage['noise']:.0%} of {'them' if stage['carry'] else 'the inputs'} begin with a random state"
    if stage.get("added_only"):
        loss += "; only the weights learn that the model it begins with lacks"
    return loss + (f", any of the first {stage['ways']} solutions" if stage["ways"] > 1 else "")


def beyond(recipe: dict[str, Any], steps: int, scores: list[dict[str, Any]]) -> list[str]:
    """Return bullets on what a run of so many steps has not met, or what is known to go wrong by its scores."""
    met = [sampling for stage, _ in begun(recipe, steps) for _, sampling in stage["mix"]]
    shares = [share for score in scores for share in score.get("accuracy", [])]
    learned = max(shares, default=1) >= LEARNED
    return [f"- {sentence}" for sentence in tasks.get(recipe["task"]).failures(met, learned)]


def again(recipe: dict[str, Any], steps: int) -> str:
    """Return the command that runs a recipe again, and where all else about a run is.

    The command is left out when no recipe has that name; a note says when the recipe has changed since.
    """
    kept = "the recipe of this run is in `config.json`, its log is `log.csv`."
    now = RECIPES.get(recipe["name"])
    if now is None:
        return kept.capitalize()
    same = (
        binding(json.loads(json.dumps(asdict(now))), steps) == binding(recipe, steps)
        and now.average == recipe["average"]
    )
    start = f" --from {recipe['start'].rpartition(' (')[0]}" if recipe["start"] else ""
    run = "Run again with" if same else "By now another recipe is run by"
    return f"{run} `python -m looped train {recipe['name']}{start}`; {kept}"


def card(checkpoint: Checkpoint) -> str:
    """Return the model card: every figure comes from config.json, and the commands that print it are beside it."""
    lines = [
        f"# {checkpoint.name}",
        "",
        summary(checkpoint),
        "",
        "## Scores",
        "",
        *score_tables(checkpoint),
        "## Training",
        "",
        *training_bullets(checkpoint),
        "",
        "## Known failures",
        "",
        *failure_bullets(checkpoint),
        "",
    ]
    return "\n".join(lines)


def summary(checkpoint: Checkpoint) -> str:
    """Return what the model is, in one sentence, and its weights."""
    kind, parts = checkpoint.model.description
    return (
        f"{kind} for {checkpoint.task.name}: {checkpoint.model.parameters_count:,} parameters, "
        f"{', '.join(parts)}. Weights in {checkpoint.info['dtype']}, sha256 `{checkpoint.sha256[:16]}…`."
    )


def score_tables(checkpoint: Checkpoint) -> Iterator[str]:
    """Yield the lines of the tables of scores, each with the command that prints it."""
    says, loops = checkpoint.task.card(), passes_of(checkpoint.model)
    tested = any(is_test(score) for score in checkpoint.info["scores"])
    yield (
        "Validation inputs were looked at while recipes, the length of training and the checkpoints to ship were "
        f"chosen{'; nothing was chosen on test inputs.' if tested else '. No test set was measured.'}"
    )
    yield from ("", f"{says.scored}, by number of {loops}:", "")
    for score in checkpoint.info["scores"]:
        role = "Test" if is_test(score) else "Validation"
        yield f"{role}: {score['data']} (n = {score['n']:,}), printed by `{command(checkpoint.name, score)}`:"
        yield ""
        yield f"| {loops} | " + " | ".join(str(count) for count in score["loops"]) + " |"
        yield "|---" * (len(score["loops"]) + 1) + "|"
        measure = measure_of(score)
        name = says.right if measure == "accuracy" else measure
        yield f"| {name} | {' | '.join(values_of(score))} |"
        yield from reliability_rows(score, any("everywhere" in one for one in checkpoint.info["scores"]), loops)
        yield from tries_rows(score, says.right, loops)
        yield from ways_rows(score, loops)
        yield from input_words(score)
        yield ""


def reliability_rows(score: dict[str, Any], own: bool = False, passes: str = "loops") -> Iterator[str]:
    """Yield the rows of a table on how far its accuracies can be trusted, as far as they were measured.

    own: another score of the card has the model's own answers at what is given, so where this one lacks them that is
    said. passes: loops, or layers.
    """
    if "error" in score and "interval" in score:
        spans = " | ".join(f"{low:.3g}–{high:.3g}" for low, high in score["interval"])
        yield f"| 95 % interval (bootstrap) | {spans} |"
    if "accuracy" not in score:
        return
    yield f"| 95 % interval (Wilson) | {' | '.join(between(share, score['n']) + ' %' for share in score['accuracy'])} |"
    if "everywhere" in score or own:
        shares = [percent(share) for share in score.get("everywhere", [])] or ["not measured"] * len(score["loops"])
        yield f"| with its own answers at what is given, too | {' | '.join(shares)} |"
    if any(score.get("lost", [])):
        yield f"| right after fewer {passes}, and lost | {' | '.join(f'{count:,}' for count in score['lost'])} |"
    if "residual" in score:
        moved = " | ".join(f"{value:.2g}" for value in score["residual"])
        yield f"| largest relative change of a whole state in the last loop | {moved} |"


def tries_rows(score: dict[str, Any], right: str, passes: str = "loops") -> Iterator[str]:
    """Yield the rows on what several runs of each input reach and cost, where that was measured."""
    if "with_tries" not in score:
        return
    again = score["with_tries"]
    shares = [f"{percent(share)} ({between(share, score['n'])})" for share in again["accuracy"]]
    yield f"| {right} in one of up to {again['tries']} runs, chosen by the rules | {' | '.join(shares)} |"
    for name, what in (("runs", "runs in all"), ("loops_run", f"{passes} run in all")):
        yield f"| {what} | {' | '.join(f'{count:,}' for count in again[name])} |"


def ways_rows(score: dict[str, Any], passes: str = "loops") -> Iterator[str]:
    """Yield a table of what each way to spend compute brings and costs, where that was measured."""
    if "with_ways" in score:
        spent = score["with_ways"]
        loops = f"{spent['loops']} {passes if spent['loops'] > 1 else passes[:-1]}"
        yield from ("", f"With more compute, at {loops}:", "")
        yield from (f"| way | right | {passes} run of an input |", "|---|---|---|")
        for way in spent["ways"]:
            share = f"{percent(way['accuracy'])} ({between(way['accuracy'], score['n'])})"
            yield f"| {way_words(way, spent['runs'])} | {share} | {way['loops_run']:,.1f} |"


def input_words(score: dict[str, Any]) -> Iterator[str]:
    """Yield sentences on the inputs of a score: how many are different, like those of validation, near to training."""
    count, distinct = score["n"], score.get("distinct")
    if distinct is not None:
        kinds = "class" if score.get("classes") == 1 else "classes"
        classes = f" and of {score['classes']:,} {kinds} under symmetries" if "classes" in score else ""
        yield ""
        yield f"Of these {count:,}, {distinct:,} are different{classes}{narrow_words(score)}."
    if "like_validation" in score:
        yield ""
        yield f"{score['like_validation']:,} of them are like one of the validation set, the same up to symmetry."
    words = apart_words(score)
    if words:
        yield ""
        yield words


def held_out_words(checkpoint: Checkpoint) -> str:
    """Return what a checkpoint was trained on and what its training held out, in the words of its task."""
    says = checkpoint.task.card()
    ways = splitting(checkpoint).values()
    return next((says.by_split[way] for way in ways if way in says.by_split), says.data)


def training_bullets(checkpoint: Checkpoint) -> Iterator[str]:
    """Yield the bullets on data, loss, stages and effort."""
    training = checkpoint.info["training"]
    recipe, steps = training["recipe"], training["steps"]
    trained = tasks.get(recipe["task"])  # which is not the checkpoint's where weights were carried over
    says = trained.card()
    planned = sum(stage["steps"] for stage in recipe["stages"])
    if trained.name != checkpoint.task.name:
        yield (
            f"- Not trained for {checkpoint.task.name}: these are the weights of {recipe['name']}, made for "
            f"{trained.name} as follows, and no {checkpoint.task.things} of {checkpoint.task.name} were trained on."
        )
        yield f"- Data: {says.data}"
    else:
        yield f"- Data: {held_out_words(checkpoint)}"
    own = checkpoint.model.own_loss_words if isinstance(checkpoint.model, Searching) else ""
    loss = f"{says.loss}; {own}" if own else says.loss
    yield f"- Loss: {loss}{'' if is_standard(checkpoint.model) else ', averaged over the loops it is on'}."
    if recipe["start"]:
        yield f"- Begun with the weights of {recipe['start']}."
    yield from stages(recipe, steps, is_standard(checkpoint.model))
    stopped = "" if steps >= planned else f" of {planned:,} (stopped before the end)"
    yield (
        f"- In all {steps:,} steps{stopped} of {recipe['batch']:,} {trained.things}, "
        f"{OPTIMIZERS[recipe['optimizer']]}, in {lasted(training['seconds'])} on {training['device']}."
    )
    if recipe["average"]:
        yield f"- Weights: averaged over the steps; each step keeps {recipe['average']:g} of the average before."
    yield f"- {again(recipe, steps)}"


def loses(score: dict[str, Any]) -> bool:
    """Return whether more than `LOST` of the inputs were right after fewer loops; older scores say so less exactly."""
    if "lost" in score:
        return bool(max(score["lost"]) > LOST * score["n"])
    return bool(max(score["accuracy"]) - score["accuracy"][-1] > LOST)


def failure_bullets(checkpoint: Checkpoint) -> Iterator[str]:
    """Yield the bullets on what is known to go wrong."""
    training = checkpoint.info["training"]
    first, *more = beyond(training["recipe"], training["steps"], checkpoint.info["scores"])
    yield first
    if any(loses(score) for score in checkpoint.info["scores"] if "accuracy" in score):
        standard = is_standard(checkpoint.model)
        where = "In its last layers" if standard else "Overthinking: beyond its trained loops"
        yield f"- {where} it loses right answers again (table above)."
    yield from more
