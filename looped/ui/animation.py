"""A figure as an animation: the browser draws every loop and sends the pictures, the server puts them together."""

from __future__ import annotations

import struct

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from looped.export.animation import SECONDS, gif
from looped.ui.doors import PICTURES, Body, at, attached

MOST = Body(48 * 2**20, "The animation is too large; choose a range of loops with [ and ].")
MOST_PICTURES = 300


async def animation(request: Request) -> Response:
    """Answer with the GIF of PNG pictures, each after its length in four bytes, little-endian; speed= loops a second.

    400 with one sentence for what are no pictures, 413 for too much.
    """
    speed = request.query_params.get("speed", "nan")
    return await at(PICTURES, request, lambda _, body: animated(body, speed), body=MOST)


def animated(body: bytes, speed: str) -> Response:
    """Answer with the GIF of the pictures of a body, shown for as long as `speed`, loops a second, says."""
    try:
        fast = float(speed)
        seconds = min(2.0, max(0.05, 1 / fast)) if fast > 0 else SECONDS
        made = gif(pictures(body), seconds)
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    return Response(made, media_type="image/gif", headers=attached("loopscope.gif"))


def pictures(data: bytes) -> list[bytes]:
    """Split what the browser sent into pictures. Raises ValueError in one sentence."""
    found: list[bytes] = []
    at = 0
    while at < len(data) and len(found) <= MOST_PICTURES:
        if at + 4 > len(data):
            raise ValueError("The pictures of the animation did not arrive whole; save it again.")
        (length,) = struct.unpack_from("<I", data, at)
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    if at != len(data):
        raise ValueError("The pictures of the animation did not arrive whole; save it again.")
    return found
