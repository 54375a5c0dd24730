"""Run the theorem of 2410.01405: its construction as a network, what it promises, and what it leaves open."""

from __future__ import annotations

import argparse
import math
import sys
import time
from typing import Any

from looped.commands.experiment import known, save
from looped.commands.form import Commands, emit, index, positive


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("theory", run_part, "Run the construction of 2410.01405, or measure what it leaves open.")
    sub.add_argument(
        "part",
        choices=("machine", "moduli", "rate"),
        help="machine: the construction, tied and modulated; moduli: those of a trained model, by swapped tokens; "
        "rate: an experiment with networks that are trained now",
    )
    sub.add_argument("name", nargs="?", help="moduli: of which checkpoint; rate: which experiment, such as modulus")
    sub.add_argument("--dims", type=positive, default=1, help="numbers in a token: 1 or 2")
    sub.add_argument("--tokens", type=positive, default=2, help="tokens N of an input")
    sub.add_argument("--cells", type=positive, default=8, help="cells 1/δ of a token")
    sub.add_argument(
        "--filling", default="walk back", help="of IDs that no input reaches: hold, interpolated, walk back"
    )
    sub.add_argument("--slope", type=float, default=2.0**20, help="M of the steps that quantise")
    sub.add_argument("--beta", type=float, default=math.inf, help="of softmax in place of hardmax")
    sub.add_argument("--count", type=positive, default=2_000, help="random inputs to measure on")
    sub.add_argument("--loops", type=positive, help="moduli: loops to run; default: as trained")
    sub.add_argument("--searches", type=positive, default=3, help="moduli: searches, each with inputs of its own")
    sub.add_argument("--rounds", type=positive, default=12, help="moduli: rounds of a search, 48 swaps each")
    sub.add_argument("--climbs", type=index, default=8, help="moduli: the most steps after them, each of all swaps")
    sub.add_argument("--seeds", type=positive, help="rate: trainings of each network; fewer are faster")
    sub.add_argument("--steps", type=positive, help="rate: steps of each training")
    sub.add_argument("--out", metavar="FILE.npz", help="rate: write every array of the result")
    sub.add_argument("--seed", type=index, default=0, help="moduli, rate: of inputs, swaps and weights")


def run_part(args: argparse.Namespace) -> None:
    """Run the part that was asked for."""
    if args.part == "moduli":
        run_moduli(args)
    elif args.part == "rate":
        run_rate(args)
    elif args.name:
        raise ValueError(f"theory machine takes no checkpoint; leave out {args.name}.")
    else:
        run_machine(args)


def run_moduli(args: argparse.Namespace) -> None:
    """Search the moduli of a checkpoint and of its task; the share that is done goes to stderr."""
    from tqdm import tqdm

    from looped.catalogue.checkpoints import load_checkpoint
    from looped.theory.swaps import SwapEffort, swap_moduli, told

    if not args.name:
        raise ValueError("theory moduli needs the name of a checkpoint: python -m looped theory moduli NAME.")
    checkpoint = load_checkpoint(args.name)
    effort = SwapEffort(args.searches, args.rounds, climbs=args.climbs, seed=args.seed)
    with tqdm(total=100, unit="%", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
        for share, found in swap_moduli(checkpoint.model, checkpoint.task, args.loops, effort):
            bar.update(int(100 * share) - bar.n)
            result = found
    said: dict[str, Any] = {"checkpoint": args.name, "sha256": checkpoint.sha256, **told(result)}
    said["searches"] = args.searches
    emit(said, args.json, sentences(said))


def sentences(said: dict[str, Any]) -> str:
    """Return what was found as lines to read."""
    unit = (
        "numbers"
        if said["numbers"]
        else "shares (total variation, from 0 to 1; the sequence modulus is a norm over positions)"
    )
    lines = [
        f"{said['checkpoint']}: one token is swapped; changes in {unit}; {said['pairs']:,} pairs, lower bounds; "
        f"{said['peaks']} of {said['searches']} searches climbed until no single swap of their input changes more"
    ]
    for kind, one in said["moduli"].items():
        if one["least"] is None:
            lines.append(f"{kind}: this task has none")
            continue
        low, high = one["searches"][0][-1], one["searches"][1][-1]
        truth = "the task's own answers are unknown" if one["truth"] is None else f"the task's own: {one['truth']:.3g}"
        still = "; the last quarter of its steps still raised it by more than 1 %" if one["growing"] else ""
        lines.append(
            f"{kind}: the largest change is at least {one['least'][-1]:.3g} after the last loop (single searches "
            f"{low:.3g} to {high:.3g}), the mean of random swaps {one['mean'][-1]:.3g} ± {one['mean_error'][-1]:.2g} "
            f"(95 %); {truth}{still}"
        )
    return "\n".join(lines)


def run_rate(args: argparse.Namespace) -> None:
    """Make a rate experiment, with the share that is done on stderr."""
    from tqdm import tqdm

    from looped.experiments.rates import RATES, find

    if not args.name:
        raise ValueError(f"theory rate needs the name of an experiment: {', '.join(RATES)}.")
    rate = find(args.name)
    given = {"seed": args.seed, "seeds": args.seeds, "steps": args.steps}
    settings = {name: value for name, value in given.items() if value is not None}
    begun = time.perf_counter()
    with tqdm(total=100, unit="%", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
        for share, found in rate.run(**settings):
            bar.update(int(100 * share) - bar.n)
            result = found
    if args.out:
        save(args.out, result.arrays())
    said: dict[str, Any] = {"rate": args.name, **result.about(), "sentence": result.sentence(), "beyond": rate.beyond}
    said["seconds"] = round(time.perf_counter() - begun, 1)
    said["arrays"] = {name: known(array.tolist()) for name, array in result.arrays().items()}
    emit(said, args.json, f"{rate.title}: {result.sentence()}\nWhat this does not say: {rate.beyond}")


def run_machine(args: argparse.Namespace) -> None:
    """Build both machines for f(X)_n = sin 3x_n + 0.5 cos(2 Σx) and print what they do."""
    from looped.theory.machine import WEIGHTS, Machine, Settings
    from looped.theory.measures import measure
    from looped.theory.tables import Sizes, make_table
    from looped.theory.targets import Target

    target, sizes = Target(), Sizes(args.cells, args.tokens, args.filling, args.dims)
    table = make_table(target, sizes)
    found = {
        weights: measure(Machine(table, Settings(weights, args.slope, args.beta)), target, args.count)
        for weights in WEIGHTS
    }
    any_of = found["modulated"]
    result = {
        "loops": sizes.loops,
        "ids_right": any_of.ids_right,
        "table_error": {weights: measured.table_error for weights, measured in found.items()},
        "l2": {weights: measured.l2 for weights, measured in found.items()},
    }
    quantise, context, value = sizes.stages
    lines = [
        f"{sizes.loops:,} loops: {quantise} quantise, {context} read the context, {value:,} walk through the table; "
        f"the theorem states {sizes.stated_loops:,}",
        f"{any_of.ids_right:.1%} of the tokens of {args.count:,} random inputs have the right ID",
        *(
            f"{weights}: largest error of the table {measured.table_error:.3g}"
            f"{f' (largest jump {table.jump:.3g})' if weights == 'tied' else ''}, L2 to f {measured.l2:.3f}"
            for weights, measured in found.items()
        ),
    ]
    emit(result, args.json, "\n".join(lines))
