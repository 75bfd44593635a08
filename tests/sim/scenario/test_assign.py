from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catallaxy.agents.declaration import Spec
from catallaxy.sim.scenario.assign import Assignment, assign
from catallaxy.sim.scenario.checking import check
from catallaxy.sim.scenario.document import Document, walk
from catallaxy.sim.scenario.parameters import root_slot

Messages = Callable[..., list[str]]
Read = Callable[[str], Document]

TEXT = """\
networks:
  a: {supply: 100, rule: {kind: halving, reward: 5}, fees: {decay: {per_year: 1}}}
  b: {supply: 50, rule: none, wealth: {dist: lognormal, median: 2, sigma: 1}}
events:
  - {on: 2025-01-01}
"""


def after(text: str, root: type[Spec], read: Read) -> Any:
    document = assign(read(TEXT), root_slot(root), Assignment.parse(text))
    check(document, root)
    labelled = {path for path, place in document.places.items() if place.file == f"--set {text}"}
    assert labelled
    assert set(document.places) <= {path for path, _ in walk(document.data)}
    return document.data


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("seed=1e3", ["seed"], 1000.0),
        ("name='7'", ["name"], "7"),
        ("networks.a.supply=5", ["networks", "a", "supply"], 5),
        ("events.0.note=a = b", ["events", 0, "note"], "a = b"),
        ("networks.a.rule.reward=6", ["networks", "a", "rule"], {"kind": "halving", "reward": 6}),
        ("networks.a.rule.period=6", ["networks", "a", "rule"], {"kind": "halving", "reward": 5, "period": 6}),
        ("networks.a.rule.kind=none", ["networks", "a", "rule"], {"kind": "none"}),
        ("networks.a.rule.kind=halving", ["networks", "a", "rule"], {"kind": "halving", "reward": 5}),
        ("networks.b.rule={kind: halving, reward: 1}", ["networks", "b", "rule"], {"kind": "halving", "reward": 1}),
        ("networks.a.fees.share=0.5", ["networks", "a", "fees"], {"decay": {"per_year": 1}, "share": 0.5}),
        ("networks.b.fees.share=0.5", ["networks", "b", "fees"], {"share": 0.5}),
        ("networks.a.fees.decay.per_month=0.1", ["networks", "a", "fees", "decay"], {"per_month": 0.1}),
        ("networks.b.fees.decay.per_month=0.1", ["networks", "b", "fees", "decay"], {"per_month": 0.1}),
        ("networks.b.wealth.sigma=3", ["networks", "b", "wealth"], {"dist": "lognormal", "median": 2, "sigma": 3}),
        ("networks.a.shares.me=0.5", ["networks", "a", "shares"], {"me": 0.5}),
        ("networks.c={supply: 1}", ["networks", "c"], {"supply": 1}),
        ("events=[]", ["events"], []),
        ("networks.a.cap=null", ["networks", "a", "cap"], None),
    ],
)
def test_assignments(text: str, path: list[Any], value: object, root: type[Spec], read: Read) -> None:
    found = after(text, root, read)
    for key in path:
        found = found[key]
    assert found == value


def test_the_document_itself_does_not_change(root: type[Spec], read: Read) -> None:
    document = read(TEXT)
    assign(document, root_slot(root), Assignment.parse("networks.a.rule.reward=6"))
    assert document.data == read(TEXT).data


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("sed=3", "no such parameter 'sed'; did you mean 'seed'?"),
        ("networks.aa.supply=3", "did you mean 'networks.a.supply'?"),
        ("networks.a.supplly=3", "did you mean 'networks.a.supply'?"),
        ("networks.a.reward=3", "did you mean 'networks.a.rule.reward'?"),
        ("networks.zzz.supply=3", "no such parameter 'networks.zzz.supply'; did you mean 'networks.a.supply'?"),
        ("networks.b.rule.reward=3", "no such parameter 'networks.b.rule.reward'"),
        ("networks.a.wealth.sigma=3", "no such parameter 'networks.a.wealth.sigma'"),
        ("seed.x=3", "'seed' is 1 here and has no parts"),
        ("events.1.note=x", "'events' has 1 entry, counted from 0"),
        ("events.-1.note=x", "'events' has 1 entry, counted from 0"),
        ("events.note=x", "'events' has 1 entry, counted from 0"),
        ("networks.b.wealth.per_year=3", "no such parameter"),
        ("quite.unlike=1", "no such parameter 'quite.unlike'"),
        ("seed", "write --set path.to.parameter=value"),
        ("=3", "write --set path.to.parameter=value"),
        ("seed= ", "there is no value after the ="),
        ("seed=[1", "not valid YAML"),
        ("seed=.nan", "not a finite number"),
    ],
)
def test_refusals(text: str, fragment: str, root: type[Spec], read: Read, messages: Messages) -> None:
    found = messages(lambda: assign(read(TEXT), root_slot(root), Assignment.parse(text)))
    assert found[0].startswith(f"--set {text}: ")
    assert fragment in found[0]


def test_bad_values_are_reported_with_the_assignment(root: type[Spec], read: Read, messages: Messages) -> None:
    document = assign(read(TEXT), root_slot(root), Assignment.parse("seed=-1"))
    assert messages(check, document, root) == ["--set seed=-1: seed: -1 is below 0; allowed value >= 0"]
    document = assign(read(TEXT), root_slot(root), Assignment.parse("networks.b.rule.kind=halving"))
    assert messages(check, document, root)[0].startswith(
        "--set networks.b.rule.kind=halving: networks.b.rule.reward: required"
    )
