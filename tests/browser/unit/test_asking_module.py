"""Asking without a server: what the menu Ask starts, what it and the list of panels say cannot be asked, and what is
said where there is nothing to save."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sudokus import Module, message, run, tiny

from looped.questions import unanswerable
from looped.serving.engine import Engine
from looped.serving.request import opening

ASKED = """
Object.assign(host, { send: () => {}, saveAnimation: () => {} });
const asked = [];
page.answers.source = async function* (query) {
  asked.push([query.get("question"), query.get("checkpoint")]);
  await new Promise(() => {}); // it runs on
};
receive(0);
await painted();
"""
MENU = """
const entry = (name) => page.bar.questionButtons[name];
const choose = async (name) => { entry(name).click(); await painted(); };
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return tiny(tmp_path_factory.mktemp("checkpoints"))


def test_a_question_that_is_chosen_is_asked_at_once_and_only_once(module: Module, engine: Engine) -> None:
    """While it runs, and when it is answered, its panel is only shown; the title says which of these it will be."""
    body = """
    page.bar.fillQuestions();
    const first = entry("clues").title;
    await choose("clues");
    const running = page.figures.clues.drawn[0].row;
    const seen = [asked.length, running.progress.hidden, page.state.layout.panels[0],
      document.activeElement === running.cancel];
    await choose("clues");
    page.bar.fillQuestions();
    const again = [asked.length, entry("clues").title];
    for (const answer of page.answers.known.values()) Object.assign(answer, { running: false, share: 1 });
    await choose("clues");
    page.bar.fillQuestions();
    for (const answer of page.answers.known.values()) Object.assign(answer, { error: "It broke." });
    page.bar.fillQuestions();
    const broken = entry("clues").title;
    await choose("clues");
    return [first, seen, ...again, asked, broken];
    """
    first, seen, again, title, asked, broken = run(
        module, [message(engine, opening(engine, "sudoku4-looped"))], ASKED + MENU + body
    )
    shown = "Which clue decided this cell? Shows the panel Which clue decided"
    at_once = "Which clue decided this cell? Asks at once and shows the panel Which clue decided; the answer takes "
    assert first == broken == f"{at_once}about 3 s"
    assert seen == [1, False, "clues", True]
    assert (again, title) == (1, shown)
    assert asked == [["clues", "sudoku4-looped"]] * 2  # once more after it failed


def test_a_question_that_needs_a_choice_first_shows_its_panel(module: Module, engine: Engine) -> None:
    """Of a given cell nothing is asked; a form, and a figure that needs no answer, ask nothing."""
    body = """
    const given = [...page.state.run.views[0].asked].indexOf(0);
    page.select(given);
    await painted();
    page.bar.fillQuestions();
    const titles = ["clues", "whatif", "rules"].map((name) => entry(name).title);
    for (const name of ["clues", "whatif", "rules"]) await choose(name);
    return [asked, titles, page.state.layout.panels.slice(0, 3), page.figures.clues.drawn[0].row.note.textContent];
    """
    asked, titles, panels, note = run(module, [message(engine, opening(engine, "sudoku4-looped"))], ASKED + MENU + body)
    assert asked == []
    assert [title.partition("? ")[2] for title in titles] == [
        "Shows the panel Which clue decided",
        "Shows the panel What if",
        "Shows the panel Attention by rule",
    ]
    assert panels == ["rules", "whatif", "clues"]
    assert note == "The chosen cell is given: nothing is asked of it. Choose a blank."


def test_a_question_is_asked_of_both_runs_that_are_compared(module: Module, engine: Engine) -> None:
    body = """
    page.bar.fillQuestions();
    const said = entry("temperature").title;
    await choose("temperature");
    return [asked.map(([, name]) => name), said];
    """
    shown = replace(opening(engine, "sudoku4-looped"), versus="sudoku4-standard")
    names, said = run(module, [message(engine, shown)], ASKED + MENU + body)
    assert names == ["sudoku4-looped", "sudoku4-standard"]
    assert said.endswith("; the answer takes about 1 s for each model")


