# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one-time link with which a person chooses a password: on a sheet, and by e-mail."""

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.rights.password_links import (
    GOOD_FOR,
    ask_for_mail,
    one_time_link,
)
from booking_web.pages.administrator.answers import Sheet
from booking_web.shell.services import services
from booking_web.shell.sign_in.passwords import sends_mails
from booking_web.shell.site.qr_codes import qr_picture
from booking_web.shell.site.site_address import site_address
from booking_web.tables.password_links import Purpose
from provisioning.database.models import User


class Invitation:
    """A link for the person with this address, made within a transaction."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.name = ""
        self.link = ""
        self.is_mailed = False

    def make(self, session: Session) -> bool:
        """Make the link, and have it sent where the site sends e-mails."""
        now = services().now()
        user = session.scalars(select(User).where(User.email == self.address)).one()
        token = one_time_link(session, user, Purpose.INVITATION, now)
        self.name = user.name
        site = site_address()
        path = url_for("passwords.choose", token=token)
        self.link = f"{site.rstrip('/')}{path}"
        self.is_mailed = sends_mails()
        if self.is_mailed:
            ask_for_mail(session, self.address, Purpose.INVITATION, now)
        return True


def invitation_sheet(invitation: Invitation, back: str) -> Sheet:
    """Give the sheet with the link, for paper or to be read out."""
    said = gettext("Voici le lien, à donner en main propre.")
    if invitation.is_mailed:
        said = gettext("Voici le lien. Il part aussi par courrier électronique.")
    days = GOOD_FOR[Purpose.INVITATION].days
    return Sheet(
        invitation.name,
        said,
        [
            (gettext("Lien pour choisir le mot de passe"), invitation.link),
            (gettext("Adresse pour se connecter"), invitation.address),
        ],
        back,
        next_steps=[
            gettext("Ouvrez le lien et choisissez un mot de passe."),
            gettext(
                "Le lien sert une seule fois, dans les %(days)d jours. Passé ce délai, "
                "demandez-en un autre à l'administrateur.",
                days=days,
            ),
        ],
        onward=(
            url_for("administrator.person_add"),
            gettext("Inviter une autre personne"),
        ),
        picture=qr_picture(invitation.link),
    )
