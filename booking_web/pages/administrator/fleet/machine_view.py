# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the page of one machine shows: its facts, its self-tests, what it was asked to do."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.published_rings import SiteRings
from booking_web.domain.fleet.diagnosis import archive_of
from booking_web.domain.fleet.limits import (
    ends_soon,
    is_backup_old,
    is_disk_low,
    is_security_old,
)
from booking_web.domain.fleet.machines_now import KioskMachine
from booking_web.domain.fleet.self_tests import (
    Check,
    checks_of,
    failures_of,
    kept_self_tests,
)
from booking_web.pages.administrator.entries.listing import Cell
from booking_web.pages.administrator.fleet.openings import opening_cell
from booking_web.pages.administrator.fleet.table import seen_cell, update_cell
from booking_web.tables.fleet import (
    CheckState,
    Diagnosis,
    KioskOrder,
    MachineReport,
    NodeReport,
    OrderKind,
    SelfTest,
)
from booking_web.tables.wipes import KioskWipe
from booking_web.words.clock import clock_off_words
from booking_web.words.fleet import (
    ORDER_STATES,
    ORDERS,
    disk_words,
    failing_words,
    misuse_words,
    moment_words,
    size_words,
)
from booking_web.words.self_tests import (
    REASONS,
    STATES,
    cause_for_repair,
    cause_for_secretary,
    name_of,
)
from booking_web.words.updates import update_cause_words
from booking_web.words.wipes import cause_for_repair as cause_of_wipe
from provisioning.database.models import User

ORDERS_SHOWN = 10
# The tone of each state of a check.
_TONES = {CheckState.OK: "well", CheckState.FAILED: "trouble", CheckState.ABSENT: ""}

Facts = tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class CheckLine:
    """One check: what it found, what a secretary and what the one who repairs reads."""

    name: str
    state: Cell
    said: str
    for_repair: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class KioskView:
    """All that the page of a kiosk's machine shows."""

    facts: Facts
    # When and why the last self-test was made; empty where there was none.
    tested: str
    checks: tuple[CheckLine, ...]
    former: tuple[tuple[str, Cell], ...]
    orders: tuple[tuple[str, str], ...]
    asked: frozenset[str]
    # The order that brought the archive that lies ready, and what is said of it.
    archive: tuple[int, str] | None
    # Its ring, and how its last update ended.
    updates: Facts
    packages: tuple[tuple[str, str], ...]
    # What is said of another machine that comes with this kiosk's token.
    stranger: str
    # What is said of a token with which somebody asked for new secrets.
    misused: str
    # What is left of its last appointment, and what to do; empty: nothing.
    not_wiped: str


def kiosk_view(
    session: Session, machine: KioskMachine, rings: SiteRings, now: datetime
) -> KioskView:
    """Read the page of a kiosk's machine."""
    zone, told = machine.zone, machine.report
    tests = kept_self_tests(session, machine.kiosk_id)
    archive = archive_of(session, machine.kiosk_id)
    return KioskView(
        facts=_with_opening(session, machine, _kiosk_facts(machine, now)),
        tested=_tested(tests[0], zone) if tests else "",
        checks=tuple(_check(each) for each in checks_of(tests[0])) if tests else (),
        former=tuple((_tested(each, zone), _result(each)) for each in tests[1:]),
        orders=_orders(session, machine),
        asked=frozenset(str(each.kind) for each in machine.orders),
        archive=_archive(archive, zone) if archive else None,
        updates=_update_facts(machine, rings),
        packages=tuple(sorted(told.packages.items())) if told else (),
        misused=_misused(told, zone) if told and machine.is_token_misused else "",
        stranger=_stranger(told, zone) if told and machine.is_another else "",
        not_wiped=_not_wiped(machine.not_wiped, zone) if machine.not_wiped else "",
    )


