# SPDX-License-Identifier: AGPL-3.0-or-later
"""The paper on which a resident reads all that is held: the same rows as the data, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.held.collecting import Held, Row
from booking_web.domain.residents.postal import address_in
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.domain.retention.periods import periods
from booking_web.domain.retention.terms import Terms
from booking_web.pages.oversight.rights.facts import (
    Fact,
    Stretch,
    cv_facts,
    facts_of,
)
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.document_kinds import DocumentKind
from booking_web.tables.document_sources import Source
from booking_web.tables.messages import Channel, MessageKind, MessageState
from booking_web.tables.restrictions import Ground
from booking_web.words import messages as message_words
from booking_web.words.dates import short_date
from booking_web.words.documents import KINDS, ORIGINS
from booking_web.words.journal import act_words
from booking_web.words.notices import HELD, for_how_long
from booking_web.words.restrictions import GROUNDS
from provisioning.database.models import Kiosk, Relay
from provisioning.directory.usual_time_zone import usual_time_zone

# So many of the latest acts are on this paper; all of them are in the data.
MOST_ACTS = 200


def paper_page(
    session: Session,
    resident: Resident,
    held: Held,
    missing: Sequence[str],
    sms: Mapping[int, str],
    now: datetime,
) -> str:
    """Give the page that WeasyPrint lays out."""
    zone = ZoneInfo(resident.relay.time_zone or usual_time_zone(session))
    tables, when = held.tables, Stretch(zone)
    acts = tables["journal"][: -MOST_ACTS - 1 : -1]
    return render_template(
        "papers/held.html",
        name=resident.name,
        relay=resident.relay.name,
        day=short_date(local_day(now, zone)),
        who=_who(resident),
        appointments=_appointments(session, tables, when),
        documents=[_document(each, when) for each in tables["document"]],
        forms=[_form(each, when) for each in tables["draft"] if each["values"]],
        cvs=[cv_facts(each["content"]) for each in tables["cv"] if each["content"]],
        waiting=[_waiting(each, when) for each in tables["waiting_entry"]],
        messages=[_message(each, when) for each in tables["message"]],
        sms=[text.partition("\n\n")[2].strip() for text in sms.values()],
        receivers=_receivers(tables),
        acts=[
            (when.moment(each["at"]), each["actor"], act_words(each["act"]))
            for each in acts
        ],
        more_acts=len(tables["journal"]) > MOST_ACTS,
        kept=[
            (HELD[each.held], for_how_long(each.lasts))
            for each in periods(Terms.of(services().settings))
        ],
        restricted=_restricted(tables, when),
        is_in_call=held.is_in_call,
        on_their_way=held.scans_on_their_way,
        gone=len(missing) + len(held.unreadable),
    )


def _who(resident: Resident) -> list[Fact]:
    born = resident.birth_date
    told = {
        gettext("Nom"): resident.name,
        gettext("Date de naissance"): short_date(born) if born else "",
        gettext("Téléphone"): readable_telephone(resident.telephone),
        gettext("Adresse e-mail"): resident.email,
        gettext("Adresse postale"): address_in(resident).one_line,
        gettext("Relais"): resident.relay.name,
    }
    nothing = gettext("rien n'est noté")
    return [(label, words or nothing) for label, words in told.items()]


def _restricted(tables: Mapping[str, list[Row]], when: Stretch) -> list[Fact]:
    rows = tables["restriction"][:1]
    return [
        fact
        for row in rows
        for fact in (
            (gettext("Depuis"), when.day(row["noted_at"])),
            (gettext("Motif"), str(GROUNDS[Ground(row["ground"])])),
            (gettext("Fin prévue"), row["ends_when"]),
        )
    ]


def _appointments(
    session: Session, tables: Mapping[str, list[Row]], when: Stretch
) -> list[tuple[str, list[Fact]]]:
    numbers = [each["id"] for each in tables["appointment"]]
    relays = dict(
        session.execute(
            select(Appointment.id, Relay.name)
            .join(Kiosk, Kiosk.id == Appointment.kiosk_id)
            .join(Relay, Relay.id == Kiosk.relay_id)
            .where(Appointment.id.in_(numbers))
        ).all()
    )
    return [
        (
            gettext(
                "%(when)s, %(organisation)s, %(relay)s",
                when=when.moment(each["starts_at"]),
                organisation=each["organisation"],
                relay=relays[each["id"]],
            ),
            facts_of(each, tables),
        )
        for each in tables["appointment"]
    ]


def _document(row: Row, when: Stretch) -> tuple[str, str, str, str]:
    kind = str(KINDS[DocumentKind(row["kind"])]) if row["kind"] else ""
    title = row["title"] or kind or gettext("Document")
    origin = str(ORIGINS[Source(row["source"])])
    pages = ngettext("%(num)d page", "%(num)d pages", row["pages"])
    if row["removed_at"] is not None:
        where = gettext("effacé le %(day)s", day=when.day(row["removed_at"]))
    else:
        where = row["file"] or gettext("introuvable")
    return (when.day(row["created_at"]), title, f"{origin}, {pages}", where)


def _form(row: Row, when: Stretch) -> tuple[str, str, list[Fact]]:
    facts = [(each["label"], each["value"]) for each in row["values"] if each["value"]]
    return row["edition"], when.day(row["changed_at"]), facts


def _waiting(row: Row, when: Stretch) -> str:
    return gettext(
        "%(organisation)s, demandé le %(day)s",
        organisation=row["organisation"],
        day=when.day(row["created_at"]),
    )


def _message(row: Row, when: Stretch) -> tuple[str, str, str, str]:
    return (
        when.day(row["created_at"]),
        str(message_words.KINDS[MessageKind(row["kind"])]),
        str(message_words.CHANNELS[Channel(row["channel"])]),
        str(message_words.STATES[MessageState(row["state"])].word),
    )


def _receivers(tables: Mapping[str, list[Row]]) -> list[str]:
    """Name those to whom something of it went: organisations, and programs of theirs."""
    found: set[str] = {each["organisation"] for each in tables["appointment"]}
    found |= {each["from_organisation"] for each in tables["handover"]}
    found |= {each["to_organisation"] for each in tables["handover"]}
    programs: set[Any] = {each["webhook"] for each in tables["webhook_event"]}
    told = {gettext("Logiciel %(name)s", name=each) for each in programs}
    return sorted(found) + sorted(told)
