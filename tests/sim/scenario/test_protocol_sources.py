"""Every number of a protocol's preset says where it is from: a source, MEMORY, or assumption."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from catallaxy.sim.scenario.library import shipped, shipped_protocols

NUMBER = re.compile(r"[:\[,{ ]\s*-?\d")


def without_a_word(text: str) -> Iterator[str]:
    """Yield lines with a number of networks and populations that have no comment on, above or around them."""
    blocks: list[tuple[int, bool]] = []
    above = inside = False
    for line in text.splitlines():
        body, _, comment = line.partition("#")
        if not body.strip():
            above = above or bool(comment)
            continue
        depth = len(body) - len(body.lstrip())
        inside = body.startswith(("networks", "populations")) if depth == 0 else inside
        blocks = [block for block in blocks if block[0] < depth]
        said = bool(comment) or above
        if inside and NUMBER.search(body) and not said and not any(words for _, words in blocks):
            yield line.strip()
        blocks.append((depth, said))
        above = False


@pytest.mark.parametrize("name", shipped_protocols())
def test_every_number_says_where_it_is_from(name: str) -> None:
    text = shipped()[name].read_text(encoding="utf-8")
    assert text.startswith("#"), "the first comment lists the sources"
    assert not list(without_a_word(text))


def test_a_number_without_a_word_is_found() -> None:
    text = "networks:\n  alpha:\n    token:\n      price: 2.5   # [page]\n      genesis: 1e9\n"
    assert list(without_a_word(text)) == ["genesis: 1e9"]
