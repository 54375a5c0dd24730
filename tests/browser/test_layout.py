"""A figure is drawn at the size at which it is shown, whatever comes or goes around it, with one run and with two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hands import EASY, GENTLE4, inside
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Scope

# [panel, run, drawn over shown across, and down] of every canvas that is drawn at another size than it is shown.
STRETCHED = """() => [...document.querySelectorAll("[data-panel]")].flatMap((root) =>
  [...root.querySelectorAll("canvas")].flatMap((canvas, run) => {
    if (!canvas.offsetParent) return [];
    const [across, down] = [canvas.width / canvas.clientWidth, canvas.height / canvas.clientHeight]
      .map((x) => x / devicePixelRatio);
    return Math.abs(across - 1) > 0.02 || Math.abs(down - 1) > 0.02
      ? [[root.dataset.panel, run, across, down]] : []; }))"""
# Records what is stretched after each of the next frames, when everything that the frame painted is on the screen.
WATCH = f"""() => {{ const found = []; window.stretched = new Promise((done) => {{ let left = 12; const look = () => {{
  setTimeout(() => {{ found.push(...({STRETCHED})()); if (left < 0) done(found); }});
  if (left-- > 0) requestAnimationFrame(look); }}; requestAnimationFrame(look); }}); }}"""
PANELS = "attention,fixed,clues,effect,flow,exits"


def watched(scope: Scope) -> list[object]:
    found: list[object] = scope.page.evaluate("window.stretched")
    return found


@pytest.mark.parametrize("versus", ["", "sudoku9-looped"])
def test_no_figure_is_drawn_stretched_when_a_button_row_comes_or_goes(own: Scope, versus: str) -> None:
    own.open(puzzle=EASY, panels=PANELS, loop=5, cell=0, versus=versus)
    given = own.labels.index(next(label for label in own.labels if ", given " in label))
    blank = own.labels.index(next(label for label in own.labels if ", blank" in label))
    for cell in (given, blank, given):
        own.page.evaluate(WATCH)
        own.choose(cell)
        assert watched(own) == []


def test_no_figure_of_two_runs_is_drawn_stretched_while_one_is_answered(own: Scope) -> None:
    """And both have one legend at one place, whichever of them is answered."""
    own.page.add_init_script(RECORD)
    own.open(puzzle=EASY, panels="fixed,rules", loop=5, versus="sudoku9-looped")
    own.page.evaluate(WATCH)
    own.page.locator(
        "[data-panel=fixed] .ls-begin"
    ).first.click()  # the row of the first run turns into progress, then goes
    own.page.locator("[data-panel=fixed] .ls-ask").first.wait_for(state="hidden")
    own.painted()
    assert watched(own) == []
    assert own.page.evaluate(STRETCHED) == []
    answered, other = own.page.evaluate(
        """[...document.querySelectorAll("[data-panel=fixed] canvas")].map((canvas) =>
        canvas.getContext("2d").written.filter(([text]) => /[a-z]{5}/i.test(text) && !/^growth|^not asked$/.test(text))
          .map(([text, left, top]) => [text, left, top]))"""
    )
    assert answered == other
    assert "Lipschitz" in [text for text, _, _ in answered]


# [panel, run, words] of what a figure writes outside its canvas, and of two words written over each other.
RECORD = """(() => {
  const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    this.written = [];
    return clearRect.apply(this, box); };
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const size = this.measureText(text), ratio = this.getTransform().a;
    const box = [x - size.actualBoundingBoxLeft, y - size.actualBoundingBoxAscent,
      x + size.actualBoundingBoxRight, y + size.actualBoundingBoxDescent].map((side) => side * ratio);
    (this.written ||= []).push([String(text), ...box]);
    return fillText.call(this, text, x, y); }; })()"""
MISWRITTEN = """() => [...document.querySelectorAll("[data-panel]:not([data-panel=board])")].flatMap((root) =>
  [...root.querySelectorAll("canvas")].flatMap((canvas, run) => {
    if (!canvas.offsetParent) return [];
    const words = canvas.getContext("2d").written ?? [], { width, height } = canvas;
    const cut = words.filter(([, left, top, right, bottom]) =>
      left < -1 || top < -1 || right > width + 1 || bottom > height + 1);
    const over = words.filter((a, i) => words.slice(0, i).some((b) =>
      Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > 2 && Math.min(a[4], b[4]) - Math.max(a[2], b[2]) > 2));
    return [...cut, ...over].map(([text]) => [root.dataset.panel, run, text]); }))"""
# The panels that have an axis of loops without its name.
UNNAMED = """(panels) => panels.filter((name) => { const canvas = document.querySelector(`[data-panel=${name}] canvas`);
  return canvas?.offsetParent && !canvas.getContext("2d").written.some(([text]) => text === "loop"); })"""
LOOP_AXES = ["convergence", "timestep", "readout", "whole", "distances", "fixed", "exits", "temperature", "equations"]
# The heights of the figures of each panel that shows two.
HEIGHTS = """() => [...document.querySelectorAll("[data-panel]:not([data-panel=board])")].map((root) =>
  [root.dataset.panel, ...[...root.querySelectorAll("canvas")].filter((canvas) => canvas.offsetParent)
    .flatMap((canvas) => [canvas.clientWidth, canvas.clientHeight, canvas.getBoundingClientRect().top])])"""
ASKED_ALL = "![...document.querySelectorAll('.ls-ask progress')].some((bar) => bar.offsetParent)"
SUDOKU = (
    "attention,trajectory,convergence,timestep,readout,order,rules,flow,whole,distances,orbits,fixed,encoding,exits,"
    "temperature,clues"
)
COUNTDOWN = SUDOKU.replace("order,", "equations,")


def ask_all(scope: Scope) -> None:
    scope.page.evaluate("document.querySelectorAll('.ls-begin').forEach((one) => one.offsetParent && one.click())")
    scope.page.wait_for_function(ASKED_ALL)
    scope.painted()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/", {"checkpoint": "sudoku4-tmlt", "puzzle": GENTLE4, "panels": SUDOKU, "cell": 1}),
        ("/sequences", {"checkpoint": "countdown4-tmlt", "panels": COUNTDOWN}),
        ("/paths", {"panels": "attention,cycle,flood,readout,trajectory"}),
        ("/in-context", {"panels": "attention,cycle,error,descent,reach"}),
    ],
)
def test_words_on_figures_are_whole_and_clear_of_each_other(own: Scope, path: str, query: dict[str, Any]) -> None:
    own.page.add_init_script(RECORD)
    own.open(path, loops=12, loop=6, **query)
    ask_all(own)
    assert own.page.evaluate(MISWRITTEN) == []
    assert own.page.evaluate(UNNAMED, LOOP_AXES) == []
    own.page.set_viewport_size({"width": 1024, "height": 768})
    own.painted()
    assert own.page.evaluate(MISWRITTEN) == []


def test_two_runs_have_figures_of_one_size_at_one_height(own: Scope) -> None:
    own.page.add_init_script(RECORD)
    own.open(
        puzzle=GENTLE4, checkpoint="sudoku4-tmlt", versus="sudoku4-looped", panels=SUDOKU, loops=12, loop=6, cell=1
    )
    ask_all(own)
    assert own.page.evaluate(STRETCHED) == []
    for panel, *sizes in own.page.evaluate(HEIGHTS):
        assert sizes[:3][1:] == sizes[3:][1:] or len(sizes) == 3, panel
    for width, height in ((1024, 768), (390, 844)):  # too narrow for two: one below the other, with all words whole
        own.page.set_viewport_size({"width": width, "height": height})
        own.painted()
        assert own.page.evaluate(MISWRITTEN) == [], width


def test_compared_boards_stand_one_below_the_other_on_a_phone(own: Scope) -> None:
    """Each as wide as a board alone; side by side their digits would be too small to read."""
    own.page.set_viewport_size({"width": 390, "height": 844})
    own.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", versus="sudoku4-looped", loops=4, loop=4)
    first, second = (own.page.locator(".ls-board canvas").nth(run).bounding_box() for run in (0, 1))
    assert first is not None
    assert second is not None
    assert first["width"] == second["width"] > 300
    assert second["y"] >= first["y"] + first["height"]


def test_help_stands_beside_its_figure_and_on_the_screen(own: Scope) -> None:
    """Two sentences first, the rest and the formula behind “more”; the figure that is explained stays in view."""
    own.open(loops=4, loop=2)
    panel = own.panel("trajectory")
    words, more = panel.locator(".ls-help > div"), panel.locator(".ls-help > div .ls-more > summary")
    for width, height in ((1366, 768), (1024, 768), (390, 844)):
        own.page.set_viewport_size({"width": width, "height": height})
        own.painted()
        panel.locator(".ls-help > summary").click()
        own.painted()
        assert words.inner_text().count(".") <= 3
        said, figure = words.bounding_box(), panel.locator("canvas").bounding_box()
        assert said
        assert figure
        assert said["x"] >= 0
        assert said["x"] + said["width"] <= width
        assert said["y"] >= 0
        assert said["y"] + said["height"] <= height
        apart = (
            said["x"] >= figure["x"] + figure["width"]
            or said["x"] + said["width"] <= figure["x"]
            or said["y"] >= figure["y"] + figure["height"]
        )
        assert apart
        more.click()
        expect(words).to_contain_text("principal axes")
        panel.locator(".ls-help .ls-more").evaluate("(details) => { details.open = false; }")
        panel.locator(".ls-help > summary").click()


def test_help_of_the_board_lies_on_the_panel_beside_it(own: Scope) -> None:
    """The board stands still while the panels scroll, so that they are painted later."""
    own.open(loops=4, loop=2)
    board = own.panel("board")
    board.locator(".ls-help > summary").click()
    own.painted()
    on_top = """(help) => {
      const { left, top, width, height } = help.getBoundingClientRect();
      const spots = [[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]];
      return spots.every(([x, y]) => help.contains(help.getRootNode().elementFromPoint(left + x * width,
        top + y * height)));
    }"""
    assert board.locator(".ls-help > div").evaluate(on_top)


# [panel, its title, what covers the title or runs out of the panel] among the lists and buttons of headings.
COVERED = """() => [...document.querySelectorAll("[data-panel]")].flatMap((panel) => {
  const title = panel.querySelector("h2"), words = document.createRange();
  words.selectNodeContents(title);
  const a = words.getBoundingClientRect(), whole = panel.getBoundingClientRect();
  const others = [...panel.querySelectorAll(".ls-picks > *, header > details > summary")].filter((one) =>
    one.offsetParent);
  return others.filter((one) => { const b = one.getBoundingClientRect();
    const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    return over || b.left < whole.left || b.right > whole.right; })
    .map((one) => [panel.dataset.panel, title.textContent, one.textContent]); })"""
LISTS = "bias,shifts,farther,multistep,adaptive,tables,layers,weights,descent,error,attention,trajectory"


def test_titles_are_clear_of_the_lists_beside_them(own: Scope) -> None:
    """At every width: a list that has no room beside the title stands below it."""
    own.open("/in-context", checkpoint="linear5-looped", panels=LISTS, loops=4)
    for width, height in ((1366, 768), (1024, 768), (844, 390), (683, 384), (390, 844)):
        own.page.set_viewport_size({"width": width, "height": height})
        own.painted()
        assert own.page.evaluate(COVERED) == [], width


LOW = [
    ("/", 683, 384, {}),  # a laptop of 1366×768 at 200 %
    ("/", 740, 360, {"versus": "sudoku9-looped"}),  # a phone held sideways
    ("/", 683, 384, {"checkpoint": "sudoku9-tmlt", "versus": "sudoku9-standard", "range": "1-3"}),
    ("/sequences", 683, 384, {}),
    ("/in-context", 740, 360, {}),
]


@pytest.mark.parametrize(("path", "width", "height", "query"), LOW)
def test_a_low_screen_opens_with_the_whole_face_and_the_clock(
    own: Scope, path: str, width: int, height: int, query: dict[str, str]
) -> None:
    own.page.set_viewport_size({"width": width, "height": height})
    own.open(path, loops=4, loop=2, **query)
    assert inside(own.page.get_by_test_id("play"))
    clock = own.page.locator(".ls-clock").bounding_box()
    header = own.page.get_by_test_id("stHeader").bounding_box()
    assert clock is not None
    assert header is not None
    for frame in own.page.locator(".ls-frame").all():
        face = frame.bounding_box()
        assert face is not None
        assert header["y"] + header["height"] <= face["y"]
        assert face["y"] + face["height"] <= clock["y"]
    assert own.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for entry in own.page.locator(".ls-bar select:visible, .ls-clock > :visible").all():
        box = entry.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize(("width", "height"), [(683, 384)])
def test_the_clock_stays_in_view_on_a_low_screen(own: Scope, width: int, height: int) -> None:
    own.page.set_viewport_size({"width": width, "height": height})
    own.open(loops=4, loop=2)
    own.summary("Panels").click()  # its list stands above the clock, its arrows one below the other
    own.painted()  # its height follows the event that it is open
    menu, clock = (own.page.locator(one).bounding_box() for one in (".ls-menu[open] > .ls-list", ".ls-clock"))
    assert menu is not None
    assert clock is not None
    assert menu["y"] + menu["height"] <= clock["y"]
    arrows = [arrow.bounding_box() for arrow in own.page.locator(".ls-item button[title$=earlier]").all()]
    assert len({round(box["x"]) for box in arrows if box}) == 1 < len(arrows)
    own.press("Escape")
    own.page.mouse.move(width / 2, height / 2)
    own.page.mouse.wheel(0, 500)
    own.painted()
    assert inside(own.page.get_by_test_id("play"))


def test_a_narrow_screen_lists_the_panels_and_names_the_pages(own: Scope) -> None:
    own.page.set_viewport_size({"width": 390, "height": 844})
    own.open(loops=4)
    own.summary("Panels").click()
    boxes = [item.bounding_box() for item in own.page.locator(".ls-item label").all()[:12]]
    assert len({round(box["x"]) for box in boxes if box}) == 1
    for label in own.page.locator(".ls-item label").all()[:12]:
        box, tick = label.bounding_box(), label.locator("input").bounding_box()
        assert box
        assert tick
        assert tick["width"] < 30
        refused = label.locator("input").is_disabled()  # with the reason below its name
        assert box["height"] < (100 if refused else 40)
    own.press("Escape")
    own.page.get_by_test_id("keys").click()
    expect(own.page.get_by_role("dialog", name="Keys")).to_contain_text("With a finger")
    drawer = own.page.get_by_test_id("stExpandSidebarButton")
    assert drawer.evaluate("(one) => getComputedStyle(one, '::after').content") == '"Pages"'


def test_the_pages_of_a_narrow_screen_go_away_when_one_is_chosen(own: Scope) -> None:
    """Also when another address is loaded while they are open; on the next visit, too, they are shut."""
    page = own.page
    page.set_viewport_size({"width": 390, "height": 844})
    drawer, pages = page.get_by_test_id("stExpandSidebarButton"), page.get_by_test_id("stSidebar")
    own.open(loops=4)
    for title, shown in (("Paths", "Checkpoint"), ("Lessons", "Each lesson takes")):
        drawer.click()
        expect(pages).to_have_attribute("data-collapsed", "false")
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
        expect(pages).to_have_attribute("data-collapsed", "true")
        expect(page.get_by_text(shown).first).to_be_visible()
        expect(pages).not_to_be_in_viewport()
    for path, shown in (("/lessons", "Each lesson takes"), ("/models", "sudoku4-tmlt"), ("/paths", "Checkpoint")):
        drawer.click()
        expect(pages).to_have_attribute("data-collapsed", "false")
        page.goto(own.address + path)
        expect(page.get_by_text(shown).first).to_be_attached()
        expect(pages).to_have_attribute("data-collapsed", "true")


def test_figures_keep_their_size_when_they_are_painted_again(own: Scope) -> None:
    """What a canvas was painted at has no say in how large it is: its height stays, and is 10 units where it may be."""
    own.page.set_viewport_size({"width": 1024, "height": 768})
    own.open("/sequences", checkpoint="lcs12-tmlt", panels="lengths,attention,fixed,trajectory", loops=12, loop=6)
    heights = own.page.evaluate(HEIGHTS)
    own.page.set_viewport_size({"width": 1366, "height": 768})
    own.painted()
    own.page.set_viewport_size({"width": 1024, "height": 768})
    own.painted()
    assert own.page.evaluate(HEIGHTS) == heights
    assert max(sizes[1] for _, *sizes in heights if sizes) < 280  # beside the sentence of Fixed point, the longest
