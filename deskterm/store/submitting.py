"""The one way anything is written: a command, decided on what the store holds, logged and projected in one go."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.commands.changes import AnyChangeCommand, ChangeCommand, RaiseChange
from deskterm.desk.decide import company_of, contract_of, decide, related_to
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.evolve import evolve
from deskterm.desk.record import TicketCommand
from deskterm.desk.records.customers import record_id
from deskterm.desk.records.file import record_of_file
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.refusal import Forbidden, Refusal, Wanting
from deskterm.desk.tickets.grounds import Context, Decision
from deskterm.desk.tickets.views import BUILT_IN_VIEWS, Receipt
from deskterm.desk.timeline import entry
from deskterm.store import conflicts, files, ground, log, lookups, presence, sight, ticket_rows
from deskterm.store.base import Invalid, NotAllowed, NotFound
from deskterm.store.changing import Office
from deskterm.store.desk_books import DeskBooks, Shelf, holidays_for
from deskterm.store.desk_in_force import NOT_LOADED
from deskterm.store.ground import Ground
from deskterm.store.log import Addition
from deskterm.store.projections import Projector
from deskterm.store.schema import receipt
from deskterm.store.writing import Writing

_KEEP = Writing(receipt.insert())
_MAKES_TICKETS = (c.LogCall, c.Reopen)
DESK = record_id("desk", "desk")
"""The record that desk files belong to."""


@dataclass(slots=True)
class Outcome:
    """What a command leads to, before it is written: the events, and what the receipt is to say."""

    additions: list[Addition] = field(default_factory=list)
    record: UUID | None = None
    ref: str = ""
    held_back: Refusal | None = None
    ends: dict[UUID, log.Last] = field(default_factory=dict)
    """Where the logs of records end, as far as that was read on the way."""
    ticket: Ticket | None = None
    """The ticket it was decided on."""
    stands: Ticket | None = None
    """How a ticket stands after all that, where that is known."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """Carries one command out, inside a write transaction."""

    connection: sa.Connection
    actor: Operator
    desk: DeskFile | None
    now: datetime
    position: int = 0
    """Position of the desk file in the log."""
    shelf: Shelf | None = None
    own: frozenset[UUID] = frozenset()
    """Commands that the author of this one knew of: what they changed is no conflict."""

    def submit(self, command: c.AnyCommand) -> Receipt:
        """Decide, log, project and answer; or give the answer of the first time. Raises any StoreError."""
        command, request = storable(command)
        found = ground.found(
            self.connection, command.id, command.ticket if isinstance(command, c.LogCall | TicketCommand) else None
        )
        if found.request_hash is not None:
            if found.request_hash != request:
                raise Invalid("This command id was used before for something else.", field="id")
            return read_answer(found.answer)
        outcome = self._outcome(command, found)
        events = log.append(
            self.connection,
            outcome.additions,
            actor=self.actor.name,
            now=self.now,
            command=command.id,
            after=found.position,
            known=outcome.ends,
        )
        projector = Projector(self.connection, self.desk, shelf=self.shelf)
        if outcome.ticket:
            projector.remember(outcome.ticket)
        projector.apply(events, outcome.stands)
        if isinstance(command, c.TakeOver):
            presence.step_down(self.connection, command.ticket, self.actor.name)
        answer = self._answer(command, outcome, events)
        kept = {"command_id": command.id, "request_hash": request, "answer": write_answer(answer)}
        _KEEP(self.connection, [kept])
        return answer

    def _outcome(self, command: c.AnyCommand, found: Ground) -> Outcome:
        known = self.actor.level != "guest"
        match command:
            case c.Register():
                return self._register(command)
            case c.LoadDesk():
                return self._load_desk(command)
            case c.KeepFile() if known:
                return self._keep_file(command)
            case c.LogCall():
                return self._log_call(command, found)
            case c.SaveView() | c.ForgetView() if known:
                return self._view(command)
            case TicketCommand() if known:
                return self._on_ticket(command, found)
            case RaiseChange() | ChangeCommand() if known:
                return self._on_change(command)
            case _:
                raise NotAllowed(
                    "The desk has to know who you are; name yourself with --as or DESKTERM_OPERATOR.", rule="R225"
                )

    def _answer(self, command: c.AnyCommand, outcome: Outcome, events: tuple[e.Event, ...]) -> Receipt:
        record = outcome.record or command.id
        mine = [event for event in events if event.record_id == record]
        return Receipt(
            command_id=command.id,
            position=events[-1].position if events else log.head_of(self.connection)[0],
            record_id=record,
            version=mine[-1].version if mine else log.last_of(self.connection, record).version,
            ref=outcome.ref,
            held_back=outcome.held_back.message if outcome.held_back else "",
            rule=outcome.held_back.rule if outcome.held_back else "",
            events=len(events),
        )

    # -- tickets

    def _log_call(self, command: c.LogCall, found: Ground) -> Outcome:
        desk = self._loaded()
        if found.end.version:
            raise Invalid("This ticket was logged before; its id is taken.", field="ticket")
        context = self._context(desk, command, found)
        try:
            decision = decide(None, command, context)
        except Refusal as refusal:
            _refuse(refusal)
        outcome = self._decided(decision, command.ticket)
        outcome.ends[command.ticket] = found.end
        return outcome

    def _on_ticket(self, command: Any, found: Ground) -> Outcome:
        desk = self._loaded()
        ticket = ticket_rows.load(self.connection, command.ticket)
        if ticket is None:
            raise NotFound("There is no such ticket.")
        sight.seen(ticket, desk.hidden_from(self.actor))
        context = self._context(desk, command, found, ticket)
        told = lambda event: entry(event, desk)  # noqa: E731
        try:
            decision = decide(ticket, command, context)
        except Refusal as refusal:
            conflicts.explain(
                self.connection, ticket, command.seen, refusal, evolve=evolve, told=told,
                decide=lambda before: decide(before, command, context), own=self.own,
            )  # fmt: skip
            _refuse(refusal)
        mine = (step.happening for step in decision.steps if step.record == ticket.id)
        conflicts.check(self.connection, ticket, mine, command.seen, told, self.own)
        outcome = self._decided(decision, ticket.id)
        outcome.ref = outcome.ref or ticket.ref
        outcome.ticket = ticket
        outcome.ends[ticket.id] = found.end
        return outcome

    def _decided(self, decision: Decision, record: UUID) -> Outcome:
        additions = [Addition("ticket", step.record, step.happening) for step in decision.steps]
        first = additions[0] if additions else None
        ref = first.happening.ref if first and isinstance(first.happening, e.CallLogged) else ""
        record = first.record_id if first else record
        return Outcome(additions, record, ref, decision.held_back, stands=decision.stands)

    def _context(self, desk: DeskFile, command: Any, found: Ground, ticket: Ticket | None = None) -> Context:
        return Context(
            desk=desk,
            actor=self.actor,
            now=max(self.now, ticket.updated_at) if ticket else self.now.astimezone(UTC),
            next_number=max(found.number + 1, desk.reference.first) if isinstance(command, _MAKES_TICKETS) else 0,
            related=self._related(related_to(command, ticket), desk),
            contract=lookups.contract_for(self.connection, contract_of(command, ticket), *company_of(command, ticket)),
            solution=lookups.solution(self.connection, getattr(command, "solution", "")),
            writing=self._writing(command),
            position=self.position,
            books=DeskBooks(self.connection, self.shelf or Shelf()),
        )

    def _writing(self, command: Any) -> tuple[str, ...]:
        if not isinstance(command, c.TakeOver):
            return ()
        return presence.writers(self.connection, command.ticket, self.actor.name, self.now)

    def _related(self, wanted: UUID | str | None, desk: DeskFile) -> Ticket | None:
        if wanted is None:
            return None
        if isinstance(wanted, UUID):
            found = ticket_rows.load(self.connection, wanted)
        else:
            found = lookups.ticket(self.connection, wanted, desk)
        return sight.seen(found, desk.hidden_from(self.actor)) if found else None

    def _loaded(self) -> DeskFile:
        if self.desk is None:
            raise NotFound(NOT_LOADED)
        return self.desk

    # -- changes

    def _on_change(self, command: AnyChangeCommand) -> Outcome:
        office = Office(self.connection, self._loaded(), self.actor, self.now)
        try:
            ref, decided = office.decide(command)
        except Refusal as refusal:
            _refuse(refusal)
        return Outcome([Addition("change", command.change, each) for each in decided], command.change, ref)

    # -- everything else

    def _register(self, command: c.Register) -> Outcome:
        entry = command.entry
        if not entry.key.strip():
            raise Invalid(f"A {entry.kind} needs a key that names it.", field="key")
        record = record_id(entry.kind, entry.key)
        company = getattr(entry, "company", None)
        if company is not None and not lookups.exists(self.connection, record_id("company", company)):
            raise Invalid(f"There is no company {company!r} yet; enter it first.", field="company")
        if lookups.entry(self.connection, entry.kind, entry.key) == entry:
            return Outcome([], record, entry.key)
        return Outcome([Addition(entry.kind, record, e.Registered(entry=entry))], record, entry.key)

    def _load_desk(self, command: c.LoadDesk) -> Outcome:
        from deskterm.desk.deskfile.check import DeskFileError, read_desk

        try:
            desk = read_desk(command.source, command.name)
        except DeskFileError as error:
            raise Invalid(str(error), field="source") from error
        # Looked up here and kept, so that a newer list of holidays never moves a due time of the past.
        holidays = holidays_for(desk, self.now.year)
        loaded = e.DeskLoaded(name=command.name, source=command.source, demo=command.demo, holidays=holidays)
        before = lookups.desk_loaded(self.connection)
        in_force = before is not None and before[:3] == (command.name, command.source, command.demo)
        in_force = in_force and before is not None and holidays.keys() <= before[3].keys()
        return Outcome([] if in_force else [Addition("desk", DESK, loaded)], DESK, command.name)

    def _keep_file(self, command: c.KeepFile) -> Outcome:
        kept = files.happening_of(command.name, command.content)
        record = record_of_file(kept.file.digest)
        end = log.last_of(self.connection, record)
        additions = [] if end.version else [Addition("file", record, kept)]
        return Outcome(additions, record, kept.file.digest, ends={record: end})

    def _view(self, command: c.SaveView | c.ForgetView) -> Outcome:
        name = command.name.strip()
        record = record_id("view", f"{self.actor.name}:{name}")
        kept = lookups.saved_view(self.connection, record)
        if isinstance(command, c.ForgetView):
            if kept is None:
                raise NotFound(f"You have no view called {name!r}.")
            return Outcome([Addition("view", record, e.ViewForgotten())], record, name)
        if not name or name.casefold() in {word.casefold() for v in BUILT_IN_VIEWS for word in (v.key, v.name)}:
            raise Invalid("A view needs a name of its own.", field="name")
        if command.base not in {view.key for view in BUILT_IN_VIEWS}:
            names = ", ".join(view.key for view in BUILT_IN_VIEWS)
            raise Invalid(f"There is no view {command.base!r} to start from. There are {names}.", field="base")
        saved = e.ViewSaved(operator=self.actor.name, name=name, base=command.base, text=command.text)
        same = kept is not None and (kept.name, kept.base, kept.filter) == (name, command.base, command.text)
        return Outcome([] if same else [Addition("view", record, saved)], record, name)


def storable(command: c.AnyCommand) -> tuple[c.AnyCommand, str]:
    """The command as every store can keep it, NUL and lone surrogates replaced, and the hash of what it asks for."""
    asked = request_of(command)
    try:
        if "\\u0000" not in asked:
            return command, log.digest(asked)
    except UnicodeEncodeError:
        pass
    command = type(command).model_validate(_cleaned(command.model_dump()))
    return command, log.digest(request_of(command))


def request_of(command: c.AnyCommand) -> str:
    """What a command asks for, in the words that are hashed: sent again, in whatever order, it is known by them.

    Which terminal a call comes by again does not make it another one.
    """
    return log.canonical(command.model_dump(mode="json", exclude={"also"}))


def _cleaned(value: Any) -> Any:
    from deskterm.text import clean_for_store

    match value:
        case str():
            return clean_for_store(value)
        case dict():
            return {_cleaned(key): _cleaned(item) for key, item in value.items()}
        case list() | tuple():
            return [_cleaned(item) for item in value]
        case _:
            return value


def _refuse(refusal: Refusal) -> NoReturn:
    if isinstance(refusal, Wanting):
        raise Invalid(refusal.message, rule=refusal.rule, field=refusal.field) from refusal
    assert isinstance(refusal, Forbidden | Refusal)
    raise NotAllowed(refusal.message, rule=refusal.rule) from refusal


def write_answer(answer: Receipt) -> str:
    """Write a receipt as it is kept."""
    plain = {name: getattr(answer, name) for name in Receipt.__slots__}
    return log.canonical(plain | {"command_id": str(answer.command_id), "record_id": str(answer.record_id)})


def read_answer(text: str) -> Receipt:
    """Read a receipt back."""
    plain = json.loads(text)
    plain["command_id"], plain["record_id"] = UUID(plain["command_id"]), UUID(plain["record_id"])
    return Receipt(**plain)
