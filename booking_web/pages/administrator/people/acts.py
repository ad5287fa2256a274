# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is done with an account: closed, opened again, given a new link, asked no code."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.journal.provider_ties import untie_account
from booking_web.domain.journal.second_factor_reset import reset_second_factor_of
from booking_web.domain.rights.own_relays import give_relays
from booking_web.domain.rights.password_links import ask_for_mail, end_links_of
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
from booking_web.shell.sign_in.passwords import sends_mails
from booking_web.tables.password_links import MailPurpose
from provisioning.database.models import User
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


@blueprint.post("/personnes/<ref>/code")
def reset_second_factor(ref: str) -> Answer:
    """Ask once, then take the second factor away from who has lost it."""
    question = gettext(
        "Assurez-vous que c'est bien cette personne qui le demande. Le code de son "
        "téléphone et ses codes de secours ne comptent plus : le mot de passe suffit "
        "jusqu'à ce qu'elle en règle un autre. Elle est déconnectée partout."
    )
    email = _email(ref)
    return _act(
        ref,
        email,
        "second_factor_reset",
        lambda session: _take_away(session, email),
        gettext("Le code du téléphone est retiré."),
        question,
    )


@blueprint.post("/personnes/<ref>/fournisseur")
def untie_person(ref: str) -> Answer:
    """Ask once, then have the account belong to whoever comes next with its address."""
    question = gettext(
        "La prochaine personne que %(provider)s nomme avec cette adresse aura ce compte. "
        "Assurez-vous que l'adresse est bien à elle, et que ce compte lui revient : "
        "pour quelqu'un qui remplace, inscrivez plutôt une nouvelle personne. Qui est "
        "connecté avec ce compte est déconnecté partout.",
        provider=services().settings.oidc_name,
    )
    email = _email(ref)

    def untie(session: Session) -> bool:
        user = session.scalars(select(User).where(User.email == email)).one()
        actor, now = f"user:{current_user.id}", services().now()
        return untie_account(session, user, actor, now)

    return _act(
        ref,
        email,
        "provider_untied",
        untie,
        gettext("Le compte est détaché."),
        question,
    )


@blueprint.post("/personnes/<ref>/relais")
def give_relays_to(ref: str) -> Answer:
    """Have a secretary work for these relays besides her own."""
    email, slugs = _email(ref), request.form.getlist("relais")

    def give(session: Session) -> bool:
        user = session.scalars(select(User).where(User.email == email)).one()
        return give_relays(session, user, slugs)

    said = gettext("C'est noté : elle choisit son relais en haut de ses pages.")
    return _act(ref, email, "relays_given", give, said)


def _take_away(session: Session, email: str) -> bool:
    user = session.scalars(select(User).where(User.email == email)).one()
    actor, now = f"user:{current_user.id}", services().now()
    if not reset_second_factor_of(session, user, actor, now):
        return False
    if sends_mails():
        ask_for_mail(session, email, MailPurpose.FACTOR_RESET, now)
    return True


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
