"""Voting rules, quorums and thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.tokenomics.governance import GovernanceSpec
from catallaxy.sim.tokenomics.voting import VOTING, Holdings, VotingRule
from contracts.voting_contract import VotingContract

RULES: list[dict[str, Any]] = [
    {"kind": "token-weighted"},
    {"kind": "token-weighted", "unbonded": 0.0},
    {"kind": "token-weighted", "unbonded": 0.3},
    {"kind": "quadratic"},
    {"kind": "quadratic", "price": 25.0},
    {"kind": "per-head", "minimum": 10.0},
    {"kind": "vote-escrow"},
]


class TestRules(VotingContract):
    @pytest.fixture(params=RULES, ids=str)
    def rule(self, request: pytest.FixtureRequest) -> VotingRule:
        return VOTING.build(request.param)


def test_every_kind_is_tested() -> None:
    assert {rule["kind"] for rule in RULES} == set(VOTING)


@pytest.mark.parametrize(
    ("rule", "votes"),
    [
        ({"kind": "token-weighted"}, [0, 9_000, 1_000_000, 25_000_000]),
        ({"kind": "token-weighted", "unbonded": 0.0}, [0, 0, 0, 15_000_000]),
        ({"kind": "quadratic"}, [0, 0, 1, 5]),
        ({"kind": "quadratic", "price": 0.0001}, [0, 9, 100, 500]),
        ({"kind": "per-head"}, [0, 0, 1, 1]),
        ({"kind": "vote-escrow"}, [0, 0, 0, 7_500_000]),
    ],
    ids=str,
)
def test_what_holdings_count_for(rule: dict[str, Any], votes: list[int]) -> None:
    free, bonded = np.array([0, 9_000, 10**6, 10**7]), np.array([0, 0, 0, 15 * 10**6])
    holdings = Holdings(free, bonded, bonded // 2, 10**6)
    assert VOTING.build(rule).votes(holdings).tolist() == votes


@pytest.mark.parametrize(
    ("cast", "in_favour", "passed"),
    [(40, 21, True), (39, 39, False), (40, 20, False), (1000, 501, True), (0, 0, False)],
)
def test_quorum_and_threshold_are_exact(cast: int, in_favour: int, passed: bool) -> None:
    assert GovernanceSpec(quorum=0.04, threshold=0.5).passes(cast, in_favour, 1000) is passed


def test_a_quorum_of_nothing_needs_a_vote_all_the_same() -> None:
    assert not GovernanceSpec(quorum=0.0, threshold=0.0).passes(0, 0, 10)
    assert GovernanceSpec(quorum=0.0, threshold=0.0).passes(1, 1, 10)
