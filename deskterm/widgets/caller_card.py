"""The caller's card: who is calling, what they are owed, what is open for them, and what is left to ask (R028-R036)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from deskterm.desk.phone import pretty
from deskterm.text import cell, safe
from deskterm.widgets.section import Section

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile, IntakeField
    from deskterm.desk.records.customers import Contract
    from deskterm.desk.tickets.views import CallerCard, CallerMatch, KnownOutage, OpenTicket, SolutionMatch

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_OPEN = 5
_MOST_ASKED = 5
_MOST_SOLUTIONS = 3
_SOON_DAYS = 30
_CHANNELS = {"email": "e-mail", "sms": "text message", "in_person": "in person", "missed_call": "phone"}
_COVER = {"always": "24×7", "standard": "standard hours", "bespoke": "own hours"}


def _muted(text: str) -> Content:
    return Content.styled(safe(text), "$text-muted")


def _warning(text: str) -> Content:
    return Content.styled(f"▲ {safe(text)}", "$text-warning")


def current(contracts: tuple[Contract, ...], today: date) -> tuple[Contract, ...]:
    """The contracts that are in force."""
    return tuple(c for c in contracts if (not c.starts or c.starts <= today) and (not c.ends or c.ends >= today))


def about(card: CallerCard, desk: DeskFile, today: date) -> tuple[Content, ...]:
    """The lines that say who it is and what they are owed."""
    company, contact = card.company, card.contact
    lines = [Content.styled(safe(company.name), "bold")] if company else []
    if card.earlier:
        lines += _called_before(card.earlier, desk, is_listed=bool(company))
    if contact and company:
        phone = pretty(contact.phone or contact.mobile, desk.desk.country)
        lines.append(Content(safe(" · ".join(filter(None, (contact.name, phone))))))
        lines.append(_muted(" · ".join(filter(None, (contact.role, contact.site)))))
        prefers = _CHANNELS.get(contact.prefers, contact.prefers)
        language = contact.language or company.language
        speaks = f", speaks {language}" if language and language != desk.desk.language else ""
        lines.append(Content(safe(f"Prefers {prefers}{speaks}")))
    lines += [line for contract in card.contracts[:2] for line in _owed(contract, today)]
    if company and not card.contracts:
        lines.append(_warning("No contract known"))
    if company and company.account_manager:
        lines.append(_muted(f"Account: {company.account_manager}"))
    lines += [_warning(flag) for flag in _flags(card, desk)]
    return tuple(line for line in lines if line.plain)


def _called_before(earlier: CallerMatch, desk: DeskFile, *, is_listed: bool) -> list[Content]:
    """Who it was that called before, and that no register tells more of them."""
    phone = pretty(earlier.phone, desk.desk.country)
    who = Content(safe(" · ".join(filter(None, (earlier.name, phone or earlier.email)))))
    company = [] if is_listed else [Content.styled(safe(earlier.company), "bold")]
    return [*company, who, _muted(f"Called before, {earlier.ref}")]


def _owed(contract: Contract, today: date) -> tuple[Content, ...]:
    cover = contract.hours or _COVER[contract.cover]
    owed = Content(safe(" ".join(filter(None, (contract.key, contract.service_level, "·", cover)))))
    if contract.ends and contract.ends < today:
        return owed, _warning(f"Ended {contract.ends.isoformat()}")
    if contract.ends and (contract.ends - today).days <= _SOON_DAYS:
        return owed, _warning(f"Ends {contract.ends.isoformat()}")
    return (owed,)


def _flags(card: CallerCard, desk: DeskFile) -> tuple[str, ...]:
    """What to mind: a caller from outside the line's region (R032), and critical services (R036)."""
    lines = {c.region for c in desk.channel if c.kind == "phone" and c.region}
    flags = []
    region = card.company.region if card.company else ""
    if region and lines and region not in lines:
        flags.append(f"From {region}, outside this line")
    critical = [service.name for service in card.services if service.critical]
    if critical:
        flags.append(f"Critical: {', '.join(critical)}")
    return tuple(flags)