def test_opening_a_link_asks_nothing(module: Module, engine: Engine) -> None:
    """Its panels wait for a press; the same panel chosen in the menu does not."""
    body = """
    host.query = "panels=clues,temperature,scaling";
    page.state.run.meta = null;
    receive(0);
    await painted();
    const opened = [page.state.layout.panels, asked.length];
    await choose("temperature");
    return [...opened, asked.length];
    """
    messages = [message(engine, opening(engine, "sudoku4-looped"))]
    panels, before, after = run(module, messages, ASKED + MENU + body)
    assert (panels, before, after) == (["clues", "temperature", "scaling"], 0, 1)


def test_what_a_model_cannot_be_asked_is_said_before_it_is_chosen(module: Module, engine: Engine) -> None:
    """In the list of panels and in the menu Ask, in the words of the server; not where one of two runs can be asked."""
    body = """
    const says = () => {
      page.bar.fillQuestions();
      const box = page.bar.panelList.querySelector("[title='Show Layer by layer']");
      const told = [...box.parentElement.querySelector("span").childNodes].map((part) => part.textContent);
      const before = page.state.layout.panels.join();
      box.click();
      const asked = entry("layerwise");
      const reason = asked.querySelector(".ls-reason");
      return [told, box.disabled, box.getAttribute("aria-disabled"), page.state.layout.panels.join() === before,
        asked.disabled, asked.title, reason.hidden ? "" : reason.textContent, entry("clues").disabled];
    };
    const lacking = says();
    receive(1);
    await painted();
    return [lacking, says()];
    """
    one = opening(engine, "sudoku4-looped")
    why = unanswerable(engine.checkpoint("sudoku4-looped"))["layerwise"]
    both = message(engine, replace(one, versus="sudoku4-deep", number=1))
    lacking, compared = run(module, [message(engine, one), both], ASKED + MENU + body)
    assert "several layers in a loop" in why
    assert lacking == [
        ["Layer by layer", why],  # to be read, and not in a tooltip alone
        *(True, "true", True),  # a click on it does nothing
        *(True, f"Does every layer come to rest? {why}", why),
        False,
    ]
    assert compared[0] == ["Layer by layer"]
    assert compared[1:5] == [False, None, False, False]
    assert compared[6] == ""


def test_of_a_panel_with_several_modes_those_are_offered_that_can_be_asked(module: Module, engine: Engine) -> None:
    """Of a standard transformer heads can be cut; where a looped model is beside it, all modes are there again.

    The one that was asked stays.
    """
    body = """
    const says = () => ["effect", "basins", "exits", "resting"].map((name) => {
      const { modeSelect } = page.figures[name];
      return [[...modeSelect.options].map((option) => option.value), modeSelect.value, modeSelect.hidden];
    });
    const alone = says();
    page.bar.fillQuestions();
    const menu = [entry("effect").disabled, entry("resting").disabled];
    await choose("effect");
    const linked = page.link.link().searchParams.get("modes");
    const first = asked.map(([question]) => question);
    receive(1);
    await painted();
    return [alone, menu, linked, first, says()];
    """
    one = opening(engine, "sudoku4-standard")
    both = message(engine, replace(one, versus="sudoku4-looped", number=1))
    alone, menu, linked, first, compared = run(module, [message(engine, one), both], ASKED + MENU + body)
    assert alone[:3] == [[["heads"], "heads", True], [["turns"], "turns", True], [["run"], "run", True]]
    assert alone[3][0] == ["ordinary", "minimal"]  # none can be asked: the panel says why
    assert (menu, linked, first) == ([False, True], None, ["heads"])
    assert [modes for modes, _, _ in compared] == [
        ["cells", "heads"],
        ["turns", "noise"],
        ["run", "boards", "minimal"],
        ["ordinary", "minimal"],
    ]
    assert [chosen for _, chosen, _ in compared[:3]] == ["heads", "turns", "run"]
    assert not any(hidden for _, _, hidden in compared)


