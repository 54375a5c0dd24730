"""Fetch a checkpoint from the Hugging Face Hub, and publish one there."""

from __future__ import annotations

import argparse
from pathlib import Path

from looped.commands.form import Commands, emit

NAMED = "a name on the Hub, such as someone/sudoku9-tmlt"


def add(commands: Commands) -> None:
    """Add the commands to the parser."""
    sub = commands.command("pull", run_pull, "Fetch a checkpoint from the Hugging Face Hub, checked and run once.")
    sub.add_argument("name", help=NAMED)
    sub.add_argument("--out", required=True, metavar="DIR", help="the folder of the new checkpoint")
    sub.add_argument("--revision", metavar="NAME", help="a branch, a tag or a commit; default: the newest")
    sub = commands.command("push", run_push, "Publish a checkpoint on the Hugging Face Hub.")
    sub.add_argument("checkpoint", help="a name of the catalogue, or a folder")
    sub.add_argument("name", help=NAMED)
    sub.add_argument("--private", action="store_true", help="shown to nobody else, where the name is new")
    sub.add_argument("--message", default="", help="what is said of this version")


def run_pull(args: argparse.Namespace) -> None:
    """Fetch it."""
    from looped.catalogue.hub import pull

    out = Path(args.out)
    size = pull(args.name, out, args.revision)
    said = f"{size:,} bytes of {args.name} in {out}; measure it with: python -m looped evaluate {out}"
    emit({"checkpoint": str(out), "bytes": size}, args.json, said)


def run_push(args: argparse.Namespace) -> None:
    """Publish it."""
    from looped.catalogue.checkpoints import find
    from looped.catalogue.hub import push

    address = push(find(args.checkpoint), args.name, args.private, args.message)
    emit({"name": args.name, "address": address}, args.json, f"{args.name} is published: {address}")
