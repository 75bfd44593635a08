"""Every public name is documented, and what is documented exists under that name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from repository.sources import Function, code_files, functions_of, relative, tree_of

ENTRY = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: ?:.*)?$")


def section(docstring: str, title: str) -> list[str]:
    """Return the names that a numpydoc section documents."""
    lines = docstring.splitlines()
    heads = [i for i, line in enumerate(lines[:-1]) if line == title and set(lines[i + 1]) == {"-"}]
    if not heads:
        return []
    names: list[str] = []
    for i in range(heads[0] + 2, len(lines)):
        if i + 1 < len(lines) and lines[i + 1] and set(lines[i + 1]) == {"-"}:
            break
        entry = ENTRY.match(lines[i])
        if entry:
            names += [name.strip().lstrip("*") for name in entry[1].split(",")]
    return names


def signature(function: Function) -> list[str]:
    """Return a function's parameter names in order, without `self` and `cls`."""
    a = function.args
    parts = [*a.posonlyargs, *a.args, *([a.vararg] if a.vararg else []), *a.kwonlyargs, *([a.kwarg] if a.kwarg else [])]
    return [part.arg for part in parts if part.arg not in {"self", "cls"}]


def documented(node: Function | ast.ClassDef) -> str:
    """Return a node's docstring, or nothing."""
    return ast.get_docstring(node) or ""


def attributes(node: ast.ClassDef) -> set[str]:
    """Return the names that a class declares, defines, or assigns to `self`."""
    names = {n.target.id for n in ast.walk(node) if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
    names |= {n.name for n in node.body if isinstance(n, Function)}
    names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}


def parameters_of_class(node: ast.ClassDef) -> set[str]:
    """Return what the constructor takes: the arguments of `__init__`, or the declared fields."""
    makers = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
    return set(signature(makers[0])) if makers else attributes(node)


def docstring_faults(tree: ast.Module) -> list[str]:
    """Return what is missing or wrong in a file's docstrings."""
    faults = [] if ast.get_docstring(tree) or not tree.body else ["the module has no docstring"]
    for name, function in functions_of(tree):
        names = section(documented(function), "Parameters")
        if names and names != signature(function):
            faults.append(f"line {function.lineno}: {name} documents {names}, takes {signature(function)}")
    for node in (n for n in ast.walk(tree) if isinstance(n, ast.ClassDef)):
        unknown = set(section(documented(node), "Attributes")) - attributes(node)
        unknown |= set(section(documented(node), "Parameters")) - parameters_of_class(node)
        faults += [f"line {node.lineno}: {node.name} documents {name!r}, which it does not have" for name in unknown]
    return faults + undocumented(tree)


def undocumented(tree: ast.AST, prefix: str = "") -> list[str]:
    """Return the public classes, functions and methods without a docstring."""
    faults = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            overload = any("overload" in ast.unparse(decorator) for decorator in node.decorator_list)
            if not documented(node) and not overload:
                faults.append(f"line {node.lineno}: {prefix}{node.name} has no docstring")
            if isinstance(node, ast.ClassDef):
                faults += undocumented(node, f"{node.name}.")
    return faults


@pytest.mark.parametrize("path", code_files(), ids=relative)
def test_docstrings_tell_the_truth(path: Path) -> None:
    assert not docstring_faults(tree_of(path))


GOOD = '''"""Module."""
def f(a, *b, c=1):
    """Do.

    Parameters
    ----------
    a : float64[n], tokens, in/out
        The first,
        on two lines.
    *b : int
    c : int, optional

    Returns
    -------
    float
    """
'''


def test_a_true_docstring_passes() -> None:
    assert not docstring_faults(ast.parse(GOOD))


@pytest.mark.parametrize(
    ("was", "now"),
    [("    a : float64", "    amount : float64"), ("    *b : int\n", ""), ('"""Module."""', ""), ("f(a, *b,", "f(a,")],
)
def test_an_untrue_docstring_is_noticed(was: str, now: str) -> None:
    assert docstring_faults(ast.parse(GOOD.replace(was, now)))


@pytest.mark.parametrize("source", ['"""M."""\ndef f(): ...', '"""M."""\nclass C:\n    """C."""\n    def m(self): ...'])
def test_a_missing_docstring_is_noticed(source: str) -> None:
    assert docstring_faults(ast.parse(source))
