# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call that its counsellor can hand over: who has it, and which colleague is there."""

from datetime import UTC, datetime

from sqlalchemy import select

from booking_web.domain.kiosks.presence import keep_watch
from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import EndpointKind, EndpointPresence, Presence
from provisioning.database.engine import Database
from provisioning.database.models import Counsellor, User

MSA = "conseiller@msa.example"
VERVINS = "conseiller@sous-prefecture-vervins.example"
COLLEAGUE = "counsellor-msa-2"


def have_call(database: Database, appointment: int) -> None:
    """Have the MSA's first counsellor in this call, and a colleague's telephone there."""
    now = datetime.now(UTC)
    with database.write() as session:
        its = Counsellor.slug == "counsellor-msa-1"
        first = session.scalars(select(Counsellor).where(its)).one()
        account = session.scalars(select(User).where(User.email == MSA)).one()
        account.counsellor_id = first.id
        colleague = Counsellor(
            slug=COLLEAGUE, name="Mme Brun", organisation_id=first.organisation_id
        )
        there = EndpointPresence(
            slug=COLLEAGUE,
            kind=EndpointKind.COUNSELLOR,
            state=Presence.READY,
            since=now,
        )
        session.add_all([colleague, there])
        found = session.get_one(Appointment, appointment)
        found.call, found.counsellor_id = f"gv-{appointment}-1", first.id
        keep_watch(session, now)
