# SPDX-License-Identifier: AGPL-3.0-or-later
"""The agent's service: one turn a second, given everything that reaches outside.

Nothing is done to the telephone while a call is up; what was asked meanwhile waits for its
end. Orders are not written down: the server gives an unsettled one again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sip_endpoints.log import Log
from sip_endpoints.machine.agent.api import Heard, Order, OrderKind
from sip_endpoints.machine.checks.check import CheckReason
from sip_endpoints.machine.checks.owed import OwedTest
from sip_endpoints.machine.server.faults import ProblemAnswered, SiteUnreachable
from sip_endpoints.machine.system.errors import MachineError

log = Log(__name__)

RETRY_SECONDS = 15.0
# The kiosk is locked out; the machine is not the one that was enrolled.
_FORBIDDEN, _CONFLICT = frozenset({401, 403}), 409


class Api(Protocol):
    """The server."""

    def report(self, told: dict[str, Any]) -> Heard:
        """Tell how the machine is."""

    def bring_self_test(self, tested: dict[str, Any]) -> None:
        """Bring a self-test."""

    def bring_result(self, order: int, archive: bytes) -> None:
        """Bring an archive."""


@dataclass(frozen=True, slots=True)
class Acts:
    """What an agent does to its machine."""

    report: Callable[[], dict[str, Any]]
    is_in_call: Callable[[], bool]
    start_self_test: Callable[[CheckReason], None]
    last_self_test: Callable[[], dict[str, Any] | None]
    # The one that a call was in the way of.
    owed_self_test: Callable[[], OwedTest | None]
    collect: Callable[[], bytes]
    # Asks for new secrets; they are kept until no call is up.
    rotate: Callable[[], None]
    # Puts in force what waited for the end of a call: new secrets, a new version.
    settle: Callable[[], None]
    # Keeps where packages come from, for the next update.
    keep_repository: Callable[[Any], None]
    start_update: Callable[[], None]
    is_updating: Callable[[], bool]
    # Makes good a night without a look for updates, given how long nobody is expected.
    catch_up: Callable[[int], None]


class Agent:
    """Reports, brings self-tests, and carries orders out."""

    def __init__(self, api: Callable[[], Api], acts: Acts, told_before: str) -> None:
        self._api = api
        self._acts = acts
        self._report_at = 0.0
        self._try_at = 0.0
        self._waiting: dict[OrderKind, Order] = {}
        self._testing: Order | None = None
        # The mark of an owed self-test stays until one was made.
        self._owed_begun = ""
        # An update is told by the report; until then its order is given again.
        self._update_begun = 0
        self._updating: Order | None = None
        # When the self-test was made that the server knows already.
        self.told_test = told_before

    def turn(self, now: float) -> None:
        """Do what is due; a server that is away is tried again later."""
        if now < self._try_at:
            return
        try:
            self._acts.settle()
            if now >= self._report_at:
                self._report(now)
            self._bring_self_test()
            self._settle_update()
            self._make_owed_test()
            self._carry_out()
        except (SiteUnreachable, ProblemAnswered) as error:
            self._try_at = now + RETRY_SECONDS
            _complain(error)
        except MachineError as error:
            self._try_at = now + RETRY_SECONDS
            log.error("the machine could not do what was asked", why=str(error))

    def _report(self, now: float) -> None:
        heard = self._api().report(self._acts.report())
        self._report_at = now + heard.report_seconds
        if heard.repository is not None:
            self._acts.keep_repository(heard.repository)
        for order in heard.orders:
            log.info("order heard", order=order.id, kind=order.kind.value)
            self._waiting[order.kind] = order
        self._acts.catch_up(heard.free_seconds)

    def _bring_self_test(self) -> None:
        tested = self._acts.last_self_test()
        at = str((tested or {}).get("at") or "")
        if tested is None or not at or at == self.told_test:
            return
        order = self._testing if tested.get("reason") == "asked" else None
        told = {**tested, "order": order.id if order else None}
        try:
            self._api().bring_self_test(told)
        except ProblemAnswered as problem:
            # Brought again it would be refused again.
            log.error("the server refused a self-test", status=problem.status)
        self.told_test = at
        if order is not None:
            self._testing = None
        log.info("self-test told", at=at, order=told["order"])

    def _settle_update(self) -> None:
        """Answer an order that found nothing newer: by how the kiosk is without it.

        Where there was something, the new version's agent begins anew, and its report answers.
        """
        if self._updating is not None and not self._acts.is_updating():
            self._testing, self._updating = self._updating, None
            self._acts.start_self_test(CheckReason.ASKED)

    def _make_owed_test(self) -> None:
        owed = self._acts.owed_self_test()
        if owed is None or owed.at == self._owed_begun or self._acts.is_in_call():
            return
        self._owed_begun = owed.at
        log.info("the self-test that waited for the end of a call begins")
        self._acts.start_self_test(owed.reason)

    def _carry_out(self) -> None:
        for kind, order in list(self._waiting.items()):
            if kind is not OrderKind.DIAGNOSE and self._acts.is_in_call():
                continue
            # Before the work: an order that breaks its worker is not tried for ever.
            del self._waiting[kind]
            self._obey(order)

    def _obey(self, order: Order) -> None:
        match order.kind:
            case OrderKind.SELF_TEST:
                self._testing = order
                self._acts.start_self_test(CheckReason.ASKED)
            case OrderKind.DIAGNOSE:
                self._api().bring_result(order.id, self._acts.collect())
            case OrderKind.ROTATE:
                self._acts.rotate()
            case OrderKind.UPDATE:
                if order.id != self._update_begun:
                    self._update_begun = order.id
                    self._updating = order
                    self._acts.start_update()


def _complain(error: SiteUnreachable | ProblemAnswered) -> None:
    if isinstance(error, SiteUnreachable):
        log.warning("the server cannot be reached", cause=error.cause.value)
    elif error.status == _CONFLICT:
        log.error("the server knows this kiosk on another machine; enrol it again")
    elif error.status in _FORBIDDEN:
        log.error("the server lets this kiosk in no longer; enrol it again")
    else:
        log.warning("the server refused", status=error.status, why=str(error))
