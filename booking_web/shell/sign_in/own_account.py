# SPDX-License-Identifier: AGPL-3.0-or-later
"""A person's own account: what signs them in, and where they are signed in."""

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import in_transaction
from booking_web.domain.fleet.alerts.people import is_left_off, leave_off
from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.known_places import place_digest
from booking_web.domain.rights.own_sign_ins import (
    OwnSignIn,
    end_others,
    end_own,
    own_sign_ins,
)
from booking_web.domain.rights.provider_ties import tie_of
from booking_web.domain.rights.recovery_codes import count_left
from booking_web.domain.rights.second_factors import has_second_factor
from booking_web.shell.asking_place import asking_place
from booking_web.shell.services import services
from booking_web.shell.sign_in.landing import home_of
from booking_web.shell.sign_in.provider.of_site import provider_name
from booking_web.tables.journal_acts import Act
from booking_web.words.alerts_sent import alerts_sent_to
from booking_web.words.dates import moment
from provisioning.directory.usual_time_zone import usual_time_zone

OTHERS = "others"
blueprint = Blueprint("own_account", __name__, url_prefix="/mon-compte")


@blueprint.before_request
def sign_in_first() -> Response | None:
    """Let in whoever is signed in; each sees what is their own."""
    if current_user.is_authenticated:
        return None
    return redirect(url_for("accounts.sign_in", next=request.path), 303)


@blueprint.get("")
def show() -> str:
    """Show how a person signs in, and where they are signed in."""
    now = services().now()
    here = place_digest(
        current_user.id,
        asking_place(),
        services().settings.secret_key,
    )
    with services().database.read() as reading:
        found = own_sign_ins(reading, current_user, here, now)
        zone = ZoneInfo(usual_time_zone(reading))
        is_on = has_second_factor(reading, current_user.id)
        left = count_left(reading, current_user.id)
        issuer = services().settings.oidc_issuer or ""
        is_tied = tie_of(reading, current_user.id, issuer) is not None
        is_written_to = not is_left_off(reading, current_user.id)
    return render_template(
        "shell/sign_in/own_account.html",
        title=gettext("Mon compte"),
        is_on=is_on,
        left=left,
        provider_name=provider_name() if is_tied else "",
        alerts=alerts_sent_to(current_user.role) if _sends_mail() else "",
        is_written_to=is_written_to,
        home=home_of(current_user.role),
        sign_ins=[
            (
                each,
                moment(each.since, zone, now),
                moment(each.seen_at, zone, now),
                _place(each),
            )
            for each in found
        ],
    )


@blueprint.post("/connexions/fin")
def end_sign_ins() -> Response:
    """End one sign-in elsewhere, or all of them; this one goes on."""
    which = request.form.get("which", "")

    def work(writing: Session) -> int:
        if which == OTHERS:
            ended = end_others(writing, current_user)
        else:
            ended = end_own(writing, current_user, which)
        if ended:
            write_down(
                writing,
                Act.SIGN_INS_ENDED,
                actor=f"user:{current_user.id}",
                at=services().now(),
                detail=str(ended),
            )
        return ended

    ended = in_transaction(services().database, work)
    services().doorbell.ring()
    if ended:
        said = ngettext(
            "Une connexion est finie : la page là-bas se ferme aussitôt.",
            "%(num)s connexions sont finies : les pages là-bas se ferment aussitôt.",
            ended,
        )
        flash(said, "success")
    else:
        flash(gettext("Cette connexion était déjà finie."), "info")
    return redirect(url_for("own_account.show"), 303)


@blueprint.post("/alertes")
def choose_alerts() -> Response:
    """Be written to about alerts, or no more."""
    is_off = request.form.get("courriels") != "oui"
    user_id, now = current_user.id, services().now()

    def work(writing: Session) -> None:
        leave_off(writing, user_id, now, is_off=is_off)

    in_transaction(services().database, work)
    if is_off:
        flash(gettext("Vous ne recevez plus de courriels d'alerte."), "success")
    else:
        flash(gettext("Vous recevez les courriels d'alerte."), "success")
    return redirect(url_for("own_account.show", _anchor="alerts-title"), 303)


def _sends_mail() -> bool:
    settings = services().settings
    return bool(settings.smtp_host and settings.mail_from)


def _place(sign_in: OwnSignIn) -> str:
    if sign_in.is_same_place and not sign_in.is_here:
        return gettext("du même endroit qu'ici")
    if sign_in.was_usual_place is None:
        return gettext("d'un endroit que nous n'avons pas noté")
    if sign_in.was_usual_place:
        return gettext("d'un endroit habituel")
    return gettext("d'un endroit nouveau pour vous")
