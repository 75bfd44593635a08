"""docs/venues.md is executed: every scenario on it runs, trades, and uses what its section is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import catallaxy as cx
from catallaxy.sim.markets.services import COMPUTE_MARKETS, DATA_MARKETS, INFERENCE_MARKETS
from catallaxy.sim.markets.venues import VENUES

pytestmark = pytest.mark.whole

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "venues.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SCENARIOS = {content.partition("\n")[0].removeprefix("# "): content for kind, content in BLOCKS if kind == "yaml"}
PROGRAMS = [content for kind, content in BLOCKS if kind == "python"]
#: Of the two pages whose figures are worked out by `draw.py`.
FIGURES = re.findall(
    r"^!\[.+\]\(images/(.+)\.png\)$", TEXT + (DOCS / "presets.md").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.mark.jit
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenarios_of_the_guide_run_and_trade(name: str) -> None:
    Path(name).write_text(SCENARIOS[name], encoding="utf-8")
    result = cx.run(name, steps=10)
    assert result.status == "complete"
    assert result.series["volume_usd"].iloc[-1] > 0.0
    assert result.series["gpu_hours_sold"].sum() > 0.0


@pytest.mark.jit
@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_the_programs_of_the_guide_run(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(PROGRAMS[number], "program", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out


def test_every_block_is_a_program_or_a_named_scenario() -> None:
    assert len(SCENARIOS) + len(PROGRAMS) == len(BLOCKS)
    assert all(yaml.safe_load(content)["name"] == name.removesuffix(".yaml") for name, content in SCENARIOS.items())


def test_every_kind_has_a_scenario() -> None:
    choices = [yaml.safe_load(content) for content in SCENARIOS.values()]
    venues = {
        venue["kind"] for choice in choices for venue in choice.get("networks", {}).get("alpha", {}).get("venues", ())
    }
    services = [choice.get("services", {}) for choice in choices]
    assert venues == set(VENUES)
    for part, kinds in (("compute", COMPUTE_MARKETS), ("data", DATA_MARKETS), ("inference", INFERENCE_MARKETS)):
        named = [service[part] for service in services if part in service]
        assert {rule if isinstance(rule, str) else rule["kind"] for rule in named} == set(kinds)


def test_every_figure_is_drawn_and_shown() -> None:
    from draw import FIGURES as DRAWN

    assert list(DRAWN) == FIGURES
    for name in FIGURES:
        picture = DOCS / "images" / f"{name}.png"
        assert picture.stat().st_size < 60_000
        assert picture.read_bytes().startswith(b"\x89PNG")
