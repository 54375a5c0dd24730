"""The message as the browser reads it, against what Python packed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.serving.message import pack

Module = Callable[..., Any]

READ = """
const bytes = Uint8Array.from(atob(x), (sign) => sign.charCodeAt(0));
const { meta, runs } = m.readMessage(bytes);
const plain = (value) => (Number.isNaN(value) ? "NaN"
  : value === Infinity ? "inf" : value === -Infinity ? "-inf" : value);
return { meta, runs: runs.map((run) => Object.fromEntries(Object.entries(run).map(([name, { values, shape }]) =>
  [name, { values: [...values].map(plain), shape, type: values.constructor.name }]))) };
"""


def sent(module: Module, *runs: dict[str, np.ndarray], **meta: Any) -> Any:
    data = pack([{"arrays": arrays, "meta": {"run": i}} for i, arrays in enumerate(runs)], **meta)
    return module("core/message.js", READ, base64.b64encode(data).decode())


@pytest.mark.parametrize(
    ("dtype", "type_name"),
    [
        (np.uint8, "Uint8Array"),
        (np.int8, "Int8Array"),
        (np.uint16, "Uint16Array"),
        (np.int16, "Int16Array"),
        (np.int32, "Int32Array"),
        (np.float16, "Float32Array"),
        (np.float32, "Float32Array"),
    ],
)
def test_an_array_of_every_type_arrives(module: Module, dtype: type, type_name: str) -> None:
    low = np.iinfo(dtype).min if np.issubdtype(dtype, np.integer) else -2.5
    array = np.array([[0, 1, low], [3, 100, 7]], dtype)
    found = sent(module, {"a": array})["runs"][0]["a"]
    assert found == {"values": array.ravel().tolist(), "shape": [2, 3], "type": type_name}


def test_numbers_that_are_none_arrive(module: Module) -> None:
    values = np.array([np.nan, np.inf, -np.inf, 0.0], np.float32)
    found = sent(module, {"a": values, "b": values.astype(np.float16)})["runs"][0]
    assert found["a"]["values"] == found["b"]["values"] == ["NaN", "inf", "-inf", 0]


def test_runs_are_told_apart_and_meta_comes_along(module: Module) -> None:
    found = sent(module, {"a": np.array([1.0], np.float32)}, {"a": np.array([2.0], np.float32)}, page="sudoku")
    assert [run["a"]["values"] for run in found["runs"]] == [[1], [2]]
    assert found["meta"] == {"page": "sudoku", "runs": [{"run": 0}, {"run": 1}]}


def test_an_empty_array_arrives(module: Module) -> None:
    assert sent(module, {"a": np.zeros((0, 3), np.float32)})["runs"][0]["a"]["values"] == []


def test_half_precision_without_the_browsers_own_type_is_the_same_for_all_bit_patterns(module: Module) -> None:
    bits = np.arange(2**16, dtype=np.uint16)
    numbers = bits.view(np.float16).astype(np.float64)
    body = """
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    return [...m.halvesByTable(bits.buffer)].map((value) => (Number.isFinite(value) ? value : String(value)));
    """
    found = module("core/message.js", body)
    words = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}
    decoded = np.array([words[value] if isinstance(value, str) else value for value in found])
    np.testing.assert_array_equal(decoded, numbers)


def test_a_type_that_is_not_known_is_said_by_name(module: Module) -> None:
    with pytest.raises(Exception, match="the trace holds 0/a as F64, which this page cannot read"):
        sent(module, {"a": np.zeros(2, np.float64)})


def test_bytes_go_to_base64_and_back(module: Module) -> None:
    body = """
    const bytes = Uint8Array.from({ length: 100003 }, (_, i) => (i * 7919) % 256);
    const back = m.bytesOf(m.base64Of(bytes));
    return [back.length, back.every((value, i) => value === bytes[i]), m.base64Of(new Uint8Array(0))];
    """
    assert module("core/base64.js", body) == [100003, True, ""]
