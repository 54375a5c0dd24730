"""Links: what they ask for and cannot have, messages and how to be rid of them, and the view that is taken away as a
zip."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hands import CANVASES, EASY, GENTLE4, MEDIUM, PANELS
from library import run
from playwright.sync_api import BrowserContext, expect

from looped.catalogue import checkpoints
from looped.runs.trace import Trace

if TYPE_CHECKING:
    from conftest import Scope

A, B = "sudoku9-tmlt", "sudoku9-looped"
KINDS = ("svg", "png", "csv")
NONSENSE = {
    "puzzle": "hello",
    "checkpoint": "../../etc/passwd",
    "versus": "nobody",
    "loops": "1e3",
    "loop": "-1",
    "cell": "²",
    "head": "x",
    "show": "everything",
    "present": "nothing",
    "range": "9-2",
    "panels": "a,b",
    "hide": "maybe",
    "v": "1",
    "utm_source": "mail",
}


def usual(scope: Scope) -> None:
    """What a newcomer sees: the Easy board, every panel in its place, the clock before the first loop, controls, and no
    comparison."""
    assert scope.entry == EASY
    assert scope.panels == list(PANELS)
    loops = 32
    scope.at_loop(0)
    assert "not shown" not in scope.pixels().values()
    expect(scope.list("Show on the board")).to_have_value("answer")
    expect(scope.list("Attention head")).to_have_value("")
    expect(scope.page.get_by_role("grid")).to_have_count(1)
    assert scope.chosen == EASY.index(".")
    expect(scope.page.locator(".ls-bar")).to_be_visible()
    scope.wait_for_query(
        checkpoint=A,
        puzzle=EASY,
        loops=loops,
        loop=0,
        cell=EASY.index("."),
        head=None,
        show=None,
        range=None,
        panels=None,
        present=None,
        hide=None,
        versus=None,
    )


def test_nonsense_in_every_parameter(scope: Scope) -> None:
    """One message, which can be closed, and the usual picture; the address is put right."""
    scope.open(**NONSENSE)
    usual(scope)
    expect(scope.message.get_by_role("button")).to_have_count(1)
    text = scope.message.inner_text()
    assert "passwd" in text
    assert 20 < len(text) < 700


@pytest.mark.parametrize(
    "query",
    [
        {"cell": "81"},
        {"loop": "999", "head": "7", "range": "5-99"},
        {"show": "everything", "present": "nothing", "panels": "a,b"},
    ],
    ids=lambda query: next(iter(query)),
)
def test_wrong_parameters_alone(scope: Scope, query: dict[str, str]) -> None:
    """The message names what was asked for, also where the link says nothing else, and everything is as usual."""
    scope.open(**query)
    usual(scope)
    expect(scope.message).to_contain_text("This link asks for")
    for value in query.values():
        expect(scope.message).to_contain_text(value.partition(",")[0])


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"loop": "5", "cell": "16"}, ("loop 5 (there are 0 to 4)", "cell 16 (there are 0 to 15)")),
        ({"loop": "", "head": "4", "range": "2-5"}, ("loop ", "head 4 (there are 0 to 3)", "range 2-5")),
        (
            {"loop": "1.5", "cell": "-1", "show": "versus ", "modes": "readout-space"},
            ("loop 1.5", "cell -1", "“versus ”", "“readout-space”"),
        ),
        (
            {"loop": "٣", "present": "Board", "range": "2", "modes": "trajectory-cube"},
            ("loop ٣", "“Board”", "range 2", "a panel that shows “trajectory-cube”"),
        ),
        (
            {"panels": "order,nothing,attention", "range": "3-3", "modes": "effect-heads,space"},
            (
                "“space”, the range 3-3, which this view does not have; the usual is shown instead.",
                "It also asks for a panel called "
                "“nothing”, which this view does not have; the others that it names are shown.",
            ),
        ),
        ({"modes": "nothing-space"}, ("“nothing-space”",)),
    ],
    ids=lambda value: "&".join(f"{key}={one}" for key, one in value.items()) if isinstance(value, dict) else "",
)
def test_what_does_not_exist_is_told_and_the_rest_is_shown(
    scope: Scope, query: dict[str, str], says: tuple[str, ...]
) -> None:
    """Bounds are those of this board and this run; what else the link asks for is there."""
    asked: dict[str, Any] = {
        "puzzle": GENTLE4,
        "checkpoint": "sudoku4-tmlt",
        "loops": 4,
        "loop": 2,
        "cell": 6,
        "head": 1,
        "show": "settle",
        "range": "1-3",
        "panels": "order,attention",
    } | query
    scope.open(**asked)
    for words in says:
        expect(scope.message).to_contain_text(words)
    expect(scope.message).to_contain_text("which this view does not have")
    assert scope.entry == GENTLE4
    found = {
        "loop": scope.loop,
        "cell": scope.chosen,
        "head": scope.list("Attention head").input_value(),
        "show": scope.list("Show on the board").input_value(),
        "range": scope.page.get_by_test_id("range-clear").inner_text(),
        "panels": scope.panels[1:],
    }
    wanted = {"loop": 2, "cell": 6, "head": "1", "show": "settle", "range": "1–3 ✕", "panels": ["order", "attention"]}
    fallback = {
        "loop": 4,
        "cell": GENTLE4.index("."),
        "head": "",
        "show": "answer",
        "range": "",
        "panels": ["order", "attention"],
    }
    assert found == {name: fallback[name] if name in query else value for name, value in wanted.items()}


def test_two_things_that_are_wrong_in_a_link(scope: Scope) -> None:
    """What the server finds and what the page finds come together in one message."""
    scope.open(puzzle=MEDIUM, checkpoint=A, versus="nobody", loops=4, loop=9)
    expect(scope.message).to_contain_text("'nobody'")
    expect(scope.message).to_contain_text("loop 9 (there are 0 to 4)")
    expect(scope.message.get_by_role("button")).to_have_count(1)
    assert scope.entry == MEDIUM


def test_a_good_link_says_nothing(scope: Scope) -> None:
    """Every parameter at once, all of them possible."""
    scope.open(
        v=1,
        puzzle=MEDIUM,
        checkpoint=A,
        versus=B,
        loops=6,
        loop=0,
        cell=80,
        head=3,
        show="versus",
        range="0-3",
        panels="readout,order",
        hide=0,
    )
    expect(scope.message).to_be_empty()
    assert (scope.entry, scope.chosen, scope.panels) == (MEDIUM, 80, ["board", "readout", "order"])
    scope.at_loop(0, scope.panels)
    scope.wait_for_query(loop=0, cell=80, head=3, show="versus", range="0-3", panels="readout,order", hide=None)


def test_a_browser_that_does_not_copy_shows_the_link(scope: Scope) -> None:
    """Without https there is no clipboard for pages: the link stands in a field, chosen, so that Ctrl+C copies it."""
    scope.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { get: () => undefined })")
    scope.open(puzzle=MEDIUM, loops=3)
    panels = f"&panels={','.join(name for name in scope.panels if name != 'board')}"
    presenting = "Copy a link that opens in presenter mode with the controls hidden"
    for item, more in (
        ("Copy link: Copy a link to exactly this view", ""),
        (f"Copy link for presenting: {presenting}", "&present=board&hide=1"),
    ):
        scope.summary("Share").click()
        scope.button(item).click()
        dialog = scope.page.get_by_role("dialog")
        field = dialog.get_by_role("textbox", name="Link")
        expect(field).to_have_value(scope.page.url + panels + more)
        expect(field).to_be_focused()
        assert field.evaluate("(field) => field.selectionEnd - field.selectionStart === field.value.length")
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_have_count(0)


def test_a_copied_link_shows_its_panels_to_who_has_chosen_others(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """The panels of a first visit, too, which an address leaves out."""
    one = new_scope(address, new_context(permissions=["clipboard-read", "clipboard-write"])).open(
        puzzle=MEDIUM, loops=3
    )
    assert "panels" not in one.query
    one.menu("Share", "Copy link: Copy a link to exactly this view")
    expect(one.message).to_contain_text("The link is copied")
    link = one.page.evaluate("navigator.clipboard.readText()")
    two = new_scope(address, new_context()).open()
    two.page.evaluate("localStorage.setItem('loopscope.panels', 'rules')")
    two.page.goto(link)
    two.ready()
    assert two.panels == one.panels


def test_messages_can_be_closed(scope: Scope) -> None:
    """By mouse and by keyboard; the next one comes all the same."""
    scope.open()
    expect(scope.message).to_contain_text("loop by loop")  # the welcome
    scope.button("Close this message").click()
    expect(scope.message).to_be_empty()
    expect(scope.message).to_be_hidden()
    scope.choose(EASY.index("."))
    scope.asking(lambda: scope.press(EASY[EASY.index("6")]))
    expect(scope.message).to_contain_text("twice")
    scope.button("Close this message").focus()
    scope.press("Enter")
    expect(scope.message).to_be_empty()
    assert scope.page.evaluate("document.activeElement !== document.body")  # the keyboard is not thrown back to the top
    scope.press("Control+z")
    scope.wait_for_entry(EASY)


# ─── the view as a zip ───────────────────────────────────────────────────────────────────────────────────────────


def exported(scope: Scope) -> zipfile.ZipFile:
    """What the Share menu's link gives."""
    scope.summary("Share").click()
    with scope.page.expect_download(timeout=120_000) as download:
        scope.page.get_by_test_id("export-view").click()
    assert download.value.suggested_filename.startswith("loopscope-sudoku9-")
    return zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))


