"""Where the token for a server is kept on this machine: the environment, the system's keyring, or a private file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from deskterm.settings import config_path
from deskterm.store.base import NotAllowed, Unusable

VARIABLE: Final = "DESKTERM_TOKEN"
_SERVICE: Final = "deskterm"
Environment = Mapping[str, str]


def token_for(url: str, environ: Environment = os.environ) -> str:
    """The token for a server. Raises NotAllowed where there is none, Unusable for a file that others can read."""
    found = environ.get(VARIABLE, "").strip() or _of_keyring(url) or _of_file(url, environ)
    if not found:
        raise NotAllowed(
            f"There is no token for {url}. Set {VARIABLE}, or keep one with `deskterm token keep --store {url}`.",
            rule="token",
        )
    if not (found.isascii() and found.isprintable()):
        raise NotAllowed(f"What is kept as the token for {url} is none.", rule="token")
    return found


def keep(url: str, token: str, environ: Environment = os.environ) -> str:
    """Keep a token for a server; returns where. Raises OSError, Unusable."""
    ring = _keyring()
    if ring is not None:
        try:
            ring.set_password(_SERVICE, _name(url), token)
        except Exception:  # noqa: BLE001  whatever a keyring fails with, over SSH for one, there is the file
            pass
        else:
            return "the system's keyring"
    path = tokens_path(environ)
    kept = {**_read(path), _name(url): token}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600, exist_ok=False)
    with fresh.open("w", encoding="utf-8") as file:
        file.writelines(f'"{name}" = "{secret}"\n' for name, secret in sorted(kept.items()))
    fresh.replace(path)
    return str(path)


def tokens_path(environ: Environment = os.environ) -> Path:
    """The file of tokens, beside the settings."""
    return config_path(environ).with_name("tokens.toml")


def _of_file(url: str, environ: Environment) -> str:
    path = tokens_path(environ)
    return _read(path).get(_name(url), "")


def _read(path: Path) -> dict[str, str]:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise Unusable(f"{path} can be read by others. Make it private: chmod 600 {path}")
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Unusable(f"{path} cannot be read: {error}") from error
    return {name: secret for name, secret in found.items() if isinstance(secret, str)}


def _of_keyring(url: str) -> str:
    ring = _keyring()
    if ring is None:
        return ""
    try:
        return ring.get_password(_SERVICE, _name(url)) or ""
    except Exception:  # noqa: BLE001  a keyring that is locked or away is as good as none
        return ""


def _keyring() -> Any:
    """The `keyring` package, where somebody installed it beside deskterm; else None."""
    try:
        return import_module("keyring")
    except ImportError:
        return None


def _name(url: str) -> str:
    """What a server is called: its address without a last slash, which cannot be two."""
    name = url.strip().rstrip("/")
    if any(each in name for each in '"\\\n\r') or not name.isprintable():
        raise Unusable("That is no address of a server.")
    return name
