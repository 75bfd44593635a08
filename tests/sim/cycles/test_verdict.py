"""Worlds of each kind are told apart, chance is not taken for a cycle, and each rule of a supercycle can reject."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from catallaxy.sim.analysis.market.prices import Floats, Prices
from catallaxy.sim.cli.main import app
from catallaxy.sim.cycles.rules import load_rules
from catallaxy.sim.cycles.summary import NOTHING, ending, lasting, probabilities, typical_path
from catallaxy.sim.cycles.verdict import Verdict, index_of, judge
from catallaxy.sim.cycles.worlds import World
from catallaxy.sim.errors import ScenarioError

RULES = load_rules("supercycle")
START = np.datetime64("2022-01-01")


def prices(log_price: Floats, name: str = "x") -> Prices:
    return Prices(name, START + np.arange(len(log_price)).astype("m8[D]"), np.exp(log_price))


def noise(n: int, sd: float, seed: int) -> Floats:
    return sd * np.random.default_rng(seed).standard_normal(n)


def path(*legs: tuple[int, float]) -> Floats:
    """Return a log price of straight legs: days, and change over them."""
    return np.cumsum(np.concatenate([np.full(days, change / days) for days, change in legs]))


def boom(seed: int = 3) -> Floats:
    """Return a log price that is quiet for a year, explodes for a year to about thirty times, and falls."""
    rising = 3.4 * (np.exp(0.012 * np.arange(365)) - 1.0) / (np.exp(0.012 * 365) - 1.0)
    trend = np.concatenate([np.zeros(365), rising, np.linspace(3.4, 1.5, 300)])
    return trend + noise(len(trend), 0.01, seed)


def judged(tokens: Mapping[str, Floats], sizes: Mapping[str, Floats] | None = None) -> Verdict:
    return judge({name: prices(log_price, name) for name, log_price in tokens.items()}, RULES, sizes)


@pytest.mark.jit
def test_a_broad_explosive_rise_is_a_supercycle() -> None:
    found = judged({"a": boom(1), "b": boom(2)})
    assert found.kind == "supercycle"
    assert found.rise is not None
    assert found.rise.p <= 0.05
    assert found.rise.phase.factor > 20.0
    assert found.rise.breadth == 1.0


@pytest.mark.parametrize(
    ("log_price", "kind"),
    [
        (path((200, 0.0), (150, 1.4), (150, -1.4), (200, 0.1)), "cycle"),
        (path((200, 0.0), (150, 1.4), (30, -0.1), (500, 0.05)), "stall"),
        (path((200, 0.0), (300, -6.0), (200, 0.1)), "death spiral"),
        (path((200, 0.3), (300, -0.6), (200, 0.2)), "no cycle"),
        (path((300, 0.0), (300, 1.4)), "no cycle"),
    ],
)
def test_other_worlds_are_told_apart(log_price: Floats, kind: str) -> None:
    assert judged({"x": log_price + noise(len(log_price), 0.005, 1)}).kind == kind


@pytest.mark.jit
@pytest.mark.slow
def test_chance_is_no_supercycle_and_quiet_chance_no_cycle() -> None:
    quiet = [judged({"x": np.cumsum(noise(1_000, 0.01, seed))}).kind for seed in range(20)]
    wild = [judged({"x": np.cumsum(noise(1_000, 0.06, seed))}).kind for seed in range(20)]
    assert quiet.count("no cycle") >= 19
    assert wild.count("supercycle") <= 1


def test_each_rule_can_reject() -> None:
    straight = path((365, 0.0), (300, 3.0), (300, -1.5))
    steady = judged({"x": straight + noise(len(straight), 0.05, 2)})
    narrow = judged({"a": 4.0 * boom(), **{name: noise(1_030, 0.01, k) for k, name in enumerate("bcd")}})
    small = judged({"x": path((200, 0.0), (300, 1.5), (300, -1.5)) + noise(800, 0.005, 1)})
    recovering = judged({"x": path((10, 4.0), (300, -4.0), (300, 3.0), (100, -1.0)) + noise(710, 0.005, 1)})
    assert failed(steady) <= {"explosive", "duration"}
    assert "breadth" in failed(narrow)
    assert "amplitude" in failed(small)
    assert "over_previous_peak" in failed(recovering)
    assert {steady.kind, narrow.kind, small.kind, recovering.kind} == {"cycle"}


def failed(verdict: Verdict) -> set[str]:
    assert verdict.rise is not None
    return {name for name, passed in verdict.rise.passed.items() if not passed}


def test_money_that_goes_to_small_tokens_last_is_rotation() -> None:
    n = 700
    large, small = (
        path((100, -0.2), (200, 3.0), (200, 0.5), (200, -2.0)),
        path((100, -0.2), (200, 0.5), (200, 3.0), (200, -2.0)),
    )
    tokens = {"a": large, "b": large, "c": small, "d": small}
    sizes = {name: np.full(n, 1e9 if name in "ab" else 1e6) for name in tokens}
    reverse = {name: np.full(n, 1e6 if name in "ab" else 1e9) for name in tokens}
    there, back = judged(tokens, sizes).rise, judged(tokens, reverse).rise
    assert there is not None
    assert back is not None
    assert there.rotation == pytest.approx(5.0, rel=0.02)
    assert back.rotation == pytest.approx(-there.rotation)
    assert there.passed["rotation"]
    assert not back.passed["rotation"]


def test_an_index_counts_each_token_from_the_day_it_is_there() -> None:
    early = prices(path((10, 0.1)), "early")
    late = Prices("late", early.dates[6:], np.exp(2.0 * np.log(early.close[6:])))
    index = index_of({"early": early, "late": late})
    steps = np.diff(np.log(index.close))
    assert steps[:6] == pytest.approx(0.01)
    assert steps[6:] == pytest.approx(0.015)


def test_survival_is_that_of_kaplan_and_meier() -> None:
    worlds = [judged({"x": path((100, -0.2), (days, 1.5), *tail)}) for days, tail in RISES]
    found = lasting(worlds, (40, 70, 120))
    assert found[40].estimate == 1.0
    assert found[70].estimate == pytest.approx(3 / 4, abs=1e-9)
    assert found[120].estimate == pytest.approx(3 / 4 * 1 / 2, abs=1e-9)
    assert lasting([], (10,)) == {}


#: Rises of 60 and 100 days that end, and of 80 and 150 days that the end of the series cuts off.
FALL = ((100, -1.5),)
RISES = [(60, FALL), (100, FALL), (80, ((1, 0.0),)), (150, ((0 + 1, 0.0),))]


def test_probabilities_have_wilson_intervals_and_the_path_is_one_at_the_peak() -> None:
    cycle = judged({"x": path((200, 0.0), (150, 1.4), (150, -1.4), (200, 0.1))})
    flat = judged({"x": path((400, 0.3))})
    found = probabilities([cycle, flat, flat, flat])
    assert (found["cycle"].estimate, found["no cycle"].estimate) == (0.25, 0.75)
    assert found["supercycle"].high == pytest.approx(0.4899, abs=1e-4)
    middle = typical_path([cycle, flat], around=50)
    assert middle["middle"][50] == 1.0
    assert middle["middle"][0] == pytest.approx(np.exp(-1.4 * 50 / 150))
    assert set(middle["n"]) == {1.0}


def test_what_turned_at_the_peak_is_named() -> None:
    log_price = path((200, 0.0), (150, 1.4), (150, -1.4), (200, 0.1))
    verdict, n = judged({"x": log_price}), 700
    inflow = np.where(np.arange(n) < 350, 5.0, 1.0) + noise(n, 0.1, 1)
    world = World({"x": prices(log_price)}, {}, {"capital_inflow": inflow, "joined": noise(n, 1.0, 3)})
    found = ending(verdict, world, {"joined": "down", "capital_inflow": "down"})
    assert found is not None
    assert (found.series, found.change < -2.0) == ("capital_inflow", True)
    other = ending(verdict, world, {"capital_inflow": "up"})
    assert other is not None
    assert other.series == NOTHING


def test_what_is_wrong_with_the_rules_is_said_at_once() -> None:
    Path("mine.yaml").write_text(
        "name: mine\nsupercycle: {amplitude: 2, breadth: 3}\nstall: {day: 5}\nendings: {capital_inflows: down}\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError) as caught:
        load_rules("mine.yaml")
    assert "breadth" in str(caught.value)
    assert "did you mean 'days'" in str(caught.value)


@pytest.mark.jit
@pytest.mark.slow
def test_the_command_judges_prices_and_results() -> None:
    rows = zip(prices(boom()).dates, np.exp(boom()), strict=True)
    Path("p.csv").write_text("date,x\n" + "".join(f"{day},{close}\n" for day, close in rows), encoding="utf-8")
    told = CliRunner().invoke(app, ["verdict", "p.csv", "--json"])
    assert told.exit_code == 0, told.output
    [world] = json.loads(told.stdout)["worlds"]
    assert world["verdict"] == "supercycle"
    run = CliRunner().invoke(app, ["run", "minimal", "--steps", "120", "--replicates", "2", "--no-report", "-q"])
    folder = run.stdout.split()[-1]
    told = CliRunner().invoke(app, ["verdict", folder])
    assert told.exit_code == 0, told.output
    assert "no cycle" in told.stdout