def _with_opening(session: Session, machine: KioskMachine, facts: Facts) -> Facts:
    opening = opening_cell(session, machine.kiosk_id)
    if not opening.text:
        return facts
    return (*facts, (gettext("Ouverture du matin"), opening))


def _update_facts(machine: KioskMachine, rings: SiteRings) -> Facts:
    is_pilot, update = machine.slug in rings.pilots, machine.update
    ring = gettext("pilote") if is_pilot else gettext("toutes les bornes")
    given = rings.published
    version = (given.pilot if is_pilot else given.stable) if given else ""
    facts = [
        (gettext("Vague"), Cell(ring)),
        (gettext("Version de la vague"), Cell(version)),
        (gettext("Version installée"), Cell(machine.package)),
    ]
    if update is not None:
        at = moment_words(update.tried_at, machine.zone) if update.tried_at else ""
        why = update_cause_words(update.cause) if update.cause else ""
        facts += [
            (gettext("Dernière mise à jour"), update_cell(machine, rings)),
            (gettext("Essayée"), Cell(at)),
            (gettext("Pourquoi"), Cell(why)),
        ]
    return tuple((label, cell) for label, cell in facts if cell.text)


def _archive(archive: Diagnosis, zone: ZoneInfo) -> tuple[int, str]:
    said = gettext(
        "%(size)s, reçue le %(moment)s",
        size=size_words(archive.size),
        moment=moment_words(archive.received_at, zone),
    )
    return archive.order_id, said


def node_facts(node: NodeReport, zone: ZoneInfo, now: datetime) -> Facts:
    """Give what is known of a machine of the server."""
    facts = [(gettext("Vue"), Cell(moment_words(node.heard_at, zone)))]
    facts += _told_facts(node, zone, now)
    if node.is_backup_watched:
        is_old = is_backup_old(node.backed_up_at, now)
        at = node.backed_up_at
        said = moment_words(at, zone) if at else gettext("jamais")
        facts.append((gettext("Sauvegarde"), Cell(said, "trouble" if is_old else "")))
    if node.failing is not None:
        said = failing_words(node.failing)
        facts.append(
            (gettext("Contrôles"), Cell(said, "trouble" if node.failing else ""))
        )
    return tuple(facts)


def _kiosk_facts(machine: KioskMachine, now: datetime) -> Facts:
    told, zone = machine.report, machine.zone
    seen = seen_cell(machine, now)
    facts = [(gettext("Relais"), Cell(machine.relay)), (gettext("Vue"), seen)]
    if told is None or told.heard_at is None:
        return tuple(facts)
    ahead = told.clock_ahead_seconds
    said = clock_off_words(ahead) or gettext("juste")
    facts += _told_facts(told, zone, now)
    facts += [
        (gettext("Sécurité de Debian"), _security(told, zone, told.heard_at)),
        (gettext("Horloge"), Cell(said, "trouble" if ahead else "")),
        (gettext("Adresse"), Cell(told.address)),
        (gettext("Écrans"), Cell(", ".join(_screen(each) for each in told.screens))),
        (gettext("Identifiant"), Cell(told.machine_id[:12])),
    ]
    return tuple((label, cell) for label, cell in facts if cell.text)


def _told_facts(
    told: MachineReport | NodeReport, zone: ZoneInfo, now: datetime
) -> list[tuple[str, Cell]]:
    free, size, ends = told.disk_free_bytes, told.disk_bytes, told.certificate_ends
    low = "trouble" if is_disk_low(free, size) else ""
    soon = "trouble" if ends_soon(ends, now) else ""
    moments = [
        (gettext("Démarrée"), told.booted_at, ""),
        (gettext("Fin du certificat"), ends, soon),
    ]
    return [
        (gettext("Version"), Cell(told.version)),
        (gettext("Disque libre"), Cell(disk_words(free, size), low)),
        *(
            (label, Cell(moment_words(at, zone), tone))
            for label, at, tone in moments
            if at is not None
        ),
    ]


