"""Verdicts on made-up mechanisms: equal ones, different ones, and how often chance alone would mislead."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from catallaxy.sim.analysis.intervals import mean, paired_difference
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.answers.equivalence import FAILS, SURVIVES, UNDECIDED, Equivalence, equivalence_rows
from catallaxy.sim.sweeps.answers.equivalence_figure import equivalence_figure, write_equivalence
from catallaxy.sim.sweeps.answers.run_values import RunValues
from oracles.sweep_tables import NETWORKS, make_plan, make_runs

pytestmark = pytest.mark.whole

Matrix = npt.NDArray[np.float64]

A = NETWORKS[0]
VENUES = ("pool", "book", "auction")
#: Two policies at three venues; six points, the venue changes slowest.
POINTS = [{"venue": venue, "policy": policy} for venue in VENUES for policy in ("none", "some")]
REPLICATES = 12
LEVELS = Equivalence("venue")
EFFECT = Equivalence("venue", "policy")
TRIALS = 400


class Drawn(RunValues):
    """A made-up sweep whose one key figure is given as float64[points, replicates]."""

    def __init__(self, values: Matrix, **fields: Any) -> None:
        plan = make_plan(POINTS, values.shape[1], **fields)
        super().__init__(plan, make_runs(plan, lambda _: {}).slice(0, 0))
        self.values = values

    def matrix(self, kpi: str, network: str) -> Matrix:
        return self.values


def told(asked: Equivalence, values: Matrix) -> list[dict[str, Any]]:
    return equivalence_rows(Drawn(values), asked, kpi="fees", network=A)


def verdict(asked: Equivalence, values: Matrix) -> str:
    (found,) = {row["verdict"] for row in told(asked, values)}
    return str(found)


def drawn(
    levels: tuple[float, float, float], effects: tuple[float, float, float], noise: float, seed: int = 0
) -> Matrix:
    """Draw a sweep: a level and an effect for each venue, chance that all share, and noise of each run's own."""
    chance = np.random.default_rng(seed)
    common = 20.0 * chance.standard_normal(REPLICATES)
    middle = np.array([[level, level + effect] for level, effect in zip(levels, effects, strict=True)]).ravel()
    return middle[:, None] + common + noise * chance.standard_normal((len(POINTS), REPLICATES))


EQUAL = (100.0, 100.0, 100.0)
SAME = (30.0, 30.0, 30.0)


@pytest.mark.parametrize(
    ("levels", "effects", "noise", "of_levels", "of_effect"),
    [
        (EQUAL, SAME, 0.0, SURVIVES, SURVIVES),
        (EQUAL, SAME, 2.0, SURVIVES, SURVIVES),
        (EQUAL, (0.0, 0.0, 0.0), 2.0, SURVIVES, SURVIVES),
        (EQUAL, SAME, 60.0, UNDECIDED, UNDECIDED),
        (EQUAL, (30.0, 30.0, -30.0), 2.0, FAILS, FAILS),
        (EQUAL, (4.0, 4.0, -4.0), 0.5, SURVIVES, FAILS),
        (EQUAL, (30.0, 30.0, 0.0), 2.0, FAILS, FAILS),
        (EQUAL, (30.0, 30.0, 15.0), 1.0, SURVIVES, SURVIVES),
        ((100.0, 130.0, 100.0), SAME, 2.0, FAILS, SURVIVES),
        ((-100.0, -70.0, -100.0), (-30.0, -30.0, -30.0), 2.0, FAILS, SURVIVES),
    ],
)
def test_verdicts(levels: Any, effects: Any, noise: float, of_levels: str, of_effect: str) -> None:
    values = drawn(levels, effects, noise)
    assert verdict(LEVELS, values) == of_levels
    assert verdict(EFFECT, values) == of_effect


def test_what_was_found_is_said_of_every_mechanism() -> None:
    rows = told(EFFECT, drawn(EQUAL, (30.0, -30.0, 0.0), 2.0))
    assert [(row["venue"], row["found"], row["change"]) for row in rows] == [
        ("pool", "up", "none -> some"),
        ("book", "down", "none -> some"),
        ("auction", "no effect", "none -> some"),
    ]
    rows = told(LEVELS, drawn((100.0, 140.0, 100.0), SAME, 2.0))
    assert [row["found"] for row in rows] == ["the same", "different", "the same"]
    assert "unclear" in {row["found"] for row in told(EFFECT, drawn(EQUAL, SAME, 60.0))}


def test_intervals_are_those_of_pairs_and_hold_together() -> None:
    values = drawn(EQUAL, SAME, 5.0)
    both = equivalence_rows(Drawn(values), EFFECT, kpi=["fees", "price_ratio"], network=A)
    assert {row["level"] for row in both} == {1.0 - 0.05 / 6}
    effects = values[1::2] - values[0::2]
    for i, row in enumerate(told(EFFECT, values)):
        expected, other = mean(effects[i], 1.0 - 0.05 / 3), paired_difference(effects[i], effects[0], 1.0 - 0.05 / 3)
        assert (row["mean"], row["low"], row["high"]) == (expected.estimate, expected.low, expected.high)
        assert (row["difference"], row["difference_low"]) == (other.estimate, other.low)
        assert row["margin"] == pytest.approx(0.1 * values[2 * i].mean())
    over = 0.5 * (values[0::2] + values[1::2])
    for i, row in enumerate(told(LEVELS, values)):
        assert row["level"] == 1.0 - 0.05 / 2
        assert row["difference"] == pytest.approx((over[i] - over[0]).mean())
        assert row["margin"] == pytest.approx(0.1 * over[0].mean())


