"""The rules of the house, on what is there: rooms, sizes, dependencies and the wheel.

Who may import whom is a contract in pyproject.toml; here the same is seen at run time, where imports inside
functions and what libraries pull in show too. Docstrings are ruff's business.
"""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from docs.generate import PAGES
from docs.pictures import IMAGES, PICTURES, picture

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "deskterm"
PYTHON = [
    file for folder in ("deskterm", "tests", "benchmarks", "docs") for file in sorted((ROOT / folder).rglob("*.py"))
]

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
TOO_LONG: dict[str, str] = {}
"""File or file:function -> why it is better in one piece. Best left empty."""

TEXTUAL = {"textual"}
SQL = {"sqlalchemy", "alembic", "sqlite3", "psycopg", "httpx"}
SLOW = {"alembic", "httpx", "phonenumbers", "holidays", "psycopg"}


def modules(room: str) -> list[str]:
    """Name every module of a room: a file, or a folder and all in it."""
    folder = ROOT / Path(*room.split("."))
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    files = [file for file in files if "migrations" not in file.parts]  # these run inside Alembic only
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names]


def loaded_by(names: list[str]) -> set[str]:
    """Import modules in a fresh Python and say which top-level packages are there afterwards."""
    code = f"import sys, importlib; [importlib.import_module(n) for n in {names!r}]; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert answer.returncode == 0, answer.stderr
    return {name.partition(".")[0] for name in answer.stdout.split()}


@pytest.mark.parametrize(
    ("room", "banned"),
    [
        ("deskterm.desk", TEXTUAL | SQL | {"rich", "click", "platformdirs", "asyncio"}),
        ("deskterm.text", TEXTUAL | SQL),
        ("deskterm.settings", TEXTUAL | SQL | {"pydantic"}),
        ("deskterm.store", TEXTUAL),
        ("deskterm.paper", TEXTUAL | SQL | {"typst"}),
        ("deskterm.widgets", SQL | SLOW),
        ("deskterm.actions", SQL | SLOW),
        ("deskterm.screens", SQL | SLOW),
        ("deskterm.app", SQL | SLOW),
        ("deskterm.cli", TEXTUAL | SLOW),
    ],
)
def test_a_room_loads_nothing_it_must_not_touch(room: str, banned: set[str]) -> None:
    assert loaded_by(modules(room)) & banned == set()


def test_the_shell_starts_without_the_store() -> None:
    assert loaded_by(["deskterm.cli"]) & (TEXTUAL | SQL | SLOW | {"pydantic"}) == set()


@cache
def tree(file: Path) -> ast.Module:
    """Parse a file, once."""
    return ast.parse(file.read_text(encoding="utf-8"))


def functions() -> Iterator[tuple[str, int]]:
    """Name each function as file:function, with its length in lines."""
    for file in PYTHON:
        if file.parent.name == "versions":
            continue  # a migration is a table of what was done, written once
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_too_long() -> None:
    sizes = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in PYTHON}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE and name not in TOO_LONG} == {}


def test_no_function_is_too_long() -> None:
    assert {name: size for name, size in functions() if size > LONGEST_FUNCTION and name not in TOO_LONG} == {}


def test_files_have_names_that_say_something() -> None:
    empty_words = re.compile(r"(^|_)(utils?|helpers?|manager|misc|common|stuff)(_|$)")
    assert [str(file.relative_to(ROOT)) for file in PYTHON if empty_words.search(file.stem)] == []


def test_the_rules_read_no_clock_and_no_file() -> None:
    banned = {"now", "utcnow", "today", "open", "read_text", "write_text", "getenv", "input", "print"}
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {name}"
        for file in (PACKAGE / "desk").rglob("*.py")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call)
        and (name := getattr(node.func, "attr", getattr(node.func, "id", ""))) in banned
        # Samples are part of the package, as its code is; a desk file of the user's is read where it is checked.
        and not (file.parent.name == "deskfile" and file.stem == "check" and name in ("read_text", "open"))
    ]
    assert found == []


def project() -> dict[str, list[str]]:
    """Read what the project depends on: "core", and each extra by name."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"core": table["dependencies"], **table["optional-dependencies"]}
    return {
        group: [normal(Requirement(line).name) for line in lines if not line.startswith("deskterm")]
        for group, lines in groups.items()
    }


def normal(name: str) -> str:
    """Spell the name of a distribution the one way."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_has_its_reason_and_its_runner_up() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.-]+)` \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    wanted = {name for group in project().values() for name in group}
    assert {normal(name) for name, _, _ in rows} == wanted
    assert all(reason.strip() and runner_up.strip() for _, reason, runner_up in rows)


def test_core_dependencies_are_what_the_code_imports() -> None:
    imported: set[str] = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    imported.discard("pydantic_core")  # pydantic, under the name of its other half
    homes = importlib.metadata.packages_distributions()
    foreign = imported - sys.stdlib_module_names - {"deskterm"}
    used = {normal(homes.get(name, [name])[0]) for name in foreign}
    # tzdata is read by zoneinfo, where the machine lacks zones or their old names. Extras are used too.
    extras = {name for extra in ("pdf", "postgres", "server") for name in project()[extra]}
    assert used | {"tzdata"} == set(project()["core"]) | extras


def test_the_wheel_holds_all_that_the_package_reads(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        metadata = archive.read(next(name for name in inside if name.endswith("/METADATA"))).decode()
    here = {str(file.relative_to(ROOT)) for file in PACKAGE.rglob("*") if file.is_file() and file.suffix != ".pyc"}
    assert here - inside == set()
    for kind in (r"py\.typed", r"desks/[\w-]+\.toml", r"store/migrations/versions/\w+\.py", r"[\w/]+\.tcss"):
        assert any(re.fullmatch(f"deskterm/{kind}", name) for name in inside), kind
    assert any(name.endswith("/licenses/LICENSE") for name in inside)
    assert "# deskterm" in metadata, "the README is the description"


def texts() -> Iterator[tuple[str, str]]:
    """Read each text that people see or copy: code, desk files, style sheets, pages."""
    for file in [*PYTHON, *PACKAGE.rglob("*.toml"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def test_nobody_in_it_is_real() -> None:
    """Mail goes to names reserved for examples (RFC 2606); British mobiles are from the range kept for drama."""
    address = re.compile(
        r"[\w.+-]+@([\w-]+\.)*(?!(?:[\w-]+\.)*(?:example|test|invalid|localhost)\b)[\w-]+\.[a-z]{2,}\b"
    )
    reserved = re.compile(r"@(?:[\w-]+\.)*example\.(?:com|org|net)\b")
    mobile = re.compile(r"\+44 ?7(?!700 ?900)\d{3}")
    found = [
        f"{name}: {hit[0]}"
        for name, text in texts()
        for pattern in (address, mobile)
        for hit in pattern.finditer(text)
        if not reserved.search(hit[0])
    ]
    assert found == []


def test_the_readme_gives_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/deskterm demo\n" in readme
    assert "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/python -m tests\n" in readme


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_current(page: str) -> None:
    """`make docs` writes them anew."""
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == PAGES[page]()


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_show_the_screens_as_they_are(name: str) -> None:
    """`make snapshots` writes them anew."""
    assert (IMAGES / name).read_text(encoding="utf-8") == picture(name)
