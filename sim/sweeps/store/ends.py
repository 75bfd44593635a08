"""How attempts at runs ended, and which attempt at each run counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.outcome import FINAL

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["END_COLUMNS", "Ends", "Winners"]

END_COLUMNS = ("row", "status", "attempt", "finished")
"""Columns of the table "log" that decide which attempt counts."""
_COMPLETE = FINAL.index("complete")
_COMPLETE_BIT = 62
_ATTEMPT_BIT = 43
_MOST_ATTEMPTS = (1 << (_COMPLETE_BIT - _ATTEMPT_BIT)) - 1
_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ends:
    """How some attempts ended; arrays of one length.

    Attributes
    ----------
    rows : int64[n]
        Numbers of the runs in the plan.
    codes : int64[n]
        Positions of the statuses in `FINAL`.
    attempts : int64[n]
        From 1; 0 when only the best attempt is known.
    finished : int64[n]
        Milliseconds since 1970.
    """

    rows: _Ints
    codes: _Ints
    attempts: _Ints
    finished: _Ints

    @classmethod
    def of(
        cls, rows: Sequence[int] | _Ints, statuses: Sequence[str], attempts: Sequence[int], finished: Sequence[int]
    ) -> Ends:
        """Return the attempts that four columns hold.

        Parameters
        ----------
        rows : sequence of int
        statuses : sequence of str
        attempts : sequence of int
        finished : sequence of int

        Returns
        -------
        Ends
        """
        codes = {status: code for code, status in enumerate(FINAL)}
        columns = [list(rows), [codes[status] for status in statuses], list(attempts), list(finished)]
        return cls(*(np.array(column, np.int64) for column in columns))

    @classmethod
    def of_log(cls, log: pa.Table) -> Ends:
        """Return the attempts that a table "log" lists.

        Parameters
        ----------
        log : pyarrow.Table
            With `END_COLUMNS`.

        Returns
        -------
        Ends
        """
        import pyarrow as pa

        finished = log["finished"].cast(pa.int64()).to_numpy()
        return cls.of(log["row"].to_numpy(), log["status"].to_pylist(), log["attempt"].to_numpy(), finished)

    @property
    def best(self) -> _Ints:
        """Positions of the attempts that count, one for each run, in order of the runs; of equals the last one."""
        order = np.lexsort((self.ranks, self.rows))
        rows = self.rows[order]
        return np.asarray(order[np.append(rows[1:] != rows[:-1], True)] if len(rows) else order, np.int64)

    @property
    def ranks(self) -> _Ints:
        """Numbers that grow with what counts more: being complete, then the attempt, then the time."""
        complete = (self.codes == _COMPLETE).astype(np.int64) << _COMPLETE_BIT
        attempts = np.clip(self.attempts, 0, _MOST_ATTEMPTS) << _ATTEMPT_BIT
        return np.asarray(complete | attempts | np.clip(self.finished, 0, (1 << _ATTEMPT_BIT) - 1))


class Winners:
    """The attempt that counts for each row of a plan, and where it is stored.

    Parameters
    ----------
    planned : int
        Runs of the plan.

    Attributes
    ----------
    ranks : int64[planned]
        `Ends.ranks` of the attempt; -1 where there is none.
    codes : int64[planned]
        Position of its status in `FINAL`.
    sources : int64[planned]
        What `offer` was told; -1 where there is none.
    """

    def __init__(self, planned: int) -> None:
        self.ranks = np.full(planned, -1, np.int64)
        self.codes = np.zeros(planned, np.int64)
        self.sources = np.full(planned, -1, np.int64)

    def offer(self, ends: Ends, sources: int | _Ints = 0) -> None:
        """Let attempts compete with those offered before; of equals the last one counts.

        Parameters
        ----------
        ends : Ends
        sources : int or int64[n], optional
            Where they are stored.

        Raises
        ------
        ResultsError
            When the plan has no such run.
        """
        if len(ends.rows) and not 0 <= ends.rows.min() <= ends.rows.max() < len(self.ranks):
            raise ResultsError(f"run {ends.rows.max()} is stored, but the plan has {len(self.ranks)} runs")
        ranks = ends.ranks
        order = np.argsort(ranks, kind="stable")
        order = order[ranks[order] >= self.ranks[ends.rows[order]]]
        rows = ends.rows[order]
        self.ranks[rows] = ranks[order]
        self.codes[rows] = ends.codes[order]
        self.sources[rows] = np.broadcast_to(sources, ranks.shape)[order]

    @property
    def rows(self) -> _Ints:
        """Rows that have an outcome, in order."""
        return np.flatnonzero(self.ranks >= 0)

    def statuses(self) -> dict[int, str]:
        """Return how each row that has an outcome ended."""
        rows = self.rows
        return {row: FINAL[code] for row, code in zip(rows.tolist(), self.codes[rows].tolist(), strict=True)}

    def counts(self) -> Counter[str]:
        """Return how many rows ended in each way."""
        numbers = np.bincount(self.codes[self.rows], minlength=len(FINAL))
        return Counter({status: int(n) for status, n in zip(FINAL, numbers, strict=True) if n})