def test_that_there_is_no_map_is_said_once_and_costs_nothing(module: Module, engine: Engine) -> None:
    """A standard transformer has steps to show and no spectrum to compute: the menu names no time for it."""
    body = """
    page.panels.arrange(["fixed"]);
    const says = async () => {
      await painted();
      page.bar.fillQuestions();
      const { row, says } = page.figures.fixed.drawn[0];
      const { disabled, title } = entry("fixed");
      return [disabled, title, entry("fixed").querySelector(".ls-cost").textContent, row.root.hidden,
        says.textContent.includes("there is no map to have a fixed point")];
    };
    const alone = await says();
    receive(1);
    return [alone, await says()];
    """
    one = opening(engine, "sudoku4-standard")
    other = message(engine, replace(opening(engine, "sudoku4-looped"), number=1))
    alone, looped = run(module, [message(engine, one), other], ASKED + MENU + body)
    question = "Is there a fixed point? "
    assert alone == [False, question + "Shows the panel Fixed point", "", True, True]
    takes = "Asks at once and shows the panel Fixed point; the answer takes about 3 s"
    assert looped == [False, question + takes, "about 3 s", False, False]


@pytest.mark.parametrize("kind", ["png", "svg", "csv", "gif"])
def test_every_kind_of_file_of_an_unanswered_panel_has_one_sentence(module: Module, engine: Engine, kind: str) -> None:
    """It stays in view beside the panel, and sends nobody to ask what cannot be asked."""
    body = """
    const { saveAnimation } = await import("http://modules.test/pages/exporting.js");
    host.saveAnimation = saveAnimation;
    const said = [];
    for (const name of ["clues", "layerwise"]) {
      await (KIND === "gif" ? page.saveAnimation(name) : page.save(name, KIND));
      said.push(page.message.firstChild.textContent, page.message.classList.contains("ls-near"));
    }
    return said;
    """
    clues, near, layerwise, too = run(
        module,
        [message(engine, opening(engine, "sudoku4-looped"))],
        ASKED + body.replace("KIND", f'"{kind}"'),
    )
    assert clues == "Which clue decided: nothing is drawn yet, so there is nothing to save. Ask it first."
    why = unanswerable(engine.checkpoint("sudoku4-looped"))["layerwise"]
    assert layerwise == f"Layer by layer: there is nothing to save. {why}"
    assert near
    assert too


def test_what_a_model_cannot_be_given_is_said_at_the_form(module: Module, engine: Engine) -> None:
    """At the grey entries and below the list, by the names of the entries, those of one reason together."""
    body = """
    page.arrange(["whatif"], false);
    await painted();
    const { form } = page.figures.whatif;
    const grey = [...form.kind.options].filter((one) => one.disabled).map((one) => [one.value, one.title]);
    return [grey, form.grey.textContent, form.grey.hidden];
    """
    grey, line, hidden = run(module, [message(engine, opening(engine, "sudoku4-looped"))], ASKED + body)
    lacks = {
        "freeze": "a timestep encoding with its scales",
        "mute": "contests within groups",
        "swap": "contests within groups",
    }
    assert {kind for kind, _ in grey} == {"freeze", "shift", "stretch", "shuffle", "close", "ones", "mute", "swap"}
    for kind, what in lacks.items():
        assert dict(grey)[kind] == f"This model does not have {what}."
    assert not hidden
    assert line == (
        "Not for this model: “Freeze the timestep at t”, “Shift the timesteps by”, “Multiply the timesteps by”, "
        "“Shuffle the timesteps”, “Set scales to zero” and “Set all scales to one”: this model does not have a "
        "timestep encoding with its scales. “Mute contests” and “Exchange two digits: their states, and what is given”:"
        " this model does not have contests within groups."
    )
