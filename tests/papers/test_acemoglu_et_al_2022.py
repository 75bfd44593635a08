"""Prices of data that tell about others: the expected numbers by covariance matrices, and the published numbers."""

from __future__ import annotations

import math

import pytest

from catallaxy.papers.acemoglu_et_al_2022.replication import Parameters
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.privacy import told_reference

NAME = "acemoglu-et-al-2022"


def normal_cdf(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def test_the_expected_numbers_follow_from_the_parameters() -> None:
    replication = find_replication(NAME)
    p, tables = replication.parameters(), replication.expected().tables
    assert isinstance(p, Parameters)
    expected = {name: value for table in tables for name, value in table.values.items()}
    numbers = {}
    for r in p.correlations:
        told = {(n, own): told_reference(n, own, r, p.noise) for n in (0, 1, 9, 99) for own in (True, False)}
        own = {n: told[n, True] - told[n, False] for n in (0, 1, 9, 99)}
        many = (1 - r) ** 2 / (1 - r + p.noise)
        seller = math.log(p.worth / (2.0 * many))
        numbers |= {
            f"told by the other, correlation {r:g}": told[1, False],
            f"told by own, correlation {r:g}": own[0],
            f"told by both, correlation {r:g}": told[1, True],
            **{f"price among {n}, correlation {r:g}": p.loss * own[n - 1] for n in p.groups},
            f"compensated among 2, correlation {r:g}": own[1] / told[1, True],
            f"sellers of the crowd, correlation {r:g}": normal_cdf(seller),
            f"loss of the crowd, correlation {r:g}": r * 2.0 * math.exp(0.5),
        }
        pair = (2 - r * r) ** 2 / (2 * (4 - r * r))
        assert own[1] == pytest.approx(pair)
        assert told[1, True] == pytest.approx(2 / (4 - r * r))
    assert expected == pytest.approx(numbers, rel=1e-3)


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_numbers_come_out() -> None:
    outcome = replicate(NAME)
    assert outcome.passed
    for r in outcome.parameters.correlations:  # type: ignore[attr-defined]
        prices = outcome.found[f"correlation {r:g}"]["prices among 2"]
        assert prices[0] == pytest.approx(0.5, rel=1e-5)
        assert prices[1] == pytest.approx(prices[-1], rel=1e-12)


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 27
