# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a browser becomes a kiosk's second screen, and which kiosk a browser is.

It brings a code, once, and then has a cookie of its own. The cookie opens the screen's pages
alone; the token of the kiosk's bridge opens none of them.
"""

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField

from booking_web.base.transactions import in_transaction
from booking_web.shell.services import services
from booking_web.shell.site.host_cookies import KIOSK_COOKIE
from provisioning.database.models import Kiosk
from provisioning.directory.screen_enrolment import enrol_screen, kiosk_of_screen

# No code is longer, however it is typed.
CODE_LENGTH = 60

blueprint = Blueprint("kiosk_enrolment", __name__, url_prefix="/borne")


class EnrolmentForm(FlaskForm):
    """The code, as it was handed over."""

    code = StringField()


@blueprint.get("/rattacher")
def ask() -> Response | str:
    """Ask for the code; a browser that is a screen already goes on to its page.

    The kiosk's browser opens this address, with the code in it, at each start. Only the form
    takes the code: an address that is merely looked at changes nothing.
    """
    if present_kiosk() is not None:
        return _to_screen()
    form = EnrolmentForm(code=request.args.get("code", "")[:CODE_LENGTH])
    return render_template(
        "shell/sign_in/kiosk_enrolment.html", form=form, is_refused=False
    )


@blueprint.post("/rattacher")
def take() -> Response:
    """Exchange a good code for the screen's cookie."""
    form = EnrolmentForm()
    code = (form.code.data or "")[:CODE_LENGTH]

    def work(session: Session) -> str | None:
        return enrol_screen(session, code, services().now())

    secret = in_transaction(services().database, work)
    if secret is None:
        form.code.data = ""
        page = render_template(
            "shell/sign_in/kiosk_enrolment.html", form=form, is_refused=True
        )
        return make_response(page, 403)
    response = _to_screen()
    is_secure = services().settings.secure_cookies
    # A kiosk whose programs are older keeps the former one alone from call to call.
    KIOSK_COOKIE.give_former(response, secret, is_secure=is_secure)
    KIOSK_COOKIE.give(response, secret, is_secure=is_secure)
    return response


def renew_cookie(response: Response) -> None:
    """Give a screen that was let in before the cookie of today besides."""
    is_secure = services().settings.secure_cookies
    if KIOSK_COOKIE.is_former_alone(request.cookies, is_secure=is_secure):
        KIOSK_COOKIE.give(response, _secret(), is_secure=is_secure)


def _secret() -> str:
    is_secure = services().settings.secure_cookies
    return KIOSK_COOKIE.value_in(request.cookies, is_secure=is_secure)


def present_kiosk() -> Kiosk | None:
    """Give the kiosk whose screen asks, by its cookie; None for anybody else."""
    secret = _secret()
    if not secret:
        return None
    with services().database.read() as session:
        return kiosk_of_screen(session, secret)


def known_kiosk() -> Kiosk:
    """Give the kiosk whose screen asks; 403 for anybody else."""
    kiosk = present_kiosk()
    if kiosk is None:
        abort(403)
    return kiosk


def _to_screen() -> Response:
    return redirect(url_for("kiosk_screen.show"), 303)  # type: ignore[return-value]
