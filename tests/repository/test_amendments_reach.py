"""What holders decide reaches whatever has read the old rules: no part of a run keeps a number that was voted away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

import numpy as np
import pytest

from catallaxy.agents.declaration import Spec
from catallaxy.sim.engine.genesis import found
from catallaxy.sim.engine.governance import enact
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.amending import GOVERNABLE
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario
from repository.test_parameters_matter import (
    BUSY,
    OTHER_STAKING,
    STAKING_AT,
    SUBNETS_AT,
    WITH_SUBNETS,
    numbers,
    others,
)

pytestmark = [pytest.mark.jit, pytest.mark.slow]

ALPHA = "networks.alpha."
PARTS = {part: f"{ALPHA}{part}" for part in GOVERNABLE}
#: What says nothing about rules: the scenario with its votes; balances, prices and expectations at the start; and
#: policies, which every step takes from `base_policy`.
STATE = {"scenario", "governance", "specs", "ledger", "metrics", "quoted", "populations", "policy", "log_fundamental"}
STATE |= {"start_usage", "start_circulating", "stakers", "held", "slots", "last_price", "appeal", "first_appeal"}
#: What is set, and below which paths the votes are: everything that can be voted on, for each kind of rule.
VARIANTS: dict[str, tuple[dict[str, Any], str]] = {
    "busy": ({}, ALPHA),
    "subnets": (WITH_SUBNETS, SUBNETS_AT),
    **{rule["kind"]: ({STAKING_AT: rule}, STAKING_AT) for rule in OTHER_STAKING},
}


def legal(sets: dict[str, Any], below: str) -> dict[str, Any]:
    """Return another value for every number below a path that can have one together with the others."""
    chosen: dict[str, Any] = {}
    for path, value in numbers(load(BUSY, sets=sets)):
        if not path.startswith(below) or not path.startswith(tuple(PARTS.values())):
            continue
        for other in others(value):
            try:
                load(BUSY, sets={**sets, **chosen, path: other})
            except ScenarioError:
                continue
            chosen[path] = other
            break
    return chosen


def voted_on(sets: dict[str, Any], chosen: dict[str, Any]) -> Scenario:
    """Return a scenario whose votes replace every part of the network by what was chosen."""
    new = load(BUSY, sets={**sets, **chosen}).model_dump(mode="json")["networks"]["alpha"]
    parts = {path: reduce(dict.__getitem__, part.split("."), new) for part, path in PARTS.items()}
    proposals = [
        {"parameter": path, "value": value, "voted": f"2024-01-{day:02}"}
        for day, (path, value) in enumerate(parts.items(), 1)
        if value is not None and any(other.startswith(path) for other in chosen)
    ]
    return load(BUSY, sets={**sets, f"{ALPHA}governance": {"proposals": proposals}})


def open_to_votes(sets: dict[str, Any], below: str) -> tuple[dict[str, Any], Scenario]:
    """Return what of the numbers below a path a vote can change, to which values, and the scenario that votes on it."""
    chosen = legal(sets, below)
    try:
        return chosen, voted_on(sets, chosen)
    except ScenarioError as error:
        said = " ".join(problem.message for problem in error.problems).replace(",", " ").split()
        fixed = tuple(word for word in said if word.startswith(ALPHA))
        chosen = {path: value for path, value in chosen.items() if not path.startswith(fixed)}
        return chosen, voted_on(sets, chosen)


def leaves(thing: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield path and value of every number and rule that an object holds, each object once."""
    if isinstance(thing, int | float | np.number | np.ndarray | Spec):
        yield path, thing
    elif id(thing) not in seen:
        seen.add(id(thing))
        if isinstance(thing, Mapping):
            items: Any = thing.items()
        elif isinstance(thing, list | tuple):
            items = enumerate(thing)
        else:
            items = getattr(thing, "__dict__", {}).items()
        for name, item in items:
            if name not in STATE:
                yield from leaves(item, f"{path}.{name}", seen)


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(np.all(np.asarray(one == other)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_keeps_what_was_voted_away(variant: str) -> None:
    """Whatever would differ had the run begun with other rules, differs once these are voted in."""
    sets, below = VARIANTS[variant]
    chosen, scenario = open_to_votes(sets, below)
    assert chosen
    runs = [found(load(BUSY, sets=changes)) for changes in (sets, {**sets, **chosen})]
    before, after = (dict(leaves(run, "", set())) for run in runs)
    economy = found(scenario)
    book = economy.governance
    assert book is not None
    for step in range(len(PARTS)):
        for k, proposal in book.voted(step):
            book.pass_on(k, proposal, 0, 1)
    economy.step = 1
    enact(economy)
    assert economy.guards == {}
    assert economy.specs[0].model_copy(update={"governance": None}) == runs[1].specs[0]
    amended = dict(leaves(economy, "", set()))
    read = [path for path in before if path in after and not same(before[path], after[path])]
    assert [path for path in read if same(before[path], amended[path])] == []
