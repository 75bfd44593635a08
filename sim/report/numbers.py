"""Numbers as people read them: three significant digits, thousands, millions, billions."""

from __future__ import annotations

import math

__all__ = ["compact", "interval", "share", "tick", "unit_text"]

_SCALES = ((1e12, " T"), (1e9, " B"), (1e6, " M"), (1e3, " k"))
_TINY = 1e-4
_HUGE = 1e15
MISSING = "–"


def compact(value: float) -> str:
    """Return a number with three significant digits.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
        "12.3 M", "4,560", "0.0312", "1.2e-07"; "–" when it is not finite.
    """
    if not math.isfinite(value):
        return MISSING
    size = abs(value)
    if size >= _HUGE or 0.0 < size < _TINY:
        return f"{value:.2e}".replace("-", "−")
    if 1e3 <= size < 1e4:
        return _signed(f"{value:,.0f}")
    for scale, suffix in _SCALES:
        if size >= scale:
            return _signed(_three_digits(value / scale) + suffix)
    return _signed(_three_digits(value))


def interval(low: float, high: float) -> str:
    """Return "[low, high]", or nothing when an end is not finite."""
    return f"[{compact(low)}, {compact(high)}]" if math.isfinite(low) and math.isfinite(high) else ""


def share(value: float) -> str:
    """Return a fraction as a percentage ("0.42 %"); "–" when it is not finite."""
    return f"{_signed(_three_digits(100.0 * value))} %" if math.isfinite(value) else MISSING


def tick(value: float, _position: float = 0.0) -> str:
    """Return the label of a tick of an axis: as short as possible, without losing a digit of a round number."""
    size = abs(value)
    if size >= _HUGE or 0.0 < size < _TINY:
        return f"{value:.3g}".replace("-", "−")
    for scale, suffix in _SCALES:
        if size >= scale:
            return _signed(f"{value / scale:.4g}{suffix}")
    return _signed(f"{value:.4g}")


def unit_text(unit: str) -> str:
    """Return a unit for a table: nothing for a pure number, a text or a choice."""
    return "" if unit in {"1", "-"} else unit


def _three_digits(value: float) -> str:
    size = abs(value)
    if size >= 99.95:
        return f"{value:.0f}"
    if size >= 9.995:
        return f"{value:.1f}"
    if size == 0.0:
        return "0"
    return f"{value:.2f}" if size >= 0.9995 else f"{value:#.3g}"


def _signed(text: str) -> str:
    return text.replace("-", "−")
