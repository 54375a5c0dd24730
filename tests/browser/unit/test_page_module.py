"""A page without a server: messages as Python packs them, painted and pointed at in the suite's own Chromium."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sudokus import LOOPS, Module, message, run, tiny

from looped.serving.engine import Engine
from looped.serving.request import Request, answer, from_link, opening


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return tiny(tmp_path_factory.mktemp("checkpoints"))


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
    const box = page.bar.panelList.querySelector("[title='Show Probes']");
    const entry = [...box.parentElement.querySelector("span").childNodes].map((part) => part.textContent);
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
    assert entry == ["Probes", "It is not in this saved page."]


def test_pencil_marks_survive_a_reload(module: Module, engine: Engine) -> None:
    """The link of the page holds them as it holds the digits; a board that a link shows without marks has none."""
    body = """
    Object.assign(host, { ask: null, query: "puzzle=.3244..32.3..1.2&corner=0-12&centre=0-3,6-4" });
    receive(0);
    const { typed } = page.state;
    const written = (marks) => marks.flatMap((one, i) => [...one].map((digit) => i + digit));
    const plain = () => [typed.corner, typed.centre].map(written);
    const opened = plain();
    page.select(5);
    page.write("4", "corner");
    const link = page.link.link().searchParams;
    const { Link } = await import("http://modules.test/core/links.js");
    page.beginChosen(new Link("?puzzle=.3244..32.3..1.2"));
    return [opened, link.get("corner"), link.get("centre"), plain()];
    """
    found = run(module, [message(engine, opening(engine, "sudoku4-looped"))], body)
    assert found == [[["01", "02"], ["03", "64"]], "0-12,5-4", "0-3,6-4", [[], []]]


def test_another_board_begins_without_pencil_marks_and_undo_brings_them_back(module: Module, engine: Engine) -> None:
    """However the other board came: chosen, pasted, opened from a table. What a clue hides is not in the link."""
    body = """
    Object.assign(host, { ask: null, query: "puzzle=.3244..32.3..1.2&corner=0-12,2-1&centre=0-3,6-4" });
    receive(0);
    const { typed } = page.state;
    const marks = () => {
      const { searchParams } = page.link.link();
      const kept = [typed.corner, typed.centre].map((all) => all.flatMap((one, i) => (one.size ? [i] : [])));
      return [typed.entry, ...kept, searchParams.get("corner"), searchParams.get("centre")];
    };
    const found = [marks()];
    page.useAnew("4.3..342......2.");
    typed.request = 1;
    receive(1);
    found.push(marks());
    page.undo();
    return [...found, marks()];
    """
    first = opening(engine, "sudoku4-looped")
    other = opening(engine, "sudoku4-looped", "Medium")
    other = replace(other, number=1, entry=other.input.text)
    messages = [message(engine, shown) for shown in (first, other)]
    opened, replaced, undone = run(module, messages, body)
    assert opened == [".3244..32.3..1.2", [0, 2], [0, 6], "0-12", "0-3,6-4"]
    assert replaced == ["4.3..342......2.", [], [], None, None]
    assert undone == opened


def test_the_answer_to_what_was_asked_again_is_taken_under_its_first_number(module: Module, engine: Engine) -> None:
    """Over a slow line, or the board would be made of two puzzles: its clues from before, the digits of the new run."""
    body = """
    receive(0);
    page.useAnew("4.3..342......2.");
    page.requests.again();
    receive(1);
    const taken = [page.state.typed.request, page.state.typed.entry, page.state.run.puzzle, page.requests.busy];
    page.write("1");
    page.state.typed.request += 1; // as typing does: what is on its way is out of date
    return [taken, sent.map(({ number }) => number).slice(0, 2), page.requests.answers(1), page.requests.answers(2)];
    """
    first, other = opening(engine, "sudoku4-looped"), opening(engine, "sudoku4-looped", "Medium")
    messages = [message(engine, shown) for shown in (first, replace(other, number=1, entry=other.input.text))]
    taken, numbers, *late = run(module, messages, body)
    assert taken == [2, other.input.text, other.input.text, False]
    assert numbers == [1, 2]
    assert late == [False, False]


def test_what_is_shown_while_another_board_is_awaited_is_one_board(module: Module, engine: Engine) -> None:
    """Of two boards that were asked for, the answer to the first changes nothing: its digits would stand among the
    clues from before. What was typed over them is followed, as ever."""
    body = """
    receive(0);
    page.useAnew("4.3..342......2.");
    page.useAnew("4......2...33...");
    const shown = () => [page.state.typed.entry, page.state.run.puzzle, page.requests.busy];
    receive(1);
    const between = shown();
    receive(2);
    return [between, shown()];
    """
    boards = [opening(engine, "sudoku4-looped", name) for name in ("Gentle", "Medium", "Hard")]
    texts = [board.input.text for board in boards]
    shown = [replace(board, number=i, entry=board.input.text if i else None) for i, board in enumerate(boards)]
    between, last = run(module, [message(engine, one) for one in shown], body)
    assert between == [texts[0], texts[0], True]
    assert last == [texts[2], texts[2], False]


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
    assert "1 answer changed in this layer." in says[0]
    for words in says[1:]:
        assert "Its 3 layers are done; answers still changed in the last." in words
        assert "changed in this" not in words
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


def test_labels_of_several_loops_do_not_read_as_one_and_keep_their_colours(module: Module) -> None:
    """Where there is no room for each, one label names every loop; what was guessed has a place before all others."""
    body = """
    const { LoopClock } = await import("http://modules.test/core/clock.js");
    const clock = new LoopClock(() => {});
    clock.loops = 64;
    const bar = new m.ClockBar(clock);
    document.body.replaceChildren(bar.root);
    bar.root.querySelector(".ls-track").style.cssText = `width: 340px; position: relative; display: block`;
    bar.marks.style.cssText = "display: block; position: relative; font: 11px sans-serif";
    bar.setMarks(x);
    for (const mark of bar.marks.children) mark.style.position = "absolute";
    for (const text of bar.marks.querySelectorAll("b")) Object.assign(text.style,
      { display: "inline-block", position: "relative" });
    bar.spread();
    const texts = [...bar.marks.querySelectorAll("b")].filter((text) => text.style.visibility !== "hidden");
    const kinds = [...texts[0].children].map((word) => word.dataset.kind);
    return [texts.map((text) => text.textContent), kinds, texts[0].parentElement.dataset.kind];
    """
    two = [[7, "settled", "last change"], [7, "guess", "your guess"], [9, "truth", "the model"]]
    texts, kinds, tick = module("pages/clockbar.js", body, two)
    assert (texts, kinds, tick) == (["last change · your guess", "the model"], ["settled", "guess"], "guess")
    more = [
        [4, "right", "first right"],
        [5, "cell", "this cell settled"],
        [6, "trained", "trained"],
        [8, "lost", "lost"],
    ]
    texts, _, _ = module("pages/clockbar.js", body, [*two, *more])
    assert texts[:2] == ["last change · your guess", "the model"]
    assert texts[2:] == ["4 first right · 5 this cell settled · 6 trained · 8 lost"]


def test_a_board_is_drawn_while_what_is_typed_is_of_another_size(module: Module, engine: Engine) -> None:
    """Two requests may be on their way at once. Cells that a lesson outlined on the larger board stay off this one."""
    body = """
    receive(0);
    page.clock.go(6);
    page.lesson.markCells({ guess: [2, 70], truth: [3, 80] });
    Object.assign(page.state.typed, { corner: [], centre: [] });
    page.changed();
    await painted();
    const grid = [...document.querySelectorAll(".ls-board [role=gridcell]")];
    const outlined = grid.flatMap((cell, i) => (/ls-cell-(guess|truth)/.test(cell.className) ? [i] : []));
    return [grid.filter((cell) => cell.getAttribute("aria-label").includes("model says")).length, outlined];
    """
    answers, outlined = run(module, [message(engine, opening(engine, "sudoku4-looped"))], body)
    assert answers > 4
    assert outlined == [2, 3]


CLASH = "1...1..........."
NOT_DRAWN = "Its answers are not drawn here: they are those of another board."
FACE = """
const face = async () => {
  await painted();
  const grid = document.querySelectorAll(".ls-board [role=gridcell]");
  const cells = [...grid].map((one) => one.getAttribute("aria-label"));
  const marks = [...document.querySelectorAll(".ls-mark")].map((one) => one.dataset.words);
  return { answers: cells.filter((words) => words.includes("model says")).length, marks,
    pixels: page.faces[0].canvas.toDataURL(), says: document.querySelector(".ls-board .ls-says").textContent };
};
"""


def test_a_wrong_board_holds_no_answers_of_another_board(module: Module, engine: Engine) -> None:
    """Neither in its blanks nor on the clock; while an answer is on its way the last ones stay."""
    good = opening(engine, "sudoku4-looped")
    page = engine.checkpoint("sudoku4-looped").task.page
    wrong = answer(engine, page, good, Request(CLASH, "sudoku4-looped", LOOPS, number=1))
    body = (
        FACE
        + """
    receive(0);
    page.state.run.views[0].firstRight = 2; // an untrained model is never right: the clock needs a mark to lose
    page.mark();
    page.clock.go(6);
    const before = await face();
    page.select(page.firstCell());
    page.write("4");
    const meanwhile = await face();
    page.useText("pasted");
    page.state.typed.request = 1;
    receive(1);
    const after = await face();
    page.clock.go(0);
    return [before, meanwhile, after, (await face()).pixels === after.pixels, page.seen(0, page.all[0]).t];
    """
    )
    messages = [message(engine, good), message(engine, wrong)]
    before, meanwhile, after, blank, t = run(module, messages, body)
    assert before["answers"] == meanwhile["answers"] + 1 > 4
    assert "first right" in before["marks"]
    assert after["answers"] == 0
    assert after["marks"] == ["trained"]
    assert blank
    assert after["says"] == "The panels still show the last board that was run."
    assert t == 0  # where the clock was put


@pytest.mark.parametrize(("size", "left"), [(4, "row 2, column 1"), (9, "row 1, column 2 and row 2, column 3")])
def test_what_was_run_in_the_place_of_a_wrong_board_of_a_link_is_said(
    module: Module, engine: Engine, size: int, left: str
) -> None:
    """Nobody ran a board before: a copy without what makes this one wrong stands in the panels."""
    wrong = CLASH if size == 4 else "55" + 7 * "." + "6.6" + 69 * "."
    page = engine.checkpoint("sudoku4-looped").task.page
    shown = from_link(engine, page, {"checkpoint": f"sudoku{size}-looped", "puzzle": wrong, "loops": "6"})
    found = run(module, [message(engine, shown)], FACE + "receive(0); page.clock.go(6); return face();")
    assert found["says"] == f"The panels show a copy of this board that can be run, with {left} left out. {NOT_DRAWN}"
    assert (found["answers"], found["marks"]) == (0, ["trained"])


def test_a_wrong_entry_is_named_and_panels_say_that_it_is_blank_in_what_was_run(module: Module, engine: Engine) -> None:
    """Of the cells that clash the entry goes, not the locked clues; the panel on its cell speaks of a blank."""
    page = engine.checkpoint("sudoku4-looped").task.page
    query = {"checkpoint": "sudoku4-looped", "puzzle": "43244..32.3..1.2", "entered": "0", "loops": "6"}
    shown = from_link(engine, page, query)
    assert shown.input.text == ".3244..32.3..1.2"
    body = """
    receive(0);
    page.arrange(["readout"]);
    page.clock.go(6);
    const says = async (cell) => {
      page.select(cell);
      await painted();
      return page.figures.readout.parts.querySelector(".ls-says").textContent;
    };
    return { face: (await face()).says, readout: [await says(0), await says(3)] };
    """
    found = run(module, [message(engine, shown)], FACE + body)
    left = "your entry in row 1, column 1"
    assert found["face"] == f"The panels show a copy of this board that can be run, with {left} left out. {NOT_DRAWN}"
    blank = "Row 1, column 1 is left out of the copy of the board that was run: here it is blank."
    assert found["readout"][0].startswith(blank)
    assert "left out" not in found["readout"][1]
    assert "Row 1, column 4" in found["readout"][1]


def test_panels_of_a_copy_are_asked_for_it_and_see_the_clock(module: Module, engine: Engine) -> None:
    """The flow of attention, which is asked by itself, waited for a run of the wrong board, which never comes, and so
    did the line on what was recorded; What if stood before the first loop, as the board does. While something is on its
    way nothing is asked."""
    page = engine.checkpoint("sudoku4-looped").task.page
    shown = from_link(engine, page, {"checkpoint": "sudoku4-looped", "puzzle": CLASH, "loops": "6"})
    body = """
    const asked = [];
    page.answers.source = async function* (query) { asked.push([query.get("question"), query.get("puzzle")]); };
    const settle = async () => { await painted(); return asked.splice(0); };
    receive(0);
    page.arrange(["flow", "whatif"]);
    page.clock.go(4);
    page.truth.seen = true;
    const before = await settle();
    const whatif = page.figures.whatif.form;
    const words = [whatif.says.textContent, whatif.from.options.length];
    page.answers.known.clear();
    page.ask({});
    page.changed();
    return [before, words, await settle()];
    """
    before, (clock, entries), meanwhile = run(module, [message(engine, shown)], body)
    assert sorted(before) == [["recorded", shown.input.text], ["rollout", shown.input.text]]
    assert "the clock stands at loop 4." in clock
    assert entries == 2  # from the start, and from where the clock stands
    assert meanwhile == []


def test_a_text_that_was_refused_leaves_what_is_said_of_the_board(module: Module, engine: Engine) -> None:
    """The dialog says what is wrong with the text; when it is left, the page says what is true of what it draws."""
    good = opening(engine, "sudoku4-looped")
    page = engine.checkpoint("sudoku4-looped").task.page
    wrong = answer(engine, page, good, Request(CLASH, "sudoku4-looped", LOOPS, number=2))
    unread = [
        answer(engine, page, one, Request("abc", "sudoku4-looped", LOOPS, number=n))
        for one, n in ((good, 1), (wrong, 3), (wrong, 4))
    ]
    body = """
    receive(0);
    const bar = () => page.message.firstChild?.textContent ?? "";
    const said = [];
    const paste = (text, i) => {
      page.openText();
      page.dialog.querySelector("textarea").value = text;
      page.dialog.querySelector("form").requestSubmit();
      receive(i);
      said.push([page.dialog.open && page.dialog.querySelector("[role=alert]").textContent, bar()]);
      if (page.dialog.open) page.dialog.close();
    };
    paste("abc", 1);
    paste(x[5], 2);
    paste("abc", 3);
    page.paste("abc");
    receive(4);
    said.push(bar());
    page.message.querySelector("button").click();
    return [...said, bar()];
    """
    messages = [message(engine, one) for one in (good, unread[0], wrong, *unread[1:])]
    first, second, third, pasted, closed = run(module, [*messages, CLASH], body)
    assert "'a'" in first[0]
    assert first[1] == ""
    assert not second[0]
    assert "twice" in second[1]
    assert "'a'" in third[0]
    assert third[1] == second[1] == closed
    assert "'a'" in pasted


@pytest.mark.parametrize("gap", [4, 12, 60])
def test_no_label_of_the_clock_touches_the_readout(module: Module, gap: int) -> None:
    """At the last loop, where the readout is longest; where it leaves room, labels use it."""
    body = """
    const { LoopClock } = await import("http://modules.test/core/clock.js");
    const clock = new LoopClock(() => {});
    Object.assign(clock, { loops: 32 });
    const bar = new m.ClockBar(clock);
    document.body.replaceChildren(bar.root);
    bar.root.style.cssText = "position: relative; width: 500px; height: 60px; font: 12px sans-serif";
    bar.root.querySelector(".ls-track").style.cssText = "position: absolute; left: 0; width: 200px";
    bar.marks.style.cssText = "display: block; position: relative; height: 40px";
    bar.now.style.cssText = `position: absolute; white-space: nowrap; left: ${200 + x}px`;
    bar.show(16);
    bar.setMarks([[31, "cell", "this position settled"]]);
    for (const mark of bar.marks.children) mark.style.cssText +=
      "; position: absolute; left: calc(var(--at) * 100%); transform: translateX(-50%); white-space: nowrap";
    for (const text of bar.marks.querySelectorAll("b")) text.style.position = "relative";
    bar.spread();
    clock.loop = 32;
    bar.show(16);
    return [bar.marks.querySelector("b").getBoundingClientRect().right, bar.now.getBoundingClientRect().left,
      bar.now.textContent];
    """
    right, left, said = module("pages/clockbar.js", body, gap)
    assert said == "loop 32 of 32"
    assert right <= max(left - 4, 204)
    assert right >= min(left, 240) - 12


def test_while_the_server_is_away_the_page_says_so(module: Module, engine: Engine) -> None:
    """The digit that was typed stays, without the answers of the board before; the next answer takes the words back."""
    good = opening(engine, "sudoku4-looped")
    page = engine.checkpoint("sudoku4-looped").task.page
    body = (
        FACE
        + """
    receive(0);
    page.clock.go(6);
    page.select(page.firstCell());
    page.write("4");
    page.requests.away();
    const bar = () => page.message.firstChild?.textContent ?? "";
    const away = [bar(), (await face()).answers];
    page.state.typed.request = 1;
    receive(1);
    return [away, bar(), (await face()).answers > 0];
    """
    )
    typed = f"...{good.input.text[3:]}"
    back = answer(engine, page, good, Request(typed, "sudoku4-looped", LOOPS, number=1))
    away, bar, answered = run(module, [message(engine, good), message(engine, replace(back, entry=typed))], body)
    assert away == ["The server cannot be reached. What you entered is run as soon as it is back.", 0]
    assert (bar, answered) == ("", True)


def test_the_menu_ticks_what_is_shown_and_acts_on_it(module: Module) -> None:
    """A panel in whose place another stands is neither ticked nor taken off by itself."""
    body = """
    const layout = { panels: ["attention", "trajectory"] };
    const run = { views: [{ arrays: { claims: 1, trajectory: 1 }, meta: { missing: { attention: "It has none." } } }],
      offers: [], meta: { offers: [] } };
    const page = { spec: { page: "sudoku", panels: layout.panels }, state: { layout, run }, host: { ask: 1 },
      all: [], figures: {}, words: (text) => text };
    const panels = page.panels = new m.Panels(page);
    page.all = panels.all;
    page.figures = panels.figures = Object.fromEntries(panels.all.map((panel) => [panel.name, { panel }]));
    page.arrange = panels.arrange = (names) => { layout.panels = names; };
    const bar = Object.assign(Object.create(Bar.prototype), { page, panelList: document.createElement("div") });
    const box = (title) => {
      bar.fillPanels();
      return bar.panelList.querySelector(`input[title="Show ${title}"]`);
    };
    const look = () => ["Contests", "Attention"].map((title) => [box(title).checked, box(title).disabled]);
    const press = (title) => box(title).dispatchEvent(new Event("change"));
    const seen = [look()];
    const note = () => seen.push([look(), panels.drawing(), [...layout.panels]]);
    press("Contests");
    note();
    press("Contests");
    note();
    layout.panels = ["attention", "trajectory", "contests"];
    note();
    press("Contests");
    note();
    return seen;"""
    first, off, on, twice, gone = module(
        "pages/panels.js", 'const { Bar } = await import("http://modules.test/pages/bar.js");' + body
    )
    shown, hidden = [[True, False], [False, True]], [[False, False], [False, True]]
    assert first == shown
    assert off == [hidden, ["trajectory"], ["trajectory"]]
    assert on == [shown, ["trajectory", "contests"], ["trajectory", "contests"]]
    assert twice == [shown, ["contests", "trajectory"], ["attention", "trajectory", "contests"]]
    assert gone == off


def test_contests_stand_where_a_model_has_no_attention_map(module: Module) -> None:
    """They are moved and hidden as what was chosen; a model with attention shows that."""
    body = """
    const of = (arrays, missing, chosen) => {
      const layout = { panels: chosen };
      const run = { views: [{ arrays, meta: { missing } }], offers: [] };
      const page = { spec: { page: "sudoku", panels: chosen }, state: { layout, run }, host: {} };
      const panels = new m.Panels(page);
      panels.figures = Object.fromEntries(panels.all.map((panel) => [panel.name, { panel }]));
      panels.arrange = (names) => { layout.panels = names; };
      return panels;
    };
    const usual = ["attention", "trajectory"];
    const net = of({ claims: 1, trajectory: 1 }, { attention: "It has none." }, usual);
    const other = of({ attention: 1, trajectory: 1 }, { claims: "It has none." }, usual);
    const shown = [net, other].map((panels) => panels.shownOf(panels.layout.panels));
    net.move("contests", 1);
    const moved = [...net.layout.panels];
    net.hide("contests");
    return [...shown, moved, net.layout.panels, net.shownOf(["attention", "contests"]), other.shownOf(["contests"])];"""
    net, other, moved, hidden, both, alone = module("pages/panels.js", body)
    assert net == ["contests", "trajectory"]
    assert other == ["attention", "trajectory"]
    assert moved == ["trajectory", "attention"]
    assert hidden == ["trajectory"]
    assert both == ["contests"]
    assert alone == ["attention"]
