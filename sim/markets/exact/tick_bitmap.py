"""Which ticks are initialised: one bit per multiple of the tick spacing, in words of 256.

A search never leaves its word, so a swap over an empty stretch takes one step per word. The steps are visible in the
result, because every step rounds.

References
----------
Uniswap v3 core, release 1.0.0: library TickBitmap.
"""

from __future__ import annotations

from typing import NamedTuple

from catallaxy.sim.markets.exact.reverts import TickNotSpaced

__all__ = ["NextTick", "TickBitmap"]

_WORD = 256


class NextTick(NamedTuple):
    """Where a search ended: at an initialised tick, or at the last one of the word."""

    tick: int
    initialised: bool


class TickBitmap:
    """Initialised ticks of one pool.

    Parameters
    ----------
    tick_spacing : int
        Ticks that can be initialised are its multiples.
    """

    def __init__(self, tick_spacing: int) -> None:
        self.tick_spacing = tick_spacing
        self._words: dict[int, int] = {}

    def check_spacing(self, tick: int) -> None:
        """Refuse a tick that is no multiple of the spacing."""
        if tick % self.tick_spacing:
            raise TickNotSpaced(f"tick {tick} is no multiple of the tick spacing {self.tick_spacing}")

    def flip(self, tick: int) -> None:
        """Initialise a tick, or clear it."""
        self.check_spacing(tick)
        word, bit = divmod(tick // self.tick_spacing, _WORD)
        self._words[word] = self._words.get(word, 0) ^ 1 << bit

    def is_initialised(self, tick: int) -> bool:
        """Return whether a tick is initialised."""
        word, bit = divmod(tick // self.tick_spacing, _WORD)
        return tick % self.tick_spacing == 0 and bool(self._words.get(word, 0) >> bit & 1)

    def next_within_word(self, tick: int, downward: bool) -> NextTick:
        """Search one word, at and below a tick or strictly above it.

        Parameters
        ----------
        tick : int
            Where the search starts; any tick.
        downward : bool
            Whether to search at and below `tick`.
        """
        word, bit = divmod(tick // self.tick_spacing + (not downward), _WORD)
        bits = self._words.get(word, 0)
        if downward:
            found = bits & (2 << bit) - 1
            bit = found.bit_length() - 1 if found else 0
        else:
            found = bits >> bit << bit
            bit = (found & -found).bit_length() - 1 if found else _WORD - 1
        return NextTick((word * _WORD + bit) * self.tick_spacing, found != 0)
