"""The life of one ticket: everything that colleagues do with it, up to where it stands now.

Acts lie on the axis of busy hours; whatever would happen after `limit` is drawn together to fit before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, TypeVar
from uuid import UUID, uuid5

from deskterm.demo.call import Call
from deskterm.demo.cast import Cast
from deskterm.demo.hours import BusyHours
from deskterm.demo.troubles import heard_as, known_solution, read
from deskterm.desk import commands as c
from deskterm.desk.deskfile import Group, Operator, PendingReason
from deskterm.desk.records.ticket import JoinedCaller, Synopsis
from deskterm.desk.tickets.priority import priority_of, rank

_SPACE = UUID("0f4f2a52-55c3-5d0e-9b57-7f1c24a9d3b6")
_T = TypeVar("_T")


class End(StrEnum):
    """Where a ticket of the demo stands when the week is over."""

    NEW = "new"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    STARTED = "started"
    PENDING = "pending"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


_BEFORE_TAKING = (End.NEW, End.ROUTED, End.WITHDRAWN, End.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody submits a command at a moment."""

    at: datetime
    who: str
    command: c.AnyCommand


def identity(tag: str) -> UUID:
    """The id of a record or command of the demo: the same for the same seed."""
    return uuid5(_SPACE, tag)


class Life:
    """One ticket from its call on. `tag` names it among all of this demo."""

    def __init__(self, tag: str, call: Call, cast: Cast, busy: BusyHours, position: float, rng: Random) -> None:
        self.tag, self.call, self.cast, self.busy, self.rng = tag, call, cast, busy, rng
        self.ticket = identity(tag)
        self.first = self.at = position
        self.who = cast.originator(rng)
        self._acts: list[tuple[float, str, c.AnyCommand]] = []
        self._text = f"{call.facts.summary} {call.facts.description} {heard_as(call.trouble.sector)}"
        priority = priority_of(call.desk, call.facts.impact, call.facts.urgency)
        self.rank = rank(call.desk.scales.priority, priority)
        self.known = known_solution(call.trouble, call.desk)
        self.group = self._first_group()
        self.worker: Operator | None = None
        self._with: Group | None = None

    # -- the acts

    def acts(self, limit: float) -> list[Act]:
        """What happened, in order, all of it before the limit."""
        last = max(self._acts[-1][0], self.first + 0.001)
        room = max(limit - self.first, 0.0) * self.rng.uniform(0.55, 0.98)
        squeeze = 1.0 if last <= limit else room / (last - self.first)
        return [
            Act(self.busy.moment(self.first + (at - self.first) * squeeze), who, command)
            for at, who, command in self._acts
        ]

    def do(self, who: Operator, kind: type[c.AnyTicketCommand], /, **said: Any) -> None:
        """Let somebody act on the ticket now; one of its members where only they see it (R226)."""
        who = self.cast.insider(self._with, who)
        if to := said.get("to") or said.get("hand_to"):
            self._with = self.call.desk.group_named(to)
        command = kind(id=identity(f"{self.tag}/{len(self._acts)}"), ticket=self.ticket, **said)
        self._acts.append((self.at, who.name, command))

    def wait(self, typical: float) -> None:
        """Let about so many busy hours pass."""
        self.at += typical * self.rng.lognormvariate(0, 0.5)

    # -- the story

    def live(self, end: End, reason: PendingReason | None = None, back: datetime | None = None) -> None:
        """Tell the story up to its end; `reason` and `back` say why it waits and until when."""
        self._come_in(end)
        if end in _BEFORE_TAKING:
            self._leave_early(end)
            return
        self._be_taken()
        if end is End.ACCEPTED:
            return
        self._be_worked_on(go_on=end is not End.STARTED or self._chance(0.5))
        if end is End.STARTED:
            self._chased(0.4)
        elif end is End.PENDING and reason is not None:
            self._pend(reason, back)
            self._chased(0.3)
        else:
            self._end_well(end)

    def _come_in(self, end: End) -> None:
        at_once = end is not End.NEW and self._chance(0.9)
        machine = self.call.facts.channel == "missed_call" and self.cast.machines
        self.do(
            self.rng.choice(self.cast.machines) if machine else self.who,
            c.LogCall,
            facts=self.call.facts,
            hand_to=self.group.name if at_once else None,
            call_seconds=self.rng.randint(70, 540) if self.call.facts.channel == "phone" else None,
        )
        if end is End.NEW:
            return
        if not at_once:
            self.wait(0.15)
            self.do(self.who, c.HandOff, to=self.group.name)
        if self._chance(0.04) and not machine:
            self._go_astray()

    def _go_astray(self) -> None:
        """It went to the wrong group first; noticed at once it is undone, later it is handed on again."""
        right, wrong = self.group, self.cast.elsewhere(self.group, self.rng)
        if wrong is right or right.restricted:
            return
        self.wait(0.1)
        self.do(self.who, c.HandOff, to=wrong.name, reason=self._phrase("reroute", team=_title(wrong)))
        self.wait(0.02)
        if self._chance(0.4):
            self.do(self.who, c.Undo)
        else:
            self.wait(0.3)
            self.do(self.who, c.HandOff, to=right.name, reason=self._phrase("reroute", team=_title(right)))

    def _leave_early(self, end: End) -> None:
        self._chased(0.25)
        if self._chance(0.15) and end is not End.NEW:
            self.wait(0.2)
            self.do(self.who, c.AddNote, text=self._phrase("internal"))
        if end is End.WITHDRAWN:
            self.wait(1)
            self.do(self.who, c.Withdraw, reason=self._phrase("withdrawn"))

    def _be_taken(self) -> None:
        self.wait((0.05, 0.4, 1.0, 2.0)[min(self.rank, 4) - 1])
        self._chased(0.08)
        worker = self.worker = self._worker()
        if self.cast.supervisors and self._chance(0.08) and not self.group.restricted:
            boss = self.rng.choice(self.cast.supervisors)
            self.do(boss, c.Take, owner=worker.name)
            self.do(boss, c.AddNote, text=self._phrase("assigned"))
        else:
            self.do(worker, c.Take)

    def _be_worked_on(self, go_on: bool) -> None:
        worker, checks = self._worker(), list(self.call.trouble.checks)
        self.wait(0.1)
        self.do(worker, c.Start)
        if self._chance(0.3):
            self.do(worker, c.AddNote, text=self._phrase("take_note"))
        self.wait(0.4)
        self._note(worker, checks.pop(0))
        if worker.level == 1 and not self.known and go_on:
            worker = self._pass_on(worker)
        if self._chance(0.3):
            self.wait(0.3)
            self._talk(worker, "out", "details", "details")
        if self.cast.vendors and self._chance(0.1):
            vendor = self.rng.choice(self.cast.vendors)
            number = f"{vendor.name[:2].upper()}-{self.rng.randint(20000, 99999)}"
            self.do(worker, c.OpenVendorTask, vendor=vendor.name, vendor_reference=number, text=self._phrase("vendor"))
        for check in checks:
            self.wait(0.6)
            self._note(worker, check)
        if self.rank == 1 or self._chance(0.15):
            self.wait(0.2)
            self.do(worker, c.AddNote, text=self._phrase("update"), visibility="customer")
        if self._chance(0.02):
            top = self.call.desk.scales.priority[0].key
            self.do(worker, c.OverridePriority, priority=top, reason=self._phrase("overridden"))

    def _pass_on(self, worker: Operator) -> Operator:
        deeper = self.cast.deeper(self.group, self._text, self.rng)
        member = self.cast.worker(deeper, self.call.bought, self.rng)
        if deeper is self.group or member is None:
            return worker
        self.wait(0.2)
        self.do(worker, c.HandOff, to=deeper.name, reason=self._phrase("pass_on"))
        self.group, self.worker = deeper, member
        self.wait(0.8)
        self.do(member, c.Take)
        self.do(member, c.Start)
        return member

    def _end_well(self, end: End) -> None:
        worker = self._worker()
        if self._chance(0.18):
            reason = self.rng.choice(self.call.desk.pending)
            self._pend(reason, None)
            self.wait(2.5)
            if reason.key.startswith("customer"):
                self._talk(self.who, "in", "answer", "answer")
            else:
                self.do(worker, c.Resume)
        self._resolve(worker)
        if self.call.trouble.no and self._chance(0.3):
            self.wait(1.5)
            said = self.call.fill(self.call.trouble.no)
            self.do(self.who, c.RecordAnswer, answer="no", by=self.call.contact.name, channel="phone", words=said)
            self.wait(0.8)
            self._note(worker, self._phrase("internal"))
            self._resolve(worker)
        if end is End.RESOLVED:
            return
        self.wait(2)
        asks = self.who if self._chance(0.8) else worker
        words = self._phrase("yes") + (" " + self._phrase("thanks") if self._chance(0.1) else "")
        who = self.call.contact.name
        self.do(asks, c.RecordAnswer, answer="yes", by=who, channel=self._answers_by(), words=words)
        if end is End.REOPENED:
            self.wait(3)
            self.do(self.who, c.Reopen, reason=self._phrase("reopened"), successor=identity(f"{self.tag}/successor"))

    def _resolve(self, worker: Operator) -> None:
        self.wait((0.8, 1.0, 1.6, 1.6)[min(self.rank, 4) - 1])
        trouble = self.call.trouble
        if trouble.known:
            self.do(worker, c.Resolve, solution=self.known)
            return
        synopsis = Synopsis(
            issue=self.call.facts.summary,
            steps=" ".join(self.call.fill(check) for check in trouble.checks),
            resolution=self.call.fill(trouble.fix),
        )
        if self.known:
            self.do(worker, c.Resolve, solution=self.known, synopsis=synopsis)
            return
        title = trouble.summary.format_map(_PLAIN)
        write_up = self._chance(0.35)
        article = f"{title}\n\n{synopsis.steps}\n\n{synopsis.resolution}" if write_up else ""
        because = "" if write_up else self._phrase("no_article")
        self.do(worker, c.Resolve, synopsis=synopsis, article=article, no_article_because=because)

    # -- small acts

    def join(self, other: Call, who: Operator) -> None:
        """Another caller has the same trouble."""
        contact = other.contact
        caller = JoinedCaller(
            company=other.customer.company.name,
            contact=contact.name,
            phone=contact.phone,
            contact_id=other.facts.contact_id,
            words=self._phrase("joined"),
        )
        self.do(who, c.JoinCaller, caller=caller)

    def _pend(self, reason: PendingReason, back: datetime | None) -> None:
        self.wait(0.3)
        waits: dict[str, str] = read("phrases.toml")["wait"]
        words = next((text for begin, text in waits.items() if reason.key.startswith(begin)), waits["other"])
        day = (back or self.busy.moment(self.at) + timedelta(days=2)).strftime("%A")
        self.do(self._worker(), c.Pend, reason=reason.key, resume_at=back, text=self.call.phrase(words, day=day))

    def _note(self, who: Operator, text: str) -> None:
        self.do(who, c.AddNote, text=self.call.fill(text))

    def _talk(self, who: Operator, direction: str, reason: str, phrase: str) -> None:
        self.do(
            who, c.RecordContact, direction=direction, reason=reason, who=self.call.contact.name,
            text=self._phrase(phrase),
        )  # fmt: skip

    def _chased(self, chance: float) -> None:
        while self._chance(chance):
            self.wait(0.8)
            self._talk(self.rng.choice(self.cast.answering), "in", "chase", "chase")
            chance /= 2
            self.wait(0.1)

    def _first_group(self) -> Group:
        group = self.cast.group_for(self._text, self.rng)
        straight = not self.known and group.level == 1 and self._chance(0.6)
        if self.known and group.level != 1 and self._chance(0.7):
            group = self.cast.first_line_for(self._text) or group
        if straight or self.cast.worker(group, self.call.bought, self.rng) is None:
            group = self.cast.deeper(group, self._text, self.rng)
        return group

    def _worker(self) -> Operator:
        worker = self.worker or self.cast.worker(self.group, self.call.bought, self.rng)
        return worker or next(o for o in self.cast.workers if o.level != 1)

    def _answers_by(self) -> str:
        return self.rng.choice(("phone", "phone", "phone", "email"))

    def _phrase(self, occasion: str, **more: str) -> str:
        texts: Sequence[str] = read("phrases.toml")[occasion]
        return self.call.phrase(self.rng.choice(texts), **more)

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share


_PLAIN = {
    "who": "a user",
    "place": "one place",
    "site": "a site",
    "item": "the device",
    "n": "several",
    "since": "yesterday",
}
"""What stands in for a call's own words where a trouble is written up for everybody."""


def _title(group: Group) -> str:
    return group.title or group.name
