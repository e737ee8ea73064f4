"""A small form at the foot of the screen: a few fields, one key to save, and no word of it lost.

Acts on tickets ask for what they need here. What is typed goes into the draft journal at once; Esc keeps it, and the
same form on the same ticket opens with it again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from deskterm.screens.base import Host
from deskterm.store.base import StoreError
from deskterm.text import safe
from deskterm.widgets.choice import Choice, Option
from deskterm.widgets.picker import Offer, Picker

if TYPE_CHECKING:
    from deskterm.store.drafts import Draft, Journal

Values = dict[str, str]
Finder = Callable[[str], Awaitable[tuple[Offer, ...]]]
Submit = Callable[[Values], Awaitable[str]]
"""Does what the form is for and gives the sentence to say; raises StoreError when the desk refuses."""


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


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its title, the word for what saving does, its fields, and what its words are about."""

    kind: str
    title: str
    does: str
    fields: tuple[Field, ...]
    about: str = ""
    """Reference of the ticket, so that words kept in the journal find their way back."""


def draft_for(journal: Journal, kind: str, about: str) -> Draft:
    """Take up the words kept of this kind about this ticket; a new draft where there are none."""
    kept = next((d for d in journal.drafts() if (d.kind, d.about) == (kind, about) and not d.in_use), None)
    return journal.resume(kept.id) if kept else journal.open(kind, about=about)


