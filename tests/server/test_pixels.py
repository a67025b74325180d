from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from inference_server.predict import pixels
from inference_server.predict.pixels import Limits, Unreadable

LIMITS = Limits()


def encoded(picture: Image.Image, kind: str = "PNG", **extra: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **extra)
    return buffer.getvalue()


def red() -> Image.Image:
    return Image.new("RGB", (40, 30), (200, 10, 30))


def test_that_a_png_comes_out_as_rgb_with_height_first():
    found = pixels.decode(encoded(red()), LIMITS)
    assert found.shape == (30, 40, 3)
    assert found.dtype == np.uint8
    assert found[0, 0].tolist() == [200, 10, 30]


def test_that_a_jpeg_comes_out_as_rgb():
    found = pixels.decode(encoded(red(), "JPEG", quality=95), LIMITS)
    assert np.abs(found[5, 5].astype(int) - [200, 10, 30]).max() <= 4


@pytest.mark.parametrize("mode", ["P", "L", "LA", "RGBA", "1"])
def test_that_every_kind_of_png_has_three_colours_and_the_same_size(mode):
    assert pixels.decode(encoded(red().convert(mode)), LIMITS).shape == (30, 40, 3)


def test_that_a_palette_keeps_its_colours():
    found = pixels.decode(encoded(red().quantize(4)), LIMITS)
    assert np.abs(found[3, 3].astype(int) - [200, 10, 30]).max() <= 1


def test_that_transparent_parts_become_white():
    picture = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    picture.putpixel((2, 3), (10, 20, 30, 255))
    picture.putpixel((4, 4), (0, 0, 0, 51))
    found = pixels.decode(encoded(picture), LIMITS)
    assert found[0, 0].tolist() == [255, 255, 255]
    assert found[3, 2].tolist() == [10, 20, 30]
    assert found[4, 4].tolist() == [204, 204, 204]


def test_that_a_transparent_palette_colour_becomes_white():
    picture = red().quantize(4)
    colour = picture.getpixel((0, 0))
    found = pixels.decode(encoded(picture, transparency=colour), LIMITS)
    assert found[0, 0].tolist() == [255, 255, 255]


def test_that_sixteen_bits_become_eight():
    grey = Image.fromarray(np.full((8, 9), 40_000, np.uint16))
    found = pixels.decode(encoded(grey), LIMITS)
    assert found.shape == (8, 9, 3)
    assert abs(int(found[0, 0, 0]) - 40_000 / 257) <= 1


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"not a picture", "not a PNG or JPEG"),
        (encoded(red(), "GIF"), "not a PNG or JPEG"),
        (encoded(red())[:-20], "cut short"),
        (encoded(red(), "JPEG")[:-30], "cut short"),
    ],
    ids=["empty", "text", "another format", "half a PNG", "half a JPEG"],
)
def test_that_a_bad_file_says_what_is_wrong(data, word):
    with pytest.raises(Unreadable, match=word):
        pixels.decode(data, LIMITS)


def test_that_a_damaged_body_is_not_decoded_to_something_else():
    random = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    data = bytearray(encoded(Image.fromarray(random)))
    data[60:90] = bytes(30)
    with pytest.raises(Unreadable):
        pixels.decode(bytes(data), LIMITS)


def test_that_a_picture_over_the_limit_is_refused_before_it_is_decoded():
    bomb = encoded(Image.new("1", (12_000, 12_000)))
    assert len(bomb) < 100_000
    with pytest.raises(Unreadable, match="12000 x 12000"):
        pixels.decode(bomb, LIMITS)


def test_that_a_file_over_the_limit_is_refused():
    with pytest.raises(Unreadable, match="max_picture_mb"):
        pixels.decode(encoded(red()), Limits(max_bytes=20))


@pytest.mark.parametrize("shape", [(600, 800), (30, 40), (10, 1000)], ids=str)
def test_that_a_picture_is_fitted_to_a_square(shape):
    assert pixels.fit(np.zeros((*shape, 3), np.uint8), 224).shape == (224, 224, 3)


@pytest.mark.parametrize("size", [(800, 600), (50, 40), (3000, 1), (300, 900)], ids=str)
def test_that_a_thumbnail_is_a_small_jpeg_of_the_same_shape(size):
    data = pixels.thumbnail(np.full((size[1], size[0], 3), 128, np.uint8))
    with Image.open(io.BytesIO(data)) as small:
        assert small.format == "JPEG"
        assert max(small.size) <= pixels.THUMBNAIL_WIDTH
        assert max(small.size) == min(max(size), pixels.THUMBNAIL_WIDTH)
