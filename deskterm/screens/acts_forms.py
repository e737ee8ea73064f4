"""The forms behind the acts: which fields each asks for, and the command its values make. Data, one maker an act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from deskterm.desk.deskfile.teams import vendors_by_speed
from deskterm.desk.records.ticket import Synopsis
from deskterm.desk.tickets.due_words import group_words
from deskterm.desk.tickets.intake import OWN_FACTS, asked
from deskterm.desk.tickets.priority import name_of
from deskterm.screens.base import Host, hours_read
from deskterm.screens.form import Field, Form, Values
from deskterm.store.base import Invalid
from deskterm.widgets.choice import Option, options_of
from deskterm.widgets.picker import Offer

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyTicketCommand
    from deskterm.desk.deskfile import DeskFile, Group, IntakeField
    from deskterm.desk.records.ticket import Ticket
    from deskterm.desk.tickets.views import TicketView

Build = Callable[[Values, UUID, int], Awaitable[tuple["AnyTicketCommand", str]]]
"""Makes the command for one ticket (id, version seen), and the sentence to say when it was done."""
FormMaker = Callable[[Host, "TicketView", str], tuple[Form, Build]]

CHANNELS = (
    Option("phone", "Phone"),
    Option("email", "E-mail"),
    Option("portal", "Portal"),
    Option("in_person", "In person"),
)
_BY = frozenset(option.key for option in CHANNELS)
SIDES = (Option("internal", "Internal"), Option("customer", "Customer sees it"))


def built(make: Callable[[Any, Values, UUID, int], AnyTicketCommand], said: str) -> Build:
    """A command made of the values by `make`, which is given the models of commands, and what to say afterwards."""

    async def build(values: Values, ticket: UUID, seen: int) -> tuple[AnyTicketCommand, str]:
        from deskterm.desk import commands

        return make(commands, values, ticket, seen), said

    return build


def form_about(kind: str, view: TicketView, title: str, does: str, *fields: Field) -> Form:
    """A form about a ticket."""
    return Form(kind, f"{title} {view.ticket.ref}  {view.ticket.summary}", does, fields, view.ticket.ref)


def desk_of(host: Host) -> DeskFile:
    """The desk in force."""
    assert host.desk is not None, "a ticket is only shown once its desk is"
    return host.desk


def _hand_off(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    async def find(text: str) -> tuple[Offer, ...]:
        groups = await host.store.groups(view.ticket.summary)
        wanted = text.casefold()
        fit = [g for g in groups if g.name != view.ticket.group and wanted in f"{g.name} {g.title}".casefold()]
        fit.sort(key=lambda g: not g.name.startswith(wanted))
        now, (zone, whose) = host.now(), hours_read(host)
        return tuple(Offer(g.name, f"{g.name:<12} {g.title}", group_words(g, now, zone, whose)) for g in fit)

    again = view.ticket.status == "Routed"
    form = form_about(
        "hand-off",
        view,
        "Hand on",
        "Hand on",
        Field("to", "To", "find", argument, find=find, hint="group", needed=True, guesses=True),
        Field("reason", "Reason", hint="why it moves on" if again else "only if there is one", needed=again),
    )
    return form, built(
        lambda c, v, t, seen: c.HandOff(ticket=t, seen=seen, to=v["to"], reason=v["reason"]),
        "{ref} was handed on. You follow it. u takes it back.",
    )


def _assign(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    async def find(text: str) -> tuple[Offer, ...]:
        wanted = text.casefold()
        people = [o for o in desk_of(host).operator if o.level in (1, 2, 3) and wanted in o.name.casefold()]
        people.sort(key=lambda o: view.ticket.group not in o.groups)
        return tuple(Offer(o.name, o.name, f"level {o.level}, {', '.join(o.groups)}") for o in people)

    form = form_about(
        "assign", view, "Assign", "Assign", Field("owner", "To", "find", argument, find=find, hint="name", needed=True)
    )
    return form, built(lambda c, v, t, seen: c.Take(ticket=t, seen=seen, owner=v["owner"]), "{ref} was assigned.")


def _chase(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    form = form_about(
        "chase",
        view,
        "The customer chases",
        "Log the chase",
        Field("text", "Words", value=argument, hint="what the customer says, if anything", adds=True),
        Field("who", "Who asks", value=view.ticket.contact),
        Field("channel", "By", "choice", "phone", CHANNELS),
    )
    return form, built(
        lambda c, v, t, seen: c.RecordContact(
            ticket=t, reason="chase", channel=v["channel"], who=v["who"], text=v["text"]
        ),
        "{ref}: the chase is logged.",
    )


def _contact(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    directions = (Option("out", "We did"), Option("in", "The customer did"))
    reasons = (
        Option("details", "Details"),
        Option("status", "How it stands"),
        Option("answer", "An answer"),
        Option("other", "Something else"),
    )
    form = form_about(
        "contact",
        view,
        "Spoke about",
        "Record",
        Field("text", "Words", value=argument, hint="what was said", adds=True),
        Field("direction", "Who began", "choice", "out", directions),
        Field("reason", "About", "choice", "status", reasons),
        Field("channel", "By", "choice", "phone", CHANNELS),
        Field("who", "With", value=view.ticket.contact),
    )
    return form, built(lambda c, v, t, seen: c.RecordContact(ticket=t, **v), "{ref}: the contact is recorded.")


def _note(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    form = form_about(
        "note",
        view,
        "Note on",
        "Save the note",
        Field("text", "Words", "text", argument, hint="what was found, done or heard", needed=True, adds=True),
        Field("visibility", "Who sees it", "choice", "internal", SIDES),
    )
    return form, built(
        lambda c, v, t, seen: c.AddNote(ticket=t, text=v["text"], visibility=v["visibility"]), "{ref}: noted."
    )


def _resolve(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    async def find(text: str) -> tuple[Offer, ...]:
        found = await host.store.solutions(text or view.ticket.summary)
        return tuple(Offer(s.key, f"{s.key}  {s.title}", s.category) for s in found)

    may_write = any(v.act == "resolve-new" and v.right == "y" for v in view.may)
    hint = "words or number of a known one" + (", or empty for a new one" if may_write else "")
    fields = [Field("solution", "Solution", "find", argument, find=find, hint=hint, needed=not may_write)]
    if may_write:
        known = ("solution",)
        fields += [
            Field("steps", "Steps", hint="what was done", needed=True, unless=known),
            Field("resolution", "Resolution", hint="what the customer is told", needed=True, unless=known),
            Field("article", "Article", "text", hint="for level 1: when they meet this, what they do"),
            Field("because", "Or why none", hint="it will not come again, …", needed=True, unless=(*known, "article")),
        ]
    form = form_about("resolve", view, "Resolve", "Resolve", *fields)

    def make(c: Any, v: Values, t: UUID, seen: int) -> AnyTicketCommand:
        synopsis = Synopsis(issue="", steps=v.get("steps", ""), resolution=v.get("resolution", ""))
        command: AnyTicketCommand = c.Resolve(
            ticket=t,
            seen=seen,
            solution=v["solution"],
            synopsis=synopsis,
            article=v.get("article", ""),
            no_article_because=v.get("because", ""),
        )
        return command

    return form, built(make, "{ref} is resolved. y closes it once the customer confirms.")


def _answer(host: Host, view: TicketView, argument: str, *, answer: str) -> tuple[Form, Build]:
    yes = answer == "yes"
    form = form_about(
        "confirm" if yes else "refuse",
        view,
        "The customer says it works:" if yes else "The customer says no:",
        "Confirm and close" if yes else "Send it back",
        Field("by", "Who says so", value=view.ticket.contact, needed=True),
        Field("channel", "By", "choice", view.ticket.channel if view.ticket.channel in _BY else "phone", CHANNELS),
        Field("words", "Words", value=argument, hint="what they said, if anything", adds=True),
    )
    said = "{ref} is closed: confirmed." if yes else "{ref} went back to who worked on it."
    return form, built(lambda c, v, t, seen: c.RecordAnswer(ticket=t, seen=seen, answer=answer, **v), said)


def _confirm(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    return _answer(host, view, argument, answer="yes")


def _refuse(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    return _answer(host, view, argument, answer="no")


def _pend(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    reasons = tuple(Option(reason.key, reason.name) for reason in desk_of(host).pending)
    form = form_about(
        "pend",
        view,
        "Let wait",
        "Wait",
        Field("reason", "For", "choice", argument, reasons, needed=True),
        Field("text", "Words", hint="what exactly is awaited"),
        Field("until", "Until", hint="tomorrow 09:00, Mon 14:00 or 2h, if known"),
    )

    def make(c: Any, v: Values, t: UUID, seen: int) -> AnyTicketCommand:
        command: AnyTicketCommand = c.Pend(
            ticket=t, seen=seen, reason=v["reason"], text=v["text"], resume_at=ahead(host, v["until"])
        )
        return command

    return form, built(make, "{ref} waits.")


def ahead(host: Host, words: str, field: str = "until") -> datetime | None:
    """Read a moment that is still to come, nothing where nothing was typed; Invalid says how to write it."""
    from deskterm.desk.moment import UnclearMoment, moment

    if not words:
        return None
    try:
        return moment(words, host.now(), desk_of(host).desk.zone, ahead=True)
    except UnclearMoment as error:
        raise Invalid(str(error), field=field) from error


def _priority(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    scale = desk_of(host).scales.priority
    says = name_of(scale, view.ticket.matrix_priority)
    form = form_about(
        "priority",
        view,
        "Priority of",
        "Set the priority",
        Field("priority", "Priority", "choice", argument, options_of(scale), needed=True),
        Field("reason", "Reason", hint=f"why it is not {says}" if says else "why", needed=True),
    )
    return form, built(
        lambda c, v, t, seen: c.OverridePriority(ticket=t, seen=seen, **v), "{ref}: priority set. u takes it back."
    )


def _duplicate(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    async def find(text: str) -> tuple[Offer, ...]:
        hits = await host.store.find(text or view.ticket.company)
        fit = [h for h in hits if h.kind == "ticket" and h.open and h.ref != view.ticket.ref]
        return tuple(Offer(h.ref, f"{h.ref}  {h.title}", h.detail) for h in fit)

    form = form_about(
        "duplicate",
        view,
        "Duplicate",
        "Link",
        Field("survivor", "Goes on", "find", argument, find=find, hint="reference or words", needed=True),
    )

    async def build(values: Values, ticket: UUID, seen: int) -> tuple[AnyTicketCommand, str]:
        from deskterm.desk.commands import MarkDuplicate

        survivor = (await host.store.ticket(values["survivor"])).ticket
        command = MarkDuplicate(ticket=ticket, seen=seen, survivor=survivor.id)
        return command, "{ref} is a duplicate of " + survivor.ref + ". u undoes that."

    return form, build


def _comes(vendor: Group) -> str:
    """How soon an outside party comes, as far as that was agreed."""
    return f"comes in {vendor.minimum_intervention}" if vendor.minimum_intervention else ""


def _vendor_task(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    async def find(text: str) -> tuple[Offer, ...]:
        wanted = text.casefold()
        vendors = [g for g in vendors_by_speed(desk_of(host)) if wanted in f"{g.name} {g.title}".casefold()]
        return tuple(Offer(g.name, g.title or g.name, _comes(g)) for g in vendors)

    form = form_about(
        "vendor-task",
        view,
        "Ask a vendor about",
        "Ask",
        Field("vendor", "Vendor", "find", argument, find=find, hint="name", needed=True),
        Field("text", "Words", hint="what they are asked for", needed=True),
        Field("vendor_reference", "Their ref", hint="their own reference, if known"),
    )
    return form, built(lambda c, v, t, seen: c.OpenVendorTask(ticket=t, seen=seen, **v), "{ref}: the vendor is asked.")


def _reason(kind: str, title: str, does: str, said: str, word: str, *, needed: bool) -> FormMaker:
    def maker(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
        form = form_about(kind, view, title, does, Field("reason", "Reason", value=argument, needed=needed))
        return form, built(lambda c, v, t, seen: getattr(c, word)(ticket=t, seen=seen, reason=v["reason"]), said)

    return maker


_LINES = ("summary", "contact", "company", "phone", "email", "contract", "service", "item")
_STEPS = ("type", "impact", "urgency", "fault")
_LABELS = {"email": "E-mail"}


def _amend(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    ticket, desk = view.ticket, desk_of(host)
    choices = {
        "type": tuple(Option(name, name.replace("_", " ").capitalize()) for name in desk.ticket_types),
        "impact": options_of(desk.scales.impact),
        "urgency": options_of(desk.scales.urgency),
        "fault": (Option("hardware", "Hardware"), Option("software", "Software")),
    }

    def label(name: str) -> str:
        return _LABELS.get(name, name.capitalize())

    fields = [Field(name, label(name), value=str(getattr(ticket, name))) for name in _LINES]
    fields.insert(1, Field("description", "Detail", "text", ticket.description))
    fields += [Field(name, label(name), "choice", getattr(ticket, name) or "", choices[name]) for name in _STEPS]
    fields += [_intake(field, ticket) for field in asked(desk, ticket) if field.key not in OWN_FACTS]
    form = form_about("amend", view, "Correct", "Save", *fields)
    before = {field.key: field.value for field in fields}

    def make(c: Any, v: Values, t: UUID, seen: int) -> AnyTicketCommand:
        changed = {name: words for name, words in v.items() if words != before[name].strip()}
        facts: dict[str, Any] = {name: words for name, words in changed.items() if name in OWN_FACTS}
        facts |= {name: words or None for name, words in facts.items() if name in ("type", "impact", "urgency")}
        if answers := {name: words for name, words in changed.items() if name not in OWN_FACTS}:
            facts["fields"] = answers
        command: AnyTicketCommand = c.Amend(ticket=t, seen=seen, changes=facts)
        return command

    return form, built(make, "{ref} is corrected.")


def _intake(field: IntakeField, ticket: Ticket) -> Field:
    """A field of the desk's own, with its answer so far."""
    label = field.label or field.key.replace("_", " ").capitalize()
    value = ticket.fields.get(field.key, "")
    words = {"yes_no": ("yes", "no"), "choice": field.choices}.get(field.kind, ())
    # An answer that is none of the choices ("not given") has to stay as it is: then it is a line of words.
    if words and value in ("", *words):
        return Field(field.key, label, "choice", value, tuple(Option(word, word.capitalize()) for word in words))
    return Field(field.key, label, value=value, hint=field.hint)


FORMS: dict[str, FormMaker] = {
    "hand-off": _hand_off,
    "assign": _assign,
    "chase": _chase,
    "contact": _contact,
    "note": _note,
    "resolve": _resolve,
    "confirm": _confirm,
    "refuse": _refuse,
    "pend": _pend,
    "priority": _priority,
    "duplicate": _duplicate,
    "vendor-task": _vendor_task,
    "reopen": _reason("reopen", "Reopen", "Reopen", "{ref} is open again.", "Reopen", needed=False),
    "withdraw": _reason(
        "withdraw", "Withdraw, on the customer's word,", "Withdraw", "{ref} is withdrawn.", "Withdraw", needed=True
    ),
    "unfollow": _reason(
        "unfollow", "You took this in. Stop following", "Stop following", "You no longer follow {ref}.", "Unfollow",
        needed=True,
    ),
    "amend": _amend,
}  # fmt: skip
