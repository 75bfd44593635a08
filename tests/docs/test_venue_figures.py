"""The figures of docs/venues.md can be drawn again, and their data are what the guide says of each mechanism."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from draw import FIGURES, draw
from venue_figures import compute, concentrated, data_and_inference, launches, order_venues, pools, price_impact

pytestmark = pytest.mark.jit


def rises(values: pools.Floats) -> bool:
    return bool(np.all(np.diff(values) > 0.0))


@pytest.mark.parametrize("name", FIGURES)
def test_figures_can_be_drawn_again(name: str, tmp_path: Path) -> None:
    path = draw(tmp_path, name)
    assert 5_000 < path.stat().st_size < 60_000
    assert path.read_bytes().startswith(b"\x89PNG")


def test_constant_product_charges_more_the_more_is_bought_and_most_with_the_fee_on_output() -> None:
    data = pools.constant_product()
    free, on_input, on_output = data.paid.values()
    assert all(rises(paid) for paid in data.paid.values())
    assert np.all(free < on_input)
    assert np.all(on_input < on_output)
    assert on_input[0] == pytest.approx(on_output[0], rel=1e-3)
    assert free[-1] == pytest.approx(2.0, rel=1e-6)


def test_a_constant_product_pool_stays_out_of_a_batch_that_its_fee_covers() -> None:
    data = pools.constant_product()
    inside = (data.surplus > data.band[0] * 0.999) & (data.surplus < data.band[1] * 0.999)
    assert data.pool_price[inside] == pytest.approx(1.0, rel=1e-9)
    assert np.all(data.pool_price[data.surplus > data.band[1] * 1.001] > 1.0)
    assert np.all(data.pool_price[data.surplus < data.band[0] * 1.001] < 1.0)
    assert rises(data.price)


def test_weights_trade_depth_against_what_owners_give_up() -> None:
    data = pools.weighted()
    slopes = [np.ptp(data.price[weight]) for weight in data.weights]
    assert slopes == sorted(slopes)
    for weight in data.weights:
        price, ratio = data.reached[weight], data.against_holding[weight]
        assert rises(data.price[weight])
        assert price[0] == pytest.approx(0.2, rel=1e-3)
        assert price[-1] == pytest.approx(5.0, rel=1e-3)
        assert ratio == pytest.approx(price**weight / (weight * price + 1.0 - weight) - 1.0, abs=1e-5)
    for fewer, more in zip(data.weights[:-1], data.weights[1:], strict=True):
        assert np.all(data.against_holding[more] >= data.against_holding[fewer] - 1e-9)


def test_ranges_are_deep_until_they_end() -> None:
    data = concentrated.concentrated()
    assert rises(data.after)
    assert len(data.ends) == 4
    near = (data.price > data.ends[1] * 1.01) & (data.price < data.ends[2] / 1.01)
    assert data.depth[near] == pytest.approx(5.0, rel=0.01)
    assert np.all(np.abs(np.log(data.after[near])) <= np.abs(np.log(data.uniform[near])) + 1e-9)
    outside = (data.price < data.ends[0] / 1.05) | (data.price > data.ends[3] * 1.05)
    assert np.all(data.depth[outside] < 1.0)
    steepness = np.diff(np.log(data.after)) / np.diff(data.spent)
    assert steepness[-1] > steepness[len(steepness) // 2]


def test_price_impact_is_linear_in_logs_and_punishes_haste() -> None:
    data = price_impact.price_impact()
    for impact, paid in data.paid.items():
        assert np.log(paid) == pytest.approx(impact * data.flow / 1e6, abs=1e-9)
        assert np.log(data.quoted[impact]) == pytest.approx(np.clip(impact * data.flow / 1e6, -1.0, 1.0), abs=1e-9)
    assert rises(-data.average["price-impact"])
    assert data.average["constant product"] == pytest.approx(1.4, rel=1e-6)


def test_a_curve_mints_at_a_price_that_rises_with_supply_unless_all_is_reserve() -> None:
    data = launches.bonding_curves()
    for ratio, supply in data.outstanding.items():
        assert rises(supply)
        assert data.price[ratio] == pytest.approx((supply / launches.SIDE) ** (1.0 / ratio - 1.0), rel=1e-9)
    assert data.price[1.0] == pytest.approx(1.0, rel=1e-9)


def test_a_launch_goes_on_at_its_price_only_if_leftovers_are_burned() -> None:
    data = launches.bonding_curves()
    curve = int(np.flatnonzero(data.paid == data.graduates)[0])
    opened = curve + 1
    burned, pooled = data.launch["burned"], data.launch["pooled"]
    assert data.paid[opened] == data.graduates == pytest.approx(4.0 * launches.SIDE, rel=0.01)
    assert burned[:opened] == pytest.approx((data.paid[:opened] / launches.SIDE + 1.0) ** 2, rel=1e-6)
    assert burned[:opened] == pytest.approx(pooled[:opened])
    assert burned[opened] == pytest.approx(burned[curve], rel=1e-6)
    assert rises(burned[opened:])
    virtual = 0.99 * launches.SIDE
    assert 1.0 - pooled[opened] / pooled[curve] == pytest.approx(virtual / (data.graduates + launches.SIDE), rel=1e-6)
    assert np.all(pooled[opened:] < burned[opened:])
    assert data.burned > 0.0


def test_an_order_takes_the_best_of_the_book_first() -> None:
    data = order_venues.order_book()
    assert rises(-data.bids[:, 0])
    assert rises(data.asks[:, 0])
    assert data.bids[0, 0] < data.asks[0, 0]
    reached = len(data.taken)
    assert data.taken[:-1] == pytest.approx(data.asks[: reached - 1])
    assert data.taken[-1, 1] <= data.asks[reached - 1, 1]
    assert data.taken[:, 1].sum() == pytest.approx(data.spent, rel=1e-3)
    assert np.all(np.diff(data.average) >= -1e-9)
    assert np.all(data.average <= data.worst * (1.0 + 1e-9))


def test_the_auction_trades_as_much_as_any_price_could() -> None:
    data = order_venues.call_auction()
    volumes = np.minimum(data.demand, data.supply)
    [here] = np.flatnonzero(np.isclose(data.prices, data.price))
    assert data.volume == volumes[here] == volumes.max()
    imbalance = np.abs(data.demand - data.supply)
    assert imbalance[here] == abs(data.surplus) == imbalance[volumes == volumes.max()].min()
    assert data.surplus == data.demand[here] - data.supply[here]


def test_rationing_at_the_margin_leaves_out_the_surplus() -> None:
    data = order_venues.call_auction()
    by_time, pro_rata = data.filled["by-time"], data.filled["pro-rata"]
    assert abs(data.surplus) > 0
    for filled in (by_time, pro_rata):
        assert (data.wanted - filled).sum() == abs(data.surplus)
    part = by_time / data.wanted
    assert np.all(np.diff(part) <= 0.0)
    assert pro_rata == pytest.approx(data.wanted * (pro_rata.sum() / data.wanted.sum()), abs=1.0)


def test_one_price_pays_more_for_the_same_offers_and_the_premium_bounds_two() -> None:
    data = compute.compute_auctions()
    assert rises(data.quote)
    assert rises(data.offered)
    assert data.revenue["pay as bid"] < data.revenue["one price"] == pytest.approx(data.demand * data.uniform)
    marginal = data.quote[np.searchsorted(data.offered, data.demand)]
    assert data.uniform == pytest.approx(marginal, rel=1e-9)
    ratio = data.prices.max(axis=1) / data.prices.min(axis=1)
    assert np.all(ratio <= (1.0 + data.premium) * 1.004)
    assert ratio[[0, -1]] == pytest.approx(1.0 + data.premium, rel=0.004)
    assert data.prices[0, 0] > data.prices[0, 1]
    assert data.prices[-1, 0] < data.prices[-1, 1]


def test_a_posted_price_follows_utilisation() -> None:
    data = compute.compute_posted_price()
    assert data.change["EIP-1559"][[0, -1]] == pytest.approx([-0.125, 0.125])
    assert data.change["Gonka"][[0, -1]] == pytest.approx([-0.02, 0.02])
    for change in data.change.values():
        assert np.all(np.diff(change) >= -1e-12)
    low, high = data.target
    moved = np.sign(np.diff(data.price))
    used = data.utilisation[:-1]
    assert np.array_equal(moved, np.where(used > high, 1.0, np.where(used < low, -1.0, 0.0)))
    assert data.price[-1] < data.price.max()


def test_budgets_buy_the_cheapest_data_and_power_splits_the_surplus() -> None:
    data = data_and_inference.data_markets()
    assert np.all(np.diff(data.licensed) >= 0.0)
    assert np.all(data.spent <= data.budget + 1e-9)
    half = np.interp(0.5 * data.spent[-1], data.budget, data.licensed)
    assert half > 0.5 * data.licensed[-1]
    for power, fee in data.fee.items():
        deal = data.worth > 1.004 * data.cost
        agreed = data.cost + power * (data.worth[deal] - data.cost)
        assert fee[deal] == pytest.approx(agreed, rel=1e-4)
        assert not fee[data.worth < data.cost].any()


def test_users_leave_a_dearer_builder_slowly_or_at_once() -> None:
    data = data_and_inference.inference_markets()
    here = np.argmin(np.abs(data.price - 1.0))
    for theta, share in data.logit.items():
        assert rises(-share)
        assert share == pytest.approx(1.0 / (1.0 + 3.0 * data.price**theta), rel=1e-6)
    for able, share in data.cheapest.items():
        assert share[: here - 1] == pytest.approx(able, rel=1e-3)
        assert share[here + 2 :] == pytest.approx(max(1.0 - 3.0 * able, 0.0), abs=1e-3)
