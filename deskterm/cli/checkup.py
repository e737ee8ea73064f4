"""What `doctor` looks at: one small check each, which never fails itself."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskterm import thin_line
from deskterm.settings import SettingsError, config_path, state_dir
from deskterm.store.base import NotFound, StoreError

if TYPE_CHECKING:
    from deskterm.cli.shell import Shell
    from deskterm.store.local import LocalStore

_BETWEEN = {"TMUX": "tmux", "STY": "screen", "SSH_TTY": "SSH"}
"""Variables that tell what stands between the app and the terminal."""


_LEAST_ROOM = 50
"""Megabytes below which the disk of a desk is as good as full."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `said` says what to do where it is not well."""

    about: str
    well: bool
    said: str


def findings(shell: Shell) -> list[Finding]:
    """Look at everything."""
    checks: tuple[Callable[[Shell], Iterator[Finding]], ...] = (_python, _terminal, _settings, _state, _drafts, _store)
    return [finding for check in checks for finding in check(shell)]


def _python(_shell: Shell) -> Iterator[Finding]:
    from deskterm import __version__

    yield Finding("deskterm", True, f"{__version__} on Python {sys.version.split()[0]}, {sys.platform}")


def _terminal(_shell: Shell) -> Iterator[Finding]:
    environ = os.environ
    term = environ.get("TERM", "")
    if not sys.stdout.isatty():
        yield Finding("terminal", True, "none here: output goes to a file or a program")
    elif term in ("", "dumb"):
        said = f"TERM is {term or 'not set'}; the app needs a real one, such as xterm-256color"
        yield Finding("terminal", False, said)
    else:
        through = ", ".join(word for name, word in _BETWEEN.items() if environ.get(name))
        size = os.get_terminal_size(sys.stdout.fileno())
        well = size.columns >= 80 and size.lines >= 24
        said = f"{term}{f' through {through}' if through else ''}, {size.columns}×{size.lines}"
        yield Finding("terminal", well, said if well else f"{said}; the app is drawn for 80×24 and up")
    colours = "none: NO_COLOR is set" if environ.get("NO_COLOR") else environ.get("COLORTERM") or "as TERM says"
    yield Finding("colours", True, colours)
    encoding = locale.getpreferredencoding(False)
    utf8 = encoding.replace("-", "").casefold() == "utf8"
    yield Finding("characters", utf8, encoding if utf8 else f"{encoding}; set LANG to one with UTF-8, such as C.UTF-8")


def _settings(shell: Shell) -> Iterator[Finding]:
    try:
        shell.settings  # noqa: B018
    except SettingsError as error:
        yield Finding("settings", False, str(error))
    else:
        there = config_path().exists()
        yield Finding("settings", True, str(config_path()) if there else f"none; {config_path()} would be read")
        why = thin_line.why_thin(shell.settings, os.environ)
        drawn = f"thin, since {why}: fewer colours and frames; --line full draws all" if why else "full"
        yield Finding("line", True, drawn)


def _state(_shell: Shell) -> Iterator[Finding]:
    folder = state_dir()
    nearest = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    well = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    yield Finding("state", well, str(folder) if well else f"{nearest} cannot be written, so no draft would be kept")


def _drafts(_shell: Shell) -> Iterator[Finding]:
    from deskterm.store.drafts import Journal

    found = Journal(state_dir() / "drafts").drafts()
    damaged = [draft.damage for draft in found if draft.damage]
    waiting = sum(not draft.in_use for draft in found)
    if damaged:
        yield Finding("drafts", False, f"{len(damaged)} damaged: {damaged[0]}")
    else:
        said = f"{waiting} waiting; F12 in the app brings them back" if waiting else "none waiting"
        yield Finding("drafts", True, said)


def _room(shell: Shell) -> Iterator[Finding]:
    """Whether the disk of the desk has room for calls, and for the scratch that opening a desk needs."""
    import shutil

    from deskterm.store.opening import is_file, path_of

    folder = path_of(shell.url).parent if is_file(shell.url) else None
    if folder is not None and folder.is_dir():
        free = shutil.disk_usage(folder).free // 1_000_000
        well = free >= _LEAST_ROOM
        said = f"{free:,} MB free in {folder}"
        yield Finding("room", well, said if well else f"{said}; make room, or the next call may not be saved")


def _store(shell: Shell) -> Iterator[Finding]:
    async def job(store: LocalStore) -> list[Finding]:
        found = [Finding("store", True, store.name)]
        try:
            desk = await store.desk()
        except NotFound:
            what = "none in force yet; 'deskterm desk load FILE' brings one, 'deskterm demo' shows one"
            return [*found, Finding("desk", False, what)]
        report = await store.verify()
        said = f"{report.events} events, {report.records} records, unbroken" if report.sound else report.faults[0]
        guest = "the desk does not know you; name yourself with --as or DESKTERM_OPERATOR"
        return [
            *found,
            Finding("log", report.sound, said),
            Finding("desk", True, desk.desk.name),
            Finding("you", store.me.level != "guest", guest if store.me.level == "guest" else store.me.name),
        ]

    try:
        yield from _room(shell)
        yield from shell.work(job)
    except StoreError as error:
        yield Finding("store", False, error.message)
    except SettingsError:
        return
