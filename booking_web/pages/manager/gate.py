# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets those in who publish an organisation's hours, and nobody else."""

from flask import Blueprint

from booking_web.domain.rights.person import Right
from booking_web.shell.signed_in import gate

blueprint = Blueprint("manager", __name__, url_prefix="/organisme/heures")
blueprint.before_request(gate(Right.HOURS, "manager.show"))
