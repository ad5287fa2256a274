# SPDX-License-Identifier: AGPL-3.0-or-later
"""An object of each kind, own and foreign."""

import secrets
import uuid
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.appointments.booking import book
from booking_web.domain.documents.archive import Archive
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.library import Library, Sent
from booking_web.domain.kiosks.second_screen import show_page
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.calendar_feeds import CalendarFeed
from booking_web.tables.device_jobs import Operation
from booking_web.tables.documents import DeviceJob, Document, ScanUpload
from booking_web.tables.fleet import KioskOrder, OrderKind
from booking_web.tables.forms import FormEdition
from booking_web.tables.handovers import Handover, HandoverState
from booking_web.tables.hours import Closure, Opening
from booking_web.tables.mandates import Mandate
from booking_web.tables.messages import Message
from booking_web.tables.presence import HelpCall
from booking_web.tables.printed_forms import PrintedForm, ReturnedPage
from booking_web.tables.states import AppointmentState as S
from booking_web.tables.waiting import WaitingEntry
from provisioning.database.engine import Database
from provisioning.database.models import (
    Counsellor,
    Counter,
    Kiosk,
    Organisation,
    Relay,
    User,
)
from stage.appointments import put_appointment
from stage.kiosk_ground import add_document, bring_to, make_pdf
from tests.factories.drafts import edition_of
from tests.factories.forms_described import an_allowance
from tests.factories.forms_read import read_form
from tests.factories.orders import an_order
from tests.factories.pdf_forms import PdfForm
from tests.factories.printed_forms import Paper
from tests.integration.booking_web.matrix.sides import SIDES, STREETS, WORDS, Side
from tests.integration.booking_web.matrix.table import MANAGER


