"""Measure Catallaxy: `python benchmarks/run.py [--json FILE] [--quick] [names ...]`; see README.md beside this file."""

from __future__ import annotations

import argparse
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


def _benchmarks() -> dict[str, Callable[[bool], Finding]]:
    sys.path.append(str(_ROOT / "tests"))  # the Mesa twin is an oracle of the tests
    from bench.block_ratios import block_ratios
    from bench.full_step import full_step
    from bench.growth import growth
    from bench.memory import memory
    from bench.startup import startup

    return {"step": full_step, "block": block_ratios, "startup": startup, "memory": memory, "growth": growth}


def main() -> None:
    """Run the chosen benchmarks, print their tables and write the JSON file."""
    known = _benchmarks()
    parser = argparse.ArgumentParser(description="Measure Catallaxy: ratios taken in one process.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"which ones: {', '.join(known)} (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything to this file")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer turns: about half a minute")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - set(known))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(known)}")
    _measure({name: known[name] for name in chosen.names or known}, chosen.quick, chosen.json)


def _measure(chosen: dict[str, Callable[[bool], Finding]], quick: bool, path: Path | None) -> None:
    from bench.finding import show
    from bench.machine import describe
    from rich.console import Console

    console, machine = Console(), describe()
    console.width = max(console.width, _NARROWEST)
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()), style="dim")
    findings = {}
    for name, benchmark in chosen.items():
        started = time.perf_counter()
        finding = findings[name] = benchmark(quick)
        finding.notes.append(f"measured in {time.perf_counter() - started:.0f} s")
        show(finding, console)
    if path is not None:
        document = {"machine": machine, "quick": quick, "findings": {n: f.as_json() for n, f in findings.items()}}
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
