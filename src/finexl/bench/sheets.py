"""Sheets of pictures that rows can hold: what the base shows above, what was made of it below."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from finexl.bench.effect import Pixels

SIDE, SHOWN = 80, 4
"""Pixels of a picture on a sheet, and how many are in a row."""
GAP = 2


def sheet(rows: Sequence[Sequence[Pixels]], side: int = SIDE) -> str:
    """Rows of pictures, square and of one size, as WebP in base64.

    Args:
        rows: uint8 RGB pictures (H, W, 3), as many in each row.
    """
    canvas = Image.new("RGB", (len(rows[0]) * (side + GAP) - GAP, len(rows) * (side + GAP) - GAP), "white")
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            small = Image.fromarray(np.asarray(picture)).resize((side, side), Image.Resampling.LANCZOS)
            canvas.paste(small, (j * (side + GAP), i * (side + GAP)))
    out = BytesIO()
    canvas.save(out, "WEBP", quality=60)
    return base64.b64encode(out.getvalue()).decode()
