# SPDX-License-Identifier: AGPL-3.0-or-later
"""How each machine is now, put together from all that is known of it; for pages and metrics."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.fleet.limits import ends_soon, is_disk_low
from booking_web.domain.fleet.machines import SILENT_AFTER
from booking_web.domain.fleet.orders import open_orders
from booking_web.domain.fleet.self_tests import failures_of, latest_self_tests
from booking_web.domain.fleet.updates import last_updates
from booking_web.domain.kiosks.watch import is_watched
from booking_web.domain.kiosks.wipes import kiosks_not_wiped
from booking_web.tables.documents import KioskDevices
from booking_web.tables.fleet import (
    KioskOrder,
    KioskUpdate,
    MachineReport,
    NodeReport,
    SelfTest,
)
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.tables.wipes import KioskWipe
from provisioning.database.access import EndpointCut
from provisioning.database.models import Kiosk
from provisioning.directory.kiosk_secrets import digests_in_force

# What kiosks call the package of theirs.
PACKAGE = "guichet-kiosk"


@dataclass(frozen=True, kw_only=True)
class KioskMachine:
    """A kiosk's machine, and all that was last heard of it."""

    kiosk_id: int
    slug: str
    relay: str
    zone: ZoneInfo
    report: MachineReport | None
    test: SelfTest | None
    # None: nobody hears Asterisk now, or it has never seen the kiosk's telephone.
    presence: Presence | None
    # By whatever way: the machine's own report, its bridge.
    heard_at: datetime | None
    is_silent: bool
    # Its access was cut, and nobody has let it in again.
    is_revoked: bool
    orders: Sequence[KioskOrder]
    # The last one that it tried.
    update: KioskUpdate | None
    # What is left of its last appointment, or may be; None: it is wiped.
    not_wiped: KioskWipe | None = None
    # A token with which something was asked that nobody ordered still opens this kiosk.
    is_token_misused: bool = False

    @property
    def was_seen(self) -> bool:
        """Tell whether anything was ever heard of it."""
        return self.heard_at is not None or self.presence is not None

    @property
    def has_failed(self) -> bool:
        """Tell whether its last self-test was red."""
        return bool(failures_of(self.test))

    @property
    def package(self) -> str:
        """Give the version of its package; empty where it does not tell."""
        return str(self.report.packages.get(PACKAGE, "")) if self.report else ""

    def lacks_update(self, given_out: Collection[str] | None) -> bool:
        """Tell whether its last update went wrong, and its version is still to be had.

        Of one that failed before any version was known nobody knows what is lacking.
        `given_out` are the versions that kiosks are given now; None: that is not known.
        """
        update = self.update
        if update is None or not update.went_wrong:
            return False
        if not update.to_version:
            return True
        return update.to_version != self.package and (
            given_out is None or update.to_version in given_out
        )

    @property
    def is_another(self) -> bool:
        """Tell whether another machine came with its token, and no right one since."""
        told = self.report
        if told is None or told.stranger_at is None:
            return False
        return told.heard_at is None or told.stranger_at >= told.heard_at - SILENT_AFTER

    def needs_somebody(self, now: datetime) -> bool:
        """Tell whether who looks after the machines has something to do here."""
        told = self.report
        return not self.is_revoked and (
            not self.was_seen
            or self.is_silent
            or self.has_failed
            or self.is_another
            or self.is_token_misused
            or self.not_wiped is not None
            or (told is not None and is_troubled(told, now))
        )


def is_troubled(told: MachineReport | NodeReport, now: datetime) -> bool:
    """Tell whether something that the machine told of itself is wrong."""
    clock = told.clock_ahead_seconds if isinstance(told, MachineReport) else 0
    return (
        bool(clock)
        or is_disk_low(told.disk_free_bytes, told.disk_bytes)
        or ends_soon(told.certificate_ends, now)
    )


def kiosk_machines(session: Session, now: datetime) -> list[KioskMachine]:
    """Give every kiosk's machine, by the kiosk's name."""
    return _machines(session, select(Kiosk), now)


def kiosk_machine(session: Session, slug: str, now: datetime) -> KioskMachine | None:
    """Give the machine of the kiosk of this name, if there is such a kiosk."""
    found = _machines(session, select(Kiosk).where(Kiosk.slug == slug), now)
    return found[0] if found else None


def nodes(session: Session) -> list[NodeReport]:
    """Give the machines of the server, by their host names."""
    return list(session.scalars(select(NodeReport).order_by(NodeReport.name)))


def _machines(
    session: Session, query: Select[Kiosk], now: datetime
) -> list[KioskMachine]:
    query = query.options(joinedload(Kiosk.relay)).order_by(Kiosk.slug)
    kiosks = session.scalars(query).all()
    ids = [kiosk.id for kiosk in kiosks]
    reports = {
        each.kiosk_id: each
        for each in session.scalars(
            select(MachineReport).where(MachineReport.kiosk_id.in_(ids))
        )
    }
    devices = select(KioskDevices.kiosk_id, KioskDevices.heard_at)
    bridges = {number: at for number, at in session.execute(devices)}
    tests, presences = latest_self_tests(session, ids), _presences(session, now)
    orders, updates = open_orders(session, ids), last_updates(session, ids)
    not_wiped = kiosks_not_wiped(session, ids, now)
    misused = _misused(session, reports.values(), now)
    revoked = set(
        session.scalars(select(EndpointCut.slug).where(EndpointCut.is_revoked))
    )
    return [
        _machine(
            kiosk,
            reports.get(kiosk.id),
            bridges.get(kiosk.id),
            tests.get(kiosk.id),
            presences.get(kiosk.slug),
            [order for order in orders if order.kiosk_id == kiosk.id],
            updates.get(kiosk.id),
            not_wiped.get(kiosk.id),
            kiosk.id in misused,
            kiosk.slug in revoked,
            now,
        )
        for kiosk in kiosks
    ]


def _machine(
    kiosk: Kiosk,
    report: MachineReport | None,
    bridge_heard_at: datetime | None,
    test: SelfTest | None,
    presence: Presence | None,
    orders: Sequence[KioskOrder],
    update: KioskUpdate | None,
    not_wiped: KioskWipe | None,
    is_token_misused: bool,
    is_revoked: bool,
    now: datetime,
) -> KioskMachine:
    heard = [bridge_heard_at, report.heard_at if report else None]
    heard_at = max((each for each in heard if each is not None), default=None)
    return KioskMachine(
        kiosk_id=kiosk.id,
        slug=kiosk.slug,
        relay=kiosk.relay.name,
        zone=ZoneInfo(kiosk.relay.time_zone),
        report=report,
        test=test,
        presence=presence,
        heard_at=heard_at,
        is_silent=heard_at is None or now - heard_at > SILENT_AFTER,
        is_revoked=is_revoked,
        orders=orders,
        update=update,
        not_wiped=not_wiped,
        is_token_misused=is_token_misused,
    )


def _misused(
    session: Session, reports: Iterable[MachineReport], now: datetime
) -> set[int]:
    noted = {each.kiosk_id: each.misused_token for each in reports}
    noted = {kiosk_id: token for kiosk_id, token in noted.items() if token}
    good = digests_in_force(session, noted, now)
    return {kiosk_id for kiosk_id, token in noted.items() if token in good}


def _presences(session: Session, now: datetime) -> dict[str, Presence]:
    if not is_watched(session, now):
        return {}
    rows = session.execute(select(EndpointPresence.slug, EndpointPresence.state))
    return {slug: Presence(state) for slug, state in rows}
