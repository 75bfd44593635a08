"""The contest among miners: the equilibrium, best answers, and the published numbers."""

from __future__ import annotations

import numpy as np
import pytest

from catallaxy.papers.arnosti_weinberg_2022.replication import Parameters, equilibrium_shares
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.investment import contest_shares_reference

NAME = "arnosti-weinberg-2022"


def test_the_expected_numbers_follow_from_the_parameters() -> None:
    replication = find_replication(NAME)
    p, tables = replication.parameters(), replication.expected().tables
    assert isinstance(p, Parameters)
    expected = {name: number for table in tables for name, number in table.values.items()}
    numbers = {}
    for name, costs in p.contests.items():
        shares = contest_shares_reference(costs)
        marginal = min(cost / (1 - share) for cost, share in zip(costs, shares, strict=True) if share)
        assert equilibrium_shares(np.array(costs)) == pytest.approx(shares)
        numbers |= {f"share at cost {cost:g}, {name}": share for cost, share in zip(costs, shares, strict=True)}
        numbers[f"spent, {name}"] = float(np.dot(shares, costs)) / marginal
    for n in p.rivals:
        numbers[f"share against {n}"] = contest_shares_reference([0.8, *[1.0] * n])[0]
        assert numbers[f"share against {n}"] >= p.advantage
    assert expected == pytest.approx(numbers, abs=1e-4)


@pytest.mark.parametrize("costs", [[1.0, 1.1, 1.2, 1.3], [0.8, 1.0, 1.0], [1.0, 1.1, 1.2, 2.0]])
def test_nobody_does_better_with_other_work(costs: list[float]) -> None:
    shares = equilibrium_shares(np.array(costs))
    marginal = costs[0] / (1 - shares[0])
    work = shares / marginal
    for i, cost in enumerate(costs):
        others = work.sum() - work[i]
        other_work = np.linspace(0.0, 1.0, 2001)
        best = other_work[np.argmax(other_work / (other_work + others) - cost * other_work)]
        assert best == pytest.approx(work[i], abs=1e-3)


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_numbers_come_out() -> None:
    assert replicate(NAME).passed
    assert replicate(NAME, quick=True).passed
