"""Make a checkpoint of a plain PyTorch state dict."""

from __future__ import annotations

import argparse
from pathlib import Path

from looped.commands.form import Commands, emit


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("convert", run_convert, "Make a checkpoint of weights that torch.save wrote.")
    sub.add_argument("file", help="a state dict; no code in it is run")
    sub.add_argument(
        "--like",
        required=True,
        metavar="CONFIG",
        help="whose task and model it has: a name of the catalogue, a folder, or a file like a config.json",
    )
    sub.add_argument("--out", required=True, metavar="DIR", help="the folder of the new checkpoint")


def run_convert(args: argparse.Namespace) -> None:
    """Write the checkpoint."""
    from looped.catalogue.convert import convert

    out = Path(args.out)
    count = convert(Path(args.file), args.like, out)
    said = f"{count:,} parameters in {out}; measure them with: python -m looped evaluate {out}"
    emit({"checkpoint": str(out), "parameters": count}, args.json, said)
