"""Driver processes that follow dated values, written in the scenario or read from a CSV file beside it."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import ValidationInfo, model_validator

from catallaxy.agents.complaints import complaint, did_you_mean
from catallaxy.agents.declaration import quantity
from catallaxy.sim.environment.paths import Draws, Floats, Horizon
from catallaxy.sim.environment.processes import PROCESSES, UNIT, Process

__all__ = ["CsvTable", "Table"]

_MOST_BYTES = 5_000_000
_MOST_ROWS = 20_000


@PROCESSES.register("table")
class Table(Process):
    """Dated values written in the scenario; the last one holds to the end."""

    summary = "dated values written in the scenario"

    points: dict[date, float] = quantity(unit=UNIT, doc="Value from each date on (YYYY-MM-DD).")
    interpolate: Literal["step", "linear"] = quantity(
        "step", unit="-", doc="Between two dates: hold the earlier value, or draw a straight line."
    )
    max_gap_days: float = quantity(
        31.0, unit="day", doc="Longest time between two dates; a longer gap is an error, not a silent hold.", gt=0
    )

    @model_validator(mode="after")
    def _no_gaps(self) -> Table:
        dates = sorted(self.points)
        if not dates:
            raise complaint("no_points", "points is empty; give at least one date with a value")
        for before, after in itertools.pairwise(dates):
            if (after - before).days > self.max_gap_days:
                raise complaint(
                    "gap",
                    f"no value between {before} and {after} ({(after - before).days} days); "
                    f"fill the gap, or allow it with max_gap_days (now {self.max_gap_days:g})",
                )
        return self

    @property
    def first_date(self) -> date:
        """The earliest date with a value."""
        return min(self.points)

    def path(self, horizon: Horizon, draws: Draws) -> Floats:
        """Return the value in force at the beginning of each step; see `Process.path`."""
        dates = sorted(self.points)
        days = np.array([(day - horizon.start).days for day in dates], dtype=np.float64)
        values = np.array([self.points[day] for day in dates])
        now = horizon.days
        left = np.clip(np.searchsorted(days, now, side="right") - 1, 0, None)
        if self.interpolate == "step":
            return values[left]
        right = np.minimum(left + 1, len(dates) - 1)
        span = np.where(right > left, days[right] - days[left], 1.0)
        passed = np.clip((now - days[left]) / span, 0.0, 1.0)
        path: Floats = values[left] + passed * (values[right] - values[left])
        return path

    def anchors(self) -> tuple[float, ...]:
        """Return the values of the table."""
        return tuple(self.points.values())


@PROCESSES.register("csv")
class CsvTable(Table):
    """Dated values from a CSV file in the scenario's own folder.

    What was read is kept in `points`, so a resolved scenario needs no other file; a scenario that already has
    `points` is not read again.
    """

    summary = "dated values from a CSV file beside the scenario"

    file: str = quantity(unit="-", doc="CSV file with a header, relative to the scenario's folder and inside it.")
    date_column: str = quantity("date", unit="-", doc="Column with the dates (YYYY-MM-DD), strictly increasing.")
    value_column: str = quantity("value", unit="-", doc="Column with the numbers.")
    points: dict[date, float] = quantity(
        default_factory=dict, unit=UNIT, doc="Rows read from the file; left out in a scenario."
    )

    @model_validator(mode="before")
    @classmethod
    def _read_file(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, Mapping) or not isinstance(value.get("file"), str) or value.get("points"):
            return value
        columns = (str(value.get("date_column", "date")), str(value.get("value_column", "value")))
        folder = (info.context or {}).get("folder")
        path = _inside(folder, value["file"])
        return {**value, "points": dict(_rows(path, value["file"], columns))}


def _inside(folder: Any, name: str) -> Path:
    """Return the path of a CSV file after checking that it lies in the folder and may be read whole."""
    if folder is None:
        raise complaint(
            "csv_folder", f"{name!r}: a CSV file is looked for beside a scenario file, and there is none here"
        )
    home = Path(folder).resolve()
    path = (home / name).resolve()
    if Path(name).is_absolute() or not path.is_relative_to(home):
        raise complaint("csv_outside", f"{name!r} must be a relative path inside the scenario's folder {home}")
    if not path.is_file():
        near = did_you_mean(path.name, (other.name for other in home.glob("*.csv")))
        raise complaint("csv_missing", f"{name!r} is not a file in the scenario's folder {home}{near}")
    if path.stat().st_size > _MOST_BYTES:
        size = path.stat().st_size / 1e6
        raise complaint("csv_size", f"{name!r} has {size:.1f} MB; at most {_MOST_BYTES / 1e6:g} MB are read")
    return path


def _rows(path: Path, name: str, columns: tuple[str, str]) -> Iterator[tuple[date, float]]:
    """Yield the dated values of a CSV file, complaining about the first line that is wrong."""
    last = None
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            _require(columns, reader.fieldnames, name)
            for count, row in enumerate(reader, start=1):
                where = f"{name}:{reader.line_num}"
                day, value = _day(row[columns[0]], where), _number(row[columns[1]], where)
                if last is not None and day <= last:
                    raise complaint("csv_order", f"{where}: {day} does not come after {last}; sort rows, one per date")
                if count > _MOST_ROWS:
                    raise complaint("csv_rows", f"{name!r} has more than {_MOST_ROWS} rows; thin it out")
                last = day
                yield day, value
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise complaint("csv_unreadable", f"{name!r} cannot be read as CSV text: {error}") from error
    if last is None:
        raise complaint("csv_empty", f"{name!r} has a header but no rows")


def _require(columns: tuple[str, str], found: Any, name: str) -> None:
    header = [str(column) for column in found or ()]
    for column in columns:
        if column not in header:
            hint = did_you_mean(column, header)
            raise complaint(
                "csv_column", f"{name!r} has no column {column!r}; it has {', '.join(header) or 'none'}{hint}"
            )


def _day(text: str | None, where: str) -> date:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        raise complaint("csv_date", f"{where}: {text!r} is not a date; write YYYY-MM-DD") from None


def _number(text: str | None, where: str) -> float:
    if not (text or "").strip():
        raise complaint("csv_gap", f"{where}: the value is missing; fill it in or remove the row")
    try:
        number = float(str(text))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise complaint("csv_number", f"{where}: {text!r} is not a finite number")
    return number
