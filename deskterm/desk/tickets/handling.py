"""The rules of a call's way through the desk: logged, handed on, taken, written about, kept waiting (T1-T7, T9-T15)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from pydantic import ValidationError

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.clocks.promising import duty_for, promise_anew, promise_for, stands_still, with_agreement
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.records.ticket import Facts, Status, Ticket, VendorTask
from deskterm.desk.records.timekeeping import Duty, Promise
from deskterm.desk.reference import BadReference, read_provisional, write
from deskterm.desk.refusal import Forbidden, Refusal, Wanting
from deskterm.desk.tickets.calling_back import callback_anew, callback_for, out_of_hours
from deskterm.desk.tickets.grounds import Context, Decision, Step, Steps, allow, demand, facts_of
from deskterm.desk.tickets.intake import answer, incomplete
from deskterm.desk.tickets.priority import UnknownStep, priority_of, step_named
from deskterm.desk.tickets.rights import Act, Right, Role, hand_on_act, may_work, role_of
from deskterm.desk.wording import listed

_WANTED_BEFORE_ROUTING: Final = ("type", "impact", "urgency")
_DIAGNOSIS: Final = "diagnosis"
"""Intake keys that begin so hold what was found out, which level 0 fills in and never edits (R063)."""


# -- logging and handing on


def log_call(command: c.LogCall, context: Context) -> Decision:
    """Save a call whatever is missing, and hand it on if it may be (T1, T2, T3)."""
    act = Act.RECEIVE if context.actor.level == "system" else Act.LOG
    allow(act, None, context)
    facts, desk = checked(command.facts, context.desk), context.desk
    contract = context.contract
    priority = priority_of(desk, facts.impact, facts.urgency)
    promise = promise_for(desk, contract, priority, context.now, context.position)
    logged = e.CallLogged(
        number=context.next_number,
        ref=write(context.next_number, desk.reference.prefix),
        facts=facts,
        also=_also(command),
        priority=priority,
        incomplete=incomplete(desk, facts, contract),
        bought_levels=contract.levels if contract else "",
        call_seconds=command.call_seconds,
        after_seconds=command.after_seconds,
        after_keys=command.after_keys,
        promise=promise,
        callback=callback_for(facts, priority, context),
        out_of_hours=out_of_hours(promise, context),
    )
    steps = [Step(command.ticket, logged)]
    held_back: Refusal | None = None
    if command.hand_to:
        try:
            allow(Act.ROUTE, None, context)
            ready_to_route(facts)
            to = _group(command.hand_to, context, "T3")
            steps.append(Step(command.ticket, e.HandedOff(rule="T3", to=to, duty=_duty(to, context))))
        except Refusal as refusal:
            held_back = refusal
    return Decision(tuple(steps), held_back)


def _also(command: c.LogCall) -> str:
    try:
        return read_provisional(command.also) if command.also else ""
    except BadReference as error:
        raise Wanting(str(error), "also", rule="R042") from error


def checked(facts: Facts, desk: DeskFile, only: Collection[str] | None = None) -> Facts:
    """Put impact, urgency and the customer's priority into the desk's own keys; raise Wanting for unknown words.

    `only` names the facts to look at; the others stay as they are, since an old ticket's may be of an older desk file.
    """
    scales = desk.scales
    found: dict[str, str] = {}
    pairs = (("impact", scales.impact), ("urgency", scales.urgency), ("customer_priority", scales.priority))
    for name, scale in pairs:
        if (text := getattr(facts, name)) and (only is None or name in only):
            try:
                found[name] = step_named(scale, text).key
            except UnknownStep as error:
                raise Wanting(f"{name.replace('_', ' ').capitalize()}: {error} (R045).", name, "R045") from error
    changed = {name: key for name, key in found.items() if key != getattr(facts, name)}
    return facts.model_copy(update=changed) if changed else facts


def ready_to_route(facts: Facts) -> None:
    """Demand what a ticket needs before a group may have it; raises Wanting (T3)."""
    wanting = [name for name in _WANTED_BEFORE_ROUTING if not getattr(facts, name)]
    if wanting:
        raise Wanting(f"Before it is handed on it needs {listed(wanting)} (T3).", wanting[0], "T3")


def _group(name: str, context: Context, rule: str) -> str:
    group = context.desk.group_named(name.strip().casefold())
    if group is None:
        names = ", ".join(g.name for g in context.desk.group)
        raise Wanting(f"There is no group {name!r}. The groups are {names} ({rule}).", "to", rule)
    return group.name


def hand_off(command: c.HandOff, ticket: Ticket, context: Context) -> Steps:
    """Give the ticket to a group (T3, T4, T14)."""
    act = hand_on_act(ticket.status)
    rule = allow(act, ticket, context).rule
    to = _group(command.to, context, rule)
    if act is Act.ROUTE:
        ready_to_route(ticket)
        yield e.HandedOff(rule="T3", to=to, reason=command.reason, duty=_duty(to, context))
    elif act is Act.REROUTE:
        if to == ticket.group:
            raise Wanting(f"It is with {to} already; choose another group (T4).", "to", "T4")
        demand(command.reason, "reason", "Handing on again needs a reason", "T4")
        yield e.HandedOff(rule="T4", to=to, reason=command.reason, duty=_duty(to, context))
    else:
        yield e.HandedOff(rule="T14", to=to, reason=command.reason, duty=_duty(to, context))


def _duty(group: str, context: Context) -> Duty | None:
    return duty_for(context.desk, group, context.now, context.position)


def take(command: c.Take, ticket: Ticket, context: Context) -> Steps:
    """Become the owner, or name one as a supervisor (T5)."""
    found = allow(Act.TAKE, ticket, context)
    person = context.desk.operator_named(command.owner) if command.owner else context.actor
    if person is None:
        raise Wanting(f"There is no operator {command.owner!r} at this desk (T5).", "owner", "T5")
    to_self = person.name == context.actor.name
    if found.right is Right.ASSIGN and to_self:
        raise Wanting("A supervisor names who is to take it (T5).", "owner", "T5")
    if found.right is not Right.ASSIGN and not to_self:
        raise Forbidden("Only a supervisor gives a ticket to somebody else; hand it on to their group (T5).", "T5")
    if not may_work(person, ticket):
        raise Forbidden(f"{person.name} may not work on this ticket (T6).", "T6")
    yield e.Taken(owner=person.name)


def take_over(command: c.TakeOver, ticket: Ticket, context: Context) -> Steps:
    """Take over from whoever is writing, and with the writing a ticket that was theirs (T7, T5)."""
    allow(Act.NOTE, ticket, context)
    if not context.writing:
        raise Wanting("Nobody else is writing here now; there is nothing to take over (T7).", "ticket", "T7")
    moves = ticket.owner in context.writing and may_work(context.actor, ticket)
    yield e.TakenOver(holders=context.writing, owner=context.actor.name if moves else "")


def start(command: c.Start, ticket: Ticket, context: Context) -> Steps:
    """Begin to work on it (T6)."""
    allow(Act.START, ticket, context)
    yield e.Started()


# -- writing down


def add_note(command: c.AddNote, ticket: Ticket, context: Context) -> Steps:
    """Write a note (T7)."""
    allow(Act.NOTE, ticket, context)
    yield e.Noted(text=demand(command.text, "text", "A note needs words", "T7"), visibility=command.visibility)


def record_contact(command: c.RecordContact, ticket: Ticket, context: Context) -> Steps:
    """Record a conversation; a customer's answer ends a wait for the customer, whoever wrote it down (T7, T10)."""
    allow(Act.NOTE, ticket, context)
    yield e.ContactRecorded(
        direction=command.direction,
        channel=command.channel,
        reason=command.reason,
        who=command.who.strip() or ticket.contact,
        text=command.text,
        by_worker=may_work(context.actor, ticket),
    )
    if command.reason == "answer" and command.direction == "in" and ticket.waits_for_customer:
        yield e.Resumed(text=command.text)


