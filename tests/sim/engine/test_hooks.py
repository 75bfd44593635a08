"""Populations that act in a phase: when they are called, and what a wrong name gets."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.agents.population import Population
from catallaxy.sim.engine.hooks import hook_name, schedule
from catallaxy.sim.engine.phases import PHASES, Phase


def population(**methods: Any) -> Population:
    """Return an empty population with these methods."""
    kind = type("Watchers", (Population,), methods)
    return object.__new__(kind)


def test_without_hooks_the_phases_themselves_are_run() -> None:
    assert schedule(PHASES, [population()]) == tuple((phase.name, phase.run) for phase in PHASES)


def test_every_phase_can_be_hooked_and_keeps_its_place() -> None:
    names = [hook_name(phase.name) for phase in PHASES]
    assert "on_rewards_and_sinks" in names
    hooked = population(**{name: lambda _self, _economy: None for name in names})
    found = schedule(PHASES, [hooked])
    assert [name for name, _ in found] == [phase.name for phase in PHASES]
    assert all(run is not phase.run for (_, run), phase in zip(found, PHASES, strict=True))


def test_hooks_follow_their_phase_in_the_order_of_the_populations() -> None:
    first = population(on_adoption=lambda _self, seen: seen.append("first"))
    second = population(on_adoption=lambda _self, seen: seen.append("second"))
    phase = Phase("adoption", "Users move.", lambda seen: seen.append("phase"))  # type: ignore[attr-defined]
    ((_, run),) = schedule([phase], [first, second])
    seen: list[str] = []
    run(seen)  # type: ignore[arg-type]  # any object may stand for the economy here
    assert seen == ["phase", "first", "second"]


def test_a_hook_for_no_phase_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Watchers\.on_portfollio .* did you mean 'on_portfolio'\?; hooks: on_env"):
        schedule(PHASES, [population(on_portfollio=lambda _self, _economy: None)])
