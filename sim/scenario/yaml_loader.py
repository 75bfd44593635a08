"""Strict reading of YAML: the YAML 1.2 core schema, with places, and with limits that hostile files run into.

PyYAML's parser (libyaml where it is compiled in) supplies the events; the tree is built here, so that nothing is
ever constructed that was not counted first: a file of 300 bytes can otherwise expand to gigabytes through aliases.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.scenario.document import Document, Place, YamlPath
from catallaxy.sim.scenario.scalars import Scalar, ScalarError, read_scalar

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_VALUES", "read_file", "read_text"]

MAX_BYTES = 1_000_000
"""Largest scenario file, in bytes."""
MAX_VALUES = 100_000
"""Most values in one file once every alias is expanded."""
MAX_DEPTH = 60
"""Deepest nesting of mappings and lists."""

_CORE = "tag:yaml.org,2002:"
_SCALAR_TAGS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
    """PyYAML's safe loader; only its parser is used."""


@dataclass(slots=True)
class _Node:
    content: Any
    line: int
    column: int
    size: int = 1
    height: int = 0
    key: tuple[int, int] | None = None
    closed: bool = False


def read_file(path: Path, name: str | None = None) -> Document:
    """Read one YAML file.

    Parameters
    ----------
    path : Path
        File to read.
    name : str, optional
        How messages call it; the path as given unless said otherwise.

    Returns
    -------
    Document

    Raises
    ------
    ScenarioError
        When the file cannot be read, is larger than `MAX_BYTES`, is not UTF-8, or as `read_text` says.
    """
    name = name or str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        _refuse(name, "there is no such file")
    except OSError as error:
        _refuse(name, f"cannot be read: {error.strerror}")
    if len(raw) > MAX_BYTES:
        _refuse(name, f"the file is larger than {MAX_BYTES // 1_000_000} MB, the most that a scenario may be")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        _refuse(name, f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8", line, column)
    return read_text(text, name)


def read_text(text: str, name: str) -> Document:
    """Read YAML text.

    Parameters
    ----------
    text : str
        One YAML document.
    name : str
        How messages call it.

    Returns
    -------
    Document
        With data of dicts (keys always text), lists and scalars.

    Raises
    ------
    ScenarioError
        On a syntax error, duplicate key, merge key, tag outside the core schema, NaN or infinity, alias to itself,
        more than `MAX_VALUES` values or `MAX_DEPTH` levels, or a second document.
    """
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line, column = _position(error.problem_mark or error.context_mark)
        _refuse(name, _syntax_message(error, text, line), line, column)
    except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
        position = getattr(error, "position", getattr(error, "start", 0))
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
        _refuse(name, f"character {text[position]!r} may not stand in YAML", line, column)
    if builder.problems:
        raise ScenarioError(builder.problems)
    places: dict[YamlPath, Place] = {}
    return Document(name, _expand(builder.root, (), places, name), places)


def _refuse(name: str, message: str, line: int = 0, column: int = 0) -> NoReturn:
    raise ScenarioError([Problem(name, line, column, "", message)])


def _position(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _syntax_message(error: yaml.MarkedYAMLError, text: str, line: int) -> str:
    lines = text.splitlines()
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in shown[: len(shown) - len(shown.lstrip())]:
        return "a tab is used for indentation; YAML allows only spaces"
    context = f" {error.context}" if error.context else ""
    return f"not valid YAML{context}: {error.problem}"


def _expand(node: _Node | None, path: YamlPath, places: dict[YamlPath, Place], name: str) -> Any:
    if node is None:
        places[path] = Place(name, 1, 1, 1, 1)
        return None
    places[path] = Place(name, node.line, node.column, *(node.key or (node.line, node.column)))
    if isinstance(node.content, dict):
        return {key: _expand(item, (*path, key), places, name) for key, item in node.content.items()}
    if isinstance(node.content, list):
        return [_expand(item, (*path, index), places, name) for index, item in enumerate(node.content)]
    return node.content


class _Builder:
    """Builds nodes from parser events; counts before it builds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.root: _Node | None = None
        self._open: list[_Node] = []
        self._keys: list[tuple[str, int, int] | None] = []
        self._anchors: dict[str, _Node] = {}
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        line, column = _position(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                _refuse(self.name, "a second YAML document starts here; a scenario is one document", line, column)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(str(event.anchor), line, column)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line, column)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._start(event, line, column)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()

    def _complain(self, message: str, line: int, column: int) -> None:
        self.problems.append(Problem(self.name, line, column, "", message))

    def _alias(self, anchor: str, line: int, column: int) -> None:
        found = self._anchors.get(anchor)
        if found is None:
            _refuse(self.name, f"alias *{anchor} refers to an anchor that is not defined above it", line, column)
        if not found.closed:
            _refuse(self.name, f"alias *{anchor} contains itself", line, column)
        if self._expects_key():
            _refuse(self.name, "an alias may not be a key", line, column)
        self._place(_Node(found.content, line, column, found.size, found.height))

    def _scalar(self, event: yaml.ScalarEvent, line: int, column: int) -> None:
        if self._expects_key():
            self._key(event, line, column)
            return
        node = _Node(self._value(event, line, column), line, column, closed=True)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._place(node)

    def _value(self, event: yaml.ScalarEvent, line: int, column: int) -> Scalar:
        text, tag = event.value, event.tag
        if tag in ("!", f"{_CORE}str") or (tag is None and not event.implicit[0]):
            return text
        try:
            value = read_scalar(text)
        except ScalarError as error:
            self._complain(str(error), line, column)
            return None
        if tag is not None:
            wanted = _SCALAR_TAGS.get(tag.removeprefix(_CORE))
            if wanted is None:
                self._refuse_tag(tag, line, column)
            elif not isinstance(value, wanted):
                self._complain(f"{text!r} is not what its tag !!{tag.removeprefix(_CORE)} says", line, column)
        return value

    def _refuse_tag(self, tag: str, line: int, column: int) -> None:
        shown = tag.replace(_CORE, "!!")
        self._complain(f"tag {shown} is not allowed; a scenario holds plain values only", line, column)

    def _key(self, event: yaml.ScalarEvent, line: int, column: int) -> None:
        parent, key = self._open[-1], event.value
        if event.tag is not None:
            self._refuse_tag(event.tag, line, column)
        if key == "<<" and event.implicit[0]:
            message = "merge keys (<<) are not supported; use `extends:` or `overrides:`, or repeat an alias"
            self._complain(message, line, column)
        if key in parent.content:
            first = parent.content[key].key[0]
            self._complain(f"key {key!r} is given twice, on lines {first} and {line}; keep one", line, column)
        self._keys[-1] = (key, line, column)

    def _start(self, event: yaml.CollectionStartEvent, line: int, column: int) -> None:
        if self._expects_key():
            _refuse(self.name, "a key must be text, not a mapping or a list", line, column)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", f"{_CORE}map" if is_mapping else f"{_CORE}seq"):
            self._refuse_tag(event.tag, line, column)
        node = _Node({} if is_mapping else [], line, column)
        if len(self._open) >= MAX_DEPTH:
            self._too_deep(line, column)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._open.append(node)
        self._keys.append(None)

    def _end(self) -> None:
        self._keys.pop()
        node = self._open.pop()
        node.closed = True
        self._place(node)

    def _too_deep(self, line: int, column: int) -> NoReturn:
        _refuse(self.name, f"nested more than {MAX_DEPTH} levels deep", line, column)

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].content, dict) and self._keys[-1] is None

    def _place(self, node: _Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if parent.size > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values once aliases are expanded; put large tables in a CSV file"
            _refuse(self.name, message, node.line, node.column)
        if len(self._open) + node.height > MAX_DEPTH:
            self._too_deep(node.line, node.column)
        if isinstance(parent.content, list):
            parent.content.append(node)
            return
        key, line, column = self._keys[-1] or ("", 0, 0)
        node.key = (line, column)
        self._keys[-1] = None
        parent.content[key] = node
