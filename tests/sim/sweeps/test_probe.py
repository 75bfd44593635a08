"""The probe: what it measures is what a sweep then costs, and it leaves nothing behind."""

from __future__ import annotations

import pytest

from catallaxy.sim.sweeps import probe as module
from catallaxy.sim.sweeps.plan import Context, Plan, Point, Recording
from catallaxy.sim.sweeps.probe import Probe, estimate


@pytest.mark.parametrize(
    ("planned", "wanted", "rows"),
    [(200, 2, [99, 199]), (3, 2, [1, 2]), (2, 5, [1]), (1, 2, []), (100, 4, [24, 49, 74, 99])],
)
def test_the_probe_is_spread_over_the_plan(planned: int, wanted: int, rows: list[int]) -> None:
    assert module._spread(planned, wanted) == rows


def test_short_runs_are_measured_more_often_and_very_long_ones_once() -> None:
    assert module._worth(0.2, 3) == 10
    assert module._worth(0.001, 3) == 30
    assert module._worth(5.0, 3) == 2
    assert module._worth(60.0, 3) == 0


def test_the_estimate_shares_the_runs_among_workers() -> None:
    found = Probe(seconds_per_run=0.5, cold_s=4.0, bytes_per_run=1000.0, peak_mb=200.0)
    cost = estimate(found, runs=100, workers=2)
    assert (cost.runs_per_s, cost.seconds, cost.bytes) == (4.0, 29.0, 100_000.0)
    assert estimate(found, runs=1, workers=8).seconds == 4.5


def test_the_estimate_counts_the_start_of_workers_and_whole_rounds_of_runs() -> None:
    found = Probe(seconds_per_run=10.0, cold_s=4.0, bytes_per_run=1.0, peak_mb=1.0)
    cost = estimate(found, runs=5, workers=4)
    assert (cost.start_s, cost.seconds) == (4.0, 24.0)


@pytest.mark.parametrize(("starts", "ready_after", "renewals"), [((23.0, 1.5), 1.5, 1), ((2.0,), 2.0, 0)])
def test_compiling_the_kernels_is_not_taken_for_the_start_of_a_worker(
    monkeypatch: pytest.MonkeyPatch, starts: tuple[float, ...], ready_after: float, renewals: int
) -> None:
    class RenewedPool:
        renewed = 0

        def renew(self) -> None:
            self.renewed += 1

    context = Context(bases=({},), recording=Recording(), networks=("alpha",), code="1")
    plan = Plan("tiny", 1, context, (Point(0, {}, {}),), ("a",), (1,))
    pool, left = RenewedPool(), iter(starts)
    monkeypatch.setattr(module, "_timed", lambda *_: (None, next(left)))
    assert module._start(plan, pool, b"") == ready_after
    assert pool.renewed == renewals
