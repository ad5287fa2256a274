# SPDX-License-Identifier: AGPL-3.0-or-later
"""The figures by which a monitoring system watches the site: counts and instants, no names.

Kiosks, hosts and organisations are named; residents, secretaries and counsellors never are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from booking_web.domain.fleet.alerts.raising import raised_alerts
from booking_web.domain.fleet.machines_now import KioskMachine, kiosk_machines, nodes
from booking_web.domain.kiosks.watch import is_watched
from booking_web.tables.alerts import AlertKind, AlertNotice, NoticeState
from booking_web.tables.appointment import Appointment
from booking_web.tables.fleet import NodeReport
from booking_web.tables.messages import Message, MessageState
from booking_web.tables.presence import (
    THE_WATCH,
    EndpointPresence,
    Presence,
    PresenceWatch,
)
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from booking_web.tables.waiting import WaitingEntry, WaitingState
from booking_web.tables.webhooks import DeliveryState, WebhookEvent
from provisioning.database.models import Counsellor, Organisation

Key = TypeVar("Key")
# Appointments that begin no further away than this are counted.
NEAR = timedelta(hours=24)
# How the last update ended of a kiosk that never tried any.
NEVER_UPDATED = "none"


@dataclass
class Figure:
    """A figure with its values: each with what tells it from the others."""

    name: str
    says: str
    labels: tuple[str, ...] = ()
    values: list[tuple[tuple[str, ...], float]] = field(default_factory=list)

    def add(self, value: float | None, *told: str) -> None:
        """Add a value; one that is not known is left out."""
        if value is not None:
            self.values.append((told, value))


def figures(session: Session, now: datetime) -> list[Figure]:
    """Read every figure."""
    machines = kiosk_machines(session, now)
    return [
        *_of_appointments(session, now),
        *_of_organisations(session),
        *_of_kiosks(machines),
        _of_updates(machines),
        *_of_nodes(nodes(session)),
        *_of_site(session, now),
        *_of_outboxes(session),
    ]


def _of_appointments(session: Session, now: datetime) -> Iterator[Figure]:
    near = Appointment.starts_at.between(now - NEAR, now + NEAR)
    counts = dict.fromkeys(AppointmentState, 0) | _counted(
        session, select(Appointment.state, func.count()).where(near)
    )
    day = Figure(
        "guichet_appointments_near",
        "Appointments that begin within 24 hours, before or after, by state.",
        ("state",),
    )
    for state in AppointmentState:
        day.add(counts[state], str(state))
    yield day
    calls = Figure("guichet_calls", "Calls that go on, by state.", ("state",))
    now_on = dict.fromkeys(ON_THE_LINE, 0) | _counted(
        session,
        select(Appointment.state, func.count()).where(
            Appointment.state.in_(ON_THE_LINE)
        ),
    )
    for state in sorted(ON_THE_LINE):
        calls.add(now_on[state], str(state))
    yield calls


def _of_organisations(session: Session) -> Iterator[Figure]:
    names = session.execute(
        select(Organisation.id, Organisation.slug).order_by(Organisation.slug)
    )
    queued = _counted(
        session,
        select(Appointment.organisation_id, func.count()).where(
            Appointment.state == AppointmentState.QUEUED
        ),
    )
    waiting = _counted(
        session,
        select(WaitingEntry.organisation_id, func.count()).where(
            WaitingEntry.state == WaitingState.WAITING
        ),
    )
    there = _counted(
        session,
        select(Counsellor.organisation_id, func.count())
        .join(EndpointPresence, EndpointPresence.slug == Counsellor.slug)
        .where(EndpointPresence.state == Presence.READY),
    )
    found = [
        Figure("guichet_queued", "Residents in an organisation's queue.", _OF_ONE),
        Figure("guichet_waiting_list", "Entries of the waiting list.", _OF_ONE),
        Figure("guichet_counsellors_ready", "Counsellors who could answer.", _OF_ONE),
    ]
    for number, slug in names:
        for figure, counts in zip(found, (queued, waiting, there), strict=True):
            figure.add(counts.get(number, 0), slug)
    yield from found


_OF_ONE = ("organisation",)


def _of_kiosks(machines: Iterable[KioskMachine]) -> Iterator[Figure]:
    def figure(name: str, says: str) -> Figure:
        return Figure(f"guichet_kiosk_{name}", says, ("kiosk",))

    seen = figure("seen_timestamp_seconds", "When the kiosk was last heard.")
    ready = figure("ready", "1: it could be called, or is in a call.")
    is_ok = figure("self_test_ok", "1: its last self-test was green.")
    tested = figure("self_test_timestamp_seconds", "When that was.")
    free = figure("disk_free_bytes", "What is free of its disk.")
    size = figure("disk_bytes", "How large its disk is.")
    clock = figure("clock_ahead_seconds", "By how much its clock is ahead; 0: right.")
    ends = figure("certificate_end_timestamp_seconds", "When its certificate ends.")
    orders = figure("orders_open", "What it is asked to do and has not done.")
    version = Figure("guichet_kiosk_info", "Its version.", ("kiosk", "version"))
    for machine in machines:
        told, test, slug = machine.report, machine.test, machine.slug
        seen.add(_instant(machine.heard_at), slug)
        is_there = machine.presence in (Presence.READY, Presence.IN_CALL)
        ready.add(int(is_there), slug)
        orders.add(len(machine.orders), slug)
        if test is not None:
            is_ok.add(int(test.is_ok), slug)
            tested.add(_instant(test.heard_at), slug)
        if told is not None and told.heard_at is not None:
            free.add(told.disk_free_bytes, slug)
            size.add(told.disk_bytes, slug)
            clock.add(told.clock_ahead_seconds, slug)
            ends.add(_instant(told.certificate_ends), slug)
            version.add(1, slug, told.version)
    yield from (seen, ready, is_ok, tested, free, size, clock, ends, orders, version)


def _of_updates(machines: Iterable[KioskMachine]) -> Figure:
    kiosks = Figure(
        "guichet_kiosks",
        "Kiosks, by the version of their package and how their last update ended.",
        ("version", "update"),
    )
    counts = Counter(
        (
            machine.package,
            str(machine.update.state) if machine.update else NEVER_UPDATED,
        )
        for machine in machines
    )
    for told, count in sorted(counts.items()):
        kiosks.add(count, *told)
    return kiosks


def _of_nodes(reports: Iterable[NodeReport]) -> Iterator[Figure]:
    def figure(name: str, says: str) -> Figure:
        return Figure(f"guichet_node_{name}", says, ("node",))

    seen = figure("seen_timestamp_seconds", "When the host was last heard.")
    free = figure("disk_free_bytes", "What is free of its disk.")
    size = figure("disk_bytes", "How large its disk is.")
    ends = figure("certificate_end_timestamp_seconds", "When its certificate ends.")
    backup = figure("backup_timestamp_seconds", "When its last good backup ended.")
    version = Figure("guichet_node_info", "Its version.", ("node", "version"))
    for node in reports:
        seen.add(_instant(node.heard_at), node.name)
        free.add(node.disk_free_bytes, node.name)
        size.add(node.disk_bytes, node.name)
        ends.add(_instant(node.certificate_ends), node.name)
        backup.add(_instant(node.backed_up_at), node.name)
        version.add(1, node.name, node.version)
    yield from (seen, free, size, ends, backup, version)


def _of_site(session: Session, now: datetime) -> Iterator[Figure]:
    up = Figure("guichet_dispatcher_up", "1: a dispatcher hears Asterisk.")
    up.add(int(is_watched(session, now)))
    heard = Figure(
        "guichet_dispatcher_heard_timestamp_seconds", "Its last sign of life."
    )
    watch = session.get(PresenceWatch, THE_WATCH)
    heard.add(_instant(watch.heard_at) if watch else None)
    raised = raised_alerts(session)
    alerts = Figure("guichet_alerts", "Alerts that go on, by kind.", ("kind",))
    for kind in AlertKind:
        alerts.add(sum(each.kind == kind for each in raised), str(kind))
    yield from (up, heard, alerts)


def _of_outboxes(session: Session) -> Iterator[Figure]:
    queries = (
        ("messages", Message.state, (MessageState.WAITING, MessageState.GIVEN_UP)),
        (
            "webhooks",
            WebhookEvent.state,
            (DeliveryState.WAITING, DeliveryState.GIVEN_UP),
        ),
        ("alerts", AlertNotice.state, (NoticeState.WAITING, NoticeState.GIVEN_UP)),
    )
    outbox = Figure(
        "guichet_outbox", "What is to be sent, and was given up.", ("outbox", "state")
    )
    for name, column, states in queries:
        counts = _counted(
            session, select(column, func.count()).where(column.in_(states))
        )
        for state in states:
            outbox.add(counts.get(state, 0), name, str(state))
    yield outbox


def _counted(session: Session, query: Select[Key, int]) -> dict[Key, int]:
    """Count by the query's first column."""
    rows = session.execute(query.group_by(query.selected_columns[0])).all()
    return {key: count for key, count in rows}


def _instant(at: datetime | None) -> float | None:
    return at.timestamp() if at is not None else None
