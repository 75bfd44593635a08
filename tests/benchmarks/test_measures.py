"""How the benchmarks measure, scale and report."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.children import environment, run_child
from bench.clock import Ratio, best_of, interleaved, ratios
from bench.finding import Finding, at_least, at_most, show
from bench.full_step import scaled
from bench.growth import exponent
from bench.memory import state_bytes
from rich.console import Console

from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.scenario.loading import load

RUN = Path(__file__).resolve().parents[2] / "benchmarks" / "run.py"


def busy(turns: int) -> int:
    return sum(i * i for i in range(turns))


def test_a_rival_that_does_ten_times_the_work_takes_several_times_as_long() -> None:
    found = ratios(lambda: busy(20_000), {"same": lambda: busy(20_000), "ten": lambda: busy(200_000)}, 5)
    assert found["ten"].value > 3.0 * found["same"].value
    assert Ratio(6.0, 2.0).value == 3.0


def test_every_rival_takes_every_turn() -> None:
    calls: list[str] = []
    best = interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 3)
    assert calls == ["a", "b"] * 3
    assert set(best) == {"a", "b"}
    assert best_of(lambda: calls.append("c"), 4) >= 0.0
    assert calls[-4:] == ["c"] * 4


def test_the_exponent_of_a_power_law_is_its_power() -> None:
    sizes = [1e4, 1e5, 1e6]
    assert exponent(sizes, [3e-9 * n**1.5 for n in sizes]) == pytest.approx(1.5)


def test_targets_know_whether_they_are_met() -> None:
    assert at_least("speed", 5.0, 5.0).met
    assert not at_least("speed", 4.9, 5.0).met
    assert at_most("memory", 200.0, 200.0).met
    assert not at_most("memory", 201.0, 200.0).met


def test_a_finding_prints_its_table_its_targets_and_its_notes() -> None:
    rows: list[dict[str, Any]] = [{"agents": 1_000, "ns": 4.5}, {"agents": 2_000, "ns": 1234.0, "only here": "x"}]
    finding = Finding("Speed", rows, [at_most("ns", 9.0, 5.0)], ["no compiler"])
    text = io.StringIO()
    show(finding, Console(file=text, width=120))
    for part in ("Speed", "only here", "1,234", "MISSED", "at most 5", "no compiler"):
        assert part in text.getvalue()
    assert json.loads(json.dumps(finding.as_json()))["targets"][0]["met"] is False


def test_scaling_keeps_wealth_liquidity_and_emission_per_head() -> None:
    base = load("deai-2026")
    large = scaled(base, 5 * base.agents)
    assert large.agents == pytest.approx(5 * base.agents, rel=1e-3)

    def per_head(agents: int) -> list[float]:
        economy = Engine(scaled(base, agents).model_copy(update={"steps": 5})).economy
        value = economy.price_micro()[0]
        speculators, pool = economy.speculators, economy.pools[0][0]
        return [x / speculators.n for x in (float(speculators.tokens.sum()) * value, pool.usd, pool.tokens * value)]

    assert per_head(40_000) == pytest.approx(per_head(8_000), rel=1e-2)


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"exited with 3: so it goes"):
        run_child(
            ["-c", "import sys; print('so it goes', file=sys.stderr); sys.exit(3)"], environment(tmp_path), tmp_path
        )


def test_a_child_reports_its_cost_and_output(tmp_path: Path) -> None:
    cost = run_child(["-c", "sum(range(3_000_000)); print('done')"], environment(tmp_path), tmp_path)
    assert cost.output == "done\n"
    assert cost.cpu > 0.0
    assert cost.wall > 0.0


def test_an_unknown_benchmark_is_named_with_the_known_ones() -> None:
    run = subprocess.run([sys.executable, str(RUN), "spede"], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "no benchmark is called spede" in run.stderr
    assert "block" in run.stderr


def test_state_is_at_most_200_bytes_per_agent() -> None:
    engine = Engine(scaled(load("deai-2026"), 10_000).model_copy(update={"steps": 5}))
    assert 30.0 < state_bytes(list(engine.economy.populations.values())) <= 200.0
