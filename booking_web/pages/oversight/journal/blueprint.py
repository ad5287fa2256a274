# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets the data protection officer in, and nobody else."""

from flask import Blueprint

from booking_web.domain.rights.person import Right
from booking_web.shell.signed_in import gate

blueprint = Blueprint("journal", __name__, url_prefix="/journal")
blueprint.before_request(gate(Right.JOURNAL, "journal.show"))