def objects_of(database: Database, archive, side: str):
    """Make an object of each kind on this side, and give what names each in an address."""
    asked = SIDES[side]
    relay, organisation, email = asked.home, asked.organisation, asked.email
    _have_kiosk(database, asked)
    appointment = _appointment(database, side)
    title = f"Titre {WORDS[side]}"
    document = add_document(archive, appointment, make_pdf(), title).number
    _show_first_page(database, appointment)
    draft = _draft(database, archive, appointment, side)
    printed = _printed(database, archive, appointment, side)
    found = {
        **printed,
        "": {},
        "draft": {"appointment_id": appointment, "draft_id": draft},
        "appointment": {"appointment_id": appointment},
        "document": {"appointment_id": appointment, "number": document},
        "job": {"appointment_id": appointment, "number": 1},
        "kiosk": {"kiosk_id": _number_of(database, asked.kiosk)},
    }
    found["handover"] = {"handover_id": _handover(database, asked)}
    now = datetime.now(UTC)
    with database.write() as session:
        kiosk = session.scalars(select(Kiosk).where(Kiosk.slug == asked.kiosk)).one()
        user_id = session.scalars(select(User.id).where(User.email == email)).one()
        relay_id = session.scalars(select(Relay.id).where(Relay.slug == relay)).one()
        body = session.scalars(
            select(Organisation).where(Organisation.slug == organisation)
        ).one()
        counter = session.scalars(
            select(Counter).where(Counter.organisation_id == body.id)
        ).first()
        family = WORDS[side] if side == "own" else STREETS[side]
        residents = [
            Resident(
                relay_id=relay_id,
                name=f"{first} {family}",
                search_key=f"{family} {first}".lower(),
                street=STREETS[side],
                postcode="02999",
                commune=f"Sainte-{STREETS[side]}",
                created_at=now,
                created_by_id=user_id,
                seen_at=now,
            )
            for first in ("Ada", "Ida")
        ]
        session.add_all(residents)
        session.flush()
        if side != "own":
            session.get_one(Appointment, appointment).resident_id = residents[0].id
        rows = {
            "entry_id": WaitingEntry(
                relay_id=relay_id,
                organisation_id=body.id,
                resident_id=residents[0].id,
                state="waiting",
                passed=[],
                created_at=now,
                created_by_id=user_id,
            ),
            "message_id": Message(
                appointment_id=appointment,
                kind="booked",
                channel="email",
                sequence=0,
                state="given_up",
                attempts=1,
                next_attempt_at=now,
                reason="address_refused",
                created_at=now,
                state_since=now,
            ),
            "help_call_id": HelpCall(kiosk_id=kiosk.id, asked_at=now),
            "feed_id": CalendarFeed(
                token_digest=secrets.token_hex(32),
                relay_id=relay_id,
                label=f"Agenda {WORDS[side]}",
                created_at=now,
                created_by_id=user_id,
            ),
            "counter_feed_id": CalendarFeed(
                token_digest=secrets.token_hex(32),
                counter_id=counter.id,
                label=f"Agenda {WORDS[side]}",
                created_at=now,
                created_by_id=user_id,
            ),
            "job_id": DeviceJob(
                appointment_id=appointment,
                number=1,
                uuid=str(uuid.uuid4()),
                operation=Operation.SCAN,
                created_at=now,
                created_by=f"user:{user_id}",
                changed_at=now,
            ),
            "opening_id": Opening(
                counter_id=counter.id,
                first_day=date(2031, 1, 1),
                weekdays=31,
                every_weeks=1,
                opens_minute=540,
                closes_minute=600,
            ),
            "mandate_id": Mandate(
                appointment_id=appointment,
                organisation_id=body.id,
                representative=f"Mme {WORDS[side]}",
                relation="family",
                for_appointments=True,
                for_documents=False,
                starts_on=now.date(),
                ends_on=now.date() + timedelta(days=2),
                document_id=session.scalars(
                    select(Document.id).where(Document.appointment_id == appointment)
                ).first(),
                made_at=now,
                made_by=f"user:{user_id}",
            ),
            "closure_id": Closure(
                organisation_id=body.id,
                first_day=date(2031, 5, 1),
                last_day=date(2031, 5, 2),
                label=f"Pont {WORDS[side]}",
            ),
            "order_id": KioskOrder(
                kiosk_id=kiosk.id,
                kind=OrderKind.DIAGNOSE,
                asked_by=f"user:{user_id}",
                asked_at=now,
            ),
            "upload_id": ScanUpload(
                id=secrets.token_hex(16),
                appointment_id=appointment,
                kiosk_id=kiosk.id,
                job=str(uuid.uuid4()),
                sha256=secrets.token_hex(32),
                size=10,
                pages=1,
                created_at=now,
            ),
        }
        session.add_all(rows.values())
        session.flush()
        for name, row in rows.items():
            kind = name.removesuffix("_id").removesuffix("_call")
            found.setdefault(kind, {name: row.id})
        found["mandate"] |= {"appointment_id": appointment}
        # A manager hands out the counters' calendars, a secretary the relay's.
        found[f"feed of {MANAGER}"] = {"feed_id": rows["counter_feed_id"].id}
        answers = Counsellor.organisation_id == body.id
        answering = session.scalars(select(Counsellor.id).where(answers)).first()
        found["counsellor"] = {"counsellor_id": answering}
        found["resident"] = {"resident_id": residents[0].id}
        found["residents"] = found["resident"] | {"other_id": residents[1].id}
    return found | _form(database, archive, organisation, side)


def _handover(database: Database, asked: Side) -> int:
    """Have the organisation hand an appointment, of some other time, to a third one."""
    now = datetime.now(UTC)
    with database.write() as session:
        number = put_appointment(
            session,
            asked.kiosk,
            "mission-locale-thierache",
            starts_at=now - timedelta(days=1),
            state=S.DONE,
        )
        ids = [
            session.scalars(select(Organisation.id).where(Organisation.slug == s)).one()
            for s in (asked.organisation, "mission-locale-thierache")
        ]
        counter = session.get_one(Appointment, number).counter_id
        row = Handover(
            appointment_id=number,
            call=f"gv-{number}-1",
            from_organisation_id=ids[0],
            from_counter_id=counter,
            to_organisation_id=ids[1],
            state=HandoverState.TAKEN,
            asked_at=now - timedelta(days=1),
            asked_by="user:1",
            ended_at=now - timedelta(days=1),
        )
        session.add(row)
        session.flush()
        return row.id


def _form(database: Database, archive, slug: str, side: str):
    """Take a form into the library of the organisation."""
    with database.read() as session:
        query = select(Organisation.id).where(Organisation.slug == slug)
        organisation_id = session.scalars(query).one()
    library = Library(database, archive.store, lambda: datetime.now(UTC))
    sent = Sent(organisation_id, "user:1", f"a form of {side}")
    form_id = library.take_in(sent, f"Formulaire {WORDS[side]}", an_allowance())
    with database.read() as session:
        query = select(FormEdition.id).where(FormEdition.form_id == form_id)
        edition_id = session.scalars(query).one()
    form = {"form_id": form_id}
    return {"form": form, "edition": form | {"edition_id": edition_id}}


