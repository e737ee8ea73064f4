"""Raising a change from a ticket, and the head of its form as fields to fill in (C1, R150)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from deskterm.desk.changes.rights import ChangeAct, change_verdict
from deskterm.screens.acts import once
from deskterm.screens.acts_forms import desk_of
from deskterm.screens.base import DeskScreen, Host
from deskterm.screens.change_forms import ActForm, moment_words, read_window
from deskterm.screens.form import Field, Form, FormScreen, Outcome, Values
from deskterm.store.base import Invalid
from deskterm.widgets.choice import Option

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView
    from deskterm.desk.commands.changes import AnyChangeCommand
    from deskterm.desk.records.change import Change
    from deskterm.desk.records.ticket import Ticket

RAISE: Final = "change"
"""The kind under which unsaved words for a change still to be raised are kept."""
HEAD: Final = "amend"
_KINDS: Final = (Option("normal", "Normal"), Option("emergency", "Emergency"))
_MODEL: Final = "model:"
"""What begins the key of a choice that stands for a standard change by a model."""
_LINES: Final = {
    "title": ("Title", "what the change is, in a few words"),
    "company": ("Company", ""),
    "contact": ("Contact", "who agrees for the customer"),
    "contact_phone": ("Their phone", ""),
    "contact_email": ("Their e-mail", ""),
    "engineer": ("Engineer", "who makes it"),
    "engineer_phone": ("Phone", ""),
    "engineer_email": ("E-mail", ""),
    "customer_zone": ("Their zone", "the zone of the customer's clocks, Europe/London"),
    "engineer_zone": ("Our zone", "the zone of the engineer's clocks"),
}


def raise_change(screen: DeskScreen, ticket: Ticket, model: str = "") -> None:
    """Ask what kind of change it is to be, raise it, and lead through its form."""
    host = screen.host
    refused = change_verdict(ChangeAct.RAISE, host.store.me).reason
    if refused:
        screen.say(refused, "refused")
        return
    raised: list[tuple[UUID, str]] = []

    async def submit(values: Values, draft: str) -> Outcome:
        from deskterm.desk.commands.changes import RaiseChange

        kind = values["kind"]
        by_model = kind.startswith(_MODEL)
        asked = {"change_kind": "standard", "model": kind.removeprefix(_MODEL)} if by_model else {"change_kind": kind}
        # The id follows from the draft: after a crash the same words raise the same change.
        change = uuid5(NAMESPACE_OID, draft)
        command: Any = RaiseChange.model_validate({"change": change, "ticket": ticket.id, **asked})
        receipt = await host.store.submit(once(command, draft))
        # In an emergency the customer is on the line: what they say comes before any form.
        raised.append((receipt.record_id, ChangeAct.SPOKEN if kind == "emergency" else "fill"))
        return Outcome(f"{receipt.ref} was raised.")

    def done(outcome: Outcome | None) -> None:
        if outcome is not None:
            host.open_change(*raised[-1])

    screen.app.push_screen(FormScreen(_raise_form(host, ticket, model), submit), done)


def _raise_form(host: Host, ticket: Ticket, model: str) -> Form:
    """What kind of change: normal, emergency, or standard by one of the desk's models, which are few."""
    models = desk_of(host).change_model
    kinds = (*_KINDS, *(Option(f"{_MODEL}{each.key}", each.title) for each in models))
    usual = "" if host.store.me.level == 1 else "normal"
    given = f"{_MODEL}{model}" if model else usual
    kind = Field("kind", "Kind", "choice", given, kinds, needed=True)
    return Form(RAISE, f"Raise a change for {ticket.ref}  {ticket.summary}", "Raise it", (kind,), ticket.ref)


def head_form(host: Host, view: ChangeView, argument: str = "") -> ActForm:
    """The head of the form as fields; only what was changed is submitted."""
    change = view.change
    lines = {name: Field(name, *_line(name, change)) for name in _LINES}
    systems = Field("systems", "Systems", value=", ".join(change.systems), hint="fw-1, fw-2: what it touches")
    fields = (
        lines["title"],
        lines["company"],
        systems,
        Field("starts", "Starts", value=moment_words(change.starts, change, host), hint="Sat 22:00, by our clock"),
        Field("ends", "Ends", value=moment_words(change.ends, change, host), hint="23:30 or 90m"),
        *(lines[name] for name in _LINES if name not in ("title", "company")),
        Field("issued", "Issued", value=change.issued.isoformat() if change.issued else "", hint="2026-03-16"),
        Field("introduction", "Introduction", "text", change.introduction),
    )
    form = Form(HEAD, f"Form of {change.ref}  {change.title}", "Save", fields, change.ref)
    at_first = {field.key: field.value.strip() for field in fields}

    def make(values: Values) -> AnyChangeCommand:
        from deskterm.desk.commands.changes import AmendChange

        typed = {key: words for key, words in values.items() if words != at_first[key]}
        return AmendChange(change=change.id, seen=change.version, changes=_changes(host, change, typed, values))

    return ActForm(form, make, "{ref}: the head of the form is saved.")


def _line(name: str, change: Change) -> tuple[Any, ...]:
    label, hint = _LINES[name]
    return label, "line", getattr(change, name), (), None, hint


def _changes(host: Host, change: Change, typed: Values, values: Values) -> dict[str, Any]:
    """What was typed, as facts of the head."""
    changes: dict[str, Any] = {key: words for key, words in typed.items() if key in _LINES or key == "introduction"}
    if "systems" in typed:
        changes["systems"] = [each.strip() for each in typed["systems"].split(",") if each.strip()]
    if typed.keys() & {"starts", "ends"}:
        starts, ends = read_window(host, change, values)
        read = {"starts": starts, "ends": ends}
        changes |= {key: at.isoformat() if at else None for key, at in read.items() if key in typed}
    if "issued" in typed:
        changes["issued"] = _day(typed["issued"])
    # What was typed over no longer names the record that was picked.
    changes |= {f"{key}_id": None for key in ("company", "contact") if key in changes}
    return changes


def _day(words: str) -> str | None:
    if not words:
        return None
    try:
        return date.fromisoformat(words).isoformat()
    except ValueError:
        raise Invalid(f"{words!r} is no date; write one as 2026-03-16.", field="issued") from None
