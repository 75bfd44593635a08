"""After the death of a worker: what it died of, what is recorded of its runs, and whether new workers work."""

from __future__ import annotations

import re
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.experiments.stopping import Stop
from catallaxy.sim.sweeps.dispatch.pools import Pool
from catallaxy.sim.sweeps.dispatch.starting import answer, timed
from catallaxy.sim.sweeps.outcome import Batch, Limits
from catallaxy.sim.sweeps.plan import PlannedRun
from catallaxy.sim.sweeps.workers.crash_logs import crash_status
from catallaxy.sim.sweeps.workers.work import failed_batch

__all__ = ["Obituary", "reason", "restart"]

_STARTS = 3
_START_S = 300.0
_TICK_S = 0.2
_EXIT_CODES = re.compile(r"exit codes of the workers are \{([^}]*)\}")


@dataclass(frozen=True)
class Obituary:
    """Why a run is given up.

    Attributes
    ----------
    cause : str
        What its worker died of, as far as the pool knows.
    trace : str
        Where the worker was, as far as its crash log says.
    hung : bool
        Whether the worker did not come back and had to be killed.
    """

    cause: str
    trace: str
    hung: bool

    def batch(self, run: PlannedRun, context: bytes, limits: Limits, attempt: int) -> Batch:
        """Return the batch that records it.

        Parameters
        ----------
        run : PlannedRun
        context : bytes
            `Context.packed()`.
        limits : Limits
        attempt : int

        Returns
        -------
        Batch
        """
        status = "timeout" if self.hung else crash_status(self.trace)
        if status == "timeout":
            limit = "its time limit" if limits.timeout_s is None else f"{limits.timeout_s:g} s"
            error = f"took longer than {limit}"
        else:
            error = f"kills its worker process: {self.cause}"
        return failed_batch(context, [run], status, error, self.trace, attempt)


def reason(error: BaseException) -> str:
    """Return in one line what an error of a pool says: of a dead worker how it ended, otherwise the first cause.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    str
    """
    codes = _EXIT_CODES.search(str(error))
    if codes is not None:
        return f"a worker process ended with {codes[1] or 'an unknown exit code'}"
    if type(error).__name__ == "KilledWorker":
        return "a Dask worker died"
    lines = [line.strip() for line in str(error.__cause__ or error).splitlines() if line.strip('" \n')]
    said = lines[-1] if error.__cause__ is not None and lines else " ".join(lines)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def restart(pool: Pool, stop: Stop, cause: str) -> None:
    """Wait until a renewed pool works, and renew it again while it does not.

    Parameters
    ----------
    pool : Pool
    stop : Stop
        Ends the wait.
    cause : str
        Why the pool was renewed, for the message.

    Raises
    ------
    CatallaxyError
        When workers die before they can do anything.
    """
    for _ in range(_STARTS):
        error = _complaint(pool, stop)
        if error is None or stop.requested:
            return
        cause = reason(error)
        pool.renew()
    raise CatallaxyError(f"worker processes cannot be started, {_STARTS} times in a row: {cause}")


def _complaint(pool: Pool, stop: Stop) -> BaseException | None:
    """Return why a pool does not answer, None when it does."""
    deadline = time.monotonic() + _START_S
    try:
        future: Future[tuple[float, str]] = pool.submit(partial(timed, answer), "ready")
        while not stop.requested and not wait([future], _TICK_S).done:
            if time.monotonic() > deadline:
                return TimeoutError(f"no worker is ready after {_START_S:g} s")
        if future.done():
            future.result()
    except pool.broken as error:
        return error
    return None