def _number_of(database: Database, kiosk: str) -> int:
    with database.read() as session:
        return session.scalars(select(Kiosk.id).where(Kiosk.slug == kiosk)).one()


def _have_kiosk(database: Database, asked: Side) -> None:
    with database.write() as session:
        if session.scalar(select(Kiosk.id).where(Kiosk.slug == asked.kiosk)) is None:
            relays = select(Relay.id).where(Relay.slug == asked.relay)
            relay_id = session.scalars(relays).one()
            digest = secrets.token_hex(32)
            session.add(Kiosk(slug=asked.kiosk, relay_id=relay_id, token_digest=digest))


def _appointment(database: Database, side: str) -> int:
    """Book one that is in call: all that may be done with an appointment is then at hand."""
    asked = SIDES[side]
    now = datetime.now(UTC) - timedelta(minutes=1)
    with database.write() as session:
        user_id = session.scalars(
            select(User.id).where(User.email == asked.email)
        ).one()
        order = an_order(
            token=f"form of {side}",
            user_id=user_id,
            relay=asked.relay,
            organisation=asked.organisation,
            resident_name=f"Mme {WORDS[side]}",
            details=f"dossier {WORDS[side]}",
        )
        # Where both sides have the one counter of an organisation, the second is in its line.
        appointment = book(session, order, now).appointment
        appointment.kiosk_id = session.scalars(
            select(Kiosk.id).where(Kiosk.slug == asked.kiosk)
        ).one()
        appointment_id = appointment.id
    bring_to(database, appointment_id, S.ARRIVED, S.CALLING, S.QUEUED, S.IN_CALL)
    with database.read() as session:
        assert session.get_one(Appointment, appointment_id).state == S.IN_CALL
    return appointment_id


def _draft(database: Database, archive, appointment_id: int, side: str) -> int:
    """Begin a draft of a form of this side's organisation, nobody's any more."""
    word = WORDS[side]
    with database.read() as session:
        organisation = session.get_one(Appointment, appointment_id).organisation_id
    library = Library(database, archive.store, utc_now)
    sent = Sent(organisation, "user:1", f"form of {side}")
    pdf = PdfForm()
    pdf.field("nom", [50, 700, 250, 720])
    form = library.take_in(sent, f"Formulaire {word}", read_form(pdf.saved()))
    drafts = Drafts(database, archive.store.key, utc_now)
    begun = drafts.begin(edition_of(database, form), appointment_id, "user:1")
    drafts.save_field(begun, 0, "nom", f"Mme {word}", "user:1")
    drafts.let_go(begun, "user:1")
    return begun


def _printed(
    database: Database, archive: Archive, appointment_id: int, side: str
) -> dict[str, dict[str, int]]:
    """Print a form of this side, and have a paper come back."""
    word = WORDS[side]
    paper = Paper.on(database, archive)
    with database.read() as session:
        organisation = session.get_one(Appointment, appointment_id).organisation_id
    sent = Sent(organisation, "user:1", f"printed form of {side}")
    _, draft = paper.begin(sent, appointment_id)
    paper.print(appointment_id, draft, f"Titre {word}")
    paper.scan(appointment_id, paper.sheets(appointment_id, 2)[:1])
    with database.read() as session:
        query = select(PrintedForm.id).where(PrintedForm.draft_id == draft)
        printed = session.scalars(query).one()
        query = select(ReturnedPage.id).where(ReturnedPage.printed_form_id == printed)
        returned = session.scalars(query).one()
    of = {"appointment_id": appointment_id}
    return {
        "printed draft": of | {"draft_id": draft},
        "printed": of | {"printed_id": printed},
        "returned": of | {"returned_id": returned},
        "scan": of | {"number": 3},
    }


def _show_first_page(database: Database, appointment_id: int) -> None:
    """Have the second screen show a page of the appointment's document."""
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        document = session.scalars(
            select(Document).where(Document.appointment_id == appointment_id)
        ).one()
        show_page(session, appointment, document, 1, "kiosk", datetime.now(UTC))
