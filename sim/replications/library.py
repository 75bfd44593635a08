"""Replications by name: the folders of `papers/`, and folders of the user's own."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path
from typing import cast

from pydantic import create_model

from catallaxy.agents.complaints import did_you_mean
from catallaxy.agents.declaration import Spec
from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.replications.paper import ExpectedSpec, PaperSpec, expected_problems
from catallaxy.sim.replications.protocol import NAMES, ReplicationModule
from catallaxy.sim.scenario.checking import check
from catallaxy.sim.scenario.document import Document
from catallaxy.sim.scenario.merge import merge
from catallaxy.sim.scenario.yaml_loader import read_file

__all__ = ["Replication", "find_replication", "shipped_replications"]

_PAPER, _EXPECTED, _MODULE = "paper.yaml", "expected.yaml", "replication"


@dataclass(frozen=True)
class Replication:
    """A folder that holds a replication; nothing of it is read or imported before it is asked for.

    Attributes
    ----------
    folder : Path
        Resolved.
    """

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name with hyphens, as in "gode-sunder-1993"."""
        return self.folder.name.replace("_", "-")

    def paper(self) -> PaperSpec:
        """Return what `paper.yaml` declares; its parameters have not been checked yet."""
        return check(self._read(_PAPER), PaperSpec)

    def expected(self) -> ExpectedSpec:
        """Return the published numbers."""
        return check(self._read(_EXPECTED), ExpectedSpec, expected_problems)

    def parameters(self, *, quick: bool = False) -> Spec:
        """Return the parameters of the replication.

        Parameters
        ----------
        quick : bool, optional
            Put the values under `quick` in the place of the others.

        Returns
        -------
        Spec
            An instance of the module's `Parameters`.

        Raises
        ------
        ScenarioError
            With every problem found.
        """
        read, fields = self._read(_PAPER), self.module().Parameters
        own = merge(read.below(("parameters",)), read.below(("quick",))) if quick else read.below(("parameters",))
        places = {("parameters", *path): place for path, place in own.places.items()}
        whole = create_model("Whole", __base__=Spec, parameters=(fields, ...))
        checked = check(Document(read.name, {"parameters": own.data}, places), whole)
        return cast(Spec, checked.parameters)  # type: ignore[attr-defined]

    def declared(self, *, quick: bool = False) -> tuple[PaperSpec, Spec, ExpectedSpec]:
        """Return paper, parameters and published numbers.

        Parameters
        ----------
        quick : bool, optional
            Put the values under `quick` in the place of the others.

        Returns
        -------
        PaperSpec, Spec, ExpectedSpec

        Raises
        ------
        ScenarioError
            With every problem found in both files.
        """
        problems: list[Problem] = []
        with _kept(problems):
            paper = self.paper()
        if not {"", "parameters", "quick"} & {problem.path for problem in problems}:
            with _kept(problems):
                parameters = self.parameters(quick=quick)
        with _kept(problems):
            expected = self.expected()
        if problems:
            raise ScenarioError(problems)
        return paper, parameters, expected

    def module(self) -> ReplicationModule:
        """Import and return the module `replication` of the folder.

        Returns
        -------
        ReplicationModule

        Raises
        ------
        ScenarioError
            When there is none, another package has the folder's name, or a function is missing.
        """
        package = f"catallaxy.papers.{self.folder.name}"
        if self.folder.parent != _papers():
            package = self.folder.name
            if str(self.folder.parent) not in sys.path:
                sys.path.append(str(self.folder.parent))
        file = self.folder / f"{_MODULE}.py"
        if not file.is_file() or not self.folder.name.isidentifier():
            raise _problem(file, "there is no such file" if self.folder.name.isidentifier() else _NAME)
        module = import_module(f"{package}.{_MODULE}")
        if Path(str(module.__file__)).resolve() != file:
            raise _problem(file, f"another package is called {package!r} ({module.__file__}); rename the folder")
        missing = [name for name in NAMES if not hasattr(module, name)]
        if missing:
            raise _problem(file, f"it does not define {', '.join(missing)}; docs/replications.md says what they are")
        return cast(ReplicationModule, module)

    def digest(self) -> str:
        """Return a hash of the folder's code and numbers, as 16 hexadecimal digits."""
        digest = hashlib.sha256()
        for path in sorted(path for path in self.folder.iterdir() if path.suffix in {".py", ".yaml"}):
            digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
        return digest.hexdigest()[:16]

    def _read(self, name: str) -> Document:
        return read_file(self.folder / name, f"{self.folder.name}/{name}")


_NAME = "the folder's name must be a Python name: letters, digits and underscores"


def _papers() -> Path:
    return Path(str(resources.files("catallaxy") / "papers")).resolve()


@contextmanager
def _kept(problems: list[Problem]) -> Iterator[None]:
    """Put the problems that are found into a list, and go on."""
    try:
        yield
    except ScenarioError as error:
        problems += error.problems


def _problem(path: Path, message: str) -> ScenarioError:
    return ScenarioError([Problem(f"{path.parent.name}/{path.name}", 0, 0, "", message)])


def shipped_replications() -> dict[str, Replication]:
    """Return the replications that ship with the package, by name, sorted."""
    folders = sorted(path.parent for path in _papers().glob(f"*/{_PAPER}"))
    found = (Replication(folder) for folder in folders)
    return {replication.name: replication for replication in found}


def find_replication(source: str) -> Replication:
    """Return the replication of a name, or in a folder.

    Parameters
    ----------
    source : str
        A shipped name ("gode-sunder-1993"), or the path of a folder with a `paper.yaml`, whose code will be run.

    Returns
    -------
    Replication

    Raises
    ------
    ScenarioError
        When there is none; the message lists the shipped ones.
    """
    known = shipped_replications()
    folder = Path(source)
    if source in known:
        return known[source]
    if folder.is_dir():
        if (folder / _PAPER).is_file():
            return Replication(folder.resolve())
        raise ScenarioError([Problem(source, 0, 0, "", f"the folder holds no {_PAPER}")])
    message = f"no replication has this name; shipped: {', '.join(known)}{did_you_mean(source, known)}"
    raise ScenarioError([Problem(source, 0, 0, "", message)])
