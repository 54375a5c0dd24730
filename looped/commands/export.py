"""Write a view as a folder, as one page, as an animation, or as several of these."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from looped.commands.form import Commands, emit, index, positive
from looped.places import whole


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("export", run_export, "Figures, arrays, and a script that regenerates them.")
    sub.add_argument("checkpoint", help="a name of the catalogue, or a folder")
    sub.add_argument("input", help="as for trace")
    sub.add_argument("--out", metavar="DIR", help="a folder that is new or empty")
    sub.add_argument("--html", metavar="FILE", help="one page that steps and plays without a server")
    sub.add_argument("--gif", metavar="FILE", help="one figure as an animation, loop by loop")
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


class Written(NamedTuple):
    """Something that was written: what JSON says of it, and a line for people."""

    result: dict[str, Any]
    line: str


def run_export(args: argparse.Namespace) -> None:
    """Write the figures and arrays of one view, one page of a run, an animation, or all that is asked for."""
    check_options(args)
    from looped.catalogue.checkpoints import load_checkpoint
    from looped.training.device import pick_device

    checkpoint = load_checkpoint(args.checkpoint, pick_device())
    text = page_text(args, checkpoint) if args.html else ""  # what can be refused is, before anything is written
    animation = gif_data(args, checkpoint) if args.gif else b""
    done = [write_folder(args, checkpoint)] if args.out else []
    if args.html:
        done.append(write_file(args, "html", text.encode()))
    if args.gif:
        done.append(write_file(args, "gif", animation))
    results = [one.result for one in done]
    result = results[0] if len(results) == 1 else {"checkpoint": args.checkpoint, "written": results}
    emit(result, args.json, "\n".join(one.line for one in done))


def check_options(args: argparse.Namespace) -> None:
    """Raise ValueError with one sentence where it is not said where to write, or an option would be without effect."""
    if "" in (args.html, args.gif, args.out):
        raise ValueError("the name of what is written is empty; name a folder or a file.")
    if not (args.html or args.gif or args.out):
        raise ValueError(
            "Say where to write: --out DIR for figures and arrays, --html FILE for one page, or --gif FILE for an "
            "animation."
        )
    if args.figure is not None and not args.gif:
        raise ValueError("--figure says which figure is animated; add --gif FILE, or leave out --figure.")
    if args.loop is not None and not (args.html or args.out):
        raise ValueError("an animation shows every loop; leave out --loop, or add --out DIR or --html FILE.")


def page_text(args: argparse.Namespace, checkpoint: Any) -> str:
    """Return one HTML file of a run, which needs no server."""
    from looped.export.folder import check_head, resolve
    from looped.export.message import message
    from looped.export.page import page
    from looped.runs.trace import record

    run = resolve(checkpoint, args.input, args.loops, args.loop, args.cell, args.head)
    check_head(run, record(checkpoint.model, run.tokens, 1, verify=False))
    chosen = {"loop": args.loop, "cell": args.cell, "head": args.head}
    view = "&".join(f"{name}={number}" for name, number in chosen.items() if number is not None)
    return page(message(args.checkpoint, args.input, args.loops), view, title=f"Loopscope: {args.checkpoint}")


def gif_data(args: argparse.Namespace, checkpoint: Any) -> bytes:
    """Return one figure of a run, loop by loop, as an animation."""
    from looped.export.animation import animate

    return animate(checkpoint, args.input, args.figure, args.loops, args.cell, args.head)


def write_file(args: argparse.Namespace, kind: str, data: bytes) -> Written:
    """Write a page or an animation; kind: the name of its option. Raises ValueError where that cannot be done."""
    path = getattr(args, kind)
    try:
        with whole(Path(path)) as part:
            part.write_bytes(data)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}.") from error
    result = {"checkpoint": args.checkpoint, kind: path, "bytes": len(data)}
    return Written(result, f"{path}: {len(data):,} bytes")


def write_folder(args: argparse.Namespace, checkpoint: Any) -> Written:
    """Write the figures and arrays of one view, and the script that makes them again."""
    from looped.export.folder import export

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
    return Written(
        result,
        f"{len(written)} files in {args.out}; make them again with: python {Path(args.out) / 'regenerate.py'}",
    )
