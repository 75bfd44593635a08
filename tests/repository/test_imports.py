"""The direction of imports: numba_kernels <- agents <- sim <- papers <- facade, without cycles, heavy ones lazily."""

from __future__ import annotations

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from repository.sources import (
    FACADE,
    LAYERS,
    ROOT,
    Import,
    code_files,
    dotted,
    holds_kernels,
    imports_of,
    module_name,
    relative,
    tree_of,
)

MODULES = {module_name(path): path for path in code_files()}
ALLOWED_IN_KERNELS = {"numpy", "numba", "llvmlite", "math"}
HEAVY = {"numba", "llvmlite", "mesa", "pandas", "pyarrow", "matplotlib", "jinja2", "scipy", "networkx", "joblib"}
#: Modules that are themselves imported lazily, with the heavy library that they are about.
ABOUT = {"sim/mesa/model.py": {"mesa"}}
#: Parts of the kernel package that neither need nor load Numba.
LIGHT_KERNELS = {"catallaxy.numba_kernels.streams", "catallaxy.numba_kernels.subnet_columns"}
#: Modules that are loaded in order to be run, which may therefore load kernels.
RUN_WHEN_LOADED = ROOT / "papers"


def target(item: Import) -> str:
    """Return the module that an import loads (a name imported from a package may be a module)."""
    whole = f"{item.module}.{item.name}"
    return whole if item.name and whole in MODULES else item.module


def layer(module: str) -> int:
    """Return the layer of one of our modules: 0 for kernels, the number of layers for the facade."""
    parts = module.split(".")
    return LAYERS.index(parts[1]) if len(parts) > 1 and parts[1] in LAYERS else len(LAYERS)


def reaches_up(item: Import, own_layer: int, tree: ast.Module) -> bool:
    """Return whether an import leads to a higher layer; the facade's version and folder are free to all."""
    loaded = target(item)
    if loaded.partition(".")[0] != "catallaxy" or layer(loaded) <= own_layer:
        return False
    if item == Import("catallaxy", None, item.line, item.at_module_level):
        names = {(dotted(node) or "") for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        return any(name.startswith("catallaxy.") and not name.startswith("catallaxy.__") for name in names)
    return (item.module, item.name) != ("catallaxy", "__version__")


def check_acyclic(graph: dict[str, set[str]]) -> None:
    """Fail with the first cycle of a graph of imports."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("path", code_files(), ids=relative)
def test_imports_are_absolute_and_never_point_upward(path: Path) -> None:
    tree, own = tree_of(path), layer(module_name(path))
    found = [i for i in imports_of(tree) if i.module.startswith(".") or reaches_up(i, own, tree)]
    assert not [f"line {item.line}: {target(item)}" for item in found]


def test_no_modules_import_each_other_in_a_circle() -> None:
    check_acyclic(
        {
            name: {target(item) for item in imports_of(tree_of(path)) if item.at_module_level} & MODULES.keys() - {name}
            for name, path in MODULES.items()
        }
    )


def test_no_parts_of_sim_import_each_other_in_a_circle() -> None:
    def part(module: str) -> str:
        return ".".join(module.split(".")[:3])

    graph: dict[str, set[str]] = {}
    for name, path in MODULES.items():
        if name.startswith("catallaxy.sim."):
            targets = {target(item) for item in imports_of(tree_of(path)) if item.at_module_level}
            parts = {part(loaded) for loaded in targets if loaded.startswith("catallaxy.sim.")}
            graph.setdefault(part(name), set()).update(parts - {part(name)})
    check_acyclic(graph)


@pytest.mark.parametrize("path", [p for p in code_files() if holds_kernels(p)], ids=relative)
def test_kernels_import_arrays_and_arithmetic_only(path: Path) -> None:
    infrastructure = sys.stdlib_module_names if path.name in {"__init__.py", "compile.py", "streams.py"} else set()
    language = {"__future__", "typing", "collections", "enum"}
    allowed = ALLOWED_IN_KERNELS | language | infrastructure
    outside = [item.module for item in imports_of(tree_of(path)) if item.module.partition(".")[0] not in allowed]
    assert not [name for name in outside if not name.startswith("catallaxy.numba_kernels")]


@pytest.mark.parametrize("path", [p for p in code_files() if not holds_kernels(p)], ids=relative)
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    top = {target(item) for item in imports_of(tree_of(path)) if item.at_module_level}
    assert {name.partition(".")[0] for name in top} & HEAVY <= ABOUT.get(relative(path), set())
    kernels = [name for name in top if name.startswith("catallaxy.numba_kernels.") and name not in LIGHT_KERNELS]
    assert not kernels or path.is_relative_to(RUN_WHEN_LOADED)


def test_the_checks_look_at_something() -> None:
    assert {ROOT / FACADE, ROOT / "sim/errors.py", ROOT / "numba_kernels/compile.py"} <= set(code_files())
