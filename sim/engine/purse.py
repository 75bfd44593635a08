"""What the fee escrow bought, by purpose: most is burned; some is recycled, and some is burned for users' credits."""

from __future__ import annotations

from catallaxy.sim.engine.credits import issue_credits
from catallaxy.sim.engine.receivers import recycle
from catallaxy.sim.state.economy import Economy

__all__ = ["Purse"]


class Purse:
    """The fee escrow before the token market, to compare with after.

    Parameters
    ----------
    economy : Economy
    """

    def __init__(self, economy: Economy) -> None:
        accounts = economy.accounts
        self._in_use = bool(accounts.set_aside.any())
        if self._in_use:
            self._usd, self._burned = accounts.fee_escrow.copy(), accounts.burned.copy()

    def account_for(self, economy: Economy) -> None:
        """Divide what was spent and bought among the purposes, in proportion to what was set aside for each."""
        if not self._in_use:
            return
        for k in range(economy.k):
            if self._usd[k] > 0:
                self._divide(economy, k, int(self._usd[k]))

    def _divide(self, economy: Economy, k: int, usd: int) -> None:
        accounts = economy.accounts
        spent, bought = usd - int(accounts.fee_escrow[k]), int(accounts.burned[k] - self._burned[k])
        for purpose in (accounts.escrow_burn, accounts.escrow_recycle, accounts.escrow_credits):
            tokens = bought * int(purpose[k]) // usd
            purpose[k] -= spent * int(purpose[k]) // usd
            if purpose is accounts.escrow_recycle:
                accounts.burned[k] -= tokens
                economy.metrics["burned"][k] -= tokens / economy.base[k]
                recycle(economy, k, tokens, "burned")
            elif purpose is accounts.escrow_credits:
                issue_credits(economy, k, tokens)
