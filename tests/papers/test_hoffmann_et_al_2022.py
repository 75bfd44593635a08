"""Compute-optimal training: the search against the equation, builders against the law, and the published numbers."""

from __future__ import annotations

import pytest

from catallaxy import numba_kernels as nk
from catallaxy.agents.scaling_law import ScalingLawSpec
from catallaxy.papers.hoffmann_et_al_2022.replication import Parameters
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate

NAME = "hoffmann-et-al-2022"


def loss(law: ScalingLawSpec, size: float, tokens: float) -> float:
    return law.floor + law.size_loss / size**law.size_exponent + law.data_loss / tokens**law.data_exponent


def test_the_expected_numbers_follow_from_the_parameters() -> None:
    replication = find_replication(NAME)
    p, tables = replication.parameters(), replication.expected().tables
    assert isinstance(p, Parameters)
    expected = {name: value for table in tables for name, value in table.values.items() if table.tag == "DERIVED"}
    numbers = {}
    for name, law in p.laws.items():
        a, b = law.size_exponent, law.data_exponent
        size = (a * law.size_loss / (b * law.data_loss)) ** (1 / (a + b)) * (p.budget / 6) ** (b / (a + b))
        tokens = p.budget / 6 / size

        numbers |= {
            f"parameters, {name}": size,
            f"tokens, {name}": tokens,
            f"tokens per parameter, {name}": tokens / size,
            f"loss of the optimum, {name}": loss(law, size, tokens),
            f"exponent of parameters, {name}": b / (a + b),
            f"exponent of tokens, {name}": a / (a + b),
            **{f"loss of {model}, {name}": loss(law, x.size, x.tokens) for model, x in p.models.items()},
        }
        assert nk.model_market.best_size_scalar(law.law, p.budget) == pytest.approx(size, rel=1e-12)
    assert expected == pytest.approx(numbers, rel=2e-4)


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert isinstance(outcome.parameters, Parameters)
    assert outcome.passed
    assert len(outcome.rows) == 20
    for name in ("Hoffmann", "Besiroglu"):
        part, law = outcome.found[name], outcome.parameters.laws[name].law
        for budget, size, found in zip(part["budgets"], part["sizes"], part["losses"], strict=True):
            assert size == pytest.approx(nk.model_market.best_size_scalar(law, budget), rel=1e-5)
            assert found == pytest.approx(nk.model_market.loss_at_scalar(law, size, budget / (6 * size)), rel=1e-9)


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_numbers_come_out() -> None:
    assert replicate(NAME).passed
