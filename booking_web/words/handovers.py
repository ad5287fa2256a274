# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a hand-over stands, as the counsellor's pages say it."""

from flask_babel import gettext

from booking_web.tables.handovers import HandoverState as S


def standing_words(state: S, to: str, taken_by: str) -> str:
    """Say to who handed over how it stands; `to` names a colleague or an organisation."""
    match state:
        case S.ASKED:
            return gettext("Vous passez l'appel à %(to)s : un instant.", to=to)
        case S.RINGING:
            return gettext(
                "L'appel sonne chez %(to)s. L'usager entend de la musique.", to=to
            )
        case S.RETURNING:
            return gettext(
                "%(to)s n'a pas pris l'appel : il revient à votre téléphone, puis à "
                "vos collègues.",
                to=to,
            )
        case S.TAKEN:
            return gettext("L'appel est pris : %(name)s.", name=taken_by or to)
        case S.RETURNED:
            return gettext(
                "%(to)s n'a pas pris l'appel. Il a été repris : %(name)s.",
                to=to,
                name=taken_by or gettext("votre organisme"),
            )
        case S.NOBODY:
            return gettext(
                "L'appel s'est terminé avant que quelqu'un le prenne chez %(to)s.",
                to=to,
            )
        case S.UNDONE:
            return gettext(
                "L'appel n'a pas pu être passé à %(to)s : il est resté où il était.",
                to=to,
            )
