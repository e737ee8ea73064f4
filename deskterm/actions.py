"""Everything one can do, one object each: key, `:` word, palette entry, footer hint, help line, reason when disabled.

Screens bind keys, the command line completes words, the palette and the help list names, all from these objects.
A letter means the same in every place. Keys can be remapped by id in the settings; `docs/keys.md` is made from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from textual.binding import Binding
from textual.keys import REPLACED_KEYS, key_to_character

Place = Literal[
    "anywhere",
    "queue",
    "ticket",
    "call",
    "saved-call",
    "drafts",
    "outbox",
    "board",
    "triage",
    "change",
    "changes",
    "calendar",
]
PLACES: Final[dict[Place, str]] = {
    "anywhere": "anywhere",
    "queue": "in the queue",
    "ticket": "in a ticket",
    "call": "in a call",
    "saved-call": "in a saved call",
    "drafts": "among unsaved words",
    "outbox": "in the outbox",
    "board": "on the board",
    "triage": "in triage",
    "change": "in a change",
    "changes": "in the list of changes",
    "calendar": "in the calendar of changes",
}
"""What each place is called, in the order of help and handbook."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `places` says where its key works; `act` names the row of the rights table that governs it."""

    id: str
    name: str
    keys: str
    help: str
    places: tuple[Place, ...]
    act: str = ""
    """Word of the act in the rights table (`rights.Act`); empty for what anybody may do."""
    hint: int = 0
    """Place among the footer's hints, 1 the first to be shown; 0 is never shown there."""
    argument: Literal["", "group", "ref", "text", "view", "solution", "theme", "found", "connection"] = ""
    """What the word takes on the command line, for completion."""
    bulk: bool = False
    """Works on every marked ticket at once."""

    @property
    def method(self) -> str:
        """Name of the method that carries it out, on the screen or on the app."""
        return "act_" + self.id.replace("-", "_")

    @property
    def first_key(self) -> str:
        """The key to show, as a person would call it."""
        return key_name(self.keys.split(",")[0])


_KEY_NAMES: Final = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "left": "←",
    "right": "→",
}


def typed_by(key: str) -> str:
    """The character that a key types: `slash` types "/"; empty for keys such as `escape` and `f2`, which type none."""
    try:
        character = key_to_character(REPLACED_KEYS.get(key, key)) or ""
    except ValueError:  # half of a surrogate pair, in the settings: no name of a key
        return ""
    return character if character.isprintable() else ""


def key_name(key: str) -> str:
    """Name a key for people: `question_mark` is "?", `f2` is "F2", `ctrl+p` is "^p"."""
    if key in _KEY_NAMES:
        return _KEY_NAMES[key]
    for prefix, sign in (("ctrl+", "^"), ("shift+", "⇧")):
        if key.startswith(prefix):
            return sign + key_name(key.removeprefix(prefix))
    if len(key) > 1 and (character := typed_by(key)):
        return character
    return key.upper() if key[0] == "f" and key[1:].isdigit() else key.capitalize() if len(key) > 1 else key


_LISTS: Final = ("queue", "ticket")
_SAVED: Final = (*_LISTS, "saved-call")
_WEIGHED: Final = (*_LISTS, "triage")
_PLANS: Final = ("changes", "calendar")