def share_of(asked: Equivalence, wrong: str, levels: Any, effects: Any, noise: float) -> float:
    return float(np.mean([verdict(asked, drawn(levels, effects, noise, seed)) == wrong for seed in range(TRIALS)]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "wrong", "levels", "effects", "noise"),
    [
        (LEVELS, FAILS, EQUAL, SAME, 15.0),
        (EFFECT, FAILS, EQUAL, SAME, 15.0),
        (EFFECT, FAILS, EQUAL, (0.0, 0.0, 0.0), 15.0),
        (LEVELS, SURVIVES, (100.0, 100.0, 110.0), (0.0, 0.0, 0.0), 3.0),
        (EFFECT, SURVIVES, EQUAL, (30.0, 30.0, 0.0), 3.0),
        (EFFECT, SURVIVES, EQUAL, (10.0, 10.0, -10.0), 3.0),
    ],
)
def test_chance_misleads_in_at_most_one_report_in_twenty(
    asked: Equivalence, wrong: str, levels: Any, effects: Any, noise: float
) -> None:
    assert share_of(asked, wrong, levels, effects, noise) <= 0.05


@pytest.mark.slow
def test_a_difference_that_matters_is_found() -> None:
    assert share_of(LEVELS, FAILS, (100.0, 100.0, 125.0), (0.0, 0.0, 0.0), 8.0) > 0.9
    assert share_of(EFFECT, FAILS, EQUAL, (30.0, 30.0, -30.0), 15.0) > 0.9


def test_a_replicate_that_lacks_a_run_is_left_out() -> None:
    values = drawn(EQUAL, SAME, 2.0)
    values[3, 0] = values[0, 4] = np.nan
    rows = told(EFFECT, values)
    assert [row["n"] for row in rows] == [REPLICATES - 1, REPLICATES - 1, REPLICATES]
    assert rows[1]["difference"] == pytest.approx(
        np.nanmean((values[3] - values[2]) - (values[1] - values[0])), rel=1e-12
    )


@pytest.mark.parametrize(
    ("asked", "fields", "message"),
    [
        (LEVELS, {"seeding": "independent"}, "compares pairs of runs"),
        (Equivalence("venus"), {}, "no parameter 'venus'; did you mean 'venue'"),
        (Equivalence("venue", margin=0.0), {}, "margin > 0, not 0.95 and 0"),
        (Equivalence("venue", "venue"), {}, "nothing to compare"),
    ],
)
def test_what_cannot_be_asked(asked: Equivalence, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ResultsError, match=message):
        equivalence_rows(Drawn(drawn(EQUAL, SAME, 1.0), **fields), asked, kpi="fees", network=A)


def test_a_parameter_with_one_value_cannot_matter() -> None:
    plan = make_plan([{"venue": "pool", "rate": rate} for rate in (1, 2)], 3)
    values = RunValues(plan, make_runs(plan, lambda run: {("fees", A): float(run.point)}))
    with pytest.raises(ResultsError, match="one value of venue only"):
        equivalence_rows(values, LEVELS)
    rows = equivalence_rows(values, Equivalence("rate"))
    assert {(row["kpi"], row["network"]) for row in rows} == {("fees", A)}, "what has no value is left out"


def test_the_report_as_files(tmp_path: Path) -> None:
    values = Drawn(drawn(EQUAL, (30.0, -30.0, 0.0), 2.0))
    rows = equivalence_rows(values, EFFECT, kpi=["fees", "price_ratio"], network=A)
    table, picture = write_equivalence(rows, EFFECT, tmp_path)
    with table.open(encoding="utf-8", newline="") as stream:
        read = list(csv.DictReader(stream))
    assert [row["verdict"] for row in read] == [FAILS] * 6
    assert float(read[1]["high"]) == rows[1]["high"]
    assert picture.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("asked", [LEVELS, EFFECT])
def test_the_figure_shows_what_verdicts_rest_on(asked: Equivalence) -> None:
    values = drawn((100.0, 140.0, 100.0), (30.0, -30.0, 0.0), 2.0)
    rows = equivalence_rows(Drawn(values), asked, kpi=["fees", "price_ratio"], network=A)
    figure = equivalence_figure(rows, asked)
    first, second = figure.axes
    assert first.get_title(loc="left").startswith(f"fees of {A}: does not survive")
    assert [label.get_text() for label in first.get_yticklabels()] == list(VENUES)
    assert {label.get_text() for label in second.get_yticklabels()} == {""}
    drawn_at = first.containers[0].lines[0].get_xdata()
    key = "mean" if asked.effect else "difference"
    assert drawn_at == pytest.approx([10.0 * row[key] / row["margin"] for row in rows[:3]])
    assert "95 % together" in figure.get_supxlabel()


def test_a_figure_of_key_figures_that_are_zero() -> None:
    rows = told(EFFECT, np.zeros((len(POINTS), REPLICATES)))
    assert {row["verdict"] for row in rows} == {SURVIVES}
    assert equivalence_figure(rows, EFFECT).axes[0].containers
