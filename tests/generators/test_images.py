import io
import os
import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageCms

from finexl.errors import InputError
from finexl.generators import read_image
from finexl.generators.images import ANIMATED, PAGES

RAMP = np.stack(np.meshgrid(np.arange(0, 240, 8), np.arange(0, 200, 8)), -1)  # (25, 30, 2): x, y
COLOUR = np.dstack([RAMP, np.full(RAMP.shape[:2], 77)]).astype(np.uint8)
ODD_NAMES = [
    'it\'s "quoted".png',
    "<b>bold & co.png",
    "two\nlines.png",
    "日本語 é 🎨.png",
    "-rf.png",
    "a%20b?.png",
]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, bits, colour_type, raw, extra=b""):
    """A PNG written by hand, so that nothing is taken on Pillow's word."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + extra + body


def png16(values, colour_type, extra=b""):
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png(values.shape[1], values.shape[0], 16, colour_type, raw, extra)


def write(path, content):
    path.write_bytes(content)
    return path


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(source):
    image = read_image(source).image
    assert image.mode == "RGB"
    assert image.info == {}
    return np.asarray(image)


def refusal(source):
    with pytest.raises(InputError) as caught:
        read_image(source)
    message = str(caught.value)
    assert "\n" not in message
    return message


@settings(max_examples=40, deadline=None)
@given(st.tuples(st.integers(16, 40), st.integers(16, 40), st.sampled_from([None, 3])), st.data())
def test_any_array_is_the_same_direct_from_pil_and_from_a_png(tmp_path_factory, shape, data):
    array = data.draw(arrays(np.uint8, [n for n in shape if n]))
    path = tmp_path_factory.mktemp("png") / "a.png"
    Image.fromarray(array).save(path)
    expected = array if array.ndim == 3 else np.repeat(array[..., None], 3, 2)
    for source in (
        array,
        Image.fromarray(array),
        path,
        str(path),
        array / 255,
        (array / 255).astype(np.float32),
    ):
        np.testing.assert_array_equal(pixels(source), expected)


@settings(max_examples=25, deadline=None)
@given(arrays(np.uint8, (16, 17, 4)))
def test_transparency_is_laid_over_white(array):
    alpha = array[..., 3:] / 255
    expected = array[..., :3] * alpha + 255 * (1 - alpha)
    for source in (array, array / 255, Image.fromarray(array)):
        assert np.abs(pixels(source) - expected).max() <= 1
    opaque = array.copy()
    opaque[..., 3] = 255
    np.testing.assert_array_equal(pixels(opaque), array[..., :3])


@pytest.mark.parametrize("ending", ["png", "webp", "bmp", "tiff", "tif", "TIFF"])
def test_formats_without_loss(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    Image.fromarray(COLOUR).save(path, **({"lossless": True} if ending == "webp" else {}))
    np.testing.assert_array_equal(pixels(path), COLOUR)
    assert read_image(path).note is None


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG", "wrongly called.png"])
def test_jpeg_by_content_whatever_its_name(tmp_path, name):
    path = write(tmp_path / name, encoded(Image.fromarray(COLOUR), "JPEG", quality=98, subsampling=0))
    assert np.abs(pixels(path).astype(int) - COLOUR).max() < 12


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_read_and_named_on_one_line(tmp_path, name):
    path = tmp_path / name
    Image.fromarray(COLOUR).save(path, "PNG")
    np.testing.assert_array_equal(pixels(path), COLOUR)
    message = refusal(write(path, b""))
    assert repr(str(path)) in message
    assert "empty" in message


def test_gray_of_16_bits_is_scaled_not_clipped(tmp_path):
    values = np.linspace(0, 65535, 20 * 30).astype(np.uint16).reshape(20, 30)
    expected = np.repeat((values // 256)[..., None], 3, 2)
    path = write(tmp_path / "gray.png", png16(values, 0))
    np.testing.assert_array_equal(pixels(path), expected)
    assert pixels(path).max() == 255
    np.testing.assert_array_equal(pixels(Image.fromarray(values.astype(np.int32))), expected)  # mode I
    np.testing.assert_array_equal(pixels(Image.fromarray(values)), expected)  # mode I;16
    tiff = tmp_path / "big-endian.tif"
    Image.fromarray(values.astype(">u2")).save(tiff)
    np.testing.assert_array_equal(pixels(tiff), expected)


def test_colour_of_16_bits_is_scaled_like_gray(tmp_path):
    values = np.random.default_rng(0).integers(0, 65536, (20, 30, 3))
    np.testing.assert_array_equal(pixels(write(tmp_path / "a.png", png16(values, 2))), values // 256)


def test_transparent_value_of_16_bit_gray(tmp_path):
    values = np.full((20, 20), 30_000)
    values[0, 0] = 1234
    got = pixels(write(tmp_path / "a.png", png16(values, 0, chunk(b"tRNS", struct.pack(">H", 1234)))))
    assert got[0, 0].tolist() == [255, 255, 255]
    assert got[1, 1].tolist() == [117, 117, 117]


def test_integers_beyond_16_bits_are_refused():
    message = refusal(Image.fromarray(np.full((20, 20), 70_000, np.int32)))
    assert "70000" in message
    assert "8 or 16 bits" in message


def test_float_image_of_pil():
    image = Image.fromarray(np.full((20, 20), 0.5, np.float32))
    assert image.mode == "F"
    assert pixels(image)[0, 0].tolist() == [128, 128, 128]


def test_cmyk_jpeg_with_adobes_inverted_inks(tmp_path):
    orange = Image.new("RGB", (32, 32), (250, 140, 20))
    path = write(tmp_path / "a.jpg", encoded(orange.convert("CMYK"), "JPEG", quality=95))
    assert b"Adobe" in path.read_bytes()[:100]
    assert np.abs(pixels(path)[16, 16].astype(int) - [250, 140, 20]).max() < 6


def test_palette_with_transparency(tmp_path):
    image = Image.new("P", (20, 20), 1)
    image.putpalette([10, 20, 30, 200, 100, 0, 0, 0, 255])
    image.putpixel((0, 0), 0)
    image.putpixel((1, 0), 2)
    several = write(tmp_path / "several.png", encoded(image, "PNG", transparency=bytes([0, 255, 128])))
    got = pixels(several)
    assert got[0, 0].tolist() == [255, 255, 255]
    assert got[5, 5].tolist() == [200, 100, 0]
    assert np.abs(got[0, 1].astype(int) - [127, 127, 255]).max() <= 1
    one = pixels(write(tmp_path / "one.png", encoded(image, "PNG", transparency=0)))
    assert one[0, 0].tolist() == [255, 255, 255]
    assert one[0, 1].tolist() == [0, 0, 255]
    assert pixels(write(tmp_path / "plain.png", encoded(image, "PNG")))[0, 0].tolist() == [10, 20, 30]


def test_gray_with_alpha_bilevel_and_other_modes(tmp_path):
    la = Image.new("LA", (20, 20), (100, 0))
    la.putpixel((3, 3), (100, 255))
    got = pixels(write(tmp_path / "la.png", encoded(la, "PNG")))
    assert got[0, 0].tolist() == [255, 255, 255]
    assert got[3, 3].tolist() == [100, 100, 100]
    bits = Image.new("1", (20, 20), 0)
    bits.putpixel((2, 1), 1)
    got = pixels(write(tmp_path / "bits.png", encoded(bits, "PNG")))
    assert (got[1, 2].tolist(), got[0, 0].tolist()) == ([255] * 3, [0] * 3)
    for mode in ("La", "RGBa", "PA", "YCbCr", "HSV", "LAB", "RGBX"):
        assert pixels(Image.new(mode, (20, 20))).shape == (20, 20, 3)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_used_and_noted(tmp_path, kind):
    frames = [Image.new("RGB", (24, 24), colour) for colour in ("red", "green", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    path = write(tmp_path / "a", encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options))
    picture = read_image(path)
    assert picture.image.getpixel((0, 0)) == (255, 0, 0)
    assert picture.note == ANIMATED


def test_pages_are_noted_and_previews_are_not(tmp_path):
    pages = [Image.new("RGB", (24, 24), colour) for colour in ("red", "green")]
    tiff = write(tmp_path / "a.tif", encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert read_image(tiff).note == PAGES
    assert read_image(tiff).image.getpixel((0, 0)) == (255, 0, 0)
    mpo = write(tmp_path / "a.jpg", encoded(pages[0], "MPO", save_all=True, append_images=pages[1:]))
    assert read_image(mpo).note is None


def _turned(path, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return write(path, encoded(Image.fromarray(COLOUR), kind, exif=exif))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, lambda a: a),
        (2, lambda a: a[:, ::-1]),
        (3, lambda a: a[::-1, ::-1]),
        (4, lambda a: a[::-1]),
        (5, lambda a: a.swapaxes(0, 1)),
        (6, lambda a: a[::-1].swapaxes(0, 1)),
        (7, lambda a: a[::-1, ::-1].swapaxes(0, 1)),
        (8, lambda a: a[:, ::-1].swapaxes(0, 1)),
        (99, lambda a: a),
    ],
)
def test_exif_orientation(tmp_path, kind, orientation, upright):
    np.testing.assert_array_equal(pixels(_turned(tmp_path / "a", kind, orientation)), upright(COLOUR))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_exif_orientation_of_photographs(tmp_path, kind):
    path = _turned(tmp_path / "a", kind, 6)
    assert read_image(path).image.size == (25, 30)
    with Image.open(path) as opened:
        assert read_image(opened).image.size == (25, 30)
        assert opened.size == (30, 25)


def test_a_png_may_say_which_way_up_it_is_after_its_pixels(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3
    end = chunk(b"IEND", b"")
    sideways = encoded(Image.fromarray(COLOUR), "PNG").removesuffix(end)
    path = write(tmp_path / "a", sideways + chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")) + end)
    np.testing.assert_array_equal(pixels(path), COLOUR[::-1, ::-1])


def test_a_png_that_lacks_only_its_end_is_read(tmp_path):
    whole = encoded(Image.fromarray(COLOUR), "PNG")
    path = write(tmp_path / "a.png", whole[:-12])
    np.testing.assert_array_equal(pixels(path), COLOUR)


def test_damaged_exif_does_not_refuse_sound_pixels(tmp_path):
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0" * 3
    path = write(tmp_path / "a.jpg", encoded(Image.fromarray(COLOUR), "JPEG", exif=exif))
    assert pixels(path).shape == COLOUR.shape


def test_profile_does_not_stick_to_the_pixels(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = write(tmp_path / "a.png", encoded(Image.fromarray(COLOUR), "PNG", icc_profile=profile))
    np.testing.assert_array_equal(pixels(path), COLOUR)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("part", [0.95, 0.5, 0.1])
def test_truncated_files_name_the_file_and_the_mend(tmp_path, kind, part):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    whole = encoded(noise, kind)
    path = write(tmp_path / f"cut.{kind.lower()}", whole[: int(len(whole) * part)])
    message = refusal(path)
    assert repr(str(path)) in message
    assert "leave this image and its partner out" in message


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_truncated_says_so(tmp_path, kind):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    message = refusal(write(tmp_path / "a", encoded(noise, kind)[:2000]))
    assert "truncated or damaged" in message
    assert "Copy or make it again" in message


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(0, 255), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
)
def test_a_changed_byte_gives_a_picture_or_our_error(tmp_path_factory, where, byte, kind):
    data = bytearray(encoded(Image.fromarray(COLOUR), kind))
    data[where % len(data)] = byte
    path = write(tmp_path_factory.mktemp("flip") / "a", bytes(data))
    message = None
    try:
        assert read_image(path).image.mode == "RGB"
    except InputError as error:
        message = str(error)
    assert message is None or repr(str(path)) in message


def test_what_is_no_image(tmp_path):
    text = write(tmp_path / "notes.png", b"a cat in a hat\n")
    assert repr(str(text)) in refusal(text)
    assert "not an image that can be read. Save it as PNG, JPEG, WebP" in refusal(text)
    page = write(tmp_path / "a.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n")
    assert "not an image" in refusal(page)  # Pillow would start Ghostscript
    empty = refusal(write(tmp_path / "empty.png", b""))
    assert "empty (0 bytes). Copy or make it again" in empty


def test_what_is_no_file(tmp_path):
    missing = tmp_path / "missing.png"
    assert refusal(missing) == f"{str(missing)!r} does not exist. Check the path for a typing error."
    assert "is a folder" in refusal(tmp_path)
    assert "cannot be opened" in refusal(tmp_path / ("long" * 100))
    assert "cannot be opened" in refusal("nul\0byte.png")
    os.mkfifo(tmp_path / "pipe.png")
    assert "not a regular file" in refusal(tmp_path / "pipe.png")
    link = tmp_path / "link.png"
    link.symlink_to(missing)
    assert "does not exist" in refusal(link)
    assert "from list" in refusal([1, 2])


def test_permission_denied(open_folder, as_somebody):
    path = open_folder / "locked.png"
    Image.fromarray(COLOUR).save(path)
    path.chmod(0)
    with as_somebody():
        message = refusal(path)
    assert repr(str(path)) in message
    assert "Give yourself permission to read it" in message


def test_sizes(tmp_path):
    one = refusal(write(tmp_path / "one.png", encoded(Image.new("RGB", (1, 1)), "PNG")))
    assert repr(str(tmp_path / "one.png")) in one
    assert "1 x 1 pixels, at least 16 on each side" in one
    assert "too small" in refusal(np.zeros((15, 400)))
    assert "too small" in refusal(np.zeros((0, 0)))
    assert "too small" in refusal(Image.new("L", (20_000, 2)))
    strip = write(tmp_path / "strip.png", encoded(Image.new("L", (20_000, 16)), "PNG"))
    assert pixels(strip).shape == (16, 20_000, 3)


@pytest.mark.parametrize("side", [60_000, 20_000, 11_000])
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path, side):
    limit = Image.MAX_IMAGE_PIXELS
    path = write(tmp_path / "bomb.png", png(side, side, 8, 2, b"\0" * 1000))
    message = refusal(path)
    assert repr(str(path)) in message
    assert "too large: the limit is 120 million pixels. Scale it down" in message
    assert limit == Image.MAX_IMAGE_PIXELS


def test_large_but_allowed_passes_without_a_warning(tmp_path):
    path = write(tmp_path / "large.png", encoded(Image.new("1", (10_000, 10_000)), "PNG"))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert read_image(path).image.size == (10_000, 10_000)
    assert seen == []


def test_no_warning_leaks_and_no_filter_stays_with_many_readers(tmp_path):
    path = write(
        tmp_path / "a.jpg", encoded(Image.fromarray(COLOUR), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff")
    )
    failures = []

    def read():
        try:
            for _ in range(20):
                read_image(path)
        except BaseException as error:
            failures.append(error)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert warnings.filters == before
    assert (failures, seen) == ([], [])


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.full((20, 20), np.nan), "NaN"),
        (np.full((20, 20, 3), np.inf), "NaN or infinite"),
        (np.full((20, 20), 255.0), "Divide it"),
        (np.linspace(-1, 1, 400).reshape(20, 20), r"(image + 1) / 2"),
        (np.zeros((20, 20), int), "dtype int64. Convert it to uint8"),
        (np.zeros((3, 20, 20), np.uint8), "np.moveaxis(image, 0, -1)"),
        (np.zeros((20, 20, 5), np.uint8), "(20, 20, 5) is not a picture"),
        (np.zeros(20), "(20,) is not a picture"),
        (np.zeros((2, 20, 20, 3)), "Give one picture an array"),
        (np.zeros((20, 20), complex), "complex128"),
        (np.full((20, 20), "x"), "dtype"),
    ],
)
def test_arrays_of_another_kind(array, words):
    message = refusal(array)
    assert words in message
    assert str(array.shape) in message


def test_arrays_that_are_not_contiguous_and_have_one_channel():
    np.testing.assert_array_equal(pixels(COLOUR[::-1, ::-1]), COLOUR[::-1, ::-1])
    assert pixels(COLOUR[..., :1]).shape == COLOUR.shape
    assert pixels((COLOUR / 255).astype(np.float16)).shape == COLOUR.shape


def test_a_pil_image_is_left_as_it_is_and_a_broken_one_is_named(tmp_path):
    image = Image.new("RGBA", (20, 20), (1, 2, 3, 4))
    image.info["mark"] = 1
    read_image(image)
    assert (image.mode, image.info, image.getpixel((0, 0))) == ("RGBA", {"mark": 1}, (1, 2, 3, 4))
    path = write(tmp_path / "cut.png", encoded(Image.effect_noise((64, 64), 90), "PNG")[:900])
    with Image.open(path) as lazy:
        message = refusal(lazy)
    assert repr(str(path)) in message
    assert "cannot be decoded" in message
