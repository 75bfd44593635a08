"""Content addresses."""

from __future__ import annotations

import dataclasses
import re

import pytest

import catallaxy
from catallaxy.sim.results.identity import canonical_json, code_version, content_hash, result_hash, run_id
from synthetic import make_origin


def test_equal_values_have_equal_hashes_whatever_the_order_of_keys() -> None:
    assert canonical_json({"b": 1, "a": [1.5, "é"]}) == '{"a":[1.5,"é"],"b":1}'
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert len(content_hash({})) == 24


def test_nan_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_run_ids_differ_by_scenario_seed_and_replicate() -> None:
    ids = {run_id(s, seed, r) for s in ("aa", "bb") for seed in (1, 2) for r in (0, 1)}
    assert len(ids) == 8


def test_the_code_version_names_package_and_sources() -> None:
    assert re.fullmatch(re.escape(catallaxy.__version__) + r"\+[0-9a-f]{8}", code_version())


@pytest.mark.parametrize("change", [{"seed": 8}, {"replicates": 2}, {"steps": 10}, {"scenario_hash": "ff"}])
def test_every_part_of_the_request_is_in_the_hash(change: dict[str, object]) -> None:
    origin = make_origin()
    assert dataclasses.replace(origin, **change).hash != origin.hash  # type: ignore[arg-type]


def test_what_does_not_change_the_result_is_not_in_the_hash() -> None:
    origin = make_origin()
    other = dataclasses.replace(origin, name="other", wall_s=1.0, argv=())
    assert other.hash == origin.hash == result_hash(origin.scenario_hash, 7, 1, 1461)
