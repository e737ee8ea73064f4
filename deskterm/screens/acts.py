"""What one does to tickets, the same in the queue and in an opened ticket: one key, a small form if needed, a command.

A screen says on which tickets to act (`targets`); several at once where the act allows it. Nothing here knows a rule:
a refusal comes from the desk and is shown with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, UUID, uuid5

from deskterm.actions import BY_ID
from deskterm.screens.taking_over import TakingOver, after_own
from deskterm.store.base import Conflict, StoreError

if TYPE_CHECKING:
    from deskterm.actions import Action
    from deskterm.desk.commands import AnyTicketCommand
    from deskterm.desk.tickets.views import Receipt, TicketView
    from deskterm.screens.acts_forms import Build, FormMaker
    from deskterm.screens.form import Outcome, Values


@cache
def forms() -> dict[str, FormMaker]:
    """The form behind each act that asks for something. Loaded with the first: the queue opens without."""
    from deskterm.screens import acts_forms, escalation_forms

    return {**acts_forms.FORMS, **escalation_forms.FORMS}


_ROWS = {
    "hand-off": ("route", "re-route", "pass-on"),
    "resolve": ("resolve-known", "resolve-new"),
    "major": ("major", "end-major"),
}
"""Actions that stand for several rows of the rights table."""


def acts_of(action: Action) -> tuple[str, ...]:
    """The rows of the rights table that an action may come to, by the ticket's status."""
    return _ROWS.get(action.act, (action.act,))


@dataclass(frozen=True, slots=True)
class Target:
    """A ticket to act on, as its operator sees it: id, reference and the version in front of them."""

    id: UUID
    ref: str
    version: int


