"""Constants that protocols publish without a case to compute, as the presets carry them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

PROTOCOLS = Path(__file__).parents[3] / "scenarios" / "protocols"

#: By preset: the place in its network, and the published number. Sources are in the presets.
CONSTANTS: dict[str, dict[str, Any]] = {
    "livepeer": {
        "token.emission.start": 218_500e-9,
        "token.emission.change": 500e-9,
        "token.emission.target": 0.5,
        "token.staking.active_set": 100,
        "token.rewards.treasury": 0.1,
    },
    "akash": {"fees.take_rate": 0.2},
    "ocean": {"token.rewards.data": 0.5},
    "arweave": {"token.genesis": 55e6, "token.max_supply": 66e6},
    "helium": {"token.max_supply": 223e6, "fees.credits.credit_usd": 0.00001},
    "io-net": {"token.genesis": 500e6, "token.max_supply": 800e6},
    "aethir": {"token.genesis": 42e9, "token.max_supply": 42e9},
    "story": {"token.genesis": 1e9},
}


def network(preset: str) -> Any:
    return yaml.safe_load((PROTOCOLS / f"{preset}.yaml").read_text(encoding="utf-8"))["networks"]["alpha"]


@pytest.mark.parametrize(("preset", "path"), [(preset, path) for preset, rows in CONSTANTS.items() for path in rows])
def test_presets_carry_the_published_constants(preset: str, path: str) -> None:
    found = network(preset)
    for key in path.split("."):
        found = found[key]
    assert float(found) == CONSTANTS[preset][path]


def test_livepeer_unbonds_in_seven_rounds() -> None:
    # 7 rounds of 5,760 blocks; a round took 0.8807 days, 414.7 a year (1kx)
    token = network("livepeer")["token"]
    assert token["staking"]["unbonding_days"] == pytest.approx(7 * token["emission"]["every"]["days"], abs=1e-3)


def test_later_years_of_render_are_damped() -> None:
    token = network("render")["token"]
    assert token["genesis"] == 2**29
    flows = [row["per_month"] for row in token["emission"]["rows"]]
    for year, after in pairwise(flows[3:-1]):
        assert after / year == pytest.approx(0.945, rel=1e-5)
