"""What no single field can tell: conditions between the parts of a scenario, each explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from catallaxy.agents.complaints import did_you_mean
from catallaxy.agents.families import Distribution
from catallaxy.agents.kinds import BUILT_IN
from catallaxy.agents.lending import LENDERS
from catallaxy.agents.margin_traders import MarginTradersSpec
from catallaxy.agents.population import AGENT_KINDS
from catallaxy.agents.users import UsersSpec
from catallaxy.sim.environment.access import is_share, regional_targets
from catallaxy.sim.environment.drivers import DRIVERS, driver_problems
from catallaxy.sim.environment.events import impossible_values, outside_horizon, unknown_targets
from catallaxy.sim.environment.offers import incumbent_targets
from catallaxy.sim.scenario.amending import governance_problems
from catallaxy.sim.scenario.fee_checks import fee_problems
from catallaxy.sim.scenario.log_checks import log_problems
from catallaxy.sim.scenario.merger_checks import merger_problems
from catallaxy.sim.scenario.receiver_checks import receiver_problems
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.schema_network import POLICIES, NetworkSpec
from catallaxy.sim.scenario.subnet_checks import subnet_problems
from catallaxy.sim.scenario.token_units import base_units_of, emission_cap
from catallaxy.sim.scenario.venue_checks import venue_problems
from catallaxy.sim.tokenomics.allocation import check_allocation
from catallaxy.sim.tokenomics.emission import ECONOMY, EmissionContext, check_emission
from catallaxy.sim.tokenomics.staking import check_staking
from catallaxy.sim.tokenomics.units import to_base

__all__ = ["cross_check"]

Path = tuple[str | int, ...]
Complaint = tuple[Path, str]

_TOLERANCE = 1e-9
_BYTES_PER_AGENT = 250
_LARGEST_STATE = 64 * 2**30
#: The ledger counts up to 2**63 micro-dollars, 9.2e12 USD; runs begin with room to grow.
_MOST_USD = 1e12


def cross_check(scenario: Scenario) -> list[Complaint]:
    """Return everything that is wrong between the fields of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Already valid field by field.

    Returns
    -------
    list of (path, message)
    """
    found = [
        *_populations(scenario),
        *_one_facility(scenario),
        *receiver_problems(scenario),
        *_size(scenario),
        *_cash(scenario),
        *_symbols(scenario),
        *_events(scenario),
        *_barred_users(scenario),
        *_incumbents(scenario),
        *log_problems(scenario),
        *merger_problems(scenario),
        *subnet_problems(scenario),
        *((("drivers", path), message) for path, message in driver_problems(scenario.drivers, scenario.start)),
        *(complaint for name, spec in scenario.networks.items() for complaint in _network(scenario, name, spec)),
    ]
    return found or [*governance_problems(scenario, cross_check)]


def _populations(scenario: Scenario) -> Iterator[Complaint]:
    kinds = {kind: cls for kind, cls in AGENT_KINDS.items() if cls in BUILT_IN}
    for kind, cls in kinds.items():
        spec = scenario.populations.get(kind)
        if spec is None:
            yield ("populations",), f"population {kind!r} is missing: {cls.summary} Give it a count."
        elif not isinstance(spec, cls):
            yield ("populations", kind, "kind"), f"the population named {kind!r} must be of kind {kind!r}"
    for name, spec in scenario.populations.items():
        if isinstance(spec, UsersSpec):
            shares = {segment: part.share for segment, part in spec.segments.items()}
            yield from _sum_to_one(("populations", name, "segments"), shares)


def _one_facility(scenario: Scenario) -> Iterator[Complaint]:
    borrowers = [name for name, spec in scenario.populations.items() if isinstance(spec, MarginTradersSpec)]
    for name in borrowers[1:]:
        message = (
            f"there are already margin traders, {borrowers[0]!r}, who borrow from the lenders; make them one population"
        )
        yield ("populations", name), message
    for name in borrowers[:1]:
        yield from _lent(scenario, name)
    if borrowers and LENDERS in scenario.populations:
        yield ("populations", LENDERS), f"{LENDERS!r} are those who lend to {borrowers[0]!r}; give it another name"


def _lent(scenario: Scenario, name: str) -> Iterator[Complaint]:
    spec, networks = scenario.populations[name], len(scenario.networks)
    assert isinstance(spec, MarginTradersSpec)
    for holder, field in (("lenders", "usd"), ("insurance funds", "insurance_usd")):
        placed = networks * getattr(spec.lending, field)
        if placed > _MOST_USD:
            yield (
                ("populations", name, "lending", field),
                f"the {holder} of {networks} networks would hold {placed:.3g} USD in all; the ledger, which counts "
                f"micro-dollars, has room for {_MOST_USD:g} USD at the start; lower it",
            )


def _size(scenario: Scenario) -> Iterator[Complaint]:
    state = scenario.agents * (_BYTES_PER_AGENT + 40 * len(scenario.networks))
    if state > _LARGEST_STATE:
        yield (
            ("populations",),
            f"{scenario.agents:,} agents on {len(scenario.networks)} networks would need about "
            f"{state / 2**30:,.0f} GiB; the limit is {_LARGEST_STATE / 2**30:,.0f} GiB",
        )
    if not scenario.networks:
        yield ("networks",), "there is no network; a scenario needs at least one"
    builders = scenario.populations.get("model_builders")
    if builders is not None and builders.count < len(scenario.networks):
        yield (
            ("populations", "model_builders", "count"),
            f"{builders.count} builders cannot serve {len(scenario.networks)} networks; give each at least one",
        )


def _cash(scenario: Scenario) -> Iterator[Complaint]:
    for name, spec in scenario.populations.items():
        cash = getattr(spec, "cash", None)
        accounts = spec.count * getattr(spec, "accounts_per_agent", 1)
        held = accounts * cash.support()[0] if isinstance(cash, Distribution) else 0.0
        if held > _MOST_USD:
            yield (
                ("populations", name, "cash"),
                f"{spec.count:,} agents would hold {held:.3g} USD or more in all; the ledger, which counts "
                f"micro-dollars, has room for {_MOST_USD:g} USD at the start; lower the cash or the count",
            )


def _symbols(scenario: Scenario) -> Iterator[Complaint]:
    count = Counter(spec.token.symbol for spec in scenario.networks.values())
    for name, spec in scenario.networks.items():
        if count[spec.token.symbol] > 1 or spec.token.symbol == "USD":
            yield ("networks", name, "token", "symbol"), f"symbol {spec.token.symbol!r} is already taken"


def _events(scenario: Scenario) -> Iterator[Complaint]:
    known = [f"networks.{name}.{policy}" for name in scenario.networks for policy in POLICIES]
    known += regional_targets(_regions(scenario))
    known += incumbent_targets([*scenario.services.incumbents])
    horizon = (scenario.start, scenario.steps, scenario.dt_days)
    found = [
        *unknown_targets(scenario.events, known),
        *outside_horizon(scenario.events, *horizon),
        *impossible_values(scenario.events),
    ]
    for path, message in found:
        number, field = path.split(".")
        yield ("events", int(number), field), message


def _barred_users(scenario: Scenario) -> Iterator[Complaint]:
    """Refuse bans on users where one user of each segment stands for all, whatever the region."""
    users = scenario.populations.get("users")
    if not isinstance(users, UsersSpec) or users.fidelity == "agents":
        return
    for number, event in enumerate(scenario.events):
        if is_share(event.target) and event.target.endswith(".users"):
            yield (
                ("events", number, "target"),
                f"{event.target} bars users by region, but with `fidelity: {users.fidelity}` one user stands for all "
                "regions; write `fidelity: agents`",
            )


def _incumbents(scenario: Scenario) -> Iterator[Complaint]:
    shares = {name: spec.share for name, spec in scenario.services.incumbents.items()}
    if shares:
        yield from _sum_to_one(("services", "incumbents"), shares)


def _regions(scenario: Scenario) -> int:
    """Count the regions in which there is, or could be, somebody."""
    placed = (getattr(spec, "region", None) for spec in scenario.populations.values())
    last = max((int(region.support()[1]) for region in placed if isinstance(region, Distribution)), default=0)
    return max(last + 1, len(scenario.services.incumbent_homes))


def _sum_to_one(path: Path, shares: dict[str, float]) -> Iterator[Complaint]:
    total = sum(shares.values())
    if abs(total - 1.0) > _TOLERANCE:
        terms = " + ".join(f"{share:g} ({name})" for name, share in shares.items())
        direction = "too much" if total > 1.0 else "short"
        yield path, f"shares must sum to 1 but {terms} = {total:.9g}, {abs(total - 1.0):.6g} {direction}"


def _network(scenario: Scenario, name: str, spec: NetworkSpec) -> Iterator[Complaint]:
    here: Path = ("networks", name)
    token = spec.token
    yield from _sum_to_one((*here, "token", "rewards"), token.rewards.model_dump())
    if token.genesis * token.price > _MOST_USD * (1.0 + _TOLERANCE):
        yield (
            (*here, "token", "price"),
            f"{token.genesis:g} tokens at {token.price:g} USD would be worth {token.genesis * token.price:.3g} USD; "
            f"the ledger, which counts micro-dollars, has room for {_MOST_USD:g} USD at the start; lower the price "
            "or the genesis",
        )
    for path, message in check_allocation(token.allocation, token.genesis, token.max_supply):
        yield (*here, "token", *path), message
    for path, message in check_staking(token.staking, scenario.dt_days):
        yield (*here, "token", *path), message
    for path, message in fee_problems(spec.fees, [*scenario.populations.values()]):
        yield (*here, "fees", *path), message
    if spec.venues:
        yield from _sum_to_one(
            (*here, "venues"), {f"{i} {venue.kind}": venue.share for i, venue in enumerate(spec.venues)}
        )
    for path, message in venue_problems(scenario, name):
        yield (*here, *path), message
    yield from _fees(here, spec)
    yield from _emission(scenario, name, spec)


def _fees(here: Path, spec: NetworkSpec) -> Iterator[Complaint]:
    burned = float(sum(sink.largest_share() for sink in spec.fees.sinks if sink.taken_from == "spending"))
    if spec.fees.take_rate + burned > 1.0 + _TOLERANCE:
        yield (
            (*here, "fees", "take_rate"),
            f"the take rate of {spec.fees.take_rate:g} and burns of {burned:g} leave nothing of users' spending "
            "to builders; together they must stay at or below 1",
        )


def _emission(scenario: Scenario, name: str, spec: NetworkSpec) -> Iterator[Complaint]:
    here, token = ("networks", name), spec.token
    try:
        base = base_units_of(scenario, name)
    except ValueError as error:
        yield (*here, "token", "genesis"), str(error)
        return
    if token.max_supply is not None and token.genesis > token.max_supply:
        return
    genesis = to_base(token.genesis, base)
    first = EmissionContext(
        step=0,
        dt_days=scenario.dt_days,
        start=scenario.start,
        base=base,
        genesis=genesis,
        supply=genesis,
        cap=emission_cap(token, base),
    )
    for driver in sorted(token.emission.reads - ECONOMY - {driver.name for driver in DRIVERS}):
        known = did_you_mean(driver, [driver.name for driver in DRIVERS])
        yield (*here, "token", "emission"), f"the emission rule reads a driver {driver!r} that does not exist{known}"
    for path, message in check_emission(token.emission, first, scenario.steps):
        yield (*here, "token", *path), message
