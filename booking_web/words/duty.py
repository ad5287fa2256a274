# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor's duty is called: available, paused and why, writing after a call."""

from collections.abc import Mapping

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.tables.duty import DutyState, PauseReason

REASONS: Mapping[PauseReason, LazyString] = {
    PauseReason.BREAK: lazy_gettext("repos"),
    PauseReason.MEETING: lazy_gettext("réunion"),
    PauseReason.OTHER: lazy_gettext("autre travail"),
    PauseReason.TELEPHONE: lazy_gettext("demandée au téléphone"),
    PauseReason.MISSED_RINGS: lazy_gettext("appels non décrochés"),
}


def state_words(state: DutyState, reason: str, *, is_in_call: bool = False) -> str:
    """Name the state, and a pause's reason."""
    if state == DutyState.PAUSED:
        why = REASONS[PauseReason(reason)]
        if is_in_call:
            return gettext("En pause après cet appel (%(why)s)", why=why)
        return gettext("En pause (%(why)s)", why=why)
    if state == DutyState.WRAP_UP:
        if is_in_call:
            return gettext("En communication, puis temps de saisie")
        return gettext("Temps de saisie")
    return gettext("En communication") if is_in_call else gettext("Disponible")


def detail_words(state: DutyState, reason: str, hour: str) -> str:
    """Say what it means for the telephone; `hour` is since when."""
    if reason == PauseReason.MISSED_RINGS:
        return gettext(
            "Plusieurs appels de suite n'ont pas été décrochés : depuis %(hour)s votre "
            "téléphone ne sonne plus. Rendez-vous disponible dès que vous êtes là.",
            hour=hour,
        )
    if state == DutyState.PAUSED:
        return gettext("Depuis %(hour)s. Votre téléphone ne sonne pas.", hour=hour)
    if state == DutyState.WRAP_UP:
        return gettext("Votre téléphone ne sonne pas.")
    return gettext("Votre téléphone sonne pour le prochain appel.")


def away_words() -> str:
    """Say that no telephone is there that could ring."""
    return gettext("Aucun appel ne sonne")


def not_there_words() -> str:
    """Say, to others, that their telephone is registered nowhere."""
    return gettext("Pas là : téléphone éteint, ou bureau fermé")


def what_to_open_words(*, is_browser: bool) -> str:
    """Say what makes it ring again."""
    if is_browser:
        return gettext("Pour en recevoir, prenez vos appels dans « Mon bureau ».")
    return gettext("Votre téléphone est éteint, ou sa ligne coupée.")


def revoked_words() -> str:
    """Say that there is no telephone any more, and who gives another."""
    return gettext(
        "L'administrateur a retiré votre téléphone : demandez-lui-en un autre."
    )


def being_applied_words() -> str:
    """Say that the telephone exchange does not hold it yet."""
    return gettext("Demandé : le standard ne l'a pas encore confirmé.")


def unknown_words() -> str:
    """Say that nobody knows what the telephone exchange holds."""
    return gettext(
        "Le service d'appel ne donne plus de nouvelles : voici le dernier état connu. "
        "Ce que vous demandez sera fait dès qu'il répond."
    )


def colleague_words(name: str, state: DutyState, reason: str) -> str:
    """Say of a counsellor, to others, why their telephone does not ring."""
    return gettext("%(name)s : %(what)s.", name=name, what=state_words(state, reason))
