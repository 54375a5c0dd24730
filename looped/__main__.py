"""python -m looped list | results | trace | evaluate | train | bench | export"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

# The most loops of a trace on the command line: a 9×9 board then takes about 600 MB.
MOST_LOOPS = 4096
SHOWN = 10  # lines of a file that are named beside a sentence about them


def emit(result: dict[str, Any], as_json: bool, text: str) -> None:
    """Print the last thing on stdout: one JSON object, or the same in words."""
    print(json.dumps(result) if as_json else text)


def run_list(args: argparse.Namespace) -> None:
    """List the checkpoints; one that cannot be used is named on stderr and left out."""
    from looped.catalogue import checkpoints
    from looped.training.recipes import RECIPES

    rows = []
    for name in checkpoints.names():
        try:
            rows.append(list_row(checkpoints.CATALOGUE / name))
        except checkpoints.CheckpointError as error:
            print(f"looped: {error}", file=sys.stderr)
    lines = [f"{'checkpoint':24} {'task':15} {'model':10} {'parameters':>10} {'trained':>10}  at the trained loops"]
    lines += [list_line(row) for row in rows]
    lines.append(f"recipes: {', '.join(RECIPES)}")
    emit({"checkpoints": rows, "recipes": list(RECIPES)}, args.json, "\n".join(lines))


def list_row(folder: Path) -> dict[str, Any]:
    """Return what `list --json` says of the checkpoint in a folder. Raises CheckpointError if it cannot be used."""
    from looped.catalogue import checkpoints
    from looped.catalogue.results import passes

    info = checkpoints.read_info(folder)
    config = checkpoints.read_config(info, folder / "config.json")
    return {
        "name": folder.name,
        "task": info["task"],
        "architecture": config.architecture,
        "parameters": info.get("parameters"),
        "trained_loops": config.trained_loops,
        "passes": passes(info),
        "sha256": info["sha256"],
        "scores": info.get("scores", []),
    }


def list_line(row: dict[str, Any]) -> str:
    """Return the line of a checkpoint in `list`, from a row of `list --json`."""
    from looped.catalogue.results import main_score

    passes = row["passes"]
    parameters = "unknown" if row["parameters"] is None else f"{row['parameters']:,}"
    return (
        f"{row['name']:24} {row['task']:15} {row['architecture']:10} {parameters:>10} "
        f"{row['trained_loops']:>3} {passes:6}  {main_score(row['scores'], row['trained_loops'], passes)}"
    )


def run_results(args: argparse.Namespace) -> None:
    """Print the tables of `assets/docs/results.md`."""
    from looped.catalogue import checkpoints
    from looped.catalogue.results import text

    infos = [checkpoints.read_info(checkpoints.CATALOGUE / name) for name in checkpoints.names()]
    scores = {info["name"]: info.get("scores", []) for info in infos}
    emit({"scores": scores}, args.json, text(checkpoints.CATALOGUE))


def run_trace(args: argparse.Namespace) -> None:
    """Run one input, print the answer and whether it is right, and write every array if asked to."""
    import numpy as np

    from looped.catalogue.checkpoints import load_checkpoint
    from looped.runs.trace import record
    from looped.training.device import pick_device

    checkpoint = load_checkpoint(args.checkpoint, pick_device())
    parsed = checkpoint.task.parse(args.input)
    for warning in getattr(parsed, "warnings", ()):
        print(warning, file=sys.stderr)
    if args.loops and args.loops > MOST_LOOPS:
        raise ValueError(
            f"--loops {args.loops} would fill the memory, because a trace keeps everything of every loop; "
            f"at most {MOST_LOOPS} loops are recorded."
        )
    trace = record(checkpoint.model, checkpoint.task.encode(parsed), args.loops)
    inputs = np.broadcast_to(trace.input, (trace.loops, *trace.input.shape))
    right = checkpoint.task.right(inputs, trace.answered)
    result = {
        "checkpoint": checkpoint.name,
        "sha256": checkpoint.sha256,
        "task": checkpoint.task.name,
        "loops": trace.loops,
        "answer": checkpoint.task.decode(trace.input, trace.answered[-1]),
        "right": bool(right[-1]),
        "right_at": [t + 1 for t in range(trace.loops) if right[t]],
        "difference": trace.difference,
        "arrays": {name: list(array.shape) for name, array in trace.arrays().items()},
    }
    if args.out:
        try:
            trace.save(args.out)
        except OSError as error:
            raise ValueError(f"{args.out} cannot be written: {error.strerror}.") from error
        result["out"] = args.out
    verdict = f"right from loop {right_from(right)} on" if right[-1] else "not right"
    emit(
        result,
        args.json,
        f"{result['answer']}\n{verdict} ({trace.loops} loops, max |recorded − plain| {trace.difference:.1e})"
        + (f"\nwritten to {args.out}" if args.out else ""),
    )


def right_from(right: Any) -> int:
    """Return the number of loops after which a run that ends right was right for good.

    >>> right_from([True]), right_from([True, False, True])
    (1, 3)
    """
    wrong = [t for t, good in enumerate(right) if not good]
    return wrong[-1] + 2 if wrong else 1


def run_evaluate(args: argparse.Namespace) -> None:
    """Measure whole-answer accuracy by number of loops, on a file or on generated held-out inputs."""
    from looped.catalogue.checkpoints import load_checkpoint
    from looped.catalogue.evaluate import evaluate
    from looped.catalogue.results import measure_of
    from looped.training.device import pick_device

    result = evaluate(
        load_checkpoint(args.checkpoint, pick_device()),
        args.data,
        args.loops,
        args.limit,
        args.detail,
        args.tries,
        args.size,
    )

    def row(shares: list[float]) -> str:
        return "  ".join(f"{loops} loops {share:.1%}" for loops, share in zip(result["loops"], shares, strict=True))

    measure = measure_of(result)
    if measure == "accuracy":
        scores = row(result["accuracy"])
    else:
        pairs = zip(result["loops"], result[measure], strict=True)
        scores = "  ".join(f"{loops} loops {measure} {value:.4g}" for loops, value in pairs)

    tries = f", best of {args.tries} tries" if args.tries > 1 else ""
    source = f"{result['checkpoint']} on {result['data']} (n = {result['n']}{tries})"
    lines = [f"{source}: {scores}  [{result['seconds']} s]"]
    for name, bands in result.get("by", {}).items():
        lines += [band_line(name, band, part, result["loops"]) for band, part in bands.items()]
    if "residual" in result:
        shares = zip(result["loops"], result["residual"], strict=True)
        lines.append(
            "  largest relative residual: " + "  ".join(f"{loops} loops {value:.1e}" for loops, value in shares)
        )
    lines += reliability_lines(result)
    if result.get("wrong"):
        called = "lines of the file" if "file" in result else "inputs"
        lines.append(f"  wrong after {result['loops'][-1]} loops, {called}: {', '.join(map(str, result['wrong']))}")
    for sentence, where in result.get("notes", {}).items():
        more = f" and {len(where) - SHOWN} more" if len(where) > SHOWN else ""
        lines.append(f"  line {', '.join(map(str, where[:SHOWN]))}{more}: {sentence}")
    emit(result, args.json, "\n".join(lines))


def band_line(name: str, band: str, part: dict[str, Any], loops: list[int | str]) -> str:
    """Return the line of `evaluate --detail` on the inputs of one band."""
    from looped.catalogue.results import measure_of, values_of

    values = zip(loops, values_of(part), strict=True)
    said = "  ".join(f"{count} loops {value.replace(' ', '')}" for count, value in values)
    line = f"  {name} {band} (n = {part['n']}): {said if measure_of(part) == 'accuracy' else 'error ' + said}"
    if "rivals" in part:
        line += f"; on {part['rivals_on']}: " + ", ".join(
            f"{name} {error:.3g}" for name, error in part["rivals"].items()
        )
    return line


def reliability_lines(result: dict[str, Any]) -> list[str]:
    """Return the lines of `evaluate` on how far its accuracies can be trusted; none where there are none."""
    if "accuracy" not in result and "interval" in result:
        intervals = zip(result["loops"], result["interval"], strict=True)
        spans = "  ".join(f"{loops} loops {low:.3g}–{high:.3g}" for loops, (low, high) in intervals)
        return [f"  95 % interval (bootstrap over {result['n']:,} inputs): {spans}"]
    if "interval" not in result:
        return []

    def row(values: list[str]) -> str:
        return "  ".join(f"{loops} loops {value}" for loops, value in zip(result["loops"], values, strict=True))

    classes = f", of {result['classes']:,} classes under symmetries" if "classes" in result else ""
    ends = row([f"{100 * low:.1f}–{100 * high:.1f} %" for low, high in result["interval"]])
    lines = [
        f"  95 % interval (Wilson): {ends}",
        f"  distinct inputs: {result['distinct']:,} of {result['n']:,}{classes}",
    ]
    if "everywhere" in result:
        own = row([f"{share:.1%}" for share in result["everywhere"]])
        lines.append(f"  with the model's own answers at what is given: {own}")
    if any(result["lost"]):
        lines.append(f"  right after fewer loops and lost: {row([f'{count:,}' for count in result['lost']])}")
    return lines


def run_train(args: argparse.Namespace) -> None:
    """Train a recipe, write the checkpoint and measure it."""
    from looped.catalogue.results import measure_of, values_of
    from looped.training.cards import export
    from looped.training.device import pick_device
    from looped.training.recipes import RECIPES
    from looped.training.run import Run

    if args.recipe not in RECIPES:
        raise ValueError(f"there is no recipe {args.recipe!r}; recipes: {', '.join(RECIPES)}.")
    recipe = RECIPES[args.recipe]
    if args.steps is not None:
        recipe = recipe.shortened(args.steps)
    if args.start is not None:
        recipe = replace(recipe, start=args.start)
    folder = Path(args.out or f"runs/{recipe.name}")
    run = Run(recipe, folder, pick_device(args.device), args.resume)
    finished = run.train(args.minutes)
    checkpoint = folder / recipe.name
    scores = export(run, checkpoint)
    result = {
        "recipe": recipe.name,
        "finished": finished,
        "step": run.step,
        "steps": recipe.steps,
        "seconds": round(run.seconds, 1),
        "checkpoint": str(checkpoint),
        "scores": scores,
    }
    state = "finished" if finished else f"stopped at step {run.step} of {recipe.steps}; go on with --resume"
    measured = [
        f"{loops} loops: {measure_of(scores[0])} {value} on {scores[0]['n']} held-out {run.task.things}"
        for loops, value in zip(scores[0]["loops"], values_of(scores[0]), strict=True)
    ]
    emit(result, args.json, "\n".join([state, *measured, f"checkpoint in {checkpoint}"]))


def run_bench(args: argparse.Namespace) -> None:
    """Run one benchmark, or all of them."""
    from looped.bench import BENCHES, text

    chosen = [args.name] if args.name else list(BENCHES)
    unknown = [name for name in chosen if name not in BENCHES]
    if unknown:
        raise ValueError(f"there is no benchmark {unknown[0]!r}; benchmarks: {', '.join(BENCHES)}.")
    results = {name: BENCHES[name]() for name in chosen}
    emit(results, args.json, "\n".join(text(name, result) for name, result in results.items()))


def run_export_page(args: argparse.Namespace) -> None:
    """Write one HTML file of a run, which needs no server."""
    from looped.export.message import message
    from looped.export.page import page

    chosen = {"loop": args.loop, "cell": args.cell, "head": args.head}
    view = "&".join(f"{name}={number}" for name, number in chosen.items() if number is not None)
    text = page(message(args.checkpoint, args.input, args.loops), view, title=f"Loopscope: {args.checkpoint}")
    try:
        Path(args.html).write_text(text, "utf-8")
    except OSError as error:
        raise ValueError(f"{args.html} cannot be written: {error.strerror}.") from error
    size = len(text.encode())
    emit({"checkpoint": args.checkpoint, "html": args.html, "bytes": size}, args.json, f"{args.html}: {size:,} bytes")


def run_export_gif(args: argparse.Namespace) -> None:
    """Write one figure of a run, loop by loop, as an animation."""
    from looped.catalogue.checkpoints import load_checkpoint
    from looped.export.animation import animate
    from looped.training.device import pick_device

    checkpoint = load_checkpoint(args.checkpoint, pick_device())
    data = animate(checkpoint, args.input, args.figure, args.loops, args.cell, args.head)
    try:
        Path(args.gif).write_bytes(data)
    except OSError as error:
        raise ValueError(f"{args.gif} cannot be written: {error.strerror}.") from error
    result = {"checkpoint": args.checkpoint, "gif": args.gif, "bytes": len(data)}
    emit(result, args.json, f"{args.gif}: {len(data):,} bytes")


def run_export(args: argparse.Namespace) -> None:
    """Write the figures and arrays of one view, or one page of a run."""
    if args.html:
        run_export_page(args)
        return
    if args.gif:
        run_export_gif(args)
        return
    if not args.out:
        raise ValueError(
            "Say where to write: --out DIR for figures and arrays, --html FILE for one page, or --gif FILE for an "
            "animation."
        )
    from looped.catalogue.checkpoints import load_checkpoint
    from looped.export.folder import export
    from looped.training.device import pick_device

    checkpoint = load_checkpoint(args.checkpoint, pick_device())
    for warning in getattr(checkpoint.task.parse(args.input), "warnings", ()):
        print(warning, file=sys.stderr)

    def tell(name: str) -> None:
        print(f"{name}: drawn", file=sys.stderr)

    try:
        written = export(checkpoint, args.input, args.out, args.loops, args.loop, args.cell, args.head, tell)
    except OSError as error:
        raise ValueError(f"{args.out} cannot be written: {error.strerror}.") from error
    view = json.loads((Path(args.out) / "view.json").read_text("utf-8"))
    result = view | {"out": args.out, "files": [file.relative_to(args.out).as_posix() for file in written]}
    emit(
        result,
        args.json,
        f"{len(written)} files in {args.out}; make them again with: python {Path(args.out) / 'regenerate.py'}",
    )


def loop_list(text: str) -> list[int | str]:
    """Read `16,32,64`, or `needed+2,2*longest` for tasks that know how many loops an input needs."""
    from looped.catalogue.evaluate import LoopCount

    def count(part: str) -> int | str:
        return int(part) if part.strip().isdigit() else str(LoopCount.read(part))

    try:
        return [count(part) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of whole numbers like 16,32,64") from error


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def index(text: str) -> int:
    """Read a whole number from 0 on."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def duration(text: str) -> float:
    """Read a number of minutes."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1
    if not minutes >= 0:  # NaN is not either
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes")
    return minutes


class Parser(argparse.ArgumentParser):
    """Report a wrong command line as every other wrong input is reported: in one line."""

    def error(self, message: str) -> Any:
        self.exit(2, f"looped: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = Parser(prog="python -m looped", description="The microscope for looped transformers.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        sub.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        return sub

    command("list", run_list, "The checkpoints of the catalogue and what was measured of them.")
    command("results", run_results, "All scores of all checkpoints, as the tables of assets/docs/results.md.")
    sub = command("trace", run_trace, "Run one input and keep everything the model computed.")
    sub.add_argument("checkpoint", help="a name of the catalogue, or a folder")
    sub.add_argument(
        "input",
        help="what is typed on the page of the task: a board in any form, 'kitten sitting', '3 5 7 2 = 36'",
    )
    sub.add_argument("--loops", type=positive, help="default: as many as were trained")
    sub.add_argument("--out", metavar="FILE.npz")
    sub = command("evaluate", run_evaluate, "Whole-answer accuracy by number of loops.")
    sub.add_argument("checkpoint", help="a name of the catalogue, or a folder")
    sub.add_argument(
        "--data",
        metavar="FILE",
        help="CSV with the columns of the task (puzzle; s1,s2; numbers,target; others are not read), or one input a "
        "line; default: generated held-out inputs",
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
        help="count an input when one of K runs is right: of itself, or of an image under a random symmetry; the rules "
        "of the task tell which one is right",
    )
    sub.add_argument(
        "--detail",
        action="store_true",
        help="break the score down as the task does (Sudoku: by givens and rating; words: by letters and number; "
        "Countdown: by target and solutions) and list the inputs that are answered wrongly",
    )
    sub = command("train", run_train, "Train a recipe; time-boxed and resumable.")
    sub.add_argument("recipe")
    sub.add_argument(
        "--minutes", type=duration, metavar="M", help="stop after so many minutes, with the whole state saved"
    )
    sub.add_argument("--steps", type=positive, metavar="N", help="another length of the schedule than the recipe's")
    sub.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    sub.add_argument(
        "--from",
        dest="start",
        metavar="CHECKPOINT",
        help="begin with its weights, not with random ones: a name of the catalogue, or a folder",
    )
    sub.add_argument(
        "--resume",
        action="store_true",
        help="go on with an earlier run, on another device too; with --from, where the run that made that "
        "checkpoint ended",
    )
    sub.add_argument("--out", metavar="DIR", help="default: runs/RECIPE")
    sub = command("bench", run_bench, "Measure the promises about speed, as ratios within one run.")
    sub.add_argument("name", nargs="?")
    sub = command("export", run_export, "Figures, arrays, and a script that regenerates them.")
    sub.add_argument("checkpoint", help="a name of the catalogue, or a folder")
    sub.add_argument("input", help="as for trace")
    sub.add_argument("--out", metavar="DIR", help="a folder that is new or empty")
    sub.add_argument(
        "--html", metavar="FILE", help="in place of a folder: one page that steps and plays without a server"
    )
    sub.add_argument("--gif", metavar="FILE", help="in place of a folder: one figure as an animation, loop by loop")
    sub.add_argument("--figure", metavar="NAME", help="of the animation, as its file in a folder is called")
    sub.add_argument("--loops", type=positive, metavar="N", help="default: as many as were trained")
    sub.add_argument(
        "--loop", type=positive, metavar="T", help="draw what is seen after so many loops; default: the last"
    )
    sub.add_argument(
        "--cell",
        type=index,
        metavar="C",
        help="the chosen cell, row by row from 0, as in a link, or the position in another sequence; default: the "
        "first one that is asked",
    )
    sub.add_argument(
        "--head", type=index, metavar="H", help="draw one attention head, from 0, as in a link; default: all"
    )
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit status: 2 for wrong input, 1 for a training run that diverged."""
    args = parser().parse_args(arguments)
    try:
        args.run(args)
    except ValueError as error:  # every complaint about input is a ValueError with one sentence
        print(f"looped: {error}", file=sys.stderr)
        return 2
    except FloatingPointError as error:  # a training run that diverged
        print(f"looped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
