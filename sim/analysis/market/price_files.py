"""Reading prices from a CSV file, whichever of the common layouts it has.

One row per day (`date,close[,volume]`), one row per day and token (`date,token,close[,volume]`), or one column of
prices per token (`date,BTC,ETH`). A cell without text is a day without an observation; any other text that is no
positive number is refused with its line.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.analysis.market.prices import Prices
from catallaxy.sim.errors import PricesError

__all__ = ["read_prices"]

_DATES = ("date", "day", "time", "timestamp", "datetime", "snapped_at")
_PRICES = ("close", "price", "adj close", "adj_close", "close_usd", "price_usd")
_VOLUMES = ("volume", "volume_usd", "quote_volume_usd", "quote_volume", "total_volume")
_NAMES = ("token", "symbol", "ticker", "asset", "network", "coin")
_DAY = len("2024-01-31")

Row = tuple[np.datetime64, float, float, int]


@dataclass(frozen=True)
class _Layout:
    """Which column is what; `price` is absent where every other column holds prices of its own."""

    date: str
    price: str | None
    volume: str | None
    name: str | None
    own: tuple[str, ...]


def read_prices(
    path: Path, tokens: Sequence[str] = (), *, price: str | None = None, volume: str | None = None
) -> dict[str, Prices]:
    """Read all series of a file, as they are there, with their gaps.

    Parameters
    ----------
    path : Path
    tokens : sequence of str, optional
        The series to take, in this order; all when empty.
    price, volume : str, optional
        Columns, where they have unusual names.

    Returns
    -------
    dict of str to Prices
        By name; a file of a single series gives it the file's name.

    Raises
    ------
    PricesError
        When the file cannot be read, with file, line and column.
    """
    found: dict[str, list[Row]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            layout = _layout(path, [name.strip() for name in reader.fieldnames or ()], price, volume)
            reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
            for cells in reader:
                _add(found, _Line(path, reader.line_num, cells), layout)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PricesError(f"{path}: {error}") from error
    if not found:
        raise PricesError(f"{path}: there is no price in this file")
    for name in tokens:
        if name not in found:
            raise PricesError(
                f"{path}: no series is called {name!r}; there are {_listed(found)}{did_you_mean(name, found)}"
            )
    return {name: _series(path, name, found[name]) for name in tokens or found}


@dataclass(frozen=True)
class _Line:
    """One line of the file, and what is wrong with it."""

    path: Path
    number: int
    cells: dict[str, str | None]

    def text(self, column: str) -> str:
        return (self.cells.get(column) or "").strip()

    def wrong(self, message: str) -> PricesError:
        return PricesError(f"{self.path}:{self.number}: {message}")

    def day(self, column: str) -> np.datetime64:
        text = self.text(column)
        try:
            return np.datetime64(date.fromisoformat(text[:_DAY]))
        except ValueError:
            raise self.wrong(f"{column} is {text!r}; a date is written as 2024-01-31") from None

    def positive(self, column: str) -> float:
        """Return a price, NaN where the cell is empty."""
        text = self.text(column)
        value = self._number(text)
        if text and not 0.0 < value < np.inf:
            raise self.wrong(f"{column} is {text!r}; a price is a positive number, and a day without one is left empty")
        return value

    def amount(self, column: str | None) -> float:
        """Return a volume; NaN where it is not known."""
        return np.nan if column is None else self._number(self.text(column))

    @staticmethod
    def _number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return float("nan")


def _add(found: dict[str, list[Row]], line: _Line, layout: _Layout) -> None:
    """File the observations of one line; an empty price is none."""
    day = line.day(layout.date)
    if layout.price is None:
        observed = [(name, line.positive(name)) for name in layout.own]
    else:
        observed = [(line.text(layout.name) if layout.name else line.path.stem, line.positive(layout.price))]
    volume = line.amount(layout.volume)
    for name, value in observed:
        if not math.isnan(value):
            found.setdefault(name, []).append((day, value, volume, line.number))


def _layout(path: Path, columns: list[str], price: str | None, volume: str | None) -> _Layout:
    for wanted in (price, volume):
        if wanted is not None and wanted not in columns:
            raise PricesError(
                f"{path}:1: no column is called {wanted!r}; there are {_listed(columns)}{did_you_mean(wanted, columns)}"
            )
    day, name = _one_of(columns, _DATES), _one_of(columns, _NAMES)
    price, volume = price or _one_of(columns, _PRICES), volume or _one_of(columns, _VOLUMES)
    if day is None:
        raise PricesError(f"{path}:1: no column holds dates; call it {_DATES[0]!r} (there are {_listed(columns)})")
    own = tuple(column for column in columns if column not in {day, volume, name} and column)
    if price is None and (name is not None or volume is not None or not own):
        raise PricesError(
            f"{path}:1: no column holds prices; call it {_PRICES[0]!r} or name it with --price "
            f"(there are {_listed(columns)})"
        )
    return _Layout(day, price, volume, name, own)


def _one_of(columns: Iterable[str], names: Sequence[str]) -> str | None:
    """Return the column with the first of the names that occurs, however it is capitalised."""
    known = {column.lower(): column for column in reversed(list(columns))}
    return next((known[name] for name in names if name in known), None)


def _series(path: Path, name: str, rows: list[Row]) -> Prices:
    rows = sorted(rows, key=lambda row: row[0])
    for before, after in itertools.pairwise(rows):
        if before[0] == after[0]:
            raise PricesError(
                f"{path}:{after[3]}: {name} has a second price on {after[0]}; the other is in line {before[3]}"
            )
    days, close, volume, _ = zip(*rows, strict=True)
    known = np.array(volume)
    return Prices(name, np.array(days, "M8[D]"), np.array(close), None if np.isnan(known).all() else known)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
