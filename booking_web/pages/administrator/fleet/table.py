# SPDX-License-Identifier: AGPL-3.0-or-later
"""The list of the fleet: a row for each kiosk, and one for each machine of the server."""

from collections.abc import Collection
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from booking_web.base.published_rings import SiteRings
from booking_web.domain.fleet.limits import ends_soon, is_backup_old, is_disk_low
from booking_web.domain.fleet.machines import SILENT_AFTER
from booking_web.domain.fleet.machines_now import (
    KioskMachine,
    is_troubled,
    kiosk_machines,
    nodes,
)
from booking_web.domain.fleet.self_tests import failures_of
from booking_web.pages.administrator.entries.listing import Cell, Column, Row, Table
from booking_web.tables.fleet import MachineReport, NodeReport
from booking_web.words.clock import clock_off_words
from booking_web.words.dates import short_date
from booking_web.words.fleet import ORDERS, disk_words, failing_words, seen_words
from booking_web.words.self_tests import name_of
from booking_web.words.updates import update_words
from provisioning.directory.usual_time_zone import usual_time_zone

TO_SEE, RED, NOT_UPDATED, SILENT, NEVER, ASKED = (
    "a-voir",
    "auto-test-rouge",
    "mise-a-jour-manquee",
    "silencieuses",
    "jamais-vues",
    "demandes",
)
# Sorted before every instant, after every number.
_NEVER = datetime.min.replace(tzinfo=UTC)

COLUMNS = [
    Column("machine", lazy_gettext("Machine")),
    Column("relais", lazy_gettext("Relais")),
    Column("auto-test", lazy_gettext("Auto-test")),
    Column("vue", lazy_gettext("Vue")),
    Column("version", lazy_gettext("Version")),
    Column("mise-a-jour", lazy_gettext("Mise à jour")),
    Column("disque", lazy_gettext("Disque libre")),
    Column("horloge", lazy_gettext("Horloge")),
    Column("adresse", lazy_gettext("Adresse")),
    Column("certificat", lazy_gettext("Certificat")),
    Column("demandes", lazy_gettext("Demandes")),
]


def fleet_table(session: Session, rings: SiteRings, now: datetime) -> Table:
    """Give the table of all machines; those of the server come first."""
    zone = ZoneInfo(usual_time_zone(session))
    rows = [node_row(node, zone, now) for node in nodes(session)]
    rows += [kiosk_row(each, rings, now) for each in kiosk_machines(session, now)]
    return Table(
        COLUMNS,
        rows,
        {
            TO_SEE: lazy_gettext("À voir"),
            RED: lazy_gettext("Auto-test en panne"),
            NOT_UPDATED: lazy_gettext("Mise à jour manquée"),
            SILENT: lazy_gettext("Silencieuses"),
            NEVER: lazy_gettext("Jamais vues"),
            ASKED: lazy_gettext("Demandes en cours"),
        },
    )


def kiosk_row(machine: KioskMachine, rings: SiteRings, now: datetime) -> Row:
    """Give the row of a kiosk."""
    told = machine.report if machine.report and machine.report.heard_at else None
    orders = ", ".join(str(ORDERS[each.kind]) for each in machine.orders)
    lacks_update = machine.lacks_update(rings.given_out)
    within = {
        TO_SEE: machine.needs_somebody(now) or lacks_update,
        RED: machine.has_failed,
        NOT_UPDATED: lacks_update,
        SILENT: machine.was_seen and machine.is_silent,
        NEVER: not machine.was_seen,
        ASKED: bool(machine.orders),
    }
    return Row(
        url_for("administrator.fleet_kiosk", ref=machine.slug),
        [
            Cell(machine.slug),
            Cell(machine.relay),
            _test_cell(machine),
            seen_cell(machine, now),
            Cell(_version_words(machine, told, rings.pilots)),
            update_cell(machine, rings),
            *_told_cells(told, machine.zone, now),
            Cell(orders, by=len(machine.orders)),
        ],
        frozenset(name for name, is_so in within.items() if is_so),
    )


