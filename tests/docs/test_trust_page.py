"""What docs/trust.md says about copying is what validators do."""

from __future__ import annotations

from pathlib import Path

import pytest

from catallaxy.sim.trust.validators import ValidatorConsensus
from catallaxy.sim.trust.verification import Seen

PAGE = (Path(__file__).parents[2] / "docs" / "trust.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("| `copy_loss` | validators")[2].partition("\n\n")[0].splitlines()[2:]
COST, EMISSION = 2.0, 3240.0


@pytest.mark.parametrize("line", TABLE)
def test_the_table_of_copies(line: str) -> None:
    loss, scoring, stake, reached, found, wronged = (cell.strip() for cell in line.split("|")[1:-1])
    rule = ValidatorConsensus(kind="validator-consensus", copy_loss=float(loss), scoring_cost=COST)
    terms = rule.terms(1.0, Seen(emission_usd=EMISSION))
    many = round(terms.outside_cost / COST)
    assert many == int(scoring)
    assert f"{rule.stakes()[:many].sum() / 1e4:.0%}" == stake.replace(" ", "")
    assert round(terms.probability, 2) == float(reached)
    assert round(terms.probability * terms.detection, 2) == float(found)
    assert float(f"{terms.probability * terms.false_positive:.0e}") == float(wronged)
