"""Goals: what counts as reaching one, and what is wrong with one."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import ValidationError

from catallaxy.sim.sweeps.answers.goals import Goal, check_goals, goal_text, reached
from oracles.sweep_tables import NETWORKS, Outcome, make_plan, make_runs

A, B = NETWORKS


def runs_of(*outcomes: Outcome) -> Any:
    plan = make_plan([{"x": i} for i in range(len(outcomes))], 1)
    return make_runs(plan, lambda run: outcomes[run.row])


def price(first: float | None, second: float | None = None) -> dict[tuple[str, str], float | None]:
    return {("price_ratio", A): first, ("price_ratio", B): second, ("fees", A): 1.0}


def test_a_threshold_is_not_part_of_the_goal() -> None:
    runs = runs_of(*(price(x) for x in (0.99, 1.0, 1.01, 2.0, 2.01)))
    assert reached(Goal(kpi="price_ratio", above=1.0), runs).tolist() == [False, False, True, True, True]
    assert reached(Goal(kpi="price_ratio", below=2.0), runs).tolist() == [True, True, True, False, False]
    assert reached(Goal(kpi="price_ratio", above=1.0, below=2.0), runs).tolist() == [False, False, True, False, False]


def test_every_network_that_there_is_must_reach_it() -> None:
    runs = runs_of(price(2.0, 2.0), price(2.0, 0.5), price(2.0, None), price(None, 2.0), price(None, None))
    assert reached(Goal(kpi="price_ratio", above=1.0), runs).tolist() == [True, False, True, True, False]
    assert reached(Goal(kpi="price_ratio", network=A, above=1.0), runs).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("undefined", [math.nan, math.inf, -math.inf])
def test_what_is_undefined_is_not_reached(undefined: float) -> None:
    runs = runs_of(price(undefined, 2.0), price(2.0, undefined))
    for goal in (Goal(kpi="price_ratio", above=-1e300), Goal(kpi="price_ratio", below=1e300)):
        assert reached(goal, runs).tolist() == [False, False]


def test_a_run_that_failed_reaches_nothing() -> None:
    runs = runs_of({}, price(2.0))
    assert reached(Goal(kpi="price_ratio", above=0.0), runs).tolist() == [False, True]
    assert reached(Goal(kpi="price_ratio", below=9.0), runs).tolist() == [False, True]


def test_a_goal_reads_as_a_sentence() -> None:
    assert goal_text(Goal(kpi="price_ratio", above=1)) == "price_ratio > 1"
    assert goal_text(Goal(kpi="max_drawdown", network="Agora", below=0.5)) == "max_drawdown < 0.5 on Agora"
    assert goal_text(Goal(kpi="staked_share", above=0.2, below=0.6)) == "0.2 < staked_share < 0.6"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "a goal needs `above:`, `below:` or both"),
        ({"above": 2.0, "below": 1.0}, "no value is above 2 and below 1"),
        ({"above": 1.0, "below": 1.0}, "no value is above 1 and below 1"),
        ({"over": 1.0}, "Extra inputs are not permitted"),
    ],
)
def test_a_goal_without_meaning_is_refused(fields: dict[str, float], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Goal.model_validate({"kpi": "fees", **fields})


def test_names_are_checked_and_the_nearest_is_offered() -> None:
    goals = [
        Goal(kpi="fees", above=1.0),
        Goal(kpi="price_rato", network="agora", above=1.0),
        Goal(kpi="xyz", network=B, above=1.0),
    ]
    assert check_goals(goals, ["fees", "price_ratio"], NETWORKS) == [
        ("1.kpi", "unknown key figure 'price_rato'; did you mean 'price_ratio'?"),
        ("1.network", "unknown network 'agora'; did you mean 'Agora'?"),
        ("2.kpi", "unknown key figure 'xyz'; known: fees, price_ratio"),
    ]
