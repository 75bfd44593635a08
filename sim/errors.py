"""Errors that teach: one class per reader, each with a message that says what to do."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "AuditError",
    "CatallaxyError",
    "PricesError",
    "Problem",
    "ResultsError",
    "RunInterrupted",
    "ScenarioError",
    "place_of",
]


class CatallaxyError(Exception):
    """Base of every error that Catallaxy raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a scenario.

    Attributes
    ----------
    file : str
        File (or `--set ...`) that supplied the value.
    line, column : int
        Position, counted from 1; 0 when the value has none.
    path : str
        Dotted YAML path ("networks.0.token.supply").
    message : str
        What is wrong, the value given, what is allowed, the nearest valid name.
    """

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ScenarioError(CatallaxyError):
    """A scenario cannot be run as written; carries every problem found."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class ResultsError(CatallaxyError):
    """A results folder cannot be written or read."""

    exit_code = 2


class PricesError(CatallaxyError):
    """A series of prices cannot be read, or does not allow what was asked of it."""

    exit_code = 2


class AuditError(CatallaxyError):
    """A stock-flow identity failed: something was created or lost outside the ledger.

    Attributes
    ----------
    step : int
        Step at which the audit failed.
    sector, instrument : str
        Where the books do not close.
    amount : int
        Closing stock minus (opening stock + flows), in base units of the instrument.
    """

    def __init__(self, step: int, sector: str, instrument: str, amount: int) -> None:
        self.step, self.sector, self.instrument, self.amount = step, sector, instrument, amount
        super().__init__(
            f"stock-flow audit failed at step {step}: sector {sector!r} holds {amount:+d} base units of "
            f"{instrument!r} that no recorded flow explains"
        )

    def __reduce__(self) -> tuple[type[AuditError], tuple[int, str, str, int]]:
        return type(self), (self.step, self.sector, self.instrument, self.amount)


class RunInterrupted(CatallaxyError):
    """A run was stopped from outside (Ctrl-C, SIGTERM); what it recorded has been kept."""

    exit_code = 130


def place_of(error: BaseException) -> str:
    """Return where an error was raised: function, name of the file, and line."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"in {frames[-1].name}, {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "nowhere"
