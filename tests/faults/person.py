"""An operator at work on a real terminal: logs calls, writes notes, hands on, and knows what was typed when.

What they do comes from a seed. What they know afterwards is the promise that `tests.faults.kill` holds the app to.
"""

from __future__ import annotations

import random
import re
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from deskterm.desk.deskfile.check import load_sample
from tests.faults.pty_driver import Terminal

SAFE_AFTER: Final = 0.25
"""Seconds after which a letter that was typed has to be on disk."""
REFERENCE: Final = re.compile(r"Reference\s+(\d{3,}-\d\d)")
_GROUPS: Final = {
    group["name"]: f"{group['name']} {group['title']}".casefold()
    for group in tomllib.loads(load_sample("managed-network")[0])["group"]
}
"""The groups of the desk that `tests.robot` furnishes, with what their letters are looked for in."""
_NOT_WORDS: Final = ("command", "ticket", "opened", "type", "contract")
_EMPTY_CALL: Final = re.compile(r"Caller +(name, company or number)[^\n]*\n Summary {12}")
_PACES: Final = (0.02, 0.04, 0.08)
"""Seconds from one letter to the next: 50 a second is faster than anybody, and what the app keeps up with."""
_FORM_TITLE: Final = re.compile(r"(?:Note on|Hand on) (\d{3,}-\d\d)")
_SENTENCE: Final = (
    "no dial tone at reception since morning both handsets tried the base waits écran naïve “quoted” 漢字"
)
_WORDS: Final = tuple(_SENTENCE.split(" "))

Kind = Literal["call", "note", "hand-off"]


class Typed:
    """One field as it was typed: every text it ever held, and since when."""

    def __init__(self, text: str = "") -> None:
        self._texts: list[tuple[float, str]] = [(0.0, text)]
        self.settled: set[str] = set()
        """What the app may have made of it since: letters of a group become the group when the form is saved."""

    @property
    def text(self) -> str:
        """What stands in it now."""
        return self._texts[-1][1]

    def became(self, text: str) -> None:
        """Note a change, at the moment it was put on the line."""
        self._texts.append((time.monotonic(), text))

    def possible(self, moment: float) -> set[str]:
        """Every text that may be found of it: the one that stood there at a moment, and those after it."""
        last = max(n for n, (at, _) in enumerate(self._texts) if at <= moment)
        return {text for _, text in self._texts[last:]} | self.settled


@dataclass
class Entry:
    """A call or a form that somebody fills in."""

    kind: Kind
    token: str
    """A word that is in its text and nowhere else."""
    about: str = ""
    fields: dict[str, Typed] = field(default_factory=dict)
    sent: Mapping[str, str] | None = None
    """What stood in the fields when the key that saves was pressed."""
    ref: str = ""
    """The reference that was shown for it: it is accepted."""
    draft: str = ""
    """The draft it was taken up from."""

    def typed(self, name: str) -> Typed:
        """A field, empty if nothing was typed in it yet."""
        return self.fields.setdefault(name, Typed())


