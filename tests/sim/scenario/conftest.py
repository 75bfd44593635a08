"""A scenario language small enough to read, with everything that the real one has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

import pytest
from pydantic import SerializeAsAny

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.plugins import Plugin, Registered, Registry
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.document import Document
from catallaxy.sim.scenario.yaml_loader import read_text


class Rule(Plugin):
    """An emission rule."""


RULES: Registry[Rule] = Registry("rule", Rule)


@RULES.register("halving")
class Halving(Rule):
    """Halves."""

    period: int = quantity(1461, unit="day", doc="Time between halvings.", gt=0)
    reward: float = quantity(unit="token", doc="First reward.", ge=0, source="white paper")


@RULES.register("none")
class NoRule(Rule):
    """Mints nothing."""


class Fees(Spec):
    """Fees."""

    share: float = quantity(0.01, unit="1", doc="Share of trade value.", ge=0, le=1)
    paid_in: Literal["token", "usd"] = quantity("token", unit="-", doc="What fees are paid in.")
    decay: Rate = rate({"per_year": 0.1}, doc="Decay of fees.", le=2)


class Network(Spec):
    """A network."""

    supply: float = quantity(unit="token", doc="Genesis supply.", gt=0)
    rule: Annotated[SerializeAsAny[Rule], Registered(RULES)] = quantity({"kind": "none"}, unit="-", doc="Emission.")
    fees: Fees = quantity(default_factory=Fees, unit="-", doc="Fees.")
    wealth: Attribute = column(1.0, unit="USD", doc="Wealth of a holder.", ge=0)
    cap: float | None = quantity(None, unit="token", doc="Cap.", gt=0)
    shares: dict[str, float] = quantity(default_factory=dict, unit="1", doc="Shares by name.")


class Event(Spec):
    """An event."""

    on: date = quantity(unit="-", doc="Day of the event.")
    note: str = quantity("", unit="-", doc="What happened.")


class Root(Spec):
    """A scenario."""

    name: str = quantity("small", unit="-", doc="Name.")
    seed: int = quantity(1, unit="-", doc="Root seed.", ge=0)
    fast: bool = quantity(False, unit="-", doc="Whether to hurry.")
    networks: dict[str, Network] = quantity(unit="-", doc="Networks by name.")
    events: tuple[Event, ...] = quantity((), unit="-", doc="Dated events.")


@pytest.fixture
def root() -> type[Root]:
    return Root


@pytest.fixture
def read() -> Callable[[str], Document]:
    return lambda text: read_text(text, "s.yaml")


@pytest.fixture
def messages() -> Callable[..., list[str]]:
    """Return the problems that a call raises, as text."""

    def collect(call: Callable[..., object], *args: object, **kwargs: object) -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            call(*args, **kwargs)
        return [str(problem) for problem in caught.value.problems]

    return collect
