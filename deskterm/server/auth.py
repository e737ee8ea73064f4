"""Who is asking: the token says it, the table of rights says whether they may."""

from __future__ import annotations

from typing import Final

from starlette.types import Scope

from deskterm.server import rights
from deskterm.server.limits import Rates
from deskterm.server.replies import Refused
from deskterm.store.serving import Bearer, NoToken, ServedDesk

_CHALLENGE: Final = ((b"www-authenticate", b'Bearer realm="deskterm"'),)


class Door:
    """Lets in who has a token, for what it is good for, as often as is fair."""

    def __init__(self, desk: ServedDesk, rates: Rates) -> None:
        self._desk = desk
        self._rates = rates

    async def enter(self, scope: Scope, route: str) -> Bearer:
        """Who is asking for a route. Raises Refused with 401, 403 or 429."""
        bearer = await self._known(secret_of(scope))
        self._rates.take(bearer.token.id)
        self.allow(bearer, rights.ROUTES.get(route), f"the route {route}")
        return bearer

    async def still(self, scope: Scope, bearer: Bearer) -> bool:
        """Whether somebody who was let in would be let in again, and would see the same."""
        try:
            return await self._known(secret_of(scope)) == bearer
        except Refused:
            return False

    @staticmethod
    def allow(bearer: Bearer, row: rights.Row | None, what: str) -> None:
        """Raise Refused with 403 where the table says no."""
        if why := rights.refusal(row, bearer.operator, bearer.token.scopes, what):
            raise Refused(403, "not_allowed", why)

    async def _known(self, secret: str) -> Bearer:
        try:
            return await self._desk.bearer(secret)
        except NoToken as error:
            raise Refused(401, "unauthenticated", error.message, headers=_CHALLENGE) from error


def secret_of(scope: Scope) -> str:
    """The token of a request, from its header alone: an address ends up in logs. Raises Refused where there is none."""
    found: list[bytes] = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(found) == 1:
        sort, _, secret = found[0].decode("latin-1").partition(" ")
        if sort.lower() == "bearer" and secret.strip():
            return secret.strip()
    raise Refused(401, "unauthenticated", "Send a token: Authorization: Bearer …", headers=_CHALLENGE)
