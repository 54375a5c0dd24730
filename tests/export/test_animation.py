"""A run as an animation: one picture a loop, each that of the run."""

from __future__ import annotations

import asyncio
import io
import struct

import numpy as np
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

import looped
from looped.export.animation import animate, gif
from looped.export.charts import charts
from looped.figures.saving import PNG_SCALE, to_svg
from looped.ui.animation import animation

BOARD = "4......2...33..."


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (30, 20)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


def colours(data: bytes) -> list[tuple[int, ...]]:
    image = Image.open(io.BytesIO(data))
    found = []
    for frame in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(frame)
        found.append(image.convert("RGB").getpixel((5, 5)))
    return found


def post(body: bytes, query: str = "") -> Response:
    """Send a body as a browser does."""

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [], "query_string": query.encode()}
    return asyncio.run(animation(Request(scope, receive)))


def sent(*pictures: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(one)) + one for one in pictures)


def test_pictures_become_frames_in_their_order() -> None:
    """It plays without end, and the last picture stays longer than the others."""
    shades = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    data = gif([picture(shade) for shade in shades], 0.25)
    assert colours(data) == shades
    image = Image.open(io.BytesIO(data))
    assert image.info["loop"] == 0
    durations = []
    for frame in range(3):
        image.seek(frame)
        durations.append(image.info["duration"])
    assert durations == [250, 250, 2000]


def test_a_run_is_drawn_loop_by_loop() -> None:
    """Every frame is the figure of its loop, to the colours that a GIF can hold."""
    import vl_convert

    checkpoint = looped.load("sudoku4-tmlt")
    task = checkpoint.task
    board = task.parse(BOARD)
    trace = looped.record(checkpoint.model, task.encode(board), loops=3)
    image = Image.open(io.BytesIO(animate(checkpoint, BOARD, "board", loops=3)))
    assert image.n_frames == 3  # type: ignore[attr-defined]
    for loop in (1, 3):
        image.seek(loop - 1)
        chart = charts(task, board, trace, checkpoint.model.trained_loops, loop, task.first_place(trace.tokens))[
            "board"
        ]
        wanted = Image.open(io.BytesIO(vl_convert.svg_to_png(to_svg(chart), scale=PNG_SCALE))).convert("RGB")
        shown = image.convert("RGB").crop((0, 0, *wanted.size))  # a legend may be there at some loops only
        apart = np.abs(np.asarray(shown, int) - np.asarray(wanted, int))
        assert apart.mean() < 2, loop


def test_a_figure_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^There is no figure 'flow' of sudoku4-tmlt; there are board, "):
        animate(looped.load("sudoku4-tmlt"), BOARD, "flow", loops=1)


def test_pictures_of_the_browser_are_put_together() -> None:
    answer = post(sent(picture((9, 9, 9)), picture((200, 200, 200))), "speed=4")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert colours(bytes(answer.body)) == [(9, 9, 9), (200, 200, 200)]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no picture"),
        (b"\x01", "did not arrive whole"),
        (sent(b"GIF89a"), "not a PNG"),
        (sent(picture((0, 0, 0)))[:-5], "did not arrive whole"),
        (sent(picture((0, 0, 0), (3000, 3000))), "too large"),
    ],
    ids=["nothing", "cut length", "no PNG", "cut picture", "too large"],
)
def test_what_are_no_pictures_is_refused_in_a_sentence(body: bytes, says: str) -> None:
    answer = post(body)
    assert answer.status_code == 400
    assert says in bytes(answer.body).decode()
    assert len(bytes(answer.body).splitlines()) == 1
