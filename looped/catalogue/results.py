"""Write the tables of `assets/docs/results.md` from the scores in the checkpoints' `config.json`.

`python -m looped results > assets/docs/results.md` writes the file again after a checkpoint was added or measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from looped import tasks
from looped.catalogue import checkpoints
from looped.catalogue.intervals import wilson
from looped.model import registry
from looped.model.seam import passes_of

Info = dict[str, Any]  # of one config.json
Score = dict[str, Any]  # one result of `looped.catalogue.evaluate.evaluate`

ERROR = "squared error over that of answering zero (sum of (predicted − true)² over sum of true²)"

INTRODUCTION = """# Results

Every score of every checkpoint that is shipped, as `config.json` beside its weights records it. Each row begins with
the command that measures it again. *Held-out* means: no input of these classes was trained on. A class holds everything
that a symmetry of the task turns into each other, and classes are split before anything is generated from them.
What the numbers do not say is in [limits.md](limits.md); how fast the library is, in [benchmarks.md](benchmarks.md).

*Validation* is what was looked at while recipes, the length of training and the checkpoints to ship were chosen.
*Test* is held-out inputs of another seed, measured afterwards, on which nothing was chosen. Where a task has few
classes, many test inputs are like one of the validation set; the heading of a table says how many are.

In brackets behind a share is its 95 % interval (Wilson). It takes all inputs for independent, and is too narrow
where the heading says that fewer are different, or of few classes.

Where answers are numbers a row has the squared error over that of answering zero (sum of (predicted − true)² over sum
of true²): 0 is exact, 1 no better than answering zero.

