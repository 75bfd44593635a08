"""Statistics of real tokens come from the prices they are said to come from, and simulated ones have a place there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from catallaxy.sim.analysis.market.price_files import read_prices
from catallaxy.sim.analysis.market.prices import Prices
from catallaxy.sim.analysis.market.reality import INSIDE, OUTSIDE, QUARTILES, REAL, compared, observed
from catallaxy.sim.cli.main import app
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load

ROOT = Path(__file__).resolve().parents[4]
FILE = ROOT.parent / "shared" / "data" / "prices" / "prices_daily.csv"
TOKENS = ("FET", "RENDER", "FIL", "GRT", "LPT", "NMR", "AR", "HNT")
DAYS = np.datetime64("2021-06-14") + np.arange(400)


def walk(seed: int, market: np.ndarray | None = None) -> Prices:
    steps = np.random.default_rng(seed).normal(0.0, 0.03, len(DAYS) - 1)
    steps = steps if market is None else steps + 1.2 * market
    return Prices(f"t{seed}", DAYS, np.exp(np.concatenate(([0.0], np.cumsum(steps)))))


def between(prices: Prices, first: np.datetime64, last: np.datetime64) -> Prices:
    kept = (prices.dates >= first) & (prices.dates <= last)
    volume = None if prices.volume is None else prices.volume[kept]
    return Prices(prices.name, prices.dates[kept], prices.close[kept], volume)


def spread(values: list[float]) -> list[float]:
    return [min(values), *np.quantile(values, (0.25, 0.5, 0.75)).tolist(), max(values)]


@pytest.mark.skipif(not FILE.is_file(), reason="the real prices are not part of the repository")
def test_bands_are_those_of_the_real_tokens() -> None:
    found = read_prices(FILE, [*TOKENS, "BTC"])
    first, last = np.datetime64("2021-06-14"), np.datetime64("2025-06-12")
    series = {name: between(prices, first, last) for name, prices in found.items()}
    each = [observed({name: series[name]}, series["BTC"]) for name in TOKENS]
    bands = {real.name: real.band for real in REAL}
    for name in each[0].keys() | {"volume_volatility"}:
        values = [one[name] for one in each if name in one]
        assert spread(values) == pytest.approx(bands[name], rel=0.004, abs=0.0006), name
    pairs = [
        observed({one: series[one], other: series[other]})["pair_correlation"]
        for i, one in enumerate(TOKENS)
        for other in TOKENS[:i]
    ]
    assert spread(pairs) == pytest.approx(bands["pair_correlation"], abs=0.0006)
    starts = [np.datetime64("2021-07-16") + 357 * year for year in range(4)]
    years = [{name: between(series[name], day, day + 357) for name in TOKENS} for day in starts]
    components = [observed(year)["first_component"] for year in years]
    assert spread(components) == pytest.approx(bands["first_component"], abs=0.0006)


def test_bands_are_in_order_and_there_are_fourteen() -> None:
    assert len({real.name for real in REAL}) == 14
    for real in REAL:
        assert list(real.band) == sorted(real.band), real.name


def test_a_value_has_a_place() -> None:
    beta = next(real for real in REAL if real.name == "beta")
    assert [beta.place(x) for x in (0.9, 1.0, 1.2, 1.38, 1.5)] == [OUTSIDE, INSIDE, QUARTILES, INSIDE, OUTSIDE]


def test_tokens_that_follow_a_market_are_seen_to() -> None:
    market = np.random.default_rng(9).normal(0.0, 0.03, len(DAYS) - 1)
    reserve = Prices("reserve", DAYS, np.exp(np.concatenate(([0.0], np.cumsum(market)))))
    found = observed({f"t{seed}": walk(seed, market) for seed in range(6)}, reserve)
    assert found["beta"] == pytest.approx(1.2, abs=0.1)
    assert found["pair_correlation"] == pytest.approx(1.44 / 2.44, abs=0.08)
    assert 1 / 6 < found["pair_correlation"] < found["first_component"] < 1.0
    alone = observed({"t1": walk(1)})
    assert not {"beta", "pair_correlation", "first_component", "volume_volatility"} & alone.keys()


def test_rows_leave_out_what_some_world_does_not_have() -> None:
    rows = compared([{"sd": 0.06, "beta": 1.2}, {"sd": 0.08}])
    assert [row["statistic"] for row in rows] == ["sd"]
    assert rows[0]["ours"] == pytest.approx(0.07)
    assert rows[0]["place"] == INSIDE


@pytest.mark.whole
def test_the_command_puts_a_run_beside_them(tmp_path: Path) -> None:
    runner = CliRunner()
    run = runner.invoke(app, ["run", "minimal", "--set", "steps=150", "--replicates", "2", "--out", str(tmp_path)])
    assert run.exit_code == 0, run.output
    (folder,) = tmp_path.glob("minimal-*")
    told = runner.invoke(app, ["reality", str(folder)])
    assert told.exit_code == 0, told.output
    assert "of 12 in the range of real tokens" in told.output
    rows = {row["statistic"]: row for row in json.loads(runner.invoke(app, ["reality", str(folder), "--json"]).stdout)}
    assert rows["beta"]["place"] == OUTSIDE
    assert rows["sd"]["ours_first"] <= rows["sd"]["ours"] <= rows["sd"]["ours_third"]


def test_the_flagship_of_many_tokens_moves_like_them() -> None:
    cash = {"dist": "pareto", "minimum": 36_000, "tail": 1.6}  # a quarter of the speculators, with as much money
    few = {"populations.speculators.count": 1000, "populations.speculators.cash": cash}
    scenario = load("supercycle-2026", sets={"steps": 400, **few})
    record = simulate(scenario)
    days = np.datetime64("2026-01-01") + np.arange(len(record.series["price"]))
    tokens = {name: Prices(name, days, record.series["price"][:, k]) for k, name in enumerate(scenario.networks)}
    found = observed(tokens, Prices("reserve", days, record.series["reserve_price"][:, 0]))
    assert 0.9 < found["beta"] < 1.6
    assert 0.3 < found["pair_correlation"] < 0.7
    assert 0.04 < found["sd"] < 0.09
