"""What each of two processes does in `test_together.py`: goes on with runs, or begins them, up to their last steps."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from looped.training.run import Run
from looped.training.together import processes
from tests.training.helpers import CPU

if __name__ == "__main__":
    with processes(CPU) as (together, device):
        for folder in map(Path, sys.argv[1:]):
            recipe = pickle.loads((folder / "recipe").read_bytes())  # noqa: S301 (the test wrote it)
            run = Run(recipe, folder, device, (folder / "state.safetensors").exists(), together)
            print(together.rank, run.train())
