"""Tables on standard output, for people and for pipes."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Literal

__all__ = ["print_table"]

_PIPE_WIDTH = 200


def print_table(columns: Iterable[str], rows: Iterable[Iterable[str]], right: Iterable[str] = ()) -> None:
    """Print a table on standard output: to the width of a terminal, wide and without folding into a pipe.

    Parameters
    ----------
    columns : iterable of str
    rows : iterable of iterable of str
    right : iterable of str, optional
        Columns that are aligned to the right.
    """
    from rich.console import Console
    from rich.table import Table

    piped = not sys.stdout.isatty()
    table = Table(box=None, pad_edge=False, header_style="bold")
    numbers = set(right)
    for index, column in enumerate(columns):
        justify: Literal["left", "right"] = "right" if column in numbers else "left"
        table.add_column(column, overflow="fold", justify=justify, no_wrap=piped and index == 0)
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False, emoji=False, width=_PIPE_WIDTH if piped else None).print(table)
