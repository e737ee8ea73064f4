"""The draft journal: what an operator types is theirs, whatever happens to the desk, the app or the machine.

A background thread appends what was typed to one file for each draft and syncs it within 250 ms, so that
typing never waits for the disk, and a kill, a lost connection or a power cut takes no more than that. Nothing
here knows the store: drafts work while the desk is out of reach. But each belongs to the desk at which it was typed,
and is offered and taken up at no other.
"""

from __future__ import annotations

import atexit
import errno
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deskterm.store.draft_file import Contents, DraftFile, InUse, Line, is_in_use, read, sync_folder

SAVE_EVERY: Final = 0.1
"""Seconds between two syncs while somebody types."""
RETRY_EVERY: Final = 1.0
"""Seconds between two attempts while the disk refuses."""
COMPACT_AT: Final = 1_000_000
"""Bytes above which a file is written anew with only the latest text of each field."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DraftError(Exception):
    """A draft that cannot be had; the message is a sentence for people."""


class DraftInUse(DraftError):
    """The draft is open in another running deskterm."""


class DraftMissing(DraftError):
    """There is no such draft (any more)."""


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft as it lies on disk, for the list of what can be taken up again."""

    id: str
    kind: str
    about: str
    desk: str
    """Where the words belong, as `deskterm.connections.desk_at` spells it; empty where that was never noted."""
    fields: dict[str, str]
    started_at: datetime
    changed_at: datetime
    in_use: bool
    """Open in a running deskterm, so not lost."""
    damage: str | None = None
    """What of it could not be read, as a sentence."""


class Draft:
    """What is being typed in one form; made by `Journal.open` and `Journal.resume`."""

    def __init__(self, journal: Journal, draft_id: str, kind: str, about: str, file: DraftFile | None) -> None:
        self.id = draft_id
        self.kind = kind
        self.about = about
        self.desk = journal.desk
        if file and file.contents.kind:
            self.desk = file.contents.desk
        self._journal = journal
        self._file = file
        self._on_disk: dict[str, str] = dict(file.contents.fields) if file else {}
        self._fields = dict(self._on_disk)
        self._unsaved: dict[str, datetime] = {}
        self._compacted_size = 0
        self._begun = file.contents.started_at if file else None
        self._ended = False

    @property
    def fields(self) -> dict[str, str]:
        """The latest text of each field, saved or not."""
        with self._journal._changed:
            return dict(self._fields)

    @property
    def is_saved(self) -> bool:
        """Whether everything typed so far is on disk."""
        with self._journal._changed:
            return self._fields == self._on_disk

    def write(self, field: str, value: str) -> None:
        """Keep the text of a field: returns at once, on disk within 250 ms. Ignored once the draft has ended."""
        journal = self._journal
        with journal._changed:
            if self._ended or self._fields.get(field) == value:
                return
            self._fields[field] = value
            self._unsaved[field] = journal._clock()
            journal._changed.notify()

    def flush(self) -> bool:
        """Save now; whether everything typed is on disk."""
        return self._journal._save(self)

    def finish(self, reference: str) -> None:
        """End the draft because its words are safe in the store, under this reference."""
        self._journal._end(self, reference)

    def discard(self) -> None:
        """End the draft because its author does not want it."""
        self._journal._end(self, "")

    def close(self) -> None:
        """Save and let go without ending it: it can be resumed here or in another deskterm."""
        self._journal._close(self)

    def _append_unsaved(self, changes: dict[str, datetime], values: dict[str, str], folder: Path) -> None:
        """Put changed fields on disk; raises OSError."""
        first = min(changes.values())
        lines: list[Line] = []
        if self._file is None:
            self._file = DraftFile(folder / f"{self.id}.jsonl")
        if self._begun is None:
            lines.append(self._heading(first))
        for name, at in changes.items():
            before, value = self._on_disk.get(name, ""), values[name]
            line: dict[str, str | int] = {"field": name, "value": value, "at": at.isoformat()}
            if before and value.startswith(before):
                line |= {"after": len(before), "value": value[len(before) :]}
            lines.append(line)
        self._file.append(lines)
        self._begun = self._begun or first
        self._on_disk |= values
        if self._file.size > max(COMPACT_AT, 2 * self._compacted_size):
            self._compact(max(changes.values()))

    def _compact(self, at: datetime) -> None:
        """Write the file anew, short; if the disk refuses, the long one is as good."""
        if self._file is None or self._file.contents.damage:
            return
        fields = [{"field": name, "value": value, "at": at.isoformat()} for name, value in self._on_disk.items()]
        with suppress(OSError):
            self._file.rewrite([self._heading(self._begun or at), *fields])
        self._compacted_size = self._file.size

    def _heading(self, at: datetime) -> Line:
        """Word the first line of the file."""
        desk = {"desk": self.desk} if self.desk else {}
        return {"draft": self.id, "kind": self.kind, "about": self.about, **desk, "at": at.isoformat()}


