# SPDX-License-Identifier: AGPL-3.0-or-later
"""Owes a wipe from each call on, carries it out once the call is over, and proves it.

Until it is proven nobody else may be called: what is left may be another resident's to see.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog

from device_bridge.ledger.store import Store, StoreError
from device_bridge.wiping.places import Spool
from device_bridge.wiping.traces import Cause, Found, NotWiped, Part, Trace

log = structlog.get_logger(__name__)


class WipeState(StrEnum):
    """How the kiosk stands."""

    CLEAN = "clean"
    IN_CALL = "in_call"
    WIPING = "wiping"
    # What may be seen or heard is gone; a scan or a report waits for the server.
    DELIVERING = "delivering"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the kiosk stands, whose appointment it is about, and what is not wiped."""

    state: WipeState
    appointment: int | None = None
    failures: tuple[tuple[Part, Cause], ...] = ()

    @property
    def held_for(self) -> int | None:
        """Give the one appointment that may be called here; None: anybody may."""
        is_held = self.state in (WipeState.IN_CALL, WipeState.WIPING, WipeState.FAILED)
        return self.appointment if is_held else None


class Wiper:
    """Wipes each appointment that is owed a wipe; any thread may call any method.

    `companions` are the parts that other programs of the kiosk wipe and tell of (`note`).
    """

    def __init__(
        self,
        store: Store,
        spool: Spool,
        traces: Sequence[Trace],
        companions: Collection[Part],
        current_appointment: Callable[[], int | None],
    ) -> None:
        self._store = store
        self._spool = spool
        self._traces = (*traces, spool)
        self._companions = frozenset(companions)
        self._current_appointment = current_appointment
        self._lock = threading.RLock()
        # What the disk did not take down is owed all the same.
        self._owed: set[int] = set()
        self._failures: dict[int, dict[Part, Cause]] = {}
        # Over several rounds, where one did not do.
        self._found: dict[int, dict[Part, Found]] = {}

    def owe(self, appointment: int) -> None:
        """Note that a call of the appointment is up; raises StoreError."""
        with self._lock:
            self._owed.add(appointment)
            self._failures.pop(appointment, None)
        self._store.owe_wipe(appointment)

    def note(self, part: Part, appointment: int, count: int) -> None:
        """Note that another program has wiped its part and found nothing left."""
        with self._lock:
            self._failures.get(appointment, {}).pop(part, None)
        self._store.note_wiped_part(appointment, part, count)

    def hear_telephone(self, kept: int, ended: int | None) -> None:
        """Take how much the telephone remembers of calls that are over, `ended` the last."""
        current = self._current_appointment()
        for appointment in {*self._all_owed(), *([ended] if ended else [])} - {current}:
            if kept:
                self.fail(Part.TELEPHONE, appointment, Cause.STILL_THERE)
            else:
                self.note(Part.TELEPHONE, appointment, 0)

    def fail(self, part: Part, appointment: int, cause: Cause) -> None:
        """Note that a part is not wiped; the first time is logged."""
        with self._lock:
            failures = self._failures.setdefault(appointment, {})
            is_news = failures.get(part) is not cause
            failures[part] = cause
        if is_news:
            log.error(
                "not wiped", appointment=appointment, part=str(part), cause=str(cause)
            )

    def awaits(self, part: Part) -> int | None:
        """Give the appointment of which another program has to wipe its part now."""
        if part not in self._companions:
            return None
        current = self._current_appointment()
        for appointment in self._all_owed():
            if appointment != current and part not in self._done(appointment):
                return appointment
        return None

    def standing(self) -> Standing:
        """Tell how the kiosk stands."""
        current = self._current_appointment()
        owed = [each for each in self._all_owed() if each != current]
        with self._lock:
            failed = [each for each in owed if self._failures.get(each)]
            if failed:
                failures = tuple(sorted(self._failures[failed[0]].items()))
                return Standing(WipeState.FAILED, failed[0], failures)
        unfinished = self._store.unfinished_appointments()
        for appointment in owed:
            if appointment not in unfinished or not self._is_unseen(appointment):
                return Standing(WipeState.WIPING, appointment)
        if current is not None:
            return Standing(WipeState.IN_CALL, current)
        if owed:
            return Standing(WipeState.DELIVERING, owed[0])
        return Standing(WipeState.CLEAN)

    def wipe(self) -> None:
        """Wipe whatever is neither in call nor unfinished; raises NotWiped to be tried again."""
        unfinished = self._store.unfinished_appointments()
        current = self._current_appointment()
        owed = self._all_owed()
        for appointment in owed:
            if appointment not in unfinished and appointment != current:
                self._wipe(appointment)
        self._spool.wipe_strays({*owed, *unfinished, current or 0})
        failed = self.standing()
        if failed.state is WipeState.FAILED:
            part, cause = failed.failures[0]
            raise NotWiped(part, cause)

    def _wipe(self, appointment: int) -> None:
        found = self._found.setdefault(appointment, {})
        for trace in self._traces:
            self._clear(trace, appointment, found)
        done = self._done(appointment)
        with self._lock:
            failures = self._failures.get(appointment, {})
            failures.pop(Part.LEDGER, None)
            is_clean = not failures and self._companions <= set(done)
        if is_clean:
            self._prove(appointment, done, found)

    def _clear(self, trace: Trace, appointment: int, found: dict[Part, Found]) -> None:
        """Wipe a place and look after it; what fails is noted, and the others go on."""
        try:
            before = found.get(trace.part, Found())
            found[trace.part] = before + trace.wipe(appointment)
            if trace.left(appointment):
                raise NotWiped(trace.part, Cause.STILL_THERE)
        except NotWiped as error:
            self.fail(trace.part, appointment, error.cause)
            return
        with self._lock:
            self._failures.get(appointment, {}).pop(trace.part, None)

    def _prove(
        self, appointment: int, done: dict[str, int], found: dict[Part, Found]
    ) -> None:
        looked_at = done | {str(part): each.count for part, each in found.items()}
        spooled = found[Part.SPOOL]
        try:
            self._store.add_wipe(appointment, spooled.count, spooled.size, looked_at)
        except StoreError as error:
            self.fail(Part.LEDGER, appointment, Cause.DISK_FULL)
            raise NotWiped(Part.LEDGER, Cause.DISK_FULL, str(error)) from error
        with self._lock:
            self._owed.discard(appointment)
            self._failures.pop(appointment, None)
        del self._found[appointment]
        log.info(
            "kiosk wiped",
            appointment=appointment,
            files=spooled.count,
            bytes=spooled.size,
            looked_at=looked_at,
        )

    def _all_owed(self) -> list[int]:
        with self._lock:
            return sorted(self._owed | self._store.owed_wipes())

    def _done(self, appointment: int) -> dict[str, int]:
        return self._store.wiped_parts(appointment)

    def _is_unseen(self, appointment: int) -> bool:
        """Tell whether nothing is left that who comes next could see or hear."""
        return self._companions <= set(self._done(appointment))
