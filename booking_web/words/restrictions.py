# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why a resident's data are restricted, in the words of the pages and of the paper."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from booking_web.tables.restrictions import Ground

GROUNDS: Mapping[Ground, LazyString] = {
    Ground.ACCURACY: lazy_gettext(
        "L'usager dit que les données sont fausses : le temps de le vérifier (18.1.a)"
    ),
    Ground.UNLAWFUL: lazy_gettext(
        "Les données n'auraient pas dû être gardées, et l'usager ne veut pas qu'elles "
        "soient effacées (18.1.b)"
    ),
    Ground.LEGAL_CLAIM: lazy_gettext(
        "Elles ne servent plus ici, mais l'usager en a besoin pour défendre un droit "
        "(18.1.c)"
    ),
    Ground.OBJECTION: lazy_gettext(
        "L'usager s'oppose à leur usage : le temps de savoir quel motif l'emporte (18.1.d)"
    ),
}
