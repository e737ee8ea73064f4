"""What a command leads to: `decide(ticket, command, context)` gives events, or refuses with the rule that says no.

Pure: time, actor, desk file and whatever else a rule needs arrive in the `Context`. One small function per command;
who may do it at all is looked up in the table of `rights`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import singledispatch
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.customers import Contract, Solution
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.intake import incomplete
from deskterm.desk.priority import UnknownStep, priority_of, step_named
from deskterm.desk.reference import write
from deskterm.desk.refusal import Forbidden, Refusal, Wanting
from deskterm.desk.rights import Act, Right, Verdict, hand_on_act, may_work, verdict
from deskterm.desk.ticket import Confirmation, Facts, JoinedCaller, Status, Synopsis, Ticket, VendorTask


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules may know besides the ticket. `now` is UTC; `next_number` is what a new ticket would get."""

    desk: DeskFile
    actor: Operator
    now: datetime
    next_number: int = 0
    related: Ticket | None = None
    """The surviving ticket of a duplicate; see `related_to`."""
    contract: Contract | None = None
    solution: Solution | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One event to be: the record it belongs to, and what happens to it."""

    record: UUID
    happening: e.TicketHappening


@dataclass(frozen=True, slots=True)
class Decision:
    """The events a command leads to; `held_back` is the part that was refused while the rest was saved."""

    steps: tuple[Step, ...]
    held_back: Refusal | None = None


def decide(ticket: Ticket | None, command: c.AnyTicketCommand, context: Context) -> Decision:
    """Decide a command about a ticket (None where it makes one). Raises Forbidden or Wanting."""
    if isinstance(command, c.LogCall):
        return _log_call(command, context)
    assert ticket is not None, "only LogCall makes a ticket"
    steps = _steps(command, ticket, context)
    return Decision(tuple(s if isinstance(s, Step) else Step(ticket.id, s) for s in steps))


def related_to(command: c.AnyTicketCommand, ticket: Ticket | None) -> UUID | str | None:
    """Which other ticket the decision needs, by record id or reference; None for most commands."""
    if isinstance(command, c.MarkDuplicate):
        return command.survivor
    if isinstance(command, c.Undo) and ticket and ticket.status is Status.DUPLICATE:
        return ticket.duplicate_of
    return None


Steps = Iterator[e.TicketHappening | Step]


@singledispatch
def _steps(command: c.TicketCommand, ticket: Ticket, context: Context) -> Steps:
    raise TypeError(f"no rule for {type(command).__name__}")


def _allow(act: Act, ticket: Ticket | None, context: Context) -> Verdict:
    found = verdict(act, context.actor, ticket)
    if not found.allowed:
        raise Forbidden(found.reason, found.rule)
    return found


def _say(text: str, field: str, message: str, rule: str) -> str:
    """Demand that something was said."""
    if not text.strip():
        raise Wanting(f"{message} ({rule}).", field, rule)
    return text


# -- logging and handing on


def _log_call(command: c.LogCall, context: Context) -> Decision:
    act = Act.RECEIVE if context.actor.level == "system" else Act.LOG
    _allow(act, None, context)
    facts, desk = checked(command.facts, context.desk), context.desk
    contract = context.contract
    logged = e.CallLogged(
        number=context.next_number,
        ref=write(context.next_number, desk.reference.prefix),
        facts=facts,
        priority=priority_of(desk, facts.impact, facts.urgency),
        incomplete=incomplete(desk, facts, contract),
        bought_levels=contract.levels if contract else "",
        call_seconds=command.call_seconds,
    )
    steps = [Step(command.ticket, logged)]
    held_back: Refusal | None = None
    if command.hand_to:
        try:
            _ready_to_route(facts, logged.priority)
            group = _group(command.hand_to, context)
            steps.append(Step(command.ticket, e.HandedOff(rule="T3", to=group)))
        except Refusal as refusal:
            held_back = refusal
    return Decision(tuple(steps), held_back)


def checked(facts: Facts, desk: DeskFile) -> Facts:
    """Put impact, urgency and the customer's priority into the desk's own keys; raise Wanting for unknown words."""
    scales = desk.scales
    found: dict[str, str] = {}
    pairs = (("impact", scales.impact), ("urgency", scales.urgency), ("customer_priority", scales.priority))
    for name, scale in pairs:
        if text := getattr(facts, name):
            try:
                found[name] = step_named(scale, text).key
            except UnknownStep as error:
                raise Wanting(f"{name.replace('_', ' ').capitalize()}: {error}", name, "R045") from error
    return facts.model_copy(update=found)


def _ready_to_route(facts: Facts, priority: str | None) -> None:
    wanting = [name for name in ("type", "impact", "urgency") if not getattr(facts, name)]
    if wanting or not priority:
        names = " and ".join(", ".join(wanting).rsplit(", ", 1))
        raise Wanting(f"Before it is handed on it needs {names} (T3).", wanting[0] if wanting else "impact", "T3")


def _group(name: str, context: Context, rule: str = "T3") -> str:
    group = context.desk.group_named(name)
    if group is None:
        names = ", ".join(g.name for g in context.desk.group)
        raise Wanting(f"There is no group {name!r}. The groups are {names} ({rule}).", "to", rule)
    return group.name


@_steps.register
def _(command: c.HandOff, ticket: Ticket, context: Context) -> Steps:
    act = hand_on_act(ticket.status)
    found = _allow(act, ticket, context)
    to = _group(command.to, context, found.rule)
    if act is Act.ROUTE:
        _ready_to_route(ticket, ticket.priority)
        yield e.HandedOff(rule="T3", to=to, reason=command.reason)
        return
    if to == ticket.group and act is Act.REROUTE:
        raise Wanting(f"It is with {to} already; choose another group (T4).", "to", "T4")
    if act is Act.REROUTE:
        _say(command.reason, "reason", "Handing on again needs a reason", "T4")
    yield e.HandedOff(rule="T4" if act is Act.REROUTE else "T14", to=to, reason=command.reason)


@_steps.register
def _(command: c.Take, ticket: Ticket, context: Context) -> Steps:
    found = _allow(Act.TAKE, ticket, context)
    owner = command.owner or context.actor.name
    if found.right is Right.ASSIGN and owner == context.actor.name:
        raise Wanting("A supervisor names who is to take it (T5).", "owner", "T5")
    if found.right is not Right.ASSIGN and owner != context.actor.name:
        raise Forbidden("Only a supervisor gives a ticket to somebody else; hand it on to their group (T5).", "T5")
    person = context.desk.operator_named(owner)
    if person is None:
        raise Wanting(f"There is no operator {owner!r} at this desk (T5).", "owner", "T5")
    if not may_work(person, ticket):
        raise Forbidden(f"{person.name} may not work on this ticket (T6).", "T6")
    yield e.Taken(owner=person.name)


@_steps.register
def _(command: c.Start, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.START, ticket, context)
    yield e.Started()


# -- writing down


@_steps.register
def _(command: c.AddNote, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.NOTE, ticket, context)
    yield e.Noted(text=_say(command.text, "text", "A note needs words", "T7"), visibility=command.visibility)


@_steps.register
def _(command: c.RecordContact, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.NOTE, ticket, context)
    yield e.ContactRecorded(
        direction=command.direction,
        channel=command.channel,
        reason=command.reason,
        who=command.who or ticket.contact,
        text=command.text,
    )
    if command.reason == "answer" and ticket.status is Status.PENDING:
        # A customer's logged answer ends the wait by rule, whoever wrote it down (T10).
        yield e.Resumed(text=command.text)


@_steps.register
def _(command: c.JoinCaller, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.NOTE, ticket, context)
    yield e.CallerJoined(caller=command.caller)


@_steps.register
def _(command: c.Amend, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.NOTE, ticket, context)
    before = Facts.model_validate({name: getattr(ticket, name) for name in Facts.model_fields})
    wanted: dict[str, Any] = dict(command.changes)
    if isinstance(added := wanted.get("fields"), dict):
        wanted["fields"] = {**before.fields, **added}
    try:
        after = checked(Facts.model_validate(before.model_dump() | wanted), context.desk)
    except ValidationError as error:
        problem = error.errors()[0]
        field = str(problem["loc"][0]) if problem["loc"] else ""
        raise Wanting(f"{field}: {problem['msg']}", field, "T7") from error
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    changes = {name: new[name] for name in new if new[name] != old[name]}
    if changes:
        yield e.Amended(
            changes=changes,
            priority=priority_of(context.desk, after.impact, after.urgency),
            incomplete=incomplete(context.desk, after, context.contract),
        )


@_steps.register
def _(command: c.OverridePriority, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.PRIORITY, ticket, context)
    _say(command.reason, "reason", "Another priority than the matrix gives needs a reason", "T27")
    try:
        priority = step_named(context.desk.scales.priority, command.priority).key
    except UnknownStep as error:
        raise Wanting(f"Priority: {error}", "priority", "T27") from error
    yield e.PriorityOverridden(priority=priority, reason=command.reason)


@_steps.register
def _(command: c.Follow, ticket: Ticket, context: Context) -> Steps:
    if context.actor.name not in ticket.followers:
        yield e.Followed(operator=context.actor.name)


@_steps.register
def _(command: c.Unfollow, ticket: Ticket, context: Context) -> Steps:
    if context.actor.name not in ticket.followers:
        return
    if ticket.originator == context.actor.name:
        _say(command.reason, "reason", "You took this call in; to stop following it, say why", "R072")
    yield e.Unfollowed(operator=context.actor.name, reason=command.reason)


# -- waiting and outside help


@_steps.register
def _(command: c.Pend, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.PEND, ticket, context)
    reasons = {reason.key: reason for reason in context.desk.pending}
    if command.reason not in reasons:
        raise Wanting(f"A wait needs a reason: one of {', '.join(reasons)} (T9).", "reason", "T9")
    if command.resume_at and command.resume_at <= context.now:
        raise Wanting("The moment to resume lies in the past (T9).", "resume_at", "T9")
    yield e.Pended(reason=command.reason, resume_at=command.resume_at, text=command.text)


@_steps.register
def _(command: c.Resume, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.RESUME, ticket, context)
    yield e.Resumed(text=command.text)


@_steps.register
def _(command: c.OpenVendorTask, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.VENDOR_TASK, ticket, context)
    vendor = _say(command.vendor, "vendor", "Name the vendor", "T15")
    task = VendorTask(
        vendor=vendor, vendor_reference=command.vendor_reference, text=command.text, opened_at=context.now
    )
    yield e.VendorTaskOpened(task=task)


# -- the end, and back


@_steps.register
def _(command: c.Resolve, ticket: Ticket, context: Context) -> Steps:
    act = Act.RESOLVE_KNOWN if command.solution else Act.RESOLVE_NEW
    found = verdict(act, context.actor, ticket)
    if not found.allowed and act is Act.RESOLVE_NEW:
        known = verdict(Act.RESOLVE_KNOWN, context.actor, ticket)
        if known.allowed:
            raise Forbidden("Level 1 resolves with a known solution only: name one, or hand it on (T12).", "T12")
        raise Forbidden(known.reason, known.rule)
    _allow(act, ticket, context)
    synopsis = _synopsis(command, ticket, context)
    if ticket.status is Status.ACCEPTED:
        _allow(Act.START, ticket, context)
        yield e.Started()
    if act is Act.RESOLVE_NEW and not (command.article.strip() or command.no_article_because.strip()):
        raise Wanting("Write an article for level 1, or say why there is none (T13).", "article", "T13")
    yield e.Resolved(
        rule="T12" if command.solution else "T13",
        synopsis=synopsis,
        solution=context.solution.key if context.solution else "",
        article=command.article,
        no_article_because=command.no_article_because,
    )


def _synopsis(command: c.Resolve, ticket: Ticket, context: Context) -> Synopsis:
    given, known = command.synopsis, context.solution
    if command.solution and known is None:
        raise Wanting(f"There is no known solution {command.solution!r} (T12).", "solution", "T12")
    if known is not None:
        return Synopsis(
            issue=given.issue or ticket.summary,
            steps=given.steps or known.steps,
            resolution=given.resolution or known.resolution,
        )
    resolution = _say(given.resolution, "resolution", "Say in words what resolved it", "T13")
    return Synopsis(issue=given.issue or ticket.summary, steps=given.steps or resolution, resolution=resolution)


@_steps.register
def _(command: c.RecordAnswer, ticket: Ticket, context: Context) -> Steps:
    act = Act.CONFIRM if command.answer == "yes" else Act.REFUSE
    found = _allow(act, ticket, context)
    by = _say(command.by or ticket.contact, "by", "Name who answered", found.rule)
    at = command.at or context.now
    if at > context.now:
        raise Wanting(f"The answer cannot come from the future ({found.rule}).", "at", found.rule)
    confirmation = Confirmation(
        by=by, at=at, channel=command.channel or ticket.channel, answer=command.answer, words=command.words
    )
    if act is Act.CONFIRM:
        yield e.Confirmed(confirmation=confirmation)
    else:
        yield e.Refused(confirmation=confirmation)


@_steps.register
def _(command: c.Reopen, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.REOPEN, ticket, context)
    limit = timedelta(days=context.desk.desk.reopen_days)
    if ticket.closed_at and context.now - ticket.closed_at <= limit:
        yield e.Reopened(reason=command.reason)
        return
    facts = Facts.model_validate({name: getattr(ticket, name) for name in Facts.model_fields})
    ref = write(context.next_number, context.desk.reference.prefix)
    yield Step(
        command.successor,
        e.CallLogged(
            number=context.next_number,
            ref=ref,
            facts=facts,
            priority=ticket.matrix_priority,
            incomplete=ticket.incomplete,
            bought_levels=ticket.bought_levels,
            successor_of=ticket.ref,
        ),
    )
    if ticket.group and context.desk.group_named(ticket.group):
        yield Step(command.successor, e.HandedOff(rule="T3", to=ticket.group, reason=command.reason))


@_steps.register
def _(command: c.Withdraw, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.WITHDRAW, ticket, context)
    yield e.Withdrawn(reason=_say(command.reason, "reason", "Say what the customer said", "T23"))


@_steps.register
def _(command: c.MarkDuplicate, ticket: Ticket, context: Context) -> Steps:
    _allow(Act.DUPLICATE, ticket, context)
    survivor = context.related
    if survivor is None or survivor.id == ticket.id:
        raise Wanting("Name another ticket, the one that goes on (T24).", "survivor", "T24")
    if not survivor.status.is_open:
        raise Wanting(f"{survivor.ref} is {survivor.status}; a duplicate needs an open one (T24).", "survivor", "T24")
    everyone = (*ticket.followers, ticket.originator)
    brought = tuple(dict.fromkeys(name for name in everyone if name not in survivor.followers))
    yield e.MarkedDuplicate(survivor=survivor.id, survivor_ref=survivor.ref, brought_followers=brought)
    yield Step(
        survivor.id,
        e.DuplicateAbsorbed(duplicate=ticket.id, duplicate_ref=ticket.ref, followers=brought, callers=_callers(ticket)),
    )


def _callers(ticket: Ticket) -> tuple[JoinedCaller, ...]:
    first = JoinedCaller(
        company=ticket.company,
        contact=ticket.contact,
        phone=ticket.phone,
        contact_id=ticket.contact_id,
        words=f"came with {ticket.ref}",
    )
    return (first, *ticket.joined)


@_steps.register
def _(command: c.Undo, ticket: Ticket, context: Context) -> Steps:
    last = ticket.undoable
    if last is None:
        raise Forbidden(
            "There is nothing to take back: a take, a hand-off, a priority or a duplicate link is, "
            "until work goes on.", "R130",
        )  # fmt: skip
    mine = last.by == context.actor.name
    if not mine and not (last.act == "duplicate" and verdict(Act.NOTE, context.actor).allowed):
        raise Forbidden(f"The last act was {last.by}'s, who alone can take it back.", "R225")
    yield e.Undone(act=last.act, of_version=last.version)
    if last.act == "duplicate" and context.related is not None:
        yield Step(
            context.related.id,
            e.DuplicateReleased(
                duplicate=ticket.id,
                duplicate_ref=ticket.ref,
                followers=ticket.brought_followers,
                callers=_callers(ticket),
            ),
        )
