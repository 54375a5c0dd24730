"""What all visitors share is made ready before the first of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from looped.serving.engine import Engine
from looped.serving.packing import packer
from looped.ui.state import warm_up


@pytest.fixture
def threads() -> Iterator[None]:
    """Whatever a test says of cores, the next one has them all."""
    many = torch.get_num_threads()
    with threadpool_limits(os.cpu_count(), "blas"):
        yield
    torch.set_num_threads(many)


@pytest.mark.usefixtures("threads")
def test_every_checkpoint_has_been_run_once_and_nothing_takes_a_second_core(small: Engine) -> None:
    warm_up(small)
    for name in small.names():
        checkpoint = small.checkpoint(name)
        task = checkpoint.task
        tokens, loops = task.encode(task.parse(task.examples[0][1])), checkpoint.config.trained_loops
        first = small.packed(name, tokens, loops, packer(task.name))
        assert small.packed(name, tokens, loops, packer(task.name)) is first  # from memory
    assert torch.get_num_threads() == 1
    assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {1}
