"""Who works at the demo's desk, and which group a call belongs to."""

from __future__ import annotations

from random import Random

from deskterm.desk.deskfile import DeskFile, Group, Operator
from deskterm.desk.fold import tokens
from deskterm.desk.tickets.rights import Role, role_of

_WORKS = (Role.L1, Role.L2)


class Cast:
    """The people of a desk file, by what they may do."""

    def __init__(self, desk: DeskFile) -> None:
        self.desk = desk
        people = [o for o in desk.operator if not o.automated]
        self.workers = [o for o in people if role_of(o.level) in _WORKS]
        self.answering = [o for o in people if o.level == 0] or self.workers
        self.first_line = [o for o in people if o.level == 1]
        self.machines = [o for o in desk.operator if o.automated and o.level == 0]
        self.supervisors = [o for o in people if o.level == "supervisor"]
        self.vendors = [g for g in desk.group if g.level == "vendor"]
        self.groups = [g for g in desk.group if g.level not in (0, "vendor") and self._members(g, "")]

    def originator(self, rng: Random) -> Operator:
        """Somebody who takes a call: mostly level 0, the first of them most of all."""
        if self.first_line and rng.random() < 0.2:
            return rng.choice(self.first_line)
        return self.answering[0] if rng.random() < 0.4 else rng.choice(self.answering)

    def group_for(self, text: str, rng: Random) -> Group:
        """The group whose words fit a call best; where none fits, mostly a first line."""
        heard = frozenset(tokens(text))
        scores = [sum(heard.issuperset(tokens(word)) for word in g.good_for) for g in self.groups]
        if max(scores) > 0 and rng.random() < 0.95:
            return self.groups[scores.index(max(scores))]
        # A desk file names the group for everything else before the special ones.
        usual = [g for g in self.groups if g.level == 1] or self.groups
        return usual[0]

    def first_line_for(self, text: str) -> Group | None:
        """The first line that takes what has a known solution."""
        heard = frozenset(tokens(text))
        lines = [g for g in self.groups if g.level == 1]
        return max(lines, key=lambda g: sum(heard.issuperset(tokens(word)) for word in g.good_for), default=None)

    def deeper(self, group: Group, text: str, rng: Random) -> Group:
        """The group beyond this one that takes what it could not solve."""
        beyond = [g for g in self.groups if not g.restricted and _depth(g) == 2 and g.name != group.name]
        beyond = beyond or [g for g in self.groups if _depth(g) > 1 and g.name != group.name]
        heard = frozenset(tokens(text))
        scores = [
            1 / place + 6 * sum(heard.issuperset(tokens(word)) for word in g.good_for)
            for place, g in enumerate(beyond, 1)
        ]
        return rng.choices(beyond, scores)[0] if beyond else group

    def elsewhere(self, group: Group, rng: Random) -> Group:
        """Another group: where a call went that was handed on wrongly at first."""
        others = [g for g in self.groups if g.name != group.name and not g.restricted]
        return rng.choice(others) if others else group

    def worker(self, group: Group, bought: str, rng: Random) -> Operator | None:
        """Somebody of the group who may work on a ticket of a contract that buys these levels."""
        members = self._members(group, bought)
        return rng.choice(members) if members else None

    def insider(self, group: Group | None, who: Operator) -> Operator:
        """Who acts on what is with a group: a member of one that is restricted, else whoever would."""
        if group is None or not group.restricted or group.name in who.groups:
            return who
        return next(iter(self._members(group, "")), who)

    def _members(self, group: Group, bought: str) -> list[Operator]:
        return [o for o in self.workers if group.name in o.groups and role_of(o.level, bought) in _WORKS]


def _depth(group: Group) -> int:
    return group.level if isinstance(group.level, int) else 0
