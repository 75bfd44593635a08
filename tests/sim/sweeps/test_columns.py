"""Columns of parameters: one type each, whatever the points of a design say."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.sweeps.columns import identity_table
from oracles.sweep_tables import make_plan


@pytest.mark.parametrize(
    ("values", "kind", "shown"),
    [
        ([True, False, None], "bool", [True, False, None]),
        ([1, 2, None], "int64", [1, 2, None]),
        ([1, 0.5, None], "double", [1.0, 0.5, None]),
        ([2**60 + 1, 0.5], "double", [2.0**60, 0.5]),
        ([1, True, "burn", 0.1, None], "dictionary", ["1", "True", "burn", "0.1", None]),
        ([None, None], "dictionary", [None, None]),
    ],
    ids=str,
)
def test_a_parameter_has_the_narrowest_type_that_holds_all_its_values(
    values: list[Any], kind: str, shown: list[Any]
) -> None:
    plan = make_plan([{"x": value} for value in values], 1)
    column = identity_table(plan, range(len(values)))["param.x"]
    assert str(column.type).startswith(kind)
    assert column.to_pylist() == shown
