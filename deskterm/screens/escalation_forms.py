"""The forms of the way up and of the way back to service: what each asks for, and the command its values make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from deskterm.desk.commands.clocks import BeginIntervention, DeclareOutOfScope, Defer, GiveRestoreTime
from deskterm.desk.commands.escalations import (
    AnswerEscalation,
    AnswerVendorTask,
    DeclareMajor,
    DeliverReport,
    EndMajor,
    Escalate,
)
from deskterm.desk.deskfile.teams import group_title
from deskterm.desk.escalations.ladders import desk_manager, fitting, next_rung, rungs
from deskterm.desk.wording import when
from deskterm.screens.acts_forms import CHANNELS, Build, FormMaker, ahead, built, desk_of, form_about
from deskterm.screens.base import Host
from deskterm.screens.form import Field, Form, Values
from deskterm.store.base import Invalid
from deskterm.widgets.choice import Option
from deskterm.widgets.picker import Offer

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyTicketCommand
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.ticket import Ticket
    from deskterm.desk.tickets.views import TicketView

_AXES: Final = (
    Option("hierarchical", "Management"),
    Option("functional", "Next line gets the work"),
    Option("vendor", "The vendor"),
)
_TRIGGERS: Final = (
    Option("customer", "The customer"),
    Option("operator", "We do"),
    Option("monitoring", "An alert"),
)
_ANSWERS: Final = (
    Option("acknowledged", "Taken note"),
    Option("assessed", "Assessed"),
    Option("plan-agreed", "Plan agreed"),
    Option("worked", "Plan begun"),
    Option("de-escalated", "Calmed down"),
)
_REPAIRS: Final = (Option("own", "Our own"), Option("supplier", "A supplier's"), Option("both", "Both"))
_VENDOR_SAYS: Final = (
    Option("acknowledged", "Noted"),
    Option("eta", "A time"),
    Option("resolved", "Did its part"),
    Option("returned", "Gave it back"),
)


def _escalate(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    desk, ticket = desk_of(host), view.ticket

    async def find(text: str) -> tuple[Offer, ...]:
        wanted = text.casefold()
        people = {rung.who: rung.phone for ladder in desk.ladder for rung in rungs(ladder)}
        groups = {group.name: group.title for group in desk.group if group.name != ticket.group}
        known = people | groups
        return tuple(Offer(n, n, more) for n, more in known.items() if wanted in f"{n} {more}".casefold())

    form = form_about(
        "escalate",
        view,
        "Escalate",
        "Escalate",
        Field("reason", "Reason", value=argument, hint="what the customer says, word for word", needed=True, adds=True),
        Field("axis", "Up to", "choice", "hierarchical", _AXES),
        Field("trigger", "Demands", "choice", "customer", _TRIGGERS),
        Field("to", "Whom", "find", find=find, hint=f"{_next(desk, ticket)}, unless you name somebody"),
    )
    return form, built(
        lambda c, v, t, seen: Escalate(
            ticket=t, seen=seen, axis=v["axis"], trigger=v["trigger"], to=v["to"], reason=v["reason"]
        ),
        "{ref} is escalated. The customer is owed an update.",
    )


def _next(desk: DeskFile, ticket: Ticket) -> str:
    """Who is called on where nobody is named."""
    ladders = fitting(desk, ticket, "hierarchical", "customer") or fitting(desk, ticket, "hierarchical")
    above = (next_rung(desk, ticket, ladder) for ladder in ladders)
    return (next(filter(None, above), None) or desk_manager(desk)).who


def _answer(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    last = next((step for step in reversed(view.ticket.escalations) if step.is_open), None)
    about = f"Escalation {last.number} to {last.to}:" if last else "Answer the escalation of"
    form = form_about(
        "answer-escalation",
        view,
        about,
        "Answer",
        Field("state", "It is", "choice", "", _ANSWERS, needed=True),
        Field("text", "Words", value=argument, hint="the assessment, the plan, or why it has calmed down", adds=True),
    )
    return form, built(
        lambda c, v, t, seen: AnswerEscalation(ticket=t, seen=seen, state=v["state"], text=v["text"]),
        "{ref}: the escalation is answered.",
    )


def _major(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    if view.ticket.is_major:
        form = form_about(
            "major", view, "No longer a major incident:", "End it",
            Field("reason", "Words", value=argument, hint="how it ended", adds=True),
        )  # fmt: skip
        return form, built(
            lambda c, v, t, seen: EndMajor(ticket=t, seen=seen, text=v["reason"]),
            "{ref} is no major incident any more. The report is still due.",
        )
    may_declare = any(v.act == "major" and v.right == "y" for v in view.may)
    does = "Declare" if may_declare else "Propose"
    form = form_about(
        "major", view, f"{does} a major incident:", does,
        Field("reason", "Reason", value=argument, hint="what is down, and for whom", needed=True, adds=True),
    )  # fmt: skip
    said = "{ref} is a major incident." if may_declare else "{ref}: proposed; the supervisors see it."
    return form, built(lambda c, v, t, seen: DeclareMajor(ticket=t, seen=seen, reason=v["reason"]), said)


def _report(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    form = form_about(
        "report", view, "The incident report was delivered:", "Record",
        Field("text", "Report", value=argument, hint="where it is, or what it says", needed=True, adds=True),
    )  # fmt: skip
    return form, built(
        lambda c, v, t, seen: DeliverReport(ticket=t, seen=seen, text=v["text"]), "{ref}: the report is delivered."
    )


def _restore_time(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    form = form_about(
        "restore-time",
        view,
        "The customer was told when service is back:",
        "Record",
        Field("at", "Back by", value=argument, hint="16:00, tomorrow 09:00 or 2h", needed=True),
        Field("who", "Told to", value=view.ticket.contact, needed=True),
        Field("channel", "By", "choice", "phone", CHANNELS),
        Field("text", "Words", hint="what was said, if anything"),
    )

    def make(c: Any, v: Values, t: UUID, seen: int) -> AnyTicketCommand:
        restore_at = ahead(host, v["at"], "at")
        if restore_at is None:
            raise Invalid("Say when the service runs again.", field="at")
        told = {name: v[name] for name in ("who", "channel", "text")}
        return GiveRestoreTime.model_validate({"ticket": t, "seen": seen, "restore_at": restore_at, **told})

    return form, built(make, "{ref}: the restore time is recorded.")


def _intervene(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    told = view.ticket.timekeeping.restore
    until = f" (back by {when(told.at, host.now(), desk_of(host).desk.zone)})" if told else ""
    form = form_about(
        "intervene", view, f"Begin the intervention{until}:", "Begin",
        Field("repair", "Repair", "choice", "own", _REPAIRS, needed=True),
    )  # fmt: skip
    return form, built(
        lambda c, v, t, seen: BeginIntervention(ticket=t, seen=seen, repair=v["repair"]), "{ref}: intervention begun."
    )


def _defer(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    form = form_about(
        "defer",
        view,
        "Defer to the next working day:",
        "Defer",
        Field("customer", "Customer", value=argument, hint="who agreed, in which words", needed=True, adds=True),
        Field("desk", "Desk", value=host.store.me.name, hint="who agreed for us", needed=True),
    )
    return form, built(
        lambda c, v, t, seen: Defer(ticket=t, seen=seen, customer_agreed=v["customer"], desk_agreed=v["desk"]),
        "{ref} waits for the next working day.",
    )


def _vendor_answer(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    asked = [task for task in view.ticket.vendor_tasks if task.is_open]
    vendor = group_title(desk_of(host), asked[-1].vendor) if asked else "The vendor"
    form = form_about(
        "vendor-answer",
        view,
        f"{vendor} answers about",
        "Record",
        Field("state", "It says", "choice", "", _VENDOR_SAYS, needed=True),
        Field("text", "Words", value=argument, hint="what they said", adds=True),
        Field("eta", "Done by", hint="16:00, tomorrow 09:00 or 2h, if they gave a time"),
    )

    def make(c: Any, v: Values, t: UUID, seen: int) -> AnyTicketCommand:
        eta = ahead(host, v["eta"], "eta")
        return AnswerVendorTask.model_validate(
            {"ticket": t, "seen": seen, "state": v["state"], "text": v["text"], "eta": eta}
        )

    return form, built(make, "{ref}: the vendor's answer is recorded.")


def _out_of_scope(host: Host, view: TicketView, argument: str) -> tuple[Form, Build]:
    form = form_about(
        "out-of-scope",
        view,
        "Not this desk's to do:",
        "Out of scope",
        Field("sent_to", "Sent to", value=argument, hint="where the customer was sent", needed=True, adds=True),
        Field("reason", "Reason", hint="why, if there is more to say"),
    )
    return form, built(
        lambda c, v, t, seen: DeclareOutOfScope(ticket=t, seen=seen, sent_to=v["sent_to"], reason=v["reason"]),
        "{ref} is out of scope.",
    )


FORMS: dict[str, FormMaker] = {
    "escalate": _escalate,
    "answer-escalation": _answer,
    "major": _major,
    "report": _report,
    "restore-time": _restore_time,
    "intervene": _intervene,
    "defer": _defer,
    "vendor-answer": _vendor_answer,
    "out-of-scope": _out_of_scope,
}
