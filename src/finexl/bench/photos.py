"""The sample photographs that lie in the wheels of scikit-image and scikit-learn, split by photograph.

Nothing that `finexl bench` reports was measured on a photograph in TRAIN.

Sources and licences, as the docstrings of skimage.data and scikit-learn's own README state them:

    astronaut            NASA; public domain, no known copyright restrictions
    hubble_deep_field    NASA; free for use in the public domain
    rocket               SpaceX; released in the public domain
    camera               Lav Varshney; CC0
    chelsea              Stefan van der Walt; CC0
    coffee               Rachel Michetti, courtesy of Pikolo Espresso Bar; CC0
    brick, grass, gravel CC0Textures; CC0
    retina               Mikael Haggstrom, Wikimedia; CC0
    coins                Brooklyn Museum; no known copyright restrictions
    ihc                  Center for Microscopy and Molecular Imaging; no known copyright restrictions
    motorcycle_left      Middlebury 2014 stereo data (Scharstein et al.); no licence stated
    moon, page           no source or licence stated
    china, flower        Flickr users danielbuechele and vultilion; CC BY 2.0 (the README credits
                         danielbuechele for both but links flower to vultilion)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import numpy as np
from PIL import Image

from finexl.errors import MissingExtraError

# Colour photographs are listed several times: they are drawn that much more often than gray ones.
TRAIN = (
    "astronaut.png", "astronaut.png", "astronaut.png", "china.jpg", "china.jpg", "china.jpg", "china.jpg",
    "motorcycle_left.png", "motorcycle_left.png", "motorcycle_left.png",
    "hubble_deep_field.jpg", "retina.jpg", "ihc.png",
    "camera.png", "coins.png", "grass.png", "moon.png", "page.png",
)  # fmt: skip
TEST = (
    "chelsea.png", "chelsea.png", "chelsea.png", "coffee.png", "coffee.png", "coffee.png",
    "rocket.jpg", "rocket.jpg", "rocket.jpg", "flower.jpg", "flower.jpg", "flower.jpg",
    "brick.png", "gravel.png",
)  # fmt: skip


@cache
def load(name: str) -> np.ndarray:
    """Float32 RGB picture (H, W, 3) in [0, 1]."""
    packages = ("skimage.data", "sklearn.datasets.images")
    try:
        path = next(p for p in (files(package) / name for package in packages) if p.is_file())
    except ModuleNotFoundError as error:
        raise MissingExtraError("the sample photographs", "bench") from error
    with path.open("rb") as file:
        return np.asarray(Image.open(file).convert("RGB"), np.float32) / 255


def crops(names: tuple[str, ...], n: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """n random square crops (size, size, 3), each 35-100% of the short side, half of them flipped."""
    for _ in range(n):
        picture = load(names[rng.integers(len(names))])
        short = min(picture.shape[:2])
        extent = int(short * rng.uniform(0.35, 1.0))
        top, left = (int(rng.integers(0, s - extent + 1)) for s in picture.shape[:2])
        crop = picture[top : top + extent, left : left + extent]
        if rng.random() < 0.5:
            crop = crop[:, ::-1]
        image = Image.fromarray((crop * 255).astype(np.uint8))
        yield np.asarray(image.resize((size, size), Image.Resampling.LANCZOS), np.float32) / 255
