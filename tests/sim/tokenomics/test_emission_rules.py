from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import SerializeAsAny, TypeAdapter, ValidationError

from catallaxy.agents.plugins import Registered
from catallaxy.sim.tokenomics.emission import (
    EMISSIONS,
    EmissionContext,
    EmissionRule,
    EmissionTable,
    TokenFlow,
    check_emission,
)
from catallaxy.sim.tokenomics.emission_flows import add_months, months_elapsed
from catallaxy.sim.tokenomics.units import US_PER_DAY
from contracts.emission_contract import run

START = date(2024, 1, 1)
FIRST = EmissionContext(step=0, dt_days=1.0, start=START, base=10**9, genesis=10**15, supply=10**15)


class TestContext:
    def test_steps_meet_without_gap_or_overlap(self) -> None:
        for dt_days in (1.0, 7.0, 1 / 24, 1 / 7, 0.1, 30.4375):
            contexts = list(replace(FIRST, dt_days=dt_days).steps(500))
            assert all(a.end_us == b.begin_us for a, b in pairwise(contexts))
            assert contexts[-1].end_us == pytest.approx(500 * dt_days * US_PER_DAY, abs=1)

    def test_day_and_date(self) -> None:
        now = replace(FIRST, step=59)
        assert (now.day, now.date) == (59.0, date(2024, 2, 29))
        hourly = replace(FIRST, step=24 * 59, dt_days=1 / 24)
        assert (hourly.day, hourly.date) == (59.0, date(2024, 2, 29))

    def test_room_under_the_cap(self) -> None:
        assert FIRST.room is None
        assert replace(FIRST, cap=10, issued=4).room == 6
        assert replace(FIRST, cap=10, issued=14).room == 0
        assert replace(FIRST, cap=10, issued=4, recycled=3).room == 9
        assert replace(FIRST, cap=10, issued=4, burned=3).room == 6


class TestCalendar:
    def test_month_ends(self) -> None:
        assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
        assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)

    @given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 20_000 * US_PER_DAY), st.integers(1, 25))
    def test_periods_cover_time(self, first: date, elapsed: int, months: int) -> None:
        whole, part, length = months_elapsed(first, elapsed, months)
        begin = (add_months(first, whole * months) - first).days * US_PER_DAY
        assert 0 <= part < length
        assert begin + part == elapsed

    @given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 25))
    def test_a_period_ends_on_its_microsecond(self, day: int, periods: int, months: int) -> None:
        first = date(2000, 1, 1) + timedelta(days=day)
        end = (add_months(first, periods * months) - first).days * US_PER_DAY
        assert months_elapsed(first, end, months)[:2] == (periods, 0)
        whole, part, length = months_elapsed(first, end - 1, months)
        assert (whole, part) == (periods - 1, length - 1)

    @given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(1, 60))
    def test_a_month_is_a_month(self, first: date, months: int) -> None:
        flow = TokenFlow(per_month=100.0)
        elapsed = (add_months(first, months) - first).days * US_PER_DAY
        assert flow.paid(elapsed, first, 10**9) == months * 100 * 10**9

    def test_blocks_are_paid_when_they_end_and_rounded_down(self) -> None:
        flow = TokenFlow(per_block=7, block_seconds=12)
        assert [flow.paid(seconds * 1_000_000, START, 1) for seconds in (0, 11, 12, 35, 36)] == [0, 0, 7, 14, 21]
        assert flow.paid(36_000_000, START, 1, halvings=1) == 9


