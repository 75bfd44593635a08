"""The compiled block, the plain Mesa model and the C program are the same economy, to the last bit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from bench.block import CompiledBlock, mesa_twin
from bench.block_ratios import differences
from bench.c_twin import CBlock, build, compiler

needs_compiler = pytest.mark.skipif(compiler() is None, reason="no C compiler on PATH")


@pytest.mark.parametrize(("n", "seed"), [(1, 1), (256, 2), (700, 3)])
def test_the_mesa_model_and_the_kernels_agree_on_every_price_and_balance(n: int, seed: int) -> None:
    block = CompiledBlock(n, seed)
    mesa = mesa_twin(block)
    for _ in range(40):
        block.step()
        mesa.step()
        assert mesa.reserves.price == block.pool.price
        assert (mesa.reserves.usd, mesa.reserves.tokens) == (block.pool.usd, block.pool.tokens)
        assert (mesa.trend_short, mesa.trend_long) == (block.trend_short[0], block.trend_long[0])
    usd, tokens = block.holdings()
    assert [agent.usd for agent in mesa.agents] == usd.tolist()
    assert [agent.tokens for agent in mesa.agents] == tokens.tolist()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build("strict", tmp_path_factory.mktemp("c"))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the C compiler refuses the flags of the strict build: {error.stderr}")


@needs_compiler
@pytest.mark.parametrize(("n", "seed"), [(1, 1), (256, 2), (5_000, 3)])
def test_the_strict_c_program_and_the_kernels_agree_on_every_price_and_balance(strict: Path, n: int, seed: int) -> None:
    block = CompiledBlock(n, seed)
    c = CBlock(strict, block)
    for _ in range(100):
        block.step()
        c.step()
        assert differences(c, block) == (0.0, 0)
        assert (c.market.usd, c.market.tokens) == (block.pool.usd, block.pool.tokens)


def test_the_block_trades_and_conserves_dollars_and_tokens() -> None:
    block = CompiledBlock(500)

    def totals() -> tuple[int, int]:
        usd, tokens = block.holdings()
        return int(usd.sum()) + block.pool.usd, int(tokens.sum()) + block.pool.tokens

    before, first = totals(), block.holdings()[0].copy()
    for _ in range(30):
        block.step()
    assert totals() == before
    assert np.mean(first != block.holdings()[0]) > 0.9
