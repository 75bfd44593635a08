"""docs/calibration.md puts `deai-2026` beside networks that exist.

`PYTHONPATH=benchmarks python tests/docs/test_calibration_page.py RESULTS` writes what a results folder says into it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from bench.full_step import scaled

from catallaxy.sim.analysis.market.prices import Prices
from catallaxy.sim.analysis.market.stylised_facts import Bands, stylised_facts
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load

Floats = npt.NDArray[np.float64]
Run = Mapping[str, Floats]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "calibration.md"
ROW = re.compile(r"^\| ([^|]+?) \| ([\d.−]+)–([\d.−]+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$")
#: Agents and seed of the run that the page is held to, a tenth of the scenario.
AGENTS, SEED = 2_000, 2


def in_year(run: Run, name: str, year: int) -> Floats:
    return run[name][365 * (year - 1) : 365 * year]


def share(part: str, whole: str, year: int, run: Run) -> float:
    return float(in_year(run, part, year).sum() / in_year(run, whole, year).sum())


def mean(name: str, year: int, run: Run) -> float:
    return float(in_year(run, name, year).mean())


def growth(name: str, year: int, run: Run) -> float:
    path = in_year(run, name, year)
    return float(path[-1] / path[0] - 1.0)


def whole_mean(name: str, run: Run) -> float:
    return float(run[name].mean())


def fact(name: str, run: Run) -> float:
    days = np.datetime64("2024-01-01") + np.arange(len(run["price"]))
    return float(stylised_facts(Prices("token", days, run["price"]), Bands(resamples=0))[name].estimate)


STATISTICS: dict[str, Callable[[Run], float]] = {
    **{f"fees over emission, year {y}": partial(share, "fees_usd", "emission_usd", y) for y in (1, 2, 4)},
    **{f"utilisation of GPUs, year {y}": partial(mean, "utilisation", y) for y in (2, 4)},
    "nodes that cheat, mean of the run": partial(whole_mean, "cheating_share"),
    "data on offer that are fake, mean of the run": partial(whole_mean, "fake_data"),
    "revenue that reaches data owners, year 4": partial(share, "licence_fees", "service_spend", 4),
    "incumbents' share of spending, year 4": lambda run: 1.0 - mean("market_share", 4, run),
    **{f"growth of circulating supply, year {y}": partial(growth, "circulating", y) for y in (1, 2, 4)},
    "Gini of stake, at the end": lambda run: float(run["gini_stake"]),
    "Herfindahl of stake, at the end": lambda run: float(run["hhi_stake"]),
    "standard deviation of daily returns": partial(fact, "sd"),
    "excess kurtosis": partial(fact, "kurtosis"),
    "Hill index, 5 % tail": partial(fact, "hill"),
    "autocorrelation of r, lag 1": partial(fact, "acf_1"),
    "autocorrelation of abs(r), lag 1": partial(fact, "acf_abs_1"),
    "autocorrelation of abs(r), lag 5": partial(fact, "acf_abs_5"),
    "autocorrelation of abs(r), lag 20": partial(fact, "acf_abs_20"),
    "99 % quantile of abs(r) over sd": partial(fact, "q99_abs"),
}


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def shown(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def verdict(low: float, high: float, median: float) -> str:
    if median < low:
        return f"{shown(low - median)} below"
    return f"{shown(median - high)} above" if median > high else "inside"


def rows() -> dict[str, list[str]]:
    matches = (ROW.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines())
    return {match[1]: list(match.groups()) for match in matches if match}


def median_and_range(cell: str) -> tuple[float, float, float]:
    found = re.fullmatch(r"([\d.e−]+) \[([\d.e−]+), ([\d.e−]+)\]", cell)
    assert found, cell
    return number(found[1]), number(found[2]), number(found[3])


def test_every_statistic_says_whether_it_is_inside_the_range() -> None:
    table = rows()
    assert sorted(table) == sorted(STATISTICS)
    for name, (_, low, high, _, ours, said) in table.items():
        assert said == verdict(number(low), number(high), median_and_range(ours)[0]), name


@pytest.mark.slow
def test_a_tenth_of_the_economy_does_what_the_page_says() -> None:
    record = simulate(scaled(load("deai-2026", sets={"seed": SEED}), AGENTS))
    run = {name: series[:, 0] for name, series in record.series.items()}
    run |= {name: np.float64(record.kpis[name]["deai"]) for name in ("gini_stake", "hhi_stake")}
    outside = {}
    for name, cells in rows().items():
        median, low, high = median_and_range(cells[4])
        value, slack = STATISTICS[name](run), max(high - low, 0.1 * abs(median))
        if not low - slack <= value <= high + slack:
            outside[name] = value
    assert not outside


def runs_of(folder: Path) -> Iterable[Run]:
    import pyarrow.parquet as pq

    series = pq.read_table(folder / "series.parquet").to_pandas()
    figures = pq.read_table(folder / "runs.parquet").to_pandas().set_index("replicate")
    for replicate, rows_of in series.groupby("replicate"):
        run: dict[str, Any] = {
            name.removeprefix("ts."): rows_of[name].to_numpy(float) for name in series if name.startswith("ts.")
        }
        for name in ("gini_stake", "hhi_stake"):
            run[name] = figures.loc[replicate, f"kpi.{name}.deai"]
        yield run


def write(folder: Path) -> None:
    """Write what a results folder says into the page."""
    runs = list(runs_of(folder))
    found = {name: np.array([statistic(run) for run in runs]) for name, statistic in STATISTICS.items()}
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for i, line in enumerate(lines):
        if match := ROW.match(line):
            values = found[match[1]]
            median, low, high = (shown(value) for value in (np.median(values), values.min(), values.max()))
            said = verdict(number(match[2]), number(match[3]), number(median))
            lines[i] = f"| {match[1]} | {match[2]}–{match[3]} | {match[4]} | {median} [{low}, {high}] | {said} |"
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {len(runs)} replicates into {PAGE.name}")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
