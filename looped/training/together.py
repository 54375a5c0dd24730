"""Several processes that train one run: each takes a share of every batch, and all have the same weights.

`torchrun --nproc-per-node N -m looped train …` starts them. Every process draws the whole batch of a step, as one alone
would, and takes its rows of it; PyTorch's DistributedDataParallel adds up the gradients. The first process measures,
saves and exports. What it saves is what one process saves, so that a run goes on with any number of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

Value = TypeVar("Value")


class Together:
    """This process among others: the first, and the only one, where nothing else is said."""

    def __init__(self, rank: int = 0, count: int = 1) -> None:
        self.rank, self.count = rank, count

    @property
    def first(self) -> bool:
        """Whether this process is the one that measures and saves."""
        return self.rank == 0

    def rows(self, batch: int) -> slice:
        """Return the rows of a batch that are this process's. Raises ValueError where they cannot be shared evenly.

        >>> Together(1, 2).rows(8), Together().rows(7)
        (slice(4, 8, None), slice(0, 7, None))
        """
        if batch % self.count:
            raise ValueError(f"{self.count} processes cannot share {batch} inputs evenly; start another number.")
        share = batch // self.count
        return slice(self.rank * share, (self.rank + 1) * share)

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """Do something in the first process before the others do it, which then find what it left in the folder."""
        if self.count > 1 and not self.first:
            dist.barrier()
        yield
        if self.count > 1 and self.first:
            dist.barrier()

    def summed(self, *values: float) -> list[float]:
        """Return the sums of numbers over all processes."""
        if self.count == 1:
            return list(values)
        found = torch.tensor(values, dtype=torch.float64)
        dist.all_reduce(found)
        sums: list[float] = found.tolist()
        return sums

    def agreed(self, said: bool) -> bool:
        """Return what the first process says."""
        return bool(self.summed(float(said and self.first))[0])

    def gathered(self, rows: Tensor) -> Tensor:
        """Return the rows of all processes, in their order."""
        if self.count == 1:
            return rows
        parts = [torch.empty_like(rows) for _ in range(self.count)]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    def sharing(self, model: nn.Module) -> Callable[[Callable[[], Value]], Value]:
        """Return what does the forward part of a step, so that the backward part shares the gradients."""
        if self.count == 1:
            return lambda work: work()
        shared: Any = DistributedDataParallel(_Forward(model), broadcast_buffers=False, find_unused_parameters=True)
        return lambda work: shared(work)

    def weight(self, targets: Tensor) -> float:
        """Return what a mean over this process's asked numbers counts, so that the mean over processes is that of all.

        targets as in `looped.training.losses`.
        """
        own = float(asked(targets))
        return own * self.count / self.summed(own)[0]


class _Forward(nn.Module):
    """The forward part of a step as a module, which is what DistributedDataParallel wraps."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, work: Callable[[], Value]) -> Value:
        """Do the work; it uses the model."""
        return work()


def asked(targets: Tensor) -> int:
    """Count what targets ask for.

    >>> asked(torch.tensor([[1, -1, 0]])), asked(torch.tensor([[[1.0], [torch.nan]]]))
    (2, 1)
    """
    if targets.is_floating_point():
        return int((~targets.isnan()).sum())
    return int(((targets if targets.ndim == 2 else targets[:, 0]) >= 0).sum())


@contextmanager
def processes(device: torch.device) -> Iterator[tuple[Together, torch.device]]:
    """Join the processes that torchrun started; yield this one among them and its device, a GPU each on a machine."""
    if not dist.is_torchelastic_launched():
        yield Together(), device
        return
    if device.type == "cuda":
        device = torch.device("cuda", dist.get_node_local_rank())
        torch.cuda.set_device(device)
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    try:
        yield Together(dist.get_rank(), dist.get_world_size()), device
    finally:
        dist.destroy_process_group()
