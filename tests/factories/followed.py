# SPDX-License-Identifier: AGPL-3.0-or-later
"""A draft that a kiosk's second screen follows in a call, of a form with each kind of field."""

from dataclasses import dataclass

from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.documents.archive import Archive
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.library import Library, Sent
from booking_web.domain.kiosks.second_screen import show_draft
from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Database
from provisioning.database.models import Organisation
from stage.kiosk_ground import in_call
from tests.factories import pdf_forms
from tests.factories.drafts import ANNE, anne_of, edition_of
from tests.factories.forms_read import read_form


@dataclass
class Followed:
    """A draft in its call; `write` is what the counsellor's page does with each key."""

    database: Database
    drafts: Drafts
    appointment_id: int
    draft_id: int
    revision: int = 0

    def show(self, page: int = 1, place: str = "") -> bool:
        """Have the second screen follow it."""
        with self.database.write() as session:
            appointment = session.get_one(Appointment, self.appointment_id)
            anne = anne_of(appointment.organisation_id)
            return show_draft(
                session, appointment, self.draft_id, page, place, anne, utc_now()
            )

    def write(self, field: str, value: str) -> None:
        """Fill a field in."""
        saved = self.drafts.save_field(
            self.draft_id, self.revision, field, value, ANNE, field
        )
        self.revision = saved.revision


def follow_a_draft(
    database: Database, archive: Archive, form: pdf_forms.PdfForm | bytes | None = None
) -> Followed:
    """Take a form into the MSA's library, and begin a draft of it in a call."""
    content = form or pdf_forms.request_for_a_home()
    pdf = content if isinstance(content, bytes) else content.saved()
    with database.read() as session:
        msa = session.scalars(
            select(Organisation.id).where(Organisation.slug == "msa")
        ).one()
    library = Library(database, archive.store, utc_now)
    sent = Sent(msa, "user:1", f"followed {hash(pdf)}")
    form_id = library.take_in(sent, "Demande de logement", read_form(pdf))
    drafts = Drafts(database, archive.store.key, utc_now)
    appointment_id = in_call(database)
    draft_id = drafts.begin(edition_of(database, form_id), appointment_id, ANNE)
    return Followed(database, drafts, appointment_id, draft_id)
