"""Markets for inference: slow twins, the logit, the queue for the cheapest, money, order of rows, who wins users."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import inference_market, model_market
from catallaxy.numba_kernels.merit_order import TICKS
from oracles.markets import (
    Builder,
    move_markup_reference,
    queue_users_reference,
    serve_users_reference,
    share_users_reference,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NETWORKS = 2


def builders_with(markup: st.SearchStrategy[float]) -> st.SearchStrategy[list[Builder]]:
    builder = st.builds(
        Builder,
        network=st.integers(0, NETWORKS - 1),
        usd=st.one_of(st.integers(0, 5000), st.integers(0, 10**15)),
        revenue=st.floats(0.0, 1e8),
        units=st.floats(0.0, 1e7),
        markup=markup,
        price=st.floats(1e-3, 1e3),
        quality=st.floats(1e-6, 10.0),
        compute=st.floats(0.0, 1e26),
        data=st.floats(0.0, 1e13),
        appeal=st.floats(-3.0, 3.0),
    )
    return st.lists(builder, min_size=1, max_size=12)


BUILDERS = builders_with(st.floats(0.05, 5.0))
#: Some of them at one price tick.
CLOSE_BUILDERS = builders_with(st.sampled_from([0.1, 0.1005, 0.5, 2.0]))
SHARES = st.floats(0.0, 1.0)
HOURS = st.lists(st.integers(0, 10**9), min_size=12, max_size=12)
THETAS = st.tuples(st.floats(0.0, 20.0), st.floats(0.0, 20.0))


class Served(NamedTuple):
    """What serving leaves behind."""

    table: model_market.Builders
    income: Ints
    tally: Ints


def table_of(builders: list[Builder]) -> model_market.Builders:
    network, usd, *floats = zip(*builders, strict=True)
    columns = (np.array(values, np.float64) for values in floats)
    return model_market.Builders(np.array(network, np.int64), np.array(usd, np.int64), *columns)


def weights_of(builders: list[Builder], unit_cost: float, thetas: tuple[float, float]) -> tuple[Floats, Ints, Ints]:
    """Return prices, weights and the sums of weights by network."""
    table, weight, total = table_of(builders), np.full(len(builders), -9, np.int64), np.full(NETWORKS, -9, np.int64)
    inference_market.weigh(table, np.full(NETWORKS, unit_cost), *thetas, weight, total)
    return table.price, weight, total


def spread(builders: list[Builder], weight: Ints, spending: Ints, theta_price: float = 2.0) -> tuple[Floats, Floats]:
    """Return what users want to spend with each builder, and the markup it aims at."""
    table = table_of(builders)
    total = np.array([weight[table.network == k].sum() for k in range(NETWORKS)], np.int64)
    wanted, aim = np.full((2, len(builders)), -9.0)
    inference_market.spread(table, (weight, total), spending, theta_price, wanted, aim)
    return wanted, aim


def served(builders: list[Builder], asked: tuple[Floats, Floats], inference: list[int], kept: float) -> Served:
    table, tally = table_of(builders), np.full((NETWORKS, 5), -9, np.int64)
    income, hours = np.zeros(len(builders), np.int64), np.array(inference[: len(builders)], np.int64)
    how = (0.5, 0.1, 0.02)
    inference_market.serve(table, asked, hours, np.full(NETWORKS, kept), how, income, tally)
    return Served(table, income, tally)


def on(builders: list[Builder], network: int) -> list[int]:
    return [b for b, builder in enumerate(builders) if builder.network == network]


@given(BUILDERS, st.floats(1e-3, 1e3), THETAS)
def test_market_shares_are_the_logit(builders: list[Builder], unit_cost: float, thetas: tuple[float, float]) -> None:
    prices, weight, total = weights_of(builders, unit_cost, thetas)
    assert prices.tolist() == [unit_cost * (1.0 + builder.markup) for builder in builders]
    for k in range(NETWORKS):
        here = on(builders, k)
        assert total[k] == weight[here].sum()
        if here:
            expected = share_users_reference([builders[b] for b in here], prices[here], thetas)
            assert weight[here] / total[k] == pytest.approx(expected, abs=1e-8)


def test_prices_far_from_one_dollar_do_not_blur_the_shares() -> None:
    builders = [Builder(0, 0, 0.0, 0.0, markup, 0.0, 1.0, 0.0, 0.0) for markup in (0.0, 1.0)]
    for unit_cost in (1e-6, 1.0, 1e6):
        _, weight, total = weights_of(builders, unit_cost, (3.0, 2.0))
        assert weight / total[0] == pytest.approx([0.8, 0.2], abs=1e-8)


@given(BUILDERS, st.integers(0, 11), st.floats(1.0, 10.0), THETAS)
def test_better_and_cheaper_models_win_users(
    builders: list[Builder], who: int, factor: float, thetas: tuple[float, float]
) -> None:
    b = who % len(builders)
    builder = builders[b]

    def share(changed: Builder) -> float:
        _, weight, total = weights_of([*builders[:b], changed, *builders[b + 1 :]], 1.0, thetas)
        return float(weight[b] / total[builder.network])

    assert share(builder._replace(quality=builder.quality * factor)) >= share(builder) - 1e-8
    assert share(builder._replace(markup=builder.markup * factor)) <= share(builder) + 1e-8


@given(BUILDERS, HOURS, st.integers(0, 10**14), SHARES)
def test_serving_equals_the_slow_twin_and_conserves(
    builders: list[Builder], inference: list[int], spent: int, kept: float
) -> None:
    _, weight, total = weights_of(builders, 1.0, (3.0, 2.0))
    spending = np.array([spent, spent // 3])
    result = served(builders, spread(builders, weight, spending), inference, kept)
    tally = np.zeros((NETWORKS, 5), np.int64)
    for b, builder in enumerate(builders):
        k = builder.network
        wanted = float(spending[k]) * (float(weight[b]) / float(total[k]))
        gross, net, short = serve_users_reference(builder, wanted, inference[b], kept, 0.5)
        assert (result.table.usd[b] - builder.usd, result.income[b]) == (net, net)
        limit = inference[b] * 1e-3 / 0.5 * builder.price * 1e6
        scarcity = min(wanted / max(limit, 1.0), 3.0) if short else 1.0
        markup = move_markup_reference(builder.markup, float(weight[b]) / float(total[k]), scarcity, 2.0, 0.02)
        assert result.table.markup[b] == pytest.approx(markup, rel=1e-9)
        asked = wanted / (builder.price * 1e6)
        assert result.table.revenue[b] == pytest.approx(0.9 * builder.revenue + 0.1 * net / 1e6, rel=1e-9, abs=1e-9)
        assert result.table.units[b] == pytest.approx(0.9 * builder.units + 0.1 * asked, rel=1e-9, abs=1e-9)
        units = gross / (builder.price * 1e6) * 1e6
        tally[k] += (gross, net, round(units), int(gross * builder.quality), int(wanted))
    assert np.array_equal(result.tally[:, [0, 1, 3, 4]], tally[:, [0, 1, 3, 4]])
    assert result.tally[:, 2] == pytest.approx(tally[:, 2], rel=1e-9, abs=12)
    assert np.all(result.tally[:, 0] <= spending)
    assert np.all(result.tally[:, 1] <= result.tally[:, 0])


@given(BUILDERS, HOURS, st.integers(0, 10**14), SHARES, st.integers(0, 10**9))
def test_more_capacity_serves_no_less_and_higher_fees_leave_less(
    builders: list[Builder], inference: list[int], spent: int, kept: float, more: int
) -> None:
    _, weight, _ = weights_of(builders, 1.0, (3.0, 2.0))
    asked = spread(builders, weight, np.full(NETWORKS, spent))
    base = served(builders, asked, inference, kept)
    larger = served(builders, asked, [hours + more for hours in inference], kept)
    dearer = served(builders, asked, inference, 0.5 * kept)
    assert np.all(larger.tally[:, 0] >= base.tally[:, 0])
    assert np.all(dearer.income <= base.income)
    assert np.array_equal(dearer.tally[:, 0], base.tally[:, 0])


@given(BUILDERS, HOURS, st.integers(0, 10**14), st.randoms(use_true_random=False))
def test_permuting_rows_permutes_builders_and_leaves_totals(
    builders: list[Builder], inference: list[int], spent: int, random: object
) -> None:
    shuffled = random.sample(range(len(builders)), len(builders))
    again, hours = [builders[b] for b in shuffled], [inference[b] for b in shuffled]
    _, weight, total = weights_of(builders, 1.0, (3.0, 2.0))
    _, moved, same = weights_of(again, 1.0, (3.0, 2.0))
    assert np.array_equal(moved, weight[shuffled])
    assert np.array_equal(same, total)
    one = served(builders, spread(builders, weight, np.full(NETWORKS, spent)), inference, 0.9)
    other = served(again, spread(again, moved, np.full(NETWORKS, spent)), hours, 0.9)
    assert np.array_equal(other.tally, one.tally)
    for mine, theirs in zip(other.table, one.table, strict=True):
        assert np.array_equal(mine, theirs[shuffled])


class Queued(NamedTuple):
    """What queueing for the cheapest leaves behind."""

    price: Floats
    tick: Ints
    limit: Ints
    wanted: Floats
    aim: Floats


def queued(builders: list[Builder], inference: list[int], spending: Ints) -> Queued:
    """Queue up and serve in turn, at a unit cost of one dollar and half a GPU-hour a unit."""
    n, table = len(builders), table_of(builders)
    place, queue = tuple(np.full((2, n), -9, np.int64)), tuple(np.full((2, NETWORKS, TICKS), -9, np.int64))
    wanted, aim = np.full((2, n), -9.0)
    hours = np.array(inference[:n], np.int64)
    inference_market.queue_up(table, np.ones(NETWORKS), hours, 0.5, place, queue)
    inference_market.serve_in_turn(table, place, queue, spending, wanted, aim)
    return Queued(table.price, *place, wanted, aim)


@given(CLOSE_BUILDERS, HOURS, st.one_of(st.just(0), st.integers(0, 10**14)))
def test_the_queue_equals_the_slow_twin(builders: list[Builder], inference: list[int], spent: int) -> None:
    spending = np.array([spent, spent // 3])
    result = queued(builders, inference, spending)
    assert result.price.tolist() == [1.0 + builder.markup for builder in builders]
    for k in range(NETWORKS):
        here = on(builders, k)
        rows = [(int(result.tick[b]), int(result.limit[b])) for b in here]
        expected = queue_users_reference(rows, int(spending[k]))
        for b, (wanted, keeps_up) in zip(here, expected, strict=True):
            assert result.wanted[b] == pytest.approx(float(wanted), rel=1e-12)
            assert result.aim[b] == (builders[b].markup if keeps_up else 0.0)
            assert result.limit[b] == int(inference[b] * 1e-3 / 0.5 * result.price[b] * 1e6)


@given(BUILDERS, HOURS, st.integers(0, 10**14))
def test_nobody_pays_more_while_a_cheaper_builder_has_capacity(
    builders: list[Builder], inference: list[int], spent: int
) -> None:
    result = queued(builders, inference, np.full(NETWORKS, spent))
    priced = [builder._replace(price=price) for builder, price in zip(builders, result.price.tolist(), strict=True)]
    sold = served(priced, (result.wanted, result.aim), inference, 1.0)
    for k in range(NETWORKS):
        here = on(builders, k)
        assert sold.tally[k, 0] <= spent
        assert sold.tally[k, 0] >= min(spent, int(result.limit[here].sum())) - 2 * len(here)
        selling = [int(result.tick[b]) for b in here if sold.income[b] > 0]
        for b in here:
            if selling and result.tick[b] < max(selling):
                assert sold.income[b] == result.limit[b]


@given(BUILDERS, HOURS, st.integers(0, 10**14), st.randoms(use_true_random=False))
def test_the_queue_does_not_depend_on_the_order_of_rows(
    builders: list[Builder], inference: list[int], spent: int, random: object
) -> None:
    shuffled = random.sample(range(len(builders)), len(builders))
    one = queued(builders, inference, np.full(NETWORKS, spent))
    other = queued([builders[b] for b in shuffled], [inference[b] for b in shuffled], np.full(NETWORKS, spent))
    for mine, theirs in zip(other, one, strict=True):
        assert np.array_equal(mine, theirs[shuffled])


def test_what_the_cheapest_cannot_serve_asks_each_of_the_next() -> None:
    same = Builder(0, 0, 0.0, 0.0, 0.5, 0.0, 1.0, 0.0, 0.0)
    builders = [same._replace(markup=0.1), same, same._replace(markup=0.501)]
    result = queued(builders, [1000, 1000, 0], np.array([10_000_000, 0]))
    assert result.limit.tolist() == [2_200_000, 3_000_000, 0]
    assert result.wanted.tolist() == [10_000_000.0, 3_000_000.0 + 2_400_000.0, 2_400_000.0]
    assert result.aim.tolist() == [0.1, 0.5, 0.501]
    slack = queued(builders, [1000, 1000, 3000], np.array([10_000_000, 0]))
    assert slack.wanted[1:].sum() == pytest.approx(7_800_000.0)
    assert slack.aim.tolist() == [0.1, 0.0, 0.0]
