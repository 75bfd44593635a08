from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import model_validator

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.checking import check
from catallaxy.sim.scenario.document import Document

Messages = Callable[..., list[str]]
Read = Callable[[str], Document]

GOOD = (
    "networks: {a: {supply: 1e9, rule: {kind: halving, reward: 3}, wealth: {dist: normal, mean: 3, sd: 1, low: 0}}}\n"
)


def test_a_good_scenario(root: type[Spec], read: Read) -> None:
    found = check(read(GOOD), root)
    assert found.networks["a"].supply == 1e9  # type: ignore[attr-defined]
    assert found.networks["a"].rule.period == 1461  # type: ignore[attr-defined]


def test_everything_is_found_at_once_in_the_order_of_the_file(root: type[Spec], read: Read, messages: Messages) -> None:
    text = """\
name: 2026
sed: 3
fast: yes
networks:
  a:
    supply: 0
    rule: {kind: halvin, reward: 3}
    fees: {share: 5%, paid_in: usdd, decay: {per_year: 3}}
    wealth: {dist: lognormal, median: 1, sigmaa: 3}
  b:
    supply: "7"
    rule: {kind: halving, period: 2.5}
    fees: {share: 1.7, decay: 0.1}
    fees2: {}
    cap: -1
  c:
    fees:
    wealth: {dist: pareto, minimum: -1, tail: 3}
    rule: {reward: 3}
    shares: {x: true}
    reward: 3
events:
  - on: 12:30:45
  - {on: 2024-02-30, nota: x}
  - 5
  - {on: 20240101}
"""
    assert messages(check, read(text), root) == [
        "s.yaml:1:7: name: 2026 is a number; expected text; put it in quotes",
        "s.yaml:2:1: sed: unknown key 'sed'; did you mean 'seed'?",
        "s.yaml:3:7: fast: 'yes' is text; expected true or false; write true",
        "s.yaml:6:13: networks.a.supply: 0 is not above 0; allowed value > 0 (unit: token)",
        "s.yaml:7:18: networks.a.rule.kind: unknown rule 'halvin'; known: halving, none; did you mean 'halving'?",
        "s.yaml:8:19: networks.a.fees.share: '5%' is text; expected a number; allowed 0 <= value <= 1 (unit: 1);"
        " write 0.05",
        "s.yaml:8:32: networks.a.fees.paid_in: 'usdd' is not known; allowed one of token, usd; did you mean 'usd'?",
        "s.yaml:8:45: networks.a.fees.decay: {per_year: 3} is 3 per year; allowed: 0 to 2 per year",
        "s.yaml:9:50: networks.a.wealth.sigmaa: lognormal has no parameter 'sigmaa'; it takes low, high, median, sigma;"
        " did you mean 'sigma'?",
        "s.yaml:11:13: networks.b.supply: '7' is text; expected a number; allowed value > 0 (unit: token); write 7,"
        " without quotes, commas or underscores",
        "s.yaml:12:11: networks.b.rule.reward: required key 'reward' is missing (what it is: First reward.)",
        "s.yaml:12:35: networks.b.rule.period: 2.5 is not a whole number; allowed value > 0 (unit: day)",
        "s.yaml:13:19: networks.b.fees.share: 1.7 is above 1; allowed 0 <= value <= 1 (unit: 1)",
        "s.yaml:13:31: networks.b.fees.decay: 0.1 has no time base; say per what: {per_year: 0.1}"
        " (or per_day, per_week, per_month, per_year)",
        "s.yaml:14:5: networks.b.fees2: unknown key 'fees2'; did you mean 'fees'?",
        "s.yaml:15:10: networks.b.cap: -1 is not above 0; allowed value > 0 (unit: token)",
        "s.yaml:17:5: networks.c.supply: required key 'supply' is missing (what it is: Genesis supply.)",
        "s.yaml:17:10: networks.c.fees: no value is given; expected a mapping",
        "s.yaml:18:37: networks.c.wealth.minimum: -1 is not above 0; allowed value > 0 (unit: unit of the attribute)",
        "s.yaml:19:11: networks.c.rule: choose a rule: give its name, or a mapping with `kind:` one of halving, none",
        "s.yaml:20:17: networks.c.shares.x: true is a yes/no value; expected a number (unit: 1)",
        "s.yaml:21:5: networks.c.reward: unknown key 'reward'; did you mean 'networks.b.rule.reward'?",
        "s.yaml:23:9: events.0.on: '12:30:45' is not a date; write it as 2024-12-31",
        "s.yaml:24:10: events.1.on: '2024-02-30' is not a date of the calendar; write it as 2024-12-31",
        "s.yaml:24:22: events.1.nota: unknown key 'nota'; did you mean 'note'?",
        "s.yaml:25:5: events.2: 5 is a number; expected a mapping",
        "s.yaml:26:10: events.3.on: 20240101 is a number; expected a date",
    ]


