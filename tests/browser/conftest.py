"""A real Chromium on a real server. Every test ends by proving that no page of it reported an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hands import CANVASES, PANELS
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    WebSocket,
    expect,
    sync_playwright,
)

from looped.bench.server import CHROMIUM_ARGUMENTS, chromium, server

LAPTOP = {"width": 1366, "height": 768}
PATIENCE = 60_000  # milliseconds; only a failing test waits that long
NOISE = re.compile(
    r"/[^/]+/_stcore/(health|host-config)$"
)  # Streamlit looks below a page's address first: a known, harmless 404

expect.set_options(timeout=PATIENCE)

READY = """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
  && document.querySelector("[data-testid=microscope]")?.dataset.traces > 0
  && (location.pathname.endsWith("/theory") || new URLSearchParams(location.search).has("cell"))"""
ANSWERED = """(before) => {
  const root = document.querySelector("[data-testid=microscope]");
  return Number(root.dataset.traces) > before && !root.hasAttribute("data-busy")
    && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning";
}"""
PAINTED = """() => new Promise((done) => {
  const calm = () => (document.querySelector("[data-fading]") ? requestAnimationFrame(calm) : done());
  requestAnimationFrame(() => requestAnimationFrame(calm)); })"""
AT_LOOP = """(loop) => [...document.querySelectorAll("[data-panel], [data-testid=loop-clock]")]
  .every((part) => part.dataset.loop === String(loop))"""
CELLS = """[...document.querySelector("[role=grid]").querySelectorAll("[role=gridcell]")]"""  # of the first board
# What a board shows in every cell, without the ring of the chosen one; or the cells with a colour in a part of them.
CELL_PIXELS = """([run, ring]) => {
  const canvas = document.querySelectorAll("[data-panel=board] canvas")[run];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const size = Math.sqrt(document.querySelector("[role=grid]").querySelectorAll("[role=gridcell]").length);
  const step = canvas.width / size;
  return Array.from({ length: size * size }, (_, i) => {
    const inside = step * (1 - 2 * ring), x = (i % size + ring) * step, y = (Math.floor(i / size) + ring) * step;
    const { data } = pen.getImageData(Math.round(x), Math.round(y), Math.floor(inside), Math.floor(inside));
    return data.reduce((sum, value) => (sum * 31 + value) % 4294967291, 7);
  });
}"""
CELLS_WITH = """([run, name, [left, top, right, bottom]]) => {
  const canvas = document.querySelectorAll("[data-panel=board] canvas")[run];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const size = Math.sqrt(document.querySelector("[role=grid]").querySelectorAll("[role=gridcell]").length);
  const step = canvas.width / size;
  const one = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  const style = getComputedStyle(document.querySelector("[data-testid=microscope]"));
  one.fillStyle = style.getPropertyValue(`--ls-${name}`).trim();
  one.fillRect(0, 0, 1, 1);
  const wanted = one.getImageData(0, 0, 1, 1).data;
  return Array.from({ length: size * size }, (_, i) => {
    const x = Math.round((i % size + left) * step), y = Math.round((Math.floor(i / size) + top) * step);
    const { data } = pen.getImageData(x, y, Math.floor((right - left) * step), Math.floor((bottom - top) * step));
    for (let k = 0; k < data.length; k += 4) {
      if (data[k + 3] > 200 && [0, 1, 2].every((c) => Math.abs(data[k + c] - wanted[c]) < 12)) return i;
    }
    return -1;
  }).filter((i) => i >= 0);
}"""
SEND_CLIPBOARD = """(cell, [type, text]) => {
  const clipboardData = new DataTransfer();
  if (text) clipboardData.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent(type, { clipboardData, bubbles: true, composed: true, cancelable: true }));
  return clipboardData.getData("text/plain");
}"""


class Scope:
    """The microscope on one page of the browser, in a person's words: what is shown and what is done."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        self.frames: list[tuple[str, Any]] = []  # every websocket frame: direction and payload
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"pageerror: {error}"))
        page.on("websocket", self._websocket)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not NOISE.search(message.location.get("url", "")):
            self.errors.append(f"console: {message.text}")

    def _websocket(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: self.frames.append(("sent", payload)))
        socket.on("framereceived", lambda payload: self.frames.append(("received", payload)))

    def trouble(self) -> list[str]:
        exceptions = [] if self.page.is_closed() else self.page.get_by_test_id("stException").all_inner_texts()
        return self.errors + [f"traceback: {text}" for text in exceptions]

    # ─── coming and going ────────────────────────────────────────────────────────────────────────────────────────

    def open(self, path: str = "/", **query: Any) -> Scope:
        text = "&".join(f"{key}={quote(str(value))}" for key, value in query.items())
        self.page.goto(self.address + path + ("?" + text if text else ""))
        return self.ready()

    def ready(self) -> Scope:
        """The first picture is painted, the script has ended, the address bar says what is shown."""
        self.page.wait_for_function(READY)
        return self

    @property
    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.page.url).query).items()}

    def wait_for_query(self, **wanted: Any) -> None:
        """The address bar says so; it follows a moment after the clock rests. None: the parameter is absent."""
        self.page.wait_for_function(
            """(wanted) => {
                 const query = new URLSearchParams(location.search);
                 return Object.entries(wanted).every(([key, value]) => query.get(key) === value); }""",
            arg={key: None if value is None else str(value) for key, value in wanted.items()},
        )

    def painted(self) -> None:
        """Two frames have passed, so everything that was done before this is on the screen."""
        self.page.evaluate(PAINTED)

    # ─── what is shown ───────────────────────────────────────────────────────────────────────────────────────────

    def panel(self, name: str) -> Locator:
        return self.page.locator(f"[data-panel={name}]")

    @property
    def panels(self) -> list[str]:
        """The panels that are on the page, the board first, in their order."""
        found: list[str] = self.page.locator("[data-panel]").evaluate_all(
            "(panels) => panels.filter((panel) => panel.offsetParent).map((panel) => panel.dataset.panel)"
        )
        return found

    def canvas(self, name: str, run: int = 0) -> Locator:
        return self.panel(name).locator("canvas").nth(run)

    def says(self, name: str, run: int = 0) -> str:
        """The sentence of a panel."""
        self.painted()
        return self.panel(name).locator(".ls-says").nth(run).inner_text()

    def pixels(self, *names: str, run: int = 0) -> dict[str, str]:
        """What the canvases hold, as data URLs."""
        self.painted()
        found: dict[str, str] = self.page.evaluate(
            """([names, run]) => Object.fromEntries(names.map((name) => {
                 const canvas = document.querySelectorAll(`[data-panel=${name}] canvas`)[run];
                 return [name, canvas?.offsetParent ? canvas.toDataURL() : "not shown"]; }))""",
            [list(names or CANVASES), run],
        )
        return found

    def board_pixels(self, run: int = 0) -> list[int]:
        """A number for what each cell of a board looks like, the ring of the chosen one left out."""
        self.painted()
        found: list[int] = self.page.evaluate(CELL_PIXELS, [run, 0.13])
        return found

    def cells_with(
        self, colour: str, part: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0), run: int = 0
    ) -> list[int]:
        """The cells that have a pixel of this colour of the page in a part of them:
        left, top, right, bottom, each from 0 to 1."""
        self.painted()
        found: list[int] = self.page.evaluate(CELLS_WITH, [run, colour, list(part)])
        return found

    @property
    def clock(self) -> Locator:
        return self.page.get_by_test_id("loop-clock")

    @property
    def slider(self) -> Locator:
        return self.clock.get_by_role("slider")

    @property
    def loop(self) -> int:
        self.painted()
        return int(self.clock.get_attribute("data-loop") or -1)

    def at_loop(self, loop: int, panels: Sequence[str] = PANELS) -> None:
        """The clock and the panels agree on the loop."""
        self.page.wait_for_function(AT_LOOP, arg=loop)
        assert self.panels == list(panels)

    @property
    def message(self) -> Locator:
        return self.page.get_by_test_id("message")

    def grid(self, run: int = 0) -> Locator:
        return self.page.get_by_role("grid").nth(run)

    def cell(self, index: int, run: int = 0) -> Locator:
        return self.grid(run).get_by_role("gridcell").nth(index)

    @property
    def chosen(self) -> int:
        """The cell that the tab key would reach; there is exactly one."""
        self.painted()
        (index,) = self.page.evaluate(f"{CELLS}.flatMap((cell, i) => cell.tabIndex === 0 ? [i] : [])")
        return int(index)

    def selected_of(self, run: int) -> list[int]:
        """The cells of a board that a digit would be written into, all read at one moment."""
        self.painted()
        found: list[int] = (
            self.grid(run)
            .get_by_role("gridcell")
            .evaluate_all("(cells) => cells.flatMap((cell, i) => cell.ariaSelected === 'true' ? [i] : [])")
        )
        return found

    @property
    def selected(self) -> list[int]:
        return self.selected_of(0)

    def labels_of(self, run: int) -> list[str]:
        """What a screen reader says of every cell of a board."""
        self.painted()
        labels: list[str] = (
            self.grid(run).get_by_role("gridcell").evaluate_all("(cells) => cells.map((cell) => cell.ariaLabel)")
        )
        return labels

    @property
    def labels(self) -> list[str]:
        return self.labels_of(0)

    @property
    def entry(self) -> str:
        """The person's board, as the cells say it."""
        found = (re.search(r", (?:given|entered) (\d)", label) for label in self.labels)
        return "".join(match[1] if match else "." for match in found)

    def wait_for_entry(self, board: str) -> None:
        """The cells show this board and the model has answered for it."""
        # Timers fire in order: after this one, the page has waited its 120 ms for more typing and has asked.
        self.page.evaluate("() => new Promise((done) => setTimeout(done, 150))")
        self.page.wait_for_function(
            "(board) => "
            + CELLS
            + """.map((cell) => /, (?:given|entered) (\\d)/.exec(cell.ariaLabel)?.[1] ?? ".").join("") === board
               && !document.querySelector("[data-testid=microscope]").hasAttribute("data-busy")
               && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning" """,
            arg=board,
        )
        self.painted()
        self.wait_for_query(puzzle=board)

    # ─── what is done ────────────────────────────────────────────────────────────────────────────────────────────

    def asking(self, act: Callable[[], Any]) -> None:
        """Do something that asks the server, and wait until its answer is painted."""
        before = int(self.page.get_by_test_id("microscope").get_attribute("data-traces") or 0)
        act()
        self.page.wait_for_function(ANSWERED, arg=before)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def choose(self, index: int) -> None:
        """Click a cell, then take the mouse away from the board, where it would preview."""
        self.cell(index).click()
        self.page.mouse.move(2, 2)
        assert self.chosen == index

    def leave_fields(self) -> None:
        """Put the focus on no control, so that keys go to the page."""
        self.page.evaluate("document.activeElement.blur()")

    def clipboard(self, kind: str, text: str = "") -> str:
        """A copy or paste event on the chosen cell; the text that the clipboard then holds."""
        return str(self.cell(self.chosen).evaluate(SEND_CLIPBOARD, [kind, text]))

    def button(self, name: str) -> Locator:
        return self.page.get_by_test_id("microscope").get_by_role("button", name=name, exact=True)

    def list(self, label: str) -> Locator:
        return self.page.get_by_test_id("microscope").get_by_role("combobox", name=label, exact=True)

    def pick(self, label: str, option: str) -> None:
        self.list(label).select_option(option)

    def summary(self, name: str) -> Locator:
        """What opens a menu: "Panels" or "Share" of the bar, or that of a panel, by its name."""
        return self.page.locator(
            f".ls-bar summary:text-is('{name}')" if name[0].isupper() else f"[data-panel={name}] .ls-menu > summary"
        )

    def menu(self, name: str, item: str) -> None:
        """Open a menu, press one of its buttons, and close it where it stays open."""
        details = self.summary(name).locator("..")
        self.summary(name).click()
        details.get_by_role("button", name=item, exact=True).click()
        if details.and_(self.page.locator("[open]")).count():
            self.summary(name).click()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The app, warm, once for all tests."""
    with server() as found:
        yield found


class Shared:
    """One Chromium for file after file, with its cache of Streamlit's scripts: a start and a first page cost seconds.

    The event loop that drives it must not outlive the tests that need it: others run loops of their own.
    """

    def __init__(self) -> None:
        self.browser: Browser | None = None
        self.laptop: BrowserContext | None = None
        self.visited: set[str] = set()  # addresses
        self.around = ExitStack()

    def begun(self) -> Browser:
        if self.browser is None:
            playwright = self.around.enter_context(sync_playwright())
            self.browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
            self.around.callback(self.browser.close)
        return self.browser

    def screen(self) -> BrowserContext:
        if self.laptop is None:
            permissions = ["clipboard-read", "clipboard-write"]
            self.laptop = self.begun().new_context(viewport=LAPTOP, permissions=permissions)
            self.laptop.set_default_timeout(PATIENCE)
        elif self.visited:
            self.forget(self.laptop)
        return self.laptop

    def forget(self, context: BrowserContext) -> None:
        """Forget what the pages have had remembered."""
        page = context.new_page()
        session = context.new_cdp_session(page)
        for address in self.visited:
            origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
            types = "cookies,local_storage,indexeddb"
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": types})
        page.close()
        self.visited.clear()

    def end(self) -> None:
        self.browser = self.laptop = None
        self.around.close()


SHARED = Shared()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """End the browser before a file that begins without one."""
    try:
        return (yield)
    finally:
        if nextitem is None or (item.path != nextitem.path and "browser" not in getattr(nextitem, "fixturenames", ())):
            SHARED.end()


@pytest.fixture(scope="module")
def browser() -> Browser:
    return SHARED.begun()


@pytest.fixture(scope="module")
def laptop(browser: Browser) -> BrowserContext:
    """A laptop's screen. Tests share its cache of Streamlit's scripts, those of one file what it remembers; every page
    is a session of its own."""
    return SHARED.screen()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Another person's browser, with nothing remembered."""
    contexts: list[BrowserContext] = []

    def make(**settings: Any) -> BrowserContext:
        contexts.append(browser.new_context(**{"viewport": LAPTOP, **settings}))
        contexts[-1].set_default_timeout(PATIENCE)
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def new_scope(laptop: BrowserContext, new_context: Callable[..., BrowserContext]) -> Iterator[Callable[..., Scope]]:
    """Open the microscope in a new tab. At the end no tab has seen a traceback, a console error or a script error."""
    scopes: list[Scope] = []

    def make(address: str, context: BrowserContext | None = None) -> Scope:
        SHARED.visited.add(address)
        scopes.append(Scope((context or laptop).new_page(), address))
        return scopes[-1]

    yield make
    trouble = [line for scope in scopes for line in scope.trouble()]
    for scope in scopes:
        scope.page.close()
    assert trouble == []


@pytest.fixture
def scope(address: str, new_scope: Callable[..., Scope]) -> Scope:
    """A tab that has not gone anywhere yet."""
    return new_scope(address)


@pytest.fixture
def own(address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]) -> Scope:
    """A tab of a browser with a memory of its own, because the choice of panels is remembered."""
    return new_scope(address, new_context())
