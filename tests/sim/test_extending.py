"""`docs/extending.md` is executed, and the classes it shows pass the conformance tests of their plug-in points."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import catallaxy as cx
from catallaxy.agents import plugins
from catallaxy.agents.population import PopulationSpec
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.engine.hooks import hook_name
from catallaxy.sim.engine.phases import PHASES
from catallaxy.sim.environment.processes import Process
from catallaxy.sim.markets.services import ComputeMarket
from catallaxy.sim.markets.venues import Venue
from catallaxy.sim.tokenomics.emission import EmissionRule
from catallaxy.sim.tokenomics.sinks import Sink
from catallaxy.sim.tokenomics.subnets import ShareRule
from catallaxy.sim.tokenomics.voting import VotingRule
from catallaxy.sim.trust.verification import VerificationRegime
from contracts.compute_market_contract import ComputeMarketContract
from contracts.emission_contract import EmissionContract
from contracts.population_contract import PopulationContract
from contracts.process_contract import ProcessContract
from contracts.regime_contract import RegimeContract
from contracts.share_contract import ShareContract
from contracts.sink_contract import SinkContract
from contracts.venue_contract import VenueContract
from contracts.voting_contract import VotingContract

pytestmark = pytest.mark.whole

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"\A# ([\w.-]+)$", re.MULTILINE)


@pytest.fixture(scope="module", autouse=True)
def _files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Save the files of the document in one folder, trust its modules, and forget them afterwards."""
    folder, trusted = tmp_path_factory.mktemp("extending"), set(plugins._TRUSTED)
    names = [(found[1], content) for _, content in BLOCKS if (found := FILE_NAME.match(content))]
    for name, content in names:
        (folder / name).write_text(content, encoding="utf-8")
    sys.path.insert(0, str(folder))
    modules = [Path(name).stem for name, _ in names if name.endswith(".py")]
    cx.trust_plugins(*modules)
    yield folder
    sys.path.remove(str(folder))
    plugins._TRUSTED.intersection_update(trusted)
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture
def folder(_files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in the folder of the document's files."""
    monkeypatch.chdir(_files)
    return _files


def documented(module: str, name: str) -> Any:
    """Return a class that the document shows."""
    return getattr(importlib.import_module(module), name)


PROGRAMS = [content for language, content in BLOCKS if language == "python" and not FILE_NAME.match(content)]


@pytest.mark.jit
@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_the_programs_of_the_document_run(folder: Path, number: int) -> None:
    exec(compile(PROGRAMS[number], f"{folder}/program", "exec"), {"__name__": "__main__"})


@pytest.mark.jit
@pytest.mark.slow
def test_the_commands_of_the_document_run(folder: Path) -> None:
    commands = "\n".join(content for language, content in BLOCKS if language == "bash")
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_every_block_is_a_program_a_command_or_a_file() -> None:
    assert {language for language, _ in BLOCKS} == {"python", "yaml", "bash"}
    assert all(FILE_NAME.match(content) for language, content in BLOCKS if language == "yaml")
    assert len(PROGRAMS) >= 7


def test_the_document_names_every_hook() -> None:
    assert set(re.findall(r"`(on_\w+)`", TEXT)) == {hook_name(phase.name) for phase in PHASES}


def test_nothing_is_imported_for_a_scenario_that_was_not_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "_TRUSTED", set())
    with pytest.raises(cx.ScenarioError, match=r"'my_agents:SaversSpec' lives in package my_agents.*not trusted"):
        cx.load("savers.yaml")


@pytest.mark.jit
def test_every_rule_of_the_document_takes_part(folder: Path) -> None:
    tempting = {"populations.compute_nodes.opportunism": 1, "populations.compute_nodes.stake_usd_per_gpu": 1.0}
    scenario = cx.load("rules.yaml", sets=tempting)
    network, economy = scenario.networks["alpha"], Engine(scenario)
    kinds = [
        network.token.emission,
        *network.fees.sinks,
        network.venues[0],
        network.verification,
        scenario.services.compute,
        scenario.drivers.narrative,
    ]
    assert [type(rule).__module__ for rule in kinds].count("more_rules") == 4
    economy.run()
    series = economy.record().series
    plain = cx.run("minimal", steps=60, sets=tempting).series
    for name in ("minted", "burned", "price", "slashed", "gpu_hours_sold"):
        assert not np.array_equal(series[name][:, 0], plain[name].to_numpy()), name
    assert np.all(series["gpu_hours_sold"] <= 0.4 * series["gpu_hours_demanded"] + 0.001)
    assert np.all(series["burned"] >= np.minimum(series["minted"] / 2.0, 1000.0) * 0.999)


@pytest.mark.jit
def test_a_population_of_the_document_hooks_and_trades(folder: Path) -> None:
    engine = Engine(cx.load("savers.yaml"))
    savers = engine.economy.populations["savers"]
    for step in range(1, 6):
        engine.step()
        assert savers.usd_total() == 0
        assert (savers.columns["tokens"] > 0).all()
        assert engine.economy.ledger.steps_checked == step
    assert engine.economy.ledger.sectors[-1] == "savers"


