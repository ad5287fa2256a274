# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords: changed by their owner, asked for anew, chosen by a one-time link.

No answer tells whether an address has an account: in words or in time.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from booking_web.base.clock import utc_now
from booking_web.base.transactions import in_transaction
from booking_web.domain.rights.account_names import as_looked_up
from booking_web.domain.rights.known_places import remember_place
from booking_web.domain.rights.names_of_here import names_of_here
from booking_web.domain.rights.password_links import (
    ask_for_mail,
    person_of_link,
    set_password,
)
from booking_web.domain.rights.web_sessions import voucher_of_session
from booking_web.shell.asking_place import asking_place
from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.shell.services import services
from booking_web.shell.sign_in.landing import home_of
from booking_web.shell.sign_in.pages import has_password, start_session
from booking_web.shell.sign_in.password_rules import (
    MIN_CHARACTERS,
    Refusal,
    Weakness,
    refusal_of,
)
from booking_web.shell.site.site_address import public_address
from booking_web.tables.password_links import Purpose
from provisioning.database.models import User
from provisioning.directory.credentials import hash_password

# More are answered alike, and nothing is sent.
MAILS_PER_ADDRESS = 3
MAILS_PER_PLACE = 20
MAIL_WINDOW_SECONDS = 3600

_WEAKNESSES = {
    Weakness.TOO_SHORT: lazy_gettext("%(least)s caractères au moins."),
    Weakness.TOO_LONG: lazy_gettext("200 caractères au plus."),
    Weakness.TOO_PLAIN: lazy_gettext(
        "Trop facile à deviner : mélangez plusieurs mots."
    ),
    Weakness.KNOWN: lazy_gettext(
        "Ce mot de passe est sur les listes de mots de passe volés : il serait essayé "
        "parmi les premiers. Prenez-en un autre, par exemple quatre mots sans rapport "
        "entre eux."
    ),
    Weakness.WORDS_OF_HERE: lazy_gettext(
        "Trop facile à deviner ici avec « %(words)s ». Ajoutez d'autres mots : il faut "
        "%(least)s caractères sans compter cela."
    ),
}

blueprint = Blueprint("passwords", __name__, url_prefix="/mot-de-passe")


class NewPasswordForm(FlaskForm):
    """A new password, twice; the token was checked before the view."""

    class Meta:
        csrf = False

    password = PasswordField(lazy_gettext("Nouveau mot de passe"))
    again = PasswordField(lazy_gettext("Le même, encore une fois"))

    def is_good(self, user: User) -> bool:
        """Tell whether it is taken, after adding what is wrong with it."""
        typed = self.password.data or ""
        refusal = refusal_of(typed, _known_names(user))
        if refusal is not None:
            self.password.errors = [_told(refusal)]
        elif typed != (self.again.data or ""):
            self.again.errors = [gettext("Ce n'est pas le même.")]
        return not (self.password.errors or self.again.errors)


class ChangeForm(NewPasswordForm):
    """The same, by who knows the present one."""

    former = PasswordField(lazy_gettext("Mot de passe actuel"))


class ForgottenForm(FlaskForm):
    """Whose password is forgotten."""

    class Meta:
        csrf = False

    email = StringField(lazy_gettext("Adresse électronique"))


@blueprint.route("", methods=["GET", "POST"])
def change() -> Response | str | tuple[str, int]:
    """Let a person change their own password; elsewhere they are signed out by that."""
    if not current_user.is_authenticated:
        return redirect(url_for("accounts.sign_in", next=request.path), 303)
    form = ChangeForm(formdata=request.form)
    if request.method == "GET":
        return _change_page(form)
    user = _own()
    if not has_password(as_looked_up(user.email), user, form.former.data or ""):
        form.former.errors = [gettext("Ce n'est pas votre mot de passe actuel.")]
        return _change_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    if not form.is_good(user):
        return _change_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    hashed = hash_password(form.password.data)

    def work(writing: Session) -> str | None:
        # It would end with the sign-in: they are signed in at the provider still.
        kept = voucher_of_session(writing, current_user.key)
        set_password(writing, writing.get_one(User, user.id), hashed)
        return kept

    voucher = in_transaction(services().database, work)
    start_session(user, sealed_voucher=voucher)
    flash(gettext("Votre mot de passe est changé."), "success")
    return redirect(home_of(user.role), 303)


