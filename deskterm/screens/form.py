"""A small form at the foot of the screen: a few fields, one key to save, and no word of it lost.

Acts on tickets ask for what they need here. What is typed goes into the draft journal at once; Esc keeps it, and the
same form on the same ticket opens with it again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from deskterm.actions import BY_ID
from deskterm.screens.taking_over import ClaimingModal
from deskterm.store.base import StoreError
from deskterm.text import safe
from deskterm.widgets.choice import Choice, Option
from deskterm.widgets.frame import Tone, key_line
from deskterm.widgets.line import PASTE_WAS_CUT, LineInput, LongWords, PasteCut
from deskterm.widgets.picker import Offer, Picker
from deskterm.widgets.text_box import TextBox

if TYPE_CHECKING:
    from uuid import UUID

    from deskterm.desk.tickets.views import Receipt
    from deskterm.store.drafts import Draft, Journal

Values = dict[str, str]
Finder = Callable[[str], Awaitable[tuple[Offer, ...]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a form that was saved: the sentence to say, and how to say it."""

    said: str
    tone: Tone = "done"


Submit = Callable[[Values, str], Awaitable[Outcome]]
"""Does what the form is for; raises StoreError when the desk refuses. The str is the id of the words' draft."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: a line of words, a longer text, a choice of a few steps, or something to find."""

    key: str
    label: str
    kind: Literal["line", "text", "choice", "find"] = "line"
    value: str = ""
    options: tuple[Option, ...] = ()
    find: Finder | None = None
    hint: str = ""
    needed: bool = False
    guesses: bool = False
    """To something to find: Enter on the empty field takes what is offered first."""
    unless: tuple[str, ...] = ()
    """Keys of fields that make this one needless when one of them is filled."""
    adds: bool = False
    """What is given for it at first is somebody's words, and comes after words kept from before."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its title, the word for what saving does, its fields, and what its words are about."""

    kind: str
    title: str
    does: str
    fields: tuple[Field, ...]
    about: str = ""
    """Reference of the ticket, so that words kept in the journal find their way back."""
    tickets: tuple[UUID, ...] = ()
    """The tickets it is about: on the first of them, others see that somebody is writing."""


def draft_for(journal: Journal, kind: str, about: str) -> Draft:
    """Take up the words kept of this kind about this ticket; a new draft where there are none."""
    kept = next((d for d in journal.drafts() if (d.kind, d.about) == (kind, about) and not d.in_use), None)
    return journal.resume(kept.id) if kept else journal.open(kind, about=about)


