"""Filecoin's minting: the numbers of the formulas, and of the chain's vectors."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import pytest

from catallaxy.papers.protocol_labs_2020.replication import Parameters
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate

NAME = "protocol-labs-2020"


def _network_years(years: int, epochs_a_year: int) -> float:
    """Effective network time when power stays at the first baseline, which doubles once a year."""
    with localcontext(prec=50):
        ratio = Decimal(2) ** (Decimal(1) / epochs_a_year)
        return float((1 + years * epochs_a_year * (ratio - 1)).ln() / Decimal(2).ln())


def test_the_expected_numbers_follow_from_the_parameters() -> None:
    replication = find_replication(NAME)
    p, tables = replication.parameters(), replication.expected().tables
    assert isinstance(p, Parameters)
    expected = {name: value for table in tables for name, value in table.values.items()}
    epochs = round(p.doubling_days * 86_400 / p.epoch_seconds)
    half_life = p.half_life_days / 365
    paid = {years: 1 - 2 ** (-years / half_life) for years in (1, 2, 4, 6, 12)}
    late = {years: _network_years(years, epochs) for years in (1, 4, 12)}
    numbers = {
        **{f"simple minting, year {years}": p.simple_pool * share for years, share in paid.items()},
        **{f"baseline minting, year {years}": p.baseline_pool * share for years, share in paid.items()},
        **{f"network time at year {years}, power constant": time for years, time in late.items()},
        "baseline minting, power constant, year 12": p.baseline_pool * (1 - 2 ** (-late[12] / half_life)),
    }
    assert {name: expected[name] for name in numbers} == pytest.approx(numbers, rel=1e-13)
    assert late[12] == pytest.approx(math.log(1 + 12 * math.log(2)) / math.log(2), rel=1e-6)


def test_steps_of_a_year_agree() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 31


def test_steps_of_five_days_agree() -> None:
    assert replicate(NAME).passed
