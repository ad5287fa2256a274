# SPDX-License-Identifier: AGPL-3.0-or-later
"""New secrets of kiosks and counsellors' phones: shown once, or to nobody."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.pages.administrator.answers import Answer, sheet
from booking_web.pages.administrator.directory.buttons import (
    Button,
    back_to,
    press,
    write_nothing,
)
from booking_web.pages.administrator.directory.counsellors import COUNSELLORS
from booking_web.pages.administrator.directory.kiosks import KIOSKS
from booking_web.pages.administrator.directory.secret_sheets import (
    question_of_end,
    question_of_renewal,
    sheet_of,
)
from booking_web.pages.administrator.entries.entry_pages import EntryPages, existing
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.services import services
from provisioning.directory.revoking import revoke
from provisioning.directory.service import Outcome


def renew_secret(pages: EntryPages, ref: str) -> Answer:
    """Ask once, then replace the secret and show the new one."""
    back = url_for(f"administrator.{pages.name}_change", ref=ref)
    is_browser = bool(existing(pages.kind, ref).get("browser"))

    def show(outcome: Outcome, _written: None) -> Answer:
        if is_browser:
            said = gettext("La page du conseiller demande elle-même un nouveau secret.")
            return back_to(back, said, "success")
        return sheet(sheet_of(outcome, gettext("Voici le nouveau secret."), back))

    button = Button(
        "secret_renewed",
        pages.kind,
        ref,
        back,
        question_of_end() if is_browser else question_of_renewal(),
        is_rotation=True,
    )
    return press(button, write_nothing, show)


def lock_out(pages: EntryPages, ref: str) -> Answer:
    """Ask once, then take everything away, the call in progress too."""
    back = url_for(f"administrator.{pages.name}_change", ref=ref)

    def write(session: Session, at: datetime) -> None:
        revoke(session, ref, at)

    def show(_outcome: Outcome, _written: None) -> Answer:
        services().doorbell.ring()
        return back_to(back, gettext("L'accès est coupé."), "success")

    question = gettext(
        "La machine n'a plus accès à rien, jusqu'à ce que vous lui donniez un nouveau "
        "code ou secret. Un appel en cours est coupé dans les cinq secondes."
    )
    return press(Button("locked_out", pages.kind, ref, back, question), write, show)


for _pages in (KIOSKS, COUNSELLORS):
    for _name, _view in (("secret", renew_secret), ("couper", lock_out)):
        blueprint.add_url_rule(
            f"/{_pages.segment}/<ref>/{_name}",
            f"{_pages.name}_{_view.__name__}",
            _view,
            methods=["POST"],
            defaults={"pages": _pages},
        )
