# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a purge took away, in words."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

COUNTS: Mapping[str, LazyString] = {
    "appointments_anonymised": lazy_gettext("rendez-vous rendus anonymes"),
    "residents_forgotten": lazy_gettext("fiches d'usagers"),
    "waiting_entries_deleted": lazy_gettext("demandes en liste d'attente"),
    "documents_removed": lazy_gettext("documents"),
    "originals_erased": lazy_gettext("numérisations d'origine"),
    "drafts_erased": lazy_gettext("formulaires en cours"),
    "cvs_erased": lazy_gettext("CV"),
    "sms_files_removed": lazy_gettext("SMS dans le dossier du modem"),
    "readings_forgotten": lazy_gettext("lignes de consultation du journal"),
}


def counts_words(counts: Mapping[str, int]) -> list[str]:
    """Say how much of each kind went, of those kinds of which something did."""
    return [f"{counts[key]} {word}" for key, word in COUNTS.items() if counts.get(key)]
