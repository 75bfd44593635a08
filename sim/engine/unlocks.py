"""Unlocked genesis tokens reach their receivers."""

from __future__ import annotations

from catallaxy.agents.airdrop_recipients import AIRDROP, AirdropRecipients
from catallaxy.agents.insiders import INSIDERS, Insiders
from catallaxy.agents.lending import LENDERS
from catallaxy.agents.margin_traders import MarginTraders
from catallaxy.agents.population import of_kind
from catallaxy.agents.subnet_stakers import SUBNET_STAKERS, SubnetStakers
from catallaxy.sim.state.economy import Economy

__all__ = ["deliver_unlock"]

_RECEIVER_POPULATION = {
    "compute": "compute_nodes",
    "data": "data_providers",
    "builders": "model_builders",
    "users": "speculators",
    "stakers": "speculators",
    "community": "speculators",
    "speculators": "speculators",
}


def deliver_unlock(economy: Economy, k: int, receiver: str, amount: int) -> dict[str, int]:
    """Hand unlocked tokens to their receiver; return what each sector got (base units).

    What cannot be split evenly among the members of a population goes to the treasury, and so does what is for a
    population that the scenario does not have.

    Parameters
    ----------
    economy : Economy
    k : int
        Network.
    receiver : str
        A receiver of the allocation table.
    amount : int
        Base units.

    Returns
    -------
    dict of str to int
    """
    accounts = economy.accounts
    if receiver == INSIDERS:
        return _to_insiders(economy, k, amount)
    recipients = of_kind(economy.populations.values(), AirdropRecipients)
    if receiver == AIRDROP and recipients is not None:
        recipients.promise(k, amount)
        return {AIRDROP: amount}
    traders = of_kind(economy.populations.values(), MarginTraders)
    if receiver == LENDERS and traders is not None:
        traders.facility.idle[k, 1] += amount
        return {LENDERS: amount}
    stakers = of_kind(economy.populations.values(), SubnetStakers)
    if receiver == SUBNET_STAKERS and stakers is not None:
        return _to_sector(economy, k, amount, "staked", stakers.endow(k, amount))
    given = 0
    name = _RECEIVER_POPULATION.get(receiver, "treasury")
    population = economy.populations.get(name)
    if population is not None and hasattr(population, "endow"):
        given = population.endow(k, amount)
    accounts.treasury_tokens[k] += amount - given
    return {name: given, "treasury": amount - given} if given else {"treasury": amount}


def _to_insiders(economy: Economy, k: int, amount: int) -> dict[str, int]:
    insiders = of_kind(economy.populations.values(), Insiders)
    if insiders is None:
        economy.accounts.insider_tokens[k] += amount
        return {INSIDERS: amount}
    return _to_sector(economy, k, amount, insiders.name, insiders.endow(k, amount))


def _to_sector(economy: Economy, k: int, amount: int, sector: str, given: int) -> dict[str, int]:
    """Let the treasury have what a sector did not get of an amount."""
    economy.accounts.treasury_tokens[k] += amount - given
    return {sector: given, "treasury": amount - given}
