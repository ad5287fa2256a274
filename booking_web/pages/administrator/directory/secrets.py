# SPDX-License-Identifier: AGPL-3.0-or-later
"""New secrets of kiosks and counsellors' phones: shown once, or to nobody."""

from flask import flash, redirect, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.pages.administrator.acts import carry_out, done_before
from booking_web.pages.administrator.answers import (
    Answer,
    ask,
    is_confirmed,
    said_again,
    say_refusal,
    sent,
    sheet,
)
from booking_web.pages.administrator.directory.counsellors import COUNSELLORS
from booking_web.pages.administrator.directory.kiosks import KIOSKS
from booking_web.pages.administrator.directory.secret_sheets import sheet_of
from booking_web.pages.administrator.entries.entry_pages import EntryPages, existing
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.services import services
from provisioning.directory.errors import DirectoryError
from provisioning.directory.revoking import revoke


def renew_secret(pages: EntryPages, ref: str) -> Answer:
    """Ask once, then replace the secret and show the new one."""
    this, back = sent(), url_for(f"administrator.{pages.name}_change", ref=ref)
    existing(pages.kind, ref)
    if done_before(services().database, this.submission):
        return _back(said_again(), "info", back)
    if not is_confirmed():
        question = gettext(
            "L'ancien secret ne marche plus aussitôt : il faut porter le nouveau sur la "
            "machine. Un appel en cours continue."
        )
        return ask(ref, question, back=back)
    try:
        done = carry_out(
            services().database,
            this,
            "secret_renewed",
            pages.kind,
            ref,
            is_rotation=True,
        )
    except DirectoryError as error:
        say_refusal(error)
        return redirect(back, 303)
    if done.outcome is None:
        return _back(said_again(), "info", back)
    return sheet(sheet_of(done.outcome, gettext("Voici le nouveau secret."), back))


def lock_out(pages: EntryPages, ref: str) -> Answer:
    """Ask once, then take everything away, the call in progress too."""
    this, back = sent(), url_for(f"administrator.{pages.name}_change", ref=ref)
    existing(pages.kind, ref)
    if done_before(services().database, this.submission):
        return _back(said_again(), "info", back)
    if not is_confirmed():
        question = gettext(
            "La machine n'a plus accès à rien, jusqu'à ce que vous lui donniez un nouveau "
            "code ou secret. Un appel en cours est coupé dans les cinq secondes."
        )
        return ask(ref, question, back=back)

    def write(session: Session) -> bool:
        revoke(session, ref, this.at)
        return True

    try:
        done = carry_out(
            services().database, this, "locked_out", pages.kind, ref, beside=write
        )
    except DirectoryError as error:
        say_refusal(error)
        return redirect(back, 303)
    if done.outcome is None:
        return _back(said_again(), "info", back)
    services().doorbell.ring()
    return _back(gettext("L'accès est coupé."), "success", back)


def _back(said: str, tone: str, back: str) -> Response:
    flash(said, tone)
    return redirect(back, 303)


for _pages in (KIOSKS, COUNSELLORS):
    for _name, _view in (("secret", renew_secret), ("couper", lock_out)):
        blueprint.add_url_rule(
            f"/{_pages.segment}/<ref>/{_name}",
            f"{_pages.name}_{_view.__name__}",
            _view,
            methods=["POST"],
            defaults={"pages": _pages},
        )