@pytest.mark.parametrize(
    ("value", "fragment"),
    [
        ("1_000", "write 1000, without quotes, commas or underscores"),
        ("'1,000'", "write 1000, without quotes, commas or underscores"),
        ("12 USD", "write the number alone, in token"),
        ("abc", "'abc' is text; expected a number; allowed value > 0 (unit: token)"),
        ("[1]", "a list of 1; expected a number"),
        ("{a: 1}", "a mapping; expected a number"),
        ("true", "true is a yes/no value"),
        ("'" + "x" * 100 + "'", "xxx... is text"),
        ("1.2.3%", "'1.2.3%' is text; expected a number"),
    ],
)
def test_hints_on_numbers(value: str, fragment: str, root: type[Spec], read: Read, messages: Messages) -> None:
    assert fragment in messages(check, read(f"networks: {{a: {{supply: {value}}}}}"), root)[0]


def test_known_keys_are_listed_when_none_is_near(root: type[Spec], read: Read, messages: Messages) -> None:
    found = messages(check, read(f"{GOOD}zebra: 1\n"), root)
    assert found == ["s.yaml:2:1: zebra: unknown key 'zebra'; known here: name, seed, fast, networks, events"]


def test_a_union_speaks_of_the_branch_that_was_meant(root: type[Spec], read: Read, messages: Messages) -> None:
    assert messages(check, read("networks: {a: {supply: 1, cap: x}}"), root) == [
        "s.yaml:1:32: networks.a.cap: 'x' is text; expected a number or null; allowed value > 0 (unit: token)"
    ]


class Inner(Spec):
    """One branch."""

    size: float = quantity(unit="1", doc="Size.", gt=0)


class Branches(Spec):
    """A number or a section."""

    either: float | Inner = quantity(unit="1", doc="Either.")
    pair: tuple[float, float] = quantity((0.0, 1.0), unit="1", doc="A pair.")

    @model_validator(mode="after")
    def _agree(self) -> Branches:
        if self.pair[0] > self.pair[1]:
            raise ValueError("pair must rise")
        return self


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("either: {size: -1}", ["s.yaml:1:16: either.size: -1 is not above 0; allowed value > 0 (unit: 1)"]),
        (
            "either: {sise: 1}",
            [
                "s.yaml:1:9: either.size: required key 'size' is missing (what it is: Size.)",
                "s.yaml:1:10: either.sise: unknown key 'sise'; did you mean 'size'?",
            ],
        ),
        ("either: x", ["s.yaml:1:9: either: 'x' is text; expected a number or a mapping (unit: 1)"]),
        ("either: 1\npair: [2, 1]", ["s.yaml:1:1: pair must rise"]),
        ("either: 1\npair: [1]", ["s.yaml:2:7: pair.1: entry 1 is missing (what it is: A pair.)"]),
    ],
)
def test_branches(text: str, found: list[str], read: Read, messages: Messages) -> None:
    assert messages(check, read(text), Branches) == found


def test_cross_checks_come_after_the_fields_and_have_places(root: type[Spec], read: Read, messages: Messages) -> None:
    def cross_check(scenario: object) -> list[tuple[tuple[str | int, ...], str]]:
        return [(("networks", "a", "rule", "period"), "too short"), (("seed",), "unlucky")]

    assert messages(check, read(f"{GOOD}seed: 13\n"), root, cross_check) == [
        "s.yaml:1:35: networks.a.rule.period: too short",
        "s.yaml:2:7: seed: unlucky",
    ]
    assert "below 0" in messages(check, read(f"{GOOD}seed: -13\n"), root, cross_check)[0]
    assert check(read(GOOD), root, lambda scenario: [])


def test_values_from_python_have_no_line(root: type[Spec], messages: Messages) -> None:
    document = Document("scenario given in Python", {"seed": float("nan"), "networks": {}})
    found = messages(check, document, root)
    assert found == ["scenario given in Python: seed: nan: input should be a finite number; allowed value >= 0"]


def test_files_are_looked_for_in_the_folder_of_the_scenario(read: Read, tmp_path: Path) -> None:
    seen: list[object] = []

    class Looks(Spec):
        """Asks for the folder."""

        @model_validator(mode="before")
        @classmethod
        def _look(cls, value: object, info: object) -> object:
            seen.append(info.context["folder"])  # type: ignore[attr-defined]
            return value

    check(dataclasses.replace(read("{}"), folder=tmp_path), Looks)
    assert seen == [tmp_path]


@pytest.mark.parametrize("line", ["k{}: 1", "networks.k{}: true"])
def test_a_hopeless_file_is_refused_quickly(line: str, root: type[Spec], read: Read) -> None:
    text = "networks: {" + ", ".join(f"n{i}: {{supply: x, sply: 3}}" for i in range(3000)) + "}\n"
    document = read(text + "".join(line.format(i) + "\n" for i in range(3000)))
    start = time.process_time()
    with pytest.raises(ScenarioError) as caught:
        check(document, root)
    assert 1 < len(caught.value.problems) <= 401
    assert time.process_time() - start < 10
