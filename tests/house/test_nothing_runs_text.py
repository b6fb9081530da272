"""What comes from a file, a form, a network or a call is never run: no pickle, no eval, no shell, one screen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNNING_MODULES = {"cloudpickle", "code", "dill", "jsonpickle", "marshal", "pickle", "pty", "runpy", "shelve", "yaml"}
"""Their business is to make objects or programs of bytes."""
TRUSTING_MODULES = "lxml", "xml.dom", "xml.etree", "xml.sax", "xmlrpc"
"""They read XML with its entities."""
RUNNING_CALLS = {"__import__", "compile", "eval", "exec", "execfile", "getoutput", "getstatusoutput", "popen", "system"}
"""As a name or as an attribute (`os.system`); `re.compile` and `typst.compile` are others."""
OTHER_COMPILERS = {"re", "typst"}
MARKUP = {"Markup", "render_template_string"}
"""They take text for markup or for a template."""
OF_OUR_OWN = {
    "glucolog/web/charts.py": "calls Markup",
    "glucolog/web/pages/reading_matter.py": "calls Markup",
    "glucolog/web/templates/devices.html": "says safe",
}
"""Where markup of our own making is shown as such: a chart, a help page, a QR sign; what stands in them is escaped."""


@cache
def trees() -> dict[str, ast.Module]:
    """Return the program's modules, parsed."""
    files = [*(ROOT / "glucolog").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")]
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text("utf-8")) for file in files}


def found(tree: ast.Module) -> Iterator[str]:
    """Give what a module must not do, with its line."""
    for node in ast.walk(tree):
        for what in _of_node(node):
            yield f"{getattr(node, 'lineno', 0)}: {what}"


def _of_node(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from _imports(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node)


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        names = [node.module or "", *(f"{node.module}.{name}" for name in names)]
    for name in names:
        if name.partition(".")[0] in RUNNING_MODULES or name.startswith(TRUSTING_MODULES):
            yield f"imports {name}"


def _calls(node: ast.Call) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    owner = node.func.value.id if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) else ""
    if name in RUNNING_CALLS and not (name == "compile" and owner in OTHER_COMPILERS):
        yield f"calls {name}"
    if name in MARKUP:
        yield f"calls {name}"
    for keyword in node.keywords:
        is_set = not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        if keyword.arg in {"shell", "allow_pickle"} and is_set:
            yield f"says {keyword.arg}"


def test_the_program_runs_no_text_and_trusts_no_markup_but_its_own() -> None:
    wrong = {(name, what.partition(": ")[2]) for name, tree in trees().items() for what in found(tree)}
    assert wrong | set(_unescaped()) == set(OF_OUR_OWN.items())


def _unescaped() -> Iterator[tuple[str, str]]:
    for file in (ROOT / "glucolog").rglob("*.html"):
        for word in ("safe", "autoescape"):
            if re.search(rf"\b{word}\b", " ".join(re.findall(r"{[{%].*?[%}]}", file.read_text("utf-8"), re.DOTALL))):
                yield file.relative_to(ROOT).as_posix(), f"says {word}"


@pytest.mark.parametrize(
    "line",
    [
        "import pickle", "from pickle import loads", "import xml.etree.ElementTree as x", "from xml import sax",
        "eval('1')", "exec(x)", "compile(x, '', 'exec')", "os.system(x)", "os.popen(x)", "__import__(x)",
        "subprocess.run(x, shell=True)", "subprocess.run(x, shell=is_so)", "numpy.load(x, allow_pickle=True)",
        "Markup(x)", "render_template_string(x)", "subprocess.getoutput(x)", "builtins.eval(x)",
    ],
)  # fmt: skip
def test_the_search_finds_it(line: str) -> None:
    assert list(found(ast.parse(line)))


@pytest.mark.parametrize("line", ["re.compile(x)", "subprocess.run(x, shell=False)", "from xml.parsers import expat"])
def test_the_search_lets_the_harmless_be(line: str) -> None:
    assert list(found(ast.parse(line))) == []


def test_everything_on_a_terminal_goes_through_the_screen() -> None:
    spoken = {
        name: node.lineno
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"echo", "secho", "prompt", "confirm", "echo_via_pager"}
    }
    prints = {
        name
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert set(spoken) == {"glucolog/cli/screen.py"}
    assert prints == set()
