"""Compiled kernels: pure functions on arrays. Imports numpy, numba and math only.

Submodules load on first use (`numba_kernels.speculation`), so importing this package costs nothing. Before the first
kernel is compiled, Numba's cache is pointed at a folder named after the package version, the SHA-256 of every
kernel source, the Numba version and the CPU: editing a helper then never leaves its callers on stale machine code,
and two kinds of machine never write to the same index.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from catallaxy.numba_kernels import (
        adoption as adoption,
        apportionment as apportionment,
        attribution as attribution,
        base_fee as base_fee,
        bonding as bonding,
        call_auction as call_auction,
        compile as compile,
        compute_market as compute_market,
        concentrated_positions as concentrated_positions,
        concentrated_state as concentrated_state,
        concentrated_steps as concentrated_steps,
        concentrated_swap as concentrated_swap,
        concentrated_worth as concentrated_worth,
        consensus as consensus,
        constant_product as constant_product,
        data_bargaining as data_bargaining,
        data_fraud as data_fraud,
        data_market as data_market,
        data_payments as data_payments,
        delegation as delegation,
        diversification as diversification,
        elementary as elementary,
        explosive as explosive,
        governance as governance,
        inference_market as inference_market,
        investment as investment,
        job_queue as job_queue,
        leverage as leverage,
        liquid_staking as liquid_staking,
        liquidation as liquidation,
        market_making as market_making,
        merit_order as merit_order,
        model_market as model_market,
        occupancy as occupancy,
        order_accounts as order_accounts,
        order_book as order_book,
        order_book_growth as order_book_growth,
        order_book_state as order_book_state,
        order_book_upkeep as order_book_upkeep,
        order_columns as order_columns,
        order_entry as order_entry,
        order_flow as order_flow,
        payouts as payouts,
        pool_shares as pool_shares,
        pool_state as pool_state,
        privacy as privacy,
        queues as queues,
        random as random,
        resampling as resampling,
        settlement as settlement,
        speculation as speculation,
        staking as staking,
        staking_rewards as staking_rewards,
        strategy_choice as strategy_choice,
        streams as streams,
        subnet_columns as subnet_columns,
        subnet_emission as subnet_emission,
        subnet_stakes as subnet_stakes,
        tied_capital as tied_capital,
        transforms as transforms,
        unbonding_queue as unbonding_queue,
        unit_orders as unit_orders,
        verification as verification,
        weighted_pool as weighted_pool,
        wide_products as wide_products,
    )

_HERE = Path(__file__).parent
_MODULES = frozenset(path.stem for path in _HERE.glob("*.py")) - {"__init__"}


def sources_digest() -> str:
    """Return the SHA-256 of all kernel sources, as 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(_HERE.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return the folder that holds the compiled kernels of this version on this machine.

    `CATALLAXY_CACHE` overrides the per-user cache root (useful on a cluster with a shared file system).
    """
    import numba
    from llvmlite import binding

    cpu = binding.get_host_cpu_name() + binding.get_host_cpu_features().flatten()
    name = os.environ.get("NUMBA_CPU_NAME", "")
    target = hashlib.sha256((cpu + name).encode()).hexdigest()[:8]
    root = os.environ.get("CATALLAXY_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    tag = f"{sources_digest()}-numba{numba.__version__}-py{sys.version_info[0]}{sys.version_info[1]}-{target}"
    return Path(root) / "catallaxy" / tag


def prepare_cache() -> None:
    """Point Numba's cache at `cache_folder`; `compile` does so before it decorates the first kernel."""
    import numba

    if "NUMBA_CACHE_DIR" not in os.environ:
        numba.config.CACHE_DIR = str(cache_folder())


def __getattr__(name: str) -> ModuleType:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
