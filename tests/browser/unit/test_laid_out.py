"""Where figures of answers put their words and lines: whole at every width, and nothing through a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from answers import SEEN

Module = Callable[..., Any]
SIMILAR = """
const nan = NaN;
const asked = { arrays: { at: array([3], 0, 2, 4), cka: array([3, 3], nan, nan, nan, nan, 1, 0.5, nan, 0.5, 1) },
  meta: { end: null, few: false } };
const seen = (t, end = null) => about({ ...asked, meta: { end, few: false } }, { t, view: { ...view, loops: 4 } });
"""
LAID_OUT = """
// A pen that keeps where every text and line lies: [left, right, top, bottom, text].
const laidOut = () => {
  const [texts, lines] = [[], []];
  let from = null;
  const pen = new Proxy({ textAlign: "left", texts, lines }, { get: (held, name) => name in held ? held[name]
    : (...values) => {
      const wide = (text) => 6 * String(text).length;
      if (name === "measureText") return { width: wide(values[0]) };
      if (name === "moveTo") from = values;
      if (name === "lineTo") lines.push([...from, ...values, held.lineWidth]);
      if (name === "arc") lines.push([values[0] - 4, values[1], values[0] + 4, values[1], "dot"]);
      if (name !== "fillText") return null;
      const [text, x, y] = values;
      const left = x - { left: 0, center: 0.5, right: 1 }[held.textAlign] * wide(text);
      texts.push([left, left + wide(text), y - 10, y + 3, String(text)]);
      return null; } });
  return pen;
};
"""


@pytest.mark.parametrize("width", [200, 290, 480, 900])
def test_the_key_of_a_map_of_similarities_is_whole_at_every_width(module: Module, width: int) -> None:
    body = """
    const pen = laidOut();
    m.default.draw(pen, seen(2), x, 160);
    return pen.texts.filter(([, , , , text]) => text.includes("faintest"));"""
    ((left, right, _, bottom, words),) = module("panels/similarity.js", SEEN + SIMILAR + LAID_OUT + body, width)
    assert 0 <= left < right <= width
    assert words.endswith("faintest: 0.50")
    assert bottom <= 20  # above the map


@pytest.mark.parametrize("width", [280, 390, 480, 900, 1400])
def test_rows_of_ways_name_their_runs_and_no_line_runs_through_a_name(module: Module, width: int) -> None:
    body = """
    const words = ["one run, to its end", "up to 4 runs, images under symmetries, the first that keeps the rules",
      "4 runs, images under symmetries, by vote"];
    const names = ["1 run", "up to 4 images, by the rules", "4 images, by vote"];
    const accuracy = array([3, 3], 0.5, 0.3, 0.7, 0, 0, 0.2, 1, 0.8, 1);
    const asked = { arrays: { accuracy, loops: array([3], 8, 9, 32) },
      meta: { words, names, cheapest: 1, more: true, runs: 24, data: "" } };
    const pen = laidOut();
    m.default.draw(pen, about(asked, {}), x, 100);
    return [pen.texts, pen.lines, words, names];"""
    texts, lines, words, names = module("panels/compute.js", SEEN + LAID_OUT + body, width)
    said = [text for *_, text in texts]
    assert [text for text in said if text in words] in (words, [])
    assert [text for text in said if text in (*words, *names)] in (words, names)
    assert ({"0", "100\u00a0%"} if width < 300 else {"0", "50", "100\u00a0%"}) <= set(said)
    for at, (left, right, top, bottom, text) in enumerate(texts):
        assert 0 <= left < right <= width, text
        for x0, y0, x1, y1, _ in lines:
            apart = max(x0, x1) <= left or min(x0, x1) >= right or max(y0, y1) <= top or min(y0, y1) >= bottom
            assert apart, (text, x0, y0, x1, y1)
        for a, b, c, d, other in texts[:at]:
            assert b <= left or a >= right or d <= top + 1 or c >= bottom - 1, (text, other)


def test_more_compute_is_said_with_what_it_brings(module: Module) -> None:
    """Nothing more; as many for less; or more, at the least cost of the ways that bring as many."""
    body = """
    const of = (shares, loops, cheapest, more) => about({
      arrays: { accuracy: array([2, 3], ...shares.flatMap((one) => [one, 0, 1])), loops: array([2], ...loops) },
      meta: { words: ["one run, to its end", "4 runs, by vote"], cheapest, more, runs: 24, data: "easy" } });
    const say = (...of_) => m.default.describe(of(...of_));
    return [say([0.5, 0.5], [8, 32], 0, false), say([0.5, 0.5], [8, 6], 1, false), say([0.5, 0.75], [8, 1], 1, true),
      m.default.table(of([0.5, 0.5], [8, 32], 0, false)).columns.at(-1)];"""
    none, less, more, column = (text.replace("\u00a0", " ") for text in module("panels/compute.js", SEEN + body))
    one = "one run, to its end: 50 % right (95 %: 0 % to 100 %) for 8 loops per {input}"
    assert none == (
        f"On 24 held-out {{inputs}} (easy) no way brings more than {one}, and none as much at a lower cost."
    )
    assert less == (
        f"On 24 held-out {{inputs}} (easy): {one}. As many right at the least cost: "
        "4 runs, by vote: 50 % right (95 %: 0 % to 100 %) for 6 loops per {input}."
    )
    assert more.endswith(
        ". The most right of all ways, at the least cost of those equally good: "
        "4 runs, by vote: 75 % right (95 %: 0 % to 100 %) for 1 loop per {input}."
    )
    assert column == "loops run per {input}"


@pytest.mark.parametrize("width", [200, 290, 480])
def test_the_last_tick_of_an_axis_is_whole(module: Module, width: int) -> None:
    body = """
    const pen = laidOut();
    const card = { name: "mine", n: 9, loops: [8, x.most], accuracy: [0.9, 1], tests: [] };
    view.meta = { name: "mine", base: "mine" };
    m.default.draw(pen, about(null, { meta: { cards: [card] } }), x.width, 160);
    return pen.texts.filter(([, , , , text]) => text === String(x.most));"""
    for most in (256, 4096):
        ((left, right, *_),) = module("panels/scaling.js", SEEN + LAID_OUT + body, {"width": width, "most": most})
        assert 0 <= left < right <= width


@pytest.mark.parametrize("width", [180, 290, 480, 900])
def test_attention_by_rule_has_a_key_and_a_scale_that_both_runs_share(module: Module, width: int) -> None:
    """The scale is the larger of two runs, though only one of them is drawn."""
    body = """
    const runs = [0.5, 0.8].map((most) => ({ ...view, loops: 2, meta: { heads: 1, rules: ["row", "column"] },
      arrays: { rules: array([2, 2, 1, 1], 0.1, most, 0.2, 0.3), rules_even: array([2, 2], 0.1, 0.1, 0.1, 0.1) } }));
    const pen = laidOut();
    m.default.draw(pen, about(null, { view: runs[0], views: runs, layer: 0, head: null }), x, 190);
    return pen.texts;"""
    texts = module("panels/rules.js", SEEN + LAID_OUT + body, width)
    said = [text for *_, text in texts]
    assert said[:2] == ["share, loops 1 to 2, each row 0 to 80\u00a0%", "spread evenly"]
    assert {"row", "column", "head 1"} <= set(said)
    for at, (left, right, top, bottom, text) in enumerate(texts):
        for a, b, c, d, other in texts[:at]:
            assert b <= left or a >= right or d <= top + 1 or c >= bottom - 1, (text, other)


@pytest.mark.parametrize("width", [290, 480, 900])
@pytest.mark.parametrize("t", [0, 2])
def test_the_curves_of_a_whole_run_have_scales_beside_their_names(module: Module, width: int, t: int) -> None:
    """Entropy, rank, changed and settled; a curve that stays at nothing has one end alone."""
    body = """
    const whole = array([4, 3], 1.5, 1, 0.25, 2.5, 1.75, 1, 0, 0, 0, 0, 48, 51);
    const run = { ...view, arrays: { whole }, loops: 3, blanks: 51, meta: { trained_loops: 8 } };
    const pen = laidOut();
    m.default.draw(pen, { ...about(null, {}), t: x.t, view: run }, x.width, 180);
    return pen.texts;"""
    texts = module("panels/whole.js", SEEN + LAID_OUT + body, {"width": width, "t": t})
    beside = [text for left, right, _, bottom, text in texts if right <= 108 and bottom < 168]
    values = [["48 of 51"], ["0"], ["1.0 bits"], ["1.75"]] if t else [[]] * 4
    ends = [["0", "51"], ["0"], ["0", "1.5"], ["1", "2.50"]]
    names = ["settled", "changed", "entropy", "rank"]
    rows = zip(ends, names, values, strict=True)
    assert beside == [text for scale, name, value in rows for text in (*scale, name, *value)]
    for at, (left, right, top, bottom, text) in enumerate(texts):
        assert left >= 0, text
        for a, b, c, d, other in texts[:at]:
            assert b <= left or a >= right or d <= top + 3 or c >= bottom - 3, (text, other)


@pytest.mark.parametrize(("meanings", "named"), [(["not reached", "reached"], 2), (None, 0)])
def test_rows_of_the_readout_are_named_where_their_signs_say_nothing(
    module: Module, meanings: list[str] | None, named: int
) -> None:
    body = """
    const { SequenceGeometry } = await import("/core/geometry.js");
    const geometry = new SequenceGeometry({ rows: [[0]], groups: ["row"], names: ["cell"], signs: [".", "o"],
      meanings: x, fixed: [] });
    const run = { ...view, geometry, vocab: 2, entry: () => 1, probability: () => 0.5, answers: [1],
      meta: { trained_loops: 1 } };
    const pen = laidOut();
    m.default.draw(pen, { ...about(null, {}), active: 0, geometry, view: run }, 300, 160);
    return pen.texts;"""
    texts = module("panels/readout.js", SEEN + LAID_OUT + body, meanings)
    rows = [(bottom, text) for _, _, _, bottom, text in texts if text in (".", "▸ o")]
    above = [text for _, _, top, bottom, text in texts if bottom <= 16]
    assert [text for _, text in rows][-2:] == [".", "▸ o"]
    assert above == ([".", "not reached", "o", "reached"] if named else [above[0]] if above else [])
    trained = next(top for _, _, top, _, text in texts if text == "trained")
    assert (trained > 10) == bool(named)  # it stands below these names
