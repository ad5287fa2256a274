# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a receipt says of what was done, in short sentences for who reads with effort."""

from flask_babel import gettext, lazy_gettext, ngettext

from booking_web.domain.receipts.proposing import Deed, Line, NextAppointment
from booking_web.tables.document_kinds import DocumentKind
from booking_web.words.dates import clock, long_date
from booking_web.words.documents import KINDS

# A paper that was handed in is told by its title alone.
_DEEDS = {
    Deed.FILLED: lazy_gettext("Formulaire rempli : %(title)s"),
    Deed.FILLED_AND_PRINTED: lazy_gettext("Formulaire rempli et imprimé : %(title)s"),
    Deed.SIGNED: lazy_gettext("Formulaire rempli et signé : %(title)s"),
    Deed.PRINTED: lazy_gettext("Imprimé : %(title)s"),
    Deed.MAILED: lazy_gettext("Envoyé par e-mail : %(title)s"),
    Deed.PRINTED_AND_MAILED: lazy_gettext("Imprimé et envoyé par e-mail : %(title)s"),
    Deed.ADDED: lazy_gettext("Ajouté à votre dossier : %(title)s"),
}


def line_sentence(line: Line) -> str:
    """Say in a few words what was done with a paper."""
    title = line.title or _nameless(line)
    if line.deed in _DEEDS:
        return str(_DEEDS[line.deed]) % {"title": title}
    if line.pages < 2:
        return title
    return ngettext(
        "%(title)s (%(num)d page)", "%(title)s (%(num)d pages)", line.pages, title=title
    )


def next_appointment_sentence(following: NextAppointment) -> str:
    """Say when and where the resident comes next."""
    return gettext(
        "%(day)s à %(hour)s, %(relay)s, avec %(organisation)s",
        day=long_date(following.starts_at.astimezone(following.zone).date()),
        hour=clock(following.starts_at, following.zone),
        relay=following.relay,
        organisation=following.organisation,
    )


def _nameless(line: Line) -> str:
    if line.kind:
        return str(KINDS[DocumentKind(line.kind)])
    if line.deed is Deed.HANDED_IN:
        return gettext("Papier numérisé")
    return gettext("Document")
