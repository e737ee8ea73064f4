"""A plain `str` never reaches a widget: Textual reads it as markup, and tickets are written by strangers.

The code is read, not run: whatever may be a `str` and is given to something that draws is named. What is planted below
shows that the eye that reads it is open.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DRAWN = [ROOT / "deskterm" / "app.py", *(ROOT / "deskterm" / "screens").rglob("*.py")]
DRAWN += sorted((ROOT / "deskterm" / "widgets").rglob("*.py"))

TAKES_CONTENT = {
    *("Static", "Label", "Button", "Checkbox", "RadioButton", "Collapsible", "Tab", "TabPane", "Link"),
    *("update", "notify", "add_row", "add_column", "add_columns", "add_option", "add_options", "set_options"),
}
"""What draws what it is given."""
TITLES = {"border_title", "border_subtitle", "tooltip", "label"}
"""Attributes that are drawn, as markup if they are a `str`."""
NEVER = {"from_markup", "Markdown", "MarkdownViewer", "RichLog", "Log", "notify"}
"""What has no place in a screen: markup, and toasts."""
WORDS = {"str", "repr", "safe", "cell", "printable", "format", "ascii"}
"""Functions that give a `str`."""
SAME = {"format", "join", "strip", "lower", "upper", "title", "capitalize", "ljust", "rjust", "replace", "casefold"}
"""Methods of a `str` that give another."""


def name_of(node: ast.expr) -> str:
    """The last part of a name: `a.b.c` is "c"."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def says_str(annotation: ast.expr | None) -> bool:
    """Whether an annotation is `str`, or `str` or nothing."""
    return annotation is not None and ast.unparse(annotation).replace(" | None", "") == "str"