def test_export_this_view(scope: Scope) -> None:
    """The zip holds the arrays of this run as the library records them, the panels on screen and no others (none of a
    question that was not asked), the page, and the script that makes the arrays again."""
    cell = MEDIUM.index(".", 30)
    scope.open(puzzle=MEDIUM, checkpoint=A, loops=5, loop=3, cell=cell, head=1, panels="trajectory,order,probes")
    with exported(scope) as packed:
        assert packed.testzip() is None
        names = {name.partition("/")[2]: name for name in packed.namelist()}
        assert {name.partition("/")[0] for name in packed.namelist()} == {f"{A}-loop3"}
        assert {"trace.npz", "view.json", "regenerate.py"} <= names.keys()
        figures = {name.removeprefix("figures/") for name in names if name.startswith("figures/")}
        assert figures == {
            f"{panel}.{kind}" for panel in ("board", "hidden-states", "model-and-logic") for kind in KINDS
        } | {"left-out.csv"}
        left = packed.read(names["figures/left-out.csv"]).decode()
        assert left.splitlines()[1].endswith("Its question is not asked yet.")
        assert len(left.splitlines()) == 2
        assert b'"query":' in packed.read(names["page.html"])
        view = json.loads(packed.read(names["view.json"]))
        trace = Trace.load(io.BytesIO(packed.read(names["trace.npz"])))  # type: ignore[arg-type]
        compile(packed.read(names["regenerate.py"]), "regenerate.py", "exec")
    assert {key: view[key] for key in ("input", "loops", "loop", "cell", "head")} == {
        "input": MEDIUM,
        "loops": 5,
        "loop": 3,
        "cell": cell,
        "head": 1,
    }
    assert view["sha256"] == checkpoints.load_checkpoint(A).sha256
    wanted = run(A, MEDIUM, 5).trace
    assert trace.arrays().keys() == wanted.arrays().keys()
    for name, array in wanted.arrays().items():
        np.testing.assert_allclose(trace.arrays()[name], array, rtol=1e-3, atol=1e-4, err_msg=name)


