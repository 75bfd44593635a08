"""Slow twin of `resampling`: one block after the other, as the paper tells it."""

from __future__ import annotations

from oracles.randomness import agent_bits, uniforms


def stationary_resample_reference(key: int, resample: int, n: int, mean_block: float, length: int) -> list[int]:
    """Return one resample: a block goes on with probability 1 - 1 / mean_block."""
    own = agent_bits(key, [resample])[0]
    rows: list[int] = []
    for t in range(length):
        ends, begins = uniforms(own, [2 * t, 2 * t + 1])
        rows.append((rows[-1] + 1) % n if t and ends >= 1.0 / mean_block else int(begins * n))
    return rows