def _security(told: MachineReport, zone: ZoneInfo, told_at: datetime) -> Cell:
    """Say of when the list of security updates is; nothing where the kiosk does not tell."""
    if not told.tells_security:
        return Cell("")
    signed_at = told.security_signed_at
    tone = "trouble" if is_security_old(signed_at, told_at) else ""
    if signed_at is None:
        return Cell(gettext("aucune liste lue"), tone)
    return Cell(
        gettext("liste du %(moment)s", moment=moment_words(signed_at, zone)), tone
    )


def _screen(told: Any) -> str:
    """Say a screen: its socket, what it is and its size, as far as its kiosk tells."""
    if not isinstance(told, dict):
        return str(told)
    size = "×".join(str(told[side]) for side in ("width", "height") if side in told)
    words = (told.get("name"), told.get("model"), size)
    return " ".join(str(word) for word in words if word)


def _tested(test: SelfTest, zone: ZoneInfo) -> str:
    return gettext(
        "%(moment)s, %(reason)s, version %(version)s",
        moment=moment_words(test.heard_at, zone),
        reason=REASONS[test.reason],
        version=test.version,
    )


def _result(test: SelfTest) -> Cell:
    failed = failures_of(test)
    if not failed:
        return Cell(gettext("en ordre"), "well")
    told = (f"{name_of(each.name)} ({each.cause or '?'})" for each in failed)
    return Cell(gettext("panne : %(what)s", what=", ".join(told)), "trouble")


def _check(check: Check) -> CheckLine:
    has_failed = check.has_failed
    return CheckLine(
        name_of(check.name),
        Cell(str(STATES[check.state]), _TONES[check.state]),
        cause_for_secretary(check.name, check.cause) if has_failed else "",
        cause_for_repair(check.cause) if check.cause else "",
        tuple((name, _plain(value)) for name, value in check.details.items()),
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _orders(session: Session, machine: KioskMachine) -> tuple[tuple[str, str], ...]:
    query = select(KioskOrder).where(KioskOrder.kiosk_id == machine.kiosk_id)
    orders = session.scalars(query.order_by(KioskOrder.id.desc()).limit(ORDERS_SHOWN))
    return tuple(
        (
            gettext(
                "%(what)s, demandé le %(moment)s par %(who)s",
                what=ORDERS[OrderKind(order.kind)],
                moment=moment_words(order.asked_at, machine.zone),
                who=_who(session, order.asked_by),
            ),
            str(ORDER_STATES[order.state]),
        )
        for order in orders
    )


def _who(session: Session, actor: str) -> str:
    kind, _, number = actor.partition(":")
    user = session.get(User, int(number)) if kind == "user" else None
    return user.name if user is not None else actor


def _not_wiped(wipe: KioskWipe, zone: ZoneInfo) -> str:
    said = gettext(
        "La borne est en panne depuis : %(since)s. Après le rendez-vous n° %(number)s, il "
        "n'est pas prouvé que tout y est effacé. Personne n'y est appelé.",
        since=moment_words(wipe.since, zone),
        number=wipe.appointment_id or "?",
    )
    return f"{said} {cause_of_wipe(wipe.failures)}"


def _misused(told: MachineReport, zone: ZoneInfo) -> str:
    assert told.misused_at is not None
    seen = gettext("Vu : %(seen)s.", seen=moment_words(told.misused_at, zone))
    return f"{misuse_words(told.misused_address)} {seen}"


def _stranger(told: MachineReport, zone: ZoneInfo) -> str:
    if told.stranger_at is None:
        return ""
    return gettext(
        "Une autre machine (%(machine)s) s'est présentée avec le jeton de cette borne, de "
        "l'adresse %(address)s, le %(moment)s. Elle est refusée. Si vous avez remplacé la "
        "borne, rattachez la nouvelle par un code ; sinon, coupez l'accès.",
        machine=told.stranger_id[:12],
        address=told.stranger_address or "?",
        moment=moment_words(told.stranger_at, zone),
    )
