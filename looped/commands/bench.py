"""Run benchmarks."""

from __future__ import annotations

import argparse

from looped.commands.form import Commands, duration, emit, positive


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("bench", run_bench, "Measure the promises about speed, as ratios within one run.")
    sub.add_argument("name", nargs="?")
    sub.add_argument("--users", type=positive, metavar="N", help="of classroom and class: how many people; default: 30")
    sub.add_argument("--minutes", type=duration, metavar="M", help="of classroom: how long they stay; default: 1")
    sub.add_argument(
        "--hostile",
        action="store_true",
        help="of classroom: others meanwhile ask for exports and long questions and go away, all the time",
    )
    sub.add_argument(
        "--serve", type=positive, nargs="?", const=2, metavar="N", help="of classroom: on N replicas on Ray Serve; 2"
    )
    sub.add_argument("--kill", action="store_true", help="of classroom with --serve: one of them is killed halfway")


def run_bench(args: argparse.Namespace) -> None:
    """Run one benchmark, or all of them."""
    from looped.bench import BENCHES, text

    chosen = [args.name] if args.name else list(BENCHES)
    unknown = [name for name in chosen if name not in BENCHES]
    if unknown:
        raise ValueError(f"there is no benchmark {unknown[0]!r}; benchmarks: {', '.join(BENCHES)}.")
    given = {"users": args.users, "seconds": args.minutes and 60 * args.minutes, "hostile": args.hostile}
    given |= {"serve": args.serve, "kill": args.kill}
    settings = {name: value for name, value in given.items() if value}
    known = {"classroom": set(given), "class": {"users"}}.get(args.name, set())
    if not settings.keys() <= known:
        raise ValueError(
            "--users is of the benchmarks classroom and class; --minutes, --hostile, --serve and --kill are of "
            "classroom alone."
        )
    if args.kill and not args.serve:
        raise ValueError("--kill needs replicas to kill; give --serve, too.")
    results = {name: BENCHES[name](**settings) for name in chosen}
    emit(results, args.json, "\n".join(text(name, result) for name, result in results.items()))