ACTIONS: Final[tuple[Action, ...]] = (
    # Anywhere
    Action("new-call", "New call", "f2", "Open a new call. The one you are in stays open.", ("anywhere",), "log", 2),
    Action("next-call", "Next call", "f3", "Go to the next call that is still open.", ("anywhere",)),
    Action("command", "Command", "colon", "Type a command or a reference.", ("anywhere",), hint=30, argument="text"),
    Action("help", "Help", "question_mark,f1", "Show every key, those of this place first.", ("anywhere",), hint=40),
    Action("palette", "Palette", "ctrl+p", "Search all actions by name.", ("anywhere",)),
    Action("back", "Back", "escape", "Go back, or clear what is being filtered.", ("anywhere",), hint=50),
    Action("drafts", "Drafts", "f12", "Words that were typed and not saved yet.", ("anywhere",)),
    Action("outbox", "Outbox", "", "What was written while the line was down, and what came of it.", ("anywhere",)),
    Action("connection", "Connection", "J", "Go to another desk that the settings name.", ("anywhere",), argument="connection"),
    Action("theme", "Theme", "", "Change the colours.", ("anywhere",), argument="theme"),
    Action(
        "redraw", "Redraw", "ctrl+l", "Draw the screen anew, where something else has written on it.", ("anywhere",)
    ),
    Action("guard", "Window", "ctrl+r", "Go to the change whose window ends first, or is over.", ("anywhere",)),
    Action("find", "Find", "F", "Find tickets, changes, customers and solutions by any words.", ("anywhere",), argument="found"),
    Action("quit", "Quit", "ctrl+q", "Leave deskterm. Open calls are kept as drafts.", ("anywhere",)),
    # Queue
    Action("open", "Open", "enter", "Open what is under the cursor.", ("queue", "drafts", "outbox", "board", "change", *_PLANS), hint=1),
    Action("filter", "Filter", "slash", "Filter the list as you type.", ("queue", "changes"), hint=20),
    Action("mark", "Mark", "space", "Mark the ticket, to act on several at once.", ("queue",)),
    Action("unmark", "Unmark all", "U", "Take all marks off.", ("queue",)),
    Action("next-view", "Next view", "tab,right_square_bracket", "Show the next view.", ("queue", "change", "changes")),
    Action("previous-view", "Previous view", "shift+tab,left_square_bracket", "Show the view before.", ("queue", "change", "changes")),
    Action("view", "View", "v", "Go to a view by name.", ("queue",), argument="view"),
    Action("save-view", "Keep view", "V", "Keep this view and filter under a name of your own.", ("queue",)),
    Action("forget-view", "Drop view", "", "Drop a view of your own.", ("queue",)),
    Action("preview", "Preview", "p", "Show or hide the preview.", ("queue",)),
    # Tickets, in the queue and opened
    Action("hand-off", "Hand on", "h", "Hand the ticket to a group; you keep following it.", _SAVED, "hand-off", 3, "group", True),
    Action("triage", "Triage", "z", "Weigh it and find its group; in triage, the next unrouted one.", _WEIGHED, hint=13),
    Action("take", "Take", "t", "Become the owner.", _LISTS, "take", 4, bulk=True),
    Action("escalate", "Escalate", "e", "Call on somebody higher up, as when the customer demands it.", (*_SAVED, "triage"), "escalate", 5, "text"),
    Action("chase", "Chased", "c", "Log that the customer asks how it stands.", _LISTS, "note", 6, "text"),
    Action("note", "Note", "n", "Write a note, internal unless you say otherwise.", (*_SAVED, "change", "outbox"), "note", 7, "text"),
    Action("take-over", "Take over", "f5", "Take over from whoever is writing on it; they keep their words.", _WEIGHED, "note"),
    Action("start", "Start", "s", "Begin to work on it.", (*_LISTS, "change"), "start", 8),
    Action("resolve", "Resolve", "r", "Resolve it with a known solution or a new one.", _LISTS, "resolve", 9, "solution"),
    Action("confirm", "Confirm", "y", "The customer says it works: record that and close.", _LISTS, "confirm", 10),
    Action("refuse", "Says no", "N", "The customer says it does not work.", _LISTS, "refuse"),
    Action("undo", "Undo", "u", "Take your last act on this ticket back.", (*_SAVED, "change"), hint=12),
    Action("pend", "Wait", "w", "Let it wait for somebody, with a reason.", _LISTS, "pend"),
    Action("resume", "Resume", "R", "End the wait.", _LISTS, "resume"),
    Action("contact", "Contact", "l", "Record a conversation with the customer.", (*_LISTS, "change"), "note"),
    Action("priority", "Priority", "P", "Set another priority than the matrix gives, with a reason.", _LISTS, "priority"),
    Action("duplicate", "Duplicate", "d", "Link it to the ticket that goes on for both.", _LISTS, "duplicate", argument="ref"),
    Action("vendor-task", "Vendor", "o", "Ask an outside party for its part.", _LISTS, "vendor-task"),
    Action("vendor-answer", "Vendor says", "L", "Record what a vendor said to its task.", _LISTS, "vendor-answer", argument="text"),
    Action("answer-escalation", "Answer", "A", "Answer an escalation: noted, assessed, a plan, calmed down.", _LISTS, "answer-escalation", argument="text"),
    Action("major", "Major", "M", "Declare a major incident, propose one, or say that it is over.", _WEIGHED, "major", argument="text"),
    Action("report", "Report", "", "Record that the incident report was delivered.", _LISTS, "report", argument="text"),
    Action("restore-time", "Restore time", "T", "Record by when the customer was told that service is back.", _LISTS, "restore-time", argument="text"),
    Action("intervene", "Intervene", "I", "Go from diagnosis to repair.", _LISTS, "intervene"),
    Action("defer", "Defer", "D", "Let it wait for the next working day, both sides agreeing.", _WEIGHED, "defer", argument="text"),
    Action("out-of-scope", "Out of scope", "S", "Say that it is not ours, and where the customer was sent.", _WEIGHED, "out-of-scope", argument="text"),
    Action("reopen", "Reopen", "O", "Open a closed ticket again.", _LISTS, "reopen"),
    Action("withdraw", "Withdraw", "X", "End it because the customer no longer wants it.", _LISTS, "withdraw"),
    Action("follow", "Follow", "f", "Follow the ticket, or stop following it.", _LISTS),
    Action("amend", "Correct", "m", "Correct or fill in what is known.", (*_LISTS, "change"), "note"),
    Action("copy", "Copy reference", "C", "Copy the reference to the clipboard, also over SSH.", (*_SAVED, "change")),
    Action("explain", "Why", "W", "Explain when it is due and why: spans, pauses, holidays.", _LISTS, hint=22),
    Action("board", "Board", "b", "Show the board: what burns, who has it, how the day goes.", _LISTS, hint=23),
    Action("changes", "Changes", "H", "List changes: open ones, your own, those whose form is outstanding.", (*_LISTS, "board", "change", "calendar"), hint=24),
    Action("calendar", "Calendar", "K", "Show the windows of changes week by week, with freezes.", (*_LISTS, "board", "change", "changes"), hint=25),
    # Calendar of changes
    Action("next-week", "Next week", "right", "Show the week after.", ("calendar",), hint=3),
    Action("previous-week", "Week before", "left", "Show the week before.", ("calendar",), hint=4),
    Action("this-week", "This week", "full_stop", "Go back to the week of today.", ("calendar",), hint=5),
    # Ticket
    Action("acts", "What now", "a", "Show what may be done now, what may not, and why.", ("ticket", "change"), hint=11),
    Action("facts", "Facts", "i", "Show all facts, or only the thread with the few that matter.", ("ticket",), hint=21),
    Action("editor", "Editor", "E", "Write a note in your own editor.", ("ticket",), "note"),
    # Call
    Action("save-and-hand-on", "Save and hand on", "f8", "Save it and hand it to the chosen group.", ("call", "triage"), "log", 1),
    Action("save", "Save", "f7", "Save it without handing it on.", ("call", "triage"), "log", 2),
    Action("save-and-escalate", "Escalate", "f9", "Save, hand on and escalate at once, as the customer demands.", ("call",), "log", 3),
    Action("join", "Join", "f4", "Add this caller to a ticket that is open already.", ("call",), "note", 4),
    Action("known-outage", "Known outage", "ctrl+o", "Add this caller to the known outage that is shown.", ("call",), "note"),
    Action("hung-up", "Hung up", "ctrl+g", "The caller has hung up: the clock stands, and what follows is counted.", ("call",)),
    Action("caller", "Caller", "f6", "Go back to who is calling.", ("call",), hint=6),
    Action("ask", "Ask", "f5", "Go to the fields still to ask.", ("call",), hint=5),
    Action("not-given", "Not given", "ctrl+n", "The caller was asked and could not say.", ("call",)),
    Action("park", "Park", "escape", "Leave the call open and go back; F3 returns to it.", ("call",), hint=50),
    Action("discard", "Discard", "", "Throw this call away, after asking.", ("call",)),
    # Change
    Action("change", "Change", "q", "Open the change for this ticket, or raise one.", _LISTS, hint=26, argument="text"),
    Action("onward", "Next step", "f8", "Take the change its next step on.", ("change",), hint=1),
    Action("tick", "Tick", "space", "Tick the row, or take the tick back; a test passes.", ("change",), hint=2, argument="text"),
    Action("failed", "Failed", "exclamation_mark", "Record that the test failed, and what was seen.", ("change",), "result", 3),
    Action("add-row", "Add row", "plus", "Add rows to this section: Enter adds the next one.", ("change",), "fill", 4),
    Action("roll-back", "Roll back", "f6", "Begin to roll back.", ("change",), "roll-back", 5),
    Action("extend", "Extension", "f9", "Record the customer's return message: a new end.", ("change",), "extend", 6),
    Action("remove-row", "Remove row", "minus,delete", "Take the row out; u brings it back.", ("change",), "fill", 8),
    Action("move-up", "Move up", "less_than_sign,shift+up", "Move the row up.", ("change",), "fill"),
    Action("move-down", "Move down", "greater_than_sign,shift+down", "Move the row down.", ("change",), "fill"),
    Action("split", "Split", "vertical_line,ctrl+t", "Make two rows of one, where the cursor stands.", ("change",), "fill"),
    Action("submit", "Submit", "", "Give the form in.", ("change",), "submit"),
    Action("assess", "Assess", "", "Begin to assess the change.", ("change",), "assess"),
    Action("send", "Send the form", "", "Record that the form was sent to the customer.", ("change",), "send"),
    Action("approve", "Customer agrees", "", "Record the customer's agreement.", ("change",), "approve"),
    Action("reject", "Customer says no", "", "Record that the customer does not agree.", ("change",), "reject"),
    Action("spoken", "Spoken word", "", "Record the customer's spoken agreement in an emergency.", ("change",), "spoken"),
    Action("schedule", "Schedule", "", "Put it into its window.", ("change",), "schedule"),
    Action("test", "Begin the tests", "", "Begin the tests.", ("change",), "test"),
    Action("finish", "Change is made", "", "Say that the change is made.", ("change",), "finish"),
    Action("rolled-back", "All is as before", "", "Say that all is as it was before.", ("change",), "rolled-back"),
    Action("reschedule", "Another window", "", "Give it another window after a roll-back.", ("change",), "reschedule"),
    Action("return", "Schedule again", "", "Put it into its new window.", ("change",), "return"),
    Action("resend", "Send it again", "", "Send the changed form to the customer.", ("change",), "resend"),
    Action("complete-form", "Form is complete", "", "Say that the form was completed afterwards.", ("change",), "complete-form"),
    Action("review", "Review", "", "Take the change to review.", ("change",), "review"),
    Action("close", "Close", "", "Close it with its outcome and a note.", ("change",), "close"),
    Action("cancel", "Cancel", "", "Call the change off, with a reason.", ("change",), "cancel"),
    Action("case", "Case", "", "Open the ticket that the change is for.", ("change",)),
    # Unsaved words
    Action("throw-away", "Throw away", "x", "Throw these words away, after asking.", ("drafts", "outbox"), hint=4),
    Action("send-again", "Send again", "g", "Send what was refused once more, by what there is now.", ("outbox",), hint=3),
    # Call, once it is saved
    Action("done", "Done", "enter", "The call is over: go back to where you were.", ("saved-call",), hint=1),
)  # fmt: skip
BY_ID: Final = {action.id: action for action in ACTIONS}


def at(place: Place) -> tuple[Action, ...]:
    """Actions of a place, its own first, then those that work anywhere (unless the place has its own key for it)."""
    own = tuple(action for action in ACTIONS if place in action.places)
    taken = {key for action in own for key in action.keys.split(",") if key}
    everywhere = (a for a in ACTIONS if "anywhere" in a.places and place != "anywhere")
    return (*own, *(a for a in everywhere if not taken & set(a.keys.split(","))))


def bindings(place: Place) -> list[Binding]:
    """Textual bindings of a place, each with its action's id, so that a keymap can move it or give it a first key."""
    return [
        Binding(action.keys or f"no-key-{action.id}", f"perform({action.id!r})", action.name, show=False, id=action.id)
        for action in at(place)
    ]


def named(word: str, place: Place) -> Action | None:
    """Find the action for a word typed on the command line: its id, or the only one that begins so."""
    here = at(place)
    exact = next((a for a in here if a.id == word), None)
    if exact:
        return exact
    begun = [a for a in here if a.id.startswith(word)]
    return begun[0] if len(begun) == 1 else None