class Journal:
    """All drafts of one user; safe to use from any thread.

    `trouble` is a sentence while something typed cannot be saved; `on_trouble` hears of each change of it, in
    the journal's own thread. The words stay in memory and are tried again every second.
    """

    def __init__(
        self,
        directory: Path,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_trouble: Callable[[str | None], None] | None = None,
    ) -> None:
        self.directory = directory
        self.desk = ""
        """The desk whose drafts are offered; empty for all."""
        self._takes_old = True
        self.trouble: str | None = None
        self._clock = clock
        self.on_trouble = on_trouble
        self._drafts: dict[str, Draft] = {}
        self._changed = threading.Condition()  # guards what is in memory
        self._disk = threading.Lock()  # guards the files; taken before _changed, never after
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def go_to(self, desk: str, *, takes_old: bool = True) -> None:
        """Let go of all drafts, and go on with those of a desk; with `takes_old` also with those that name none."""
        if (desk, takes_old) != (self.desk, self._takes_old):
            self.close()
            self.desk, self._takes_old = desk, takes_old

    def _is_of_here(self, desk: str) -> bool:
        return not self.desk or desk == self.desk or (not desk and self._takes_old)

    def open(self, kind: str, *, draft_id: str | None = None, about: str = "") -> Draft:
        """Begin a draft; its file appears with the first word. A known `draft_id` is resumed."""
        draft_id = _checked(draft_id or _new_id())
        with self._changed:
            if draft_id in self._drafts:
                return self._drafts[draft_id]
        if self._path(draft_id).exists():
            return self.resume(draft_id)
        return self._opened(Draft(self, draft_id, kind, about, None))

    def resume(self, draft_id: str) -> Draft:
        """Take up a saved draft. Raises DraftMissing, DraftInUse, or OSError if it cannot be opened."""
        path = self._path(_checked(draft_id))
        if not path.exists():
            raise DraftMissing(f"There is no draft {draft_id}.")
        for attempt in range(5):
            with suppress(InUse):
                file = DraftFile(path)
                break
            time.sleep(0.01 * attempt)  # somebody who only lists drafts holds the lock for an instant
        else:
            raise DraftInUse("This draft is open in another deskterm.")
        if file.contents.finished is not None:
            file.close()
            raise DraftMissing(f"Draft {draft_id} is finished.")
        if not self._is_of_here(file.contents.desk):
            file.close()
            raise DraftMissing("These words belong to another desk.")
        return self._opened(Draft(self, draft_id, file.contents.kind, file.contents.about, file))

    def drafts(self) -> list[SavedDraft]:
        """List what is on disk, newest change first; what is damaged is listed with what is left of it."""
        saved: list[SavedDraft] = []
        for path in self.directory.glob("*.jsonl"):
            try:
                in_use = is_in_use(path)
                contents = read(path)
                changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            except FileNotFoundError:
                continue  # ended just now
            except OSError as error:
                in_use, changed = False, datetime.fromtimestamp(0, UTC)
                contents = Contents(damage=f"The file cannot be opened: {error.strerror}.")
            if contents.finished is not None:
                _clear_away(path, contents, in_use)
            elif (contents.kind or contents.damage) and self._is_of_here(contents.desk):
                saved.append(_saved(path.stem, contents, in_use, changed))
        return sorted(saved, key=lambda draft: draft.changed_at, reverse=True)

    def save_all(self) -> bool:
        """Save everything now; whether all that was typed is on disk."""
        saved = [self._save(draft) for draft in list(self._drafts.values())]
        return all(saved)

    def close(self) -> None:
        """Save everything and let go of all drafts; they stay on disk."""
        self._closing.set()
        with self._changed:
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        for draft in list(self._drafts.values()):
            self._close(draft)
        atexit.unregister(self.close)

    def _opened(self, draft: Draft) -> Draft:
        """Take a draft into care."""
        with self._changed:
            self._drafts[draft.id] = draft
            if self._thread is None:
                self._closing.clear()
                self._thread = threading.Thread(target=self._keep_saving, name="draft-journal", daemon=True)
                self._thread.start()
                atexit.register(self.close)
        return draft

    def _path(self, draft_id: str) -> Path:
        """Name the file of a draft."""
        return self.directory / f"{draft_id}.jsonl"

    def _unsaved(self) -> list[Draft]:
        """List drafts with something that is not on disk; call with `_changed` held."""
        return [draft for draft in self._drafts.values() if draft._unsaved]

    def _keep_saving(self) -> None:
        """Save what is typed, as it is typed (the thread)."""
        while not self._closing.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._closing.is_set() or self._unsaved())
                waiting = self._unsaved()
            saved = [self._save(draft) for draft in waiting]
            self._closing.wait(SAVE_EVERY if all(saved) else RETRY_EVERY)

    def _save(self, draft: Draft) -> bool:
        """Put on disk what is not there yet; whether that worked."""
        with self._disk:
            with self._changed:
                changes = draft._unsaved
                values = {name: draft._fields[name] for name in changes}
                draft._unsaved = {}
            if not changes:
                return True
            trouble = None
            try:
                draft._append_unsaved(changes, values, self.directory)
            except (OSError, InUse) as error:
                trouble = self._wording(error)
            with self._changed:
                if trouble:
                    draft._unsaved = changes | draft._unsaved
                all_saved = not self._unsaved()
        if trouble or all_saved:
            self._report(trouble)
        return trouble is None

    def _end(self, draft: Draft, reference: str) -> None:
        """Remove a draft for good."""
        with self._disk:
            with self._changed:
                draft._ended = True
                draft._unsaved = {}
                self._drafts.pop(draft.id, None)
            file, draft._file = draft._file, None
            if file is None:
                return
            # If the file cannot be removed, this line says that nothing in it is lost.
            with suppress(OSError):
                file.append([{"finished": reference, "at": self._clock().isoformat()}], sync=False)
            with suppress(OSError):
                file.remove()
                sync_folder(self.directory)

    def _close(self, draft: Draft) -> None:
        """Save a draft and release its file."""
        self._save(draft)
        with self._disk:
            with self._changed:
                draft._ended = True
                self._drafts.pop(draft.id, None)
            if draft._file is not None:
                draft._file.close()
                draft._file = None

    def _report(self, trouble: str | None) -> None:
        """Let it be known that saving fails, or works again."""
        if trouble != self.trouble:
            self.trouble = trouble
            if self.on_trouble is not None:
                self.on_trouble(trouble)

    def _wording(self, error: OSError | InUse) -> str:
        """Say in a sentence why what was typed is not saved."""
        if isinstance(error, InUse):
            return "What you type is not saved: another deskterm writes the same draft."
        why = "the disk is full" if error.errno in _DISK_FULL else error.strerror or str(error)
        return f"What you type is not saved: {why} ({self.directory})."


def _clear_away(path: Path, contents: Contents, in_use: bool) -> None:
    """Remove a draft that is finished but could not be removed at the time; never a damaged one."""
    if not in_use and contents.damage is None:
        with suppress(OSError):
            path.unlink()


def _checked(draft_id: str) -> str:
    """Refuse an id that is no plain file name."""
    if not _ID.fullmatch(draft_id):
        raise DraftMissing("That is not the id of a draft.")
    return draft_id


def _saved(draft_id: str, contents: Contents, in_use: bool, changed: datetime) -> SavedDraft:
    """Describe a draft file for people; the file's own date stands in for one that cannot be read."""
    return SavedDraft(
        id=draft_id,
        kind=contents.kind,
        about=contents.about,
        desk=contents.desk,
        fields=contents.fields,
        started_at=contents.started_at or contents.changed_at or changed,
        changed_at=contents.changed_at or changed,
        in_use=in_use,
        damage=contents.damage,
    )


def _new_id() -> str:
    from uuid6 import uuid7  # slow to load, and the first paint needs none

    return str(uuid7())
