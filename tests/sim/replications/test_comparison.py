"""Published numbers beside ours: tolerances, verdicts, and names that do not fit."""

from __future__ import annotations

import math

import pytest

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.replications.comparison import compare, unmatched
from catallaxy.sim.replications.paper import ExpectedSpec, TableSpec, expected_problems
from catallaxy.sim.replications.protocol import exactly


def expected(**changes: object) -> ExpectedSpec:
    table = {"title": "Spread", "tag": "READ", "source": "p. 1", "tolerance": 0.5, "values": {"a": 10.0}, **changes}
    return ExpectedSpec.model_validate({"tables": [table]})


@pytest.mark.parametrize(("ours", "passed"), [(10.0, True), (10.5, True), (9.5, True), (10.6, False), (9.4, False)])
def test_within_the_tolerance_passes(ours: float, passed: bool) -> None:
    (row,) = compare(expected(), {"a": exactly(ours)})
    assert row.passed is passed
    assert (row.table, row.quantity, row.published, row.source) == ("Spread", "a", 10.0, "p. 1")


@pytest.mark.parametrize("nothing", [math.nan, math.inf])
def test_what_could_not_be_computed_fails(nothing: float) -> None:
    (row,) = compare(expected(), {"a": exactly(nothing)})
    assert row.passed is False


@pytest.mark.parametrize(("published", "reach"), [(10.0, 0.2), (-10.0, 0.2), (0.5, 0.01)])
def test_a_tolerance_may_be_a_share(published: float, reach: float) -> None:
    table = expected(tolerance=None, rel_tolerance=0.02, values={"a": published})
    (row,) = compare(table, {"a": exactly(published)})
    assert row.tolerance == pytest.approx(reach)


def test_without_a_tolerance_a_number_is_shown() -> None:
    (row,) = compare(expected(tolerance=None, tag="MEMORY"), {"a": exactly(99.0)})
    assert row.tolerance is row.passed is None


def test_quick_widens_by_the_width_of_our_interval() -> None:
    ours = {"a": Interval(10.8, 10.6, 11.0, 0.95, 9, "student")}
    (full,), (quick,) = compare(expected(), ours), compare(expected(), ours, quick=True)
    assert (full.tolerance, full.passed) == (0.5, False)
    assert quick.tolerance == pytest.approx(0.9)
    assert quick.passed is True
    shown = expected(tolerance=None)
    assert compare(shown, ours, quick=True)[0].tolerance is None


def test_a_quantity_may_stand_in_two_tables() -> None:
    table = expected().model_dump()["tables"][0]
    both = ExpectedSpec.model_validate({"tables": [table, {**table, "tolerance": None, "values": {"a": 12.0}}]})
    assert [row.passed for row in compare(both, {"a": exactly(10.0)})] == [True, None]


@pytest.mark.parametrize(
    ("ours", "message"),
    [
        (["spread"], ""),
        ([], "'spread' was not estimated"),
        (["spread", "depth"], "'depth' was estimated, but is not expected"),
        (["spreads"], "'spread' was not estimated; did you mean 'spreads'?"),
    ],
)
def test_names_must_fit(ours: list[str], message: str) -> None:
    assert unmatched(expected(values={"spread": 10.0}), ours) == message


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"rel_tolerance": 0.1}, ("tables", 0, "rel_tolerance"), "not both"),
        ({"tag": "MEMORY"}, ("tables", 0, "tolerance"), "never tested"),
        ({"tag": "MEMORY", "tolerance": 0}, ("tables", 0, "tolerance"), "never tested"),
        ({"values": {}}, ("tables", 0, "values"), "no number"),
        ({"tolerance": None}, ("tables",), "nothing can fail"),
    ],
)
def test_tables_that_cannot_be_meant_are_refused(
    changes: dict[str, object], path: tuple[str | int, ...], message: str
) -> None:
    found = dict(expected_problems(expected(**changes)))
    assert message in found[path]


def test_a_tolerance_of_nothing_is_a_tolerance() -> None:
    assert expected_problems(expected(tolerance=0)) == []
    table: TableSpec = expected(tolerance=0).tables[0]
    assert table.reach(3.0) == 0
