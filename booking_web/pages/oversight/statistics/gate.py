# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets those in who may read the statistics, and nobody else."""

from flask import Blueprint

from booking_web.domain.rights.person import Right
from booking_web.shell.signed_in import gate

blueprint = Blueprint("figures", __name__, url_prefix="/statistiques")
blueprint.before_request(gate(Right.FIGURES, "figures.show"))
