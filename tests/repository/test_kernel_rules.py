"""What may stand inside a compiled kernel, and what may not stand on the way to a result anywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.sources import (
    Function,
    aliases_of,
    code_files,
    dotted,
    functions_of,
    holds_kernels,
    relative,
    resolved,
    tree_of,
)

#: Plain Python that decides how and under which numbers kernels run.
INFRASTRUCTURE = {"__init__.py", "compile.py", "streams.py"}
#: Reinterpretation of bits: LLVM intrinsics when compiled, array views when interpreted.
INTRINSICS = {
    "elementary.py": {"_bits", "_from_bits"},
    "occupancy.py": {"_trailing_zeros", "_leading_zeros"},
}
KERNELS = [p for p in code_files() if holds_kernels(p) and p.name not in INFRASTRUCTURE]

#: Library functions whose last bit differs between C libraries or instruction sets.
LIBM = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "power", "float_power", "cbrt", "logaddexp", "sin",
    "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "atan2", "arcsin", "arccos", "arctan", "arctan2",
    "erf", "erfc", "gamma", "lgamma", "hypot",
}  # fmt: skip
#: Library loops that order or add up in a way of their own, or allocate behind the reader's back.
LOOPS = {
    "sort", "argsort", "partition", "argpartition", "lexsort", "unique", "searchsorted", "sum", "nansum", "cumsum",
    "mean", "nanmean", "median", "nanmedian", "average", "std", "var", "prod", "cumprod", "dot", "matmul", "einsum",
    "quantile", "nanquantile", "percentile", "nanpercentile", "histogram", "bincount", "interp",
}  # fmt: skip
BANNED_IN_KERNELS = {f"numpy.{name}" for name in LIBM | LOOPS} | {f"math.{name}" for name in LIBM | {"fsum", "prod"}}
BANNED_METHODS = {"sum", "mean", "std", "var", "prod", "sort", "argsort", "cumsum", "cumprod", "dot"}
#: The packages whose numbers become results; analysis, report and results work on what was recorded.
RESULT_FOLDERS = {"agents", "engine", "state", "markets", "tokenomics", "environment", "trust"}
RESULTS = [p for p in code_files() if RESULT_FOLDERS & set(p.parts[-3:-1])]


def is_plain_number(node: ast.AST) -> bool:
    """Return whether an expression is an integer literal, signed or not."""
    node = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def libm_powers(tree: ast.AST) -> Iterator[str]:
    """Yield `x ** y` unless the base or the exponent is an integer literal, which Python and LLVM multiply out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow):
            operands = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
            if not any(is_plain_number(operand) for operand in operands):
                yield f"line {node.lineno}: {ast.unparse(node)}: write elementary.power"


#: Hashes a seed into another one in integers; it draws nothing.
SEEDING = {"numpy.random.SeedSequence"}


def uses_of(tree: ast.AST, names: set[str], aliases: dict[str, str]) -> Iterator[str]:
    """Yield every use of a banned library function, and of anything in `numpy.random` or `random`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            full = resolved(node, aliases) or ""
            if full in names or (full.startswith(("numpy.random.", "random.")) and full not in SEEDING):
                yield f"line {node.lineno}: {full}"


def kernel_faults(tree: ast.Module, decorators: set[str], plain: set[str]) -> list[str]:
    """Return what is wrong with a file of kernels."""
    aliases = aliases_of(tree)
    faults = [*uses_of(tree, BANNED_IN_KERNELS, aliases), *libm_powers(tree)]
    for name, function in functions_of(tree):
        if name.partition(".")[0] in plain:
            continue
        if not {dotted(decorator) for decorator in function.decorator_list} & decorators:
            faults.append(f"line {function.lineno}: {name} is not decorated with {' or '.join(sorted(decorators))}")
        if ast.get_docstring(function) is None:
            faults.append(f"line {function.lineno}: {name} has no docstring")
        faults += method_faults(function)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in {"fastmath", "parallel"}:
            faults.append(f"line {node.value.lineno}: {node.arg} is decided in compile.py")
    return faults


def method_faults(function: Function) -> Iterator[str]:
    """Yield array methods that add up or sort."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in BANNED_METHODS:
            yield f"line {node.lineno}: .{node.func.attr}() in a kernel"


def compile_decorators() -> set[str]:
    """Return the decorators that compile.py offers."""
    path = next(p for p in code_files() if p.name == "compile.py")
    return {name for name, _ in functions_of(tree_of(path)) if not name.startswith("_") and "." not in name}


@pytest.mark.parametrize("path", KERNELS, ids=relative)
def test_kernels_keep_the_rules(path: Path) -> None:
    assert not kernel_faults(tree_of(path), compile_decorators(), INTRINSICS.get(path.name, set()))


def test_compile_decides_once_and_without_fastmath() -> None:
    path = next(p for p in code_files() if p.name == "compile.py")
    keywords = {node.arg for node in ast.walk(tree_of(path)) if isinstance(node, ast.keyword)}
    assert {"error_model", "cache"} <= keywords
    assert "fastmath" not in keywords


@pytest.mark.parametrize("path", RESULTS, ids=relative)
def test_results_do_not_depend_on_the_c_library(path: Path) -> None:
    tree = tree_of(path)
    names = {f"{library}.{name}" for library in ("numpy", "math") for name in LIBM}
    assert not [*uses_of(tree, names, aliases_of(tree)), *libm_powers(tree)]


BAD_KERNELS = {
    "undecorated": 'def f(x):\n    """Doc."""\n    return x',
    "undocumented": "@kernel\ndef f(x):\n    return x",
    "libm": 'import math\n@kernel\ndef f(x):\n    """Doc."""\n    return math.exp(x)',
    "renamed libm": 'from math import log as ln\n@kernel\ndef f(x):\n    """Doc."""\n    return ln(x)',
    "power": 'import numpy as np\n@kernel\ndef f(x, a):\n    """Doc."""\n    return x**a',
    "sum": 'import numpy as np\n@kernel\ndef f(x):\n    """Doc."""\n    return np.sum(x)',
    "method": '@kernel\ndef f(x):\n    """Doc."""\n    return x.sum()',
    "draw": 'import numpy as np\n@kernel\ndef f():\n    """Doc."""\n    return np.random.random()',
    "fastmath": '@kernel\ndef f(x):\n    """Doc."""\n    return x\n\ng = njit(fastmath=True)(f)',
}


@pytest.mark.parametrize("name", BAD_KERNELS)
def test_the_rules_notice(name: str) -> None:
    assert kernel_faults(ast.parse(BAD_KERNELS[name]), {"kernel", "helper"}, set())


def test_the_rules_pass_what_is_allowed() -> None:
    good = 'import math\n@helper\ndef f(x):\n    """Doc."""\n    return math.sqrt(x) + x**2 + 10**9 + log(x)'
    assert not kernel_faults(ast.parse(good), {"kernel", "helper"}, set())
