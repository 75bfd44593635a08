"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from catallaxy.sim.results.files import beside, reason, written_whole

PATH = Path("folder/a.bin")


def test_a_file_is_replaced_whole() -> None:
    for content in (b"one", b"two"):
        with written_whole(PATH) as temporary:
            temporary.write_bytes(content)
            assert not PATH.exists() or PATH.read_bytes() == b"one"
        assert PATH.read_bytes() == content
    with pytest.raises(TypeError), written_whole(PATH) as temporary:
        temporary.write_bytes("three")  # type: ignore[arg-type]
    assert PATH.read_bytes() == b"two"
    assert list(PATH.parent.iterdir()) == [PATH]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EFBIG, "the file would exceed the size limit"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_the_reason_is_told_in_plain_words(number: int, said: str) -> None:
    assert reason(OSError(number, os.strerror(number))) == said


def test_names_beside_a_file_are_hidden_and_never_the_same() -> None:
    names = {beside(PATH).name for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith(".a.bin.tmp-") for name in names)
    assert beside(PATH, "probe").parent == PATH.parent
