# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a state and a reason are called on the pages: a word, an icon and a colour."""

from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from booking_web.tables.states import ActReason, AppointmentState

_S = AppointmentState


@dataclass(frozen=True)
class StateWording:
    """How a page shows a state; never by the colour alone."""

    word: LazyString
    # The name of a symbol in static/vendor/bootstrap-icons/icons.svg.
    icon: str
    # A class of site.css: `calm`, `ready`, `busy`, `live`, `over` or `trouble`.
    tone: str


STATES: dict[AppointmentState, StateWording] = {
    _S.BOOKED: StateWording(lazy_gettext("Réservé"), "calendar-check", "calm"),
    _S.ARRIVED: StateWording(lazy_gettext("Arrivé"), "person-check", "ready"),
    _S.CALLING: StateWording(
        lazy_gettext("Appel de la borne"), "telephone-outbound", "busy"
    ),
    _S.QUEUED: StateWording(
        lazy_gettext("Attend un conseiller"), "hourglass-split", "busy"
    ),
    _S.IN_CALL: StateWording(lazy_gettext("En communication"), "camera-video", "live"),
    _S.DONE: StateWording(lazy_gettext("Terminé"), "check-circle", "over"),
    _S.CANCELLED: StateWording(lazy_gettext("Annulé"), "x-circle", "over"),
    _S.NO_SHOW: StateWording(lazy_gettext("Absent"), "person-x", "over"),
    _S.UNREACHABLE: StateWording(
        lazy_gettext("Borne injoignable"), "exclamation-triangle", "trouble"
    ),
    _S.ABANDONED: StateWording(
        lazy_gettext("Personne n'a répondu"), "telephone-x", "trouble"
    ),
    _S.INTERRUPTED: StateWording(
        lazy_gettext("Appel coupé"), "exclamation-octagon", "trouble"
    ),
}

CALL_REQUESTED = StateWording(lazy_gettext("Appel demandé"), "telephone-plus", "busy")

# The counsellor's page has gone in the call, and is awaited.
CALL_KEPT = StateWording(
    lazy_gettext("Appel gardé : le conseiller revient"), "hourglass-split", "live"
)

IN_LINE = StateWording(lazy_gettext("Dans la file d'attente"), "people", "busy")

# A counsellor spoke to an empty chair; in the statistics it is no call.
ABSENT_AFTER_CALL = StateWording(
    lazy_gettext("Absent après l'appel"), "person-x", "over"
)

REASONS: dict[str, LazyString] = {
    "kiosk_offline": lazy_gettext("La borne est éteinte ou débranchée du réseau."),
    "kiosk_silent": lazy_gettext(
        "La borne n'a pas répondu. Vérifiez qu'elle est allumée, puis rappelez."
    ),
    "kiosk_busy": lazy_gettext("La borne est déjà en communication."),
    "kiosk_awaited": lazy_gettext(
        "La borne est encore occupée. Elle appellera d'elle-même dès qu'elle est libre."
    ),
    "kiosk_refused": lazy_gettext(
        "La borne a refusé l'appel. Prévenez l'administrateur si cela se répète."
    ),
    "queue_timeout": lazy_gettext(
        "Aucun conseiller n'a pu répondre à temps. Vous pouvez rappeler."
    ),
    "call_broken": lazy_gettext("La communication s'est coupée. Vous pouvez rappeler."),
    "resident_left": lazy_gettext(
        "L'appel a été arrêté à la borne avant la réponse d'un conseiller."
    ),
    "asterisk_lost": lazy_gettext(
        "Le service téléphonique s'est arrêté pendant l'appel. Vous pouvez rappeler."
    ),
    "dispatcher_lost": lazy_gettext(
        "Le service d'appel a redémarré : vérifiez à la borne, puis rappelez si besoin."
    ),
    "server_full": lazy_gettext(
        "Le serveur ne peut pas prendre plus d'appels à la fois : rappelez dans quelques"
        " minutes et prévenez l'administrateur. La borne n'y est pour rien."
    ),
    "access_cut": lazy_gettext(
        "L'administrateur a coupé l'accès de la borne ou du téléphone pendant l'appel."
    ),
    "handed_over": lazy_gettext(
        "Un conseiller a passé l'appel : l'usager attend le suivant."
    ),
    "hung_up_by_secretary": lazy_gettext("Vous avez raccroché."),
    "resident_asked": lazy_gettext("À la demande de l'usager."),
    "organisation_asked": lazy_gettext("À la demande de l'organisme."),
    "entered_wrongly": lazy_gettext("Erreur de saisie."),
    "illness": lazy_gettext("Maladie."),
    "other": lazy_gettext("Autre raison."),
    "presumed_at_the_hour": lazy_gettext("L'heure du rendez-vous est venue."),
}


# What a person chooses from, in the order of the page.
ACT_REASONS: dict[ActReason, LazyString] = {
    ActReason.RESIDENT_ASKED: lazy_gettext("L'usager l'a demandé"),
    ActReason.ORGANISATION_ASKED: lazy_gettext("L'organisme l'a demandé"),
    ActReason.ENTERED_WRONGLY: lazy_gettext("Erreur de saisie"),
    ActReason.ILLNESS: lazy_gettext("Maladie"),
    ActReason.OTHER: lazy_gettext("Autre"),
}


def wording_of(
    state: AppointmentState,
    call_requested: bool = False,
    was_called: bool = False,
    is_kept: bool = False,
) -> StateWording:
    """Give the word, icon and colour of a state.

    Of an absence also whether a call was up, of a call whether its counsellor is awaited.
    """
    if is_kept:
        return CALL_KEPT
    if state is _S.NO_SHOW and was_called:
        return ABSENT_AFTER_CALL
    if state is _S.ARRIVED and call_requested:
        return CALL_REQUESTED
    return STATES[state]


def reason_sentence(code: str) -> LazyString | str:
    """Say in plain words why a state is what it is; empty for no reason."""
    if not code:
        return ""
    return REASONS.get(code, lazy_gettext("Cause inconnue. Prévenez l'administrateur."))
