"""Benchmarks: the promises about speed, as ratios or times measured within one run, and how right the models are."""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from looped import tasks
from looped.catalogue import checkpoints
from looped.catalogue.evaluate import evaluate
from looped.model import registry
from looped.model.seam import most_loops_within
from looped.places import ROOT, resource
from looped.runs.trace import record
from looped.training.device import compile_loop, half_precision_pays, pick_device
from looped.training.losses import loss_over_loops
from looped.training.recipes import RECIPES

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Return the path of the system's Chromium. Raises ValueError when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise ValueError("no Chromium was found on this machine; install the system's package chromium.")


@contextmanager
def server(seconds: float = 90, **environment: str) -> Iterator[str]:
    """Run the app, warm, on a free port of this machine and yield its address; stop it at the end.

    `environment` is added to that of this process. Raises RuntimeError with the log if the app is not up in `seconds`.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.headless=true",
        "--server.address=127.0.0.1",
        f"--server.port={port}",
        "--browser.gatherUsageStats=false",
    ]
    prefix = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    address = f"http://127.0.0.1:{port}" + (f"/{prefix}" if prefix else "")
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log) as process,
    ):
        try:
            deadline = time.monotonic() + seconds
            while not _healthy(address):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"the app did not start:\n{log.read().decode()[-3000:]}")
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # it lets every open connection finish, and now and then one never does
                process.kill()


def _healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as reply:
            return bool(reply.read() == b"ok")
    except OSError:
        return False


def trace() -> dict[str, Any]:
    """Measure a recorded run against a plain forward: one board, 32 loops, medians of interleaved runs."""
    result: dict[str, Any] = {"threads": torch.get_num_threads()}
    for name in checkpoints.names():
        checkpoint = checkpoints.load_checkpoint(name)
        loops = most_loops_within(checkpoint.model, 32)
        tokens = checkpoint.task.sample(1, seed=0, split="held-out")[0][0].astype(np.int64)
        batch = torch.as_tensor(tokens)[None]

        def plain(model: Any = checkpoint.model, batch: torch.Tensor = batch, loops: int = loops) -> None:
            with torch.inference_mode():
                model(batch, loops)

        def recorded(model: Any = checkpoint.model, tokens: np.ndarray = tokens, loops: int = loops) -> None:
            record(model, tokens, loops, verify=False)

        def verified(model: Any = checkpoint.model, tokens: np.ndarray = tokens, loops: int = loops) -> None:
            record(model, tokens, loops)

        times = _interleaved([plain, recorded, verified], rounds=15)
        result[name] = {
            "plain_ms": round(1000 * times[0], 1),
            "recorded_over_plain": round(times[1] / times[0], 2),
            "verified_over_plain": round(times[2] / times[0], 2),
        }
    return result


def _interleaved(functions: list[Callable[[], None]], rounds: int) -> list[float]:
    """Return the median seconds of each function. They run in turns, so that a busy moment of the machine hits all."""
    seconds: list[list[float]] = [[] for _ in functions]
    for turn in range(rounds + 2):
        for function, kept in zip(functions, seconds, strict=True):
            started = time.perf_counter()
            function()
            if turn >= 2:  # the first ones warm caches
                kept.append(time.perf_counter() - started)
    return [statistics.median(kept) for kept in seconds]


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


def interface() -> dict[str, Any]:
    """Measure the pages in Chromium on a warm server.

    Times: key press to all panels painted (one run, and two compared), first picture, and edit to repaint beside the
    plain forward of the same board. Counts: messages while stepping. Bytes: up to the first picture, and with a chart.
    """
    from playwright.sync_api import sync_playwright

    frames, weight = {"sent": 0, "received": 0}, {"http": 0, "socket": 0}
    with server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")

        def count(socket: Any) -> None:
            socket.on("framesent", lambda _: frames.update(sent=frames["sent"] + 1))
            socket.on(
                "framereceived",
                lambda data: (
                    frames.update(received=frames["received"] + 1),
                    weight.update(socket=weight["socket"] + len(data)),
                ),
            )

        def stepped(turns: int) -> list[float]:
            """Return the milliseconds of single steps, to the end and back."""
            page.wait_for_timeout(1500)
            page.keyboard.press("Home")
            page.wait_for_function("document.querySelector('[data-panel=board]').dataset.loop === '0'")
            page.evaluate(STEP_SCRIPT)
            frames.update(sent=0, received=0)
            steps = int(page.get_attribute("[data-testid=loop-clock] input", "max") or 0)
            for turn in range(turns):
                for _ in range(steps - 1):
                    page.keyboard.press("ArrowRight" if turn % 2 == 0 else "ArrowLeft")
                    page.wait_for_timeout(35)
            page.wait_for_timeout(300)
            times: list[float] = page.evaluate("window.steps")
            return sorted(times)

        def repainted(key: str) -> float:
            """Return the seconds from a key to the picture of another input."""
            before = page.evaluate("document.querySelector('[data-testid=microscope]').dataset.traces")
            begun = time.perf_counter()
            page.keyboard.press(key)
            page.wait_for_function(
                "(n) => document.querySelector('[data-testid=microscope]').dataset.traces !== n",
                arg=before,
                polling="raf",
            )
            seconds = time.perf_counter() - begun
            page.wait_for_timeout(400)
            return seconds

        page.on("websocket", count)
        network.on(
            "Network.loadingFinished",
            lambda event: weight.update(http=weight["http"] + int(event["encodedDataLength"])),
        )
        started = time.perf_counter()
        page.goto(address)
        page.wait_for_function(PAINTED)
        first = time.perf_counter() - started
        before_charts = dict(weight)
        times = stepped(4)
        stepping = dict(frames)
        edits = []
        for _ in range(6):
            page.locator("[role=gridcell][aria-label*=given]").first.click()
            edits.append(repainted("Backspace"))
        plain = _plain_forward()
        rival = next(name for name in checkpoints.names() if name.startswith("sudoku9"))
        page.goto(f"{address}/?versus={rival}")
        page.wait_for_function(PAINTED)
        both = stepped(2)
        page.goto(f"{address}/sequences")
        page.wait_for_function(PAINTED)
        sequences, typed = stepped(2), []
        for text in page.locator("#ls-example option").all_inner_texts()[
            2:6
        ]:  # the first is "Your own", the second is shown
            page.get_by_test_id("sequence-text").fill(text)
            typed.append(repainted("Enter"))
        page.get_by_role("link", name="Models").first.click()
        page.wait_for_selector("[data-testid=stPlotlyChart] .main-svg")
        page.wait_for_timeout(500)
        after_charts = weight["http"]
        browser.close()
    return {
        "first_picture_s": round(first, 2),
        "steps": len(times),
        "step_ms_median": round(statistics.median(times), 1),
        "step_ms_p95": round(times[int(0.95 * len(times))], 1),
        "frames_sent_while_stepping": stepping["sent"],
        "frames_received_while_stepping": stepping["received"],
        "step_ms_median_of_two_runs": round(statistics.median(both), 1),
        "step_ms_median_of_sequences": round(statistics.median(sequences), 1),
        "typed_to_repaint_ms_of_sequences": round(1000 * statistics.median(typed)),
        "edit_to_repaint_ms": round(1000 * statistics.median(edits)),
        "plain_forward_ms": round(1000 * plain),
        "edit_minus_plain_ms": round(1000 * (statistics.median(edits) - plain)),
        "page_mb_before_charts": round(before_charts["http"] / 1e6, 2),
        "first_trace_mb": round(before_charts["socket"] / 1e6, 2),
        "page_mb_after_charts": round(after_charts / 1e6, 2),
    }


def _plain_forward() -> float:
    """Return the median seconds of 32 loops on one board by the checkpoint of the first picture, nothing recorded."""
    checkpoint = checkpoints.load_checkpoint(
        next(name for name in reversed(checkpoints.names()) if name.startswith("sudoku9-tmlt"))
    )
    tokens = torch.zeros(1, checkpoint.task.length, dtype=torch.long)
    with torch.inference_mode():
        return _interleaved([lambda: checkpoint.model(tokens, 32)], rounds=9)[0]


def users(count: int = 30, seconds: float = 20, between: float = 5.0) -> dict[str, Any]:
    """Measure many visitors on one server, without browsers.

    Each changes a cell every `between` seconds on average, and every sixth time switches the page instead. Times are
    from sending to the end of the page's run, for all but the first picture.
    """
    import asyncio

    with server() as address:
        waits = asyncio.run(_class_of_users(address.replace("http", "ws") + "/_stcore/stream", count, seconds, between))
    waits.sort()
    return {
        "users": count,
        "reruns": len(waits),
        "reruns_per_s": round(len(waits) / seconds, 1),
        "rerun_ms_median": round(1000 * statistics.median(waits)),
        "rerun_ms_p95": round(1000 * waits[int(0.95 * len(waits))]),
    }


async def _class_of_users(address: str, count: int, seconds: float, between: float) -> list[float]:
    import asyncio

    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import connect

    from looped.tasks.sudoku.generator import generate

    puzzles, _ = generate(count, 9, seed=0, split="held-out")
    name = next(name for name in reversed(checkpoints.names()) if name.startswith("sudoku9-tmlt"))
    waits: list[float] = []

    async def run(socket: Any, message: BackMsg) -> tuple[float, str | None, dict[str, str]]:
        begun, component, pages = time.perf_counter(), None, {}
        await socket.send(message.SerializeToString())
        while True:
            reply = ForwardMsg()
            reply.ParseFromString(await socket.recv())
            kind = reply.WhichOneof("type")
            if kind == "delta" and reply.delta.new_element.HasField("bidi_component"):
                component = reply.delta.new_element.bidi_component.id
            elif kind == "navigation":
                pages = {page.page_name: page.page_script_hash for page in reply.navigation.app_pages}
            elif kind == "script_finished":
                return time.perf_counter() - begun, component, pages

    async def user(index: int) -> None:
        rng = np.random.default_rng(index)
        board = puzzles[index].copy()
        async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
            first = BackMsg()
            first.rerun_script.query_string = ""
            _, component, pages = await run(socket, first)
            end, number = time.perf_counter() + seconds, 0
            await asyncio.sleep(rng.uniform(0, between))
            while time.perf_counter() < end:
                number += 1
                message = BackMsg()
                if number % 6 == 0:
                    message.rerun_script.page_script_hash = next(
                        code for page, code in pages.items() if page.lower() == "models"
                    )
                    waits.append((await run(socket, message))[0])
                    message = BackMsg()
                    message.rerun_script.page_script_hash = next(
                        code for page, code in pages.items() if page.lower() != "models"
                    )
                else:
                    board[rng.choice(np.flatnonzero(board))] = 0
                    state = message.rerun_script.widget_states.widgets.add()
                    state.id = component
                    state.json_value = json.dumps(
                        {
                            "request": {
                                "puzzle": "".join(map(str, board)),
                                "checkpoint": name,
                                "loops": 32,
                                "number": number,
                            }
                        }
                    )
                waits.append((await run(socket, message))[0])
                await asyncio.sleep(rng.uniform(0, 2 * between))

    await asyncio.gather(*(user(index) for index in range(count)))
    return waits


LOOPS = [16, 32, 64, 128, 256]
BOARDS = (
    200  # of each kind for a model of one layer of width 128; fewer for larger ones, so that all of them take minutes
)
RATED = 1000  # puzzles for each core


def sudoku() -> dict[str, Any]:
    """Score every Sudoku checkpoint far beyond its trained loops, and measure the generator with its rater.

    Scores are on held-out boards, and on minimal ones where there is a file of them.
    """
    scores = []
    for name in checkpoints.names():
        if not checkpoints.read_info(checkpoints.CATALOGUE / name)["task"].startswith("sudoku"):
            continue
        checkpoint = checkpoints.load_checkpoint(name, pick_device())
        model = checkpoint.model
        most = model.most_loops
        loops = LOOPS if most is None else [most]
        layers = model.sizes(1, model.positions).layers if most is None else most
        boards = min(BOARDS, max(BOARDS // 4, BOARDS * 128**2 // (layers * model.width**2)))
        minimal = resource(f"assets/{checkpoint.task.name}-minimal.txt")
        for data in (None, str(minimal)) if minimal.exists() else (None,):
            score = evaluate(checkpoint, data, loops, boards)
            score.pop("file", None)  # where it lies on this machine
            scores.append(score | {"parameters": checkpoint.model.parameters_count, "sha256": checkpoint.sha256})
    nine, cores = tasks.get("sudoku9"), os.cpu_count() or 1
    nine.sample(1, seed=0, split=None, minimal=True, rating=(0, 100))  # compiles
    started = time.perf_counter()
    nine.sample(RATED * cores, seed=1, split=None, minimal=True, rating=(0, 100))
    return {
        "scores": scores,
        "cores": cores,
        "minimal_rated_puzzles_per_s": round(RATED * cores / (time.perf_counter() - started)),
    }


def sudoku_text(result: dict[str, Any]) -> str:
    """Return the table of `assets/docs/benchmarks.md`."""
    lines = [
        "| checkpoint | weights | parameters | boards | n | " + " | ".join(f"{loops} loops" for loops in LOOPS) + " |",
        "|---" * (5 + len(LOOPS)) + "|",
    ]
    for score in result["scores"]:
        shares = [f"{100 * share:.1f} %" for share in score["accuracy"]]
        if score["loops"] != LOOPS:
            shares = [f"{shares[0]} ({score['loops'][0]} layers)"] + ["–"] * (len(LOOPS) - 1)
        lines.append(
            "| "
            + " | ".join(
                [
                    score["checkpoint"],
                    score["sha256"][:8],
                    f"{score['parameters']:,}",
                    score["data"],
                    str(score["n"]),
                    *shares,
                ]
            )
            + " |"
        )
    return "\n".join(
        [
            *lines,
            "",
            f"{result['minimal_rated_puzzles_per_s']:,} minimal 9×9 puzzles made and rated per second "
            f"on {result['cores']} cores",
        ]
    )


def training() -> dict[str, Any]:
    """Measure a step of training against the same model trained plainly, in samples per second, and their ratio.

    The step is the one that recipes use: half precision if that is faster, compiled if there is a compiler. Plain means
    float32 and not compiled.
    """
    device, recipe = pick_device(), RECIPES["sudoku9-tmlt"]
    task, half = tasks.get(recipe.task), half_precision_pays(device)
    batch = recipe.batch if device.type == "cpu" else 1024
    puzzles, answers = task.sample(batch, seed=0, split="train")
    tokens = torch.as_tensor(puzzles.astype(np.int64), device=device)
    targets = torch.as_tensor(task.targets(puzzles, answers), device=device)

    def stepping(fast: bool) -> Callable[[], None]:
        torch.manual_seed(0)
        model = registry.build(recipe.model).to(device)
        if fast:
            compile_loop(model)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)

        def step() -> None:
            with torch.autocast(device.type, torch.bfloat16, enabled=fast and half):
                loss, _ = loss_over_loops(model, tokens, targets, recipe.stages[0].loops)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            float(loss.detach())  # waits for the device

        return step

    fast, plain = _interleaved([stepping(True), stepping(False)], rounds=8)
    return {
        "device": str(device),
        "recipe": recipe.name,
        "batch": batch,
        "bfloat16": half,
        "samples_per_s": round(batch / fast, 1),
        "plain_samples_per_s": round(batch / plain, 1),
        "times_as_many": round(plain / fast, 2),
    }


BENCHES: dict[str, Callable[[], dict[str, Any]]] = {
    "trace": trace,
    "sudoku": sudoku,
    "training": training,
    "interface": interface,
    "users": users,
}


def text(name: str, result: dict[str, Any]) -> str:
    """Write the result of a benchmark for people."""
    return (
        sudoku_text(result)
        if name == "sudoku"
        else "\n".join(f"{name}.{key}: {value}" for key, value in result.items())
    )
