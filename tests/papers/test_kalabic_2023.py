"""Burn-and-mint under rational expectations: the numbers of the equations, and of paths that holders foresee."""

from __future__ import annotations

import math

import numpy as np
import pytest

from catallaxy.papers.kalabic_2023.replication import Parameters, measure
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate

NAME = "kalabic-2023"


def test_the_expected_numbers_follow_from_the_equations() -> None:
    replication = find_replication(NAME)
    p, tables = replication.parameters(), replication.expected().tables
    assert isinstance(p, Parameters)
    expected = {name: value for table in tables for name, value in table.values.items()}
    numbers = {
        "value, proportional minting": p.revenue / (p.discount + p.growth),
        "value, no minting": p.revenue / p.discount,
        "value, decaying minting": p.revenue / p.discount * p.supply / (p.supply + p.pool),
        "value, net emissions": 0.0,
        "burned of the supply": p.discount + p.growth,
        "half-life of the supply": math.log(2.0) / p.discount,
        "growth of the value, proportional minting": 0.0,
        "growth of the value, net emissions": p.discount,
    }
    assert expected == pytest.approx(numbers, rel=1e-9)
    assert p.decay > p.discount


def test_holders_who_look_less_far_ahead_agree() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 8


def test_net_emissions_are_worth_less_the_shorter_the_rounds() -> None:
    p = find_replication(NAME).parameters()
    assert isinstance(p, Parameters)
    values = []
    for rounds in (4, 8):
        short = p.model_copy(update={"years": 40, "steps_per_year": rounds})
        values.append(float(measure(short, "net emissions", np.uint64(0))["value today"][0]))
    assert values[1] / values[0] == pytest.approx(0.5, abs=0.02)


@pytest.mark.slow
def test_the_equations_come_out() -> None:
    assert replicate(NAME).passed