class Person:
    """Somebody at the keyboard. `entries` is everything they have begun at this terminal."""

    def __init__(self, terminal: Terminal, chance: random.Random) -> None:
        self.terminal = terminal
        self.chance = chance
        self.entries: list[Entry] = []
        self.greeted = ""
        self.unsaved: set[tuple[str, str]] = set()
        """Kind and ticket of words that wait as drafts: the same form on the same ticket brings them back."""
        self.on_save: float | None = None
        """Seconds after the next key that saves at which the terminal is to be killed."""

    # -- what they do

    def arrives(self) -> None:
        """Wait for the desk."""
        self.terminal.waits_for("● live")
        self.terminal.watches(0.05)

    def works(self, things: int) -> None:
        """Do so many things, one after the other."""
        for _ in range(things):
            begin = (self.logs_a_call, self.leaves_a_call, self.writes_a_note, self.hands_on)
            self.chance.choices(begin, (5, 3, 2, 2))[0]()

    def logs_a_call(self) -> None:
        """A call, saved or handed on, its reference read out."""
        entry = self._types_a_call()
        self._saves(entry, self.chance.choice(("f7", "f8", "f8")))
        self._hears_the_reference(entry)
        self._leaves_the_reference()

    def leaves_a_call(self) -> None:
        """A call that stays open while another one begins."""
        self._types_a_call()

    def _types_a_call(self) -> Entry:
        entry = Entry("call", self._token())
        self.entries.append(entry)
        terminal = self.terminal
        terminal.until(lambda: not _EMPTY_CALL.search(terminal.screen.text))
        terminal.press("f2")
        terminal.waits_for(_EMPTY_CALL)
        if self.chance.random() < 0.7:
            self._types(entry, "caller", "ros")
            terminal.press("enter")
            del entry.fields["caller"]  # it becomes a person now, or does after the next letter
        else:
            terminal.press("tab")
        self._types(entry, "summary", f"{entry.token} {self._some_words(2, 8)}")
        terminal.press("tab")
        if self.chance.random() < 0.7:
            self._types(entry, "description", self._some_words(1, 14))
        terminal.press("tab")
        terminal.send(b"12")
        return entry

    def writes_a_note(self) -> None:
        """A note on the ticket under the cursor."""
        self._fills("note", "n", "text", "Note on")

    def hands_on(self) -> None:
        """Hand the ticket under the cursor to some group."""
        self._fills("hand-off", "h", "reason", "Hand on")

    def _fills(self, kind: Kind, key: str, words: str, title: str) -> None:
        terminal = self.terminal
        self._goes_back()
        if not re.search(r"^▌", terminal.screen.text, re.MULTILINE):
            return
        terminal.press(key)
        about = terminal.waits_for(_FORM_TITLE)
        if (kind, about) in self.unsaved:  # the words kept from before came back; they have their own turn
            terminal.watches(0.1)
            terminal.press("escape")
            terminal.watches(0.25)
            return
        entry = Entry(kind, self._token(), about=about)
        self.entries.append(entry)
        if kind == "hand-off":
            to = self.chance.choice(("voice-1", "net-2", "desk-1"))
            self._types(entry, "to", to)
            terminal.press("tab")
        self._types(entry, words, f"{entry.token} {self._some_words(1, 8)}")
        self._saves(entry, "f8")
        self._hears_of_the_act(entry)

    def takes_up(self, kind: str, fields: Mapping[str, str], draft: str, about: str) -> None:
        """Bring back the newest unsaved words, which are these, and save them."""
        terminal = self.terminal
        self.greeted = terminal.waits_for(re.compile(r"(\w+ texts? w\w+ typed and not\s+saved)"))
        words = fields.get("summary") or fields.get("text") or fields.get("reason") or ""
        entry = Entry("call" if kind == "call" else "note" if kind == "note" else "hand-off", words.split(" ")[0])
        entry.fields = {name: Typed(value) for name, value in fields.items()}
        entry.draft, entry.about = draft, about
        self.entries.append(entry)
        terminal.press("f12")
        terminal.waits_for("Unsaved words")
        terminal.waits_for(re.compile(r"^(▌)", re.MULTILINE))
        terminal.press("enter")
        if kind == "call":
            opened = re.compile(r"(Saved as you type|Reference)")
            terminal.waits_for(opened)
            if not any(text for name, text in fields.items() if name not in _NOT_WORDS):
                self._goes_back()  # it died between noting that there is a call and its first letter
                return
            self._saves(entry, "f7")
            self._hears_the_reference(entry)
            self._leaves_the_reference()
        else:
            terminal.waits_for(_FORM_TITLE)
            terminal.watches(0.1)
            self._saves(entry, "f8")
            self._hears_of_the_act(entry)
        self._goes_back()

    # -- how they do it

    def _goes_back(self) -> None:
        """Leave calls and tickets for the queue."""
        for _ in range(8):
            if self.terminal.shows("My groups"):
                return
            self.terminal.press("escape")
            self.terminal.watches(0.25)
        self.terminal.waits_for("My groups")

    def _leaves_the_reference(self) -> None:
        self.terminal.press("enter")
        self.terminal.until(lambda: not REFERENCE.search(self.terminal.screen.text), what="the end of the call")

    def _saves(self, entry: Entry, key: str) -> None:
        self.terminal.watches(self.chance.choice((0.0, 0.02, 0.3)))
        if self.on_save is not None:
            self.terminal.dies_at = time.monotonic() + self.on_save
            self.on_save = None
        entry.sent = {name: typed.text for name, typed in entry.fields.items()}
        if letters := entry.fields.get("to"):
            letters.settled = {group for group, words in _GROUPS.items() if letters.text.casefold() in words}
        self.terminal.press(key)

    def _hears_the_reference(self, entry: Entry) -> None:
        entry.ref = self.terminal.waits_for(REFERENCE)

    def _hears_of_the_act(self, entry: Entry) -> None:
        terminal = self.terminal
        for _ in range(20):
            if not _FORM_TITLE.search(terminal.screen.text):
                entry.ref = entry.about
                return
            if "✗" in terminal.screen.text.splitlines()[-1]:
                break
            terminal.watches(0.5)
            terminal.press("f8")  # the first only settled what the letters of a group stand for
        entry.sent = None
        self.unsaved.add((entry.kind, entry.about))
        terminal.press("escape")
        terminal.watches(0.25)

    def _types(self, entry: Entry, name: str, text: str) -> None:
        """Type into a field at some speed, with a slip of the finger now and then."""
        typed = entry.typed(name)
        pace = self.chance.choice(_PACES)
        for part in self._strokes(text):
            self.terminal.send(b"\x7f" if part == "\b" else part.encode())
            typed.became(typed.text[:-1] if part == "\b" else typed.text + part)
            # Now and then two keys go down at once.
            self.terminal.watches(self.chance.choice((0.0, 1.0, 1.0, 1.0, 1.5)) * pace)

    def _strokes(self, text: str) -> Iterator[str]:
        for character in text:
            if self.chance.random() < 0.03:
                yield from ("x", "\b")
            yield character

    def _token(self) -> str:
        return "".join(self.chance.choices("abcdefghijkmnpqrstuvwxyz", k=8))

    def _some_words(self, least: int, most: int) -> str:
        return " ".join(self.chance.choices(_WORDS, k=self.chance.randint(least, most)))
