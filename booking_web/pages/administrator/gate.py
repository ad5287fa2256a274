# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets administrators in, and nobody else."""

from dataclasses import dataclass

from flask import Blueprint, abort, request, url_for
from flask_login import current_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from provisioning.database.models import UserRole

blueprint = Blueprint("administrator", __name__, url_prefix="/administration")


@dataclass(frozen=True)
class Administrator:
    """The signed-in administrator."""

    user_id: int

    @property
    def actor(self) -> str:
        """Name this person in the journal."""
        return f"user:{self.user_id}"


def administrator() -> Administrator:
    """Give the signed-in administrator; refuses (403) every other role."""
    if current_user.role != UserRole.ADMINISTRATOR:
        abort(403)
    return Administrator(current_user.id)


@blueprint.before_request
def require_sign_in() -> Response | None:
    """Send away whoever is not signed in."""
    if current_user.is_authenticated:
        administrator()
        return None
    is_page = request.method == "GET"
    here = request.full_path if is_page else url_for("administrator.overview")
    return redirect(url_for("accounts.sign_in", next=here.rstrip("?")), 303)
