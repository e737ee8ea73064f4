"""A ticket as rows: the line the queue sorts, who follows it, its words, and where it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.clocks import Books, Clock, clocks, soonest
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.escalations.moments import moments
from deskterm.desk.fold import fold
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.tickets.priority import rank
from deskterm.store import standing, timers, words
from deskterm.store.full_text import index
from deskterm.store.schema import FAR, follower, micros, tally, ticket
from deskterm.store.writing import Writing

_STATE = sa.select(ticket.c.state).where(ticket.c.id == sa.bindparam("record"))
_STATES = sa.select(ticket.c.state).where(ticket.c.id.in_(sa.bindparam("records", expanding=True)))
_NUMBERED = sa.select(ticket.c.state).where(ticket.c.number == sa.bindparam("wanted"))
_WORDS = sa.select(ticket.c.number, ticket.c.words, ticket.c.said).where(
    ticket.c.number.in_(sa.bindparam("numbers", expanding=True))
)
_INSERT = Writing(ticket.insert())
_UPDATE = Writing(
    ticket.update()
    .where(ticket.c.number == sa.bindparam("wanted"))
    .values(
        {column.name: sa.bindparam(column.name) for column in ticket.c if column.name not in ("number", "id", "ref")}
    )
)
_RANK = ticket.update().where(ticket.c.priority == sa.bindparam("step")).values(priority_rank=sa.bindparam("to"))
_RANK_REST = (
    ticket.update()
    .where(ticket.c.priority.not_in(sa.bindparam("steps", expanding=True)))
    .values(priority_rank=sa.bindparam("to"))
)
_FOLLOW = Writing(follower.insert())
_FOLLOWS = (
    follower.c.operator == sa.bindparam("name"),
    follower.c.is_open == sa.bindparam("was_open"),
    follower.c.number == sa.bindparam("wanted"),
)
_UNFOLLOW = Writing(follower.delete().where(*_FOLLOWS))
_FOLLOW_ON = Writing(follower.update().where(*_FOLLOWS).values(is_open=sa.bindparam("now_open")))
_COUNT = Writing(
    sa.text(
        "INSERT INTO tally(group_name, status, owned, tickets) VALUES (:group_name, :status, :owned, :more) "
        "ON CONFLICT (group_name, status, owned) DO UPDATE SET tickets = tally.tickets + excluded.tickets"
    )
)
_GIVE = sa.text("INSERT INTO given(ref, number) VALUES (:also, :wanted) ON CONFLICT (ref) DO NOTHING")
"""The first keeps it: a reference that was given names one ticket for ever (R042)."""
_NO_LONGER = tally.delete().where(tally.c.tickets == 0)


def load(connection: sa.Connection, record: UUID) -> Ticket | None:
    """Read a ticket by record id."""
    state = connection.execute(_STATE, {"record": record}).scalar_one_or_none()
    return Ticket.model_validate_json(state) if state is not None else None


def load_numbered(connection: sa.Connection, number: int) -> Ticket | None:
    """Read a ticket by number."""
    state = connection.execute(_NUMBERED, {"wanted": number}).scalar_one_or_none()
    return Ticket.model_validate_json(state) if state is not None else None


def load_all(connection: sa.Connection, records: tuple[UUID, ...]) -> tuple[Ticket, ...]:
    """Read tickets by record id, in the order of the ids; those that are not there are left out."""
    states = connection.execute(_STATES, {"records": list(records)}).scalars() if records else ()
    found = {each.id: each for each in map(Ticket.model_validate_json, states)}
    return tuple(found[record] for record in records if record in found)


class Turn(NamedTuple):
    """A ticket before and after some events; `said` are words of theirs that its state does not keep."""

    before: Ticket | None
    after: Ticket
    said: list[str]


def project(
    connection: sa.Connection, turns: Sequence[Turn], desk: DeskFile, books: Books, *, full_text: bool = True
) -> None:
    """Bring the rows of some tickets from before to after. Without `full_text`, have it made anew afterwards."""
    kept = _words_of(connection, [turn.after.number for turn in turns if turn.before])
    new, known, texts, timed, stand = [], [], [], [], []
    for turn in turns:
        it = turn.after
        old_words, old_said = kept.get(it.number, ("", ""))
        running = [clock for clock in clocks(it, books) if clock.ended is None] if it.status.is_open else []
        timed.append((it.number, moments(it, desk, running), turn.before is None))
        row = _row(it, desk, words.joined([old_said, *turn.said])) | _due(soonest(running))
        texts.append((it.number, old_words, row["words"]))
        stand.append((it, turn.before is None, row["due_at"]))
        if turn.before:
            known.append({**row, "wanted": it.number})
        else:
            new.append({**row, "number": it.number, "id": it.id, "ref": it.ref})
    _INSERT(connection, new)
    if new:
        _give(connection, [turn.after for turn in turns if turn.before is None])
    _UPDATE(connection, known)
    if full_text:
        index(connection, "ticket_fts", texts)
    timers.project(connection, "ticket", timed)
    standing.project(connection, stand, books)
    _follow(connection, turns)
    _count(connection, turns)


def _give(connection: sa.Connection, logged: Iterable[Ticket]) -> None:
    if rows := [{"also": it.also, "wanted": it.number} for it in logged if it.also]:
        connection.execute(_GIVE, rows)


def _words_of(connection: sa.Connection, numbers: list[int]) -> dict[int, tuple[str, str]]:
    rows = connection.execute(_WORDS, {"numbers": numbers}) if numbers else ()
    return {number: (text, said) for number, text, said in rows}


def rank_again(connection: sa.Connection, desk: DeskFile) -> None:
    """Sort all tickets by the scale of a new desk file."""
    scale = desk.scales.priority
    for step in scale:
        connection.execute(_RANK, {"step": step.key, "to": rank(scale, step.key)})
    connection.execute(_RANK_REST, {"steps": [step.key for step in scale], "to": len(scale) + 1})


def _due(clock: Clock | None) -> dict[str, Any]:
    due = micros(clock.due) if clock and clock.due else None
    return {
        "due_at": due,
        "due_sort": FAR if due is None else due,
        "due_what": clock.name if clock else "",
        "at_risk_at": micros(clock.at_risk) if clock and clock.at_risk else None,
        "paused": int(clock is not None and clock.due is None),
    }


def _row(it: Ticket, desk: DeskFile, said: str) -> dict[str, Any]:
    return {
        "status": it.status.value,
        "is_open": int(it.status.is_open),
        "priority": it.priority or "",
        "priority_rank": rank(desk.scales.priority, it.priority),
        "group_name": it.group or "",
        "owner": it.owner or "",
        "originator": it.originator,
        "summary": it.summary,
        "company": it.company,
        "company_folded": fold(it.company.strip())[: words.LONGEST_NAME],
        "company_id": it.company_id,
        "contact_folded": fold(it.contact.strip()),
        "contact_id": it.contact_id,
        "opened_at": micros(it.opened_at),
        "updated_at": micros(it.updated_at),
        "updated_by": it.updated_by,
        "version": it.version,
        "incomplete": int(bool(it.incomplete)),
        "words": words.of_ticket(it, said, desk),
        "said": said,
        "state": _state(it),
    }


def _state(it: Ticket) -> str:
    # Its fields in one order, however they were answered: the log played again has to give the same.
    ordered = it.model_copy(update={"fields": dict(sorted(it.fields.items()))}) if len(it.fields) > 1 else it
    return ordered.model_dump_json(exclude_defaults=True)


def _follow(connection: sa.Connection, turns: Iterable[Turn]) -> None:
    gone, come, turned = [], [], []
    for turn in turns:
        before, after = turn.before, turn.after
        old, new = set(before.followers if before else ()), set(after.followers)
        number, is_open = after.number, int(after.status.is_open)
        was_open = int(before.status.is_open) if before else is_open
        gone += [{"name": name, "was_open": was_open, "wanted": number} for name in sorted(old - new)]
        come += [{"operator": name, "number": number, "is_open": is_open} for name in sorted(new - old)]
        if was_open != is_open:
            place = {"was_open": was_open, "wanted": number, "now_open": is_open}
            turned += [{"name": name, **place} for name in sorted(old & new)]
    _UNFOLLOW(connection, gone)
    _FOLLOW(connection, come)
    _FOLLOW_ON(connection, turned)


def _place(it: Ticket) -> tuple[str, str, int]:
    return (it.group or "", it.status.value, int(bool(it.owner)))


def _count(connection: sa.Connection, turns: Iterable[Turn]) -> None:
    moved: defaultdict[tuple[str, str, int], int] = defaultdict(int)
    for turn in turns:
        moved[_place(turn.after)] += 1
        if turn.before:
            moved[_place(turn.before)] -= 1
    rows = [
        {"group_name": group, "status": status, "owned": owned, "more": more}
        for (group, status, owned), more in moved.items()
        if more
    ]
    _COUNT(connection, rows)
    if min(moved.values(), default=0) < 0:
        connection.execute(_NO_LONGER)


def of_id(text: str) -> UUID | None:
    """Read a record id; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
