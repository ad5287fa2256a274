# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second step of a sign-in: the code of the telephone, or a recovery code.

Nobody is signed in before it; the sign-in that it opens has a key of its own.
"""

from http import HTTPStatus

import structlog
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from booking_web.shell.sign_in import half_session
from booking_web.shell.sign_in.given_codes import Given, given_code
from booking_web.shell.sign_in.landing import landing
from booking_web.shell.sign_in.pages import start_session

logger = structlog.get_logger(__name__)
blueprint = Blueprint("second_step", __name__, url_prefix="/connexion/code")


class CodeForm(FlaskForm):
    """The code; the token was checked before the view."""

    class Meta:
        csrf = False

    code = StringField()


@blueprint.route("", methods=["GET", "POST"])
def ask() -> Response | str | tuple[str, int]:
    """Ask for the code; sign in whoever gives the right one in the browser of the password."""
    wanted = request.args.get("next", "")
    user = half_session.person_half_way()
    if user is None:
        half_session.forget()
        if current_user.is_authenticated:
            return redirect(landing(current_user.role, wanted), 303)
        return _start_again(wanted)
    form = CodeForm(formdata=request.form)
    if request.method == "GET":
        return _page(wanted)
    given = given_code(user, form.code.data or "")
    if given is None:
        logger.warning("code refused", user=user.id)
        return _page(wanted, has_failed=True), HTTPStatus.UNPROCESSABLE_ENTITY
    if not start_session(user, half=half_session.half_key()):
        half_session.forget()
        return _start_again(wanted)
    if given is Given.RECOVERY:
        flash(gettext("Vous venez d'utiliser un code de secours : il ne sert plus."))
        return redirect(url_for("second_factor.show", next=wanted or None), 303)
    return redirect(landing(user.role, wanted), 303)


def _start_again(wanted: str) -> Response:
    return redirect(url_for("accounts.sign_in", next=wanted or None), 303)


def _page(wanted: str, *, has_failed: bool = False) -> str:
    return render_template(
        "shell/sign_in/second_factor/ask.html",
        title=gettext("Code du téléphone"),
        wanted=wanted,
        has_failed=has_failed,
        is_recovery="secours" in request.args,
    )
