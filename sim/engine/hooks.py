"""Hooks: a population may act right after any phase, by having a method named after it.

`on_portfolio(economy)` runs after the phase "portfolio", `on_data_market(economy)` after "data market", and so on,
in the order of the populations. Hooks are found once, before the first step; a run without hooks pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from catallaxy.agents.complaints import did_you_mean
from catallaxy.agents.population import Population
from catallaxy.sim.engine.phases import Phase
from catallaxy.sim.state.economy import Economy

__all__ = ["hook_name", "schedule"]

Action = Callable[[Economy], None]

_PREFIX = "on_"


def hook_name(phase: str) -> str:
    """Return the name of the method that runs after a phase ("data market" -> "on_data_market")."""
    return _PREFIX + phase.replace(" ", "_")


def schedule(phases: Sequence[Phase], populations: Iterable[Population]) -> tuple[tuple[str, Action], ...]:
    """Return what a step executes: every phase, followed by the hooks of the populations.

    Parameters
    ----------
    phases : sequence of Phase
    populations : iterable of Population

    Returns
    -------
    tuple of (str, callable)
        Name of the phase, and a function that takes the economy through it and its hooks.

    Raises
    ------
    TypeError
        When a population has a hook for a phase that does not exist.
    """
    members = tuple(populations)
    for population in members:
        _check(population, [hook_name(phase.name) for phase in phases])
    return tuple((phase.name, _followed(phase.run, _hooks(members, hook_name(phase.name)))) for phase in phases)


def _hooks(populations: tuple[Population, ...], name: str) -> tuple[Action, ...]:
    return tuple(getattr(population, name) for population in populations if hasattr(population, name))


def _followed(run: Action, hooks: tuple[Action, ...]) -> Action:
    if not hooks:
        return run

    def run_and_hooks(economy: Economy) -> None:
        run(economy)
        for hook in hooks:
            hook(economy)

    return run_and_hooks


def _check(population: Population, known: list[str]) -> None:
    kind = type(population)
    for name in dir(kind):
        if name.startswith(_PREFIX) and name not in known and callable(getattr(kind, name)):
            raise TypeError(
                f"{kind.__name__}.{name} is named like a hook but there is no such phase{did_you_mean(name, known)}; "
                f"hooks: {', '.join(known)}"
            )