def join_caller(command: c.JoinCaller, ticket: Ticket, context: Context) -> Steps:
    """Add another caller with the same trouble (T7)."""
    allow(Act.NOTE, ticket, context)
    caller = command.caller
    demand(caller.contact + caller.company + caller.phone, "caller", "Say who called", "T7")
    yield e.CallerJoined(caller=caller)


def amend(command: c.Amend, ticket: Ticket, context: Context) -> Steps:
    """Correct facts or fill them in (T7). What was routed keeps a type and a priority (R049)."""
    allow(Act.NOTE, ticket, context)
    before = facts_of(ticket)
    after = _amended(before, command.changes, context.desk)
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    changes = {name: new[name] for name in Facts.model_fields if new[name] != old[name]}
    if "fields" in changes:
        changes["fields"] = {key: text for key, text in new["fields"].items() if text != old["fields"].get(key)}
    if not changes:
        return
    if ticket.status is not Status.NEW:
        _keep_triage(before, after)
        _keep_diagnosis(ticket, changes.get("fields", {}), context)
    triaged_anew = not changes.keys().isdisjoint(("impact", "urgency"))
    contract = context.contract
    covered_anew = not changes.keys().isdisjoint(("contract", "company", "company_id"))
    matrix = priority_of(context.desk, after.impact, after.urgency) if triaged_anew else ticket.matrix_priority
    priority = ticket.priority if ticket.override_reason else matrix
    yield e.Amended(
        changes=changes,
        priority=matrix,
        incomplete=incomplete(context.desk, after, contract),
        bought_levels=(contract.levels if contract else "") if covered_anew else None,
        promise=_promise(ticket, priority, context) if covered_anew or priority != ticket.priority else None,
        callback=callback_anew(ticket, priority, context),
    )