class FormScreen(ModalScreen[str | None]):
    """Shows a form until what it is for was done; gives the sentence to say, or None when it was left.

    A refusal is shown in the form, and the words stay.
    """

    CSS_PATH = "form.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("f8", "save", show=False),
    ]

    def __init__(self, form: Form, submit: Submit) -> None:
        super().__init__()
        self.form = form
        self._submit = submit
        self._is_submitting = False
        self._found: dict[str, Offer] = {}
        self._draft: Draft

    @property
    def host(self) -> Host:
        """The app, as far as screens may know it."""
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        """A rule, the title, the fields and how to end."""
        with Vertical(id="form"):
            yield Static(Content.styled(safe(self.form.title), "bold"), id="title")
            for field in self.form.fields:
                with Horizontal(classes=f"field {field.kind}"):
                    yield Static(Content(safe(field.label)), classes="label")
                    yield self._widget(field)
            yield Static(self._foot(), id="foot")

    def _widget(self, field: Field) -> Input | TextArea | Choice | Picker:
        name = f"f-{field.key}"
        if field.kind == "text":
            area = TextArea(field.value, compact=True, id=name, tab_behavior="focus")
            area.cursor_blink = False
            return area
        if field.kind == "choice":
            return Choice(field.options, value=field.value, id=name)
        if field.kind == "find":
            return Picker(value=field.value, placeholder=field.hint, id=name)
        line = Input(field.value, placeholder=field.hint, compact=True, select_on_focus=False, id=name)
        line.cursor_blink = False
        return line

    def _foot(self, problem: str = "") -> Content:
        if problem:
            return Content.styled(f"✗ {safe(problem)}", "$text-warning")
        key = "F8" if self._only_text else "Enter"
        return Content.assemble(
            (key, "bold $text-accent"), f" {self.form.does}  ", ("Esc", "bold $text-accent"), " Leave, words are kept"
        )

    @property
    def _only_text(self) -> bool:
        return self.form.fields[-1].kind == "text"

    def on_mount(self) -> None:
        """Bring back words kept from before, and start in the first field that is still empty."""
        self._restore()
        for field in self.form.fields:
            if field.kind == "find":
                self.query_one(f"#f-{field.key}", Picker).ask()
        empty = next((f for f in self.form.fields if not self._value(f)), self.form.fields[0])
        self._focus(empty)

    def _restore(self) -> None:
        self._draft = draft_for(self.host.journal, self.form.kind, self.form.about)
        kept = self._draft.fields
        for field in self.form.fields:
            if words := kept.get(field.key):
                self._put(field, words)

    # -- values

    def _value(self, field: Field) -> str:
        widget = self.query_one(f"#f-{field.key}")
        if isinstance(widget, TextArea):
            return widget.text
        if isinstance(widget, Picker):
            return widget.text
        assert isinstance(widget, Input | Choice)
        return widget.value

    def _put(self, field: Field, words: str) -> None:
        widget = self.query_one(f"#f-{field.key}")
        if isinstance(widget, TextArea):
            widget.text = words
        elif isinstance(widget, Picker):
            widget.put(words)
        elif isinstance(widget, Input | Choice):
            widget.value = words

    def _focus(self, field: Field) -> None:
        self.query_one(f"#f-{field.key}").focus()

    def _typed(self, key: str, words: str) -> None:
        self._draft.write(key, words)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep every letter."""
        if event.input.id:
            self._typed(event.input.id.removeprefix("f-"), event.value)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep every letter."""
        if event.text_area.id:
            self._typed(event.text_area.id.removeprefix("f-"), event.text_area.text)

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        """Keep the choice; a digit moves on."""
        key = (event.choice.id or "").removeprefix("f-")
        self._typed(key, event.key)
        if event.moves_on:
            self._next(key)

    def on_picker_typed(self, event: Picker.Typed) -> None:
        """Find what fits the letters so far."""
        key = (event.picker.id or "").removeprefix("f-")
        self._typed(key, event.text)
        field = next(f for f in self.form.fields if f.key == key)
        if field.find:
            self.run_worker(self._find(field.find, event), exit_on_error=False)

    async def _find(self, find: Finder, event: Picker.Typed) -> None:
        try:
            event.picker.offer(await find(event.text), event.request)
        except StoreError as error:
            self.query_one("#foot", Static).update(self._foot(error.message))

    def on_picker_picked(self, event: Picker.Picked) -> None:
        """Take what was picked and go on, or save if that was the last field."""
        key = (event.picker.id or "").removeprefix("f-")
        index = next(n for n, f in enumerate(self.form.fields) if f.key == key)
        if not event.text and not self.form.fields[index].needed:
            # Enter on an empty field that may stay empty passes it by; it takes nothing by accident.
            following = self.form.fields[index + 1 : index + 2]
            if following:
                self._focus(following[0])
            else:
                self.action_save()
            return
        if event.offer:
            self._found[key] = event.offer
            event.picker.put(event.offer.key)
            self._typed(key, event.offer.key)
        self._next(key)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next field, and saves from the last."""
        self._next((event.input.id or "").removeprefix("f-"))

    def on_key(self, event: events.Key) -> None:
        """Enter saves from a choice too."""
        if event.key == "enter" and isinstance(self.focused, Choice):
            event.stop()
            self._next((self.focused.id or "").removeprefix("f-"))

    def _next(self, key: str) -> None:
        fields = self.form.fields
        index = next(n for n, f in enumerate(fields) if f.key == key)
        empty = next((f for f in fields[index + 1 :] if f.needed and not self._value(f)), None)
        if empty:
            self._focus(empty)
        else:
            self.action_save()

    # -- the end

    def action_save(self) -> None:
        """Give the values, if nothing needed is missing."""
        for field in self.form.fields:
            if field.kind == "find" and field.key not in self._found:
                picker = self.query_one(f"#f-{field.key}", Picker)
                if picker.chosen and picker.text:
                    picker.put(picker.chosen.key)
        values = {field.key: self._value(field).strip() for field in self.form.fields}
        missing = next((f for f in self.form.fields if f.needed and not values[f.key]), None)
        if missing:
            self._focus(missing)
            self.query_one("#foot", Static).update(self._foot(f"{missing.label} is needed."))
            return
        if not self._is_submitting:
            self._is_submitting = True
            self.run_worker(self._do(values), exit_on_error=False)

    async def _do(self, values: Values) -> None:
        try:
            said = await self._submit(values)
        except StoreError as error:
            self._refused(error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the words stay and the log has the rest
            self._refused(self.host.unexpected(error))
        else:
            self._draft.discard()
            self.dismiss(said)

    def _refused(self, message: str) -> None:
        self._is_submitting = False
        self.query_one("#foot", Static).update(self._foot(message))

    def action_leave(self) -> None:
        """Leave. Words typed stay in the journal; an untouched form leaves nothing behind."""
        if all(self._value(field) == field.value for field in self.form.fields):
            self._draft.discard()
        else:
            self._draft.close()
        self.dismiss(None)
