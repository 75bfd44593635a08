"""Slow twin of `random`: integers of any size taken modulo 2**64 for the hash, NumPy arrays for the rest."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from oracles import elementary

Floats = npt.NDArray[np.float64]

WORD = 2**64
GOLDEN = 0x9E3779B97F4A7C15


def mix(z: int) -> int:
    """The SplitMix64 finaliser."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORD
    return z ^ (z >> 31)


def step_key(seed: int, stream: int, step: int) -> int:
    """Key of one (seed, stream, step)."""
    key = mix((seed + GOLDEN) % WORD)
    key = mix(key ^ (stream * 0xD1342543DE82EF95 % WORD))
    return mix((key + step * GOLDEN) % WORD)


def agent_bits(key: int, agents: Iterable[int]) -> list[int]:
    """Random bits of each agent."""
    return [mix(mix((agent + 1) * GOLDEN % WORD) ^ key) for agent in agents]


def uniforms(key: int, agents: Iterable[int]) -> Floats:
    """One uniform per agent: the middle of one of 2**52 equal intervals."""
    return np.array([(float(bits >> 12) + 0.5) / 2.0**52 for bits in agent_bits(key, agents)])


def normals(key: int, agents: Iterable[int]) -> Floats:
    """One Box-Muller normal per agent: radius from the upper half of the bits, angle from the lower half."""
    bits = agent_bits(key, agents)
    radius = np.array([((b >> 32) + 0.5) / 2.0**32 for b in bits])
    angle = np.array([(b & 0xFFFFFFFF) / 2.0**32 for b in bits])
    return np.sqrt(-2.0 * elementary.log(radius)) * elementary.cos_turn(angle)