def test_every_panel_on_screen_is_exported_or_named_as_left_out(scope: Scope) -> None:
    """Of a net without attention: Contests, which stands in its place, and why what is empty is not there."""
    name = "sudoku9-candidates-looped"
    scope.open(puzzle=MEDIUM, checkpoint=name, loops=3, loop=2, panels="attention,timestep,convergence")
    assert scope.panels == ["board", "contests", "timestep", "convergence"]
    with exported(scope) as packed:
        names = {one.partition("/")[2]: one for one in packed.namelist()}
        figures = {one.removeprefix("figures/") for one in names if one.startswith("figures/")}
        expected = {f"{panel}.{kind}" for panel in ("board", "contests", "convergence") for kind in KINDS}
        assert figures == expected | {"left-out.csv"}
        _, *left = packed.read(names["figures/left-out.csv"]).decode().splitlines()
    assert len(left) == 1
    assert left[0].startswith("Timestep scales,This checkpoint has no timestep encoding: ")


def test_an_export_can_be_cancelled(scope: Scope) -> None:
    """Nothing is downloaded and nothing is left of it; asked again it is packed."""
    scope.open(puzzle=MEDIUM, checkpoint=A, loops=3, loop=2, panels="order")
    held: list[object] = []
    downloads: list[object] = []
    scope.page.on("download", lambda one: downloads.append(one))
    scope.page.route("**/export?*", lambda route: held.append(route))
    scope.summary("Share").click()
    scope.page.get_by_test_id("export-view").click()
    expect(scope.message).to_contain_text("The view is being packed")
    scope.page.wait_for_function("document.querySelector('.ls-message progress')?.value >= 3")  # all but the arrays
    scope.message.get_by_role("button", name="Cancel").click()
    expect(scope.message).to_have_text(re.compile("It was cancelled"))
    expect(scope.message.locator("progress")).to_have_count(0)
    assert (len(held), downloads) == (1, [])
    scope.page.unroute("**/export?*")
    with exported(scope) as packed:
        assert packed.testzip() is None
    assert len(downloads) == 1


