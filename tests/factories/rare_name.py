# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resident whose rare name stands wherever a name can stand."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking_web.base.sms_spool import SmsSpool
from booking_web.domain.cv.cvs import Cvs
from booking_web.domain.documents.archive import Archive
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.library import Library, Sent
from booking_web.domain.residents.names import search_key
from booking_web.domain.residents.register import merge_residents
from booking_web.tables.appointment import Appointment
from booking_web.tables.arrangements import Arrangement, DocumentOriginal
from booking_web.tables.conclusions import Conclusion, Outcome
from booking_web.tables.consents import Consent, ConsentAnswer
from booking_web.tables.device_jobs import Operation
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.guests import Guest, GuestEnding
from booking_web.tables.handovers import Handover, HandoverState
from booking_web.tables.mandates import Mandate, MandateRelation
from booking_web.tables.messages import Channel, Message
from booking_web.tables.postal_address import AppointmentAddress
from booking_web.tables.states import AppointmentState
from booking_web.tables.waiting import WaitingEntry
from booking_web.telling.messages.ports import Sms
from booking_web.telling.messages.sms_senders import SpoolSmsSender
from provisioning.database.engine import Database
from provisioning.database.models import Organisation
from stage.appointments import put_appointment
from stage.kiosk_ground import add_document, make_pdf
from tests.factories.drafts import ANNE, edition_of
from tests.factories.forms_described import an_allowance
from tests.factories.orders import add_resident

RARE = "Zyzzyvette"
NAME = f"Mme {RARE} Brunissart"
# Nobody else's either.
TELEPHONE = "+33323456789"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rare:
    """The resident's number, their appointment that is over, and its document's contents."""

    resident: int
    appointment: int
    contents: tuple[str, ...]


def seed_rare(
    database: Database, archive: Archive, now: datetime, ended: timedelta = 3 * DAY
) -> Rare:
    """Write the name into every row and file; the appointment ended so long ago."""
    with database.write() as session:
        body = session.scalars(
            select(Organisation.id).where(Organisation.slug == "msa")
        ).one()
        resident, double = (
            add_resident(
                session,
                now - ended,
                name=name,
                search_key=search_key(name),
                telephone=TELEPHONE,
                email=f"{RARE.lower()}@exemple.fr",
                birth_date=date(1948, 3, 7),
                **_address(),
            )
            for name in (NAME, f"{RARE} la double")
        )
        merge_residents(session, double, resident, "user:1", now - ended)
        number = put_appointment(
            session,
            "kiosk-wassigny",
            "msa",
            starts_at=now - ended - timedelta(minutes=30),
            state=AppointmentState.DONE,
        )
        appointment = session.get_one(Appointment, number)
        appointment.resident_id, appointment.resident_name = resident.id, NAME
        appointment.reason = f"retraite de {RARE}"
        session.add_all(_beside(appointment, body, resident.id, now - ended))
        resident_id = resident.id
    contents = _documents(database, archive, number, now - ended)
    _mandate(database, number, now - ended)
    _draft(database, archive, number, body, now - ended)
    cvs = Cvs(database, archive.store.key, lambda: now - ended)
    cv = cvs.begin(number, ANNE)
    cvs.save(cv, 0, {"name": NAME, "summary": f"{RARE} cherche"}, ANNE)
    cvs.agree(cv, True, ANNE)
    return Rare(resident_id, number, contents)


def _address() -> dict[str, str]:
    return {"street": f"1 rue {RARE}", "postcode": "02120", "commune": "Guise"}


