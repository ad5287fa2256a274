# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which of the kiosk's screens is missing, and each window on its own again once it is back.

Where nobody chose which screen is which, sway gives one that comes back a place of its own,
and leaves what was on it upon the other.
"""

from sip_endpoints.log import Log
from sip_endpoints.machine.session.hung_server import end_server, server_of
from sip_endpoints.machine.session.missing import Missing
from sip_endpoints.machine.session.outputs import (
    CALL_WORKSPACE,
    FRENCH,
    PAGES_WORKSPACE,
    Output,
    Session,
    SessionAway,
    SessionHangs,
    chosen,
    pages_ground_order,
    placing_orders,
)
from sip_endpoints.machine.system.choices import Screens

log = Log(__name__)

CALL, PAGES = str(CALL_WORKSPACE), str(PAGES_WORKSPACE)


class ScreenWatch:
    """Remembers where both were; fulfils the ``Screens`` protocol of what is missing."""

    def __init__(
        self, session: Session, screens: Screens, language: str = FRENCH
    ) -> None:
        self._language = language
        self._session = session
        self._count = screens.count
        self._known = screens
        self._server: int | None = None

    def look(self) -> Missing | None:
        """Put back what is on the other screen, and say which screen is missing."""
        try:
            outputs = self._session.outputs()
            self._server = server_of(self._session.socket)
            if not outputs:
                return Missing.SCREENS
            if len(outputs) >= 2:
                self._place(outputs)
        except SessionHangs:
            # Both screens stand still until it begins anew.
            end_server(self._server, self._session.socket.name)
            self._server = None
            return None
        except SessionAway as error:
            log.warning("the screens are not looked after", why=str(error))
            return None
        if len(outputs) >= self._count:
            return None
        is_second_left = outputs[0].name == self._known.pages
        return Missing.FIRST_SCREEN if is_second_left else Missing.SECOND_SCREEN

    def _place(self, outputs: list[Output]) -> None:
        where = {each.workspace: each.name for each in outputs}
        if CALL in where and PAGES in where:
            # Also what somebody has just exchanged.
            self._known = Screens(where[CALL], where[PAGES], self._count)
            return
        call, pages = chosen(self._known, outputs)
        log.info("a screen is back", call=call, pages=pages)
        for order in placing_orders(call, pages):
            self._session.order(order)
        ground = pages_ground_order(self._session.outputs(), self._language)
        if ground is not None:
            self._session.order(ground)
