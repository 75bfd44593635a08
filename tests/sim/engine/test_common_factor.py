"""Tokens move together because their holders take them for one asset, and because all follow the reserve asset."""

from __future__ import annotations

from typing import Any

import numpy as np

from catallaxy.sim.analysis.market.prices import Floats
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.scenario.loading import load

SMALL: dict[str, Any] = {
    "steps": 250,
    "populations.users.count": 300,
    "populations.speculators.count": 600,
    "populations.data_providers.count": 90,
    "populations.compute_nodes.count": 60,
}


def series(**changes: float) -> dict[str, Floats]:
    sets = {**SMALL, **{f"populations.speculators.{name}": value for name, value in changes.items()}}
    return dict(simulate(load("three-networks", sets=sets)).series)


def correlation(run: dict[str, Floats]) -> float:
    matrix = np.corrcoef(np.diff(np.log(run["price"]), axis=0).T)
    return float(matrix[np.triu_indices(3, 1)].mean())


def slope(run: dict[str, Floats]) -> float:
    returns, reserve = np.diff(np.log(run["price"]), axis=0), np.diff(np.log(run["reserve_price"][:, 0]))
    return float(np.mean([np.cov(returns[:, k], reserve)[0, 1] for k in range(3)]) / reserve.var(ddof=1))


def test_shared_shocks_move_tokens_together_and_not_with_the_reserve_asset() -> None:
    runs = [series(shared_shocks=share) for share in (0.0, 0.5, 1.0)]
    none, half, everything = (correlation(run) for run in runs)
    assert none + 0.08 < half < everything - 0.08
    assert all(abs(slope(run)) < 0.1 for run in runs)


def test_tokens_follow_the_reserve_asset_as_strongly_as_asked() -> None:
    none, weak, strong = (slope(series(reserve_response=response)) for response in (0.0, 1.0, 3.0))
    assert abs(none) < 0.03
    assert 2.5 < strong / weak < 3.5
    assert weak > 0.05


def test_the_first_step_has_no_news_of_the_reserve_asset_and_later_ones_have_the_drivers() -> None:
    engine = Engine(load("three-networks", sets=SMALL))
    engine.step()
    assert not engine.economy.quoted.reserve_news.any()
    before = engine.economy.drivers["reserve_price"]
    engine.step()
    moved = np.log(engine.economy.drivers["reserve_price"] / before)
    loads = [spec.valuation.reserve_beta for spec in engine.economy.specs]
    assert np.allclose(engine.economy.quoted.reserve_news, np.array(loads) * moved, rtol=1e-12)
