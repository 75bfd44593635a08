from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.sweeps.options import SweepOptions


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"shard": (4, 4)}, r"shard is \(4, 4\).*counted from 0"),
        ({"shard": (-1, 4)}, "counted from 0"),
        ({"shard": (0, 0)}, "counted from 0"),
        ({"timeout_s": 0.0}, "timeout_s is 0.0; allowed value > 0"),
        ({"memory_mb": -1.0}, "memory_mb is -1.0; allowed value > 0"),
        ({"grace_s": -1.0}, "grace_s is -1.0; allowed value >= 0"),
        ({"grace_s": float("nan")}, "grace_s is nan"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(CatallaxyError, match=message):
        SweepOptions(**wrong)


def test_what_can_be_meant_is_kept() -> None:
    assert SweepOptions(shard=(3, 4), timeout_s=0.1, memory_mb=1.0, grace_s=0.0).shard == (3, 4)
