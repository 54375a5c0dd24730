"""Write a view as a folder, as one page or as an animation."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from looped.commands.form import Commands, emit, index, positive
from looped.places import whole, write_whole


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("export", run_export, "Figures, arrays, and a script that regenerates them.")
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


def run_export_page(args: argparse.Namespace) -> None:
    """Write one HTML file of a run, which needs no server."""
    from looped.export.message import message
    from looped.export.page import page

    chosen = {"loop": args.loop, "cell": args.cell, "head": args.head}
    view = "&".join(f"{name}={number}" for name, number in chosen.items() if number is not None)
    text = page(message(args.checkpoint, args.input, args.loops), view, title=f"Loopscope: {args.checkpoint}")
    try:
        write_whole(Path(args.html), text)
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
        with whole(Path(args.gif)) as part:
            part.write_bytes(data)
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
    for warning in checkpoint.task.parse(args.input).warnings:
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
