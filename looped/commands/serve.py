"""Start replicas that compute the runs of the app."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import redirect_stdout

from looped.commands.form import Commands, emit, positive


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("serve", run_serve, "Start replicas on Ray Serve that compute for the app, until stopped.")
    sub.add_argument("--replicas", type=positive, default=1, metavar="N", help="how many there are; default: 1")
    sub.add_argument("--most-replicas", type=positive, default=0, metavar="N", help="… when much is asked")
    sub.add_argument("--together", type=positive, default=8, metavar="N", help="runs of one batch; default: 8")
    sub.add_argument("--gpus", type=share, metavar="X", help="GPUs of each replica; default: 1 where there is one")
    sub.add_argument("--host", default="127.0.0.1", help="where it listens; default: 127.0.0.1, this machine alone")
    sub.add_argument("--port", type=positive, default=8000, metavar="P", help="default: 8000")
    sub.add_argument("--cluster", default="", metavar="ADDRESS", help="a Ray cluster that runs already, as auto")


def share(text: str) -> float:
    """Read a number from 0 to 8, such as 0.5."""
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 8:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of GPUs such as 1 or 0.5")
    return number


def run_serve(args: argparse.Namespace) -> None:
    """Start the replicas, say where they are, and wait for an interrupt."""
    from looped.serving.cluster import plan_of, running
    from looped.settings import settings

    known = settings()
    plan = plan_of(
        replicas=args.replicas,
        most_replicas=args.most_replicas,
        together=args.together,
        gpus=args.gpus,
        device="" if known.device == "auto" else known.device,
        most_loops=known.loops,
    )
    stopped, out = threading.Event(), sys.stdout
    # What Ray has to say, at any time, is no result.
    with redirect_stdout(sys.stderr), running(plan, args.host, args.port, args.cluster) as address:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stopped.set())
        said = f"{args.replicas} replicas at {address}; the app finds them by LOOPSCOPE_SERVE={address}"
        with redirect_stdout(out):
            emit({"address": address, "replicas": args.replicas}, args.json, said)
            out.flush()
        stopped.wait()
