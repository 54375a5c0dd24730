"""What a model does is counted in loops; what a standard transformer does, in layers, wherever it is told."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sudokus import LAYERS, LOOPS, Module, message, run, tiny

from looped.model.seam import pass_terms
from looped.serving.engine import Engine
from looped.serving.request import opening

DRAWN = "attention cycle trajectory convergence readout order rules whole distances orbits whatif exits fixed"
TOLD = """
const said = new Set();
const { fillText } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
  if (this.canvas.isConnected) said.add(String(text)); // not those of a page before
  return fillText.call(this, text, ...more);
};
const gather = (part = page.root) => {
  for (const one of part.querySelectorAll("*")) {
    if (one.closest(".ls-help, .ls-list, .ls-first")) continue;
    for (const name of ["aria-label", "aria-valuetext"]) said.add(one.getAttribute(name) ?? "");
    for (const node of one.childNodes) if (node.nodeType === Node.TEXT_NODE) said.add(node.data);
  }
};
const walked = async (...loops) => {
  for (const t of loops) {
    page.clock.go(t);
    page.changed();
    await painted();
    gather();
  }
  CanvasRenderingContext2D.prototype.fillText = fillText;
  return [...said];
};
"""
# What is about looped models in general, whatever model is shown.
GENERAL = re.compile(r"of the loop map|input injection in every loop|has no loop to ask this of")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return tiny(tmp_path_factory.mktemp("checkpoints"))


def test_a_standard_transformer_is_counted_in_layers_everywhere(module: Module, engine: Engine) -> None:
    """Also on a page that showed a looped model before: titles, lists and labels that stood there are told anew."""
    shown = [opening(engine, "sudoku4-looped"), replace(opening(engine, "sudoku4-standard"), number=1)]
    body = TOLD + (
        f"receive(0); receive(1); page.arrange({DRAWN.split()}, false);"
        f"return [await walked(0, 1, {LAYERS}), page.root.querySelector('.ls-now').textContent,"
        "page.clockBar.slider.ariaLabel, page.bar.loopsWord.data];"
    )
    said, now, slider, field = run(module, [message(engine, one) for one in shown], body)
    assert [text for text in said if re.search(r"\bloops?\b", text, re.IGNORECASE) and not GENERAL.search(text)] == []
    assert {"layer", "The layer"} <= set(said)
    assert any("After 3 layers" in text for text in said)
    assert (now, slider, field) == (f"layer {LAYERS} of {LAYERS}", "Layer", "Layers ")


def test_a_looped_model_is_counted_in_loops_behind_a_standard_one(module: Module, engine: Engine) -> None:
    shown = [opening(engine, "sudoku4-standard"), replace(opening(engine, "sudoku4-looped"), number=1)]
    body = TOLD + f"receive(0); receive(1); page.arrange({DRAWN.split()}, false); return await walked(0, 1, {LOOPS});"
    said = run(module, [message(engine, one) for one in shown], body)
    assert {"loop", "The loop"} <= set(said)
    assert [text for text in said if re.search(r"\blayers?\b", text) and "several layers in" not in text] == []


def test_compared_each_run_has_its_own_word_and_what_is_shared_both(module: Module, engine: Engine) -> None:
    shown = replace(opening(engine, "sudoku4-standard"), versus="sudoku4-looped", loops=LAYERS)
    body = """
    receive(0);
    page.arrange(["whole"], false);
    page.clock.go(2);
    await painted();
    const says = [...document.querySelectorAll("[data-panel=whole] .ls-says")].map((one) => one.textContent);
    return [says, page.clockBar.now.textContent, page.words("{loops}")];
    """
    (first, second), now, both = run(module, [message(engine, shown)], body)
    assert first.startswith("After 2 layers ")
    assert second.startswith("After 2 loops ")
    assert now == f"A: layer 2 of {LAYERS}\nB: loop 2 of {LAYERS}"
    assert both == "loops or layers"


def test_behind_the_end_of_a_run_its_panels_speak_of_its_last_layer(module: Module, engine: Engine) -> None:
    shown = replace(opening(engine, "sudoku4-looped"), versus="sudoku4-standard")
    body = f"""
    receive(0);
    page.arrange(["trajectory", "convergence", "whole", "rules"], false);
    const said = async (t) => {{
      page.clock.go(t);
      await painted();
      return [...document.querySelectorAll("[data-panel] .ls-says")].map((one) => one.textContent);
    }};
    const [there, behind] = [await said({LAYERS}), await said({LOOPS})];
    return [there, behind, page.clockBar.now.textContent, page.clockBar.slider.getAttribute("aria-valuetext")];
    """
    there, behind, now, told = run(module, [message(engine, shown)], body)
    last = f"its last layer ({LAYERS})"
    assert [text for text in there if last in text.lower()] == []
    assert len([text for text in behind if last in text.lower()]) == 4
    assert [text for text in behind if "this layer" in text.lower()] == []
    assert len([text for text in behind if "this loop" in text.lower()]) == 4
    assert now == f"A: loop {LOOPS} of {LOOPS}\nB: layer {LAYERS} of {LAYERS}"
    assert told == now.replace("\n", ", ")


def test_the_name_of_a_shared_axis_takes_the_room_of_numbers_that_it_would_touch(module: Module) -> None:
    body = """
    const written = [];
    const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
      if (name === "fillText") written.push([String(values[0]), values[1], held.textAlign]);
      if (name === "measureText") return { width: 7 * String(values[0]).length }; },
      set: (held, name, value) => { held[name] = value; return true; } });
    const seen = { colours: {}, font: "serif", words: (text) => text.replace("{loop}", x) };
    m.loopAxis(pen, seen, 380, 20, 150, 16, 99, 0);
    return written;
    """
    alone = module("draw/axis.js", body, "layer")
    shared = module("draw/axis.js", body, "loop or layer")
    assert alone[0] == ["layer", 38, "right"]
    assert shared[0] == ["loop or layer", 0, "left"]
    assert min(at for text, at, _ in shared if text.isdigit()) > 70
    assert {text for text, *_ in alone} - {text for text, *_ in shared} != set()


def test_the_word_comes_from_the_model(engine: Engine) -> None:
    words = [pass_terms(engine.checkpoint(name).model) for name in ("sudoku4-looped", "sudoku4-standard")]
    assert words == [{"loop": "loop", "loops": "loops"}, {"loop": "layer", "loops": "layers"}]
