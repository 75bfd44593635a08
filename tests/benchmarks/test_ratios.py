"""Cheap versions of the promised ratios: wide enough for a busy machine, tight enough to see a cliff."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from bench.block import CompiledBlock, mesa_twin
from bench.c_twin import CBlock, build, compiler
from bench.clock import ratios
from bench.full_step import steppers
from bench.growth import exponent

from catallaxy.sim.scenario.loading import load

pytestmark = [pytest.mark.timing, pytest.mark.jit]


def test_the_block_is_two_orders_of_magnitude_faster_than_plain_mesa() -> None:
    block = CompiledBlock(100_000)
    mesa = mesa_twin(block)
    block.step()
    assert ratios(block.step, {"mesa": mesa.step}, 2)["mesa"].value > 130.0


@pytest.mark.skipif(compiler() is None, reason="no C compiler on PATH")
def test_the_block_stays_near_the_best_c(tmp_path: Path) -> None:
    try:
        library = build("fast-math", tmp_path)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the C compiler refuses the flags: {error.stderr}")
    block = CompiledBlock(100_000)
    c = CBlock(library, block)
    block.step()
    assert 1.0 / ratios(block.step, {"c": c.step}, 25)["c"].value < 2.0


def test_the_full_step_is_fast_and_linear_in_agents() -> None:
    seconds = {
        stepper.agents: best for stepper, best in steppers(load("deai-2026"), [30_000, 100_000, 300_000], 4).items()
    }
    assert exponent(list(seconds), list(seconds.values())) <= 1.1
    for agents in list(seconds)[1:]:
        assert agents / seconds[agents] > 5e6


def test_the_audit_is_a_small_part_of_the_step() -> None:
    ((stepper, seconds),) = steppers(load("deai-2026"), [20_000], 6).items()
    assert 0.0 < stepper.audit_seconds < 0.1 * seconds
