# SPDX-License-Identifier: AGPL-3.0-or-later
"""The details of the journal's lines, which are codes and numbers, in the officer's words."""

import re
from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from booking_web.tables.states import AppointmentState
from booking_web.words.appointments import ACT_REASONS, REASONS, STATES
from booking_web.words.conclusions import OUTCOMES
from booking_web.words.devices import REASONS as DEVICE_REASONS
from booking_web.words.documents import REMOVALS
from booking_web.words.guests import RELATIONS
from booking_web.words.mandates import REASONS as REVOCATIONS
from booking_web.words.wipes import PARTS

# What stands in a line's detail, one word or a few of them.
DETAILS: Mapping[str, LazyString] = {
    **{code: REASONS[code] for code in REASONS},
    **{code: DEVICE_REASONS[code] for code in DEVICE_REASONS},
    **{code: REMOVALS[code] for code in REMOVALS},
    **{str(each): REVOCATIONS[each] for each in REVOCATIONS},
    **{str(each): RELATIONS[each] for each in RELATIONS},
    **{str(each): OUTCOMES[each] for each in OUTCOMES},
    **{str(each): ACT_REASONS[each] for each in ACT_REASONS},
    **{str(each): PARTS[each] for each in PARTS},
    **{str(state): STATES[state].word for state in AppointmentState},
    "address": lazy_gettext("adresse"),
    "appointment": lazy_gettext("rendez-vous"),
    "appointments": lazy_gettext("rendez-vous"),
    "appointments without an entry": lazy_gettext("rendez-vous sans fiche"),
    "birth date": lazy_gettext("date de naissance"),
    "by name": lazy_gettext("par le nom"),
    "bytes": lazy_gettext("octets"),
    "counter": lazy_gettext("guichet"),
    "cv": lazy_gettext("CV"),
    "day": lazy_gettext("journée"),
    "desk of calls": lazy_gettext("bureau des appels"),
    "discreet": lazy_gettext("discret"),
    "document": lazy_gettext("document"),
    "documents": lazy_gettext("documents"),
    "draft": lazy_gettext("formulaire"),
    "edition": lazy_gettext("édition"),
    "email": lazy_gettext("e-mail"),
    "files": lazy_gettext("fichiers"),
    "found and wiped": lazy_gettext("trouvé et effacé"),
    "from": lazy_gettext("depuis"),
    "guest": lazy_gettext("invité"),
    "handover": lazy_gettext("passage"),
    "import": lazy_gettext("reprise"),
    "in": lazy_gettext("dans"),
    "into": lazy_gettext("avec"),
    "job": lazy_gettext("opération"),
    "keyed": lazy_gettext("au clavier du téléphone"),
    "left": lazy_gettext("reste"),
    "lines": lazy_gettext("lignes"),
    "mandate": lazy_gettext("mandat"),
    "messages": lazy_gettext("messages"),
    "name": lazy_gettext("nom"),
    "not_reached": lazy_gettext("pas joint"),
    "of": lazy_gettext("de"),
    "open": lazy_gettext("pas discret"),
    "organisation": lazy_gettext("organisme"),
    "page": lazy_gettext("page"),
    "pages": lazy_gettext("pages"),
    "printed": lazy_gettext("imprimé"),
    "relay": lazy_gettext("relais"),
    "reminders": lazy_gettext("rappels"),
    "resident": lazy_gettext("usager"),
    "residents": lazy_gettext("usagers"),
    "revision": lazy_gettext("version"),
    "signed": lazy_gettext("signé :"),
    "telephone": lazy_gettext("téléphone"),
    "text": lazy_gettext("texte"),
    "to": lazy_gettext("à"),
    "told": lazy_gettext("prévenu"),
    "user": lazy_gettext("compte"),
    "waiting": lazy_gettext("attente"),
    "waiting list": lazy_gettext("liste d'attente"),
    "week": lazy_gettext("semaine"),
}
# Longest first; none is part of a name that is written with hyphens.
_KNOWN = re.compile(
    r"(?<![\w-])(?:%s)(?![\w-])"
    % "|".join(sorted(map(re.escape, DETAILS), key=len)[::-1])
)
# Of one there are no several.
_SINGLE = re.compile(r"(?<!\S)(1 [^\W\d]+)s\b(?!-)")


def detail_words(detail: str) -> str:
    """Say a line's detail: numbers and a few words, never anybody's name."""
    words = _KNOWN.sub(lambda found: str(DETAILS[found[0]]), detail)
    return _SINGLE.sub(r"\1", words).replace("->", "→")