class TestComposed:
    def test_a_dated_rule_changes_on_its_day(self) -> None:
        rule = EMISSIONS.build(
            {
                "kind": "dated",
                "rules": [
                    {"from": "2024-01-03", "rule": {"kind": "fixed-rate", "tokens": {"per_day": 5}}},
                    {"from": "2024-01-05", "rule": {"kind": "fixed-rate", "tokens": {"per_day": 2}}},
                ],
            }
        )
        assert [amount // 10**9 for amount in run(rule, FIRST, 7)] == [0, 0, 5, 5, 2, 2, 2]
        assert run(rule, replace(FIRST, dt_days=7.0), 1) == [16 * 10**9]
        assert rule.describe() == (
            "From 2024-01-03: 5 tokens per day, for ever. From 2024-01-05: 2 tokens per day, for ever."
        )

    def test_a_schedule_inside_begins_on_its_date_or_where_it_says(self) -> None:
        halving: dict[str, Any] = {"kind": "halving-by-time", "initial": {"per_day": 8}, "every": {"days": 2}}
        dated = EMISSIONS.build({"kind": "dated", "rules": [{"from": "2024-01-03", "rule": halving}]})
        assert [amount // 10**9 for amount in run(dated, FIRST, 6)] == [0, 0, 8, 8, 4, 4]
        halving["starts"] = "2024-01-01"
        dated = EMISSIONS.build({"kind": "dated", "rules": [{"from": "2024-01-03", "rule": halving}]})
        assert [amount // 10**9 for amount in run(dated, FIRST, 6)] == [0, 0, 4, 4, 2, 2]

    def test_a_rule_that_began_before_the_run(self) -> None:
        halving: dict[str, Any] = {"kind": "halving-by-time", "initial": {"per_day": 8}, "every": {"days": 366}}
        dated = EMISSIONS.build({"kind": "dated", "rules": [{"from": "2023-01-01", "rule": halving}]})
        assert [amount // 10**9 for amount in run(dated, FIRST, 3)] == [8, 4, 4]

    def test_issuance_rules_see_what_was_minted_earlier_in_the_step(self) -> None:
        tao = {"kind": "halving-by-issuance", "maximum": 100, "reward": 10, "block_seconds": 86_400}
        dated = EMISSIONS.build({"kind": "dated", "rules": [{"rule": tao}, {"from": "2024-01-06", "rule": tao}]})
        chain = EMISSIONS.build(tao)
        first = replace(FIRST, genesis=0, supply=0, dt_days=10.0)
        assert dated.amount(first) == chain.amount(first) == 75 * 10**9

    def test_a_composite_adds_up(self) -> None:
        parts = [{"kind": "fixed-rate", "tokens": {"per_day": 5}}, {"kind": "fixed-rate", "share": {"per_year": 0.05}}]
        both = EMISSIONS.build({"kind": "composite", "rules": parts})
        assert both.amount(FIRST) == sum(EMISSIONS.build(part).amount(FIRST) for part in parts)
        assert both.describe().startswith("The sum of: 5 tokens per day, for ever. And: Supply grows by 0.05 per year")

    def test_json_schema_of_rules_inside_rules_is_finite(self) -> None:
        schema = TypeAdapter(Annotated[SerializeAsAny[EmissionRule], Registered(EMISSIONS)]).json_schema()
        assert len(schema["anyOf"]) == len(list(EMISSIONS))
        assert "halving-by-issuance" in json.dumps(schema)


class TestCheck:
    rule = EMISSIONS.build({"kind": "fixed-rate", "tokens": {"per_day": 10}})

    def test_silent_without_a_cap_and_at_the_cap(self) -> None:
        assert check_emission(self.rule, FIRST, 365) == []
        assert check_emission(self.rule, replace(FIRST, cap=3_650 * 10**9), 365) == []

    def test_says_by_how_much_the_cap_is_passed(self) -> None:
        [(path, message)] = check_emission(self.rule, replace(FIRST, cap=3_000 * 10**9), 365)
        assert path == ("emission",)
        assert message == (
            "'fixed-rate' would mint 3,650 tokens over 365 steps, but the cap leaves 3,000: 650 too many; "
            "lower the rate, raise the maximum supply, or shorten the run"
        )


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"kind": "fixed-rate"}, "give exactly one of tokens, share; got none"),
    (
        {"kind": "fixed-rate", "tokens": {"per_day": 1}, "share": {"per_year": 0.1}},
        "give exactly one of tokens, share; got tokens, share",
    ),
    ({"kind": "fixed-rate", "share": {"per_year": -0.1}}, "allowed: 0 to 10 per year"),
    ({"kind": "fixed-rate", "tokens": {"per_day": 1, "per_year": 1}}, "got per_day, per_year"),
    ({"kind": "fixed-rate", "tokens": {"per_block": 1}}, "per_block and block_seconds go together"),
    ({"kind": "fixed-rate", "tokens": {"per_day": -1}}, "greater than or equal to 0"),
    ({"kind": "halving-by-time", "every": {"years": 2}}, "give exactly one of initial, pool; got none"),
    ({"kind": "halving-by-time", "pool": 1, "every": {"days": 0}}, "greater than or equal to 0.001"),
    ({"kind": "halving-by-time", "pool": 1, "every": {"years": 1, "days": 3}}, "got days, years"),
    ({"kind": "exponential-decay", "pool": 1, "decay": {"per_day": -0.1}}, "allowed: 1e-09 to inf per year"),
    ({"kind": "exponential-decay", "pool": 1, "half_life_days": 0}, "greater than 0"),
    ({"kind": "exponential-decay", "pool": 1}, "give exactly one of half_life_days, decay; got none"),
    ({"kind": "halving-by-issuance", "maximum": 0, "reward": 1, "block_seconds": 12}, "greater than 0"),
    ({"kind": "table", "rows": []}, "a table needs at least one row"),
    ({"kind": "composite", "rules": []}, "a composite needs at least one rule"),
    ({"kind": "dated", "rules": []}, "a dated emission needs at least one rule"),
    ({"kind": "table", "rows": [{"per_day": 1}]}, "say from when the row holds"),
    (
        {"kind": "table", "rows": [{"day": 1, "per_day": 1}, {"from": "2024-01-01", "per_day": 1}]},
        "all at a date (`from:`) or all at a `day:`",
    ),
    (
        {"kind": "table", "rows": [{"day": 1, "per_day": 1}, {"day": 1, "per_day": 2}]},
        "rows overlap: row 2 holds from day 1, which is not after row 1's day 1",
    ),
    (
        {"kind": "table", "starts": "2024-01-01", "rows": [{"from": "2024-01-01", "per_day": 1}]},
        "leave `starts` out",
    ),
    (
        {"kind": "dated", "rules": [{"rule": "fixed-supply"}, {"rule": "fixed-supply"}]},
        "every dated rule after the first needs a date",
    ),
    (
        {
            "kind": "dated",
            "rules": [{"from": "2025-01-01", "rule": "fixed-supply"}, {"from": "2024-01-01", "rule": "fixed-supply"}],
        },
        "dated rules overlap: 2024-01-01 is not after 2025-01-01",
    ),
    ({"kind": "composite", "rules": [{"kind": "fixed-suply"}]}, "did you mean 'fixed-supply'"),
    ({"kind": "fixed-supply", "rate": 1}, "Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("parameters", "message"), BROKEN)
def test_bad_parameters_are_explained(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        EMISSIONS.build(parameters)
    assert message in str(caught.value)


flows = st.one_of(
    st.builds(lambda x: {"per_day": x}, st.floats(0, 1e5)),
    st.builds(lambda x: {"per_month": x}, st.floats(0, 1e6)),
    st.builds(lambda x: {"per_year": x}, st.floats(0, 1e7)),
    st.builds(lambda x, s: {"per_block": x, "block_seconds": s}, st.floats(0, 10), st.floats(1, 1e5)),
)
spans = st.one_of(
    st.builds(lambda x: {"days": x}, st.floats(0.5, 900)),
    st.builds(lambda x: {"months": x}, st.integers(1, 40)),
    st.builds(lambda x: {"years": x}, st.integers(1, 4)),
)
dates = st.dates(date(2019, 1, 1), date(2030, 1, 1)).map(str)
simple = st.one_of(
    st.builds(lambda f: {"kind": "fixed-rate", "tokens": f}, flows),
    st.builds(lambda r: {"kind": "fixed-rate", "share": {"per_year": r}}, st.floats(0, 0.5)),
    st.builds(lambda f, s: {"kind": "halving-by-time", "initial": f, "every": s}, flows, spans),
    st.builds(
        lambda p, s, d: {"kind": "halving-by-time", "pool": p, "every": s, "starts": d}, st.floats(0, 1e7), spans, dates
    ),
    st.builds(
        lambda p, h: {"kind": "exponential-decay", "pool": p, "half_life_days": h}, st.floats(0, 1e7), st.floats(1, 4e3)
    ),
    st.builds(
        lambda days, f, g: {"kind": "table", "rows": [{"day": days[0], **f}, {"day": days[1], **g}]},
        st.lists(st.integers(0, 3000), min_size=2, max_size=2, unique=True).map(sorted),
        flows,
        flows,
    ),
    st.just({"kind": "fixed-supply"}),
)
composed = st.one_of(
    simple,
    st.builds(lambda rules: {"kind": "composite", "rules": rules}, st.lists(simple, min_size=1, max_size=3)),
    st.builds(
        lambda begin, gap, a, b: {
            "kind": "dated",
            "rules": [{"from": str(begin), "rule": a}, {"from": str(begin + timedelta(days=gap)), "rule": b}],
        },
        st.dates(date(2022, 1, 1), date(2028, 1, 1)),
        st.integers(1, 1500),
        simple,
        simple,
    ),
)


@settings(max_examples=60, deadline=None)
@given(composed, st.integers(0, 2**50))
def test_supply_identity_over_ten_years(parameters: dict[str, Any], cap: int) -> None:
    """Whatever the rules: amounts are not negative and their sum is the schedule's, or the cap."""
    rule = EMISSIONS.build(parameters)
    first = replace(FIRST, dt_days=30.4375)
    free = run(rule, first, 120)
    assert min(free) >= 0
    assert sum(free) == rule.horizon_total(first, 120)
    capped = sum(run(rule, replace(first, cap=cap), 120))
    assert capped <= cap
    without_feedback = "share" not in json.dumps(parameters)
    if without_feedback:
        assert capped == min(cap, sum(free))


@settings(max_examples=60, deadline=None)
@given(
    simple.filter(lambda parameters: "share" not in parameters),
    st.integers(0, 3000 * US_PER_DAY),
    st.integers(0, 3000 * US_PER_DAY),
    st.integers(0, 3000 * US_PER_DAY),
)
def test_cutting_time_anywhere_changes_nothing(parameters: dict[str, Any], a: int, b: int, c: int) -> None:
    rule = EMISSIONS.build(parameters)
    begin, cut, end = sorted((a, b, c))
    whole = rule.scheduled(FIRST.part(begin, end))
    assert whole == rule.scheduled(FIRST.part(begin, cut)) + rule.scheduled(FIRST.part(cut, end))
    assert whole >= 0


def test_growth_compounds() -> None:
    growth = EMISSIONS.build({"kind": "fixed-rate", "share": {"per_month": 0.01}})
    year = sum(run(growth, replace(FIRST, dt_days=30.4375 / 4), 48))
    assert year / FIRST.supply == pytest.approx(1.01**12 - 1, rel=1e-12)


def test_growth_waits_for_its_starting_date() -> None:
    later = {"kind": "fixed-rate", "share": {"per_year": 0.1}, "starts": "2024-01-03"}
    assert run(EMISSIONS.build(later), FIRST, 2) == [0, 0]
    week = EMISSIONS.build(later).amount(replace(FIRST, dt_days=7.0))
    assert week == pytest.approx(FIRST.supply * (1.1 ** (5 / 365.25) - 1), rel=1e-6)


def test_rules_are_validated_without_compiling() -> None:
    code = (
        "import sys; from catallaxy.sim.tokenomics import emission, allocation, sinks;"
        "emission.EMISSIONS.build({'kind': 'exponential-decay', 'pool': 1, 'half_life_days': 9}).describe();"
        "sys.exit(any(name in sys.modules for name in ('numba', 'mesa', 'scipy', 'pandas', 'pyarrow', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_rows_can_be_written_in_python() -> None:
    table = EmissionTable.model_validate({"kind": "table", "rows": [{"since": START, "per_day": 3}]})
    assert table.amount(FIRST) == 3 * 10**9
    assert table.describe() == "A table: 3 tokens per day from 2024-01-01."
