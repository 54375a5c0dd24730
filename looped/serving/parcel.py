"""What goes between the app and its replicas: arrays and JSON in one block of bytes (safetensors).

Nothing is unpickled. A parcel is a `Packed`: named arrays, JSON about them, and what is kept beside them. What comes
out is what went in, to the bit and in the same order.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

Packed = dict[str, Any]
PARTS = ("arrays", "kept")


def wrapped(packed: Packed, **about: Any) -> bytes:
    """Write a parcel; `about` is JSON of one's own beside it.

    >>> unwrapped(wrapped({"arrays": {"one": np.arange(3)}, "meta": {"loops": 2}}, device="cpu"))
    ({'arrays': {'one': array([0, 1, 2])}, 'meta': {'loops': 2}, 'kept': {}}, {'device': 'cpu'})
    """
    arrays: dict[str, np.ndarray] = {}
    head: dict[str, Any] = {"meta": packed.get("meta", {}), "about": about}
    for part in PARTS:
        values = packed.get(part, {})
        arrays |= {f"{part}/{name}": value for name, value in values.items() if isinstance(value, np.ndarray)}
        # None stands for an array, so that the order stays
        head[part] = [
            [name, None] if isinstance(value, np.ndarray) else [name, {"is": value}] for name, value in values.items()
        ]
    data: bytes = save(
        {name: np.asarray(array, order="C") for name, array in arrays.items()}, {"head": json.dumps(head)}
    )
    return data


def unwrapped(data: bytes) -> tuple[Packed, dict[str, Any]]:
    """Read a parcel: what was packed, and what was said beside it. Raises ValueError for bytes that are none."""
    try:
        arrays, head = load(data), head_of(data)
        packed: Packed = {"arrays": {}, "meta": head["meta"], "kept": {}}
        for part in PARTS:
            for name, value in head[part]:
                packed[part][name] = arrays[f"{part}/{name}"] if value is None else value["is"]
        about: dict[str, Any] = head["about"]
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("this is no parcel of arrays.") from error
    return packed, about


def head_of(data: bytes) -> dict[str, Any]:
    """Return the JSON of a parcel, which stands where safetensors has its metadata."""
    length = int.from_bytes(data[:8], "little")
    head: dict[str, Any] = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["head"])
    return head
