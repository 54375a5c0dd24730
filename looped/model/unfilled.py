"""Modules whose weights have no values yet, because they are loaded or shared next."""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class Unfilled(TorchFunctionMode):
    """Within this context new weights take memory of a device and `torch.nn.init` leaves them unfilled.

    On the device "meta" they take no memory; what follows from a config (buffers) is computed on the CPU all the same.
    `torch.device("meta")` would do that, too, in Python, and for it import PyTorch's compiler: two seconds of a
    server's start.
    """

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call a function of PyTorch, on the device or not at all."""
        kwargs = kwargs or {}
        if getattr(function, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        if function is torch.empty:
            kwargs = {**kwargs, "device": self.device}
        return function(*args, **kwargs)