This file is generated: `python -m looped results > assets/docs/results.md`."""


def command(name: str, score: Score) -> str:
    """Return the command line that measures a score again."""
    size = f" --size {score['size']}" if "size" in score else ""
    data = f" --data {score['file']}" if "file" in score else " --hardest" if "hardest" in score else ""
    loops = f" --loops {','.join(map(str, score['loops']))}" if score.get("chosen") else ""
    test = " --test" if is_test(score) else ""
    tries = f" --tries {score['with_tries']['tries']}" if "with_tries" in score else ""
    ways = f" --compute {score['with_ways']['runs']}" if "with_ways" in score else ""
    return f"python -m looped evaluate {name}{size}{data}{loops}{test}{tries}{ways}"


def nearest_figure(info: Info, loops: int) -> dict[str, Any] | None:
    """Return what a card says of generated held-out inputs at the number of loops nearest to `loops`.

    Of the test set where it was measured as near. {"loops", "accuracy", "of": "test" or "validation"}, with n inputs
    and the ends of the interval of 95 % where the card has them; None where the card has no accuracy at a fixed number.

    >>> validation, test = {"loops": [2, 8], "accuracy": [0.5, 0.75]}, {"loops": [8], "accuracy": [0.7], "set": "test"}
    >>> nearest_figure({"scores": [{"file": "hard.csv", "loops": [5], "accuracy": [0.1]}, validation, test]}, 6)
    {'loops': 8, 'accuracy': 0.7, 'of': 'test'}
    >>> nearest_figure({"scores": [{"loops": ["needed+2"], "accuracy": [1.0]}]}, 6)
    """
    score = generated(info)
    if score is None:
        return None
    found: list[dict[str, Any]] = [
        {key: one[key][at] for key in ("loops", "accuracy", "interval") if key in one}
        | {"of": "test" if is_test(one) else "validation"}
        | ({"n": one["n"]} if "n" in one else {})
        for one in map(with_interval, [*tested(info), score])
        for at in range(len(one["loops"]))
        if isinstance(one["loops"][at], int)
    ]
    return min(found, key=lambda one: abs(one["loops"] - loops), default=None)


def generated(info: Info) -> Score | None:
    """Return the accuracies on generated held-out inputs, on which choices were made; None where a card has none."""
    own = (score for score in usual(info) if not is_test(score))
    score = next(own, None)
    return score if score and "accuracy" in score else None


def usual(info: Info) -> list[Score]:
    """Return the scores on inputs that are generated as usual: neither those of a file nor the hardest."""
    return [score for score in info.get("scores", []) if "file" not in score and "hardest" not in score]


def tested(info: Info) -> list[Score]:
    """Return the accuracies on test inputs of the size of `generated`."""
    score = generated(info) or {}
    scores = [one for one in usual(info) if is_test(one) and "accuracy" in one]
    return [one for one in scores if one.get("size") == score.get("size")]


def is_test(score: Score) -> bool:
    """Return whether a score is on inputs that nothing was chosen on."""
    return score.get("set") == "test"


def by_number(score: Score) -> bool:
    """Return whether a score is by numbers of loops, not by loops that follow from what each input needs.

    >>> by_number({"loops": [16, 32]}), by_number({"loops": ["needed+2"]})
    (True, False)
    """
    return all(isinstance(loops, int) for loops in score["loops"])


def charted(scores: Iterable[Score]) -> list[Score]:
    """Return the scores that a chart draws by loops: of each size its test set, or its validation without one.

    >>> validation = {"size": 5, "loops": [8]}
    >>> charted([validation, {"size": 2, "loops": [8]}, validation | {"set": "test"}])
    [{'size': 2, 'loops': [8]}, {'size': 5, 'loops': [8], 'set': 'test'}]
    """
    drawn = [score for score in scores if by_number(score)]
    tested = {score["size"] for score in drawn if is_test(score) and "size" in score}
    return [score for score in drawn if is_test(score) or score.get("size") not in tested]


def percent(share: float) -> str:
    """Write a share with the digits that a score is measured to.

    >>> percent(0.9641)
    '96.4 %'
    """
    return f"{100 * share:.1f} %"


def measure_of(score: Score) -> str:
    """Return what a score measures: "accuracy", "error" (`ERROR`) or "perplexity"."""
    return next(name for name in ("accuracy", "error", "perplexity") if name in score)


def values_of(score: Score) -> list[str]:
    """Return what was measured at each number of loops, as it is written in tables."""
    measure = measure_of(score)
    return [percent(value) if measure == "accuracy" else f"{value:.3g}" for value in score[measure]]


def between(share: float, count: int) -> str:
    """Write the 95 % interval of a share of so many inputs, in per cent; the share may be one that is rounded.

    >>> between(0.98, 1000), between(0.6667, 3), between(1.0, 1)
    ('96.9–98.7', '20.8–93.9', '20.7–100.0')
    """
    low, high = wilson(round(share * count) / count, count)
    return f"{100 * low:.1f}–{100 * high:.1f}"


def with_interval(score: Score) -> Score:
    """Return a score with the 95 % intervals of its accuracies, which older ones lack and others have rounded."""
    if not {"accuracy", "n"} <= score.keys():
        return score
    count = score["n"]
    return score | {"interval": [wilson(round(share * count) / count, count) for share in score["accuracy"]]}


def row(name: str, score: Score) -> str:
    """Return a score as a row of a table: its command, then what was measured at each number of loops."""
    values = values_of(score)
    if "accuracy" in score:
        shares = zip(values, score["accuracy"], strict=True)
        values = [f"{value} ({between(share, score['n'])})" for value, share in shares]
    return table_row([f"`{command(name, score)}`", *values])


def tries_table(name: str, score: Score, passes: str = "loops") -> str:
    """Return what several runs of each input reach beside a single one, and what they cost: a table."""
    again = score["with_tries"]
    names = ["command", passes, "one run", f"up to {again['tries']} runs", "runs", f"{passes} run"]
    rows = [table_row(names), "|---" * len(names) + "|"]
    for i, loops in enumerate(score["loops"]):
        shares = [
            f"{percent(one[i])} ({between(one[i], score['n'])})" for one in (score["accuracy"], again["accuracy"])
        ]
        cost = [f"{again['runs'][i]:,}", f"{again['loops_run'][i]:,}"]
        rows.append(table_row([f"`{command(name, score)}`", str(loops), *shares, *cost]))
    return "\n".join(rows)


WAYS = {
    "end": "one run, to its end",
    "peak confidence": "one run, its answer at peak confidence",
    "repetition": "one run, until its answers stay or go to and fro",
    "rules": "{runs} runs, {starts}, the first that keeps the rules",
    "vote": "{runs} runs, {starts}, by vote",
    "residual": "{runs} runs, {starts}, the one that moves least at its end",
}
STARTS = {"": "", "random starts": "random starts", "symmetries": "images under symmetries"}


def way_words(way: dict[str, Any], runs: int) -> str:
    """Say in words how compute was spent, and how the answer was chosen.

    >>> way_words({"starts": "symmetries", "chosen": "rules"}, 8)
    'up to 8 runs, images under symmetries, the first that keeps the rules'
    """
    count = f"up to {runs}" if way["chosen"] == "rules" else runs
    return WAYS[way["chosen"]].format(runs=count, starts=STARTS[way["starts"]])


SHORTLY = {
    "end": "1 run",
    "peak confidence": "1 run, at peak confidence",
    "repetition": "1 run, until it repeats",
    "rules": "up to {runs} {starts}, by the rules",
    "vote": "{runs} {starts}, by vote",
    "residual": "{runs} {starts}, least moved",
}


def way_name(way: dict[str, Any], runs: int) -> str:
    """Say the same in few words, for a row of a figure: what is run, how often, and how the answer is chosen.

    >>> way_name({"starts": "symmetries", "chosen": "rules"}, 8)
    'up to 8 images, by the rules'
    """
    starts = "images" if way["starts"] == "symmetries" else "starts"
    return SHORTLY[way["chosen"]].format(runs=runs, starts=starts)


def ways_table(name: str, score: Score, passes: str = "loops") -> str:
    """Return what each way to spend compute reaches and costs: a table."""
    spent = score["with_ways"]
    names = ["command", passes, "way", "right", f"{passes} run of an input"]
    rows = [table_row(names), "|---" * len(names) + "|"]
    for way in spent["ways"]:
        share = f"{percent(way['accuracy'])} ({between(way['accuracy'], score['n'])})"
        fields = [f"`{command(name, score)}`", str(spent["loops"]), way_words(way, spent["runs"]), share]
        rows.append(table_row([*fields, f"{way['loops_run']:,.1f}"]))
    return "\n".join(rows)


def apart_words(score: Score) -> str | None:
    """Say how many inputs are next to what training met, and what the accuracy on the others is; None if not known.

    >>> apart_words({"n": 9, "near": {"words": "old boards", "n": 7}, "apart": {"n": 2, "accuracy": [0.5, 1.0]}})
    '7 of the 9 are old boards; on the other 2: 50.0 % (9.5–90.5), 100.0 % (34.2–100.0).'
    """
    if "near" not in score:
        return None
    near, apart = score["near"], score["apart"]
    if not apart["n"]:
        if score["n"] == 1:
            return f"The only input is one of {near['words']}; nothing is known of others."
        return f"All {score['n']:,} are {near['words']}; nothing is known of others."
    shares = ", ".join(f"{percent(share)} ({between(share, apart['n'])})" for share in apart["accuracy"])
    return f"{near['n']:,} of the {score['n']:,} are {near['words']}; on the other {apart['n']:,}: {shares}."


def narrow_words(score: Score) -> str:
    """Say, behind how many inputs are different, what that means for intervals; "" where no two are alike.

    >>> narrow_words({"n": 2, "distinct": 2}), narrow_words({"n": 2, "distinct": 1})
    ('', '; the intervals take all for independent, so they are too narrow')
    """
    alone = score["distinct"] == score.get("classes", score["distinct"]) == score["n"]
    return "" if alone else "; the intervals take all for independent, so they are too narrow"


def residual_words(score: Score) -> str | None:
    """Say how much whole states still moved in the last loop, at the most; None if it was not measured.

    >>> residual_words({"loops": ["needed+2", "2*needed+4"], "residual": [0.2, 4e-05]})
    'largest relative change of a whole state in the last loop: 0.2 at needed+2, 4e-05 at 2*needed+4.'
    """
    if "residual" not in score:
        return None
    moved = zip(score["residual"], score["loops"], strict=True)
    words = ", ".join(f"{value:.2g} at {loops}" for value, loops in moved)
    return f"largest relative change of a whole state in the last loop: {words}."


def table_row(fields: Iterable[str]) -> str:
    """Return fields as a row of a Markdown table."""
    return f"| {' | '.join(fields)} |"


def text(catalogue: Path | None = None) -> str:
    """Return the whole document. Raises CheckpointError for a checkpoint whose `config.json` cannot be used."""
    catalogue = catalogue or checkpoints.CATALOGUE
    infos = [checkpoints.read_info(catalogue / name) for name in checkpoints.names(catalogue)]
    by_task: dict[str, list[Info]] = {}
    for info in infos:
        by_task.setdefault(info["task"], []).append(info)
    return "\n\n".join([INTRODUCTION, *(section(task, by_task[task]) for task in sorted(by_task))])


def section(task: str, infos: list[Info]) -> str:
    """Return what is known of the checkpoints of one task: how they were made, and a table for each data set."""
    parts = [f"## {task}", made(infos)]
    scores = [(info, score) for info in infos for score in info.get("scores", [])]
    tables: dict[tuple[str, ...], list[tuple[str, Score]]] = {}
    for info, score in scores:
        if "with_tries" not in score and "with_ways" not in score:
            tables.setdefault((over(score, task), *columns(info, score)), []).append((info["name"], score))
    for (title, *names), rows in tables.items():
        head = [table_row(["command", *names]), "|---" * (len(names) + 1) + "|"]
        parts.append(f"{title}:")
        parts.append("\n".join([*head, *(row(name, score) for name, score in rows)]))
        told: dict[str, list[str]] = {}
        for name, score in rows:
            told.setdefault(apart_words(score) or "", []).append(name)
        said = [f"- {', '.join(of)}: {words}" for words, of in told.items() if words]
        said += [f"- {name}: {words}" for name, score in rows if (words := residual_words(score))]
        parts += ["\n".join(said)] if said else []
    for info, score in scores:
        if "with_tries" in score:
            parts.append(
                f"{over(score, task)}; what is wrong is run again, under random symmetries, until it keeps the rules:"
            )
            parts.append(tries_table(info["name"], score, passes(info)))
        if "with_ways" in score:
            parts.append(f"{over(score, task)}; what more compute brings, and what it costs:")
            parts.append(ways_table(info["name"], score, passes(info)))
    return "\n\n".join(parts)


def lasted(seconds: float) -> str:
    """Return how long a training took, in minutes, or in seconds where it was less than one and a half.

    >>> lasted(8), lasted(1), lasted(0), lasted(2099.6)
    ('8 seconds', '1 second', 'less than a second', '35 minutes')
    """
    if seconds >= 90:
        return f"{seconds / 60:.0f} minutes"
    whole = round(seconds)
    return f"{whole} second{'' if whole == 1 else 's'}" if whole else "less than a second"


def made(infos: list[Info]) -> str:
    """Return the table of how checkpoints were made: size, loops, and what the training took."""
    rows = ["| checkpoint | model | parameters | trained with | training | sha256 |", "|---" * 6 + "|"]
    for info in infos:
        parameters = f"{info['parameters']:,}" if "parameters" in info else "not recorded"
        trained = counted(info["model"]["trained_loops"], passes(info))
        fields = [
            info["name"],
            info["model"]["architecture"],
            parameters,
            trained,
            took(info.get("training", {}), info["task"]),
        ]
        rows.append(table_row([*fields, f"`{info['sha256'][:8]}`"]))
    return "\n".join(rows)


def took(training: dict[str, Any], task: str = "") -> str:
    """Return what a training run took, as far as the checkpoint records it, or whose weights it has.

    task: the checkpoint's; weights of a run for another one were carried over.

    >>> took({"steps": 20000, "seconds": 2100, "device": "1 thread of a CPU"})
    '20,000 steps, 35 minutes on 1 thread of a CPU'
    >>> took({})
    'not recorded'
    """
    recipe = training.get("recipe", {})
    if recipe and recipe["task"] != task:
        return f"none: the weights of {recipe['name']}"
    if not {"steps", "seconds", "device"} <= training.keys():
        return "not recorded"
    return f"{training['steps']:,} steps, {lasted(training['seconds'])} on {training['device']}"


def over(score: Score, task: str) -> str:
    """Return what a score was measured on and for, with a link where that is a file of the repository."""
    data = score["data"]
    if "file" in score:
        data = f"{tasks.get(task).things} of [{score['data']}](../{Path(score['file']).name})"
    role = "Test" if is_test(score) else "Validation"
    return f"{role}, on {score['n']:,} {data}{different(score)}"


def different(score: Score) -> str:
    """Say in brackets how many inputs are different, of how many classes, and like how many of validation.

    >>> different({"n": 9, "distinct": 9, "classes": 9}), different({"n": 9})
    (' (all different, up to symmetry, too)', '')
    >>> different({"n": 9, "distinct": 8, "classes": 3, "like_validation": 2})
    ' (8 different, of 3 classes under symmetries, 2 like one of validation)'
    """
    said = []
    if "distinct" in score:
        said.append("all different" if score["distinct"] == score["n"] else f"{score['distinct']:,} different")
    if "classes" in score:
        all_differ = score["classes"] == score["n"]
        said.append("up to symmetry, too" if all_differ else f"of {score['classes']:,} classes under symmetries")
    if "like_validation" in score:
        said.append(f"{score['like_validation']:,} like one of validation")
    return f" ({', '.join(said)})" if said else ""


def columns(info: Info, score: Score) -> list[str]:
    """Return the headings of a score's columns: `8 loops`, or `6 layers` of a model whose layers differ."""
    return [f"{count} {passes(info)}" for count in score["loops"]]


