"""What the panel on probes says of an answer, and which key its drawing has: without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from answers import SEEN

Module = Callable[..., Any]
PROBED = """
const row = (values) => array([2, 2], ...values);
const asked = {
  arrays: {
    accuracy: row([0.5, 0.9, 0.25, 0.75]), control: row([0.5, 0.8, 0.25, 0.6]), place: array([2], 0.7, 0.3),
    embedded: array([2], 0.6, 0.2), without: array([2], 0.7, 0.3), control_baseline: array([2], 0.5, 0.25),
    interval: array([2, 2, 2], 0, 1, 0.85, 0.95, 0, 1, 0.7, 0.8), gain: row([0, 1, 0, 0]),
    whole: row([0, 0.62, 0.25, 0.75]), whole_interval: array([2, 2, 2], 0, 0, 0.55, 0.7, 0, 1, 0.7, 0.8),
    whole_place: array([2], 0.1, 0.3), whole_embedded: array([2], 0.05, 0.2),
    read: array([2, 1, 5], 1, 1, 1, 1, 0, 1, 1, 0, 1, 2), truth: array([1, 5], 1, 1, 1, 0, 2),
    hits: array([2, 2, 1], 0.75, 0.5, 0, 1),
  },
  meta: { kinds: [["candidates", 0, 4], ["digit", 4, 1]], fitted: 72, held_out: 24 },
};
const of = (mode) => about(asked, { mode, active: 0, geometry: { name: () => "here" } });
const told = ["candidates", "digit"].map((mode) => m.default.describe(of(mode)).replaceAll("\\u00a0", " "));
const tables = ["candidates", "digit"].map((mode) => m.default.table(of(mode)));
"""


def test_what_is_counted_is_said_and_how_many_have_the_whole_set_right(module: Module) -> None:
    """Nine decisions in ten may be right where six blanks in ten are."""
    (several, one), (wide, narrow) = module("panels/probes.js", SEEN + PROBED + "return [told, tables]")
    assert several == (
        "Fitted to 72 other {inputs}, after 1 loop the probe is right on 90 % of the yes-or-no decisions (one for each "
        "{token} and {asked}) of 24 more (95 %: 85 % to 95 %), more than without any loop: the most frequent answer at "
        "each place 70 %, the same probe on the embedded input 60 %. Control task 80 %, of which 50 % is its most "
        "frequent label. All 4 decisions are right in 62 % of the {asked_many} (95 %: 55 % to 70 %); by the most "
        "frequent answer at each place in 10 %, by the probe on the embedded input in 5 %. Here: it reads “124”, true "
        "is “123”."
    )
    assert "is right on 75 % of the {asked_many} of 24 more (95 %: 70 % to 80 %), no sure gain" in one
    assert "decisions" not in one
    columns = ["loop", "probe", "probe, 95 % from", "probe, 95 % to", "control task", "place alone", "embedded input"]
    assert narrow["columns"] == [*columns, "right at here"]
    whole = ["all right", "all right, 95 % from", "all right, 95 % to", "all right, place alone"]
    assert wide["columns"] == [*columns, *whole, "all right, embedded input", "share of decisions right at here"]
    assert [float(value) for value in wide["rows"][1]] == pytest.approx(
        [1, 0.9, 0.85, 0.95, 0.8, 0.7, 0.6, 0.62, 0.55, 0.7, 0.1, 0.05, 0.5], rel=1e-3
    )
    assert [float(value) for value in narrow["rows"][1]] == pytest.approx(
        [1, 0.75, 0.7, 0.8, 0.6, 0.3, 0.2, 1], rel=1e-3
    )


def test_before_and_after_the_number_of_inputs_is_the_same(module: Module) -> None:
    """Three quarters of 96 are the 72 that the answer names, and the rest its 24."""
    before = module("panels/probes.js", SEEN + "return m.default.describe(about(null, { mode: 'digit' }))")
    assert "to the states of three quarters of 96 other {inputs}" in before
    assert "tries them on the rest" in before


@pytest.mark.parametrize(
    ("mode", "words"), [("candidates", ["all right", "some wrong", "all wrong"]), ("digit", ["right", "wrong"])]
)
def test_the_drawing_has_a_key_with_the_tints_that_it_uses(module: Module, mode: str, words: list[str]) -> None:
    body = """
    const boxes = [], said = [];
    const pen = new Proxy({ globalAlpha: 1, measureText: (text) => ({ width: 6 * text.length }) }, { get: (o, key) => {
      if (key === "fillRect") return () => boxes.push([o.fillStyle, o.globalAlpha]);
      if (key === "fillText") return (text) => said.push([text, o.fillStyle, o.globalAlpha]);
      return key in o ? o[key] : () => {};
    } });
    const geometry = { n: 1, rows: 1, columns: 1, at: () => 0, spot: () => [0, 0], frame() {}, name: () => "here" };
    const seen = { ...of(x), geometry, font: "serif", view: { ...view, text: () => "1" } };
    m.default.draw(pen, seen, 600, 300);
    asked.arrays.hits.values.fill(0);
    m.default.draw(pen, seen, 600, 300);
    return [boxes, said];"""
    boxes, said = module("panels/probes.js", SEEN + PROBED + body, mode)
    signs = [(colour, alpha) for text, colour, alpha in said if text == "■"]
    half = len(signs) // 2
    named = [text for text, *_ in said if text in ("all right", "some wrong", "all wrong", "right", "wrong")]
    assert named[:half] == words
    key = dict(zip(words, signs[:half], strict=True))
    assert boxes[-1] == list(key[words[-1]])
    assert len({*signs[:half]}) == len(words)