def _promise(ticket: Ticket, priority: str | None, context: Context) -> Promise | None:
    """What is promised after a change of priority or contract, where that is anything else."""
    return promise_anew(ticket, context.desk, context.contract, priority, context.now, context.position)


def _amended(before: Facts, changes: dict[str, Any], desk: DeskFile) -> Facts:
    if unknown := [name for name in changes if name not in Facts.model_fields]:
        raise Wanting(f"There is no fact {listed([repr(name) for name in unknown], 'or')} (T7).", unknown[0], "T7")
    wanted = dict(changes)
    if isinstance(added := wanted.get("fields"), dict):
        wanted["fields"] = {**before.fields, **added}
    try:
        after = Facts.model_validate(before.model_dump() | wanted)
    except ValidationError as error:
        problem = error.errors()[0]
        field = str(problem["loc"][0]) if problem["loc"] else ""
        raise Wanting(f"{field}: {problem['msg']} (T7).", field, "T7") from error
    both = {"impact", "urgency"}  # either one moves the priority, which takes both
    return checked(after, desk, only=wanted.keys() if both.isdisjoint(wanted) else wanted.keys() | both)


def _keep_triage(before: Facts, after: Facts) -> None:
    for name in _WANTED_BEFORE_ROUTING:
        if getattr(before, name) and not getattr(after, name):
            raise Wanting(f"Once it is handed on, its {name} can be changed but not left out (R049).", name, "R049")


def _keep_diagnosis(ticket: Ticket, answers: dict[str, str], context: Context) -> None:
    if role_of(context.actor.level, ticket.bought_levels) is not Role.L0:
        return
    if any(key.startswith(_DIAGNOSIS) and answer(ticket, key) for key in answers):
        raise Forbidden("Level 0 does not edit a diagnosis; write a note instead (R063).", "R063")


def override_priority(command: c.OverridePriority, ticket: Ticket, context: Context) -> Steps:
    """Set the priority by hand; what the matrix says stays beside it (T27)."""
    allow(Act.PRIORITY, ticket, context)
    demand(command.reason, "reason", "Another priority than the matrix gives needs a reason", "T27")
    try:
        priority = step_named(context.desk.scales.priority, command.priority).key
    except UnknownStep as error:
        raise Wanting(f"Priority: {error} (T27).", "priority", "T27") from error
    promise = _promise(ticket, priority, context)
    called = callback_anew(ticket, priority, context)
    yield e.PriorityOverridden(priority=priority, reason=command.reason, promise=promise, callback=called)


def follow(command: c.Follow, ticket: Ticket, context: Context) -> Steps:
    """Follow the ticket, in whatever status it is; once is enough (R072)."""
    allow(Act.NOTE, ticket, context, whatever_status=True)
    if context.actor.name not in ticket.followers:
        yield e.Followed(operator=context.actor.name)


def unfollow(command: c.Unfollow, ticket: Ticket, context: Context) -> Steps:
    """Stop following it; whoever took it in says why (R072)."""
    if context.actor.name not in ticket.followers:
        return
    if ticket.originator == context.actor.name:
        demand(command.reason, "reason", "You took this call in; to stop following it, say why", "R072")
    yield e.Unfollowed(operator=context.actor.name, reason=command.reason)


# -- waiting and outside help


def pend(command: c.Pend, ticket: Ticket, context: Context) -> Steps:
    """Let it wait for one of the desk file's reasons (T9)."""
    allow(Act.PEND, ticket, context)
    reasons = [reason.key for reason in context.desk.pending]
    if command.reason not in reasons:
        raise Wanting(f"A wait needs a reason: {listed(reasons, 'or')} (T9).", "reason", "T9")
    if command.resume_at and command.resume_at <= context.now:
        raise Wanting("The moment to resume lies in the past (T9).", "resume_at", "T9")
    stops = stands_still(context.desk, ticket, command.reason)
    yield e.Pended(reason=command.reason, resume_at=command.resume_at, text=command.text, stops=stops)


def resume(command: c.Resume, ticket: Ticket, context: Context) -> Steps:
    """End the wait (T10)."""
    allow(Act.RESUME, ticket, context)
    yield e.Resumed(text=command.text)


def open_vendor_task(command: c.OpenVendorTask, ticket: Ticket, context: Context) -> Steps:
    """Ask an outside party for its part; a provider group is meant where its name is given (T15)."""
    allow(Act.VENDOR_TASK, ticket, context)
    vendor = demand(command.vendor, "vendor", "Name the vendor", "T15")
    group = context.desk.group_named(vendor.strip().casefold())
    task = VendorTask(
        vendor=group.name if group else vendor,
        vendor_reference=command.vendor_reference,
        text=command.text,
        opened_at=context.now,
    )
    yield e.VendorTaskOpened(task=with_agreement(task, context.desk, context.position))
