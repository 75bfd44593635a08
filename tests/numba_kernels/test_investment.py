"""Investment: the slow twin, money, and two published results: the barrier to entry and the contest among miners."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.investment import multiples
from catallaxy.numba_kernels import investment
from catallaxy.numba_kernels.compute_market import Fleet, Outlook
from catallaxy.numba_kernels.investment import Appraisal, Rigs, Till
from oracles.investment import Rig, contest_shares_reference, invest_reference

Floats = npt.NDArray[np.float64]

SHARE = st.floats(0.0, 1.0)
RIGS = st.lists(
    st.builds(
        Rig,
        installed=st.integers(1, 10**7).map(float),
        original=st.floats(1.0, 1e7),
        power=st.floats(0.0, 2.0),
        tariff=st.floats(0.0, 3.0),
        upkeep=st.floats(0.0, 1.0),
        outside=SHARE,
        usd=st.integers(0, 10**13),
        cash_target=st.integers(0, 10**12),
        open=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)
TERMS = st.builds(
    Appraisal,
    worth=st.floats(1e3, 1e5),
    price=st.floats(1e3, 1e5),
    entry=st.floats(1.0, 4.0),
    exit=st.floats(0.0, 1.0),
    resale=SHARE,
    pace=st.floats(0.0, 0.5),
    failing=st.floats(0.0, 0.1),
    new_power=SHARE,
    per_gpu=st.just(24_000.0),
    own_effect=SHARE,
    brought=SHARE,
)
MARKET = st.fixed_dictionaries(
    {
        "price": st.floats(0.0, 5.0),
        "busy": SHARE,
        "reward": st.floats(0.0, 3.0),
        "electricity": st.floats(0.0, 0.5),
        "cloud": st.floats(0.1, 5.0),
        "kept": SHARE,
        "first_power": st.floats(0.0, 2.0),
    }
)


class Town:
    """A network of nodes and what a step changes about them."""

    def __init__(self, rigs: list[Rig], market: dict[str, float]) -> None:
        def column(field: str) -> Floats:
            return np.array([float(getattr(rig, field)) for rig in rigs])

        n = len(rigs)
        home = np.zeros(n, np.int64)
        capacity = column("installed").astype(np.int64)
        self.fleet = Fleet(
            home, home.copy(), capacity, column("power"), column("tariff"), column("upkeep"), column("outside")
        )
        here = np.full((1, 1), market["price"]), np.full((1, 1), market["busy"]), np.full(1, market["reward"])
        self.outlook = Outlook(*here, market["electricity"], market["cloud"], 0.0, 0.01, 0.0, market["kept"])
        first_power = np.full(n, market["first_power"])
        self.rigs = Rigs(column("installed"), column("original"), first_power, column("open").astype(np.int8))
        self.till = Till(column("usd").astype(np.int64), column("cash_target").astype(np.int64), np.zeros(n))
        self.tally = np.zeros((1, 8), np.int64)

    def step(self, terms: Appraisal) -> None:
        offered = np.array([self.fleet.capacity.sum()])
        investment.invest(self.fleet, self.outlook, offered, terms, self.rigs, self.till, self.tally)


@given(RIGS, MARKET, TERMS)
def test_a_step_equals_the_slow_twin_and_keeps_the_books(
    rigs: list[Rig], market: dict[str, float], terms: Appraisal
) -> None:
    town, total = Town(rigs, market), sum(int(rig.installed) for rig in rigs)
    before = town.till.usd.copy()
    town.step(terms)
    twins = [invest_reference(rig, market, terms, total) for rig in rigs]
    owned = [rig.installed + c.bought - c.sold - c.broken for rig, c in zip(rigs, twins, strict=True)]
    assert town.rigs.installed == pytest.approx(owned, rel=1e-9, abs=1e-6)
    assert town.fleet.power == pytest.approx([c.power for c in twins], rel=1e-6, abs=1e-6)
    got = town.till.usd - before
    assert got == pytest.approx([(c.received + c.brought - c.paid) * 1e6 for c in twins], rel=1e-9, abs=3)
    assert int(got.sum()) == town.tally[0, 6] + town.tally[0, 5] - town.tally[0, 4]
    assert np.all(town.till.usd >= np.minimum(before, town.till.cash_target))


@given(RIGS, MARKET, TERMS, st.floats(1.01, 10.0))
def test_dearer_hardware_is_never_bought_more(
    rigs: list[Rig], market: dict[str, float], terms: Appraisal, factor: float
) -> None:
    cheap, dear = Town(rigs, market), Town(rigs, market)
    cheap.step(terms)
    dear.step(terms._replace(price=terms.price * factor))
    assert np.all(dear.rigs.installed <= cheap.rigs.installed * (1 + 1e-12) + 1e-9)


@pytest.mark.parametrize(
    ("parameters", "barrier"),
    [((0.1, 0.0, 0.5, 0.8), 0.9573), ((0.1, 0.02, 1.0, 1.0), 1.6259), ((0.05, 0.0, 0.28, 0.6), 0.5288)],
)
def test_the_trigger_is_the_barrier_to_irreversible_entry(
    parameters: tuple[float, float, float, float], barrier: float
) -> None:
    discount, drift, _, _ = parameters
    entry, leave = multiples(*parameters)
    assert (discount - drift) * entry == pytest.approx(barrier, abs=1e-4)
    assert 0.0 < leave < 1.0 < entry


@pytest.mark.jit
@pytest.mark.slow
def test_free_entry_keeps_earnings_below_the_barrier_and_leaves_no_rent() -> None:
    """Each of 2,000 paths is a network; earnings per GPU and its price follow (r, alpha, a, s) = (0.1, 0.02, 1, 1)."""
    discount, drift, price_fall, volatility = 0.1, 0.02, 1.0, 1.0
    paths, dt, years = 2_000, 1.0 / 4_000, 5.0
    barrier = (discount - drift) * multiples(discount, drift, price_fall, volatility)[0]
    home, ones = np.arange(paths), np.ones(paths)
    fleet = Fleet(home, np.zeros(paths, np.int64), np.ones(paths, np.int64), *np.zeros((4, paths)))
    installed, demand = np.full(paths, 1e6), np.full(paths, barrier * 1e6)
    rigs = Rigs(installed, ones.copy(), np.zeros(paths), np.ones(paths, np.int8))
    till, tally = Till(*np.zeros((2, paths), np.int64), np.zeros(paths)), np.zeros((paths, 8), np.int64)
    worth, highest, earned = 1.0 / (discount - drift), 0.0, np.zeros(paths)
    chance = np.random.default_rng(1)
    for step in range(int(years / dt)):
        hardware = np.exp(-price_fall * step * dt)
        outlook = Outlook(np.zeros((paths, 1)), np.zeros((paths, 1)), demand / installed, 0.0, 0.0, 0.0, 0.01, 0.0, 1.0)
        entry = barrier * worth
        terms = Appraisal(worth, hardware, entry, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0)
        investment.invest(fleet, outlook, np.ones(paths, np.int64), terms, rigs, till, tally)
        per_unit = demand / installed
        highest = max(highest, float((per_unit / hardware).max()))
        earned += np.exp(-discount * step * dt) * per_unit * dt
        shock = volatility * np.sqrt(dt) * chance.standard_normal(paths)
        demand *= np.exp((drift - 0.5 * volatility**2) * dt + shock)
    assert highest <= barrier * 1.02
    assert earned.mean() == pytest.approx(1.0, abs=0.03)


@pytest.mark.jit
def test_owners_who_count_their_own_effect_have_the_shares_of_the_contest() -> None:
    costs = [1.0, 1.1, 1.2, 1.3]
    assert contest_shares_reference(costs) == pytest.approx([0.34783, 0.28261, 0.21739, 0.15217], abs=1e-5)
    market = dict.fromkeys(("price", "busy", "reward", "electricity", "cloud", "kept", "first_power"), 0.0)
    town = Town([Rig(2.5e8, 1.0, 0.0, 0.0, cost, 0.0, 0, 0, True) for cost in costs], market)
    prize, busy = 1.5e9, np.ones((1, 1))
    for pace in (1e-2, 1e-3, 1e-4):
        terms = Appraisal(1e9, 1.0, 1.0, 1.0, 1.0, pace, 0.0, 1.0, 1.0, 1.0, 1.0)
        for _ in range(2_000):
            price = np.full((1, 1), prize / town.rigs.installed.sum())
            town.outlook = Outlook(price, busy, np.zeros(1), 0.0, 0.0, 0.0, 0.01, 0.0, 1.0)
            town.step(terms)
    owned = town.rigs.installed
    assert owned / owned.sum() == pytest.approx(contest_shares_reference(costs), abs=1e-3)
    assert np.dot(owned, costs) / prize == pytest.approx(0.7287, abs=2e-3)
