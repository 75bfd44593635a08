"""Counter-based random numbers: a draw is a pure function of (seed, stream, step, agent).

No generator state exists, so draws do not depend on threads, chunks, the order of rows or where a run was resumed,
and a change in one block of the model leaves every other block's draws untouched. The hash is two rounds of the
SplitMix64 finaliser (Steele, Lea & Flood 2014, OOPSLA, "Fast splittable pseudorandom number generators") keyed by
another three; normals come from the Box–Muller transform with the polynomials of `elementary`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import float64, int64, uint64

from catallaxy.numba_kernels.compile import U64, Floats, Ints, helper, kernel
from catallaxy.numba_kernels.elementary import cos_turn, log
from catallaxy.numba_kernels.streams import step_key

__all__ = ["agent_bits", "fill_normal", "fill_uniform", "mix", "normal", "step_key", "uniform"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32), np.uint64(12)
_ONE = np.uint64(1)
_LOW32 = np.uint64(0xFFFFFFFF)
_INV32 = 1.0 / 4294967296.0
_INV52 = 1.0 / 4503599627370496.0


@helper
def mix(z: U64) -> U64:
    """Scramble 64 bits (the SplitMix64 finaliser)."""
    z = (z ^ (z >> _S30)) * _MIX_A
    z = (z ^ (z >> _S27)) * _MIX_B
    return z ^ (z >> _S31)


@helper
def agent_bits(key: U64, agent: int) -> U64:
    """Return 64 random bits of one agent under a step key."""
    return mix(mix((uint64(agent) + _ONE) * _GOLDEN) ^ uint64(key))


@helper
def uniform(bits: U64) -> float:
    """Map 64 random bits to the open interval (0, 1), 52 bits fine."""
    return (float64(int64(uint64(bits) >> _S12)) + 0.5) * _INV52


@helper
def normal(bits: U64) -> float:
    """Map 64 random bits to a standard normal draw (|z| at most 6.8)."""
    u = (float64(int64(uint64(bits) >> _S32)) + 0.5) * _INV32
    v = float64(int64(uint64(bits) & _LOW32)) * _INV32
    return math.sqrt(-2.0 * log(u)) * cos_turn(v)


@kernel
def fill_uniform(key: U64, agents: Ints, out: Floats) -> None:
    """Draw one uniform on (0, 1) per agent.

    Parameters
    ----------
    key : uint64
        A `step_key`.
    agents : int64[n]
        Agent identifiers (not row numbers).
    out : float64[n], out
    """
    for i in range(agents.size):
        out[i] = uniform(agent_bits(key, agents[i]))


@kernel
def fill_normal(key: U64, agents: Ints, out: Floats) -> None:
    """Draw one standard normal per agent; arguments as in `fill_uniform`."""
    for i in range(agents.size):
        out[i] = normal(agent_bits(key, agents[i]))
