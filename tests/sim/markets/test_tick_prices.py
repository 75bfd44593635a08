"""The table of square roots of tick prices."""

from __future__ import annotations

import random
from decimal import Context, Decimal

import numpy as np
import pytest

from catallaxy.sim.markets.tick_prices import FIRST_TICK, LAST_TICK, sqrt_prices

_DIGITS = Context(prec=80)

#: getSqrtRatioAtTick of the lowest and the highest tick in units of 2**-96: MIN_SQRT_RATIO and MAX_SQRT_RATIO of
#: Uniswap/v3-core contracts/libraries/TickMath.sol, rounded up there to a whole unit.
PUBLISHED = {FIRST_TICK: 4295128739, LAST_TICK: 1461446703485210103287273052203988822378723970342}


@pytest.mark.parametrize("tick", [FIRST_TICK, LAST_TICK])
def test_the_ends_are_the_published_ones(tick: int) -> None:
    first, place = (tick, 0) if tick == FIRST_TICK else (tick - 1, 1)
    assert float(sqrt_prices(first, 2, 1)[place]) * 2.0**96 == pytest.approx(PUBLISHED[tick], rel=2.5e-10)


@pytest.mark.parametrize("spacing", [1, 10, 60, 200, 17_000])
def test_every_price_is_the_nearest_float(spacing: int) -> None:
    ticks = min(1_774_544 // spacing + 1, 3_000)
    first = FIRST_TICK if spacing > 500 else -(ticks // 2) * spacing
    roots = sqrt_prices(first, ticks, spacing)
    base = _DIGITS.sqrt(Decimal("1.0001"))
    for k in random.Random(spacing).sample(range(ticks), 40):
        assert roots[k] == float(_DIGITS.power(base, first + k * spacing))


def test_the_table_does_not_depend_on_where_it_begins() -> None:
    whole = sqrt_prices(-6_000, 1_201, 10)
    assert np.array_equal(whole[100:300], sqrt_prices(-5_000, 200, 10))
    assert np.array_equal(whole[::6], sqrt_prices(-6_000, 201, 60))
    assert whole[600] == 1.0
    assert (np.diff(whole) > 0.0).all()


@pytest.mark.parametrize(
    ("first", "ticks", "spacing"), [(0, 1, 1), (0, 5, 0), (FIRST_TICK - 1, 5, 1), (LAST_TICK - 3, 5, 1)]
)
def test_a_table_that_cannot_be_is_refused(first: int, ticks: int, spacing: int) -> None:
    with pytest.raises(ValueError, match=f"{ticks} ticks from {first} every {spacing}: there must be at least 2"):
        sqrt_prices(first, ticks, spacing)
