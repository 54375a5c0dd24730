"""Models without values: what is built for weights that come next."""

from __future__ import annotations

import subprocess
import sys

import torch

from looped.catalogue import checkpoints
from looped.model import registry

LOADED = """
import sys
from looped.catalogue import checkpoints
for name in ("sudoku4-tmlt", "linear5-looped", "sudoku9-candidates-looped", "paths-looped", "countdown3-looped"):
    model = checkpoints.load_checkpoint(name).model
    model.shared()
print("torch._dynamo" in sys.modules)
"""


def test_a_model_without_values_has_the_parts_and_the_buffers_of_one_with_values() -> None:
    for name in ("sudoku9-tmlt", "sudoku9-candidates-looped", "linear5-standard", "paths-tmlt"):
        config = checkpoints.load_checkpoint(name).model.config
        full, blank = registry.build(config), registry.build_unfilled(config, "meta")
        shapes = {key: value.shape for key, value in full.state_dict().items()}
        assert {key: value.shape for key, value in blank.state_dict().items()} == shapes
        buffers = dict(blank.named_buffers())
        assert buffers.keys() == dict(full.named_buffers()).keys()
        assert all(torch.equal(value, buffers[key]) for key, value in full.named_buffers())


def test_to_load_a_checkpoint_does_not_import_the_compiler_of_pytorch() -> None:
    """It would take two seconds of every command and of every start of a server."""
    found = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False"]
