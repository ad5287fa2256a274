# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of kiosks: where they stand, whether they were ever seen, their secrets."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from booking_web.pages.administrator.acts import Done
from booking_web.pages.administrator.answers import Answer, sheet
from booking_web.pages.administrator.directory.machine_facts import facts_of
from booking_web.pages.administrator.directory.secret_sheets import sheet_of
from booking_web.pages.administrator.entries.entries import register
from booking_web.pages.administrator.entries.entry_pages import EntryPages
from booking_web.pages.administrator.entries.forms import KioskForm
from booking_web.pages.administrator.entries.listing import Cell, Column, Row, Table
from booking_web.shell.kiosk_site import enrols_by_code
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.tables.states import AppointmentState
from booking_web.words.dates import day_of
from provisioning.bundles.bundle import DeviceNames
from provisioning.database.models import Kiosk, Relay, ScreenEnrolment
from provisioning.inventory.plan import Fields, Kind

NEVER_SEEN, OFFLINE = "jamais-vues", "eteintes"
STATES = {
    Presence.READY: lazy_gettext("en ligne"),
    Presence.IN_CALL: lazy_gettext("en communication"),
    Presence.PAUSED: lazy_gettext("en pause"),
    Presence.OFFLINE: lazy_gettext("hors ligne"),
}


class KioskPages(EntryPages):
    """Kiosks."""

    kind = Kind.KIOSK
    name = "kiosk"
    segment = "bornes"
    form = KioskForm
    pictogram = "laptop"

    def table(self, session: Session) -> Table:
        """List the kiosks by relay, and whether Asterisk has ever seen them."""
        query = select(Kiosk).options(joinedload(Kiosk.relay)).order_by(Kiosk.slug)
        seen = presences(session)
        return Table(
            [
                Column("borne", lazy_gettext("Borne")),
                Column("relais", lazy_gettext("Relais")),
                Column("etat", lazy_gettext("État")),
            ],
            [
                Row(
                    self.address_of(session, kiosk.slug),
                    [
                        Cell(kiosk.slug),
                        Cell(kiosk.relay.name),
                        state_cell(seen.get(kiosk.slug)),
                    ],
                    narrowings_of(seen.get(kiosk.slug)),
                )
                for kiosk in session.scalars(query)
            ],
            {
                NEVER_SEEN: lazy_gettext("Jamais en ligne"),
                OFFLINE: lazy_gettext("Hors ligne"),
            },
        )

    def offer(self, session: Session, form: Any, key: str) -> None:
        """Offer the relays."""
        relays = session.scalars(select(Relay).order_by(Relay.name))
        form.relay.offer(
            [(relay.slug, relay.name) for relay in relays],
            lazy_gettext("Choisissez un relais"),
        )
        if request.method == "GET":
            form.relay.data = request.args.get("relais")
        if key or enrols_by_code():
            # A kiosk that is enrolled by a code finds its devices itself.
            del form.printer, form.scanner

    def title_of(self, key: str, fields: Fields) -> str:
        """Name a kiosk by its key, which is also its telephone's name."""
        return key

    def wished_key(self, form: Any, fields: Fields) -> str:
        """Name a kiosk by its relay."""
        return f"kiosk-{fields['relay']}"

    def question(
        self, session: Session, key: str, before: Fields, after: Fields
    ) -> str:
        """Ask before a kiosk is moved away from appointments."""
        if before["relay"] == after["relay"]:
            return ""
        count = session.scalar(
            select(func.count())
            .select_from(Appointment)
            .join(Kiosk, Kiosk.id == Appointment.kiosk_id)
            .where(
                Kiosk.slug == key,
                Appointment.state.in_(
                    (AppointmentState.BOOKED, AppointmentState.ARRIVED)
                ),
                Appointment.ends_at > services().now(),
            )
        )
        asked = gettext(
            "La borne quitte ce relais : on n'y prendra plus de rendez-vous sur elle."
        )
        if not count:
            return asked
        return (
            ngettext(
                "%(num)d rendez-vous à venir est pris sur cette borne : il la suit. "
                "Prévenez l'usager, ou déplacez-le d'abord.",
                "%(num)d rendez-vous à venir sont pris sur cette borne : ils la suivent. "
                "Prévenez les usagers, ou déplacez-les d'abord.",
                count,
            )
            + " "
            + asked
        )

    def facts(self, session: Session, key: str) -> dict[str, Any]:
        """Give whether it was seen, and what may be done with its secret."""
        return {
            "presence": state_cell(presences(session).get(key)),
            "screen_day": screen_day(session, key),
            "access": facts_of(session, key),
            "facts_template": "administrator/_secret.html",
        }

    def after_adding(self, done: Done, form: Any) -> Answer:
        """Lead to where its PC is enrolled; else show what it starts from, once."""
        if enrols_by_code():
            said = gettext("La borne est inscrite. Rattachez-lui maintenant son PC.")
            return self.lead_to(done.key, said)
        assert done.outcome is not None
        back = url_for("administrator.kiosk_change", ref=done.key)
        devices = DeviceNames(
            printer=form.printer.data or None, scanner=form.scanner.data or None
        )
        said = str(self.words.added)
        return sheet(sheet_of(done.outcome, said, back, devices))


def screen_day(session: Session, key: str) -> str:
    """Say since when the kiosk's second screen is let in; empty where none is."""
    query = select(ScreenEnrolment.enrolled_at).join(Kiosk).where(Kiosk.slug == key)
    enrolled_at = session.scalar(query)
    return day_of(enrolled_at) if enrolled_at else ""


def presences(session: Session) -> dict[str, EndpointPresence]:
    """Give what Asterisk last said of each telephone that it has ever seen."""
    return {each.slug: each for each in session.scalars(select(EndpointPresence))}


def state_cell(presence: EndpointPresence | None) -> Cell:
    """Say whether a telephone is there."""
    if presence is None:
        return Cell(gettext("jamais en ligne"), "trouble")
    tone = "trouble" if presence.state == Presence.OFFLINE else ""
    return Cell(STATES[Presence(presence.state)], tone)


def narrowings_of(presence: EndpointPresence | None) -> frozenset[str]:
    """Tell in which narrowings a telephone is shown."""
    if presence is None:
        return frozenset({NEVER_SEEN})
    is_offline = presence.state == Presence.OFFLINE
    return frozenset({OFFLINE} if is_offline else ())


KIOSKS = register(KioskPages())
