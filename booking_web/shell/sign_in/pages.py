# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sign-in and the sign-out."""

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from booking_web.base.clock import utc_now
from booking_web.base.transactions import in_transaction
from booking_web.domain.rights.account_names import account_named, as_looked_up
from booking_web.domain.rights.known_places import place_of, remember_place
from booking_web.domain.rights.web_sessions import (
    end_web_session,
    is_alive,
    open_web_session,
)
from booking_web.shell.services import services
from booking_web.shell.sign_in.guesses import TooManyGuesses, count_attempt
from booking_web.shell.sign_in.landing import landing
from booking_web.shell.sign_in.session_cookie import KEY
from provisioning.database.models import User
from provisioning.directory.credentials import UNKNOWN_PASSWORD, is_password

blueprint = Blueprint("accounts", __name__)


class SignInForm(FlaskForm):
    """Address and password; the token was checked before the view."""

    class Meta:
        csrf = False

    email = StringField()
    password = PasswordField()


@blueprint.route("/connexion", methods=["GET", "POST"])
def sign_in() -> Response | str:
    """Show the form; let in whoever sends the right password."""
    wanted = request.args.get("next", "")
    form = SignInForm(formdata=request.form)
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(landing(current_user.role, wanted))
        return _page(form, wanted)
    looked_up = as_looked_up(form.email.data or "")
    with services().database.read() as reading:
        user = account_named(reading, looked_up)
    is_right = has_password(looked_up, user, form.password.data or "")
    if user is None or not is_right:
        return _page(form, wanted, has_failed=True)
    start_session(user)
    return redirect(landing(user.role, wanted))


@blueprint.post("/deconnexion")
def sign_out() -> Response:
    """End the sign-in, in this browser and in every copy of its cookie."""
    key = session.get(KEY)
    if key is not None:
        in_transaction(
            services().database, lambda writing: end_web_session(writing, key)
        )
    session.clear()
    return redirect(url_for("accounts.sign_in"))


def start_session(user: User) -> None:
    """Sign this person in; whoever was signed in with this browser no longer is.

    The place counts as usual from now on.
    """
    former = session.get(KEY)
    secret = services().settings.secret_key

    def work(writing: Session) -> str:
        now = utc_now()
        if former is not None:
            end_web_session(writing, former)
        remember_place(writing, user.id, place_of(request.remote_addr), secret, now)
        return open_web_session(writing, writing.get_one(User, user.id), now)

    key = in_transaction(services().database, work)
    login_user(is_alive(services().database, key))
    session.permanent = True


def has_password(looked_up: str, user: User | None, password: str) -> bool:
    """Tell whether the password is the account's; ends the request (429) for who guesses.

    The one door to a password: each attempt is counted before it is looked at. Takes as
    long where there is no such account.
    """
    try:
        attempt = count_attempt(
            services().database,
            looked_up,
            user.id if user is not None else None,
            request.remote_addr,
            services().settings.secret_key,
        )
    except TooManyGuesses:
        abort(429)
    stored = user.password if user is not None else UNKNOWN_PASSWORD
    is_right = is_password(password, stored)
    if user is None or not user.active or not is_right:
        return False
    attempt.take_back()
    return True


def _page(form: SignInForm, wanted: str, *, has_failed: bool = False) -> str:
    return render_template(
        "shell/sign_in/sign_in.html", form=form, wanted=wanted, has_failed=has_failed
    )
