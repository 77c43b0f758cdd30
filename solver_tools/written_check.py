"""What can be said of a written program before it runs, and how it is taken out of a reply."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

from optiwright.formulators.python_tree import module_tree
from optiwright.solver_tools.written_faults import HERE, syntax_fault
from optiwright.solver_tools.written_reserved import without_reserved_names
from optiwright.solver_tools.written_tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_NETWORK = {"requests", "urllib3", "httpx", "aiohttp", "socket", "ftplib", "smtplib"}
_NO_PROCESS = {"subprocess", "multiprocessing", "pexpect"}
_NOT_HERE = {
    "amplpy", "coptpy", "cplex", "cylp", "docplex", "gamspy", "gurobipy", "linopy", "mip", "mosek",
    "pulp", "pyoptinterface", "xpress", "gekko", "casadi", "matplotlib", "cvxopt", "picos",
}  # fmt: skip
_SOLVING = {
    "solve", "Solve", "optimize", "run", "minimize", "maximize", "linprog", "milp",
    "minimize_scalar", "differential_evolution", "dual_annealing", "basinhopping", "shgo",
    "solveConcurrent", "direct",
}  # fmt: skip
_FENCE = re.compile(r"^[ \t]*(?:```+|~~~+)[ \t]*([\w+.-]*)[^\n]*$", re.MULTILINE)
_CODE_LINE = re.compile(
    r"(?:import|from|def|class|for|while|if|with|try|@|#|print|report|return)\b|[\w.\[\], ]+=|[@#]"
)


def faults(source: str) -> list[str]:
    """Returns what is wrong with a program as sentences that a model can act on; [] for nothing.

    Only what is sure to fail or to come to nothing is named.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = module_tree(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [syntax_fault(error, source).error]
    found = [_import_fault(name, line) for name, line in _imports(tree)]
    called = _called_names(tree)
    if not called & _SOLVING:
        found.append("The program calls no solver: build a model and solve it.")
    if not called & {"report", "print"}:
        found.append(
            "The program neither reports nor prints its result: end it with "
            "`report(objective=..., name=value)`."
        )
    return [sentence for sentence in found if sentence]


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    guarded = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if node in guarded:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno


def _import_fault(name: str, line: int) -> str:
    head = name.partition(".")[0]
    if head in _NO_NETWORK or name in ("urllib.request", "http.client"):
        return f"Line {line} imports `{name}`, but programs have no network: write the data in."
    if head in _NO_PROCESS:
        return (
            f"Line {line} imports `{name}`, but programs cannot start processes: solve in this one."
        )
    if head in _NOT_HERE:
        return f"Line {line} imports `{name}`, which is not installed. {HERE}"
    return ""


def _called_names(tree: ast.AST) -> set[str]:
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute):
                called.add(function.attr)
            elif isinstance(function, ast.Name):
                called.add(function.id)
    return called


def strip_code(reply: str) -> str:
    """Returns the program in a model's reply; "" if there is nothing that looks like one.

    Of several fenced blocks the longest that parses; a last fence may lack its end. Without fences
    the reply is cut to the lines from the first to the last between which it parses. Parts with a
    name that Pyomo keeps for itself get another.
    """
    blocks = _fenced(reply)
    parsing = [block for block in blocks if _parses(block)]
    found = max(parsing or blocks, key=len) if blocks else _unfenced(reply)
    return without_reserved_names(found)


def _fenced(reply: str) -> list[str]:
    """Returns the blocks between fences, those marked as another language apart."""
    blocks, start, language = [], None, ""
    for matched in _FENCE.finditer(reply):
        if start is None:
            start, language = matched.end() + 1, matched[1].lower()
        else:
            if language in ("", "python", "py", "python3"):
                blocks.append(_dedented(reply[start : matched.start()]))
            start = None
    if start is not None and reply[start:].strip():
        blocks.append(_dedented(reply[start:]))
    return [block for block in blocks if block.strip()]


def _dedented(block: str) -> str:
    import textwrap

    return textwrap.dedent(block).rstrip() + "\n"


def _parses(source: str) -> bool:
    tree = tree_of(source)
    return tree is not None and bool(tree.body)


def _unfenced(reply: str) -> str:
    if _parses(reply):
        return _dedented(reply)
    lines = reply.splitlines()
    starts = [place for place, line in enumerate(lines) if _CODE_LINE.match(line)]
    if not starts:
        return ""
    for end in range(len(lines), starts[0], -1):
        for start in starts[:3]:
            block = "\n".join(lines[start:end])
            if start < end and _parses(block):
                return _dedented(block)
    return _dedented("\n".join(lines[starts[0] :]))