def node_row(node: NodeReport, zone: ZoneInfo, now: datetime) -> Row:
    """Give the row of a machine of the server."""
    is_silent = now - node.heard_at > SILENT_AFTER
    wrong = _wrong_words(node, now)
    within = {
        TO_SEE: is_silent or bool(wrong) or is_troubled(node, now),
        SILENT: is_silent,
    }
    tone = "trouble" if is_silent else ""
    return Row(
        url_for("administrator.fleet_node", ref=node.name),
        [
            Cell(node.name),
            Cell(gettext("Serveur")),
            Cell(wrong, "trouble", by=0) if wrong else Cell("", by=1),
            Cell(seen_words(node.heard_at, zone, now), tone, by=node.heard_at),
            Cell(node.version),
            Cell("", by=_NEVER),
            *_told_cells(node, zone, now),
            Cell("", by=0),
        ],
        frozenset(name for name, is_so in within.items() if is_so),
    )


def _wrong_words(node: NodeReport, now: datetime) -> str:
    """Say what somebody has to see to; empty where all is well."""
    said = []
    if node.failing:
        said.append(failing_words(node.failing))
    if node.is_backup_watched and is_backup_old(node.backed_up_at, now):
        said.append(
            gettext("sauvegarde trop vieille")
            if node.backed_up_at
            else gettext("pas encore de sauvegarde")
        )
    return ", ".join(said)


def seen_cell(machine: KioskMachine, now: datetime) -> Cell:
    """Say when a kiosk was last heard, or that another machine has its token."""
    if machine.is_revoked:
        return Cell(gettext("accès coupé"), "over", by=_NEVER)
    if machine.is_another:
        return Cell(gettext("une autre machine"), "trouble", by=_NEVER)
    if machine.is_token_misused:
        return Cell(gettext("jeton connu d'un autre"), "trouble", by=_NEVER)
    if machine.heard_at is None:
        said = gettext("sans nouvelles") if machine.was_seen else gettext("jamais")
        return Cell(said, "trouble", by=_NEVER)
    tone = "trouble" if machine.is_silent else ""
    said = seen_words(machine.heard_at, machine.zone, now)
    return Cell(said, tone, by=machine.heard_at)


def update_cell(machine: KioskMachine, rings: SiteRings) -> Cell:
    """Say how a kiosk's last update ended."""
    update = machine.update
    if update is None:
        return Cell("", by=_NEVER)
    tone = _tone(machine.lacks_update(rings.given_out))
    return Cell(update_words(update), tone, by=update.tried_at or _NEVER)


def _version_words(
    machine: KioskMachine, told: MachineReport | None, pilots: Collection[str]
) -> str:
    version = told.version if told else ""
    if machine.slug not in pilots:
        return version
    return gettext("%(version)s pilote", version=version).strip()


def _test_cell(machine: KioskMachine) -> Cell:
    if machine.not_wiped is not None:
        return Cell(gettext("en panne : pas effacée"), "trouble", by=0)
    if machine.test is None:
        return Cell("", by=1)
    failed = failures_of(machine.test)
    if not failed:
        return Cell(gettext("en ordre"), "well", by=2)
    names = ", ".join(dict.fromkeys(name_of(each.name) for each in failed))
    return Cell(gettext("panne : %(what)s", what=names), "trouble", by=0)


def _told_cells(
    told: MachineReport | NodeReport | None, zone: ZoneInfo, now: datetime
) -> list[Cell]:
    """Give the cells of disk, clock, address and certificate."""
    if told is None:
        return [Cell("", by=-1), Cell("", by=0), Cell(""), Cell("", by=_NEVER)]
    free, size, ends = told.disk_free_bytes, told.disk_bytes, told.certificate_ends
    ahead = told.clock_ahead_seconds if isinstance(told, MachineReport) else 0
    right = gettext("juste") if isinstance(told, MachineReport) else ""
    return [
        Cell(disk_words(free, size), _tone(is_disk_low(free, size)), by=free or -1),
        Cell(clock_off_words(ahead) or right, _tone(bool(ahead)), by=abs(ahead)),
        Cell(told.address if isinstance(told, MachineReport) else ""),
        Cell(
            short_date(ends.astimezone(zone).date()) if ends else "",
            _tone(ends_soon(ends, now)),
            by=ends or _NEVER,
        ),
    ]


def _tone(is_wrong: bool) -> str:
    return "trouble" if is_wrong else ""
