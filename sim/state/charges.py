"""Prices that the networks themselves set, and move: tolls and registrations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catallaxy.agents.population import Ints
from catallaxy.sim.scenario.schema_network import FeesSpec
from catallaxy.sim.state.tolls import TollBook
from catallaxy.sim.tokenomics.sinks import SERVICES, PricedRegistration
from catallaxy.sim.tokenomics.units import to_base

__all__ = ["ChargeBook"]


class ChargeBook:
    """What networks charge for the use of services and for coming online.

    Parameters
    ----------
    fees : sequence of FeesSpec
        One per network.
    base : int64[K]
        Base units per token.

    Attributes
    ----------
    tolls : dict of str to TollBook
        By service.
    registrations : list of (PricedRegistration or None)
        None where entry is free.
    last : int64[K], base units
        What prices of entry start from since the last registration.
    since_us : int64[K], microseconds
        Time of the last registration.
    """

    def __init__(self, fees: Sequence[FeesSpec], base: Ints) -> None:
        self._base = [int(b) for b in base]
        self.tolls = {service: TollBook([spec.tolls[service] for spec in fees]) for service in SERVICES}
        rules = [spec.registration for spec in fees]
        self.registrations = [rule if isinstance(rule, PricedRegistration) else None for rule in rules]
        starts = [0.0 if rule is None else rule.start for rule in self.registrations]
        self.last = np.array([to_base(start, b) for start, b in zip(starts, self._base, strict=True)], np.int64)
        self.since_us = np.zeros(len(fees), np.int64)

    def follow(self, k: int, fees: FeesSpec, now_us: int) -> None:
        """Let network `k` charge by other rules from a time on; a rule of another kind starts anew."""
        for service, toll in fees.tolls.items():
            self.tolls[service].follow(k, toll)
        priced = fees.registration if isinstance(fees.registration, PricedRegistration) else None
        before = self.registrations[k]
        self.registrations[k] = priced
        if priced is not None and (before is None or before.kind != priced.kind):
            self.last[k], self.since_us[k] = to_base(priced.start, self._base[k]), now_us

    def entry(self, now_us: int) -> list[int]:
        """Return the prices of registrations at a time, base units; 0 where entry is free."""
        return [
            0
            if rule is None
            else rule.cost(int(self.last[k]), rule.blocks(now_us - int(self.since_us[k])), self._base[k])
            for k, rule in enumerate(self.registrations)
        ]

    def enter(self, k: int, cost: int, entrants: int, now_us: int) -> None:
        """Let so many enter network `k` at a price."""
        rule = self.registrations[k]
        if rule is not None and entrants > 0:
            self.last[k] = rule.after(cost, entrants, self._base[k])
            self.since_us[k] = now_us