@pytest.mark.jit
def test_bidders_of_the_document_buy_less_the_lower_they_bid(folder: Path) -> None:
    engine = Engine(cx.load("bidders.yaml"))
    bidders = engine.economy.populations["bidders"]
    for _ in range(10):
        engine.step()
    bought = bidders.columns["tokens"]
    assert np.count_nonzero(bought[bidders.columns["margin"] < 0.01]) > 0
    patient = bidders.columns["margin"] > 0.04
    assert bought[patient].mean() < bought[~patient].mean()
    assert engine.economy.ledger.steps_checked == 10


@pytest.mark.jit
def test_another_population_leaves_the_chance_of_the_others_alone(folder: Path) -> None:
    with_savers, without = (
        Engine(cx.load("savers.yaml")).economy,
        Engine(cx.load("minimal", sets={"steps": 60})).economy,
    )
    for name, population in without.populations.items():
        for column, values in population.columns.items():
            np.testing.assert_array_equal(with_savers.populations[name].columns[column], values)
    np.testing.assert_array_equal(with_savers.paths.values, without.paths.values)


class TestSavers(PopulationContract):
    @pytest.fixture
    def spec(self) -> PopulationSpec:
        kind = documented("my_agents", "SaversSpec")
        built: PopulationSpec = kind(
            kind="my_agents:SaversSpec", count=80, budget={"dist": "uniform", "low": 1, "high": 9}
        )
        return built

    @pytest.fixture
    def endowed(self, spec: PopulationSpec, site: Any) -> Any:
        population = spec.build("members", site)
        population.columns["usd"][:] = 3 * population.columns["budget"]
        return population


class TestBidders(PopulationContract):
    @pytest.fixture
    def spec(self) -> PopulationSpec:
        kind = documented("my_bidders", "BiddersSpec")
        built: PopulationSpec = kind(
            kind="my_bidders:BiddersSpec", count=80, budget=5.0, margin={"dist": "uniform", "low": 0, "high": 0.1}
        )
        return built

    @pytest.fixture
    def endowed(self, spec: PopulationSpec, site: Any) -> Any:
        population = spec.build("members", site)
        population.columns["usd"][:] = 3 * population.columns["budget"]
        return population


class TestStakeSensitive(EmissionContract):
    split_tolerance = None

    @pytest.fixture
    def rule(self) -> EmissionRule:
        rule: EmissionRule = documented("my_rules", "StakeSensitive")(
            kind="my_rules:StakeSensitive", tokens_per_day=500.0
        )
        return rule


class TestDealer(VenueContract):
    @pytest.fixture(params=[0.0, 0.01, 0.9])
    def venue(self, request: pytest.FixtureRequest) -> Venue:
        venue: Venue = documented("dealer", "Dealer")(kind="dealer:Dealer", half_spread=request.param)
        return venue


@pytest.mark.jit
def test_everything_trades_with_the_dealer_of_the_document(folder: Path) -> None:
    [venue] = cx.load("dealt.yaml").networks["alpha"].venues
    assert (type(venue).__module__, venue.kind) == ("dealer", "dealer:Dealer")
    result = cx.run("dealt.yaml", steps=30)
    assert result.status == "complete"
    assert result.series["volume_usd"].min() > 0.0
    assert not result.series["price"].equals(cx.run("minimal", steps=30).series["price"])


class TestCautious(ComputeMarketContract):
    @pytest.fixture(params=[0.0, 0.4, 1.0])
    def market(self, request: pytest.FixtureRequest) -> ComputeMarket:
        market: ComputeMarket = documented("more_rules", "Cautious")(
            kind="more_rules:Cautious", entrusted=request.param
        )
        return market


class TestCappedBurn(SinkContract):
    @pytest.fixture
    def sink(self) -> Sink:
        sink: Sink = documented("more_rules", "CappedBurn")(kind="more_rules:CappedBurn", limit=10**9)
        return sink


class TestCappedVotes(VotingContract):
    @pytest.fixture
    def rule(self) -> VotingRule:
        rule: VotingRule = documented("more_rules", "CappedVotes")(kind="more_rules:CappedVotes")
        return rule


class TestEqualShares(ShareContract):
    @pytest.fixture
    def rule(self) -> ShareRule:
        rule: ShareRule = documented("more_rules", "EqualShares")(kind="more_rules:EqualShares")
        return rule


class TestMonthlyInspection(RegimeContract):
    splits_evenly = False

    @pytest.fixture
    def regime(self) -> VerificationRegime:
        regime: VerificationRegime = documented("more_rules", "MonthlyInspection")(kind="more_rules:MonthlyInspection")
        return regime


class TestSeason(ProcessContract):
    @pytest.fixture
    def process(self) -> Process:
        process: Process = documented("more_rules", "Season")(kind="more_rules:Season", level=2.0, period_days=40.0)
        return process