class TicketActs(TakingOver):
    """A screen with tickets to act on."""

    def targets(self) -> tuple[Target, ...]:
        """The tickets to act on now: the marked ones, or the one in front."""
        return ()

    def acted(self) -> None:
        """Something was done to the targets; marks may go."""

    @staticmethod
    def refusal(action: Action, view: TicketView) -> str | None:
        """Why the desk would refuse an action on this ticket now; None where it would not."""
        acts = acts_of(action)
        verdicts = [verdict for verdict in view.may if verdict.act in acts]
        if not verdicts or any(verdict.allowed for verdict in verdicts):
            return None
        # Of several rows that could apply, the one this status is about explains best.
        return min(verdicts, key=lambda verdict: "has to be" in verdict.reason).reason

    # -- acts that need nothing more

    def act_take(self, argument: str) -> None:
        """Become the owner; a supervisor says whose it is."""
        if self.host.store.me.level == "supervisor":
            self._fill("assign", argument)
        else:
            self._do(lambda c, t: c.Take(ticket=t.id, seen=t.version), "{ref} is yours. u gives it back.", bulk=True)

    def act_take_over(self, argument: str) -> None:
        """Take over from whoever is writing on it."""
        self.take_over([target.id for target in self.targets()])

    def act_start(self, argument: str) -> None:
        """Begin to work."""
        self._do(lambda c, t: c.Start(ticket=t.id, seen=t.version), "{ref}: you are working on it.")

    def act_resume(self, argument: str) -> None:
        """End the wait."""
        self._do(lambda c, t: c.Resume(ticket=t.id, seen=t.version), "{ref} goes on.")

    def act_undo(self, argument: str) -> None:
        """Take the last act back."""
        self._do(lambda c, t: c.Undo(ticket=t.id), "{ref}: taken back.")

    def act_follow(self, argument: str) -> None:
        """Follow, or stop following."""
        self.begin(self._follow())

    async def _follow(self) -> None:
        from deskterm.desk import commands as c

        for target in self.targets():
            view = await self.host.store.ticket(target.id)
            if self.host.store.me.name not in view.ticket.followers:
                await self.host.store.submit(c.Follow(ticket=target.id))
                self.say(f"You follow {target.ref}.", "done")
            elif view.ticket.originator == self.host.store.me.name:
                self._fill("unfollow", "")
            else:
                await self.host.store.submit(c.Unfollow(ticket=target.id))
                self.say(f"You no longer follow {target.ref}.", "done")

    def act_board(self, argument: str) -> None:
        """Show the board."""
        self.host.show_board()

    def act_copy(self, argument: str) -> None:
        """Copy the reference."""
        if targets := self.targets():
            self.app.copy_to_clipboard(" ".join(t.ref for t in targets))
            self.say(f"{targets[0].ref} was sent to your clipboard.", "done")

    # -- acts that ask for something

    def act_explain(self, argument: str) -> None:
        """Say why it is due when it is."""
        if targets := self.targets()[:1]:
            self.begin(self._explain(targets[0]))

    async def _explain(self, target: Target) -> None:
        from deskterm.screens.explain import ExplainScreen

        explained = await self.host.store.explain(target.id)
        if explained:
            self.app.push_screen(ExplainScreen(explained))
        else:
            self.say(f"{target.ref} has no clocks: nothing was promised for it.")

    def act_hand_off(self, argument: str) -> None:
        """Hand on to a group."""
        self._fill("hand-off", argument, bulk=True)

    def act_escalate(self, argument: str) -> None:
        """Tell somebody higher up."""
        self._fill("escalate", argument)

    def act_answer_escalation(self, argument: str) -> None:
        """Say something to an escalation."""
        self._fill("answer-escalation", argument)

    def act_major(self, argument: str) -> None:
        """Declare, propose or end a major incident."""
        self._fill("major", argument)

    def act_report(self, argument: str) -> None:
        """Record that the report of a major incident was delivered."""
        self._fill("report", argument)

    def act_restore_time(self, argument: str) -> None:
        """Record the restore time the customer was told."""
        self._fill("restore-time", argument)

    def act_intervene(self, argument: str) -> None:
        """Go from diagnosis to repair."""
        self._fill("intervene", argument)

    def act_defer(self, argument: str) -> None:
        """Let it wait for the next working day."""
        self._fill("defer", argument)

    def act_vendor_answer(self, argument: str) -> None:
        """Record a vendor's answer."""
        self._fill("vendor-answer", argument)

    def act_out_of_scope(self, argument: str) -> None:
        """Say that it is not ours."""
        self._fill("out-of-scope", argument)

    def act_chase(self, argument: str) -> None:
        """The customer asks how it stands."""
        self._fill("chase", argument)

    def act_note(self, argument: str) -> None:
        """Write a note."""
        self._fill("note", argument)

    def act_contact(self, argument: str) -> None:
        """Record a conversation."""
        self._fill("contact", argument)

    def act_resolve(self, argument: str) -> None:
        """Resolve."""
        self._fill("resolve", argument)

    def act_confirm(self, argument: str) -> None:
        """The customer says yes."""
        self._fill("confirm", argument)

    def act_refuse(self, argument: str) -> None:
        """The customer says no."""
        self._fill("refuse", argument)

    def act_pend(self, argument: str) -> None:
        """Let it wait."""
        self._fill("pend", argument)

    def act_priority(self, argument: str) -> None:
        """Override the priority."""
        self._fill("priority", argument)

    def act_duplicate(self, argument: str) -> None:
        """Link as duplicate."""
        self._fill("duplicate", argument)

    def act_vendor_task(self, argument: str) -> None:
        """Ask a vendor."""
        self._fill("vendor-task", argument)

    def act_reopen(self, argument: str) -> None:
        """Reopen."""
        self._fill("reopen", argument)

    def act_withdraw(self, argument: str) -> None:
        """Withdraw."""
        self._fill("withdraw", argument)

    def act_amend(self, argument: str) -> None:
        """Correct what is known."""
        self._fill("amend", argument)

    def act_change(self, argument: str) -> None:
        """Open the change for it; raise one where there is none, or another for the word "new" or a model."""
        if targets := self.targets()[:1]:
            self.open_change_for(targets[0], argument)

    def open_change_for(self, target: Target, argument: str) -> None:
        """Open or raise a change; what is typed meanwhile is meant for it."""
        self.host.hold_keys()
        self.begin(self._change(target, argument))

    async def _change(self, target: Target, argument: str) -> None:
        try:
            await self.host.change_for(target.id, argument)
        finally:
            self.host.release_keys()

    def act_triage(self, argument: str) -> None:
        """Weigh it and find its group."""
        if targets := self.targets()[:1]:
            self.open_triage(targets[0].id)

    def open_triage(self, ticket: UUID) -> None:
        """Open the triage of a ticket; what is typed meanwhile is meant for it."""
        self.host.hold_keys()
        self.begin(self._open_triage(ticket))

    async def _open_triage(self, ticket: UUID) -> None:
        try:
            await self.host.open_triage(await self.host.store.ticket(ticket))
        finally:
            self.host.release_keys()

    def take_up(self, form: str, ticket: UUID) -> None:
        """Open a form whose words were kept, on the ticket they are about."""
        if form == BY_ID["triage"].id:
            self.open_triage(ticket)
        elif form == BY_ID["change"].id:
            self.open_change_for(Target(ticket, "", 0), "new")
        else:
            self.begin(self._take_up(form, ticket))

    async def _take_up(self, form: str, ticket: UUID) -> None:
        view = await self.host.store.ticket(ticket)
        target = Target(view.ticket.id, view.ticket.ref, view.ticket.version)
        await self._open_form(forms()[form], (target,), "")

    # -- how an act is carried out

    def _do(self, build: Callable[..., AnyTicketCommand], done: str, *, bulk: bool = False) -> None:
        self.begin(self._submit_all(build, done, bulk=bulk))

    async def _submit_all(self, build: Callable[..., AnyTicketCommand], done: str, *, bulk: bool) -> None:
        from deskterm.desk import commands as c

        targets = self.targets() if bulk else self.targets()[:1]
        if not targets:
            self.say("There is no ticket here to act on.", "refused")
            return
        refused: list[str] = []
        for target in targets:
            try:
                await self.host.store.submit(build(c, target))
            except StoreError as error:
                refused.append(f"{target.ref}: {error.message}" if len(targets) > 1 else error.message)
        self._tell(targets, refused, done)

    def _tell(self, targets: tuple[Target, ...], refused: list[str], done: str) -> None:
        well = len(targets) - len(refused)
        if refused:
            others = f"{well} of {len(targets)} done. " if len(targets) > 1 else ""
            self.say(others + refused[0], "refused")
        else:
            self.say(done.format(ref=targets[0].ref if well == 1 else f"{well} tickets"), "done")
        if well:
            self.acted()

    def _fill(self, form: str, argument: str, *, bulk: bool = False) -> None:
        targets = self.targets() if bulk else self.targets()[:1]
        if not targets:
            self.say("There is no ticket here to act on.", "refused")
            return
        # What is typed right after the key is meant for the form, not for the queue.
        self.host.hold_keys()
        self.begin(self._open_form(forms()[form], targets, argument))

    async def _open_form(self, maker: FormMaker, targets: tuple[Target, ...], argument: str) -> None:
        try:
            await self._show_form(maker, targets, argument)
        finally:
            self.host.release_keys()

    async def _show_form(self, maker: FormMaker, targets: tuple[Target, ...], argument: str) -> None:
        from deskterm.screens.form import FormScreen

        view = await self.host.store.ticket(targets[0].id)
        form, build = maker(self.host, view, argument)
        form = replace(form, tickets=tuple(target.id for target in targets))
        if len(targets) > 1:
            form = replace(form, title=f"{form.does} {len(targets)} tickets")
        seen = {target.id: target.version for target in targets}

        async def submit(values: Values, draft: str) -> Outcome:
            return await self._submit_form(build, targets, seen, values, draft)

        def taken_over(receipt: Receipt) -> None:
            seen[receipt.record_id] = after_own(seen[receipt.record_id], receipt)

        self.app.push_screen(FormScreen(form, submit, taken_over), self._form_done)

    async def _submit_form(
        self, build: Build, targets: tuple[Target, ...], seen: dict[UUID, int], values: Values, draft: str
    ) -> Outcome:
        """Submit for every target. Where nothing went well the refusal is raised, and the form keeps its words."""
        from deskterm.screens.form import Outcome

        said = ""
        refused: list[tuple[Target, StoreError]] = []
        for target in targets:
            try:
                command, said = await build(values, target.id, seen[target.id])
                await self.host.store.submit(once(command, draft))
            except Conflict as error:
                # They have been told now: the next Enter decides with what happened meanwhile in view.
                seen[target.id] = error.version
                refused.append((target, error))
            except StoreError as error:
                refused.append((target, error))
        if len(refused) == len(targets):
            raise refused[0][1]
        done = len(targets) - len(refused)
        if refused:
            first, why = refused[0]
            return Outcome(f"{done} of {len(targets)} done. {first.ref}: {why.message}", "refused")
        return Outcome(said.format(ref=targets[0].ref if done == 1 else f"{done} tickets"))

    def _form_done(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.say(outcome.said, outcome.tone)
            self.acted()


def once(command: AnyTicketCommand, draft: str) -> AnyTicketCommand:
    """The command under an id that follows from what it says and the draft of its words.

    After a crash the draft may be there although its words arrived: submitted again they arrive once.
    """
    said = command.model_dump_json(exclude={"id"})
    return command.model_copy(update={"id": uuid5(NAMESPACE_OID, f"{draft} {said}")})
