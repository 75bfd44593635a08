"""The cap of Bitcoin: satoshi by satoshi, and the published numbers."""

from __future__ import annotations

from catallaxy.papers.nakamoto_2008.replication import Parameters
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate

NAME = "nakamoto-2008"


def test_the_expected_numbers_follow_from_integer_halvings() -> None:
    replication = find_replication(NAME)
    p, tables = replication.parameters(), replication.expected().tables
    assert isinstance(p, Parameters)
    expected = {name: value for table in tables for name, value in table.values.items()}
    rewards = [int(p.reward * 10**8) >> n for n in range(64)]
    satoshi = p.interval * sum(rewards)
    numbers = {
        "issued in the end": satoshi / 10**8,
        "lost to rounding": (21 * 10**14 - satoshi) / 10**8,
        "first block without a reward": p.interval * rewards.index(0),
        **{f"issued at block {p.interval * n:,}": p.interval * sum(rewards[:n]) / 10**8 for n in range(1, 6)},
    }
    assert numbers == expected
    assert p.blocks > expected["first block without a reward"]


def test_large_steps_agree() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 8


def test_steps_of_a_few_days_agree() -> None:
    assert replicate(NAME).passed
