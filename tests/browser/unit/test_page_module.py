"""A page without a server: messages as Python packs them, painted and pointed at in the suite's own Chromium."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from looped.catalogue.checkpoints import save_checkpoint
from looped.model import Config, Model
from looped.serving.engine import Engine
from looped.serving.request import Shown, opening
from looped.serving.views import message_bytes

Module = Callable[..., Any]
LOOPS, LAYERS = 6, 3
BEGIN = """
const bytes = (data) => Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
const { readMessage } = await import("http://modules.test/core/message.js");
const sent = [];
document.body.replaceChildren();
const host = { ask: async function* () {}, send: (request) => sent.push(request), memory: null, links: false };
const page = new m.SudokuPage(document.body, host, readMessage(bytes(x[0])).meta);
page.attach();
const receive = (i) => page.receive(bytes(x[i]));
const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Tiny untrained models of two sizes, and a standard transformer."""
    catalogue = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    for size, box, kind in ((4, (2, 2), "looped"), (4, (2, 2), "standard"), (9, (3, 3), "looped")):
        layers = LAYERS if kind == "standard" else 1
        config = Config(
            kind,
            vocab=size + 1,
            length=size * size,
            trained_loops=layers if kind == "standard" else LOOPS,
            layers=layers,
            d_model=16,
            heads=2,
            injection=kind != "standard",
            positions="board",
            box=box,
        )
        save_checkpoint(catalogue / f"sudoku{size}-{kind}", Model(config), f"sudoku{size}", training={}, scores=[])
    return Engine(catalogue)


def message(engine: Engine, shown: Shown) -> str:
    return base64.b64encode(message_bytes(engine, shown)).decode()


def run(module: Module, messages: list[str], body: str) -> Any:
    return module("pages/sudoku.js", BEGIN + body, messages)


def test_a_change_of_size_chooses_a_cell_that_is_asked(module: Module, engine: Engine) -> None:
    """Also where the first answer of the new size was out of date when it came."""
    nine, four = opening(engine, "sudoku9-looped"), opening(engine, "sudoku4-looped")
    given = int((engine.checkpoint("sudoku4-looped").task.encode(four.input) > 0).argmax())
    messages = [message(engine, replace(shown, number=i)) for i, shown in enumerate((nine, four, four))]
    body = """
    receive(0);
    page.select(%d);
    page.state.typed.request = 2;
    receive(1);
    const early = page.state.run.views[0].asked[page.state.choice.cell];
    receive(2);
    return [early, page.state.run.views[0].asked[page.state.choice.cell]];
    """
    assert run(module, messages, body % given) == [0, 1]


def test_loops_that_were_chosen_go_on_only_with_their_checkpoint(module: Module, engine: Engine) -> None:
    """Another checkpoint is asked for as it was trained, also by an edit before its first answer."""
    body = """
    receive(0);
    const loops = () => sent.at(-1).loops;
    page.ask({});
    const seen = [loops()];
    page.ask({ loops: 20 });
    receive(1);
    for (const name of ["sudoku4-looped", "sudoku4-looped~hardmax", "sudoku4-standard"]) {
      page.bar.checkpoint.append(new Option(name, name));
      page.bar.checkpoint.value = name;
      page.ask({});
      seen.push(loops());
    }
    return seen;
    """
    first = opening(engine, "sudoku4-looped")
    messages = [message(engine, shown) for shown in (first, replace(first, loops=20, number=2))]
    assert run(module, messages, body) == ["usual", 20, 20, "usual"]


def test_a_view_opens_where_its_link_says_or_before_anything_is_answered(module: Module, engine: Engine) -> None:
    """A link to a run opens after it, as links always have; one that plays a range at its start; a bare or a wrong one
    before the first loop. A link that is followed on the page opens like any other."""
    body = """
    const opened = (query, i = 0) => {
      Object.assign(page.state.run, { meta: null });
      Object.assign(page.clock, { loop: 5, range: null });
      host.query = query;
      receive(i);
      return page.clock.loop;
    };
    const links = ["", "checkpoint=sudoku4-looped", "panels=attention", "puzzle=1&loops=6", "puzzle=1", "loops=6",
      "puzzle=1&loops=6&range=2-4", "range=2-4&loop=5", "range=2-4", "puzzle=1&loop=3"];
    const found = links.map((query) => opened(query));
    const wrong = [opened("puzzle=11", 1), opened("puzzle=11&loop=2", 1)];
    const { Link } = await import("http://modules.test/core/links.js");
    opened("");
    const followed = ["puzzle=1&checkpoint=sudoku4-looped", "puzzle=1&loops=6&range=2-4"].map((query) => {
      page.clock.go(3);
      page.state.travel.link = new Link(query);
      page.link.arrived();
      return page.clock.loop;
    });
    return [found, wrong, followed];
    """
    shown = opening(engine, "sudoku4-looped")
    wrong = replace(shown, message={"kind": "error", "text": "This is no board."})
    found, refused, followed = run(module, [message(engine, one) for one in (shown, wrong)], body)
    assert found == [0, 0, 0, LOOPS, LOOPS, LOOPS, 2, 5, 2, 3]
    assert refused == [0, 2]
    assert followed == [LOOPS, 2]


def test_a_saved_page_says_which_panels_were_not_computed(module: Module, engine: Engine) -> None:
    """A link to a panel whose question was not asked is kept, and one sentence stands in the place of its figure."""
    body = """
    Object.assign(host, { ask: null, send: null, answers: [], query: "panels=probes,exits,inputs&modes=exits-boards" });
    receive(0);
    await painted();
    const told = (name) => {
      const { root } = page.figures[name];
      const seen = [...root.querySelectorAll("canvas, .ls-says, .ls-ask")].filter((one) => !one.hidden);
      return [root.querySelector(".ls-none:not([hidden])")?.textContent, seen.map((one) => one.className)];
    };
    const without = ["probes", "exits", "inputs"].map(told);
    page.state.look.modes.exits = "run";
    page.changed();
    await painted();
    const entry = page.bar.panelList.querySelector("[title='Show Probes']").parentElement.textContent;
    return [page.state.layout.panels, without, told("exits"), page.state.travel.trouble ?? null, entry];
    """
    panels, without, with_run, trouble, entry = run(module, [message(engine, opening(engine, "sudoku4-looped"))], body)
    assert panels == ["probes", "exits", "inputs"]
    assert without == [
        ["This page is saved: what “Probes” shows was not computed before it was saved.", []],
        ["This page is saved: what “Halting” shows was not computed before it was saved.", []],
        ["This page is saved and shows one run: “Table of boards” needs the app.", []],
    ]
    assert with_run == [None, ["", "ls-says"]]
    assert trouble is None
    assert entry.strip() == "Probes (not in this saved page)"


def test_pointing_at_a_figure_previews_a_cell_and_a_click_holds_it(module: Module, engine: Engine) -> None:
    """Every panel then is about that cell, and the page says which it is."""
    body = """
    page.state.layout.panels = ["attention", "trajectory"];
    receive(0);
    page.arrange(["attention", "readout"], false);
    page.clock.go(2);
    await painted();
    const canvas = page.figures.attention.drawn[0].canvas;
    const { geometry } = page.state.run;
    const { headBoards } = await import("http://modules.test/draw/heads.js");
    const [board] = headBoards(page.seen(0), canvas.clientWidth, canvas.clientHeight);
    const over = (kind, cell) => {
      const [row, column] = geometry.spot(cell);
      const { left, top } = canvas.getBoundingClientRect();
      const clientX = left + board.x + (column + 0.5) * board.step;
      const clientY = top + board.y + (row + 0.5) * board.step;
      canvas.dispatchEvent(new PointerEvent(kind, { clientX, clientY, bubbles: true }));
    };
    const told = async () => {
      await painted();
      const words = [page.figures.attention, page.figures.readout].map((one) => one.drawn[0].says.textContent);
      return [page.state.active, page.state.choice.held, words.every((one) => one.includes(geometry.name(
        page.state.active)) || one.includes(geometry.name(page.state.active).replace("row", "Row")))];
    };
    const first = page.state.choice.cell;
    const seen = [];
    over("pointermove", 6);
    seen.push(await told());
    canvas.dispatchEvent(new PointerEvent("pointerleave"));
    seen.push(await told());
    over("click", 9);
    seen.push(await told());
    over("pointermove", 6);
    seen.push(await told());
    page.release();
    over("pointermove", 6);
    seen.push(await told());
    return [first, seen, sent.length];
    """
    first, seen, sent = run(module, [message(engine, opening(engine, "sudoku4-looped"))], body)
    assert seen == [[6, False, True], [first, False, True], [9, True, True], [9, True, True], [6, False, True]]
    assert sent == 0


def test_a_shorter_run_has_ended_and_changes_nothing_more(module: Module, engine: Engine) -> None:
    """Beside a longer run the board of a standard transformer stays at its last layer."""
    shown = replace(opening(engine, "sudoku4-looped"), versus="sudoku4-standard", loops=LOOPS)
    body = """
    receive(0);
    const other = page.state.run.views[1];
    Object.assign(other, { settled: 3 }).changes[2][5] = 1;
    other.meta.moving = true;
    const says = [];
    for (const loop of [3, 4, 6]) {
      page.clock.go(loop);
      await painted();
      says.push(document.querySelectorAll(".ls-board .ls-says")[1].textContent);
    }
    const [, view] = page.state.run.views;
    return [says, [3, 4, 6].map((t) => view.changed(t))];
    """
    says, changed = run(module, [message(engine, shown)], body)
    assert changed == [1, 0, 0]
    assert "1 answer changed in this loop." in says[0]
    for words in says[1:]:
        assert "Its 3 layers are done; answers still changed in the last." in words
        assert "changed in this loop" not in words
        assert "No answer has changed" not in words


def test_labels_of_the_clock_that_meet_at_many_loops_are_all_said(module: Module) -> None:
    body = """
    const { LoopClock } = await import("http://modules.test/core/clock.js");
    const clock = new LoopClock(() => {});
    clock.loops = 256;
    const bar = new m.ClockBar(clock);
    document.body.replaceChildren(bar.root);
    bar.root.querySelector(".ls-track").style.cssText = `width: ${x}px; position: relative; display: block`;
    bar.marks.style.cssText = "display: block; position: relative; font: 11px sans-serif";
    for (const label of [0]) bar.setMarks([[32, "trained", "trained"], [5, "right", "first right"],
      [7, "settled", "last change"], [6, "cell", "this cell settled"], [9, "lost", "lost"]]);
    for (const mark of bar.marks.children) mark.style.position = "absolute";
    for (const text of bar.marks.querySelectorAll("b")) Object.assign(text.style,
      { display: "inline-block", position: "relative" });
    bar.spread();
    const shown = [...bar.marks.querySelectorAll("b")].filter((text) => text.style.visibility !== "hidden");
    return shown.map((text) => text.textContent).join(" | ");
    """
    words = module("pages/clockbar.js", body, 900)
    for label in ("trained", "first right", "last change", "this cell settled", "lost"):
        assert words.count(label) == 1, words
