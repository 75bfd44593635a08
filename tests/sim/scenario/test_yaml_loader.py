from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, strategies as st

from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario import yaml_loader
from catallaxy.sim.scenario.document import Place
from catallaxy.sim.scenario.writing import yaml_text
from catallaxy.sim.scenario.yaml_loader import MAX_BYTES, MAX_DEPTH, MAX_VALUES, read_file, read_text

Messages = Callable[..., list[str]]


def test_values_and_their_places() -> None:
    document = read_text("a: 1\nb:\n  - x\n  - {c: 2, d: [3]}\n", "f.yaml")
    assert document.data == {"a": 1, "b": ["x", {"c": 2, "d": [3]}]}
    assert document.places[("a",)] == Place("f.yaml", 1, 4, 1, 1)
    assert document.places[("b", 0)] == Place("f.yaml", 3, 5, 3, 5)
    assert document.places[("b", 1, "c")] == Place("f.yaml", 4, 9, 4, 6)
    assert document.places[("b", 1, "d", 0)] == Place("f.yaml", 4, 16, 4, 16)
    assert document.place(("b", 1, "nothing", 3)) == document.places[("b", 1)]


def test_keys_are_text_and_quoted_scalars_too() -> None:
    assert read_text("1: a\n2024-01-01: b\ntrue: c\n", "x").data == {"1": "a", "2024-01-01": "b", "true": "c"}
    assert read_text("a: '1'\nb: \"no\"\nc: |\n  12\n", "x").data == {"a": "1", "b": "no", "c": "12\n"}


def test_core_tags() -> None:
    text = "a: !!str 12\nb: !!float 1\nc: !!int 3\nd: ! 4\ne: !!map {f: !!seq [!!null null, !!bool true]}\n"
    assert read_text(text, "x").data == {"a": "12", "b": 1, "c": 3, "d": "4", "e": {"f": [None, True]}}


@pytest.mark.parametrize(
    "text", ["a: !!int x\n", "a: !!binary aGk=\n", "a: !!set {b}\n", "a: !mine 3\n", "!!str a: 3\n"]
)
def test_other_tags(text: str, messages: Messages) -> None:
    assert "tag" in messages(read_text, text, "x")[0]


def test_aliases_repeat_values() -> None:
    document = read_text("a: &a {x: [1, 2]}\nb: *a\nc: [*a, *a]\n", "x")
    assert document.data["c"] == [{"x": [1, 2]}] * 2
    assert document.places[("b", "x", 1)].line == 1
    assert document.places[("b",)].line == 2


def test_problems_that_do_not_hide_one_another(messages: Messages) -> None:
    found = messages(read_text, "a: .nan\na: 1\nb: !mine 2\n<<: {}\n", "f")
    assert [line.split(": ")[0] for line in found] == ["f:1:4", "f:2:1", "f:3:4", "f:4:1"]


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("a: [1\nb: 2\n", "not valid YAML"),
        ("a: 'b\n", "not valid YAML"),
        ("a: b: c\n", "not valid YAML"),
        ("a: \x01\n", "x:1:4: character '\\x01' may not stand in YAML"),
        ("a: \ud800\n", "x:1:4: character '\\ud800' may not stand in YAML"),
        ("a:\n\tb: 1\n", "tab"),
        ("&a [*a]: 1\n", "a key must be text"),
        ("b: &b 1\n*b : 2\n", "an alias may not be a key"),
        ("a: &a {b: *a}\n", "alias *a contains itself"),
        ("a: *b\n", "alias *b refers to an anchor that is not defined above it"),
        ("a: 1\n---\nb: 1\n", "x:2:1: a second YAML document"),
    ],
)
def test_refused_text(text: str, fragment: str, messages: Messages) -> None:
    assert fragment in messages(read_text, text, "x")[0]


def test_limits_hold_exactly(messages: Messages) -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read_text(deepest, "x").data
    assert f"nested more than {MAX_DEPTH} levels" in messages(read_text, f"[{deepest}]", "x")[0]
    widest = f"[{', '.join('1' * (MAX_VALUES - 1))}]"
    assert len(read_text(widest, "x").data) == MAX_VALUES - 1
    assert "more than 100,000 values" in messages(read_text, widest.replace("[", "[1, "), "x")[0]


def test_depth_through_aliases(messages: Messages) -> None:
    half = "[" * 31 + "1" + "]" * 31
    nested = "[" * 31 + "*a" + "]" * 31
    assert "levels deep" in messages(read_text, f"a: &a {half}\nb: {nested}\n", "x")[0]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\n"
        + "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)),
        "[" * 20_000,
        "{a: " * 20_000,
        "- " * 20_000,
        "a: &a {}\nb: [" + "*a, " * 150_000 + "]",
    ],
    ids=["billion laughs", "brackets", "braces", "dashes", "aliases"],
)
def test_bombs_are_cheap(text: str, messages: Messages) -> None:
    start = time.process_time()
    assert messages(read_text, text, "x")
    assert time.process_time() - start < 5


def test_without_libyaml(monkeypatch: pytest.MonkeyPatch, messages: Messages) -> None:
    class Pure(yaml.SafeLoader):
        pass

    monkeypatch.setattr(yaml_loader, "_Loader", Pure)
    assert read_text("a: [1e9, no, {b: 'c'}]\n", "x").data == {"a": [1e9, "no", {"b": "c"}]}
    assert "tab" in messages(read_text, "a:\n\tb: 1\n", "x")[0]
    assert "may not stand" in messages(read_text, "a: \x01\n", "x")[0]
    assert "levels deep" in messages(read_text, "[" * 5000, "x")[0]


_TREES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**30), 10**30),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text("ab:# -'\"[]{},\n%1e.", max_size=8),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("ab1 :#", max_size=4), inner, max_size=4)
    ),
    max_leaves=25,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), _TREES, min_size=1, max_size=4))
def test_writing_then_reading_gives_the_same_tree(tree: dict[str, object]) -> None:
    text = yaml_text(tree, above=lambda path: ["why"], beside=lambda path: "where")
    assert read_text(text, "x").data == tree
    assert read_text(yaml_text(tree), "x").data == tree


class TestFiles:
    def test_byte_order_mark(self, tmp_path: Path) -> None:
        file = tmp_path / "s.yaml"
        file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
        assert read_file(file).data == {"a": 1, "b": 2}

    def test_encoding(self, tmp_path: Path, messages: Messages) -> None:
        file = tmp_path / "s.yaml"
        file.write_bytes(b"a: 1\nb: \xff\n")
        assert messages(read_file, file) == [f"{file}:2:4: byte 0xff is not UTF-8; save the file as UTF-8"]

    def test_size(self, tmp_path: Path, messages: Messages) -> None:
        file = tmp_path / "s.yaml"
        file.write_text("a: 1\n" + "#" * (MAX_BYTES - 5))
        assert read_file(file).data == {"a": 1}
        with file.open("wb") as stream:
            stream.truncate(50_000_000)
        assert "larger than 1 MB" in messages(read_file, file)[0]

    def test_missing_and_unreadable(self, tmp_path: Path, messages: Messages) -> None:
        assert "there is no such file" in messages(read_file, tmp_path / "s.yaml")[0]
        assert "cannot be read" in messages(read_file, tmp_path)[0]

    @pytest.mark.skipif(os.name == "nt", reason="needs /dev")
    def test_endless_files(self) -> None:
        with pytest.raises(ScenarioError, match="larger than"):
            read_file(Path("/dev/zero"))

    def test_empty(self, tmp_path: Path) -> None:
        file = tmp_path / "s.yaml"
        file.write_text("# nothing\n")
        assert read_file(file).data is None
