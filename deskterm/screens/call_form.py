"""What a call form holds: one text a field, kept in its draft letter by letter, and read out as the facts of a call.

Pure of the screen: fields in, facts and commands out. The ids of the command and of the ticket to be belong to the
form from its first letter, so that a call that is sent again after a crash or an error is saved once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final, get_args
from uuid import UUID, uuid5

from deskterm.desk.commands import JoinCaller, LogCall
from deskterm.desk.moment import UnclearMoment, moment
from deskterm.desk.phone import looks_like_phone
from deskterm.desk.record import new_id
from deskterm.desk.records.ticket import ChannelKind, Facts, JoinedCaller, TicketType
from deskterm.desk.tickets.intake import OWN_FACTS

IDENTITY: Final = ("company", "company_id", "contact", "contact_id", "phone", "email")
"""Who is calling, once that was picked or typed in full."""
_PLAIN: Final = ("summary", "description", "company", "contact", "phone", "email", "contract", "service", "item")
_IDS: Final = ("company_id", "contact_id")
_STEPS: Final = ("impact", "urgency", "customer_priority")
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "type": get_args(TicketType),
    "channel": get_args(ChannelKind),
    "fault": ("hardware", "software"),
}
_NOT_TYPED: Final = frozenset({"command", "ticket", "opened", "hung_up", "type", "contract"})
"""Fields that the form fills by itself: alone they are no call."""
_ANSWER: Final = "field."

Write = Callable[[str, str], None]


class CallForm:
    """The fields of one call. `kept` are those of a draft, `write` keeps a change; defaults are not kept."""

    def __init__(self, kept: Mapping[str, str], write: Write, *, now: datetime, type_: str = "incident") -> None:
        self._fields = {name: value for name, value in kept.items() if value or name == "type"}
        self._write = write
        self._is_kept = "command" in kept
        self._fields.setdefault("type", type_)
        self._fields.setdefault("command", str(new_id()))
        self._fields.setdefault("ticket", str(new_id()))
        self._fields.setdefault("opened", now.isoformat())

    def __getitem__(self, name: str) -> str:
        return self._fields.get(name, "")

    def __setitem__(self, name: str, value: str) -> None:
        if value == self[name]:
            return
        self._fields[name] = value
        if not self._is_kept and not self.is_empty:
            self._is_kept = True
            for own in ("command", "ticket", "opened"):
                self._write(own, self._fields[own])
        self._write(name, value)

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, value in self._fields.items() if value])

    # -- what it is

    @property
    def command(self) -> UUID:
        """Id of the command that saves this call, the same for every attempt."""
        return UUID(self["command"])

    @property
    def ticket(self) -> UUID:
        """Record id of the ticket this call becomes."""
        return UUID(self["ticket"])

    @property
    def opened(self) -> datetime:
        """When the call began."""
        return datetime.fromisoformat(self["opened"])

    @property
    def ended(self) -> datetime | None:
        """When the caller hung up, where somebody said so."""
        return datetime.fromisoformat(self["hung_up"]) if self["hung_up"] else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed, picked or chosen yet."""
        return not any(value.strip() for name, value in self._fields.items() if name not in _NOT_TYPED)

    @property
    def has_caller(self) -> bool:
        """Whether somebody was picked or entered as the caller."""
        return any(self[name] for name in IDENTITY)

    @property
    def words(self) -> str:
        """What the caller said so far, to find groups and solutions by."""
        return f"{self['summary']} {self['description']}".strip()

    @property
    def lacking(self) -> tuple[str, ...]:
        """What has to be chosen before the call may be handed on (T3)."""
        return tuple(name for name in ("type", "impact", "urgency") if not self[name])

    # -- intake answers

    @staticmethod
    def name_of(key: str) -> str:
        """Name of the field that holds the answer to an intake key."""
        return key if key in OWN_FACTS else _ANSWER + key

    def call_from(self, **identity: str) -> None:
        """Set who is calling; what is not named is emptied."""
        for name in IDENTITY:
            self[name] = identity.get(name, "")

    # -- what becomes of it

    def facts(self, now: datetime, zone: str) -> Facts:
        """The facts of the call as far as they are known. What a fact cannot hold is kept as an answer in words."""
        known: dict[str, object] = {name: self[name].strip() for name in _PLAIN}
        if not self.has_caller and (caller := self["caller"].strip()):
            known["phone" if looks_like_phone(caller) else "contact"] = caller
        known |= {name: UUID(self[name]) for name in _IDS if self[name]}
        known |= {name: self[name].strip() for name in _STEPS if self[name].strip()}
        answers = {n.removeprefix(_ANSWER): self[n].strip() for n in self if n.startswith(_ANSWER) and self[n].strip()}
        for name, words in _WORDS.items():
            if (said := self[name].strip()) in words:
                known[name] = said
            elif said:
                answers[name] = said
        if began := self["began"].strip():
            with suppress(UnclearMoment):
                known["began"] = moment(began, now, zone)
            if "began" not in known:
                answers["began"] = began
        return Facts.model_validate({**known, "fields": answers})

    def log(
        self, now: datetime, zone: str, hand_to: str | None, escalate: str = "", after_keys: int | None = None
    ) -> LogCall:
        """The command that saves the call; `escalate` are the words for which it goes up at once.

        `after_keys` are those pressed since the caller hung up, where that is known.
        """
        seconds = max(0, int(((self.ended or now) - self.opened).total_seconds()))
        return LogCall(
            id=self.command,
            ticket=self.ticket,
            facts=self.facts(now, zone),
            hand_to=hand_to,
            escalate=escalate,
            call_seconds=seconds,
            after_seconds=max(0, int((now - self.ended).total_seconds())) if self.ended else None,
            after_keys=after_keys if self.ended else None,
        )

    def join(self, ticket: UUID, now: datetime, zone: str) -> JoinCaller:
        """The command that adds this caller, with every word typed so far, to an open ticket instead (R130)."""
        facts = self.facts(now, zone)
        said = [facts.summary, facts.description]
        chosen = {"Impact": facts.impact, "Urgency": facts.urgency, "Began": self["began"].strip()}
        own = {name.capitalize(): self[name] for name in ("service", "item", "fault", "customer_priority")}
        told = chosen | own | {key.replace("_", " ").capitalize(): value for key, value in facts.fields.items()}
        said += [f"{label.replace('_', ' ')}: {value}" for label, value in told.items() if value]
        caller = JoinedCaller(
            company=facts.company,
            contact=facts.contact,
            phone=facts.phone,
            contact_id=facts.contact_id,
            words="\n".join(filter(None, said)),
        )
        return JoinCaller(id=uuid5(self.command, str(ticket)), ticket=ticket, caller=caller)
