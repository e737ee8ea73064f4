"""Settings, and where deskterm keeps its files.

One TOML file, overridden by the environment: `DESKTERM_STORE` or `DESKTERM_CONNECTION` and `DESKTERM_OPERATOR` name the
desk and who acts, `DESKTERM_LINE` how the app is drawn, `DESKTERM_CONFIG`, `DESKTERM_STATE_DIR` and `DESKTERM_DATA_DIR`
move the files.
Nothing here creates a file or a folder, and nothing slow is loaded: starting stays cheap.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import platformdirs

from deskterm.connections import (
    LONGEST_NAME,
    Connection,
    connections_of,
    desk_at,
    file_of,
    nearest,
    wrong_connections,
)

APP = "deskterm"
LINES = ("thin", "full")

Environment = Mapping[str, str]


class SettingsError(Exception):
    """Settings that cannot be used: the message names the file, the line if known, the key and what is wrong."""

    def __init__(self, path: Path, key: str, problem: str, line: int | None = None) -> None:
        self.path = path
        self.key = key
        self.problem = problem
        self.line = line
        place = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{place}: {key}: {problem}" if key else f"{place}: {problem}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator has chosen for themselves."""

    store: str | None = None
    """Where the desk is kept, as a URL; nothing means `default_store_url()`."""
    connection: str | None = None
    """The name of the connection to begin with; it goes before `store`."""
    connections: dict[str, Connection] = field(default_factory=dict)
    """Desks to switch between, by name."""
    operator: str | None = None
    """Who acts; nothing means the operator whose login is the user's."""
    theme: str | None = None
    """deskterm-dark, deskterm-light, or one that follows the terminal's own colours."""
    keys: dict[str, str] = field(default_factory=dict)
    """Action id -> keys, separated by commas. The actions check the ids; here only the shape is checked."""
    editor: str | None = None
    """The editor for long texts; nothing means $VISUAL or $EDITOR."""
    line: str | None = None
    """"thin" draws with fewer colours and frames, "full" with all; nothing means thin over SSH."""
    zone: str | None = None
    """The zone in which hours of centres are shown, such as America/New_York; nothing means the desk's."""
    views: dict[str, str] = field(default_factory=dict)
    """The operator's own views of the queue, by name (kept for later use)."""

    @property
    def chosen(self) -> Connection | None:
        """The connection to begin with: the one that is named, else the first, unless a store is named."""
        if self.connection is not None:
            return self.connections[self.connection]
        return None if self.store else next(iter(self.connections.values()), None)

    @property
    def url(self) -> str | None:
        """Where the desk to begin with is kept; None where nothing says so."""
        return self.chosen.store if self.chosen else self.store

    def at(self, url: str) -> Connection | None:
        """The connection that leads to the desk at a URL, the one to begin with before others."""
        known = filter(None, (self.chosen, *self.connections.values()))
        return next((each for each in known if desk_at(each.store) == desk_at(url)), None)

    def named(self, url: str) -> Connection | None:
        """How the desk at a URL is called where desks have names; one that has none goes by what ends its URL."""
        if not self.connections:
            return None
        return self.at(url) or Connection(desk_at(url).rpartition("/")[2][:LONGEST_NAME], url)

    def has_old_drafts(self, url: str) -> bool:
        """Whether words belong to the desk at a URL that were typed before that was noted with them."""
        first = self.store or next((each.store for each in self.connections.values()), url)
        return desk_at(first) == desk_at(url)

    def on(self, name: str) -> Settings:
        """The same with another connection to begin with. Raises LookupError, whose sentence names those known."""
        if name not in self.connections:
            known = nearest(name, list(self.connections)) if self.connections else "; the settings name none"
            raise LookupError(f"there is no connection {name!r}{known}")
        return replace(self, connection=name)

    def acting_as(self, operator: str) -> Settings:
        """The same with somebody else acting, at every desk."""
        connections = {name: replace(each, operator=operator) for name, each in self.connections.items()}
        return replace(self, operator=operator, connections=connections)


def config_path(environ: Environment = os.environ) -> Path:
    """Say where the settings file is, whether or not it exists."""
    if named := environ.get("DESKTERM_CONFIG"):
        return Path(named).expanduser()
    return platformdirs.user_config_path(APP) / "settings.toml"


def state_dir(environ: Environment = os.environ) -> Path:
    """Say where drafts and logs of this user are kept."""
    if named := environ.get("DESKTERM_STATE_DIR"):
        return Path(named).expanduser().absolute()
    return platformdirs.user_state_path(APP)


def data_dir(environ: Environment = os.environ) -> Path:
    """Say where desks of this user are kept, unless the settings name another store."""
    if named := environ.get("DESKTERM_DATA_DIR"):
        return Path(named).expanduser().absolute()
    return platformdirs.user_data_path(APP)


def log_path(environ: Environment = os.environ) -> Path:
    """Say where deskterm writes down what went wrong."""
    return state_dir(environ) / "deskterm.log"


def default_store_url(environ: Environment = os.environ) -> str:
    """Give the store of a user who has chosen none: a file in their own data folder."""
    return _sqlite_url(data_dir(environ) / "desk.sqlite")


def demo_store_url(environ: Environment = os.environ) -> str:
    """Give the store that the demonstration has to itself."""
    return _sqlite_url(data_dir(environ) / "demo.sqlite")


def without_password(url: str) -> str:
    """Give a store's URL as it may be shown: also where a sign in the password was not written as it should be."""
    url = re.sub(r"(://[^/@:?]*):.*@", r"\1:***@", url)
    return re.sub(r"([?&](?:ssl)?password=)[^&]*", r"\1***", url)