def test_export_of_two_runs(scope: Scope) -> None:
    """A folder for each, the variant among them, and arrays that differ."""
    scope.open(puzzle=MEDIUM, checkpoint=A, versus=f"{A}~frozen", loops=3)
    with exported(scope) as packed:
        top = f"{A}-vs-{A}-timestep-frozen-at-0-loop3"
        folders = [f"{top}/{name}" for name in (A, f"{A}-timestep-frozen-at-0")]
        drawing = packed.read(f"{top}/figures/convergence.svg").decode()
        assert re.findall("[AB]: [^<]*, loop 3 of 3", drawing) == [
            f"A: {A}, loop 3 of 3",
            f"B: {A}, timestep frozen at 0, loop 3 of 3",
        ]
        views = [json.loads(packed.read(f"{folder}/view.json")) for folder in folders]
        assert [view["checkpoint"] for view in views] == [A, f"{A}~frozen"]
        assert [view["change"] for view in views] == [None, "timestep frozen at 0"]
        read = [io.BytesIO(packed.read(f"{folder}/trace.npz")) for folder in folders]
        traces = [Trace.load(file) for file in read]  # type: ignore[arg-type]
    for trace, name in zip(traces, (A, f"{A}~frozen"), strict=True):
        np.testing.assert_allclose(trace.hidden, run(name, MEDIUM, 3).trace.hidden, rtol=1e-3, atol=1e-3, err_msg=name)
    assert not np.allclose(traces[0].hidden[-1], traces[1].hidden[-1], rtol=0.1)


def test_the_link_of_the_export_follows_the_view(scope: Scope) -> None:
    """It asks for what the address bar says, and can be reached by keyboard."""
    scope.open(puzzle=MEDIUM, checkpoint=A, loops=5, loop=3)
    scope.choose(7)
    scope.wait_for_query(cell=7)
    link = scope.page.get_by_test_id("export-view")
    expect(link).to_have_attribute("href", f"export?{scope.page.url.partition('?')[2]}")
    scope.summary("Share").focus()
    scope.press("Enter", "Shift+Tab", "Tab")
    for _ in range(6):
        scope.press("Tab")
        if link.evaluate("(link) => link === document.activeElement"):
            break
    expect(link).to_be_focused()
    assert set(CANVASES) <= set(scope.panels)
