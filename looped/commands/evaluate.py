"""Measure a checkpoint by number of loops."""

from __future__ import annotations

import argparse
from typing import Any

from looped.commands.form import Commands, emit, index, loop_list, plural, positive

SHOWN = 10  # lines of a file that are named beside a sentence about them


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("evaluate", run_evaluate, "Whole-answer accuracy by number of loops.")
    sub.add_argument("checkpoint", help="a name of the catalogue, or a folder")
    sub.add_argument(
        "--data",
        metavar="FILE",
        help="CSV with the columns of the task (puzzle; s1,s2; numbers,target; prompt,answers; grid), others unread, "
        "or one input a line, the rows of a grid with / between them; default: generated held-out inputs",
    )
    sub.add_argument("--loops", type=loop_list, metavar="16,32,64")
    sub.add_argument("--limit", type=positive, metavar="N")
    sub.add_argument(
        "--size",
        type=positive,
        metavar="S",
        help="generate inputs of this size (Paths: cells along a side; words: letters)",
    )
    sub.add_argument(
        "--tries",
        type=positive,
        default=1,
        metavar="K",
        help="report, too, what up to K runs reach and cost: of an input itself, then of images under random "
        "symmetries; the rules of the task tell which one is right",
    )
    sub.add_argument(
        "--compute",
        type=positive,
        default=0,
        metavar="K",
        help="report, too, what compute brings after the last number of loops: stopping early, and K runs from random "
        "starts and under symmetries, chosen by the rules, by vote or by residual; each with its cost",
    )
    sub.add_argument(
        "--test",
        action="store_true",
        help="generate the test set: held-out inputs of another seed, on which nothing was chosen",
    )
    sub.add_argument("--seed", type=index, metavar="S", help="generate the inputs of this seed, which the app names")
    sub.add_argument("--hardest", action="store_true", help="generate the hardest inputs: minimal boards; unlike words")
    sub.add_argument(
        "--rest",
        action="store_true",
        help="report, too, how many inputs that are solved within four times the trained loops come to rest there",
    )
    sub.add_argument("--keep", action="store_true", help="put the result into the checkpoint's config.json and card")
    sub.add_argument(
        "--detail",
        action="store_true",
        help="break the score down as the task does (Sudoku: by givens and rating; words: by letters and number; "
        "Countdown: by target and solutions) and list the inputs that are answered wrongly",
    )


def run_evaluate(args: argparse.Namespace) -> None:
    """Measure whole-answer accuracy by number of loops, on a file or on generated held-out inputs."""
    from looped.catalogue.checkpoints import load_checkpoint
    from looped.catalogue.evaluate import evaluate
    from looped.catalogue.results import passes
    from looped.training.cards import keep
    from looped.training.device import pick_device

    if args.keep and args.limit:
        raise ValueError("a card holds scores on all inputs; leave out --limit, or --keep.")
    if args.keep and args.seed is not None:
        raise ValueError("a card holds scores on validation, test or a file; leave out --seed, or --keep.")
    checkpoint = load_checkpoint(args.checkpoint, pick_device())
    if args.keep and "recipe" not in checkpoint.info.get("training", {}):
        raise ValueError(f"{checkpoint.name} does not say how it was trained, so it has no card; leave out --keep.")
    asked = (args.data, args.loops, args.limit, args.detail, args.tries, args.size, args.test, args.rest, args.compute)
    result = evaluate(checkpoint, *asked, args.seed, args.hardest)
    if args.keep:
        keep(checkpoint, result, chosen=args.loops is not None)
    emit(result, args.json, "\n".join(evaluate_lines(result, passes(checkpoint.info))))


def evaluate_lines(result: dict[str, Any], passes: str = "loops") -> list[str]:
    """Return what `evaluate` prints for people; passes: what those of the model are, loops or layers."""
    from looped.catalogue.results import ERROR, measure_of

    result = result | {"passes": passes}  # for the words alone
    measure = measure_of(result)
    if measure == "accuracy":
        scores = by_loops(result, [f"{share:.1%}" for share in result["accuracy"]])
    else:
        scores = by_loops(result, [f"{measure} {value:.4g}" for value in result[measure]])
    role = ", test set" if result.get("set") == "test" else ""
    source = f"{result['checkpoint']} on {result['data']} (n = {result['n']}{role})"
    lines = [f"{source}: {scores}  [{result['seconds']} s]", *band_lines(result, result)]
    if "residual" in result:
        lines.append(f"  largest relative residual: {by_loops(result, [f'{v:.1e}' for v in result['residual']])}")
    if "blank" in result:
        counts = by_loops(result, [f"{count:,}" for count in result["blank"]])
        lines.append(f"  inputs whose answer holds what is no number (NaN or infinite): {counts}")
    if measure == "error":
        lines.append(f"  error: {ERROR}; 0 is exact, 1 no better than answering zero")
    lines += [*reliability_lines(result), *wrong_lines(result, result), *tries_lines(result), *ways_lines(result)]
    lines += rest_lines(result)
    for sentence, where in result.get("notes", {}).items():
        more = f" and {len(where) - SHOWN} more" if len(where) > SHOWN else ""
        named = f"line{'s' if len(where) > 1 else ''} {', '.join(map(str, where[:SHOWN]))}{more}"
        lines.append(f"  {len(where):,} of {plural(result['n'], 'input')}, {named}: {sentence}")
    return lines


