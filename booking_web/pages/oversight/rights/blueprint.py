# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets the data protection officer in, and finds whose rights are answered."""

from flask import Blueprint, abort
from sqlalchemy.orm import Session

from booking_web.domain.rights.person import Right
from booking_web.shell.signed_in import gate
from booking_web.tables.appointment import Resident

blueprint = Blueprint("file_rights", __name__, url_prefix="/droits")
blueprint.before_request(gate(Right.RESIDENTS_RIGHTS, "file_rights.find"))


def asked_for(session: Session, resident_id: int) -> Resident:
    """Give the resident, or the one that they were merged into; else it is not found (404)."""
    resident = session.get(Resident, resident_id)
    if resident is not None and resident.merged_into_id is not None:
        resident = session.get(Resident, resident.merged_into_id)
    if resident is None:
        abort(404)
    return resident
