import io

import numpy as np
import pytest
from PIL import Image as pillow  # noqa: N813

from wslink_jupyter.errors import ViewError
from wslink_jupyter.views.pictures import encoder
from wslink_jupyter.views.pictures.encoder import check_encoder, encode
from wslink_jupyter.views.pictures.image import Encoded, Pixels, image_of

GRADIENT = np.arange(30 * 20 * 3, dtype=np.uint32).reshape(20, 30, 3).astype(np.uint8)


def decoded(made: Encoded) -> np.ndarray:
    image = pillow.open(io.BytesIO(made.data))
    assert image.format == made.format.upper()
    assert image.size == (made.width, made.height)
    return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("value", [GRADIENT, GRADIENT[:, :, 0], GRADIENT[::-1, ::2]])
def test_a_png_has_the_very_pixels(value):
    expected = value if value.ndim == 3 else np.repeat(value[:, :, np.newaxis], 3, axis=2)
    assert np.array_equal(decoded(encode(image_of(value), 50, lossless=True)), expected)


def test_one_pixel_is_a_picture():
    one = np.full((1, 1, 3), 7, np.uint8)
    assert decoded(encode(image_of(one), 50, lossless=True)).tolist() == [[[7, 7, 7]]]


@pytest.mark.parametrize("name", ["simplejpeg", "Pillow"])
def test_a_jpeg_is_close_and_smaller_with_less_quality(name, monkeypatch):
    if name == "Pillow":
        monkeypatch.setitem(__import__("sys").modules, "simplejpeg", None)
    y, x = np.mgrid[0:120, 0:160]
    smooth = np.stack([x, y, x + y], axis=2).astype(np.uint8)
    good, bad = (encode(image_of(smooth), quality, lossless=False) for quality in (85, 30))
    assert abs(decoded(good).astype(int) - smooth).mean() < 3
    assert len(bad.data) < len(good.data)


def test_no_encoder_says_what_to_install(monkeypatch):
    monkeypatch.setattr(encoder.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ViewError, match=r'pip install "wslink_jupyter\[pictures\]"'):
        check_encoder()


def test_the_pixels_are_nobody_elses():
    value = GRADIENT.copy()
    image = image_of(value)
    value[:] = 0
    assert np.array_equal(image.array, GRADIENT)


def test_what_is_transparent_is_white():
    value = np.zeros((1, 3, 4), np.uint8)
    value[0, :, 3] = [0, 255, 51]
    assert image_of(value).array[0, :, 0].tolist() == [255, 0, 204]


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "1"])
def test_a_pil_image_of_any_mode(mode):
    image = image_of(pillow.fromarray(GRADIENT).convert(mode))
    assert isinstance(image, Pixels)
    assert (image.width, image.height) == (30, 20)


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_a_file_is_sent_as_it_is(format_):
    file = io.BytesIO()
    pillow.fromarray(GRADIENT).save(file, format_)
    image = image_of(file.getvalue())
    assert image == Encoded(file.getvalue(), format_.lower(), 30, 20)
    assert encode(image, 30, lossless=True) is image


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (None, "got NoneType"),
        (GRADIENT / 255, "(255 * a).astype('u1')"),
        (GRADIENT[:, :, :2], "got uint8 of shape (20, 30, 2)"),
        (np.zeros((0, 3, 3), np.uint8), "shape (0, 3, 3)"),
        (b"GIF89a", "got 6 bytes that begin with b'GIF89a'"),
        (b"\xff\xd8\xff", "got 3 bytes"),
    ],
)
def test_other_values_are_refused(value, got):
    with pytest.raises(ViewError) as refused:
        image_of(value)
    assert "picture: expected a numpy array of uint8" in str(refused.value)
    assert got in str(refused.value)
