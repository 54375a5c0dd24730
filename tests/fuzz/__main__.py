"""Try many inputs on every reader: `python -m tests.fuzz --count 100000` prints how many each was given and took."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from looped.catalogue.checkpoints import save_checkpoint
from looped.model import Config, Model
from tests.fuzz.made import Target
from tests.fuzz.targets import attempt, targets


def tried(target: Target, count: int, machine: Path, first: int = 0) -> int:
    """Try so many inputs; return how many there were."""
    done = 0

    @seed(first)
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(target.inputs)
    def one(value: object) -> None:
        nonlocal done
        done += 1
        attempt(target.read, value, machine)

    while done < count:
        one()
        if target.inputs.is_empty:
            break
    return done


def main() -> None:
    """Try all readers in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="inputs for all readers together")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        machine = Path(top)
        usual = {"vocab": 5, "length": 16, "trained_loops": 3, "d_model": 8, "heads": 2, "mlp": 2}
        save_checkpoint(machine / "shelf" / "good", Model(Config(architecture="tmlt", **usual)), "sudoku4", {}, [])
        readers = targets(machine / "shelf", machine / "fuzzed")
        total = 0
        for name, target in readers.items():
            done = tried(target, -(-args.count // len(readers)), machine, args.seed)
            total += done
            print(f"{name}: {done:,}", flush=True)
        print(f"all: {total:,}")


if __name__ == "__main__":
    main()
