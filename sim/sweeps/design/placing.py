"""Problems of a point, told where the sweep file says what causes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.scenario.allowed import shown
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.sweeps.design.design_forms import Setting
from catallaxy.sim.sweeps.design.reading import Sweep

__all__ = ["PointProblems"]

_MOST_SHOWN = 20
_MOST_POINTS = 100
_SETTINGS_SHOWN = 6
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,e+-]*")


class PointProblems:
    """Collects the problems of points, each once: those at one place that differ in numbers only are one.

    Parameters
    ----------
    sweep : Sweep
    """

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._found: dict[tuple[str, int, int, str, str], Problem] = {}
        self._points = 0

    def add(self, error: ScenarioError, row: Sequence[Setting], common: Sequence[Setting]) -> None:
        """Take the problems of one point.

        Parameters
        ----------
        error : ScenarioError
            What `load` said of it.
        row : sequence of Setting
            What the design sets at the point.
        common : sequence of Setting
            What all points share.

        Raises
        ------
        ScenarioError
            When so many points are not valid that there is no use in trying the rest.
        """
        self._points += 1
        for problem in error.problems:
            told = self._placed(problem, [*common, *row], row)
            kind = _NUMBER.sub("#", problem.message) if told.line else told.message
            self._found.setdefault((told.file, told.line, told.column, told.path, kind), told)
        if self._points >= _MOST_POINTS:
            self.raise_any(f"planning stopped after {_MOST_POINTS} points that are not valid")

    def raise_any(self, note: str = "") -> None:
        """Raise what was found, if anything, and a last line that says what is not shown."""
        if not self._found:
            return
        problems = list(self._found.values())
        more = len(problems) - _MOST_SHOWN
        notes = [f"and {more} more"] if more > 0 else []
        last = "; ".join([*notes, *([note] if note else [])])
        lines = [Problem(self._sweep.document.name, 0, 0, "", last)] if last else []
        raise ScenarioError([*problems[:_MOST_SHOWN], *lines])

    def _placed(self, problem: Problem, settings: Sequence[Setting], row: Sequence[Setting]) -> Problem:
        """Return a problem at its place, with the point that shows it where several settings meet."""
        if problem.file == self._sweep.document.name:
            return problem
        labels = {f"--set {setting.path}={shown(setting.value)}": setting for setting in settings}
        direct = labels.get(problem.file)
        if direct is not None:
            return self._of_level(problem, direct)
        nearest = max(settings, key=lambda setting: _in_common(setting.path, problem.path), default=None)
        if nearest is not None and _in_common(nearest.path, problem.path) > 1:
            problem = self._at(problem, nearest.place)
        elif not problem.line:
            problem = self._at(problem, ("design",))
        return replace(problem, message=f"{problem.message} (at the point {_point(row)})") if row else problem

    def _of_level(self, problem: Problem, setting: Setting) -> Problem:
        if not problem.path:
            return replace(self._sweep.document.problem(setting.parameter_place, problem.message, key=True), path="")
        said = self._at(problem, _inside(setting, problem.path))
        drawn = self._sweep.document.at(setting.place)
        if isinstance(setting.value, float) and isinstance(drawn, dict) and "whole number" in problem.message:
            return replace(said, message=f"{said.message}; write `integer: true` beside low and high")
        return said

    def _at(self, problem: Problem, place: YamlPath) -> Problem:
        return replace(self._sweep.document.problem(place, problem.message), path=problem.path)


def _inside(setting: Setting, path: str) -> YamlPath:
    deeper = path.removeprefix(f"{setting.path}.") if path.startswith(f"{setting.path}.") else ""
    return (*setting.place, *(int(name) if name.isdigit() else name for name in deeper.split(".") if name))


def _in_common(one: str, other: str) -> int:
    """Return how many names two dotted paths share from the start; a whole path counts double."""
    first, second = one.split("."), other.split(".")
    same = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    return 2 * same if same and same in (len(first), len(second)) else same


def _point(row: Sequence[Setting]) -> str:
    said = [f"{setting.path}={setting.shown}" for setting in row[:_SETTINGS_SHOWN]]
    return ", ".join([*said, *(["..."] if len(row) > _SETTINGS_SHOWN else [])])
