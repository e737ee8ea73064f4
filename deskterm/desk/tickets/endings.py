"""The rules of how a ticket ends, and of the ways back: resolved, answered, reopened, withdrawn, linked, undone."""

from __future__ import annotations

from datetime import timedelta

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.clocks.promising import duty_for, promise_for, same_terms
from deskterm.desk.records.ticket import Confirmation, JoinedCaller, Status, Synopsis, Ticket, Undoable
from deskterm.desk.records.timekeeping import Promise
from deskterm.desk.reference import write
from deskterm.desk.refusal import Forbidden, Wanting
from deskterm.desk.tickets.grounds import Context, Step, Steps, allow, demand, facts_of
from deskterm.desk.tickets.rights import Act, Right, verdict


def resolve(command: c.Resolve, ticket: Ticket, context: Context) -> Steps:
    """Resolve with a known solution (T12) or a new one (T13); from Accepted, work is started on the way (T6)."""
    known = verdict(Act.RESOLVE_KNOWN, context.actor, ticket)
    if not command.solution and known.right is Right.KNOWN:
        if known.allowed:
            raise Forbidden("Level 1 resolves with a known solution only: name one, or hand it on (T12).", "T12")
        raise Forbidden(known.reason, known.rule)
    allow(Act.RESOLVE_KNOWN if command.solution else Act.RESOLVE_NEW, ticket, context)
    synopsis = _synopsis(command, ticket, context)
    if not command.solution and not (command.article.strip() or command.no_article_because.strip()):
        raise Wanting("Write an article for level 1, or say why there is none (T13).", "article", "T13")
    if ticket.status is Status.ACCEPTED:
        yield e.Started()
    yield e.Resolved(
        rule="T12" if command.solution else "T13",
        synopsis=synopsis,
        solution=context.solution.key if command.solution and context.solution else "",
        article=command.article,
        no_article_because=command.no_article_because,
    )


def _synopsis(command: c.Resolve, ticket: Ticket, context: Context) -> Synopsis:
    """The issue, the steps and the resolution in words (R124), filled in from what is known."""
    given = command.synopsis
    issue = _first_said(given.issue, ticket.summary)
    if command.solution:
        known = context.solution
        if known is None:
            raise Wanting(f"There is no known solution {command.solution!r} (T12).", "solution", "T12")
        steps, resolution = _first_said(given.steps, known.steps), _first_said(given.resolution, known.resolution)
        return Synopsis(
            issue=demand(issue, "issue", "Say what the issue was", "T12"), steps=steps, resolution=resolution
        )
    resolution = demand(given.resolution, "resolution", "Say in words what resolved it", "T13")
    return Synopsis(
        issue=demand(issue, "issue", "Say what the issue was", "T13"),
        steps=_first_said(given.steps, resolution),
        resolution=resolution,
    )


def _first_said(*texts: str) -> str:
    return next((text for text in texts if text.strip()), "")


def record_answer(command: c.RecordAnswer, ticket: Ticket, context: Context) -> Steps:
    """Record the customer's answer to a resolution: yes closes it (T20), no gives it back to its last owner (T21)."""
    act = Act.CONFIRM if command.answer == "yes" else Act.REFUSE
    rule = allow(act, ticket, context).rule
    by = demand(_first_said(command.by, ticket.contact), "by", "Name who answered", rule)
    at = command.at or context.now
    if at > context.now:
        raise Wanting(f"The answer cannot come from the future ({rule}).", "at", rule)
    if ticket.resolved_at and at < ticket.resolved_at:
        raise Wanting(f"The answer cannot be older than the resolution ({rule}).", "at", rule)
    confirmation = Confirmation(
        by=by, at=at, channel=command.channel or ticket.channel, answer=command.answer, words=command.words
    )
    yield e.Confirmed(confirmation=confirmation) if act is Act.CONFIRM else e.Refused(confirmation=confirmation)


