"""Gaps, short series and prices that never change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catallaxy.sim.analysis.market.prices import Prices, checked, whole
from catallaxy.sim.errors import PricesError

DAYS = np.datetime64("2024-01-01") + np.array([0, 1, 2, 5, 6, 7, 8])
CLOSE = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
PRICES = Prices("token", DAYS, CLOSE, 10.0 * CLOSE)


def test_a_gap_is_refused_unless_a_way_to_close_it_is_named() -> None:
    with pytest.raises(PricesError, match=r"token: no price between 2024-01-03 and 2024-01-06; 1 gaps, .* 3 days"):
        whole(PRICES, least=2)
    longest = whole(PRICES, "longest", least=2)
    assert longest.close.tolist() == [4.0, 5.0, 6.0, 7.0]
    assert longest.volume is not None
    assert longest.volume.tolist() == [40.0, 50.0, 60.0, 70.0]
    carried = whole(PRICES, "carry", least=2)
    assert carried.close.tolist() == [1.0, 2.0, 3.0, 3.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert carried.volume is not None
    assert np.isnan(carried.volume[3:5]).all()
    assert whole(PRICES, max_gap=3, least=2) is PRICES
    with pytest.raises(PricesError, match="gaps can be refuse, longest, carry, not 'longst'; did you mean 'longest'"):
        whole(PRICES, "longst")


def test_too_short_and_constant() -> None:
    with pytest.raises(PricesError, match="token: 4 observations are too few; 5 are needed"):
        whole(PRICES, "longest", least=5)
    with pytest.raises(PricesError, match="token: the price is 7 from 2024-01-01 to 2024-01-09; a price that never"):
        checked(replace(PRICES, close=np.full(7, 7.0)), least=2)


def test_what_is_no_price() -> None:
    with pytest.raises(PricesError, match=r"the price of 2024-01-03 is nan; .* \(2 of 7 are none\)"):
        replace(PRICES, close=np.where((CLOSE == 3.0) | (CLOSE == 5.0), np.nan, CLOSE))
    with pytest.raises(PricesError, match="equally many"):
        replace(PRICES, close=CLOSE[1:])
