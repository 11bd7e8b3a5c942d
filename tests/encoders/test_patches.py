import numpy as np
import pytest
from transformers.models.siglip2 import Siglip2ImageProcessorPil

from finexl.encoders.patches import pack, unpack
from scenery import scene


@pytest.mark.parametrize(("width", "height"), [(80, 80), (120, 40), (33, 96), (300, 16)])
def test_a_packed_picture_is_the_one_that_the_library_cut_into_patches(width, height):
    processor = Siglip2ImageProcessorPil(
        patch_size=8, max_num_patches=24, do_rescale=False, do_normalize=False
    )
    picture = np.asarray(scene(3, 320).resize((width, height)))
    found = processor(images=picture, return_tensors="np")
    (rows, columns), patches = found["spatial_shapes"][0], found["pixel_values"][0].astype(np.uint8)
    packed = pack(patches, rows, columns)
    assert packed.shape == (25, 192)
    restored = unpack(packed)
    assert restored.shape == (3, 8 * rows, 8 * columns)
    again = processor(
        images=restored, do_resize=False, input_data_format="channels_first", return_tensors="np"
    )
    np.testing.assert_array_equal(again["pixel_values"], found["pixel_values"])


def test_more_than_a_byte_of_patches_a_side():
    patches = np.zeros((1024, 12), np.uint8)
    assert unpack(pack(patches, 2, 512)).shape == (3, 4, 1024)
