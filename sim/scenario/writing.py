"""Writing YAML: the same bytes on every machine, with comments above and beside the lines.

The text of a number, a name or a nested section never depends on PyYAML's version, so it can be hashed and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from catallaxy.agents.rates import DAYS
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.scenario.scalars import write_scalar

__all__ = ["INDENT", "flow_text", "inline_text", "leaves", "yaml_lines", "yaml_text"]

INDENT = "  "
_FLOW_WIDTH = 90

Above = Callable[[YamlPath], Sequence[str]]
Beside = Callable[[YamlPath], str]


def yaml_text(data: Any, *, above: Above | None = None, beside: Beside | None = None) -> str:
    """Return a tree as YAML.

    Parameters
    ----------
    data : Any
        A dict of dicts, lists and scalars.
    above : callable, optional
        Comment lines (without `#`) to stand above a key.
    beside : callable, optional
        Comment (without `#`) to stand at the end of a value's line; "" for none.

    Returns
    -------
    str
        Read back by `yaml_loader.read_text` into the same tree.
    """
    return "".join(f"{line}\n" for line in yaml_lines(data, above=above, beside=beside))


def yaml_lines(
    data: Any, path: YamlPath = (), *, above: Above | None = None, beside: Beside | None = None
) -> Iterator[str]:
    """Yield the lines of `yaml_text` for the value at a path, without indentation of their own."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        here = (*path, key)
        head = "-" if isinstance(key, int) else f"{write_scalar(key)}:"
        for comment in above(here) if above else ():
            yield f"# {comment}".rstrip()
        short = flow_text(value)
        if short is not None:
            note = beside(here) if beside else ""
            yield f"{head} {short}  # {note}" if note else f"{head} {short}"
        elif isinstance(key, int):
            yield from _under_dash(yaml_lines(value, here, above=above, beside=beside))
        else:
            yield head
            yield from (f"{INDENT}{line}" for line in yaml_lines(value, here, above=above, beside=beside))


def leaves(data: Any, path: YamlPath = ()) -> Iterator[tuple[YamlPath, Any]]:
    """Yield the path and value of everything that `yaml_text` writes on one line."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if flow_text(value) is None:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _under_dash(lines: Iterator[str]) -> Iterator[str]:
    lead = "- "
    for line in lines:
        yield f"{lead}{line}"
        lead = INDENT


def flow_text(value: Any) -> str | None:
    """Return a value on one line, or None when it is better written as a block.

    Scalars, empty collections, short lists of scalars, rates and distributions fit on a line.
    """
    if not isinstance(value, (dict, list)):
        return write_scalar(value)
    parts = list(value.values() if isinstance(value, dict) else value)
    if any(isinstance(part, (dict, list)) for part in parts):
        return None
    if isinstance(value, dict) and parts and "dist" not in value and not value.keys() <= DAYS.keys():
        return None
    text = inline_text(value)
    return text if len(text) <= _FLOW_WIDTH or not parts else None


def inline_text(value: Any) -> str:
    """Return any value on one line, nested brackets included."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{write_scalar(key)}: {inline_text(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline_text, value))}]"
    return write_scalar(value)