class OpenTickets(Section, can_focus=False):
    """Open tickets of the caller and of the company: possible duplicates, each with a letter to join it."""

    BINDINGS: ClassVar = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "join", show=False),
    ]
    DEFAULT_CSS = """
    OpenTickets:focus { background: $boost; }
    """

    @dataclass
    class Join(Message):
        """The caller is to be added to this ticket."""

        ticket: UUID
        ref: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tickets: tuple[OpenTicket, ...] = ()
        self._cursor: UUID | None = None
        self._is_choosing = False
        self._heading = ""
        self._shorts: dict[str, str] = {}

    def offer(self, tickets: tuple[OpenTicket, ...], desk: DeskFile) -> None:
        """Show what is open now; the cursor stays on its ticket."""
        self.tickets = tickets[:_MOST_OPEN]
        self._shorts = {step.key: step.short or step.name for step in desk.scales.priority}
        more = len(tickets) - len(self.tickets)
        own = any(t.same_caller for t in tickets)
        self._heading = f"Open for this {'caller' if own else 'company'}" + (f", {more} more" if more else "")
        self._draw()

    def _draw(self) -> None:
        rows = tuple(self._row(letter, t) for letter, t in zip(_LETTERS, self.tickets, strict=False))
        self.show(rows, self._heading)

    def _row(self, letter: str, ticket: OpenTicket) -> Content:
        width = self.content_size.width or 31
        priority = self._shorts.get(ticket.priority, "?")
        head = f"{ticket.ref} "
        room = max(6, width - 2 - len(head) - len(priority) - 1)
        marked = self._is_choosing and ticket.id == self._cursor
        return Content.assemble(
            ("▸" if marked else letter, "bold $text-accent"),
            " ",
            (safe(head), "$text-accent" if ticket.same_caller else "$text-muted"),
            (cell(ticket.summary, room), "bold" if marked else ""),
            " ",
            (safe(priority), "bold"),
        )

    def on_focus(self) -> None:
        """Mark the first."""
        self._is_choosing = True
        if self.tickets and self._cursor not in {t.id for t in self.tickets}:
            self._cursor = self.tickets[0].id
        self._draw()

    def on_blur(self) -> None:
        """Take the mark off; Tab passes by until somebody chooses again."""
        self._is_choosing = self.can_focus = False
        self._draw()

    def choose(self) -> None:
        """Let somebody choose one."""
        self.can_focus = True
        self.focus()

    def on_resize(self) -> None:
        """Fit the summaries."""
        if self.tickets:
            self._draw()

    def action_move(self, by: int) -> None:
        """Go to the neighbour."""
        ids = [t.id for t in self.tickets]
        if self._cursor in ids:
            self._cursor = ids[max(0, min(len(ids) - 1, ids.index(self._cursor) + by))]
            self._draw()

    def action_join(self) -> None:
        """Join the marked one."""
        chosen = next((t for t in self.tickets if t.id == self._cursor), None)
        if chosen:
            self.post_message(self.Join(chosen.id, chosen.ref))

    def on_key(self, event: events.Key) -> None:
        """Join by letter."""
        letter = event.character or ""
        if letter and letter in _LETTERS[: len(self.tickets)]:
            event.stop()
            chosen = self.tickets[_LETTERS.index(letter)]
            self.post_message(self.Join(chosen.id, chosen.ref))


class Card(Vertical):
    """The column at the right of a call."""

    def compose(self) -> ComposeResult:
        """Who, what is open, what to ask, what may solve it."""
        yield Section(id="outage")
        yield Section(id="who")
        yield OpenTickets(id="open")
        yield Section("Still to ask", id="to-ask")
        yield Section("Known solutions", id="solutions")

    def show_caller(self, card: CallerCard | None, desk: DeskFile, today: date, *, apart_from: UUID) -> None:
        """Show who is calling; nothing while nobody is known. A call is no duplicate of itself: `apart_from`."""
        self.query_one("#who", Section).show(about(card, desk, today) if card else ())
        others = tuple(t for t in card.open_tickets if t.id != apart_from) if card else ()
        self.query_one("#open", OpenTickets).offer(others, desk)

    def show_outages(self, outages: tuple[KnownOutage, ...], key: str) -> None:
        """Show the known outage that a call is likely about, and the key that adds the caller to it (R105, R213)."""
        self.query_one("#outage", Section).show(_outage(outages, key) if outages else ())

    def show_asked(self, fields: tuple[IntakeField, ...]) -> None:
        """Show what was not answered yet."""
        lines = [_ask(field) for field in fields[:_MOST_ASKED]]
        if len(fields) > _MOST_ASKED:
            lines.append(_muted(f"  and {len(fields) - _MOST_ASKED} more"))
        self.query_one("#to-ask", Section).show(tuple(lines))

    def show_solutions(self, solutions: tuple[SolutionMatch, ...]) -> None:
        """Show what may solve it."""
        lines = [
            Content.assemble((safe(s.key), "$text-accent"), " ", safe(s.title)) for s in solutions[:_MOST_SOLUTIONS]
        ]
        self.query_one("#solutions", Section).show(tuple(lines))


def _outage(outages: tuple[KnownOutage, ...], key: str) -> tuple[Content, ...]:
    first, *more = outages
    style = "bold $text-error" if first.is_major else "bold $text-warning"
    sign = "‼" if first.is_major else "▲"
    hits = f", {first.affected} customers so far" if first.affected > 1 else ""
    others = f"; {len(more)} more" if more else ""
    return (
        Content.styled(f"{sign} Known outage: {first.why}", style),
        Content.assemble((safe(first.ticket.ref), "$text-accent"), " ", safe(first.ticket.summary)),
        Content.assemble((key, "bold $text-accent"), f" adds this caller{others}"),
        *([_muted(hits.removeprefix(", ").capitalize())] if hits else []),
    )


def label_of(field: IntakeField) -> str:
    """The words before an intake field."""
    return field.label or field.key.replace("_", " ").capitalize()


def _ask(field: IntakeField) -> Content:
    if field.need == "required":
        return Content.assemble(("! ", "bold $text-warning"), safe(label_of(field)), (" required", "$text-warning"))
    return Content.assemble(("· ", "$text-muted"), safe(label_of(field)))
