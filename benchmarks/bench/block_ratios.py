"""The speculator and pool block against its twins in plain Mesa and in C, after checking that all agree."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np

from bench.block import CompiledBlock, mesa_twin
from bench.c_twin import BUILDS, CBlock, build, compiler
from bench.clock import ratios
from bench.finding import Finding, at_least, at_most

__all__ = ["block_ratios", "differences", "libraries"]

SIZES = (1_000, 10_000, 100_000, 1_000_000)
_MESA_TURNS = {1_000: 20, 10_000: 8, 100_000: 3, 1_000_000: 1}


def libraries(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """Compile every build of the C twin that this machine can; return them and why others are missing."""
    if compiler() is None:
        return {}, ["C twin skipped: no C compiler (cc, gcc or clang) on PATH"]
    built, missing = {}, []
    for name in BUILDS:
        try:
            built[name] = build(name, folder)
        except subprocess.CalledProcessError as error:
            reason = (error.stderr or "the compiler failed").splitlines()[0]
            missing.append(f"C twin, {name}: skipped, {reason}")
    return built, missing


def differences(c: CBlock, block: CompiledBlock) -> tuple[float, int]:
    """Return relative price difference and the largest difference of a balance between two blocks on one day."""
    (usd, tokens), (c_usd, c_tokens) = block.holdings(), c.holdings()
    worst = max(int(np.abs(usd - c_usd).max()), int(np.abs(tokens - c_tokens).max()))
    return abs(c.market.price / block.pool.price - 1.0), worst


def _agreement(built: dict[str, Path], days: int) -> list[str]:
    block = CompiledBlock(2_000)
    mesa, twins = mesa_twin(block), {name: CBlock(path, block) for name, path in built.items()}
    for _ in range(days):
        block.step()
        mesa.step()
        for twin in twins.values():
            twin.step()
        if mesa.reserves.price != block.pool.price:
            raise AssertionError(f"day {mesa.day}: Mesa's price {mesa.reserves.price!r}, ours {block.pool.price!r}")
    if [agent.usd for agent in mesa.agents] != block.people.usd.tolist():
        raise AssertionError("the Mesa twin holds other balances")
    notes = [f"Mesa twin: prices and balances equal over {days} days"]
    for name, twin in twins.items():
        price, worst = differences(twin, block)
        equal = "equal" if price == 0.0 and worst == 0 else f"price off by {price:.1e}, a balance by {worst}"
        notes.append(f"C twin, {name}: {equal} after {days} days")
    return notes


def _row(n: int, built: dict[str, Path], quick: bool) -> dict[str, float | int]:
    block = CompiledBlock(n)
    rivals = {f"C {name}": CBlock(path, block).step for name, path in built.items()}
    mesa = mesa_twin(block)
    block.step()
    against_mesa = ratios(block.step, {"Mesa": mesa.step}, max(1, _MESA_TURNS[n] // (2 if quick else 1)))["Mesa"]
    against_c = ratios(block.step, rivals, 8 if quick else 20)
    kernel = min([against_mesa.reference_seconds, *(r.reference_seconds for r in against_c.values())])
    row: dict[str, float | int] = {"agents": n, "kernels, ns": kernel / n * 1e9}
    row |= {"Mesa, ns": against_mesa.seconds / n * 1e9, "Mesa / kernels": against_mesa.value}
    row |= {f"{name}, ns": r.seconds / n * 1e9 for name, r in against_c.items()}
    if against_c:
        row["kernels / best C"] = max(1.0 / r.value for r in against_c.values())
    return row


def block_ratios(quick: bool) -> Finding:
    """Measure the block at several sizes.

    Parameters
    ----------
    quick : bool
        Leave out the largest size and take fewer turns.

    Returns
    -------
    Finding
    """
    with tempfile.TemporaryDirectory() as folder:
        built, notes = libraries(Path(folder))
        notes += _agreement(built, 30)
        rows = [_row(n, built, quick) for n in (SIZES[:3] if quick else SIZES)]
    at_1e5 = rows[2]
    targets = [at_least("Mesa over kernels at 100,000 agents", at_1e5["Mesa / kernels"], 200.0)]
    if built:
        targets.append(at_most("kernels over the best C twin at 100,000 agents", at_1e5["kernels / best C"], 2.0))
    notes.append("ns per agent-step. Mesa is handed its normal draws ready-made, which flatters it.")
    return Finding("Speculators and pool: kernels against Mesa and C, one core", list(rows), targets, notes)