@blueprint.route("/oublie", methods=["GET", "POST"])
def forgotten() -> str:
    """Have a link sent to whoever has forgotten the password."""
    form = ForgottenForm(formdata=request.form)
    if request.method == "GET" or not sends_mails():
        return _forgotten_page(form)
    looked_up = as_looked_up(form.email.data or "")
    if _may_ask(looked_up):
        in_transaction(
            services().database,
            lambda writing: ask_for_mail(
                writing, looked_up, Purpose.FORGOTTEN, utc_now()
            ),
        )
    return _forgotten_page(form, is_asked=True)


@blueprint.route("/<token>", methods=["GET", "POST"])
def choose(token: str) -> Response | str | tuple[str, int]:
    """Let whoever holds a one-time link choose a password; to open it uses nothing up."""
    form = NewPasswordForm(formdata=request.form)
    with services().database.read() as reading:
        user = person_of_link(reading, token, utc_now())
    if user is None:
        return _used_up()
    if request.method == "GET":
        return _choose_page(form, user)
    if not form.is_good(user):
        return _choose_page(form, user), HTTPStatus.UNPROCESSABLE_ENTITY
    hashed = hash_password(form.password.data)

    def work(writing: Session) -> bool:
        found = person_of_link(writing, token, utc_now(), to_use=True)
        if found is None:
            return False
        set_password(writing, found, hashed)
        # Whoever guesses elsewhere meanwhile does not keep the person out here.
        secret, place = services().settings.secret_key, asking_place()
        remember_place(writing, found.id, place, secret, utc_now())
        return True

    if not in_transaction(services().database, work):
        return _used_up()
    session.clear()
    flash(gettext("Votre mot de passe est choisi. Connectez-vous."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


def link_address(token: str) -> str:
    """Give the address of a one-time link, to be handed over."""
    return public_address("passwords.choose", token=token)


def sends_mails() -> bool:
    """Tell whether a link can be sent by e-mail from this site."""
    settings = services().settings
    return bool(settings.smtp_host and settings.mail_from and settings.site_url)


def _known_names(user: User) -> list[str]:
    host = urlsplit(services().settings.site_url or "").hostname or ""
    with services().database.read() as reading:
        return [user.name, user.email, host, *names_of_here(reading)]


def _told(refusal: Refusal) -> str:
    values = {"least": MIN_CHARACTERS, "words": " », « ".join(refusal.words)}
    return str(_WEAKNESSES[refusal.weakness]) % values


def _own() -> User:
    with services().database.read() as reading:
        return reading.get_one(User, current_user.id)


def _may_ask(looked_up: str) -> bool:
    storage = DatabaseStorage(database=services().database)
    place = asking_place()
    counts = {
        f"password-mail:place:{place}": MAILS_PER_PLACE,
        f"password-mail:{looked_up}": MAILS_PER_ADDRESS,
    }
    # The place first: one that may ask no more uses up no address's own count.
    return all(storage.incr(key, MAIL_WINDOW_SECONDS) <= counts[key] for key in counts)


def _change_page(form: ChangeForm) -> str:
    return render_template(
        "shell/sign_in/passwords/change.html",
        form=form,
        least=MIN_CHARACTERS,
        title=gettext("Mon mot de passe"),
    )


def _forgotten_page(form: ForgottenForm, *, is_asked: bool = False) -> str:
    return render_template(
        "shell/sign_in/passwords/forgotten.html",
        form=form,
        is_asked=is_asked,
        sends_mails=sends_mails(),
        title=gettext("Mot de passe oublié"),
    )


def _choose_page(form: NewPasswordForm, user: User) -> str:
    return render_template(
        "shell/sign_in/passwords/choose.html",
        form=form,
        person=user,
        least=MIN_CHARACTERS,
        title=gettext("Choisissez votre mot de passe"),
    )


def _used_up() -> tuple[str, int]:
    page = render_template(
        "shell/sign_in/passwords/used_up.html", title=gettext("Ce lien ne sert plus")
    )
    return page, HTTPStatus.NOT_FOUND
