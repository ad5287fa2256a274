# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is done with an account: closed, opened again, given a new link."""

from flask import flash, redirect, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.rights.password_links import end_links_of
from booking_web.pages.administrator.acts import Beside, Done, carry_out, done_before
from booking_web.pages.administrator.answers import (
    Answer,
    ask,
    is_confirmed,
    said_again,
    say_refusal,
    sent,
    sheet,
)
from booking_web.pages.administrator.gate import blueprint
from booking_web.pages.administrator.people.invitations import (
    Invitation,
    invitation_sheet,
)
from booking_web.pages.administrator.people.pages import person
from booking_web.shell.services import services
from provisioning.directory.errors import DirectoryError
from provisioning.directory.people import close_account, open_account
from provisioning.inventory.plan import Kind


@blueprint.post("/personnes/<ref>/fermer")
def close_person(ref: str) -> Answer:
    """Ask once, then close the account."""
    question = gettext(
        "Cette personne est déconnectée aussitôt et ne peut plus se connecter. Ce "
        "qu'elle a fait reste dans l'historique ; vous pourrez ouvrir le compte à nouveau."
    )
    email = _email(ref)

    def close(session: Session) -> bool:
        end_links_of(session, email)
        return close_account(session, email)

    return _act(
        ref,
        email,
        "closed",
        close,
        gettext("Le compte est fermé."),
        question,
    )


@blueprint.post("/personnes/<ref>/ouvrir")
def open_person(ref: str) -> Answer:
    """Open the account again."""
    email = _email(ref)
    return _act(
        ref,
        email,
        "opened",
        lambda session: open_account(session, email),
        gettext("Le compte est ouvert à nouveau, avec son ancien mot de passe."),
    )


@blueprint.post("/personnes/<ref>/lien")
def renew_link(ref: str) -> Answer:
    """Ask once, then show a new link with which the person chooses a password."""
    question = gettext(
        "Un nouveau lien remplace ceux d'avant. L'ancien mot de passe marche encore, "
        "jusqu'à ce que la personne en choisisse un autre."
    )
    email = _email(ref)
    invitation = Invitation(email)
    answer = _act(ref, email, "link_made", invitation.make, "", question)
    if not invitation.link:
        return answer
    return sheet(invitation_sheet(invitation, _address(ref)))


def _act(
    ref: str, email: str, act: str, beside: Beside, said: str, question: str = ""
) -> Answer:
    this = sent()
    if done_before(services().database, this.submission):
        return _back(ref, said_again(), "info")
    if question and not is_confirmed():
        return ask(email, question, back=_address(ref))
    try:
        done: Done = carry_out(
            services().database, this, act, Kind.USER, email, beside=beside
        )
    except DirectoryError as error:
        say_refusal(error)
        return redirect(_address(ref), 303)
    if done.outcome is None or not done.is_change:
        return _back(ref, said_again(), "info")
    return _back(ref, said, "success")


def _email(ref: str) -> str:
    with services().database.read() as session:
        return person(session, ref).email


def _address(ref: str) -> str:
    return url_for("administrator.person_change", ref=ref)


def _back(ref: str, said: str, tone: str) -> Response:
    if said:
        flash(said, tone)
    return redirect(_address(ref), 303)
