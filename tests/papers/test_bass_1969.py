"""Diffusion with many agents and with one: the closed form, and the published numbers."""

from __future__ import annotations

import numpy as np
import pytest

from catallaxy.papers.bass_1969.replication import Parameters, closed_form, measure, peak_time, variance_of_gap
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate

NAME = "bass-1969"


def parameters() -> Parameters:
    declared = find_replication(NAME).parameters()
    assert isinstance(declared, Parameters)
    return declared


def test_the_expected_numbers_follow_from_the_parameters() -> None:
    p, tables = parameters(), find_replication(NAME).expected().tables
    expected = {name: value for table in tables if table.tag != "MEMORY" for name, value in table.values.items()}
    average = p.product("average product")
    numbers = {"gap by number of agents": -0.5}
    for year in (2, 5, 10, 15):
        share = float(closed_form(average, np.array(float(year))))
        numbers |= {f"{year} years, representative": share, f"{year} years, agents": share}
    for name, product in p.products.items():
        speed = product.innovation + product.imitation
        numbers[f"peak of {name}"] = peak_time(product)
        numbers[f"sales of {name}"] = product.buyers * speed**2 / (4 * product.imitation)
    at_peak = float(closed_form(average, np.array(peak_time(average))))
    assert at_peak == pytest.approx(0.5 - average.innovation / (2 * average.imitation))
    numbers |= {f"N times squared gap, {n} agents": float(variance_of_gap(average, at_peak)) for n in p.crowds}
    assert expected == pytest.approx(numbers, rel=6e-4)


def test_the_variance_of_the_gap_solves_its_equation() -> None:
    product = parameters().product("average product")
    p, q, step = product.innovation, product.imitation, 1e-5
    shares = np.array([0.05, 0.3, 0.6])
    rise = (variance_of_gap(product, shares + step) - variance_of_gap(product, shares - step)) / (2 * step)
    speed, slope = (p + q * shares) * (1 - shares), q - p - 2 * q * shares
    assert rise * speed == pytest.approx(2 * slope * variance_of_gap(product, shares) + speed, rel=1e-6)
    assert float(variance_of_gap(product, 0.0)) == pytest.approx(0.0, abs=1e-12)


def test_the_representative_comes_closer_with_the_step() -> None:
    p, gaps = parameters(), []
    for per_year in (20, 40, 80):
        short = p.model_copy(update={"agents": 1000, "runs": 2, "steps_per_year": per_year})
        found = measure(short, "average product", np.uint64(0))
        exact = closed_form(short.product("average product"), found["years"])
        gaps.append(float(np.abs(found["representative"] - exact).max()))
    assert [gaps[0] / gaps[1], gaps[1] / gaps[2]] == pytest.approx([2.0, 2.0], abs=0.03)


@pytest.mark.jit
@pytest.mark.slow
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 24


@pytest.mark.jit
@pytest.mark.slow
def test_agents_diffuse_as_published() -> None:
    assert replicate(NAME).passed
