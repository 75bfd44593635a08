from __future__ import annotations

import pytest

from catallaxy.sim.sweeps.design.settings import read_from_file, structural, undone


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], None),
        (["a.b", "a.c", "b"], None),
        (["a", "a.b"], None),
        (["a.b", "ab"], None),
        (["a.kind", "a.b"], None),
        (["a.b", "a"], (0, 1)),
        (["x", "a.b.c", "a.b"], (1, 2)),
        (["a.b", "a.b"], (0, 1)),
        (["a.b", "a.kind"], (0, 1)),
        (["a.b.c", "a.kind"], (0, 1)),
        (["a.kind", "a.kind"], (0, 1)),
        (["a.b", "b.kind"], None),
        (["kindly.b", "a.kind"], None),
        (["a.per_year", "a.per_month"], (0, 1)),
        (["a.per_year", "b.per_month"], None),
    ],
)
def test_what_undoes_what(paths: list[str], expected: tuple[int, int] | None) -> None:
    assert undone(paths) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"a": 1, "b": "x", "c": None, "d": True}, set()),
        ({"a": 1, "b": {}, "c": [1]}, {1, 2}),
        ({"a.kind": "x", "a.b": [1]}, {0, 1}),
        ({"a": "x", "a.b": [1]}, {0, 1}),
        ({"a.b": [1], "a.c": 2}, {0}),
        ({"a.kind": "x", "a.b.kind": "y", "a.b.c": {}}, {0, 1, 2}),
        ({"b.kind": "x", "a.c": {}}, set() | {1}),
    ],
)
def test_mappings_and_lists_are_structural_with_what_they_are_laid_over(
    settings: dict[str, object], expected: set[int]
) -> None:
    assert structural(list(settings), list(settings.values())) == expected


def test_what_changes_how_a_file_is_read_is_structural() -> None:
    tree = {"drivers": {"x": {"kind": "csv", "file": "x.csv", "points": {}}, "y": {"mean": 1}}}
    paths = ["drivers.y.mean", "drivers.x.value_column"]
    assert read_from_file(paths, frozenset(), tree) == {1}
    assert read_from_file(["drivers.y.mean"], frozenset(), tree) == frozenset()
