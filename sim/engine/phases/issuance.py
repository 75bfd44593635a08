"""Phase 2: new tokens, unlocked tokens, released tokens."""

from __future__ import annotations

from catallaxy.agents.population import MICRO, Floats, Ints
from catallaxy.sim.engine.subnets import feed_subnets, pay_root, sell_earned
from catallaxy.sim.engine.unlocks import deliver_unlock
from catallaxy.sim.recording.sectors import SUBNETS
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.tokenomics.emission import EmissionContext, Issue
from catallaxy.sim.tokenomics.units import LARGEST_SUPPLY

__all__ = ["context_of", "emissions", "run"]


def emissions(economy: Economy) -> list[Issue]:
    """Return what the emission rule of each network mints in this step, before any scaling by events.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    list of Issue
        Amounts, base units, and what the rules will remember once they are minted.
    """
    counts = _counts(economy)
    return [spec.token.emission.issue(_context(economy, k, counts)) for k, spec in enumerate(economy.specs)]


def context_of(economy: Economy, k: int) -> EmissionContext:
    """Return what the emission rule of network `k` is told in this step."""
    return _context(economy, k, _counts(economy))


def _counts(economy: Economy) -> tuple[Ints, Ints, Ints, Floats]:
    capacity = economy.metrics["gpu_hours_supplied"] / economy.dt_days
    supply = economy.supply()
    return supply, economy.staked(), economy.circulating(supply), capacity


def _context(economy: Economy, k: int, counts: tuple[Ints, Ints, Ints, Floats]) -> EmissionContext:
    accounts, (supply, staked, circulating, capacity) = economy.accounts, counts
    return EmissionContext(
        step=economy.step,
        dt_days=economy.dt_days,
        start=economy.scenario.start,
        base=int(economy.base[k]),
        genesis=int(accounts.genesis[k]),
        issued=int(accounts.minted[k]),
        burned=int(accounts.burned[k]),
        recycled=int(accounts.recycled[k]),
        supply=int(supply[k]),
        staked=int(staked[k]),
        circulating=int(circulating[k]),
        capacity=float(capacity[k]),
        price=float(economy.quoted.token_price[k]),
        drivers=economy.drivers,
        cap=economy.caps[k],
        memory=economy.emission_memory[k],
    )


def run(economy: Economy) -> None:
    """Mint, unlock and release.

    Parameters
    ----------
    economy : Economy
    """
    for k, (scheduled, memory) in enumerate(emissions(economy)):
        economy.emission_memory[k] = memory
        _release(economy, k)
        _mint(economy, k, scheduled)
        _unlock(economy, k)
        pay_root(economy, k)
        sell_earned(economy, k)


def _release(economy: Economy, k: int) -> None:
    economy.post(k, "release", "unbonding", economy.speculators.name, economy.staking[k].mature(economy.step))


def _mint(economy: Economy, k: int, scheduled: int) -> None:
    cap, accounts = economy.caps[k], economy.accounts
    amount = int(scheduled * economy.policy["emission_scale"][k])
    if cap is not None:
        amount = min(amount, cap - int(accounts.minted[k]) + int(accounts.recycled[k]))
    created = int(accounts.genesis[k]) + int(accounts.minted[k]) + amount
    if created > LARGEST_SUPPLY:
        raise OverflowError(
            f"{economy.symbols[k]} has no maximum supply and its emission rule would take it to "
            f"{created / int(economy.base[k]):.4g} tokens, more than the ledger counts "
            f"({LARGEST_SUPPLY / int(economy.base[k]):.4g}); lower the emission, or give the token a maximum supply"
        )
    amount, pooled = feed_subnets(economy, k, amount)
    accounts.new_minted[k] = amount
    accounts.minted[k] += amount
    accounts.reward_pool[k] += amount - pooled
    economy.post(k, "emission", "minting", "reward pool", amount - pooled)
    if pooled:
        economy.post(k, "emission", "minting", SUBNETS, pooled)
    economy.metrics["minted"][k] = amount / economy.base[k]
    economy.metrics["emission_usd"][k] = amount * economy.price_micro()[k] / MICRO


def _unlock(economy: Economy, k: int) -> None:
    schedule = economy.vesting[k]
    freed = 0
    for receiver, amount in zip(schedule.receivers, schedule.unlocks[economy.step], strict=True):
        if amount == 0:
            continue
        freed += int(amount)
        economy.accounts.vesting[k] -= int(amount)
        for sector, part in deliver_unlock(economy, k, receiver, int(amount)).items():
            economy.post(k, "unlock", "vesting", sector, part)
    economy.metrics["unlocked"][k] = freed / economy.base[k]
