"""Judge whether code is tested."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit.facts.above import Doubts
from repro_audit.facts.code import as_code
from repro_audit.facts.kind import Kind
from repro_audit.facts.python import PythonIndex

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Function, Module

NAMES = (ast.Name, ast.Attribute, ast.Call)
# What Python imports under the name of such a file, once it is compiled.
COMPILED = frozenset({".c", ".cc", ".cpp", ".cu", ".pyx", ".rs", ".f90"})
BUILT_IN = frozenset(dir(builtins))


def auto_tests(repo: Repository) -> Verdict:
    """Tests import the project's own modules and assert something of them."""
    index = repo.fact(PythonIndex)
    sources = [module.path for module in index.live()]
    sources.sort(key=lambda path: path.endswith(".ipynb"))
    if not sources:
        return not_applicable("There is no code of the project's own to test.")
    found: list[Evidence] = []
    empty: list[Evidence] = []
    for module in index.tests():
        script = "ArgumentParser" in module.methods
        named = {
            name: item
            for name, item in module.functions.items()
            if name.rpartition(".")[2].startswith("test") and not (script and steps(item))
        }
        if not named:
            continue
        cases = [item for item in named.values() if not skipped(item.decorators)]
        cases = [] if left_out(module) else cases
        line = min(item.line for item in cases or named.values())
        if not cases:
            empty.append(Evidence(module.path, line, "all tests are skipped"))
        elif reaches_project(module, index, repo) and asserts(module):
            found.append(Evidence(module.path, line, f"{len(cases)} test(s)"))
        else:
            empty.append(Evidence(module.path, line, "tests nothing of this project"))
    if found:
        return passed("The project's code is tested.", *found)
    fix = "Write tests/test_*.py that import your functions and assert what they return"
    doubts = repo.fact(Doubts).tests
    if doubts:
        return unknown("Tests outside of this project may try it.", *doubts, *empty, fix=fix)
    if not empty and (reason := untestable(repo, index)):
        return unknown(reason, *(Evidence(path, 0, "a notebook") for path in sources[:3]), fix=fix)
    if empty:
        return failed("Tests exist and test nothing of the project.", *empty, fix=fix)
    return failed(
        "There are no tests.", *(Evidence(path, 1, "not tested") for path in sources[:3]), fix=fix
    )


def steps(item: Function) -> bool:
    """Say whether a function of a script is a step of it: `test(model, loader)` evaluates."""
    return not item.owner and (bool(item.parameters) or item.qualname == "test")


def untestable(repo: Repository, index: PythonIndex) -> str:
    """Say why nothing here can be called by a test: there are notebooks alone, of some kinds."""
    modules = list(index.live())
    if any(not module.path.endswith(".ipynb") for module in modules):
        return ""
    if repo.fact(Kind).name == "course":
        return "These are lessons in notebooks; their test is to be executed, which a run shows."
    if not any(module.functions or module.classes for module in modules):
        return "The notebooks define nothing that a test could call; executing them is their test."
    return ""


def reaches_project(module: Module, index: PythonIndex, repo: Repository) -> bool:
    """Say whether a test module imports or starts code of the repository."""
    extensions = {file.name.partition(".")[0] for file in repo.files if file.suffix in COMPILED}
    for item in module.imports:
        joint = "" if item.module.endswith(".") else "."
        for name in (item.module, f"{item.module}{joint}{item.name}"):
            path = index.module_path(name, module.path)
            if path is not None and path != module.path:
                return True
            if index.module_path(name, module.path) is None and item.module in extensions:
                return True
    scripts = {
        file.name
        for file in repo.files
        if file.suffix in {".py", ".sh"} and not file.name.startswith("test")
    }
    return any(text.value.rpartition("/")[2] in scripts for text in module.texts)


def asserts(module: Module) -> bool:
    """Say whether anything is asserted or at least run; `assert 1 + 1 == 2` is neither."""
    bound = {item.bound for item in module.imports}
    tests = (check.test for check in module.checks)
    asked = (test for test in tests if not only_there(test, bound))
    if any(isinstance(part, NAMES) for test in asked for part in ast.walk(test)):
        return True
    inside = [call for call in module.calls if call.scope.rpartition(".")[2].startswith("test")]
    return any(call.name not in BUILT_IN for call in inside)


def only_there(test: ast.expr, bound: set[str]) -> bool:
    """Say whether a check asks only that an imported name is there, as `assert a is not None`."""
    compared = test.left if isinstance(test, ast.Compare) else test
    others = test.comparators if isinstance(test, ast.Compare) else []
    nothing = all(isinstance(part, ast.Constant) and part.value is None for part in others)
    return isinstance(compared, ast.Name) and compared.id in bound and nothing


def skipped(decorators: tuple[str, ...]) -> bool:
    """Say whether a test is always left out, or may fail."""
    return any(item.rpartition(".")[2] in {"skip", "xfail"} for item in decorators)


def left_out(module: Module) -> bool:
    """Say whether the tests of a file are all left out, by a call or a mark at its top."""
    marks = [
        item.value
        for item in module.assignments
        if item.target == "pytestmark" and not item.scope and item.value is not None
    ]
    called = any(
        call.name == "pytest.skip" and not call.scope and not call.conditions
        for call in module.calls
    )
    return called or any(skipped((as_code(mark).partition("(")[0],)) for mark in marks)
