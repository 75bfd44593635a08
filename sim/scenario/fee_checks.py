"""What no single field can tell of fees: splits that do not add up, absent receivers, a breaker upside down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catallaxy.agents.margin_traders import MarginTradersSpec
from catallaxy.agents.population import PopulationSpec
from catallaxy.sim.scenario.schema_network import FeesSpec
from catallaxy.sim.tokenomics.sinks import BurnAndMint, DecayingCost, Split, SplitSink, check_sinks

__all__ = ["fee_problems"]

Complaint = tuple[tuple[str | int, ...], str]

_TOLERANCE = 1e-9


def fee_problems(fees: FeesSpec, populations: Sequence[PopulationSpec]) -> Iterator[Complaint]:
    """Return everything that is wrong between the fields of a network's fees.

    Parameters
    ----------
    fees : FeesSpec
    populations : sequence of PopulationSpec
        All of the scenario.

    Returns
    -------
    iterator of (path below the fees, message)
    """
    yield from check_sinks(fees.sinks)
    for number, sink in enumerate(fees.sinks):
        if isinstance(sink, SplitSink):
            yield from _split(("sinks", number, "to"), sink.to)
        if "lenders" in sink.receivers():
            yield from _lenders(("sinks", number), populations)
    if fees.trade_tax is not None:
        yield from _split(("trade_tax", "to"), fees.trade_tax.to)
        if fees.trade_tax.to.lenders:
            yield from _lenders(("trade_tax", "to"), populations)
    if isinstance(fees.credits, BurnAndMint) and fees.credits.halt > fees.credits.warn:
        yield (
            ("credits", "halt"),
            f"sales would halt at a collateral ratio of {fees.credits.halt:g}, above the warning at "
            f"{fees.credits.warn:g}; put the halt at or below the warning",
        )
    if isinstance(fees.registration, DecayingCost) and fees.registration.lowest > fees.registration.highest:
        yield (
            ("registration", "lowest"),
            f"the lowest cost, {fees.registration.lowest:g}, is above the highest, {fees.registration.highest:g}",
        )


def _lenders(path: tuple[str | int, ...], populations: Sequence[PopulationSpec]) -> Iterator[Complaint]:
    if not any(isinstance(spec, MarginTradersSpec) for spec in populations):
        yield path, "there are no lenders to pay; they come with a population of kind 'margin_traders'"


def _split(path: tuple[str | int, ...], split: Split) -> Iterator[Complaint]:
    shares = split.shares()
    total = sum(shares.values())
    if abs(total - 1.0) > _TOLERANCE:
        terms = " + ".join(f"{share:g} ({name})" for name, share in shares.items()) or "nothing"
        direction = "too much" if total > 1.0 else "short"
        yield path, f"shares must sum to 1 but {terms} = {total:.9g}, {abs(total - 1.0):.6g} {direction}"
