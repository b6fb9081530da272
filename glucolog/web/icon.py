"""The icon in pixels, for home screens that take no drawing: the same drop and line, by their distances."""

from __future__ import annotations

import math
import struct
import zlib
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Plane = NDArray[float64]

SIZES = (180, 192, 512)
BLUE, WHITE = (0x00, 0x62, 0x9A), (0xFF, 0xFF, 0xFF)
BOARD = 64.0
"""The icon is drawn on a board of so many units."""
CENTRE, RADIUS, TIP_Y = (32.0, 39.0), 15.0, 10.0
LINE = ((21.0, 41.0), (27.0, 41.0), (31.0, 33.0), (36.0, 46.0), (40.0, 40.0), (43.0, 40.0))
HALF_DROP, HALF_LINE = 2.0, 1.6
"""Half the widths of the strokes."""


@lru_cache(maxsize=len(SIZES))
def png(size: int) -> bytes:
    """Return the icon as a PNG of so many pixels a side, opaque to its corners as phones want it."""
    import numpy as np

    scale = BOARD / size
    y, x = (np.mgrid[:size, :size] + 0.5) * scale
    depth = np.maximum(HALF_DROP - _to_drop(x, y), HALF_LINE - _to_line(x, y))
    white = np.clip(depth / scale + 0.5, 0, 1)[..., None]
    pixels = np.rint(np.array(BLUE) * (1 - white) + np.array(WHITE) * white).astype(np.uint8)
    rows = np.pad(pixels.reshape(size, -1), ((0, 0), (1, 0)))  # each row begins with the filter 0
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _to_drop(x: Plane, y: Plane) -> Plane:
    """Distance to the outline of a drop: a circle, and two straight sides from where they touch it to the tip."""
    import numpy as np

    up = CENTRE[1] - TIP_Y
    lean = math.acos(RADIUS / up)
    touch = (RADIUS * math.sin(lean), -RADIUS * math.cos(lean))
    dx, dy = np.abs(x - CENTRE[0]), y - CENTRE[1]
    round_part = np.abs(np.hypot(dx, dy) - RADIUS)
    return np.where(np.arctan2(dx, -dy) >= lean, round_part, _to_stroke(dx, dy, touch, (0.0, -up)))


def _to_line(x: Plane, y: Plane) -> Plane:
    import numpy as np

    nearest: Plane = np.minimum.reduce([_to_stroke(x, y, *ends) for ends in pairwise(LINE)])
    return nearest


def _to_stroke(x: Plane, y: Plane, start: tuple[float, float], end: tuple[float, float]) -> Plane:
    import numpy as np

    along = (end[0] - start[0], end[1] - start[1])
    share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / (along[0] ** 2 + along[1] ** 2)
    share = np.clip(share, 0, 1)
    return np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
