from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter

from catallaxy.sim.sweeps.design.designs import FORMS, Design

DESIGN: TypeAdapter[Any] = TypeAdapter(Design)
LEVELS = st.lists(st.integers(0, 9), min_size=1, max_size=4)
SHORT = {"a": {"low": 0, "high": 1}, "b": {"low": 10, "high": 1000, "scale": "log"}, "c": {"choices": ["x", "y"]}}


def rows(given: dict[str, Any], seed: int = 1) -> list[dict[str, Any]]:
    design = DESIGN.validate_python(given)
    found = [{setting.path: setting.value for setting in row} for row in design.rows(("design",), (seed,))]
    assert len(found) == design.size
    names = {path for path, _ in design.names()}
    assert names == {path for row in found for path in row}
    return found


@given(st.dictionaries(st.sampled_from("abcd"), LEVELS, min_size=1))
def test_a_grid_is_the_product_of_its_levels_with_the_first_slowest(levels: dict[str, list[int]]) -> None:
    expected = [dict(zip(levels, values, strict=True)) for values in itertools.product(*levels.values())]
    assert rows({"grid": levels}) == expected


def test_zip_goes_side_by_side() -> None:
    found = rows({"zip": {"a": [1, 2, 3], "b": {"from": 0, "to": 1, "count": 3}}})
    assert found == [{"a": 1, "b": 0.0}, {"a": 2, "b": 0.5}, {"a": 3, "b": 1.0}]


def test_a_list_holds_rows_that_name_what_they_like() -> None:
    design = DESIGN.validate_python({"list": [{"a": 1, "b": {"named": {"rule": {"kind": "x"}}}}, {"c": {"k": 2}}, {}]})
    found = list(design.rows(("design",), (1,)))
    assert [[(s.path, s.value, s.shown) for s in row] for row in found] == [
        [("a", 1, 1), ("b", {"kind": "x"}, "rule")],
        [("c", {"k": 2}, "{k: 2}")],
        [],
    ]
    assert found[0][0].place == ("design", "list", 0, "a")
    assert found[0][1].place == ("design", "list", 0, "b", "named", "rule")
    assert found[0][1].parameter_place == ("design", "list", 0, "b")


@given(st.integers(1, 40), st.integers(0, 2**63 - 1))
def test_a_latin_hypercube_has_one_value_in_each_slice(count: int, seed: int) -> None:
    found = rows({"lhs": {"count": count, "of": SHORT}}, seed)
    slices = [min(int(row["a"] * count), count - 1) for row in found]
    assert sorted(slices) == list(range(count))
    logs = [min(int(np.log10(row["b"] / 10) / 2 * count + 1e-9), count - 1) for row in found]
    assert sorted(logs) == list(range(count))


@pytest.mark.parametrize("count", [1, 2, 8, 64])
def test_a_sobol_sequence_is_balanced(count: int) -> None:
    found = rows({"sobol": {"count": count, "of": SHORT}})
    assert sorted(int(row["a"] * count) for row in found) == list(range(count))
    if count > 1:
        assert Counter(row["c"] for row in found) == {"x": count // 2, "y": count // 2}


@pytest.mark.parametrize("method", ["lhs", "sobol", "random"])
def test_draws_depend_on_the_seed_and_on_nothing_else(method: str) -> None:
    design = {method: {"count": 8, "of": SHORT}}
    assert rows(design, 1) == rows(design, 1)
    assert rows(design, 1) != rows(design, 2)
    own = {method: {"count": 8, "of": SHORT, "seed": 5}}
    assert rows(own, 1) == rows(own, 2)
    assert rows(own, 1) != rows(design, 1)


def test_the_parts_of_a_product_draw_apart() -> None:
    part = {"random": {"count": 3, "of": {"a": {"low": 0, "high": 1}}}}
    other = {"random": {"count": 3, "of": {"b": {"low": 0, "high": 1}}}}
    found = rows({"product": [part, other]})
    assert {row["a"] for row in found}.isdisjoint({row["b"] for row in found})


def test_a_product_combines_the_rows_of_designs_and_nests() -> None:
    inner = {"product": [{"zip": {"b": [1, 2], "c": [3, 4]}}, {"list": [{"d": 5}, {}]}]}
    found = rows({"product": [{"grid": {"a": [0, 9]}}, inner]})
    assert found == [{"a": a, "b": b, "c": c, **d} for a in (0, 9) for b, c in ((1, 3), (2, 4)) for d in ({"d": 5}, {})]


def test_a_factorial_has_two_levels_of_each_factor() -> None:
    full = rows({"factorial": {"of": {"a": [0, 1], "b": ["x", "y"], "c": {"named": {"l": [], "h": [1]}}}}})
    assert full == [{"a": a, "b": b, "c": c} for a in (0, 1) for b in "xy" for c in ([], [1])]
    names = "abcdefg"
    of = {name: [0, 1] for name in names}
    for given_, size in (({"resolution": 4}, 16), ({"fraction": 16}, 8), ({"resolution": 3}, 8)):
        found = rows({"factorial": {"of": of, **given_}})
        assert len({tuple(row.values()) for row in found}) == size == len(found)
        assert all(sum(row[name] for row in found) == size // 2 for name in names)


def test_a_factorial_says_what_it_cannot_tell_apart() -> None:
    design = DESIGN.validate_python({"factorial": {"of": {"a": [0, 1], "b": [0, 1], "c": [0, 1]}, "fraction": 2}})
    (note,) = design.notes()
    assert note == (
        "factorial: 4 of 8 combinations of 3 factors, resolution III; effects that cannot be told apart: "
        "a = b x c; b = a x c; c = a x b"
    )
    product = DESIGN.validate_python({"product": [{"grid": {"z": [1]}}, design.model_dump(by_alias=True)]})
    assert product.notes() == (note,)


def test_sizes_are_known_without_making_rows() -> None:
    many = {name: {"from": 0, "to": 1, "count": 1_000_000} for name in "abcdef"}
    assert DESIGN.validate_python({"grid": many}).size == 10**36
    twenty_six = {f"f{i}": [0, 1] for i in range(26)}
    assert DESIGN.validate_python({"factorial": {"of": twenty_six}}).size == 2**26


def test_every_form_says_what_it_is() -> None:
    assert list(FORMS) == ["grid", "zip", "list", "lhs", "sobol", "random", "factorial", "product"]
    assert all(form.__doc__ for form in FORMS.values())
