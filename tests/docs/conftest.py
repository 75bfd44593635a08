"""The programs that draw the figures of the documentation and scale an economy are importable in these tests only."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

for folder in (str(ROOT / "docs" / "images"), str(ROOT / "benchmarks")):
    if folder not in sys.path:
        sys.path.append(folder)
