"""The program that draws the figures of the documentation is importable in these tests only."""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = str(Path(__file__).resolve().parents[2] / "docs" / "images")

if FOLDER not in sys.path:
    sys.path.append(FOLDER)
