"""Plain YAML scalars, read and written by the YAML 1.2 core schema.

PyYAML follows YAML 1.1, where `1e9` is text, `010` is 8, `no` is false and `12:30:45` is 45045. A modeller expects
none of these, so scalars are resolved here: `1e9` is a number, `010` is 10, `no` and dates are text.

References
----------
YAML 1.2.2 specification, section 10.3 "Core schema", https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import json
import math
import re

__all__ = ["MAX_DIGITS", "Scalar", "ScalarError", "read_scalar", "write_scalar"]

Scalar = str | int | float | bool | None

MAX_DIGITS = 40
"""Longest integer that a scenario may contain, in digits (the largest 64-bit balance has 19)."""

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_INNER = "[A-Za-z0-9_./+<>=()$%^*;-]"
_PLAIN = re.compile(f"[A-Za-z0-9_/(<$^]{_INNER}*( {_INNER}+)*")
_OLD_YAML = re.compile(r"(?i)y|n|yes|no|on|off|[-+]?[0-9][0-9_:.]*|<<|=")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


class ScalarError(ValueError):
    """A plain scalar that a scenario may not contain; the message says why."""


def read_scalar(text: str) -> Scalar:
    """Return the value of an unquoted scalar.

    Parameters
    ----------
    text : str
        The scalar as written.

    Returns
    -------
    str, int, float, bool or None

    Raises
    ------
    ScalarError
        When it is NaN, infinite, too large for a float or an integer of more than `MAX_DIGITS` digits.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError(f"{text} is not a finite number; every number in a scenario must be finite")
    if _FLOAT.fullmatch(text):
        return _float(text)
    return text


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ScalarError(f"an integer of {len(text)} digits; at most {MAX_DIGITS} are allowed")
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ScalarError(f"{text} is too large for a floating-point number (largest: 1.8e308)")
    return value


def write_scalar(value: Scalar) -> str:
    """Return the YAML text of a scalar, which `read_scalar` (or a quoted reading) turns back into the same value.

    Text is quoted when YAML 1.1 or 1.2 readers would take it for something else.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        mantissa, exponent, power = repr(value).partition("e")
        return f"{mantissa}{'' if '.' in mantissa else '.0'}{exponent}{power}"
    return value if _reads_as_itself(value) else _quoted(value)


def _reads_as_itself(text: str) -> bool:
    if _DATE.fullmatch(text):
        return True
    if text in _CONSTANTS or _OLD_YAML.fullmatch(text) or not _PLAIN.fullmatch(text):
        return False
    return not (_INTEGER.fullmatch(text) or _FLOAT.fullmatch(text))


def _quoted(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
