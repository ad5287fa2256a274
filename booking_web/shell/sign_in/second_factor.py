# SPDX-License-Identifier: AGPL-3.0-or-later
"""A person's own second factor: set up with a telephone, kept, taken away.

What is shown once (recovery codes) is in the answer alone.
"""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.one_time_codes import (
    address_of,
    clock_error,
    grouped,
    step_of,
)
from booking_web.domain.rights.own_sign_ins import end_others
from booking_web.domain.rights.recovery_codes import (
    count_left,
    hashes_of,
    new_codes,
    replace_codes,
)
from booking_web.domain.rights.second_factors import (
    is_asked_of,
    is_owed,
    second_factor_seal,
    set_up_at,
    turn_off,
    turn_on,
)
from booking_web.domain.rights.web_sessions import note_owing
from booking_web.shell.services import services
from booking_web.shell.sign_in.drafted_secrets import draft_of, new_draft
from booking_web.shell.sign_in.landing import landing
from booking_web.shell.sign_in.second_factor_forms import (
    ChangeFactorForm,
    ConfirmForm,
    own_account,
)
from booking_web.shell.site.qr_codes import qr_svg
from booking_web.tables.journal_acts import Act
from booking_web.words.dates import long_date

blueprint = Blueprint("second_factor", __name__, url_prefix="/mon-compte/code")
INVALID = HTTPStatus.UNPROCESSABLE_ENTITY
Answer = Response | str | tuple[str, int]


@blueprint.before_request
def sign_in_first() -> Response | None:
    """Let in whoever is signed in; each sees what is their own."""
    if current_user.is_authenticated:
        return None
    return redirect(url_for("accounts.sign_in", next=request.path), 303)


@blueprint.get("")
def show() -> str:
    """Show the second factor, or how it is set up."""
    with services().database.read() as session:
        is_on = set_up_at(session, current_user.id) is not None
    return _kept_page(ChangeFactorForm()) if is_on else _new_page(ConfirmForm())


@blueprint.post("")
def set_up() -> Answer:
    """Set it up with the secret that the page had drawn, once a code confirms it."""
    form = ConfirmForm(formdata=request.form)
    now = services().now()
    draft = draft_of(form.draft.data or "", current_user, now)
    if draft is None:
        form.code.errors = [
            gettext("Cette page est restée ouverte trop longtemps : recommencez ici.")
        ]
        return _new_page(form), INVALID
    step = step_of(draft.secret, form.code.data or "", now)
    if step is None:
        form.code.errors = [_why_not(draft.secret, form.code.data or "")]
    elif form.has_right_password():
        return _turned_on(draft.secret, step)
    return _new_page(form), INVALID


@blueprint.post("/secours")
def renew_codes() -> Answer:
    """Draw ten new recovery codes for whoever gives password and code."""
    form = ChangeFactorForm(formdata=request.form)
    if not _is_on():
        return _to_own_page()
    if not form.is_good():
        return _kept_page(form), INVALID
    codes = new_codes()
    hashes = hashes_of(codes)

    def work(session: Session) -> None:
        replace_codes(session, current_user.id, hashes)
        _write_down(session, Act.RECOVERY_CODES_DRAWN)

    in_transaction(services().database, work)
    return _codes_page(codes)


@blueprint.post("/arreter")
def stop() -> Answer:
    """Take it away for whoever gives password and code; elsewhere they are signed out."""
    form = ChangeFactorForm(formdata=request.form)
    if not _is_on():
        return _to_own_page()
    if not form.is_good():
        return _kept_page(form), INVALID

    def work(session: Session) -> bool:
        turn_off(session, current_user.id)
        end_others(session, current_user)
        _write_down(session, Act.SECOND_FACTOR_REMOVED)
        wanted = services().settings.second_factor
        owes = is_owed(session, current_user, wanted)
        note_owing(session, current_user.key, owes)
        return owes

    owes = in_transaction(services().database, work)
    services().doorbell.ring()
    if owes:
        return _to_own_page()
    flash(gettext("Le code du téléphone n'est plus demandé à la connexion."), "success")
    return redirect(url_for("own_account.show"), 303)


def _turned_on(secret: str, step: int) -> Answer:
    codes = new_codes()
    hashes = hashes_of(codes)
    sealed = second_factor_seal(services().settings.secret_key).seal(secret)
    now = services().now()

    def work(session: Session) -> bool:
        if not turn_on(session, current_user.id, sealed, step, hashes, now):
            return False
        # Whoever is in elsewhere came in without it.
        end_others(session, current_user)
        note_owing(session, current_user.key, False)
        _write_down(session, Act.SECOND_FACTOR_SET_UP)
        return True

    if not in_transaction(services().database, work):
        flash(
            gettext(
                "Un code est déjà réglé pour votre compte, depuis une autre page. "
                "C'est celui-là qui compte."
            ),
            "warning",
        )
        return _to_own_page()
    services().doorbell.ring()
    return _codes_page(codes)


def _why_not(secret: str, typed: str) -> str:
    off = clock_error(secret, typed, services().now())
    if off is None:
        return gettext(
            "Ce n'est pas le code de ce téléphone. Tapez les six chiffres qu'il montre "
            "maintenant."
        )
    minutes = max(1, round(abs(off.total_seconds()) / 60))
    if off.total_seconds() > 0:
        return gettext(
            "L'horloge du téléphone avance de %(minutes)s min environ. Mettez-la à "
            "l'heure automatique, puis tapez le nouveau code.",
            minutes=minutes,
        )
    return gettext(
        "L'horloge du téléphone retarde de %(minutes)s min environ, ou ce code est "
        "ancien. Mettez-la à l'heure automatique, puis tapez le nouveau code.",
        minutes=minutes,
    )


def _write_down(session: Session, act: Act) -> None:
    actor = f"user:{current_user.id}"
    write_down(session, act, actor=actor, at=services().now())


def _is_on() -> bool:
    with services().database.read() as session:
        return set_up_at(session, current_user.id) is not None


def _to_own_page() -> Response:
    return redirect(url_for("second_factor.show"), 303)


def _onward() -> str:
    return landing(current_user.role, request.args.get("next", ""))


def _new_page(form: ConfirmForm) -> str:
    now = services().now()
    draft = draft_of(form.draft.data or "", current_user, now)
    draft = draft or new_draft(current_user, now)
    address = address_of(draft.secret, current_user.email)
    return render_template(
        "shell/sign_in/second_factor/set_up.html",
        title=gettext("Code du téléphone"),
        form=form,
        draft=draft.sealed,
        secret=grouped(draft.secret),
        picture=qr_svg(address, gettext("La même clé, à photographier")),
        owes=current_user.owes_second_factor,
        wanted=request.args.get("next", ""),
    )


def _kept_page(form: ChangeFactorForm) -> str:
    with services().database.read() as session:
        since = set_up_at(session, current_user.id)
        left = count_left(session, current_user.id)
        wanted = services().settings.second_factor
    return render_template(
        "shell/sign_in/second_factor/kept.html",
        title=gettext("Code du téléphone"),
        form=form,
        since=long_date(since.date()) if since else "",
        left=left,
        onward=_onward(),
        is_wanted=is_asked_of(current_user, wanted),
    )


def _codes_page(codes: list[str]) -> str:
    return render_template(
        "shell/sign_in/second_factor/codes.html",
        title=gettext("Vos dix codes de secours"),
        codes=codes,
        person=own_account(),
        onward=_onward(),
    )
