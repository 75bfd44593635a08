"""Reading a sweep file: every problem at once, each with file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.allowed import shown
from catallaxy.sim.scenario.checking import check
from catallaxy.sim.scenario.compose import plain
from catallaxy.sim.scenario.document import Document, YamlPath
from catallaxy.sim.scenario.library import find, shipped_sweeps, shown_name
from catallaxy.sim.scenario.writing import inline_text, yaml_text
from catallaxy.sim.scenario.yaml_loader import read_file
from catallaxy.sim.sweeps.design.design_forms import Setting
from catallaxy.sim.sweeps.design.sweep_file import SweepSpec, sweep_problems

__all__ = ["Sweep", "load_sweep", "shipped_sweeps"]

_PYTHON = "sweep given in Python"


@dataclass(frozen=True)
class Sweep:
    """A sweep file that has been read and checked; its scenarios have not been read yet.

    Attributes
    ----------
    spec : SweepSpec
    document : Document
        The file's values with their places.
    """

    spec: SweepSpec
    document: Document

    @property
    def points(self) -> int:
        """Number of points of the design, equal ones counted each; a plan drops those."""
        return self.spec.points

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the results should know about the design."""
        return self.spec.design.notes() if self.spec.design else ()

    @property
    def text(self) -> str:
        """The sweep as YAML, without its comments."""
        return yaml_text(self.document.data)

    @cached_property
    def common(self) -> tuple[Setting, ...]:
        """The settings that all runs share, in order."""
        shared = self.spec.set.items()
        return tuple(Setting(path, value, _shown(value), ("set", path)) for path, value in shared)

    def rows(self) -> Iterator[tuple[Setting, ...]]:
        """Yield the settings of each point that the design varies, in order."""
        if self.spec.design is None:
            yield ()
            return
        seed = 1 if self.spec.seed is None else self.spec.seed
        yield from self.spec.design.rows(("design",), (seed,))

    def problem(self, place: YamlPath, message: str, *, key: bool = False) -> ScenarioError:
        """Return the error to raise about a value in the file, or about its key."""
        return ScenarioError([self.document.problem(place, message, key=key)])


def load_sweep(source: str | Path | Mapping[str, Any]) -> Sweep:
    """Read and check a sweep file.

    Parameters
    ----------
    source : str, Path or Mapping
        The name of a shipped sweep ("emission"), a YAML file, or the sweep itself as a mapping; the scenario files that
        a mapping names are looked for in the current folder.

    Returns
    -------
    Sweep

    Raises
    ------
    ScenarioError
        With every problem found in the file. Its scenarios are checked when it is planned.
    """
    if isinstance(source, Mapping):
        document = Document(_PYTHON, plain(source), {}, Path.cwd().resolve())
    else:
        path = find(source, shipped_sweeps(), "sweep")
        document = replace(read_file(path, shown_name(path)), folder=path.resolve().parent)
    if not isinstance(document.data, dict):
        said = "the file is empty" if document.data is None else f"not {shown(document.data)}"
        raise ScenarioError([document.problem((), f"a sweep is a mapping (`key: value` lines); {said}")])
    return Sweep(check(document, SweepSpec, sweep_problems), document)


def _shown(value: Any) -> Any:
    return inline_text(value) if isinstance(value, (dict, list)) else value
