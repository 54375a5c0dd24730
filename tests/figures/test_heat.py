"""Heat maps as pictures: what is decoded is what was put in."""

from __future__ import annotations

import io
from base64 import b64decode

import numpy as np
from PIL import Image

from looped.figures.heat import PIXELS, heat


def pixels_of(url: str) -> np.ndarray:
    """(rows, columns, 3) uint8: one pixel of each cell of a picture, which are all alike."""
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(b64decode(data))) as picture:
        assert picture.mode == "RGB"
        pixels = np.asarray(picture)
    cells = pixels[::PIXELS, ::PIXELS]
    assert np.array_equal(cells.repeat(PIXELS, 0).repeat(PIXELS, 1), pixels)
    return cells


def test_colours_are_mixed_in_proportion_on_both_sides_of_zero() -> None:
    found = pixels_of(
        heat(np.array([[-1, -0.5, 0.0], [0.25, 0.5, 1]]), above="#c86400", ground="#ffffff", below="#0064c8")
    )
    assert found.tolist() == [
        [[0, 100, 200], [128, 178, 228], [255, 255, 255]],
        [[241, 216, 191], [228, 178, 128], [200, 100, 0]],
    ]


def test_a_picture_of_any_shape_is_whole() -> None:
    for shape in ((1, 1), (3, 200), (128, 2)):
        shares = np.random.default_rng(1).random(shape)
        found = pixels_of(heat(shares, "#000000", "#ffffff"))
        np.testing.assert_allclose(found[..., 1], 255 * (1 - shares), atol=0.51)
