"""Slow twin of `data_fraud`: one provider's choice, and what its data are worth."""

from __future__ import annotations

from typing import Any

__all__ = ["decide_reference", "worth_reference"]


def decide_reference(kind: int, own: float, name: float, cost: float, income: float, fraud: Any) -> tuple[Any, ...]:
    """Return whether a provider cheats, the units that it offers and what a step costs it.

    `kind` is 0 honest, 1 low effort, 2 sybil, 3 poisoner; `name` its reputation; `income` USD per unit and step.
    """
    copies = fraud.copies if kind == 2 else 1.0
    saved = {0: 0.0, 1: cost * (1 - fraud.effort), 2: 0.0, 3: cost * (1 - fraud.effort)}[kind]
    extra = {0: 0.0, 1: 0.0, 2: (copies - 1) * (own * name * income - fraud.copy_cost), 3: fraud.bounty * own}[kind]
    at_risk = fraud.risk * own * copies * name * income
    if kind == 0 or saved + extra <= at_risk:
        return False, own * name, cost
    if kind == 2:
        return True, own * copies * name, cost + (copies - 1) * fraud.copy_cost
    return True, own * name, max(cost * fraud.effort - (fraud.bounty * own if kind == 3 else 0.0), 0.0)


def worth_reference(kind: int, cheats: bool, fraud: Any) -> float:
    """Return what a unit on offer is worth to those who train on it."""
    return {0: 1.0, 1: fraud.effort, 2: 1 / fraud.copies, 3: -fraud.harm}[kind if cheats else 0]