class Reader(ast.NodeVisitor):
    """Reads one file and keeps every place where a `str` is given to something that draws."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []
        self._words: list[set[str]] = [set()]

    def is_str(self, node: ast.expr | None) -> bool:
        """Whether an expression is seen to be a `str`, as far as the same file tells."""
        match node:
            case ast.JoinedStr():
                return True
            case ast.Constant(value=str(text)):
                return text != ""
            case ast.BinOp(left=left, right=right):
                return self.is_str(left) or self.is_str(right)
            case ast.BoolOp(values=values):
                return any(map(self.is_str, values))
            case ast.IfExp(body=body, orelse=orelse):
                return self.is_str(body) or self.is_str(orelse)
            case ast.NamedExpr(value=value) | ast.Subscript(value=value) | ast.Starred(value=value):
                return self.is_str(value)
            case ast.Call(func=ast.Attribute(attr=attr, value=value)) if attr in SAME:
                return self.is_str(value)
            case ast.Call(func=func):
                return name_of(func) in WORDS
            case ast.Name() | ast.Attribute():
                return any(ast.unparse(node) in words for words in self._words)
        return False

    def may_be_str(self, node: ast.expr) -> bool:
        """Whether an expression is seen to be a `str`, or is a part of something: a ticket's parts are words."""
        is_part = isinstance(node, ast.Attribute) and name_of(node.value) != "self"
        return is_part or self.is_str(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """What a class keeps of a `str` it was given stays one in all its methods."""
        self._words.append(set())
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and says_str(item.annotation):
                self._words[-1].add(f"self.{ast.unparse(item.target)}")
            if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                self._learn(item, self._words[-1])
        self.generic_visit(node)
        self._words.pop()

    def _read_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.name == "render" and says_str(node.returns):
            self.found.append((node.lineno, "render gives a str"))
        self._words.append(set())
        self._learn(node, self._words[-1])
        self.generic_visit(node)
        self._words.pop()

    visit_FunctionDef = _read_function  # noqa: N815 - the names are ast's
    visit_AsyncFunctionDef = _read_function  # noqa: N815

    def _learn(self, node: ast.FunctionDef | ast.AsyncFunctionDef, words: set[str]) -> None:
        self._words.append(words)
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if says_str(argument.annotation):
                words.add(argument.arg)
        for item in ast.walk(node):
            if isinstance(item, ast.AnnAssign) and says_str(item.annotation):
                words.add(ast.unparse(item.target))
            elif isinstance(item, ast.Assign) and not isinstance(item.value, ast.Constant):
                for target in item.targets:
                    self._learn_pair(target, item.value, words)
        self._words.pop()

    def _learn_pair(self, target: ast.expr, value: ast.expr, words: set[str]) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=False):
                self._learn_pair(one, other, words)
        elif self.is_str(value):
            words.add(ast.unparse(target))

    def visit_Call(self, node: ast.Call) -> None:
        """Something is given to something."""
        called = name_of(node.func)
        if called in NEVER:
            self.found.append((node.lineno, f"{called} has no place here"))
        given = [*node.args, *(word.value for word in node.keywords if word.arg in ("content", "label", *TITLES))]
        if called in TAKES_CONTENT and any(map(self.may_be_str, given)):
            self.found.append((node.lineno, f"{called} is given a str"))
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Something is kept under a name that is drawn."""
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr in TITLES and self.is_str(node.value):
                self.found.append((node.lineno, f"{target.attr} is a str"))
        self.generic_visit(node)


def faults(source: str) -> Iterator[str]:
    """Every place of a source where a `str` is drawn, as line and what."""
    reader = Reader()
    reader.visit(ast.parse(source))
    for line, what in reader.found:
        yield f"{line}: {what}"


@pytest.mark.parametrize("file", DRAWN, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_str_reaches_a_widget(file: Path) -> None:
    assert list(faults(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "planted",
    [
        "Static(f'{ticket.summary}')",
        "Static('[b]bold[/b]')",
        "yield Static(safe(ticket.summary), id='summary')",
        "Label(str(ticket))",
        "self.query_one('#x', Static).update('Nothing')",
        "panel.update('a' + name)",
        "self.notify('Saved')",
        "self.app.notify(message)",
        "table.add_row(Content('x'), f'{name}')",
        "panel.border_title = f'{ticket.ref}'",
        "panel.border_subtitle = safe(name)",
        "button.tooltip = 'Press ' + key",
        "Content.from_markup(f'[b]{name}[/b]')",
        "Markdown(ticket.description)",
        "def show(self, text: str) -> None:\n    self.panel.update(text)",
        "def show(self, text: str | None) -> None:\n    self.panel.update(text or 'nothing')",
        "def show(self, row):\n    line = f'{row.ref}'\n    self.panel.update(line)",
        "def show(self, row):\n    line = ', '.join(row.groups)\n    self.panel.update(line.strip())",
        "class A:\n    def __init__(self, a: str):\n        self._a = a\n    def b(self):\n        Static(self._a)",
        "class A:\n    name: str\n    def b(self):\n        Static(self.name)",
        "class A:\n    def render(self) -> str:\n        return self.title",
        "Static('yes' if ok else Content('no'))",
        "Static(ticket.summary)",
        "panel.update(self._view.ticket.summary)",
    ],
)
def test_a_planted_str_is_seen(planted: str) -> None:
    indented = "\n".join("    " + line for line in planted.splitlines())
    assert list(faults(f"def compose(self):\n{indented}\n"))


@pytest.mark.parametrize(
    "sound",
    [
        "Static(shown(ticket.summary))",
        "Static(Content(safe(ticket.summary)), classes='label')",
        "Static(id='head')",
        "Static()",
        "panel.update(Content.assemble(('x', 'bold'), safe(name)))",
        "draft.write('summary', text)",
        "known.update({'a': 'b'})",
        "self.say(f'{ref} is yours.')",
    ],
)
def test_what_is_sound_passes(sound: str) -> None:
    assert not list(faults(f"def compose(self, text: str, name: str, ref: str):\n    {sound}\n"))
