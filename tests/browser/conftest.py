"""A real Chromium on a real server. Every test ends by proving that no page of it reported an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, WebSocket, expect, sync_playwright

from looped.bench import CHROMIUM_ARGUMENTS, chromium, server

LAPTOP = {"width": 1366, "height": 768}
PANELS = ("board", "attention", "trajectory", "convergence", "timestep")
CANVASES = PANELS[1:]
PATIENCE = 30_000  # milliseconds; only a failing test waits that long
NOISE = re.compile(r"/[^/]+/_stcore/(health|host-config)$")  # Streamlit looks below a page's address first: a known, harmless 404

expect.set_options(timeout=PATIENCE)

READY = """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
  && document.querySelector("[data-testid=microscope]")?.dataset.traces > 0
  && new URLSearchParams(location.search).has("cell")"""
ANSWERED = """(before) => {
  const root = document.querySelector("[data-testid=microscope]");
  return Number(root.dataset.traces) > before && !root.hasAttribute("data-busy")
    && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning";
}"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
AT_LOOP = """(loop) => [...document.querySelectorAll("[data-panel], [data-testid=loop-clock]")]
  .every((part) => part.dataset.loop === String(loop))"""
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
            arg={key: None if value is None else str(value) for key, value in wanted.items()})

    def painted(self) -> None:
        """Two frames have passed, so everything that was done before this is on the screen."""
        self.page.evaluate(PAINTED)

    # ─── what is shown ───────────────────────────────────────────────────────────────────────────────────────────

    def panel(self, name: str) -> Locator:
        return self.page.locator(f"[data-panel={name}]")

    def canvas(self, name: str) -> Locator:
        return self.panel(name).locator("canvas")

    def pixels(self, *names: str) -> dict[str, str]:
        """What the canvases hold, as data URLs."""
        self.painted()
        found: dict[str, str] = self.page.evaluate(
            """(names) => Object.fromEntries(names.map((name) => {
                 const canvas = document.querySelector(`[data-panel=${name}] canvas`);
                 return [name, canvas.offsetParent ? canvas.toDataURL() : "not shown"]; }))""", list(names or CANVASES))
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

    def at_loop(self, loop: int) -> None:
        """The clock and all five panels agree on the loop."""
        self.page.wait_for_function(AT_LOOP, arg=loop)
        assert self.page.locator("[data-panel]").evaluate_all("(panels) => panels.map((panel) => panel.dataset.panel)") == list(PANELS)

    @property
    def message(self) -> Locator:
        return self.page.get_by_test_id("message")

    def cell(self, index: int) -> Locator:
        return self.page.get_by_role("gridcell").nth(index)

    @property
    def chosen(self) -> int:
        """The cell that the tab key would reach; there is exactly one."""
        self.painted()
        (index,) = self.page.get_by_role("gridcell").evaluate_all("(cells) => cells.flatMap((cell, i) => cell.tabIndex === 0 ? [i] : [])")
        return int(index)

    @property
    def labels(self) -> list[str]:
        """What a screen reader says of every cell."""
        self.painted()
        labels: list[str] = self.page.get_by_role("gridcell").evaluate_all("(cells) => cells.map((cell) => cell.ariaLabel)")
        return labels

    @property
    def entry(self) -> str:
        """The person's board, as the cells say it."""
        found = (re.search(r", given (\d)", label) for label in self.labels)
        return "".join(match[1] if match else "." for match in found)

    def wait_for_entry(self, board: str) -> None:
        """The cells show this board and the model has answered for it."""
        # Timers fire in order: after this one, the page has waited its 120 ms for more typing and has asked.
        self.page.evaluate("() => new Promise((done) => setTimeout(done, 150))")
        self.page.wait_for_function(
            """(board) => [...document.querySelectorAll("[role=gridcell]")]
                 .map((cell) => /, given (\\d)/.exec(cell.ariaLabel)?.[1] ?? ".").join("") === board
               && !document.querySelector("[data-testid=microscope]").hasAttribute("data-busy")
               && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning" """, arg=board)
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

    def pick(self, label: str, option: str) -> None:
        self.page.get_by_test_id("microscope").get_by_role("combobox", name=label, exact=True).select_option(option)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The app, warm, once for all tests."""
    with server() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a file: the event loop that drives it must not outlive the browser tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def laptop(browser: Browser) -> Iterator[BrowserContext]:
    """A laptop's screen. Tests share its cache of Streamlit's scripts, nothing else: every page is a session of its own."""
    context = browser.new_context(viewport=LAPTOP, permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


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
