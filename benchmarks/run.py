"""Measure Catallaxy: `python benchmarks/run.py [--json FILE] [--quick] [names ...]`; see README.md beside this file."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.finding import Finding

_ROOT = Path(__file__).resolve().parents[1]
_NARROWEST = 110


#: Benchmarks by name: module and function.
_BENCHMARKS = {
    "step": ("bench.full_step", "full_step"),
    "block": ("bench.block_ratios", "block_ratios"),
    "startup": ("bench.startup", "startup"),
    "memory": ("bench.memory", "memory"),
    "growth": ("bench.growth", "growth"),
    "sweep": ("bench.sweep", "sweep"),
    "book": ("bench.market_kernels", "book_ratios"),
    "auction": ("bench.market_kernels", "auction_ratios"),
    "fcn": ("bench.fcn_ratios", "fcn_ratios"),
    "peers": ("bench.peers", "peer_table"),
    "amm": ("bench.pool_ratios", "pool_ratios"),
    "concentrated": ("bench.concentrated", "concentrated_ratios"),
    "liquidation": ("bench.liquidation", "liquidation_ratios"),
}


def main() -> None:
    """Run the chosen benchmarks, print their tables and write the JSON file."""
    parser = argparse.ArgumentParser(description="Measure Catallaxy: ratios taken in one process.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"which ones: {', '.join(_BENCHMARKS)} (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything to this file")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer turns: about half a minute")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - set(_BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(_BENCHMARKS)}")
    _measure(chosen.names or list(_BENCHMARKS), chosen.quick, chosen.json)


def _load(name: str) -> Callable[[bool], Finding]:
    module, function = _BENCHMARKS[name]
    benchmark: Callable[[bool], Finding] = getattr(importlib.import_module(module), function)
    return benchmark


def _measure(names: list[str], quick: bool, path: Path | None) -> None:
    sys.path.append(str(_ROOT / "tests"))  # the Mesa twin is an oracle of the tests
    from bench.finding import show
    from bench.machine import describe
    from rich.console import Console

    console, machine = Console(), describe()
    console.width = max(console.width, _NARROWEST)
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()), style="dim")
    findings = {}
    for name in names:
        benchmark, started = _load(name), time.perf_counter()
        finding = findings[name] = benchmark(quick)
        finding.notes.append(f"measured in {time.perf_counter() - started:.0f} s")
        show(finding, console)
    if path is not None:
        document = {"machine": machine, "quick": quick, "findings": {n: f.as_json() for n, f in findings.items()}}
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
