"""Run benchmarks."""

from __future__ import annotations

import argparse

from looped.commands.form import Commands, emit


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("bench", run_bench, "Measure the promises about speed, as ratios within one run.")
    sub.add_argument("name", nargs="?")


def run_bench(args: argparse.Namespace) -> None:
    """Run one benchmark, or all of them."""
    from looped.bench import BENCHES, text

    chosen = [args.name] if args.name else list(BENCHES)
    unknown = [name for name in chosen if name not in BENCHES]
    if unknown:
        raise ValueError(f"there is no benchmark {unknown[0]!r}; benchmarks: {', '.join(BENCHES)}.")
    results = {name: BENCHES[name]() for name in chosen}
    emit(results, args.json, "\n".join(text(name, result) for name, result in results.items()))
