"""`catallaxy supply`, as a user types it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import yaml

from catallaxy.sim.cli.main import entry

HELIUM = {
    "kind": "composite",
    "rules": [
        {"kind": "halving-by-time", "initial": {"per_year": 60e6}, "every": {"years": 2}},
        {"kind": "reissue-burned", "ceiling": 1643.8356, "every": {"days": 1}},
    ],
}


@pytest.fixture
def supply(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run the command on a token with an emission rule; return exit code, output and messages."""

    def run(emission: object, *options: str, start: str = "2020-01-01", **token: object) -> tuple[int, str, str]:
        network = {"token": {"max_supply": 1e9, "price": 0.1, "emission": emission, **token}}
        document = {"extends": "minimal", "name": "token", "start": start, "networks": {"alpha": network}}
        Path("token.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
        monkeypatch.setattr("sys.argv", ["catallaxy", "supply", "token.yaml", *options])
        code = 0
        try:
            entry()
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_the_years_of_helium(supply) -> None:  # type: ignore[no-untyped-def]
    code, out, err = supply(HELIUM, "--until", "2029", "--json")
    [listed] = json.loads(out)
    minted = [year["minted"] for year in listed["years"]]
    assert (code, listed["network"]) == (0, "alpha")
    assert minted == [60e6, 60e6, 30e6, 30e6, 15e6, 15e6, 7.5e6, 7.5e6, 3.75e6, 3.75e6]
    assert listed["years"][-1]["to"] == "2030-01-01"
    assert listed["assumed"] == ["0 tokens are burned a year."]
    assert Path("supply-token.png").read_bytes().startswith(b"\x89PNG")
    assert err == "Written: supply-token.png\n"


def test_a_table_with_its_assumptions(supply) -> None:  # type: ignore[no-untyped-def]
    rule = {"kind": "staking-step", "start": 2e-4, "change": 0.0, "every": {"days": 1}}
    code, out, _ = supply(rule, "--until", "2020-12-31", "--staked", "0.3", "--out", "f.svg")
    assert code == 0
    assert "Assumed: 0.3 of the supply is staked." in out
    assert out.splitlines()[-1].split()[-1] == "7.57%"
    assert list(Path.cwd().glob("*.png")) == []
    assert "<svg" in Path("f.svg").read_text(encoding="utf-8")


def test_supply_is_genesis_and_issued_less_burned(supply) -> None:  # type: ignore[no-untyped-def]
    code, *_ = supply(HELIUM, "--until", "2021", "--burned", "365250", "--out", "f.csv")
    rows = list(csv.DictReader(Path("f.csv").read_text(encoding="utf-8").splitlines()))
    assert code == 0
    assert len(rows) == 366 + 365 + 1
    for row in rows:
        genesis, issued, burned = (round(float(row[name]) * 1e6) for name in ("genesis", "issued", "burned"))
        assert round(float(row["supply"]) * 1e6) == genesis + issued - burned
        assert float(row["circulating"]) <= float(row["supply"])
    assert float(rows[-1]["burned"]) == pytest.approx(731_000, rel=1e-9)
    # Day by day 1,000 burned tokens come back, once the average of 7 days has caught up.
    again = float(rows[-1]["issued"]) - float(rows[-2]["issued"]) - 60e6 / 365
    assert again == pytest.approx(1_000, rel=1e-6)


def test_unlocks_follow_the_vesting_schedule(supply) -> None:  # type: ignore[no-untyped-def]
    _, out, _ = supply("fixed-supply", "--until", "2022", "--json")
    years = json.loads(out)[0]["years"]
    # minimal: 80 % free at once, a treasury with its own schedule of none, and a team that vests over 720 days
    assert years[0]["unlocked"] < years[1]["unlocked"] == years[2]["unlocked"] == 10e6
    assert years[0]["issued"] == 0


def test_capacity_slows_network_time(supply) -> None:  # type: ignore[no-untyped-def]
    rule = {"kind": "network-baseline", "pool": 1e8, "half_life_days": 1000, "baseline": 100}
    _, plenty, _ = supply(rule, "--until", "2020", "--json")
    _, half, _ = supply(rule, "--until", "2020", "--json", "--capacity", "50")
    _, driven, _ = supply({**rule, "driver": "cloud_gpu_price"}, "--until", "2020", "--json")
    full, slow = (json.loads(out)[0]["years"][0]["minted"] for out in (plenty, half))
    assert full == pytest.approx(1e8 * (1 - 2 ** (-366 / 1000)), rel=1e-9)
    assert slow == pytest.approx(1e8 * (1 - 2 ** (-183 / 1000)), rel=1e-9)
    assert 0 < json.loads(driven)[0]["years"][0]["minted"] < slow
    assert json.loads(driven)[0]["assumed"] == ["The driver 'cloud_gpu_price' follows the scenario."]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--network", "beta"], "there is no network 'beta'; there are alpha"),
        (["--until", "20x"], "'20x' is neither a year (2040) nor a date (2040-06-30)"),
        (["--until", "2019"], "2020-01-01 is not after it"),
        (["--out", "f.pdf"], "neither a figure nor a table"),
        (["--out", "nowhere/f.png"], "cannot be written"),
    ],
)
def test_bad_input(supply, options: list[str], message: str) -> None:  # type: ignore[no-untyped-def]
    code, _, err = supply("fixed-supply", "--until", "2020", *options)
    assert code == 2
    assert message in err