def reopen(command: c.Reopen, ticket: Ticket, context: Context) -> Steps:
    """Open a closed ticket again; past the desk's limit a linked successor goes to the same group (T22, R128)."""
    allow(Act.REOPEN, ticket, context)
    limit = timedelta(days=context.desk.desk.reopen_days)
    if ticket.closed_at and context.now - ticket.closed_at <= limit:
        promise = promise_for(context.desk, context.contract, ticket.priority, context.now, context.position)
        yield e.Reopened(reason=command.reason, promise=promise)
        return
    yield Step(
        command.successor,
        e.CallLogged(
            number=context.next_number,
            ref=write(context.next_number, context.desk.reference.prefix),
            facts=facts_of(ticket),
            priority=ticket.matrix_priority,
            incomplete=ticket.incomplete,
            bought_levels=ticket.bought_levels,
            successor_of=ticket.ref,
            promise=promise_for(context.desk, context.contract, ticket.matrix_priority, context.now, context.position),
        ),
    )
    if ticket.group and context.desk.group_named(ticket.group):
        duty = duty_for(context.desk, ticket.group, context.now, context.position)
        yield Step(command.successor, e.HandedOff(rule="T3", to=ticket.group, reason=command.reason, duty=duty))


def withdraw(command: c.Withdraw, ticket: Ticket, context: Context) -> Steps:
    """End it on the customer's word, which stands on record (T23, R129)."""
    allow(Act.WITHDRAW, ticket, context)
    yield e.Withdrawn(reason=demand(command.reason, "reason", "Say what the customer said", "T23"))


def mark_duplicate(command: c.MarkDuplicate, ticket: Ticket, context: Context) -> Steps:
    """Link it to the ticket that goes on, which takes its callers and followers (T24, R130)."""
    allow(Act.DUPLICATE, ticket, context)
    survivor = context.related
    if survivor is None or survivor.id == ticket.id:
        raise Wanting("Name another ticket, the one that goes on (T24).", "survivor", "T24")
    if not survivor.status.is_open:
        raise Wanting(f"{survivor.ref} is {survivor.status}; a duplicate needs an open one (T24).", "survivor", "T24")
    yield e.MarkedDuplicate(survivor=survivor.id, survivor_ref=survivor.ref)
    first = JoinedCaller(
        company=ticket.company,
        contact=ticket.contact,
        phone=ticket.phone,
        contact_id=ticket.contact_id,
        words=f"came with {ticket.ref}",
    )
    yield Step(
        survivor.id,
        e.DuplicateAbsorbed(
            duplicate=ticket.id,
            duplicate_ref=ticket.ref,
            followers=tuple(dict.fromkeys((*ticket.followers, ticket.originator))),
            callers=(first, *ticket.joined),
        ),
    )


def undo(command: c.Undo, ticket: Ticket, context: Context) -> Steps:
    """Take the last act back by an event of its own; only its author may, but for a duplicate link (T24, R225)."""
    last = ticket.undoable
    if last is None:
        raise Forbidden(
            "There is nothing to take back: a take, a hand-off, a priority or a duplicate link is, "
            "until work goes on (R225).", "R225",
        )  # fmt: skip
    if last.act == "duplicate":
        allow(Act.DUPLICATE, ticket, context, whatever_status=True)
    elif last.by != context.actor.name:
        raise Forbidden(f"The last act was {last.by}'s, who alone can take it back (R225).", "R225")
    promise = _promise_after(last, ticket, context) if last.act == "priority" else None
    yield e.Undone(act=last.act, of_version=last.version, promise=promise)
    if last.act == "duplicate" and context.related is not None:
        yield Step(context.related.id, e.DuplicateReleased(duplicate=ticket.id, duplicate_ref=ticket.ref))


def _promise_after(last: Undoable, ticket: Ticket, context: Context) -> Promise | None:
    """What is promised once an override is taken back, where facts or contract moved on since it was made."""
    priority = last.priority if last.override_reason else ticket.matrix_priority
    after = promise_for(context.desk, context.contract, priority, context.now, context.position)
    return None if same_terms(last.promise, after) else after