def by_loops(result: dict[str, Any], values: list[str]) -> str:
    """Return what was measured at each number of loops, in one line."""
    return "  ".join(f"{many(result, loops)} {value}" for loops, value in zip(result["loops"], values, strict=True))


def many(result: dict[str, Any], count: int | str) -> str:
    """Return so many loops in words, or layers where the model has those.

    >>> many({"passes": "layers"}, 1), many({"passes": "loops"}, "needed+2")
    ('1 layer', 'needed+2 loops')
    """
    return plural(str(count), result["passes"].removesuffix("s"))


def band_lines(result: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return the lines on the bands of a result, or of what it found with tries."""
    return [
        band_line(name, band, part, result)
        for name, bands in found.get("by", {}).items()
        for band, part in bands.items()
    ]


def wrong_lines(result: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return the line that names what is answered wrongly; none where nothing is, or was asked for."""
    if not found.get("wrong"):
        return []
    called = "lines of the file" if "file" in result else "inputs"
    return [f"  wrong after {many(result, result['loops'][-1])}, {called}: {', '.join(map(str, found['wrong']))}"]


def tries_lines(result: dict[str, Any]) -> list[str]:
    """Return the lines on what several runs of each input reach, and what they cost."""
    if "with_tries" not in result:
        return []
    from looped.catalogue.results import between

    again = result["with_tries"]
    shares = [f"{share:.1%} ({between(share, result['n'])} %)" for share in again["accuracy"]]
    costs = zip(again["runs"], again["loops_run"], strict=True)
    spent = [f"{plural(runs, 'run')} of {many(result, f'{loops:,}')} in all" for runs, loops in costs]
    return [
        f"  up to {plural(again['tries'], 'run')} of each, chosen by the rules: {by_loops(result, shares)}"
        f"  [{again['seconds']} s more]",
        f"  for that: {by_loops(result, spent)}",
        *band_lines(result, again),
        *wrong_lines(result, again),
    ]


def rest_lines(result: dict[str, Any]) -> list[str]:
    """Return the lines on how many runs come to rest."""
    if "rest" not in result:
        return []
    from looped.catalogue.results import between

    found = result["rest"]
    solved = f"of {plural(found['n'], 'input')} solved within {plural(found['loops'], 'loop')}"
    if not found["n"]:
        return [f"  at rest {solved}: none is solved  [{found['seconds']} s more]"]
    span = between(found["settled"] / found["n"], found["n"])
    kinds = ", ".join(f"{kind} {many:,}" for kind, many in found["verdicts"].items())
    return [
        f"  at rest {solved}: {found['settled']:,}, {found['share']:.1%} ({span} %); {kinds}"
        f"  [{found['seconds']} s more]",
        f"  at rest on an answer that is wrong, of all {result['n']:,}: {found['settled_wrong']:,}",
    ]


def ways_lines(result: dict[str, Any]) -> list[str]:
    """Return the lines on what each way to spend compute brings and costs; none where that was not asked."""
    if "with_ways" not in result:
        return []
    from looped.catalogue.results import between, way_words

    spent = result["with_ways"]
    lines = [f"  test-time compute at {many(result, spent['loops'])}:  [{spent['seconds']} s more]"]
    for way in spent["ways"]:
        share = f"{way['accuracy']:.1%} ({between(way['accuracy'], result['n'])} %)"
        lines.append(
            f"    {way_words(way, spent['runs'])}: {share}, {way['loops_run']:,.1f} {result['passes']} an input"
        )
    return lines


def band_line(name: str, band: str, part: dict[str, Any], result: dict[str, Any]) -> str:
    """Return the line of `evaluate --detail` on the inputs of one band."""
    from looped.catalogue.results import measure_of, values_of

    said = by_loops(result, [value.replace(" ", "") for value in values_of(part)])
    line = f"  {name} {band} (n = {part['n']}): {said if measure_of(part) == 'accuracy' else 'error ' + said}"
    if "methods" in part:
        errors = ", ".join(f"{name} {error:.3g}" for name, error in part["methods"].items())
        line += f"; on {part['methods_on']}: {errors}"
    return line


def reliability_lines(result: dict[str, Any]) -> list[str]:
    """Return the lines of `evaluate` on how far its accuracies can be trusted; none where there are none."""
    if "accuracy" not in result and "interval" in result:
        spans = by_loops(result, [f"{low:.3g}–{high:.3g}" for low, high in result["interval"]])
        return [f"  95 % interval (bootstrap over {plural(result['n'], 'input')}): {spans}"]
    if "interval" not in result:
        return []
    from looped.catalogue.results import apart_words, between, narrow_words

    classes = f", of {plural(result['classes'], 'class', 'classes')} under symmetries" if "classes" in result else ""
    ends = by_loops(result, [f"{between(share, result['n'])} %" for share in result["accuracy"]])
    lines = [
        f"  95 % interval (Wilson): {ends}",
        f"  distinct inputs: {result['distinct']:,} of {result['n']:,}{classes}{narrow_words(result)}",
    ]
    if "everywhere" in result:
        own = by_loops(result, [f"{share:.1%}" for share in result["everywhere"]])
        lines.append(f"  with the model's own answers at what is given: {own}")
    if any(result["lost"]):
        lost = by_loops(result, [f"{count:,}" for count in result["lost"]])
        lines.append(f"  right after fewer {result['passes']} and lost: {lost}")
    if "like_validation" in result:
        lines.append(f"  like one of the validation set, the same up to symmetry: {result['like_validation']:,}")
    words = apart_words(result)
    return [*lines, *([f"  {words}"] if words else [])]
