"""What the figure of a sweep draws and says."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.figure import Figure

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.answers.run_values import RunValues
from catallaxy.sim.sweeps.answers.sweep_figure import Axis, kpi_figure
from oracles.sweep_tables import NETWORKS, make_plan, make_runs

A, B = NETWORKS
POINTS = [{"rate": rate, "rule": rule} for rate in (0.01, 0.1, 1.0) for rule in ("burn", "stake")]


def values(points: list[dict[str, Any]] | None = None, replicates: int = 5, **fields: Any) -> RunValues:
    plan = make_plan(POINTS if points is None else points, replicates, **fields)
    return RunValues(
        plan, make_runs(plan, lambda run: {("fees", n): 10.0 * run.point + run.replicate for n in NETWORKS})
    )


def caption(figure: Figure) -> str:
    return figure.get_supxlabel()


def test_a_line_for_each_value_of_the_second_parameter() -> None:
    figure = kpi_figure(values(), "fees", Axis(hue="rule"), network=A)
    (ax,) = figure.axes
    assert ax.get_xscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) == ("rate", "USD/year", "Agora: fees")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.01", "0.1", "1"]
    middles = [container.lines[0].get_ydata() for container in ax.containers]
    assert [list(line) for line in middles] == [[2.0, 22.0, 42.0], [12.0, 32.0, 52.0]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["burn", "stake"]
    assert caption(figure) == "Marks: mean of n = 5 replicates; bars: 95 % interval of the mean (Student's t)."


def test_names_stand_side_by_side_and_are_not_joined() -> None:
    figure = kpi_figure(values(), "fees", Axis("rule"), level=0.9, method="bootstrap")
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["Agora: fees", "Bazaar & Co.: fees"]
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["burn", "stake"]
    assert ax.containers[0].lines[0].get_linestyle() == "None"
    assert list(ax.containers[0].lines[0].get_ydata()) == [22.0, 32.0]
    assert "n = 5 replicates, each over all values of rate; bars: 90 %" in caption(figure)
    assert "(BCa bootstrap)" in caption(figure)


def test_without_an_interval_none_is_promised() -> None:
    over_rules = kpi_figure(values(replicates=1), "fees", Axis(), network=A)
    assert "mean of n = 2 runs, each over all values of rule; bars" in caption(over_rules)
    alone = kpi_figure(values([{"rate": 0.5}], replicates=1), "fees", Axis(), network=A)
    assert caption(alone) == "Marks: mean of n = 1 runs."


def test_many_values_get_ordinary_ticks() -> None:
    figure = kpi_figure(values([{"x": i} for i in range(40)]), "fees", Axis(), network=A)
    assert len(figure.axes[0].get_xticks()) < 20
    assert figure.axes[0].get_xscale() == "linear"


def test_a_figure_becomes_the_same_bytes_again() -> None:
    first, second = (kpi_figure(values(), "fees", Axis(hue="rule"))._repr_png_() for _ in range(2))  # type: ignore[attr-defined]
    assert first[:4] == b"\x89PNG"
    assert first == second


def test_a_sweep_that_varies_nothing_has_no_figure() -> None:
    with pytest.raises(ResultsError, match="varies no parameter"):
        kpi_figure(values([{}]), "fees", Axis())
    with pytest.raises(ResultsError, match="no parameter 'rat'; did you mean 'rate'"):
        kpi_figure(values(), "fees", Axis("rat"))
    with pytest.raises(ResultsError, match="no key figure 'fee'; did you mean 'fees'"):
        kpi_figure(values(), "fee", Axis())
