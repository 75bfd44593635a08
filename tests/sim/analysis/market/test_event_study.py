"""Abnormal returns around events: against regressions done by hand, planted events and real ones."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from catallaxy.sim.analysis.market.event_files import read_events, read_windows
from catallaxy.sim.analysis.market.event_study import Event, StudyDesign, event_study, together
from catallaxy.sim.analysis.market.price_files import read_prices
from catallaxy.sim.analysis.market.prices import Floats, Prices
from catallaxy.sim.errors import PricesError
from repository.sources import ROOT

DATA = ROOT.parent / "shared" / "data"
N = 900


def days(n: int) -> np.ndarray:
    return np.datetime64("2021-01-01") + np.arange(n).astype("m8[D]")


def prices(name: str, returns: Floats) -> Prices:
    return Prices(name, days(len(returns) + 1), np.exp(np.concatenate(([0.0], np.cumsum(returns)))))


@pytest.fixture
def returns() -> tuple[Floats, Floats]:
    """Return a market's and a token's daily log returns: a slope of 1.5 and tails of Student's t."""
    chance = np.random.default_rng(4)
    market = 0.03 * chance.standard_t(4, N)
    return market, 0.001 + 1.5 * market + 0.04 * chance.standard_t(4, N)


def test_a_car_and_its_error_are_those_of_a_regression_and_its_forecast(returns: tuple[Floats, Floats]) -> None:
    market, own = returns
    design = StudyDesign(windows=[(-5, 10)], estimation=60, apart=20)
    event = Event(days(N + 1)[1:][400], "one")
    [found] = event_study(prices("own", own), [event], design, prices("market", market))
    past = slice(400 - 20 - 60, 400 - 20)
    x = np.column_stack([np.ones(60), market[past]])
    coefficients, squares, _, _ = np.linalg.lstsq(x, own[past], rcond=None)
    ahead = np.column_stack([np.ones(16), market[395:411]])
    total = ahead.sum(axis=0)
    variance = squares[0] / 58 * (16 + total @ np.linalg.inv(x.T @ x) @ total)
    assert found.car == pytest.approx((own[395:411] - ahead @ coefficients).sum())
    assert found.error == pytest.approx(math.sqrt(variance))


def test_planted_gains_are_found_and_chance_is_not(returns: tuple[Floats, Floats]) -> None:
    market, own = returns
    quiet = [Event(day, str(day)) for day in days(N + 1)[1:][200::70]]
    design = StudyDesign(windows=[(0, 3)])
    [nothing] = together(event_study(prices("own", own), quiet, design, prices("market", market)))
    assert nothing.events == len(quiet) == 10
    assert nothing.p > 0.05
    own = own.copy()
    own[200::70] += 0.3
    found = event_study(prices("own", own), quiet, design, prices("market", market))
    [something] = together(found)
    assert something.positive == 10
    assert something.mean == pytest.approx(0.3, abs=0.05)
    assert something.p < 0.001
    assert min(one.p for one in found) < 0.01


def test_without_a_market_returns_are_compared_with_their_own_mean(returns: tuple[Floats, Floats]) -> None:
    _, own = returns
    event = Event(days(N + 1)[1:][300], "one")
    [found] = event_study(prices("own", own), [event], StudyDesign(windows=[(0, 0)]))
    assert found.car == pytest.approx(own[300] - own[150:270].mean())


def test_an_event_outside_the_series_is_told_not_guessed(returns: tuple[Floats, Floats]) -> None:
    _, own = returns
    early, late = Event(days(N)[10], "early"), Event(days(N + 400)[-1], "late")
    found = event_study(prices("own", own), [early, late], StudyDesign(windows=[(0, 7)]))
    assert [math.isnan(one.car) for one in found] == [True, True]
    assert together(found)[0].events == 0


@pytest.mark.parametrize(
    ("windows", "estimation", "said"),
    [
        ([(3, 1)], 120, "from an earlier to a later step, not 3:1"),
        ([(-40, 1)], 120, "begins before the 30 steps"),
        ([(0, 1)], 10, "30 steps at least"),
    ],
)
def test_a_design_that_cannot_be_is_refused(windows: list[tuple[int, int]], estimation: int, said: str) -> None:
    with pytest.raises(PricesError, match=said):
        StudyDesign(windows, estimation)


def test_a_short_series_is_refused(returns: tuple[Floats, Floats]) -> None:
    with pytest.raises(PricesError, match="150 returns are too few"):
        event_study(prices("own", returns[1][:150]), [Event(days(9)[0], "one")])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,event\n2024-01-01,a\n", "events.csv:1: no column is called date"),
        ("date,event\n2024-01-01,a\n01/02/2024,b\n", "events.csv:3: date is '01/02/2024'"),
        ("date,event\n", "there is no event in this file"),
    ],
)
def test_a_wrong_file_of_events_is_refused_with_its_line(text: str, said: str) -> None:
    Path("events.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PricesError, match=said):
        read_events(Path("events.csv"))


def test_windows_are_read_as_they_are_written() -> None:
    assert read_windows(["-30:-1", "0:7"]) == [(-30, -1), (0, 7)]
    with pytest.raises(PricesError, match="'0-7' is no window"):
        read_windows(["0-7"])


@pytest.mark.skipif(not DATA.is_dir(), reason="needs real prices, which are not part of the repository")
def test_no_narrative_event_moved_deai_tokens_beyond_chance() -> None:
    with (DATA / "prices" / "deai_equal_weight_index_returns.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    close = np.exp(np.concatenate(([0.0], np.cumsum([float(row["ew_logret"]) for row in rows]))))
    dates = np.array([row["date"] for row in rows], "M8[D]")
    index = Prices("deAI", np.concatenate(([dates[0] - 1], dates)), close)
    market = read_prices(DATA / "prices" / "prices_daily.csv", ["BTC"])["BTC"]
    found = event_study(index, read_events(DATA / "events" / "event_study.csv"), market=market)
    gone = {window.window: window for window in together(found)}
    assert min(window.smallest for window in gone.values()) > 0.15
    assert min(window.p for window in gone.values()) > 0.15
    assert gone[0, 90].mean == pytest.approx(-0.217, abs=0.001)
    assert gone[0, 30].events == 11
