"""Run the theorem of 2410.01405: its construction as a network, and what it promises."""

from __future__ import annotations

import argparse
import math

from looped.commands.form import Commands, emit, positive


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("theory", run_machine, "Run the construction of 2410.01405 and measure it.")
    sub.add_argument("part", choices=("machine",), help="machine: the construction, with tied and modulated weights")
    sub.add_argument("--dims", type=positive, default=1, help="numbers in a token; 1 is built")
    sub.add_argument("--tokens", type=positive, default=2, help="tokens N of an input")
    sub.add_argument("--cells", type=positive, default=8, help="cells 1/δ of a token")
    sub.add_argument(
        "--filling", default="walk back", help="of IDs that no input reaches: hold, interpolated, walk back"
    )
    sub.add_argument("--slope", type=float, default=2.0**20, help="M of the steps that quantise")
    sub.add_argument("--beta", type=float, default=math.inf, help="of softmax in place of hardmax")
    sub.add_argument("--count", type=positive, default=2_000, help="random inputs to measure on")


def run_machine(args: argparse.Namespace) -> None:
    """Build both machines for f(X)_n = sin 3x_n + 0.5 cos(2 Σx) and print what they do."""
    from looped.theory.machine import WEIGHTS, Machine, Settings
    from looped.theory.measures import measure
    from looped.theory.tables import Sizes, make_table
    from looped.theory.targets import Target

    if args.dims != 1:
        raise ValueError(f"the construction is built for tokens of one number, not of {args.dims}: use --dims 1.")
    target, sizes = Target(), Sizes(args.cells, args.tokens, args.filling)
    table = make_table(target, sizes)
    found = {
        weights: measure(Machine(table, Settings(weights, args.slope, args.beta)), target, args.count)
        for weights in WEIGHTS
    }
    any_of = found["modulated"]
    result = {
        "loops": sizes.loops,
        "stated_loops": sizes.stated_loops,
        "ids_right": any_of.ids_right,
        "jump": table.jump,
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
