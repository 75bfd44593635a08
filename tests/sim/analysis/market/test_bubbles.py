"""Bubble tests on series with and without a bubble, and their dates."""

from __future__ import annotations

import numpy as np
import pytest

from analysis_series import prices_of
from catallaxy.sim.analysis.market.bubbles import Null, bubbles, min_rows
from catallaxy.sim.analysis.market.findings import bubble_rows, episode_rows
from catallaxy.sim.analysis.market.prices import Floats
from catallaxy.sim.errors import PricesError


def with_bubble(seed: int, start: int = 120, end: int = 160) -> Floats:
    """Returns that grow by themselves in the bubble, and collapse after it."""
    returns = 0.01 * np.random.default_rng(seed).normal(size=250)
    returns[start:end] += 0.003 * 1.1 ** np.arange(end - start)
    returns[end] -= 0.3
    return returns


def test_the_shortest_window_is_that_of_the_published_rule() -> None:
    assert [min_rows(n) for n in (100, 200, 400)] == [19, 27, 40]


@pytest.mark.parametrize("kind", ["monte-carlo", "wild"])
def test_a_bubble_is_found_and_dated(kind: str) -> None:
    null = Null(kind, paths=99)
    found = bubbles(prices_of(with_bubble(1)), null)
    assert found.gsadf > found.gsadf_critical[1]
    assert found.gsadf_p <= 0.05
    assert found.sadf <= found.gsadf
    boom = next(episode for episode in found.episodes if episode.kind == "boom" and episode.factor > 1.3)
    day = np.datetime64("2020-01-01")
    assert day + 120 <= boom.start <= day + 150 <= boom.end
    assert boom.start <= boom.peak <= boom.end
    assert np.isnan(found.threshold[: found.rows]).all()
    rows = list(bubble_rows({"x": found}, null))
    assert [row["test"] for row in rows] == ["SADF", "GSADF"]
    assert rows[1]["critical_90"] < rows[1]["critical_95"] < rows[1]["critical_99"]
    assert {row["series"] for row in episode_rows({"x": found})} == {"x"}


def test_a_random_walk_has_none_and_the_test_repeats() -> None:
    prices = prices_of(0.01 * np.random.default_rng(7).normal(size=250))
    one, other = (bubbles(prices, Null("monte-carlo", paths=99)) for _ in range(2))
    assert one.gsadf_p > 0.1
    assert np.array_equal(one.threshold, other.threshold, equal_nan=True)
    assert bubbles(prices, Null("monte-carlo", paths=99, seed=2)).gsadf_critical[1] != one.gsadf_critical[1]


def test_a_burst_of_volatility_is_no_bubble_to_the_wild_bootstrap() -> None:
    shocks = 0.01 * np.random.default_rng(11).normal(size=300)
    shocks[200:] *= 8.0
    prices = prices_of(shocks)
    calm, wild = (bubbles(prices, Null(kind, paths=199)) for kind in ("monte-carlo", "wild"))
    assert wild.gsadf_critical[1] > calm.gsadf_critical[1] + 0.3
    assert wild.gsadf_p > calm.gsadf_p


def test_what_cannot_be_tested() -> None:
    with pytest.raises(PricesError, match="too few"):
        bubbles(prices_of(np.full(50, 0.01)))
    with pytest.raises(PricesError, match="the null can be wild, monte-carlo, not 'wlid'; did you mean 'wild'"):
        Null("wlid")
