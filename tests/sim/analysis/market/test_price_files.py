"""Files of prices in every layout, and one clear error for each thing that is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catallaxy.sim.analysis.market.price_files import read_prices
from catallaxy.sim.errors import PricesError

FILE = Path("prices.csv")


def read(text: str, *tokens: str, **columns: str):  # type: ignore[no-untyped-def]
    FILE.write_text(text, encoding="utf-8")
    return read_prices(FILE, tokens, **columns)


def test_one_row_per_day_in_any_order() -> None:
    found = read("Date,Close,Volume\n2024-01-02,2,\n2024-01-01 00:00:00 UTC,1,10\n")
    assert list(found) == ["prices"]
    assert found["prices"].dates.astype(str).tolist() == ["2024-01-01", "2024-01-02"]
    assert found["prices"].close.tolist() == [1.0, 2.0]
    assert np.array_equal(found["prices"].volume, [10.0, np.nan], equal_nan=True)


def test_one_row_per_day_and_token_and_one_column_per_token() -> None:
    long = read("date,token,close\n2024-01-01,B,3\n2024-01-01,A,1\n2024-01-02,A,2\n")
    wide = read("date,A,B\n2024-01-01,1,3\n2024-01-02,2,\n")
    for found in (long, wide):
        assert {name: prices.close.tolist() for name, prices in found.items()} == {"A": [1.0, 2.0], "B": [3.0]}
        assert found["A"].volume is None
    assert list(read("date,A,B\n2024-01-01,1,3\n", "B")) == ["B"]


def test_columns_with_unusual_names() -> None:
    found = read("day,mid,turnover\n2024-01-01,1,5\n", price="mid", volume="turnover")
    assert (found["prices"].close[0], found["prices"].volume[0]) == (1.0, 5.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,close\n2024-01-01,1\n2024-01-02,nan\n", "prices.csv:3: close is 'nan'; a price is a positive number"),
        ("date,close\n2024-01-01,0\n", "prices.csv:2: close is '0'"),
        ("date,close\n2024-01-01,n/a\n", "prices.csv:2: close is 'n/a'"),
        ("date,close\n01/02/2024,1\n", "prices.csv:2: date is '01/02/2024'; a date is written as 2024-01-31"),
        (
            "date,close\n2024-01-01,1\n2024-01-01,2\n",
            "prices.csv:3: prices has a second price on 2024-01-01",
        ),
        (
            "when,close\n2024-01-01,1\n",
            r"no column holds dates; call it 'date' \(there are when, close\)",
        ),
        ("date,token,worth\n2024-01-01,A,1\n", "prices.csv:1: no column holds prices; call it 'close'"),
        ("date,close\n", "there is no price in this file"),
        ("", "prices.csv:1: no column holds dates"),
    ],
    ids=["nan", "zero", "text", "date", "twice", "no dates", "no prices", "no rows", "empty"],
)
def test_what_is_wrong_is_said_with_its_line(text: str, message: str) -> None:
    with pytest.raises(PricesError, match=message):
        read(text)


def test_names_that_are_not_there() -> None:
    with pytest.raises(PricesError, match="no series is called 'BCT'; there are BTC, ETH; did you mean 'BTC'"):
        read("date,BTC,ETH\n2024-01-01,1,1\n", "BCT")
    with pytest.raises(PricesError, match="no column is called 'clsoe'; there are date, close; did you mean 'close'"):
        read("date,close\n2024-01-01,1\n", price="clsoe")
    with pytest.raises(PricesError, match=r"nowhere\.csv"):
        read_prices(Path("nowhere.csv"))
