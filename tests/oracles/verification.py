"""Slow twin of `verification`: one node at a time."""

from __future__ import annotations

from typing import NamedTuple

from oracles import randomness

SECOND_DRAW = 0xA0761D6478BD642F


class Node(NamedTuple):
    """One node as verification sees it; stake in base units."""

    id: int
    network: int
    online: int
    opportunist: int
    cheating: int
    stake: int
    reputation: float


class Terms(NamedTuple):
    """An audit regime on one network."""

    probability: float
    detection: float
    false_positive: float
    slash: float
    memory: float = 0.9


def decide_cheating_reference(node: Node, terms: Terms, saving: float, token_value: float) -> int:
    """Return 1 when the node cheats: it can, it is online, and the saving beats the expected loss."""
    loss = terms.probability * terms.detection * terms.slash * float(node.stake) * token_value
    return int(bool(node.online and node.opportunist and saving > loss))


def audit_node_reference(key: int, node: Node, terms: Terms) -> tuple[Node, int, bool]:
    """Return the node after a possible audit, the base units slashed, and whether it was found guilty."""
    (bits,) = randomness.agent_bits(key, [node.id])
    audited = node.online and unit_interval(bits) < terms.probability
    if not audited:
        return node, 0, False
    memory = terms.memory
    chance = terms.detection if node.cheating else terms.false_positive
    if unit_interval(randomness.mix(bits ^ SECOND_DRAW)) < chance:
        loss = min(int(float(node.stake) * terms.slash), node.stake)
        return node._replace(stake=node.stake - loss, reputation=memory * node.reputation), loss, True
    return node._replace(reputation=memory * node.reputation + (1.0 - memory)), 0, False


def unit_interval(bits: int) -> float:
    """Return the uniform draw that 64 random bits stand for."""
    return (float(bits >> 11) + 0.5) / 2.0**53


def measure_saving_reference(sold: int, cost: float, share: float) -> float:
    """Return the USD saved by faking `sold` milli-GPU-hours that cost `cost` USD per GPU-hour to run."""
    return float(sold) * 1e-3 * cost * share
