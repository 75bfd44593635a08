from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import example, given, strategies as st

from catallaxy.sim.scenario.scalars import MAX_DIGITS, ScalarError, read_scalar, write_scalar
from catallaxy.sim.scenario.yaml_loader import read_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e9", 1e9),
        ("-1.5E-3", -0.0015),
        (".5", 0.5),
        ("5.", 5.0),
        ("010", 10),
        ("0o17", 15),
        ("0xfF", 255),
        ("+7", 7),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("null", None),
    ],
)
def test_core_schema_values(text: str, value: object) -> None:
    found = read_scalar(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text", ["no", "yes", "on", "off", "12:30:45", "1_000", "2024-01-01", "0b11", "e9", "1e", "--1", "5%"]
)
def test_everything_else_is_text(text: str) -> None:
    assert read_scalar(text) == text


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.INF", "+.inf", "1e400", "-1e999"])
def test_numbers_must_be_finite(text: str) -> None:
    with pytest.raises(ScalarError, match=r"finite|too large"):
        read_scalar(text)


def test_length_of_integers() -> None:
    assert read_scalar("9" * MAX_DIGITS) == int("9" * MAX_DIGITS)
    with pytest.raises(ScalarError, match=f"at most {MAX_DIGITS}"):
        read_scalar("9" * (MAX_DIGITS + 1))


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**100), 2**100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30),
)


@given(_SCALARS)
@example("1e9")
@example("0o17")
@example("010")
@example("no")
@example("2024-01-01")
@example("2024-01-01x")
@example("- a")
@example("a: b")
@example("a #b")
@example(".inf")
@example("=")
@example("<<")
@example(" padded ")
@example("a\tb\nc\u2028\x7f\x85\ufeff")
@example(1e16)
@example(5e-324)
def test_what_is_written_is_read_back(value: object) -> None:
    written = write_scalar(value)  # type: ignore[arg-type]
    found = read_text(f"key: {written}\n", "x").data["key"]
    assert found == value
    assert type(found) is type(value)
    assert "\n" not in written


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12))
def test_other_readers_take_text_for_text_too(text: str) -> None:
    found = yaml.safe_load(f"key: {write_scalar(text)}")["key"]
    assert found == text or found.isoformat() == text


def test_minus_zero_keeps_its_sign() -> None:
    assert math.copysign(1.0, float(str(read_scalar(write_scalar(-0.0))))) == -1.0