def counted(number: int | str, passes: str) -> str:
    """Write so many passes, "layers" or "loops".

    >>> counted(1, "loops"), counted(12, "layers"), counted("needed+2", "loops")
    ('1 loop', '12 layers', 'needed+2 loops')
    """
    return f"{number} {passes.removesuffix('s') if number == 1 else passes}"


def passes(info: Info) -> str:
    """Return what the passes of a model are called: layers if each is applied once, loops otherwise."""
    config: Any = registry.read(info["model"])
    return _passes_of(config)


@lru_cache(maxsize=1024)
def _passes_of(config: Any) -> str:
    return passes_of(registry.build_unfilled(config, "meta"))  # only the model's word is wanted


TOLD_APART = ("file", "hardest", "size")  # what tells the data of two scores apart, besides the set


def main_score(scores: list[Score], trained: int, passes: str = "loops") -> str:
    """Return the score at the trained loops, in words: on the first data, of its test set where there is one.

    With its 95 % interval and, where inputs of several sizes were measured, the size. Where it was not measured at
    those loops, the nearest number below them; else the first.

    >>> main_score([{"data": "easy, n", "loops": [2, 4], "accuracy": [0.5, 0.9], "n": 50}, {"data": "hard"}], 4)
    '90.0% (78.6–95.7) after 4 loops (validation: easy)'
    >>> main_score([{"data": "a"}, {"data": "b, c", "set": "test", "loops": [4], "accuracy": [1.0], "n": 9}], 4)
    '100.0% (70.1–100.0) after 4 loops (test: b)'
    >>> main_score([{"data": "sines", "loops": [2], "error": [0.2], "interval": [[0.14, 0.3]]}], 3)
    'error 0.2 (0.14–0.3) after 2 loops (validation: sines)'
    >>> sizes = [{"data": f"p, of {n}", "size": n, "loops": [2], "error": [1 / n]} for n in (40, 1)]
    >>> main_score([*sizes, sizes[1] | {"set": "test"}, sizes[0] | {"set": "test", "error": [0.03]}], 2)
    'error 0.03 after 2 loops (test: p, of 40)'
    >>> main_score([], 8)
    'not measured'
    """
    if not scores:
        return "not measured"
    first = next((score for score in scores if not is_test(score)), scores[0])
    alike = [one for one in scores if all(one.get(key) == first.get(key) for key in TOLD_APART)]
    score = next(filter(is_test, alike), first)
    below = [loops for loops in score["loops"] if isinstance(loops, int) and loops <= trained]
    loops = max(below, default=score["loops"][0])
    measure = measure_of(score)
    at = score["loops"].index(loops)
    value = score[measure][at]
    said = f"{value:.1%} ({between(value, score['n'])})" if measure == "accuracy" else f"{measure} {value:.3g}"
    if measure == "error" and "interval" in score:
        low, high = score["interval"][at]
        said += f" ({low:.3g}–{high:.3g})"
    role = "test" if is_test(score) else "validation"
    data = ", ".join(score["data"].split(", ")[: 2 if "size" in score else 1])
    return f"{said} after {counted(loops, passes)} ({role}: {data})"


def overview(infos: list[Info]) -> str:
    """Return a table of checkpoints of any tasks, with the score at the trained loops that `main_score` says."""
    rows = ["| checkpoint | task | model | parameters | trained with | at the trained loops |", "|---" * 6 + "|"]
    for info in infos:
        parameters = f"{info['parameters']:,}" if "parameters" in info else "not recorded"
        trained = counted(info["model"]["trained_loops"], passes(info))
        best = main_score(info.get("scores", []), info["model"]["trained_loops"], passes(info))
        rows.append(table_row([info["name"], info["task"], info["model"]["architecture"], parameters, trained, best]))
    return "\n".join(rows)
