"""How inputs are made that are nearly right, and texts that were once taken wrongly or might be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

PARTS = [*"0123456789.,;:-+_/\\|@=~<>()[]{}'\"#*%& \t\n\r", "\0", "┃", "²", "٣", "名", "\ud800", "1e39", "nan", "-0"]
PARTS += ["freeze=", "cut=", "patch=", "untrained", "needed+", "longest", "model.safetensors", "../", "null", "9" * 400]


class Target(NamedTuple):
    """A reader: inputs for it, how it is called, and texts that it once took wrongly or might."""

    inputs: st.SearchStrategy[Any]
    read: Callable[[Any], object]
    corpus: tuple[Any, ...] = ()


@st.composite
def nearly(draw: st.DrawFn, right: list[str]) -> str:
    """A right text with a few places changed, or a heap of parts."""
    text = draw(st.sampled_from(right) | st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 3))
        text = text[:at] + draw(st.sampled_from(PARTS) | st.text(max_size=3)) + text[at + gone :]
    return text


@st.composite
def damaged(draw: st.DrawFn, right: bytes) -> bytes:
    """A right file with some bytes changed, cut short or with something behind it."""
    data = bytearray(right)
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data + draw(st.binary(max_size=9)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)

CORPUS = (
    "",
    " ",
    "\0",
    "\ud800",
    "9" * 5000,
    "²",
    "┃" * 99,
    "[" * 5000,
    "~freeze=1e39",
    f"seed=7 examples={'9' * 400}",
    "a\r\nSet-Cookie: x=1",
    "<script>alert(1)</script>",
    "." * 81,
    "0" * 1_000_000,
    "\ufeff1,2",
    '{"a": NaN}',
)
