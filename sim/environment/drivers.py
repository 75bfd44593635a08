"""The drivers: what the economy takes from the world outside, each moved by a process.

Defaults are believable for a run that starts between 2024 and 2026. No default trends upwards in a way that would
build a bull market in: narrative returns to 1, and the median path of the reserve asset is flat.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic.functional_validators import AfterValidator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec
from catallaxy.agents.rates import Rate
from catallaxy.sim.environment.paths import Draws, DriverPaths, Horizon, guard
from catallaxy.sim.environment.processes import AnyProcess, Constant, Logistic, Process
from catallaxy.sim.environment.stochastic import GeometricBrownian, OrnsteinUhlenbeck, Regime
from catallaxy.sim.environment.tables import Table

__all__ = ["DRIVERS", "Driver", "DriversSpec", "driver_paths", "driver_problems"]

_POSITIVE = 1e-9


@dataclass(frozen=True)
class Driver:
    """One driver as declared.

    Attributes
    ----------
    name : str
    number : int
        Which chance is the driver's own; never renumber, it is part of the results.
    unit, doc : str
    ge, le : float
        Range outside which no path may go; infinite where there is no bound.
    """

    name: str
    number: int
    unit: str
    doc: str
    ge: float
    le: float


def _driver(number: int, default: Any, *, unit: str, doc: str, source: str, within: tuple[float, float]) -> Any:
    least, most = within

    def check(process: Process) -> Process:
        low, high = process.bounds()
        for value in (min(max(anchor, low), high) for anchor in process.anchors()):
            if not least <= value <= most:
                raise complaint("driver_range", f"takes the value {value:g} {unit}; allowed: {least:g} to {most:g}")
        return process

    bounds = {key: x for key, x in {"support_ge": least, "support_le": most}.items() if math.isfinite(x)}
    field = Field(
        default, description=doc, json_schema_extra={"unit": unit, "number": number, "source": source, **bounds}
    )
    field.metadata.append(AfterValidator(check))
    return field


class DriversSpec(Spec):
    """The process of every driver."""

    service_demand: AnyProcess = _driver(
        0,
        Logistic(kind="logistic", start=1.0, limit=12.0, growth=Rate(1.55)),
        unit="1",
        doc="Potential demand for AI services, relative to the start of the run.",
        source="Fitted to weekly users of ChatGPT: 100 M in 2023-11, 400 M in 2025-02, "
        "800 M in 2025-10, 900 M in 2026-02.",
        within=(_POSITIVE, math.inf),
    )
    regulatory_clarity: AnyProcess = _driver(
        1,
        Regime(
            kind="regime",
            levels={"restrictive": 0.3, "permissive": 0.7},
            switching={"restrictive": {"permissive": Rate(0.25)}, "permissive": {"restrictive": Rate(0.25)}},
            start="restrictive",
        ),
        unit="1",
        doc="How far firms and institutions may rely on the rules for tokens: 0 not at all, 1 entirely.",
        source="Assumption: one change of course in a four-year term of office.",
        within=(0.0, 1.0),
    )
    transaction_cost: AnyProcess = _driver(
        2,
        OrnsteinUhlenbeck(kind="ou", mean=0.01, sd=0.7, reversion=Rate(12.0), scale="log"),
        unit="USD",
        doc="Cost of one on-chain transaction on the networks' layer 2.",
        source="After Ethereum's Dencun upgrade of 2024-03-13: Base 0.0012, Starknet 0.04, Optimism 0.05 USD; "
        "Base cost 0.5 USD before it.",
        within=(0.0, math.inf),
    )
    bridge_cost: AnyProcess = _driver(
        3,
        OrnsteinUhlenbeck(kind="ou", mean=2.0, sd=0.6, reversion=Rate(6.0), scale="log"),
        unit="USD",
        doc="Cost of moving tokens from one chain to another, a transfer; arbitrageurs pay it.",
        source="Assumption: one layer-1 transaction beside two on layer 2.",
        within=(0.0, math.inf),
    )
    zk_overhead: AnyProcess = _driver(
        4,
        GeometricBrownian(kind="gbm", start=1000.0, drift=Rate(-0.7), volatility=0.3, low=1.0),
        unit="1",
        doc="Cost of a zero-knowledge proof over the cost of the computation that it proves.",
        source="Level: between the 10,000 to 100,000 of general provers in January 2023 and the 180 of one made for "
        "decision forests in February 2024 (Modulus Labs). Trend, halving every year, is cautious: proofs of GPT-2 "
        "were 185 times as fast in 2025 as in 2024 (zkGPT, USENIX Security 2025), those of Ethereum's blocks 45 times "
        "as cheap in December 2025 as a year before (Ethereum Foundation).",
        within=(0.0, math.inf),
    )
    hardware_price: AnyProcess = _driver(
        5,
        GeometricBrownian(kind="gbm", start=30_000.0, drift=Rate(-0.2), volatility=0.15),
        unit="USD/GPU",
        doc="Price of one GPU of H100 performance; values the capital of nodes; what they pay for it.",
        source="Level: list prices of 2024. Trend: floating-point operations per second and dollar grow 1.22-fold a "
        "year (Epoch AI, machine-learning hardware, 51 chips), -ln(1.22) = -0.20.",
        within=(_POSITIVE, math.inf),
    )
    electricity_price: AnyProcess = _driver(
        6,
        OrnsteinUhlenbeck(kind="ou", mean=0.08, sd=0.15, reversion=Rate(1.0), scale="log"),
        unit="USD/kWh",
        doc="World reference price of electricity for compute nodes.",
        source="Assumption, near the US industrial average of 2024.",
        within=(0.0, math.inf),
    )
    cloud_gpu_price: AnyProcess = _driver(
        7,
        OrnsteinUhlenbeck(kind="ou", mean=2.1, sd=0.25, reversion=Rate(1.0), start=2.8, scale="log"),
        unit="USD/GPU-hour",
        doc="Rental price of one H100 on the centralized cloud.",
        source="H100 rental: 8 in 2023, 2 to 3 in 2024, 1.70 in 2025-10, 2.35 in 2026-03.",
        within=(_POSITIVE, math.inf),
    )
    incumbent_price: AnyProcess = _driver(
        8,
        OrnsteinUhlenbeck(kind="ou", mean=10.0, sd=0.2, reversion=Rate(0.5), start=15.0, scale="log"),
        unit="USD/million tokens",
        doc="The centralized incumbents' price of a million output tokens at the quality frontier.",
        source="List prices (models.dev): GPT-4o 15 in 2024-05 and 10 from 2024-08, GPT-5 10, Gemini 2.5 Pro 10, "
        "Claude Sonnet 4 15. The median list price does not change; new models enter.",
        within=(_POSITIVE, math.inf),
    )
    incumbent_quality: AnyProcess = _driver(
        9,
        Constant(kind="constant", value=1.0),
        unit="1",
        doc="Quality of the incumbents' models relative to the frontier.",
        source="By definition: quality is measured against the incumbents' frontier.",
        within=(_POSITIVE, math.inf),
    )
    narrative: AnyProcess = _driver(
        10,
        OrnsteinUhlenbeck(kind="ou", mean=1.0, sd=0.4, reversion=Rate(4.0), scale="log"),
        unit="1",
        doc="Attention that the media give to decentralized AI; 1 is normal.",
        source="Assumption: a deviation halves in 63 days, so that it lasts as long as a bull phase of these tokens "
        "(median 123 days).",
        within=(0.0, math.inf),
    )
    risk_free_rate: AnyProcess = _driver(
        11,
        OrnsteinUhlenbeck(kind="ou", mean=0.035, sd=0.01, reversion=Rate(0.5), start=0.05, low=0.0),
        unit="1/year",
        doc="Yield of a riskless dollar deposit, which institutions compare a token with.",
        source="Assumption, near US Treasury bills: 5 % in 2024, falling since.",
        within=(-0.05, 1.0),
    )
    reserve_price: AnyProcess = _driver(
        12,
        GeometricBrownian(kind="gbm", start=1.0, drift=Rate(0.153), volatility=0.554),
        unit="1",
        doc="Price of the reserve asset (majors such as BTC), relative to the start of the run.",
        source="BTC daily log returns have a standard deviation of 0.029, times sqrt(365.25); the drift is half the "
        "variance, so the median path is flat.",
        within=(_POSITIVE, math.inf),
    )

    incumbent_availability: AnyProcess = _driver(
        13,
        Constant(kind="constant", value=1.0),
        unit="1",
        doc="Share of the demand for the incumbents' services that they can serve; 0 when they are shut.",
        source="By default nothing is ever shut: outages and bans are dated events.",
        within=(0.0, 1.0),
    )
    cloud_availability: AnyProcess = _driver(
        14,
        Constant(kind="constant", value=1.0),
        unit="1",
        doc="Share of the demand for the cloud's GPU-hours that it can serve; the incumbents run on it.",
        source="By default the cloud never fails: outages are dated events.",
        within=(0.0, 1.0),
    )

    interoperability: AnyProcess = _driver(
        15,
        Logistic(kind="logistic", start=0.1, limit=0.9, growth=Rate(0.5)),
        unit="1",
        doc="How well users of one network reach those of another: 0 not at all, 1 as if they were on one.",
        source="Assumption: bridges are for experts in 2024; half of the way is made by 2029.",
        within=(0.0, 1.0),
    )
    layer2_throughput: AnyProcess = _driver(
        16,
        Logistic(kind="logistic", start=300.0, limit=20_000.0, growth=Rate(0.85)),
        unit="transaction/second",
        doc="Transactions that the networks' layer 2 can carry.",
        source="Blobs of 128 KiB per 12-second slot of Ethereum, at 110 bytes a transaction (assumption): a target of "
        "3 from 2024-03 (EIP-4844), 6 from 2025-05 (EIP-7691), 14 from 2026-01 (EIP-7892) make 300, 600 and 1,400.",
        within=(_POSITIVE, math.inf),
    )
    consensus_cost: AnyProcess = _driver(
        17,
        GeometricBrownian(kind="gbm", start=10.0, drift=Rate(-0.2), volatility=0.15),
        unit="USD/day",
        doc="Cost of running a validator of a network's consensus.",
        source="Assumption: the rent of a server with 8 cores and 32 GB in 2024, falling like the price of hardware.",
        within=(0.0, math.inf),
    )
    risk_appetite: AnyProcess = _driver(
        18,
        Constant(kind="constant", value=1.0),
        unit="1",
        doc="Appetite for risk of those who finance model builders: 1 is normal, 0 none.",
        source="By default it does not change: booms and winters of venture capital are dated events.",
        within=(0.0, 100.0),
    )

    def processes(self) -> Iterator[tuple[Driver, Process]]:
        """Yield every driver with its process, in the order of declaration."""
        for driver in DRIVERS:
            yield driver, getattr(self, driver.name)


def _declared(name: str, field: FieldInfo) -> Driver:
    extra: Any = field.json_schema_extra
    least, most = extra.get("support_ge", -math.inf), extra.get("support_le", math.inf)
    return Driver(name, extra["number"], extra["unit"], field.description or "", least, most)


#: Every driver, in the order of `DriversSpec`.
DRIVERS: tuple[Driver, ...] = tuple(_declared(name, field) for name, field in DriversSpec.model_fields.items())


def driver_paths(spec: DriversSpec, *, seed: int, n_steps: int, dt_days: float, start: date) -> DriverPaths:
    """Compute the path of every driver.

    A driver's chance depends on the seed and its own number only: another process for one driver leaves the paths of
    the others as they were.

    Parameters
    ----------
    spec : DriversSpec
    seed : int
        Seed of the run.
    n_steps : int
    dt_days : float
        Length of a step, days.
    start : date
        First day of step 0.

    Returns
    -------
    DriverPaths
        Inside the guards of each process and the range of each driver.
    """
    horizon = Horizon(start, n_steps, dt_days)
    values = np.empty((len(DRIVERS), n_steps))
    held = np.zeros((len(DRIVERS), n_steps), np.bool_)
    for row, (driver, process) in enumerate(spec.processes()):
        low, high = process.bounds()
        values[row] = process.path(horizon, Draws(seed, driver.number))
        held[row] = guard(values[row], max(low, driver.ge), min(high, driver.le))
    return DriverPaths(tuple(driver.name for driver in DRIVERS), values, held)


def driver_problems(spec: DriversSpec, start: date) -> list[tuple[str, str]]:
    """Return what is wrong with the drivers only in view of the run's start: tables that begin after it.

    Parameters
    ----------
    spec : DriversSpec
    start : date
        First day of the run.

    Returns
    -------
    list of (path, message)
        Path relative to the drivers ("cloud_gpu_price").
    """
    return [
        (driver.name, f"its first value is of {process.first_date}, after the run starts on {start}")
        for driver, process in spec.processes()
        if isinstance(process, Table) and process.first_date > start
    ]
