# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sign-in and the sign-out."""

import structlog
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
from booking_web.domain.journal.provider_ties import tie_account
from booking_web.domain.rights.account_names import account_named, as_looked_up
from booking_web.domain.rights.browser_telephones import end_secrets_of
from booking_web.domain.rights.half_sign_ins import use_half, voucher_of_half
from booking_web.domain.rights.known_places import (
    is_known_place,
    place_digest,
    remember_place,
)
from booking_web.domain.rights.provider_ties import Voucher
from booking_web.domain.rights.second_factors import has_second_factor, is_owed
from booking_web.domain.rights.web_sessions import (
    Origin,
    end_web_session,
    is_alive,
    open_web_session,
    voucher_of_session,
)
from booking_web.shell.asking_place import asking_place
from booking_web.shell.forms.kept_form import PERSON, forget_kept_form, lose_kept_form
from booking_web.shell.framed import is_framed
from booking_web.shell.services import services
from booking_web.shell.sign_in import half_session
from booking_web.shell.sign_in.guesses import TooManyGuesses, count_attempt
from booking_web.shell.sign_in.landing import landing
from booking_web.shell.sign_in.provider.ending import farewell
from booking_web.shell.sign_in.provider.of_site import seal_of_site
from booking_web.shell.sign_in.session_cookie import KEY
from provisioning.database.models import User
from provisioning.directory.credentials import UNKNOWN_PASSWORD, is_password

# Whether an identity provider said who it is; kept in the session's cookie.
BY_PROVIDER = "by_provider"
# Where Flask keeps what `flash` is to say on the next page.
TOLD_NEXT = "_flashes"

logger = structlog.get_logger(__name__)
blueprint = Blueprint("accounts", __name__)


class SignInForm(FlaskForm):
    """Address and password; the token was checked before the view."""

    class Meta:
        csrf = False

    email = StringField()
    password = PasswordField()


@blueprint.route("/connexion", methods=["GET", "POST"])
def sign_in() -> Response | str:
    """Show the form; let in whoever sends the right password, or lead on to the code."""
    wanted = request.args.get("next", "")
    form = SignInForm(formdata=request.form)
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(landing(current_user.role, wanted))
        if KEY in session:
            # What that sign-in was told, and did not see, is for nobody else to read.
            session.pop(TOLD_NEXT, None)
        return _page(form, wanted)
    looked_up = as_looked_up(form.email.data or "")
    with services().database.read() as reading:
        user = account_named(reading, looked_up)
    is_right = has_password(looked_up, user, form.password.data or "")
    if user is None or not is_right:
        logger.warning("password refused", user=user.id if user is not None else None)
        return _page(form, wanted, has_failed=True)
    return let_in(user, wanted)


@blueprint.post("/deconnexion")
def sign_out() -> Response | str:
    """End the sign-in, in this browser and in every copy of its cookie.

    Who came from an identity provider is led there, to be signed out as well.
    """
    key = session.get(KEY)
    voucher = None
    if key is not None:
        voucher = in_transaction(
            services().database, lambda writing: _sign_out(writing, key)
        )
        services().doorbell.ring()
    was_by_provider = session.get(BY_PROVIDER)
    session.clear()
    return (
        farewell(voucher) if was_by_provider else redirect(url_for("accounts.sign_in"))
    )


def _sign_out(writing: Session, key: str) -> str | None:
    forget_kept_form(writing)
    return _end_sign_in(writing, key)


def _end_sign_in(writing: Session, key: str) -> str | None:
    """End it, and the secret of the telephone in its page; give the voucher that it had."""
    voucher = voucher_of_session(writing, key)
    end_web_session(writing, key)
    end_secrets_of(writing, key, utc_now())
    return voucher


def let_in(user: User, wanted: str, *, voucher: Voucher | None = None) -> Response:
    """Sign in whoever has shown who they are, or lead them on to the code that they owe.

    `voucher` is of an identity provider that said who they are.
    """
    session[BY_PROVIDER] = voucher is not None
    sealed = voucher.sealed(seal_of_site()) if voucher is not None else None
    with services().database.read() as reading:
        asks_code = has_second_factor(reading, user.id)
    if asks_code:
        half_session.begin(user, sealed)
        return redirect(url_for("second_step.ask", next=wanted or None), 303)
    if not start_session(user, sealed_voucher=sealed):
        return redirect(url_for("accounts.sign_in", next=wanted or None), 303)
    return redirect(landing(user.role, wanted))


def start_session(
    user: User,
    *,
    half: str | None = None,
    sealed_voucher: str | None = None,
) -> bool:
    """Sign this person in; whoever was signed in with this browser no longer is.

    The place counts as usual from now on. `half` is used up by it, and brings its voucher;
    a voucher ties the account to its person. False, and nobody is signed in, where the half
    is good for nothing any more, or the account another person's meanwhile.
    """
    former, is_other = session.get(KEY), session.get(PERSON) != user.id
    settings = services().settings
    place, secret = asking_place(), settings.secret_key

    def work(writing: Session) -> str | None:
        now = utc_now()
        voucher = sealed_voucher
        if half is not None:
            voucher = voucher_of_half(writing, half)
            if not use_half(writing, half, services().now()):
                return None
        account = writing.get_one(User, user.id)
        if voucher is not None and not _ties(writing, account, voucher):
            return None
        if former is not None:
            _end_sign_in(writing, former)
        if is_other:
            forget_kept_form(writing)
        origin = Origin(
            place_digest(user.id, place, secret),
            is_known_place(writing, user.id, place, secret),
        )
        remember_place(writing, user.id, place, secret, now)
        owes = is_owed(writing, account, settings.second_factor)
        return open_web_session(
            writing,
            account,
            now,
            origin=origin,
            owes_second_factor=owes,
            sealed_voucher=voucher,
        )

    key = in_transaction(services().database, work)
    if key is None:
        return False
    half_session.forget()
    if is_other:
        lose_kept_form()
        session.pop(TOLD_NEXT, None)
    session[PERSON] = user.id
    logger.info("signed in", user=user.id, with_code=half is not None)
    login_user(is_alive(services().database, key))
    session.permanent = True
    return True


def _ties(writing: Session, account: User, sealed_voucher: str) -> bool:
    voucher = Voucher.opened(sealed_voucher, seal_of_site())
    return voucher is not None and tie_account(
        writing, account, voucher, services().now()
    )


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
    settings = services().settings
    # In a frame a provider shows itself to nobody.
    is_offered = settings.oidc_issuer and not is_framed()
    return render_template(
        "shell/sign_in/sign_in.html",
        form=form,
        wanted=wanted,
        has_failed=has_failed,
        provider_name=settings.oidc_name if is_offered else "",
    )
