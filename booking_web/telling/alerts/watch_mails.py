# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes what `guichet-server watch` found of its machine. It asks nothing of the database."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid

from flask_babel import gettext, ngettext
from pydantic import BaseModel

from booking_web.telling.alerts.alert_texts import mail_by_itself


class FoundCheck(BaseModel):
    """One of `guichet-server check`: its name, what it says, what to do; since when."""

    name: str
    says: str
    advice: str
    since: datetime


class Found(BaseModel):
    """What failed twice in a row, and what is well again."""

    began: list[FoundCheck] = []
    over: list[FoundCheck] = []


def watch_mail(
    found: Found, *, server: str, sender: str, recipients: Sequence[str], now: datetime
) -> EmailMessage:
    """Write one e-mail about all of it; `server` is how the site is called."""

    def write() -> tuple[str, list[str]]:
        parts = [_began(each) for each in found.began]
        parts += [_over(each) for each in found.over]
        return _subject(found, server), [*parts, _closing()]

    number = make_msgid(domain="watch.invalid")
    return mail_by_itself(
        write, number=number, sender=sender, recipients=recipients, now=now
    )


def _closing() -> str:
    return gettext(
        "Le serveur s'est regardé lui-même : ce message ne passe pas par la base "
        "de données. Pour tout revoir, sur le serveur : guichet-server check."
    )


def _subject(found: Found, server: str) -> str:
    if not found.began:
        return gettext("Fin d'alerte – serveur %(server)s", server=server)
    what = ngettext(
        "%(num)d contrôle en panne", "%(num)d contrôles en panne", len(found.began)
    )
    return gettext("Alerte – serveur %(server)s : %(what)s", server=server, what=what)


def _began(check: FoundCheck) -> str:
    # As the terminal says it, so that it is found again there and in the documents.
    lines = [
        gettext("ALERTE – %(title)s", title=check.name),
        check.says,
        gettext("À faire : %(what)s", what=check.advice),
        gettext("Depuis : %(since)s.", since=_moment(check.since)),
    ]
    return "\n".join(lines)


def _over(check: FoundCheck) -> str:
    begun = gettext("Le début : %(since)s.", since=_moment(check.since))
    return "\n".join((gettext("FIN – %(title)s", title=check.name), begun))


def _moment(at: datetime) -> str:
    # Of which time zone the site is, the database would know: the server's own will do.
    return at.astimezone().strftime("%d/%m/%Y %H:%M %Z")
