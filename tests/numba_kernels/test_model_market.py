"""Model builders: the slow twin, the scaling law, solvency, and money."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import model_market
from oracles.markets import (
    Builder,
    evaluate_loss_reference,
    measure_loss_reference,
    pay_compute_reference,
    plan_spending_reference,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NETWORKS = 2
BUILDERS = st.lists(
    st.builds(
        Builder,
        network=st.integers(0, NETWORKS - 1),
        usd=st.one_of(st.integers(0, 5000), st.integers(0, 10**15)),
        revenue=st.floats(0.0, 1e8),
        units=st.floats(0.0, 1e7),
        markup=st.floats(0.05, 5.0),
        price=st.floats(1e-3, 1e3),
        quality=st.floats(1e-6, 10.0),
        compute=st.floats(0.0, 1e26),
        data=st.floats(0.0, 1e13),
        appeal=st.floats(-3.0, 3.0),
    ),
    min_size=1,
    max_size=12,
)
CLOUD = st.floats(0.05, 20.0)
SHARES = st.floats(0.0, 1.0)
HOW = st.tuples(SHARES, SHARES, SHARES, st.floats(1e-3, 10.0), st.floats(1.0, 3.0), st.floats(0.1, 1.0))
HOURS = st.lists(st.integers(0, 10**9), min_size=12, max_size=12)
LAW = model_market.Law(1.8172, 482.01, 2085.43, 0.3478, 0.3658)
KNOW = model_market.Knowledge(LAW, 2e25, 1.5e13, 2e24, 1.5e12, 1.44e18, 1e9, 0.01, 4.0)


def table_of(builders: list[Builder]) -> model_market.Builders:
    network, usd, *floats = zip(*builders, strict=True)
    columns = (np.array(values, np.float64) for values in floats)
    return model_market.Builders(np.array(network, np.int64), np.array(usd, np.int64), *columns)


def planned(builders: list[Builder], how: tuple[float, ...], ceiling: float) -> tuple[tuple[Ints, Ints, Ints], Ints]:
    n, demand = len(builders), np.full(NETWORKS, -9, np.int64)
    wanted = tuple(np.full(n, -9, np.int64) for _ in range(3))
    model_market.plan(table_of(builders), model_market.Plan(*how), np.full(NETWORKS, ceiling), wanted, demand)
    return wanted, demand


def on(builders: list[Builder], network: int) -> list[int]:
    return [b for b, builder in enumerate(builders) if builder.network == network]


@given(st.floats(18.0, 28.0), st.floats(9.0, 15.0))
def test_loss_is_the_minimum_over_model_sizes(log_compute: float, log_data: float) -> None:
    compute, data = 10.0**log_compute, 10.0**log_data
    loss = model_market.loss_scalar(LAW, compute, data)
    assert loss == pytest.approx(evaluate_loss_reference(compute, data), rel=1e-12)
    assert loss == pytest.approx(measure_loss_reference(compute, data), rel=1e-7)


@given(st.floats(18.0, 28.0), st.floats(0.1, 1.0), st.floats(0.1, 1.0), st.floats(0.5, 2.0))
def test_no_other_size_is_better_for_the_compute(log_compute: float, alpha: float, beta: float, factor: float) -> None:
    law, compute = model_market.Law(1.7, 400.0, 2000.0, alpha, beta), 10.0**log_compute
    size = model_market.best_size_scalar(law, compute)
    best = model_market.loss_at_scalar(law, size, compute / (6.0 * size))
    assert best == pytest.approx(model_market.loss_scalar(law, compute, 1e300), rel=1e-12)
    assert best <= model_market.loss_at_scalar(law, size * factor, compute / (6.0 * size * factor)) * (1.0 + 1e-12)


@given(st.floats(18.0, 28.0), st.floats(9.0, 15.0), st.floats(1.01, 100.0))
def test_more_compute_and_more_data_never_raise_the_loss(log_compute: float, log_data: float, factor: float) -> None:
    compute, data = 10.0**log_compute, 10.0**log_data
    loss = model_market.loss_scalar(LAW, compute, data)
    assert model_market.loss_scalar(LAW, compute * factor, data) < loss
    assert model_market.loss_scalar(LAW, compute, data * factor) <= loss * (1.0 + 1e-14)


@given(BUILDERS, HOW, CLOUD)
def test_plans_equal_the_slow_twin(builders: list[Builder], how: tuple[float, ...], ceiling: float) -> None:
    (budget, inference, training), demand = planned(builders, how, ceiling)
    expected = [plan_spending_reference(builder, how, ceiling) for builder in builders]
    assert list(zip(budget.tolist(), inference.tolist(), training.tolist(), strict=True)) == expected
    for k in range(NETWORKS):
        assert demand[k] == sum(expected[b][1] + expected[b][2] for b in on(builders, k))


@given(BUILDERS, HOW, CLOUD, SHARES, SHARES)
def test_nobody_is_overdrawn_by_what_it_planned(
    builders: list[Builder], how: tuple[float, ...], cloud: float, share: float, discount: float
) -> None:
    (budget, inference, training), _ = planned(builders, how, cloud)
    table, tally = table_of(builders), np.full((NETWORKS, 2), -9, np.int64)
    table.usd[:] -= budget
    market = (np.full(NETWORKS, share), np.full(NETWORKS, cloud * discount), cloud)
    model_market.purchase_compute(table, (inference, training), market, tally)
    assert table.usd.min() >= 0


@given(BUILDERS, HOW, CLOUD, st.integers(0, 10**15))
def test_richer_builders_plan_no_less(builders: list[Builder], how: tuple[float, ...], cloud: float, more: int) -> None:
    richer = [builder._replace(usd=builder.usd + more) for builder in builders]
    for few, many in zip(planned(builders, how, cloud)[0], planned(richer, how, cloud)[0], strict=True):
        assert np.all(many >= few)


@given(BUILDERS, HOURS, HOURS, SHARES, CLOUD, CLOUD)
def test_compute_payments_equal_the_slow_twin_and_conserve(
    builders: list[Builder], inference: list[int], training: list[int], share: float, price: float, cloud: float
) -> None:
    n = len(builders)
    table, tally = table_of(builders), np.full((NETWORKS, 2), -9, np.int64)
    before = table.usd.copy()
    hours = (np.array(inference[:n]), np.array(training[:n]))
    model_market.purchase_compute(table, hours, (np.full(NETWORKS, share), np.full(NETWORKS, price), cloud), tally)
    paid = [pay_compute_reference(int(h), share, price, cloud) for h in sum(hours)]
    assert (before - table.usd).tolist() == [nodes + outside for nodes, outside in paid]
    for k in range(NETWORKS):
        assert tally[k].tolist() == [sum(paid[b][0] for b in on(builders, k)), sum(paid[b][1] for b in on(builders, k))]


def paid_to_nodes(wanted: list[int], sold: int, price: float) -> int:
    """Return what builders that want `wanted` milli-GPU-hours pay for the `sold` that the network serves."""
    network, usd = np.zeros(len(wanted), np.int64), np.full(len(wanted), 2**60)
    unused = np.ones(len(wanted))
    table = model_market.Builders(network, usd, *[unused] * (len(model_market.Builders._fields) - 2))
    tally = np.zeros((NETWORKS, 2), np.int64)
    market = (np.full(NETWORKS, sold / sum(wanted)), np.full(NETWORKS, price), 2.0 * price)
    model_market.purchase_compute(table, (np.array(wanted), np.zeros(len(wanted), np.int64)), market, tally)
    return int(tally[0, 0])


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=12), st.integers(0, 10**13), CLOUD)
def test_nodes_never_receive_more_than_builders_pay(wanted: list[int], supply: int, price: float) -> None:
    sold = min(supply, sum(wanted))
    assert int(float(sold) * price * 1000.0) <= paid_to_nodes(wanted, sold, price)


def test_nor_do_they_when_rounding_exceeds_a_micro_dollar() -> None:
    rng = np.random.default_rng(2)
    for _ in range(100):
        wanted, share, price = int(rng.integers(10**9, 10**13)), rng.random(), float(rng.uniform(0.05, 20.0))
        sold = int(share * wanted)
        assert int(float(sold) * price * 1000.0) <= paid_to_nodes([wanted], sold, price)


@given(BUILDERS, HOURS, HOURS, SHARES)
def test_training_equals_the_slow_twin(
    builders: list[Builder], licensed: list[int], training: list[int], genuine: float
) -> None:
    table, n = table_of(builders), len(builders)
    model_market.train(table, np.array(licensed[:n]), np.array(training[:n]), KNOW, np.full(NETWORKS, genuine))
    frontier = evaluate_loss_reference(KNOW.frontier_compute, KNOW.frontier_data)
    for b, builder in enumerate(builders):
        compute = builder.compute * 0.99 + training[b] * 1e-3 * 1.44e18 * genuine
        data = builder.data * 0.99 + licensed[b] * 1e-3 * 1e9
        reached = evaluate_loss_reference(2e24 + compute, 1.5e12 + data)
        assert table.compute[b] == pytest.approx(compute, rel=1e-12)
        assert table.data[b] == pytest.approx(data, rel=1e-12)
        assert table.quality[b] == pytest.approx(np.exp(4.0 * (frontier - reached)), rel=1e-10)


@given(BUILDERS, HOURS, HOURS, st.integers(1, 10**9))
def test_more_training_and_more_data_make_better_models(
    builders: list[Builder], licensed: list[int], training: list[int], more: int
) -> None:
    def quality(data: list[int], hours: list[int]) -> Floats:
        table, n = table_of(builders), len(builders)
        model_market.train(table, np.array(data[:n]), np.array(hours[:n]), KNOW, np.ones(NETWORKS))
        return table.quality

    base = quality(licensed, training) * (1.0 - 1e-12)
    assert np.all(quality(licensed, [hours + more for hours in training]) >= base)
    assert np.all(quality([units + more for units in licensed], training) >= base)
