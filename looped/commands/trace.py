"""Run one input and keep everything that the model computed."""

from __future__ import annotations

import argparse
import sys

from looped.commands.form import Commands, emit, plural, positive

# The most loops of a trace on the command line: a 9×9 board then takes about 600 MB.
MOST_RECORDED = 4096


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("trace", run_trace, "Run one input and keep everything the model computed.")
    sub.add_argument("checkpoint", help="a name of the catalogue, or a folder")
    sub.add_argument(
        "input",
        help="what is typed on the page of the task: a board in any form, 'kitten sitting', '3 5 7 2 = 36'",
    )
    sub.add_argument("--loops", type=positive, help="default: as many as were trained")
    sub.add_argument("--out", metavar="FILE.npz")


def run_trace(args: argparse.Namespace) -> None:
    """Run one input, print the answer and whether it is right, and write every array if asked to."""
    import numpy as np

    from looped.catalogue.checkpoints import load_checkpoint
    from looped.catalogue.results import passes
    from looped.lenses.readout import outcome
    from looped.runs.trace import given, record
    from looped.training.device import pick_device

    checkpoint = load_checkpoint(args.checkpoint, pick_device())
    parsed = checkpoint.task.parse(args.input)
    for warning in parsed.warnings:
        print(warning, file=sys.stderr)
    if args.loops and args.loops > MOST_RECORDED:
        raise ValueError(
            f"--loops {args.loops} would fill the memory, because a trace keeps everything of every loop; "
            f"at most {MOST_RECORDED} loops are recorded."
        )
    trace = record(checkpoint.model, checkpoint.task.encode(parsed), args.loops)
    judged = trace.output_kind != "numbers"  # a real number is near or far, never right
    inputs = np.stack([given(checkpoint.model, trace.input, loop) for loop in range(trace.loops)])
    right = checkpoint.task.right(inputs, trace.answered)
    result = {
        "checkpoint": checkpoint.name,
        "sha256": checkpoint.sha256,
        "task": checkpoint.task.name,
        "loops": trace.loops,
        "answer": checkpoint.task.decode(inputs[-1], trace.answered[-1]),
        "right": bool(right[-1]) if judged else None,
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
    one = passes(checkpoint.info).removesuffix("s")
    verdict = f"right from {one} {outcome(right).since} on" if right[-1] else "not right" if judged else "predicted"
    count = plural(trace.loops, one)
    lines = [str(result["answer"]), f"{verdict} ({count}, max |recorded − plain| {trace.difference:.1e})"]
    if args.out:
        lines.append(f"written to {args.out}")
    emit(result, args.json, "\n".join(lines))
