from __future__ import annotations

from collections.abc import Callable

import pytest

from catallaxy.agents.declaration import Spec
from catallaxy.sim.scenario.describe import Row, describe

Messages = Callable[..., list[str]]


def rows(root: type[Spec], path: str = "") -> dict[str, Row]:
    return {row.path: row for row in describe(root, path)}


def test_every_parameter_has_a_row(root: type[Spec]) -> None:
    found = rows(root)
    assert found["seed"] == Row("seed", "integer", "-", "1", "value >= 0", "Root seed.", "")
    assert found["networks"].type == "mapping of section"
    assert found["networks.<name>.supply"] == Row(
        "networks.<name>.supply", "number", "token", "required", "value > 0", "Genesis supply.", ""
    )
    assert found["networks.<name>.fees.share"].allowed == "0 <= value <= 1"
    assert found["networks.<name>.fees.paid_in"].allowed == "one of token, usd"
    assert found["networks.<name>.fees.decay"].default == "{per_year: 0.1}"
    assert found["networks.<name>.fees.decay"].allowed == "0 <= value <= 2 per year"
    assert found["networks.<name>.rule"].type == "rule"
    assert found["networks.<name>.rule"].default == "none"
    assert found["networks.<name>.wealth"].type == "number or distribution"
    assert found["networks.<name>.wealth"].allowed == "value >= 0"
    assert found["networks.<name>.cap"].type == "number or null"
    assert found["events.<n>.on"].type == "date"
    assert found["rule:halving"].description == "Halves."
    assert found["rule:halving.reward"].source == "white paper"
    assert found["distribution:lognormal.sigma"].type == "number"
    assert "rule:halving.kind" not in found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("seed", ["seed"]),
        ("events.0", ["events.<n>", "events.<n>.on", "events.<n>.note"]),
        ("networks.deai.cap", ["networks.<name>.cap"]),
        (
            "networks.deai.rule",
            ["networks.<name>.rule", "rule:halving", "rule:halving.period", "rule:halving.reward", "rule:none"],
        ),
        ("networks.deai.rule.reward", ["rule:halving.reward"]),
        ("halving", ["rule:halving", "rule:halving.period", "rule:halving.reward"]),
        ("rule:halving", ["rule:halving", "rule:halving.period", "rule:halving.reward"]),
        ("rule:halving.period", ["rule:halving.period"]),
        ("networks.deai.wealth.tail", ["distribution:pareto.tail"]),
    ],
)
def test_parts(path: str, expected: list[str], root: type[Spec]) -> None:
    assert list(rows(root, path)) == expected


@pytest.mark.parametrize(
    ("path", "hint"),
    [("networks.a.suply", "networks.<name>.supply"), ("period", "rule:halving.period"), ("sed", "seed")],
)
def test_unknown_paths(path: str, hint: str, root: type[Spec], messages: Messages) -> None:
    assert messages(describe, root, path) == [f"describe: no such parameter {path!r}; did you mean {hint!r}?"]


def test_the_real_language_is_documented() -> None:
    from catallaxy.sim.scenario.schema import Scenario

    found = describe(Scenario)
    assert len(found) > 200
    assert [row.path for row in found if not row.description] == []
    assert [row.path for row in found if not row.unit and row.type != "kind"] == []
    assert {"agent kind:users.count", "process:ou.mean"} <= {row.path for row in found}
    assert describe(Scenario, "populations.users.count")[0].path == "agent kind:users.count"
