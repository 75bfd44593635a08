"""Summaries of a made-up sweep, against the same numbers made by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from catallaxy.sim.analysis.intervals import difference, mean, share
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.answers.goals import Goal
from catallaxy.sim.sweeps.answers.run_values import RunValues
from catallaxy.sim.sweeps.answers.summary import comparison_rows, goal_rows, summary_rows, text_table
from catallaxy.sim.sweeps.plan import PlannedRun
from oracles.sweep_tables import NETWORKS, Outcome, make_plan, make_runs

A, B = NETWORKS
REPLICATES = 4
POINTS = [{"fees.rate": rate, "rule": rule} for rate in (0.01, 0.02, 0.05) for rule in ("burn", "stake")]
CHANCE = np.array([0.0, 1.0, -2.0, 5.0])


def price(run: PlannedRun) -> float:
    """Return 100 times the rate, 10 more for "burn", and the chance of the replicate."""
    params = POINTS[run.point]
    return 100.0 * params["fees.rate"] + 10.0 * (params["rule"] == "burn") + float(CHANCE[run.replicate])  # type: ignore[operator]


def outcome(run: PlannedRun) -> Outcome:
    return {("price_ratio", A): price(run), ("price_ratio", B): 2.0, ("fees", A): 1e6 * price(run), ("fees", B): None}


def values(made: Any = outcome, **fields: Any) -> RunValues:
    plan = make_plan(POINTS, REPLICATES, **fields)
    return RunValues(plan, make_runs(plan, made))


def test_each_point_by_itself() -> None:
    rows = summary_rows(values(), kpi="price_ratio", network=A)
    assert [row["point"] for row in rows] == list(range(6))
    assert [(row["fees.rate"], row["rule"]) for row in rows] == [tuple(point.values()) for point in POINTS]
    for row, middle in zip(rows, (11.0, 1.0, 12.0, 2.0, 15.0, 5.0), strict=True):
        expected = mean(middle + CHANCE)
        assert row["mean"] == pytest.approx(expected.estimate)
        assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))
        assert row["sd"] == pytest.approx(CHANCE.std(ddof=1))
        assert (row["n"], row["runs"], row["undefined"]) == (4, 4, 0)
        assert (row["level"], row["method"], row["unit"]) == (0.95, "student", "1")


def test_over_several_points_a_replicate_counts_once_when_they_share_their_chance() -> None:
    (burn, stake) = summary_rows(values(), kpi="price_ratio", network=A, by="rule")
    expected = mean(12.666666666666666 + CHANCE)
    assert burn["n"] == 4
    assert burn["runs"] == 12
    assert (burn["mean"], burn["low"], burn["high"]) == pytest.approx((expected.estimate, expected.low, expected.high))
    assert burn["mean"] - stake["mean"] == pytest.approx(10.0)
    assert burn["sd"] == pytest.approx(np.std([m + c for m in (11.0, 12.0, 15.0) for c in CHANCE], ddof=1))


def test_over_several_points_every_run_counts_when_seeds_are_independent() -> None:
    (row,) = summary_rows(values(seeding="independent"), kpi="price_ratio", network=A, by=())
    every = [middle + c for middle in (11.0, 1.0, 12.0, 2.0, 15.0, 5.0) for c in CHANCE]
    expected = mean(np.array(every))
    assert row["n"] == 24
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((expected.estimate, expected.low, expected.high))


def test_with_one_replicate_the_points_are_the_sample() -> None:
    plan = make_plan(POINTS, 1)
    runs = RunValues(plan, make_runs(plan, outcome))
    rows = summary_rows(runs, kpi="price_ratio", network=A, by=["param.rule"])
    assert [row["n"] for row in rows] == [3, 3]
    assert all(math.isnan(row["low"]) for row in summary_rows(runs, kpi="price_ratio", network=A))


def test_failed_undefined_and_missing_runs_are_told_apart() -> None:
    def made(run: PlannedRun) -> Outcome:
        if run.point:
            return outcome(run)
        return [outcome(run), {}, {("price_ratio", A): math.nan}, None][run.replicate]

    row = summary_rows(values(made), kpi="price_ratio", network=A)[0]
    assert (row["n"], row["runs"], row["undefined"]) == (1, 3, 2)
    assert row["mean"] == 11.0


def test_a_network_that_is_not_there_has_no_values() -> None:
    row = summary_rows(values(), kpi="fees", network=B)[0]
    assert (row["n"], row["runs"], row["undefined"]) == (0, 4, 4)
    assert math.isnan(row["mean"])


def test_all_key_figures_of_a_point_stand_together() -> None:
    rows = summary_rows(values(), kpi=["price_ratio", "fees"])
    assert [(row["point"], row["kpi"], row["network"]) for row in rows[:5]] == [
        (0, "price_ratio", A), (0, "price_ratio", B), (0, "fees", A), (0, "fees", B), (1, "price_ratio", A),
    ]  # fmt: skip
    assert len(summary_rows(values())) > 200


def test_a_difference_to_the_point_that_differs_in_one_parameter_only() -> None:
    rows = comparison_rows(values(), {"rule": "stake"}, kpi="price_ratio", network=A)
    assert [(row["point"], row["baseline"]) for row in rows] == [(0, 1), (2, 3), (4, 5)]
    for row in rows:
        assert row["paired"] is True
        assert (row["difference"], row["low"], row["high"]) == pytest.approx((10.0, 10.0, 10.0))


def test_a_difference_to_one_point() -> None:
    rows = comparison_rows(values(), 3, kpi="price_ratio", network=A)
    assert [row["baseline"] for row in rows] == [3] * 5
    assert [row["difference"] for row in rows] == pytest.approx([9.0, -1.0, 10.0, 13.0, 3.0])
    both = comparison_rows(values(), {"rule": "stake", "fees.rate": 0.02}, kpi="price_ratio", network=A)
    assert [(row["point"], row["difference"]) for row in both] == [(row["point"], row["difference"]) for row in rows]


def test_seeds_that_are_not_shared_are_not_paired() -> None:
    row = comparison_rows(values(seeding="independent"), {"rule": "stake"}, kpi="price_ratio", network=A)[0]
    expected = difference(11.0 + CHANCE, 1.0 + CHANCE)
    assert row["paired"] is False
    assert row["method"] == "welch"
    assert (row["difference"], row["low"], row["high"]) == pytest.approx((10.0, expected.low, expected.high))


def test_chances_of_goals() -> None:
    goals = [Goal(kpi="price_ratio", network=A, above=10.5), Goal(kpi="fees", network=A, below=13.0e6)]
    rows = goal_rows(values(seeding="independent"), goals, by="rule")
    found = {(row["rule"], row["goal"]): row for row in rows}
    high, low = "price_ratio > 10.5 on Agora", "fees < 13000000 on Agora"
    assert found["burn", high]["reached"] == 10
    assert found["burn", low]["reached"] == 5
    assert found["burn", "all goals"]["reached"] == 3
    assert found["stake", high]["reached"] == 0
    expected = share(3, 12)
    row = found["burn", "all goals"]
    assert (row["n"], row["probability"]) == (12, 3 / 12)
    assert (row["low"], row["high"], row["method"]) == (expected.low, expected.high, "wilson")


def test_points_that_share_their_chance_do_not_make_a_goal_surer() -> None:
    def by_chance(run: PlannedRun) -> Outcome:
        return {("price_ratio", A): float(run.replicate % 2)}

    goal = [Goal(kpi="price_ratio", network=A, above=0.5)]
    (row,) = goal_rows(values(by_chance), goal, by=())
    expected = share(2, REPLICATES)
    assert (row["n"], row["reached"], row["probability"]) == (24, 12, 0.5)
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high), abs=0.08)
    (alone,) = goal_rows(values(by_chance, seeding="independent"), goal, by=())
    assert (alone["low"], alone["high"]) == pytest.approx((share(12, 24).low, share(12, 24).high))


@pytest.mark.parametrize("reached_by", [lambda run: True, lambda run: False], ids=["always", "never"])
def test_what_every_replicate_agrees_on_is_as_sure_as_there_are_replicates(reached_by: Any) -> None:
    made = values(lambda run: {("price_ratio", A): float(reached_by(run))})
    (row,) = goal_rows(made, [Goal(kpi="price_ratio", network=A, above=0.5)], by=())
    expected = share(round(REPLICATES * row["probability"]), REPLICATES)
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))


def test_points_that_differ_whatever_the_chance_are_as_sure_as_all_runs() -> None:
    made = values(lambda run: {("price_ratio", A): float(run.point % 2)})
    (row,) = goal_rows(made, [Goal(kpi="price_ratio", network=A, above=0.5)], by=())
    expected = share(12, 24)
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))


def test_runs_that_failed_count_against_a_goal_and_missing_ones_do_not_count() -> None:
    def made(run: PlannedRun) -> Outcome:
        return [outcome(run), {}, None, None][run.replicate] if run.point == 0 else outcome(run)

    row = goal_rows(values(made), [Goal(kpi="price_ratio", above=0.0)])[0]
    assert (row["goal"], row["reached"], row["n"], row["probability"]) == ("price_ratio > 0", 1, 2, 0.5)


def test_without_goals_there_is_nothing_to_reach() -> None:
    assert goal_rows(values(), []) == []


def test_a_parameter_may_have_the_name_of_a_column() -> None:
    plan = make_plan([{"n": 5}, {"n": 6}], 2)
    runs = RunValues(plan, make_runs(plan, lambda run: {("fees", A): 1.0}))
    rows = summary_rows(runs, kpi="fees", network=A, by="n")
    assert [(row["param.n"], row["n"]) for row in rows] == [(5, 2), (6, 2)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kpi": "price_rato"}, "no key figure 'price_rato'; did you mean 'price_ratio'?"),
        ({"network": "agora"}, "no network 'agora'; did you mean 'Agora'?"),
        ({"by": "rul"}, "no parameter 'rul'; did you mean 'rule'?"),
        ({"by": ["zzz"]}, "no parameter 'zzz'; known: fees.rate, rule"),
        ({"kpi": "fees", "level": 95}, "a confidence level lies between 0 and 1"),
        ({"kpi": "fees", "method": "bayes"}, "unknown method 'bayes'"),
    ],
)
def test_what_does_not_exist_is_named_with_the_nearest(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ResultsError) as caught:
        summary_rows(values(), **options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        (6, "there is no point 6: the sweep has points 0 to 5"),
        ({"rate": 1}, "no parameter 'rate'"),
        ({"rule": "vote"}, "differ only in having rule = 'vote' or not (rule has 'burn', 'stake'); give the number"),
    ],
)
def test_a_baseline_must_exist(baseline: Any, message: str) -> None:
    with pytest.raises(ResultsError) as caught:
        comparison_rows(values(), baseline)
    assert message in str(caught.value)


def test_rows_as_text() -> None:
    headings, cells = text_table(summary_rows(values(), kpi="fees", network=A)[:1])
    assert headings == [
        "point", "fees.rate", "rule", "kpi", "network", "unit", "n", "mean", "sd", "interval", "runs", "undefined",
    ]  # fmt: skip
    assert cells[0][:9] == ["0", "0.01", "burn", "fees", "Agora", "USD/year", "4", "12.0 M", "2.94 M"]
    assert cells[0][9] == "[7.32 M, 16.7 M]"
    paired = text_table(comparison_rows(values(), 1, kpi="fees", network=A))[1]
    assert [row[-1] for row in paired] == ["yes"] * 5
    assert text_table([]) == ([], [])