def _beside(
    appointment: Appointment, body: int, resident_id: int, at: datetime
) -> list[object]:
    of = {"appointment_id": appointment.id}
    return [
        AppointmentAddress(**of, **_address()),
        Consent(
            **of,
            answer=ConsentAnswer.AGREED,
            text=f"{RARE} est d'accord",
            sha256="0" * 64,
            noted_at=at,
            noted_by="user:1",
        ),
        Conclusion(
            **of,
            outcome=Outcome.OTHER,
            note=f"{RARE} reviendra",
            noted_at=at,
            noted_by="user:1",
        ),
        Handover(
            **of,
            call="gv-1-1",
            from_organisation_id=body,
            from_counter_id=appointment.counter_id,
            to_organisation_id=1 if body != 1 else 2,
            note=f"voici {RARE}",
            outcome_note=f"{RARE} est passée",
            state=HandoverState.TAKEN,
            asked_at=at,
            asked_by="user:1",
            ended_at=at,
        ),
        Guest(
            **of,
            name=f"le fils de {RARE}",
            nonce="0" * 32,
            token_digest=f"{appointment.id:064d}",
            invited_at=at,
            expires_at=at,
            ended_at=at,
            ending=GuestEnding.EXPIRED,
        ),
        DeviceJob(
            **of,
            operation=Operation.SCAN,
            sentence=f"Numérisé pour {RARE}",
            created_at=at,
            created_by="user:1",
            changed_at=at,
        ),
        *(_sent(of, channel, at) for channel in Channel),
        WaitingEntry(
            relay_id=1,
            organisation_id=body,
            resident_id=resident_id,
            state="waiting",
            passed=[],
            created_at=at,
            created_by_id=1,
        ),
    ]


def _sent(of: dict[str, int], channel: Channel, at: datetime) -> Message:
    return Message(
        **of,
        kind="booked",
        channel=channel,
        sequence=0,
        state="sent",
        next_attempt_at=at,
        created_at=at,
        state_since=at,
    )


def lay_sms(database: Database, rare: "Rare", spool: SmsSpool) -> str:
    """Have the resident's SMS lie in its file, as if no modem's program ran; give its text."""
    with database.read() as session:
        query = select(Message.id).where(
            Message.appointment_id == rare.appointment, Message.channel == Channel.SMS
        )
        number = session.scalars(query).one()
    text = "Rendez-vous MSA : mardi à 9 h, Relais de Wassigny."
    SpoolSmsSender(spool).send(Sms(f"{number}-0", TELEPHONE, text))
    return text


def _documents(
    database: Database, archive: Archive, number: int, at: datetime
) -> tuple[str, ...]:
    """Add a document that was arranged: it has an original, and words across its pages."""
    add_document(archive, number, make_pdf(2), f"Carte de {RARE}")
    kept = add_document(archive, number, make_pdf(3), f"Avis de {RARE}")
    original = add_document(archive, number, make_pdf(4), f"Avant, {RARE}")
    with database.write() as session:
        session.add(
            DocumentOriginal(
                document_id=kept.id,
                sha256=original.sha256,
                size=original.size,
                pages=4,
                arranged_at=at,
            )
        )
        session.add(
            Arrangement(
                document_id=kept.id,
                mark=f"Copie pour {RARE}",
                changed_at=at,
                changed_by="user:1",
            )
        )
    return kept.sha256, original.sha256


def _mandate(database: Database, number: int, at: datetime) -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, number)
        paper = select(Document.id).where(Document.appointment_id == number)
        session.add(
            Mandate(
                appointment_id=number,
                organisation_id=appointment.organisation_id,
                resident_id=appointment.resident_id,
                representative=f"la fille de {RARE}",
                relation=MandateRelation.FAMILY,
                for_appointments=True,
                for_documents=False,
                matter=f"la retraite de {RARE}",
                starts_on=at.date(),
                ends_on=at.date(),
                document_id=session.scalars(paper).first(),
                made_at=at,
                made_by="user:1",
            )
        )


def _draft(
    database: Database, archive: Archive, number: int, body: int, at: datetime
) -> None:
    library = Library(database, archive.store, lambda: at)
    form_id = library.take_in(Sent(body, "user:1", "a form"), "Demande", an_allowance())
    drafts = Drafts(database, archive.store.key, lambda: at)
    draft = drafts.begin(edition_of(database, form_id), number, ANNE)
    drafts.save_field(draft, 0, "nom", NAME, ANNE)
