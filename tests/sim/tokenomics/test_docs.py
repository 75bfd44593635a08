"""The examples of docs/tokenomics.md are executed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from catallaxy.agents.population import AGENT_KINDS
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.yaml_loader import read_text
from catallaxy.sim.tokenomics.allocation import AllocationSpec, check_allocation
from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionRule
from catallaxy.sim.tokenomics.sinks import CREDITS, REGISTRATIONS, SINKS, TOLLS, TradeTax, check_sinks
from catallaxy.sim.tokenomics.staking import STAKING, check_staking
from contracts.emission_contract import EmissionContract
from documented_rules import TEXT, written

BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
YAML: list[dict[str, Any]] = [read_text(block, "docs/tokenomics.md").data for block in BLOCKS]


def examples(key: str) -> list[Any]:
    return [block[key] for block in YAML if key in block]


@pytest.mark.parametrize(
    "example", [e for e in examples("emission") if ":" not in e["kind"]], ids=lambda example: str(example["kind"])
)
def test_emission_examples_are_valid(example: dict[str, Any]) -> None:
    assert EMISSIONS.build(example).describe()


def test_allocation_and_sink_examples_are_valid() -> None:
    [allocation], [sinks] = examples("allocation"), examples("sinks")
    assert check_allocation(AllocationSpec.model_validate(allocation), 1e9, None) == []
    assert check_sinks([SINKS.build(sink) for sink in sinks]) == []
    assert [CREDITS.build(example).kind for example in examples("credits")] == ["burn-and-mint"]
    assert [REGISTRATIONS.build(example).kind for example in examples("registration")] == ["decaying-cost"]
    assert [TradeTax.model_validate(example).rate for example in examples("trade_tax")] == [0.01]
    assert [TOLLS.build(example).kind for example in examples("toll")] == ["base-fee"]


@pytest.mark.parametrize("example", examples("staking"), ids=lambda example: str(example["kind"]))
def test_staking_examples_are_valid(example: dict[str, Any]) -> None:
    rule = STAKING.build(example)
    assert rule.describe()
    assert check_staking(rule, 1.0) == []


def test_population_examples_are_valid() -> None:
    for populations in examples("populations"):
        for name, parameters in populations.items():
            assert AGENT_KINDS.build({"kind": name, **parameters}).kind == name


def test_every_kind_is_documented() -> None:
    for kind in (*EMISSIONS, *SINKS, *STAKING, *(kind for kind in REGISTRATIONS if kind != "none")):
        assert f"`{kind}`" in TEXT
    for kind in (*CREDITS, *TOLLS):
        assert kind == "none" or f"kind: {kind}" in TEXT


class TestTheUserWrittenRule(EmissionContract):
    @pytest.fixture
    def rule(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> EmissionRule:
        written(0, tmp_path, monkeypatch)
        return EMISSIONS.build({"kind": "my_rules:StakingTarget", "tokens_per_day": 100.0})


@pytest.mark.jit
class TestTheCompiledRule(EmissionContract):
    @pytest.fixture
    def rule(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> EmissionRule:
        written(1, tmp_path, monkeypatch)
        return EMISSIONS.build({"kind": "my_rules:BlockTarget", "reward": 0.01, "block_seconds": 600.0})


@pytest.mark.jit
def test_the_compiled_rule_runs_from_yaml(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written(1, tmp_path, monkeypatch)
    [example] = (e for e in examples("emission") if ":" in e["kind"])
    sets = {"networks.alpha.token.max_supply": None, "networks.alpha.token.emission": example, "steps": 3}
    record = simulate(load("minimal", sets=sets))
    assert record.status == "complete", record.error
    minted = record.series["minted"][:, 0]
    assert minted[0] == pytest.approx(3_600 * (1 + 3_600e-7), rel=1e-6)
    assert minted[0] < minted[1] < minted[2]
