"""Draw the figures of docs/venues.md and docs/presets.md again: `python docs/images/draw.py`, Catallaxy installed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import supply_figures
from PIL import Image
from venue_figures import compute, concentrated, data_and_inference, launches, order_venues, pools, price_impact

from catallaxy.sim.report.canvas import png, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FIGURES", "draw"]

#: Colours of a picture: lines and their edges need no more. Pillow comes with Matplotlib.
_COLOURS = 64
FIGURES: dict[str, tuple[Callable[[], NamedTuple], Callable[..., Figure]]] = {
    **pools.DRAWN,
    **concentrated.DRAWN,
    **price_impact.DRAWN,
    **launches.DRAWN,
    **order_venues.DRAWN,
    **compute.DRAWN,
    **data_and_inference.DRAWN,
    **supply_figures.DRAWN,
}


def draw(folder: Path, name: str) -> Path:
    """Write one figure as PNG.

    Parameters
    ----------
    folder : Path
    name : str

    Returns
    -------
    Path
        The file.
    """
    work_out, draw_it = FIGURES[name]
    with style():
        picture = png(draw_it(work_out()))
    path = folder / f"{name}.png"
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(_COLOURS).save(path, optimize=True)
    return path


if __name__ == "__main__":
    for figure in sys.argv[1:] or FIGURES:
        print(draw(Path(__file__).parent, figure))
