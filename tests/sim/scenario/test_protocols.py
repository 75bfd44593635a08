"""The presets of real protocols: they run for four years, and their supply is the published one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.library import shipped, shipped_protocols
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.supply import supply_schedules
from catallaxy.sim.tokenomics.supply import Assumptions, SupplyPath

pytestmark = [pytest.mark.slow, pytest.mark.whole]

#: Flows by which what was minted leaves the pool of rewards, and those that take it back.
REWARDS = {"rewards", "staking rewards", "burn", "recycling"}


def schedule(name: str, end: date) -> SupplyPath:
    (found,) = supply_schedules(load(name), end, Assumptions(0.5, None, 0.0)).values()
    return found.path


def issued(name: str, day: date) -> float:
    path = schedule(name, day)
    return path.issued[-1] / path.base


def test_presets_are_found_by_their_own_names() -> None:
    assert set(shipped_protocols()) <= set(shipped())
    assert load("bittensor").name == "bittensor"


@pytest.mark.jit
@pytest.mark.parametrize("name", shipped_protocols())
def test_four_years_pass_the_audit(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    assert scenario.steps * scenario.dt_days >= 4 * 365
    record = simulate(scenario)
    assert record.status == "complete", record.error
    assert record.n_steps == scenario.steps
    minted = sum(row.amount for row in record.flows if (row.flow, row.sector) == ("emission", "reward pool"))
    paid = -sum(row.amount for row in record.flows if row.flow in REWARDS and row.sector == "reward pool")
    assert paid >= 0.75 * minted, "emission piles up, because it reaches nobody"


def test_bittensor_halves_when_10_5_million_are_issued_and_not_recycled() -> None:
    """7,200 TAO a day from 8,383,490, 7.56 % of it recycled: 10.5M on 2025-12-15, the day of the first halving."""
    before, after = date(2025, 12, 13), date(2025, 12, 16)
    assert issued("bittensor", before + timedelta(1)) - issued("bittensor", before) == pytest.approx(7200)
    assert issued("bittensor", after + timedelta(1)) - issued("bittensor", after) == pytest.approx(3600)


@pytest.mark.jit
def test_a_run_has_the_supply_of_its_schedule() -> None:
    """Where agents change nothing, weeks with two thousand agents and days without any mint and recycle the same."""
    scenario = load("bittensor")
    path = schedule("bittensor", scenario.start + timedelta(days=scenario.steps * 7))
    ran = simulate(scenario).series["supply"]
    assert float(ran[-1].item()) == pytest.approx(path.supply[-1] / path.base, rel=1e-4)


def test_helium_halves_every_two_years() -> None:
    """HIP 20: 60 million a year from 2019-08-01, so 15 million until 2025-08-01 and 7.5 million until 2027-08-01.

    Of the 2.9 million that HIP 138 had minted on top until the halving, 212 of 236 days are in the run.
    """
    at = {
        day: issued("helium", day) for day in (date(2025, 8, 1), date(2026, 8, 1), date(2027, 8, 1), date(2028, 8, 1))
    }
    first, second, third, fourth = at.values()
    assert first == pytest.approx(15e6 * 212 / 365 + 2.9e6 * 212 / 236, rel=1e-3)
    assert (second - first, third - second, fourth - third) == pytest.approx((7.5e6, 7.5e6, 3.75e6), rel=1e-6)


def test_render_pays_the_table() -> None:
    """RNP 006 and 018: what the first five years pay, and what is left of 107,374,182 after them."""
    totals = [issued("render", date(year, 11, 1)) for year in range(2024, 2029)]
    years = [after - before for before, after in zip([0.0, *totals], totals, strict=False)]
    assert years == pytest.approx([9_126_804, 5_905_584, 5_905_584, 4_563_408, 4_026_528], abs=1)
    assert 107_374_182 - totals[-1] == pytest.approx(77_846_282, abs=20)


def test_the_graph_grows_by_three_per_cent_and_then_by_a_fixed_amount() -> None:
    """graphprotocol/contracts: 120.73 GRT per 12 s is 3 % of 10.576e9, the supply when the rule changed."""
    before = issued("the-graph", date(2023, 1, 1))
    assert 10e9 + before == pytest.approx(10.576e9, rel=0.01)
    assert issued("the-graph", date(2024, 1, 1)) - before == pytest.approx(317_278_440, rel=1e-9)


@pytest.mark.jit
def test_vana_pays_its_pool_for_data_in_four_years() -> None:
    """Half a per cent of the supply a year while less than 500 million dollars are locked: all that the pool has."""
    record = simulate(load("vana"))
    minted = sum(row.amount for row in record.flows if (row.flow, row.sector) == ("emission", "reward pool"))
    assert minted / 1e9 == pytest.approx(0.005 * 117.6e6 * 4, rel=0.02)


def test_ocean_pays_1_2_million_a_week() -> None:
    """df-py's test of VestingWalletHalving: 1,206,708.9 OCEAN in the first week."""
    assert issued("ocean", date(2025, 3, 20)) == pytest.approx(1_206_708.9, rel=1e-6)
