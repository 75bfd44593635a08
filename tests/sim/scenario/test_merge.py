from __future__ import annotations

from collections.abc import Callable

import pytest

from catallaxy.sim.scenario.document import Document
from catallaxy.sim.scenario.merge import merge
from catallaxy.sim.scenario.yaml_loader import read_text

Read = Callable[[str], Document]


@pytest.mark.parametrize(
    ("low", "high", "result"),
    [
        ("{a: 1, b: 2}", "{b: 3, c: 4}", {"a": 1, "b": 3, "c": 4}),
        ("{a: {x: 1, y: 2}}", "{a: {y: 3}}", {"a": {"x": 1, "y": 3}}),
        ("{a: [1, 2]}", "{a: [3]}", {"a": [3]}),
        ("{a: {x: 1}}", "{a: 3}", {"a": 3}),
        ("{a: 3}", "{a: {x: 1}}", {"a": {"x": 1}}),
        ("{a: {x: 1}}", "{a: null}", {"a": None}),
        ("{a: {kind: p, x: 1}}", "{a: {kind: q, y: 2}}", {"a": {"kind": "q", "y": 2}}),
        ("{a: {kind: p, x: 1}}", "{a: {kind: p, y: 2}}", {"a": {"kind": "p", "x": 1, "y": 2}}),
        ("{a: {kind: p, x: 1}}", "{a: {y: 2}}", {"a": {"kind": "p", "x": 1, "y": 2}}),
        ("{a: {x: 1}}", "{a: {kind: q}}", {"a": {"kind": "q"}}),
        ("{a: {dist: normal, mean: 1}}", "{a: {dist: pareto, tail: 2}}", {"a": {"dist": "pareto", "tail": 2}}),
        ("{a: {per_year: 12}}", "{a: {per_month: 1}}", {"a": {"per_month": 1}}),
        ("{a: {per_year: 12}}", "{a: {per_block: 1, block_seconds: 6}}", {"a": {"per_block": 1, "block_seconds": 6}}),
    ],
)
def test_merge(low: str, high: str, result: object, read: Read) -> None:
    assert merge(read(low), read(high)).data == result


def test_every_value_keeps_its_place() -> None:
    under = read_text("a:\n  x: 1\n  y: [1, 2]\nb: 3\n", "u")
    over = read_text("\n\na: {x: 5}\n", "o")
    places = merge(under, over).places
    found = {path: (place.file, place.line) for path, place in places.items()}
    assert found == {
        (): ("o", 3),
        ("a",): ("o", 3),
        ("a", "x"): ("o", 3),
        ("a", "y"): ("u", 3),
        ("a", "y", 0): ("u", 3),
        ("a", "y", 1): ("u", 3),
        ("b",): ("u", 4),
    }