def where(url: str) -> str:
    """Say in few letters where a desk is kept, to be told apart at a glance: a file, or a server and what is there."""
    file = file_of(url)
    if file is None:
        return without_password(url)
    home = Path.home()
    return f"~/{file.relative_to(home).as_posix()}" if file.is_relative_to(home) else str(file)


def load_settings(environ: Environment = os.environ) -> Settings:
    """Read the settings file, if there is one, and let the environment override it.

    Raises SettingsError if the file is unreadable or wrong, or is named by DESKTERM_CONFIG and missing.
    """
    path = config_path(environ)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if "DESKTERM_CONFIG" in environ:
            raise SettingsError(path, "", "there is no such file (DESKTERM_CONFIG names it)") from None
        settings = Settings()
    except UnicodeDecodeError:
        raise SettingsError(path, "", "is not UTF-8 text") from None
    except OSError as error:
        raise SettingsError(path, "", f"cannot be read: {error.strerror}") from error
    else:
        settings = parse_settings(text, path)
    if line := environ.get("DESKTERM_LINE"):
        settings = replace(settings, line=line)
    if operator := environ.get("DESKTERM_OPERATOR"):
        settings = settings.acting_as(operator)
    if store := environ.get("DESKTERM_STORE"):
        return replace(settings, store=store, connection=None)
    if name := environ.get("DESKTERM_CONNECTION"):
        try:
            return settings.on(name)
        except LookupError as error:
            raise SettingsError(path, "DESKTERM_CONNECTION", str(error.args[0])) from None
    return settings


def parse_settings(text: str, path: Path) -> Settings:
    """Turn the text of a settings file into settings; `path` is only named in errors (SettingsError)."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise SettingsError(path, "", f"is not TOML: {error}", int(line[1]) if line else None) from None
    known = [each.name for each in fields(Settings)]
    for key in found:
        if key not in known:
            raise SettingsError(path, key, f"there is no such setting{nearest(key, known)}", _line(text, [key]))
    if wrong := next(_wrong(found), None):
        keys, problem = wrong
        raise SettingsError(path, ".".join(keys), problem, _line(text, keys))
    settings = Settings(**{**found, "connections": connections_of(found.get("connections", {}))})
    if settings.connection is not None:
        try:
            settings.on(settings.connection)
        except LookupError as error:
            raise SettingsError(path, "connection", str(error.args[0]), _line(text, ["connection"])) from None
    if settings.line not in (None, *LINES):
        raise SettingsError(path, "line", f"{settings.line!r} is neither thin nor full", _line(text, ["line"]))
    if settings.zone is not None and not _is_zone(settings.zone):
        problem = f"{settings.zone!r} is no zone; one looks like Europe/London"
        raise SettingsError(path, "zone", problem, _line(text, ["zone"]))
    for action, keys_of_action in settings.keys.items():
        if not all(key.strip() for key in keys_of_action.split(",")):
            raise SettingsError(path, f"keys.{action}", "a key is missing", _line(text, ["keys", action]))
    return settings


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _wrong(found: Mapping[str, object]) -> Iterator[tuple[list[str], str]]:
    """The keys whose values are not of the sort that is asked for. By hand: a library for it takes 0.2 s to load."""
    for each in fields(Settings):
        value = found.get(each.name, "")
        if not each.type.startswith("dict"):
            if not isinstance(value, str):
                yield [each.name], "Input should be a valid string"
        elif each.name in found and not isinstance(value, dict):
            yield [each.name], "Input should be a valid dictionary"
        elif each.name == "connections":
            yield from wrong_connections(found.get(each.name, {}))  # type: ignore[arg-type]
        elif isinstance(value, dict):
            wrong = (key for key, words in value.items() if not isinstance(words, str))
            yield from (([each.name, key], "Input should be a valid string") for key in wrong)


def may_remember_operator(environ: Environment = os.environ) -> bool:
    """Say whether the settings file has room for an operator: it names none yet, and is sound or not there."""
    try:
        return "operator" not in tomllib.loads(config_path(environ).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False


def remember_operator(name: str, environ: Environment = os.environ) -> Path:
    """Write who acts into the settings file, above all that stands there; returns its path. Raises OSError."""
    path = config_path(environ)
    file = path.resolve()  # a link, as those who keep their settings elsewhere make it, stays a link
    line = f"operator = {json.dumps(name, ensure_ascii=False)}\n"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(line + before, encoding="utf-8")
    if file.exists():
        shutil.copymode(file, fresh)
    fresh.replace(file)
    return path


def locations(environ: Environment = os.environ, settings: Settings | None = None) -> dict[str, Path | str]:
    """List where everything is, for `deskterm locations`; a password in the store's URL is not shown."""
    chosen = settings.url if settings else environ.get("DESKTERM_STORE")
    return {
        "settings": config_path(environ),
        "store": without_password(chosen or default_store_url(environ)),
        "demo store": demo_store_url(environ),
        "drafts": state_dir(environ) / "drafts",
        "log": log_path(environ),
        "data": data_dir(environ),
        "state": state_dir(environ),
    }


def _sqlite_url(path: Path) -> str:
    """Name a file as a store: `sqlite:////absolute/path`."""
    return f"sqlite:///{path.absolute().as_posix()}"


def _line(text: str, keys: list[str]) -> int | None:
    """Find the line on which a key stands: `[table]` first for a key inside one."""
    tables = keys[:-1]
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = [part.strip(" \"'") for part in header[1].split(".")]
            if table == keys:
                return number
        elif (entry := re.match(r"""\s*(["']?)(.+?)\1\s*=""", line)) and [*table, entry[2]] in (
            keys,
            [".".join(keys)],
        ):
            return number
    return _line(text, tables) if tables else None
