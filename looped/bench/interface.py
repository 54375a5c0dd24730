"""The pages in Chromium on a warm server: how long a step, an edit and the first picture take, and what they weigh."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from looped import tasks
from looped.bench.server import CHROMIUM_ARGUMENTS, chromium, server
from looped.bench.times import interleaved
from looped.catalogue import checkpoints
from looped.model.seam import forward

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket

CHART = "[data-testid=stPlotlyChart] .main-svg, [data-testid=stVegaLiteChart] :is(canvas, svg)"
PAINTED = "document.querySelector('[data-testid=microscope]')?.dataset.traces > 0"
# Time from the key's event to the end of the frame in which every panel carries the new loop.
STEP_SCRIPT = """
() => {
  window.steps = [];
  const panels = [...document.querySelectorAll("[data-panel]")];
  document.addEventListener("keydown", () => {
    const pressed = performance.now(), before = panels.map((p) => p.dataset.loop).join();
    const look = () => {
      const loops = panels.map((p) => p.dataset.loop);
      if (loops.join() === before || new Set(loops).size > 1) return requestAnimationFrame(look);
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.steps.push(performance.now() - pressed);
      channel.port2.postMessage(0);
    };
    requestAnimationFrame(look);
  }, true);
}
"""
PROMPT = "-1.6 -0.8; -0.7 0.9; 0 0.2; 0.8 -1.1; 1.7 0.7"
NEWER = "(n) => document.querySelector('[data-testid=microscope]').dataset.traces !== n"


@dataclass
class Traffic:
    """What the browser has received and sent so far.

    http: bytes of replies as they travelled, compressed and with their headers. socket: bytes of the messages that the
    server pushed, as the page gets them. received, sent: messages.
    """

    http: int = 0
    socket: int = 0
    received: int = 0
    sent: int = 0

    @property
    def weight(self) -> int:
        """All that was received, over whichever way."""
        return self.http + self.socket

    def watch(self, page: Page) -> None:
        """Count what a Playwright page sends and receives from now on."""
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", self._loaded)
        page.on("websocket", self._opened)

    def _loaded(self, event: dict[str, Any]) -> None:
        self.http += int(event["encodedDataLength"])

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, _: str | bytes) -> None:
        self.sent += 1

    def _received(self, data: str | bytes) -> None:
        self.received += 1
        self.socket += len(data)

    def copy(self) -> Traffic:
        """Return the counts of now."""
        return Traffic(self.http, self.socket, self.received, self.sent)


def steps(page: Page, turns: int) -> list[float]:
    """Step to the end and back, `turns` times one way; return the milliseconds of single steps, sorted."""
    page.wait_for_timeout(1500)
    page.keyboard.press("Home")
    page.wait_for_function("document.querySelector('[data-panel=board]').dataset.loop === '0'")
    page.evaluate(STEP_SCRIPT)
    loops = int(page.get_attribute("[data-testid=loop-clock] input", "max") or 0)
    for turn in range(turns):
        for _ in range(loops - 1):
            page.keyboard.press("ArrowRight" if turn % 2 == 0 else "ArrowLeft")
            page.wait_for_timeout(35)
    page.wait_for_timeout(300)
    times: list[float] = page.evaluate("window.steps")
    return sorted(times)


def until_repainted(page: Page, press: Callable[[], None]) -> float:
    """Return the seconds from a press to the picture of another input."""
    before = page.evaluate("document.querySelector('[data-testid=microscope]').dataset.traces")
    begun = time.perf_counter()
    press()
    page.wait_for_function(NEWER, arg=before, polling="raf")
    seconds = time.perf_counter() - begun
    page.wait_for_timeout(400)
    return seconds


def first_picture(page: Page, address: str, traffic: Traffic) -> dict[str, Any]:
    """Open the app as a newcomer: the time to the picture, and the bytes that had come when nothing more came."""
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_function(PAINTED)
    seconds = time.perf_counter() - started
    page.wait_for_load_state("networkidle")  # a reply that is counted has come to its end
    return {
        "first_picture_s": round(seconds, 2),
        "page_mb_before_charts": _megabytes(traffic.weight),
        "http_mb_before_charts": _megabytes(traffic.http),
        "socket_mb_before_charts": _megabytes(traffic.socket),
    }


def stepping(page: Page, traffic: Traffic) -> dict[str, Any]:
    """Step through the run of the first picture: the times, and the messages meanwhile, of which there should be none.

    Between the picture and the first step the page has a second to finish what it began.
    """
    page.wait_for_timeout(1000)
    before = traffic.copy()
    times = steps(page, 4)
    return {
        "steps": len(times),
        "step_ms_median": round(statistics.median(times), 1),
        "step_ms_p95": round(times[int(0.95 * len(times))], 1),
        "frames_sent_while_stepping": traffic.sent - before.sent,
        "frames_received_while_stepping": traffic.received - before.received,
    }


def editing(page: Page) -> dict[str, Any]:
    """Delete givens, one after the other: from the key to the new run's picture, beside the plain forward."""
    edits = []
    page.get_by_test_id("lock").click()  # the clues are kept from being changed by mistake
    for _ in range(6):
        page.locator("[role=gridcell][aria-label*=given]").first.click()
        edits.append(until_repainted(page, lambda: page.keyboard.press("Backspace")))
    edit, plain = statistics.median(edits), plain_forward()
    return {
        "edit_to_repaint_ms": round(1000 * edit),
        "plain_forward_ms": round(1000 * plain),
        "edit_minus_plain_ms": round(1000 * (edit - plain)),
    }


