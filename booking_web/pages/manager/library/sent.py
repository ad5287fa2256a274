# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a page of the library sent: for which organisation, by whom, and which form it was."""

from flask import abort, request
from flask_babel import gettext

from booking_web.domain.forms.library import Sent
from booking_web.domain.rights.person import Right
from booking_web.shell.signed_in import signed_in
from booking_web.tables.administration import SUBMISSION_LENGTH

INVALID, CONFLICT, AWAY = 422, 409, 503


def sent() -> Sent:
    """Give who sends the form that is being read, and its token; refuses one without (400)."""
    acting = signed_in(Right.FORMS)
    submission = request.form.get("submission", "")
    if not 16 <= len(submission) <= SUBMISSION_LENGTH:
        abort(400)
    return Sent(acting.own_organisation_id, acting.actor, submission)


def organisation_id() -> int:
    """Give the organisation whose library is being looked at."""
    return signed_in(Right.FORMS).own_organisation_id


def changed_words() -> str:
    """Say that somebody else was quicker, and what became of what was typed."""
    return gettext(
        "Quelqu'un a changé ce formulaire pendant que vous l'aviez ouvert : rien n'est "
        "enregistré. Votre saisie est gardée ci-dessous, à côté de ce qui est enregistré "
        "maintenant. Relisez-la, puis enregistrez à nouveau."
    )
