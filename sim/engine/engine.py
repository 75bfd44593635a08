"""Runs an economy: executes the phases of each step in order, records, and stops with what it has."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

import numpy as np

from catallaxy.agents.population import MICRO, Ints
from catallaxy.sim.analysis.concentration import gini, hhi, nakamoto
from catallaxy.sim.analysis.key_figures import evaluate
from catallaxy.sim.engine.gain_rows import gain_rows
from catallaxy.sim.engine.genesis import found
from catallaxy.sim.engine.hooks import schedule
from catallaxy.sim.engine.model_log import watched
from catallaxy.sim.engine.phases import PHASES
from catallaxy.sim.engine.single_orders import check_routes
from catallaxy.sim.errors import CatallaxyError, RunInterrupted, place_of
from catallaxy.sim.recording.record import IncomeRow, RunRecord, StakeRow
from catallaxy.sim.recording.recorder import Recorder
from catallaxy.sim.recording.snapshots import NO_SNAPSHOTS, Snapshot, Snapshots
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.state.economy import Economy

__all__ = ["OUT_OF_MEMORY", "Engine", "simulate"]

#: Flows are summed over this many steps before they become rows of the stock-flow matrix.
FLOW_PERIOD = 30

OUT_OF_MEMORY = "MemoryError"
"""How the error of a run begins that needed more memory than it could have."""


class Engine:
    """One run of a scenario.

    Parameters
    ----------
    scenario : Scenario
    replicate : int
        Which independent replicate; the same number means the same chance in every scenario.
    threads : int
        Threads for row kernels; results do not depend on it.
    snapshots : Snapshots
        After which steps the rows of which populations are kept.

    Attributes
    ----------
    economy : Economy
    recorder : Recorder
    """

    def __init__(
        self, scenario: Scenario, replicate: int = 0, threads: int = 1, snapshots: Snapshots = NO_SNAPSHOTS
    ) -> None:
        self.scenario = scenario
        self.replicate = replicate
        self.economy: Economy = found(scenario, replicate, threads)
        check_routes(self.economy)
        self.recorder = Recorder(scenario.steps, self.economy.k, self.economy.metrics)
        plain = schedule(PHASES, self.economy.populations.values())
        self._schedule, self._log = watched(plain, scenario, self.economy)
        self.phase_seconds = dict.fromkeys((phase.name for phase in PHASES), 0.0)
        self.wall_s = 0.0
        self._wanted = snapshots
        self._taken: list[Snapshot] = []

    @property
    def finished(self) -> bool:
        """Whether all steps of the scenario are done."""
        return self.economy.step >= self.scenario.steps

    def step(self) -> None:
        """Execute one step: every phase of `PHASES`, in order, each followed by the hooks of populations."""
        economy, clock = self.economy, time.perf_counter
        started = last = clock()
        for name, run in self._schedule:
            run(economy)
            now = clock()
            self.phase_seconds[name] += now - last
            last = now
        self.recorder.record(economy.metrics)
        if self._wanted.due(economy.step, self.scenario.steps):
            self._taken += self._wanted.take(economy.step, economy.names, economy.populations)
        economy.step += 1
        if economy.step % FLOW_PERIOD == 0 or self.finished:
            economy.ledger.close_period(economy.step - 1)
        self.wall_s += clock() - started

    def run(self, progress: Callable[[int], None] | None = None) -> None:
        """Run to the end.

        Parameters
        ----------
        progress : callable, optional
            Called with the number of steps done after each step.
        """
        while not self.finished:
            self.step()
            if progress is not None:
                progress(self.economy.step)

    def record(self, status: str = "complete", error: str = "", trace: str = "") -> RunRecord:
        """Return everything recorded so far."""
        economy = self.economy
        economy.ledger.close_period(economy.step - 1)
        record = RunRecord(
            seed=int(economy.seed),
            replicate=self.replicate,
            networks=economy.names,
            symbols=economy.symbols,
            start=self.scenario.start,
            dt_days=self.scenario.dt_days,
            series=self.recorder.series(),
            flows=economy.ledger.rows,
            income=income_rows(economy),
            stake=stake_rows(economy),
            dilution=economy.dilution.rows(economy),
            gains=gain_rows(economy),
            audit=economy.ledger.summary(),
            guards=dict(economy.guards),
            phase_seconds=dict(self.phase_seconds),
            wall_s=self.wall_s,
            status=status,
            error=error,
            traceback=trace,
            snapshots=self._taken,
            models=[] if self._log is None else self._log.blocks,
        )
        record.kpis = evaluate(record)
        return record

    def close(self) -> None:
        """Release threads."""
        self.economy.lanes.close()


def income_rows(economy: Economy) -> list[IncomeRow]:
    """Tell who earned what, by population and network.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    list of IncomeRow
    """
    rows = []
    for population in economy.populations.values():
        for label, (network, earned) in population.incomes_usd().items():
            for k, name in enumerate(economy.names):
                micro = earned[(network == k) | (network < 0)]
                if len(micro):
                    rows.append(_income_row(label, name, micro))
    return rows


def _income_row(label: str, network: str, micro: Ints) -> IncomeRow:
    p10, p50, p90 = (float(x) for x in np.quantile(micro / MICRO, [0.1, 0.5, 0.9]))
    total, earned = float(micro.sum()) / MICRO, np.maximum(micro, 0)
    spread = gini(earned), hhi(earned), nakamoto(earned)
    return IncomeRow(label, network, len(micro), total, total / len(micro), p10, p50, p90, *spread)


def stake_rows(economy: Economy) -> list[StakeRow]:
    """Tell how the stake of each network is spread over all who have any.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    list of StakeRow
    """
    rows = []
    for k, name in enumerate(economy.names):
        every = np.concatenate([population.stakes(k) for population in economy.populations.values()])
        held = every[every > 0]
        tokens = float(held.sum()) / float(economy.base[k])
        rows.append(StakeRow(name, len(held), tokens, gini(held), hhi(held), nakamoto(held)))
    return rows


def simulate(
    scenario: Scenario,
    replicate: int = 0,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
    snapshots: Snapshots = NO_SNAPSHOTS,
) -> RunRecord:
    """Run one replicate; a failure or an interruption returns what was recorded, marked as such.

    Parameters
    ----------
    scenario : Scenario
    replicate, threads : int
        As in `Engine`.
    progress : callable, optional
        As in `Engine.run`.
    snapshots : Snapshots, optional
        As in `Engine`.

    Returns
    -------
    RunRecord
    """
    engine = Engine(scenario, replicate, threads, snapshots)
    try:
        engine.run(progress)
    except (KeyboardInterrupt, RunInterrupted) as stop:
        return engine.record("interrupted", str(stop) or "interrupted from the keyboard")
    except CatallaxyError as error:
        return engine.record("failed", str(error), traceback.format_exc())
    except MemoryError as error:
        return engine.record("failed", f"{OUT_OF_MEMORY}: {error} ({place_of(error)})", traceback.format_exc())
    except Exception as error:
        return engine.record("failed", f"{type(error).__name__}: {error} ({place_of(error)})", traceback.format_exc())
    finally:
        engine.close()
    return engine.record()
