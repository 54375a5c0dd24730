"""A run as an animation for slides: one picture a loop, as a GIF that plays by itself."""

from __future__ import annotations

import io
from collections.abc import Iterable

import vl_convert
from PIL import Image

from looped.catalogue.checkpoints import Checkpoint
from looped.export.folder import check_head, drawn_of, resolve
from looped.figures.saving import PNG_SCALE, to_svg
from looped.runs.trace import record

SECONDS = 0.5  # that a loop is shown
REST = 2.0  # and the last one, before it begins again
COLOURS = 128
MOST_PIXELS = 4_000_000  # of a picture
MOST_IN_ALL = 400_000_000  # pixels of all pictures, each of which takes a byte until the file is written


def gif(pictures: Iterable[bytes], seconds: float = SECONDS) -> bytes:
    """Join PNG pictures to a GIF that plays without end; the last one stays longer.

    All are drawn on a ground of the size of the largest. Raises ValueError where there is none.
    """
    files = list(pictures)
    sizes = [size_of(file) for file in files]
    if not sizes:
        raise ValueError("There is no picture to animate.")
    size = (max(width for width, _ in sizes), max(height for _, height in sizes))
    if size[0] * size[1] * len(files) > MOST_IN_ALL:
        raise ValueError("The animation is too large; choose fewer loops.")
    frames = [framed(file, size) for file in files]
    durations = [round(1000 * seconds)] * (len(frames) - 1) + [round(1000 * REST)]
    data = io.BytesIO()
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=False)
    return data.getvalue()


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG. Raises ValueError for what is none, and for one larger than any figure."""
    try:
        image = Image.open(io.BytesIO(picture), formats=["PNG"])
    except (OSError, SyntaxError) as error:  # what Pillow raises for a broken PNG
        raise ValueError("What was sent is not a PNG picture.") from error
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(f"A picture of {image.width} × {image.height} pixels is too large to animate.")
    return image.width, image.height


def framed(picture: bytes, size: tuple[int, int]) -> Image.Image:
    """Decode a PNG onto a ground of this size, in few colours: a byte a pixel is kept. Raises ValueError."""
    try:
        image = Image.open(io.BytesIO(picture), formats=["PNG"]).convert("RGB")
    except (OSError, SyntaxError) as error:
        raise ValueError("What was sent is not a PNG picture.") from error
    frame = Image.new("RGB", size, image.getpixel((0, 0)))
    frame.paste(image)
    return frame.quantize(COLOURS, dither=Image.Dither.NONE)


def animate(
    checkpoint: Checkpoint,
    text: str,
    figure: str | None = None,
    loops: int | None = None,
    cell: int | None = None,
    head: int | None = None,
) -> bytes:
    """Run an input and return one figure of `looped.export.charts.charts`, loop by loop, as a GIF.

    `figure` is the task's own first figure when not given; the others as for `looped.export.folder.export`. Raises
    ValueError for input that is wrong and for a figure that this run does not have.
    """
    run = resolve(checkpoint, text, loops, None, cell, head)
    trace = record(checkpoint.model, run.tokens, run.loops)
    check_head(run, trace)
    pictures = []
    for loop in range(1, run.loops + 1):
        drawn = drawn_of(run, trace, loop)
        name = next(iter(drawn)) if figure is None else figure
        if name not in drawn:
            raise ValueError(f"There is no figure {name!r} of {checkpoint.name}; there are {', '.join(drawn)}.")
        pictures.append(vl_convert.svg_to_png(to_svg(drawn[name]), scale=PNG_SCALE))
    return gif(pictures)