def comparing(page: Page, address: str) -> dict[str, Any]:
    """Step through two runs beside each other."""
    other = next(name for name in checkpoints.names() if task_of(name) == tasks.HOME)
    page.goto(f"{address}/?versus={other}")
    page.wait_for_function(PAINTED)
    return {"step_ms_median_of_two_runs": round(statistics.median(steps(page, 2)), 1)}


def slugs() -> list[str]:
    """Return the addresses of all pages with a microscope but the one that the app opens with."""
    pages = dict.fromkeys(tasks.get(task_of(name)).page.slug for name in checkpoints.names())
    return [slug for slug in pages if slug != tasks.get(tasks.HOME).page.slug]


def arriving(page: Page, address: str, slug: str, traffic: Traffic) -> dict[str, Any]:
    """Open a page as a newcomer, with nothing kept by the browser, and step through its first run."""
    found = first_picture(page, f"{address}/{slug}", traffic)
    return {
        f"first_picture_s_of_{slug}": found["first_picture_s"],
        f"page_mb_of_{slug}": found["page_mb_before_charts"],
        f"step_ms_median_of_{slug}": round(statistics.median(steps(page, 2)), 1),
    }


def typing(page: Page) -> dict[str, Any]:
    """Type sequences into the page that shows one."""
    typed = []
    # The first example is "Your own", the second is shown.
    for text in page.locator("#ls-example option").all_inner_texts()[2:6]:
        page.get_by_test_id("sequence-text").fill(text)
        typed.append(until_repainted(page, lambda: page.keyboard.press("Enter")))
    return {"typed_to_repaint_ms_of_sequences": round(1000 * statistics.median(typed))}


def prompts(page: Page, address: str) -> dict[str, Any]:
    """Move an example of a prompt, step by step: from the key to the new run's picture, beside the plain forward."""
    name = "curves1-looped"
    page.goto(f"{address}/in-context?checkpoint={name}&puzzle={PROMPT}")
    page.wait_for_function(PAINTED)
    page.wait_for_timeout(1000)
    box = page.locator("[role=gridcell].ls-example").first.bounding_box()
    if box is None:
        raise RuntimeError("the page of prompts shows no example that could be moved.")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(500)
    keys = ["ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"] * 3
    moved = statistics.median([until_repainted(page, partial(page.keyboard.press, key)) for key in keys])
    checkpoint = checkpoints.load_checkpoint(name)
    vectors = torch.as_tensor(checkpoint.task.encode(checkpoint.task.parse(PROMPT)))[None]
    with torch.inference_mode():
        plain = interleaved([lambda: forward(checkpoint.model, vectors)], rounds=9)[0]
    return {
        "moved_to_repaint_ms_of_prompts": round(1000 * moved),
        "moved_minus_plain_ms_of_prompts": round(1000 * (moved - plain)),
    }


def charts(page: Page, traffic: Traffic) -> dict[str, Any]:
    """Open the page with charts: the bytes that come with it."""
    before = traffic.weight
    page.get_by_role("link", name="Models").first.click()
    page.wait_for_selector(CHART)
    page.wait_for_timeout(500)
    return {"charts_mb": _megabytes(traffic.weight - before)}


def visit(address: str) -> dict[str, Any]:
    """Measure all that a visitor of the app at an address waits for and receives, in one browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)

        def newcomer() -> tuple[Page, Traffic]:
            page, traffic = browser.new_page(viewport={"width": 1366, "height": 768}), Traffic()
            traffic.watch(page)
            return page, traffic

        page, traffic = newcomer()
        found = first_picture(page, address, traffic)
        found |= stepping(page, traffic)
        found |= editing(page)
        found |= comparing(page, address)
        found |= prompts(page, address)
        found |= charts(page, traffic)
        page.close()
        for slug in slugs():
            page, traffic = newcomer()  # a page of its own context: it keeps nothing of another
            found |= arriving(page, address, slug, traffic)
            if page.get_by_test_id("sequence-text").count():
                found |= typing(page)
            page.close()
        browser.close()
    return found | {"page_mb_after_charts": round(found["page_mb_before_charts"] + found["charts_mb"], 2)}


def measure() -> dict[str, Any]:
    """Measure the pages in Chromium on a warm server of this tree.

    Of the page that the app opens with, times: key press to all panels painted (one run, and two compared), first
    picture, and edit to repaint beside the plain forward of the same board; counts: messages while stepping; bytes: all
    that the browser receives up to the first picture, scripts and run together, whether they come as files or over the
    socket; and with a chart. Of each other page, for somebody who comes to it first: first picture, bytes and step.
    """
    with server() as address:
        return visit(address)


def plain_forward() -> float:
    """Return the median seconds of 32 loops on one board by the checkpoint of the first picture, nothing recorded."""
    checkpoint = checkpoints.load_checkpoint(tasks.get(tasks.HOME).page.first[0][0])
    tokens = torch.zeros(1, checkpoint.task.length, dtype=torch.long)
    with torch.inference_mode():
        return interleaved([lambda: forward(checkpoint.model, tokens, 32)], rounds=9)[0]


def task_of(name: str) -> str:
    """Return the name of the task of a checkpoint."""
    return str(checkpoints.read_info(checkpoints.CATALOGUE / name)["task"])


def _megabytes(count: int) -> float:
    return round(count / 1e6, 2)
