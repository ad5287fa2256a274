# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets administrators in, and nobody else."""

from flask import Blueprint

from booking_web.domain.rights.person import Right
from booking_web.shell.signed_in import gate

blueprint = Blueprint("administrator", __name__, url_prefix="/administration")
blueprint.before_request(gate(Right.ADMINISTRATION, "administrator.overview"))