class FormScreen(ClaimingModal[Outcome | None]):
    """Shows a form until what it is for was done; gives what came of it, or None when it was left.

    Enter goes on to the next field that is needed and still empty, and saves where there is none. A refusal is shown
    in the form, and the words stay.
    """

    CSS_PATH = "form.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("f8", "save", show=False),
        Binding(BY_ID["take-over"].keys, "take_over", show=False, id="take-over"),
    ]

    def __init__(self, form: Form, submit: Submit, on_taken_over: Callable[[Receipt], None] | None = None) -> None:
        """`on_taken_over` hears that this operator took over one of the form's tickets."""
        super().__init__()
        self.tickets, self.on_taken_over = form.tickets, on_taken_over
        self.form = form
        self._submit = submit
        self._is_submitting = False
        self._draft: Draft
        self._at_first: Values = {}
        """The words of each field as its widget first showed them."""

    def compose(self) -> ComposeResult:
        """The title, the fields and how to end."""
        with Vertical(id="form"):
            yield Static(Content.styled(safe(self.form.title), "bold"), id="title")
            yield Static(id="others")
            with VerticalScroll(id="fields", can_focus=False):
                for field in self.form.fields:
                    with Horizontal(classes=f"field {field.kind}"):
                        yield Static(Content(safe(field.label)), classes="label")
                        yield self._make(field)
            yield Static(id="foot")

    def _make(self, field: Field) -> Widget:
        name = f"f-{field.key}"
        if field.kind != "choice" and LongWords.wanted(field.value):
            return LongWords(field.value, id=name)
        if field.kind == "text":
            return TextBox(text=field.value, placeholder=field.hint, id=name)
        if field.kind == "choice":
            return Choice(field.options, value=field.value, id=name)
        if field.kind == "find":
            return Picker(value=field.value, placeholder=field.hint, id=name)
        return LineInput(field.value, placeholder=field.hint, id=name)

    def on_mount(self) -> None:
        """Bring back words kept from before, and start in the first field that is still empty."""
        self._draft = draft_for(self.host.journal, self.form.kind, self.form.about)
        kept = self._draft.fields
        self._at_first = {field.key: self._words(field) for field in self.form.fields}
        for field in self.form.fields:
            if words := kept.get(field.key):
                self._put(field, f"{words} {field.value}" if field.adds and field.value not in ("", words) else words)
        for picker in self.query(Picker):
            if picker.text:
                picker.ask()
        # Letters kept from before may stand for several things: their author looks at the offers first.
        open_ = (f for f in self.form.fields if not self._value(f) or (f.find and f.key in kept))
        self._widget(next(open_, self.form.fields[0])).focus()
        self.others_told()
        self.host.attention_moved()

    # -- the foot

    def say(self, message: str, tone: Tone = "note") -> None:
        """Answer the operator in the form's last line."""
        self._foot(message, tone)

    def _foot(self, problem: str = "", tone: Tone = "refused") -> None:
        """Say how to go on from here, or what stands in the way."""
        problem = problem or self.host.journal.trouble or ""
        if problem:
            sign, style = ("✗", "$text-warning") if tone == "refused" else ("·", "$text")
            foot = Content.styled(f"{sign} {safe(problem)}", style)
        else:
            goes_on = self._next_needed(self._here()) is not None
            save = ("F8", self.form.does)
            enter = (("Enter", "Next"), save) if goes_on else (("Enter", self.form.does),)
            foot = key_line(
                *((save,) if isinstance(self.focused, TextArea) else enter), ("Esc", "Leave, words are kept")
            )
        self.query_one("#foot", Static).update(foot)

    def on_descendant_focus(self) -> None:
        """The keys that end a form differ from field to field; offers are for the field one is in."""
        self._foot()
        field = self._here()
        if field and field.find:
            self.query_one(f"#f-{field.key}", Picker).ask()

    def on_paste_cut(self, event: PasteCut) -> None:
        """Say that a paste was too long."""
        event.stop()
        self._foot(PASTE_WAS_CUT)

    # -- values

    def _here(self) -> Field | None:
        """The field one is in."""
        inside = self.focused.ancestors_with_self if self.focused else ()
        names = {node.id for node in inside}
        return next((f for f in self.form.fields if f"f-{f.key}" in names), None)

    def _widget(self, field: Field) -> Widget:
        return self.query_one(f"#f-{field.key}")

    def _named(self, widget: Widget) -> Field | None:
        return next((f for f in self.form.fields if f"f-{f.key}" == widget.id), None)

    def _value(self, field: Field) -> str:
        """What a field holds. Where nobody typed it is what was given: a widget has its own idea of line ends."""
        words = self._words(field)
        return field.value if words == self._at_first.get(field.key) else words

    def _words(self, field: Field) -> str:
        widget = self._widget(field)
        if isinstance(widget, TextArea | Picker | LongWords):
            return widget.text
        assert isinstance(widget, Input | Choice)
        return widget.value

    def _put(self, field: Field, words: str) -> None:
        widget = self._widget(field)
        if isinstance(widget, TextArea):
            widget.text = words
        elif isinstance(widget, LongWords):
            widget.text = words
            widget.refresh()
        elif isinstance(widget, Picker):
            widget.retype(words)
        elif isinstance(widget, Input | Choice):
            widget.value = words

    def _typed(self, widget: Widget, words: str) -> None:
        if field := self._named(widget):
            self._draft.write(field.key, words)
            self._foot()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep every letter."""
        self._typed(event.input, event.value)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep every letter."""
        self._typed(event.text_area, event.text_area.text)

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        """Keep the choice; a digit moves on to the next field and never saves."""
        self._typed(event.choice, event.key)
        if event.moves_on and (field := self._named(event.choice)):
            after = self.form.fields[self.form.fields.index(field) + 1 :]
            self._widget(next((f for f in after if not self._value(f)), field)).focus()

    def on_picker_typed(self, event: Picker.Typed) -> None:
        """Find what fits the letters so far."""
        self._typed(event.picker, event.text)
        field = self._named(event.picker)
        if field and field.find:
            self.run_worker(self._find(field.find, event), exit_on_error=False)

    async def _find(self, find: Finder, event: Picker.Typed) -> None:
        try:
            event.picker.offer(await find(event.text), event.request)
        except StoreError as error:
            if self.is_attached:
                event.picker.offer((), event.request)
                self._foot(error.message)

    def on_picker_picked(self, event: Picker.Picked) -> None:
        """Take what was picked, and go on."""
        field = self._named(event.picker)
        if field is None:
            return
        # Enter on an empty field takes nothing by accident: a guess only where one is wanted.
        wanted = event.was_sought or (field.guesses and self._is_needed(field))
        taken = event.offer.key if event.offer and wanted else event.text
        if taken:
            event.picker.put(taken)
            self._typed(event.picker, taken)
        self._go_on(field)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on."""
        if field := self._named(event.input):
            self._go_on(field)

    def on_key(self, event: events.Key) -> None:
        """Enter goes on from what one cannot type in, too."""
        if (
            event.key == "enter"
            and isinstance(self.focused, Choice | LongWords)
            and (field := self._named(self.focused))
        ):
            event.stop()
            self._go_on(field)

    def _is_needed(self, field: Field) -> bool:
        filled = {f.key for f in self.form.fields if f.key in field.unless and self._value(f)}
        return field.needed and not filled

    def _next_needed(self, after: Field | None) -> Field | None:
        """The next field that is needed and empty, searched from behind the one given and round again."""
        start = self.form.fields.index(after) + 1 if after else 0
        round_ = (*self.form.fields[start:], *self.form.fields[: max(0, start - 1)])
        return next((f for f in round_ if self._is_needed(f) and not self._value(f).strip()), None)

    def _go_on(self, field: Field) -> None:
        if missing := self._next_needed(field):
            self._widget(missing).focus()
        else:
            self.action_save()

    # -- the end

    def action_save(self) -> None:
        """Give the values, if nothing needed is missing. Letters that still stand for something are settled first."""
        for picker in self.query(Picker):
            if not picker.is_settled:
                picker.take()
                return
        missing = next((f for f in self.form.fields if self._is_needed(f) and not self._value(f).strip()), None)
        if missing:
            self._widget(missing).focus()
            self.call_after_refresh(self._foot, f"{missing.label} is needed.")
        elif not self._is_submitting:
            self._is_submitting = True
            self.run_worker(self._do(self._values()), exit_on_error=False)

    def _values(self) -> Values:
        return {field.key: self._value(field).strip() for field in self.form.fields}

    async def _do(self, values: Values) -> None:
        try:
            outcome = await self._submit(values, self._draft.id)
        except StoreError as error:
            self._refused(error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the words stay and the log has the rest
            self._refused(self.host.unexpected(error))
        else:
            if values == self._values():
                self._draft.finish(self.form.about)
            else:  # saving took a while, and somebody typed on
                self._draft.close()
                outcome = replace(outcome, said=f"{outcome.said} What you typed after that is kept: F12.")
            self.dismiss(outcome)

    def _refused(self, message: str) -> None:
        self._is_submitting = False
        self._foot(message)

    def action_leave(self) -> None:
        """Leave. Words typed stay in the journal; an untouched form leaves nothing behind."""
        if self._is_submitting:
            return
        shown = {field.key: field.value for field in self.form.fields}
        kept = self._draft.fields
        if all(words == shown.get(key, "") for key, words in kept.items()):
            self._draft.discard()
        else:
            self._draft.close()
        self.dismiss(None)
