"""The examples of docs/tokenomics.md are executed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from catallaxy.sim.tokenomics.allocation import AllocationSpec, check_allocation
from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionRule
from catallaxy.sim.tokenomics.sinks import SINKS, check_sinks
from catallaxy.sim.tokenomics.staking import STAKING, check_staking
from contracts.emission_contract import EmissionContract

TEXT = (Path(__file__).parents[3] / "docs" / "tokenomics.md").read_text(encoding="utf-8")
YAML: list[dict[str, Any]] = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]


def examples(key: str) -> list[Any]:
    return [block[key] for block in YAML if key in block]


@pytest.mark.parametrize("example", examples("emission"), ids=lambda example: str(example["kind"]))
def test_emission_examples_are_valid(example: dict[str, Any]) -> None:
    assert EMISSIONS.build(example).describe()


def test_allocation_and_sink_examples_are_valid() -> None:
    [allocation], [sinks] = examples("allocation"), examples("sinks")
    assert check_allocation(AllocationSpec.model_validate(allocation), 1e9, None) == []
    assert check_sinks([SINKS.build(sink) for sink in sinks]) == []


@pytest.mark.parametrize("example", examples("staking"), ids=lambda example: str(example["kind"]))
def test_staking_examples_are_valid(example: dict[str, Any]) -> None:
    rule = STAKING.build(example)
    assert rule.describe()
    assert check_staking(rule, 1.0) == []


def test_every_kind_is_documented() -> None:
    for kind in (*EMISSIONS, *SINKS, *STAKING):
        assert f"`{kind}`" in TEXT


class TestTheUserWrittenRule(EmissionContract):
    @pytest.fixture
    def rule(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> EmissionRule:
        [block] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
        (tmp_path / "documented_rules.py").write_text(block, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr("catallaxy.agents.plugins._TRUSTED", {"documented_rules"})
        return EMISSIONS.build({"kind": "documented_rules:StakingTarget", "tokens_per_day": 100.0})
