"""The checker: what every operator wrote down of a run, held against the log in which it ended.

An operator's history is what their process knew, line by line, in the order in which it knew it. The checker has no
idea of servers, lines or kills: it asks whether a desk that never failed could have told these stories.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

TOKEN: Final = re.compile(r"act-[a-z0-9]+-\d+")
"""Words that are in one command of the whole run, so that it is known again whatever its id."""
RULES: Final = ("conflict", "not_allowed", "not_found", "invalid")
"""Kinds of refusals that a desk which is well may give."""


@dataclass
class Act:
    """One command, as its author knew it."""

    id: str
    kind: str
    token: str
    accepted: bool = False
    ref: str = ""
    refused: str = ""
    """Why, where it was refused at once."""
    aside: str = ""
    """Why, where it was accepted here, refused by the desk later, and set aside by its author."""


@dataclass
class History:
    """What one operator knew."""

    operator: str
    acts: dict[str, Act] = field(default_factory=dict)
    """By id, in the order in which they were first submitted."""
    heard: list[tuple[int, str, str]] = field(default_factory=list)
    """What the feed told: position, kind, and id of the command."""
    saw: dict[str, str] = field(default_factory=dict)
    """Digests of the whole desk as they last saw it, by how they looked."""
    ends: list[str] = field(default_factory=list)
    """Errors by which the process ended or nearly did."""

    def take(self, line: dict[str, Any]) -> None:
        """Take the next line of it."""
        match line["did"]:
            case "submitted":
                self.acts.setdefault(line["id"], Act(line["id"], line["kind"], line["token"]))
            case "accepted":
                act = self.acts[line["id"]]
                act.accepted, act.ref = True, line["ref"]
            case "refused":
                self.acts[line["id"]].refused = f"{line['sort']}: {line['because']}"
            case "aside":
                self.acts[line["id"]].aside = line["because"] or "its call was set aside"
            case "heard":
                self.heard += [(position, kind, command) for position, kind, command in line["changes"]]
            case "saw":
                self.saw[line["how"]] = line["digest"]
            case "failed":
                self.ends.append(line["because"])


def read(operator: str, path: Path) -> History:
    """Read a history. Its last line may be cut off, where the process was killed while it wrote."""
    history = History(operator)
    for line in lines_of(path):
        history.take(line)
    return history


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a history; none where there is no file yet."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


@dataclass(frozen=True)
class Logged:
    """An event of the log."""

    position: int
    kind: str
    actor: str
    command: str
    words: str
    """Its payload, as JSON."""

    @property
    def tokens(self) -> frozenset[str]:
        """The commands whose words are in it."""
        return frozenset(TOKEN.findall(self.words))


def log_of(export: Iterable[str]) -> list[Logged]:
    """The log in an export of the desk."""
    found = (json.loads(line).get("event") for line in export)
    return [Logged(e["position"], e["kind"], e["actor"], e["command_id"], json.dumps(e["payload"])) for e in found if e]


def judge(histories: Sequence[History], log: Sequence[Logged], base: int) -> list[str]:
    """What is wrong, in sentences. `base` is where the log ended before the first operator came."""
    found = [f"{history.operator} failed: {why}" for history in histories for why in history.ends]
    run = [event for event in log if event.position > base]
    by_token: defaultdict[str, list[Logged]] = defaultdict(list)
    by_command: defaultdict[str, list[Logged]] = defaultdict(list)
    for event in run:
        by_command[event.command].append(event)
        for token in event.tokens:
            by_token[token].append(event)
    for history in histories:
        for act in history.acts.values():
            found += _fate(history.operator, act, by_token[act.token], by_command[act.id])
        found += _order(history, by_command)
        found += _feed(history, log)
    return [*found, *_nobodys(histories, run)]


def _fate(operator: str, act: Act, said: list[Logged], done: list[Logged]) -> Iterator[str]:
    """Whether a command is in the log as often as its author was told."""
    what = f"{act.kind} {act.token} of {operator}"
    if len(said) > 1:
        yield f"doubled: {what} is in the log {len(said)} times, at {[event.position for event in said]}"
    if act.accepted and not act.aside and not said:
        yield f"lost: {what} was accepted as {act.ref} and is not in the log"
    if (act.refused or act.aside) and said:
        yield f"refused and done: {what} is in the log, and its author was told: {act.refused or act.aside}"
    if act.refused and act.refused.partition(":")[0] not in RULES:
        yield f"failed: {what}: {act.refused}"
    if act.kind == "LogCall" and (act.refused or act.aside):
        yield f"a call was refused: {what}: {act.refused or act.aside}"
    if said and not done:
        yield f"under another id: {what} was submitted as {act.id} and logged as {said[0].command}"
    if any(event.actor != operator for event in said):
        yield f"another's name: {what} is in the log as of {said[0].actor}"
    if act.kind == "LogCall" and act.accepted and said:
        call = json.loads(said[0].words)
        if act.ref not in (call.get("ref"), call.get("also")):
            yield f"another reference: {what} was told {act.ref}, and is {call.get('ref')} or {call.get('also')!r}"


def _order(history: History, by_command: dict[str, list[Logged]]) -> Iterator[str]:
    """Whether one operator's commands are in the log in the order in which they were given."""
    before: tuple[int, str] = (0, "")
    for act in history.acts.values():
        if act.accepted and (events := by_command.get(act.id)):
            position = events[0].position
            if position < before[0]:
                yield (
                    f"order: {history.operator} gave {before[1]} before {act.token}, and they are at {before[0]} "
                    f"and {position}"
                )
            before = (position, act.token)


def _feed(history: History, log: Sequence[Logged]) -> Iterator[str]:
    """Whether the feed told every position once, in its order, from where it began to the end of the log."""
    who, there = history.operator, {event.position: event for event in log}
    if not history.heard:
        yield f"gap: {who} heard nothing"
        return
    due = history.heard[0][0]
    for position, kind, command in history.heard:
        if position > due:
            yield f"gap: {who} heard {position} where {due} was due"
        elif position < due:
            yield f"repeat: {who} heard {position} again, where {due} was due"
        event = there.get(position)
        if event is None or (event.kind, event.command) != (kind, command):
            yield f"another log: {who} heard of {kind} at {position}, where {event.kind if event else 'nothing'} is"
        due = position + 1
    if due <= log[-1].position:
        yield f"gap: {who} heard nothing from {due} to {log[-1].position}"


def _nobodys(histories: Sequence[History], run: Sequence[Logged]) -> Iterator[str]:
    submitted = {act.id for history in histories for act in history.acts.values()}
    tokens = {act.token for history in histories for act in history.acts.values()}
    for event in run:
        if event.command not in submitted and not event.tokens & tokens:
            yield f"nobody's: {event.kind} of {event.actor} at {event.position} was never submitted"


def diverged(histories: Sequence[History], wanted: dict[str, str]) -> list[str]:
    """Who saw another desk than there is: `wanted` are digests of it, by how it was made."""
    desks = Counter(wanted.values())
    if len(desks) != 1:
        return [f"diverged: the replays differ: {wanted}"]
    (right,) = desks
    return [
        f"diverged: {history.operator} saw another desk ({how}): {digest[:12]}, not {right[:12]}"
        for history in histories
        for how, digest in (history.saw or {"at all": "nothing"}).items()
        if digest != right
    ]
