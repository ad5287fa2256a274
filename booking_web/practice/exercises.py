# SPDX-License-Identifier: AGPL-3.0-or-later
"""The exercises of each part: what to do, in the words of the pages, and when it is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from booking_web.practice import seeding
from booking_web.practice.happenings import Happening
from booking_web.practice.record import Record
from booking_web.tables.journal_acts import Act
from booking_web.tables.opening_checks import Step
from provisioning.database.models import UserRole


@dataclass(frozen=True)
class Exercise:
    """One gesture to learn."""

    key: str
    title: LazyString
    how: LazyString
    is_done: Callable[[Record], bool]
    # What the trainee has happen for it, if anything.
    happening: Happening | None = None
    # Somebody comes to the counsellor's counter for it.
    needs_visitor: bool = False


_MOVED = Act.MOVED
_PICKED_UP = "queued -> in_call"

_SECRETARY = (
    Exercise(
        "book",
        lazy_gettext("Réserver pour %(name)s", name=seeding.TO_BOOK),
        lazy_gettext(
            "Sur le Bureau, écrivez son nom, choisissez la Caisse d'exercice, un motif et "
            "une heure libre, puis réservez."
        ),
        lambda record: record.has(Act.BOOKED, seeding.TO_BOOK),
    ),
    Exercise(
        "move",
        lazy_gettext("Déplacer le rendez-vous de %(name)s", name=seeding.TO_MOVE),
        lazy_gettext(
            "Il est demain matin : changez de jour sur le Bureau, puis « Déplacer », et "
            "choisissez une autre heure."
        ),
        lambda record: record.has(Act.RESCHEDULED, seeding.TO_MOVE),
    ),
    Exercise(
        "cancel",
        lazy_gettext("Annuler le rendez-vous de %(name)s", name=seeding.TO_CANCEL),
        lazy_gettext("Il est demain aussi. Le site vous demande la raison."),
        lambda record: record.has(_MOVED, seeding.TO_CANCEL, "booked -> cancelled"),
    ),
    Exercise(
        "no_show",
        lazy_gettext("%(name)s n'est pas venue", name=seeding.LATE),
        lazy_gettext(
            "Son heure est passée : marquez « Absent ». La borne et le conseiller sont "
            "libres pour quelqu'un d'autre."
        ),
        lambda record: record.has(_MOVED, seeding.LATE, "booked -> no_show"),
    ),
    Exercise(
        "call",
        lazy_gettext("%(name)s est là : le faire appeler", name=seeding.EXPECTED),
        lazy_gettext(
            "Sur sa ligne, « Arrivé », puis « Appeler maintenant ». Regardez la ligne "
            "changer : la borne répond, le conseiller décroche."
        ),
        lambda record: record.came(_MOVED, seeding.EXPECTED, _PICKED_UP),
    ),
    Exercise(
        "walk_in",
        lazy_gettext("Quelqu'un vient sans rendez-vous"),
        lazy_gettext(
            "Inventez un nom (« Mme Nouvelle Inventée »), choisissez « Maintenant » : si la "
            "borne et un conseiller sont libres, l'appel part ; sinon la personne attend en "
            "file."
        ),
        lambda record: record.has_taken_in(),
    ),
    Exercise(
        "kiosk_off",
        lazy_gettext("La borne ne répond pas"),
        lazy_gettext(
            "Éteignez la borne ci-dessous, puis écrivez quelqu'un pour « Maintenant » : la "
            "personne attend en file et le Bureau dit pourquoi. Rallumez la borne : "
            "l'appel part."
        ),
        lambda record: (
            Happening.KIOSK_OFF in record.mended
            and record.was_called_after(Act.JOINED_LINE, _PICKED_UP)
        ),
        happening=Happening.KIOSK_OFF,
    ),
    Exercise(
        "paper",
        lazy_gettext("L'imprimante n'a plus de papier"),
        lazy_gettext(
            "Videz le bac ci-dessous, puis ouvrez « Documents » sur la ligne d'un "
            "rendez-vous : « Appareils de la borne » dit ce qui manque. Remettez du papier : "
            "ce qui attendait s'imprime."
        ),
        lambda record: (
            Happening.NO_PAPER in record.mended and record.has(Act.CONSOLE_OPENED)
        ),
        happening=Happening.NO_PAPER,
    ),
    Exercise(
        "opening",
        lazy_gettext("Le contrôle du matin"),
        lazy_gettext(
            "Sur le Bureau, « Ouverture du matin » : répondez aux cinq points, comme si "
            "vous étiez devant la borne."
        ),
        lambda record: record.looked_at >= frozenset(Step),
    ),
)
_COUNSELLOR = (
    Exercise(
        "take",
        lazy_gettext("Prendre un appel"),
        lazy_gettext(
            "Faites venir quelqu'un ci-dessous. Votre téléphone sonne dans le bandeau : "
            "décrochez, puis ouvrez le rendez-vous."
        ),
        lambda record: (
            record.came(_MOVED, detail=_PICKED_UP) and record.has(Act.CONSOLE_OPENED)
        ),
        needs_visitor=True,
    ),
    Exercise(
        "form",
        lazy_gettext("Commencer un formulaire"),
        lazy_gettext(
            "Pendant l'appel, choisissez un formulaire dans le rendez-vous et remplissez "
            "un champ. Inventez tout."
        ),
        lambda record: record.has(Act.DRAFT_BEGUN) or record.has(Act.CV_BEGUN),
    ),
    Exercise(
        "scan",
        lazy_gettext("Numériser une feuille"),
        lazy_gettext(
            "Pendant l'appel, lancez la numérisation : une page imaginaire arrive parmi "
            "les documents."
        ),
        lambda record: record.came(Act.SCANNED),
    ),
    Exercise(
        "print",
        lazy_gettext("Imprimer à la borne"),
        lazy_gettext("Imprimez la page numérisée, ou ce que vous avez rempli."),
        lambda record: record.has(Act.PRINT_REQUESTED) and record.came(Act.PRINTED),
    ),
    Exercise(
        "paper",
        lazy_gettext("L'imprimante n'a plus de papier"),
        lazy_gettext(
            "Videz le bac ci-dessous, puis imprimez : le rendez-vous dit ce qui manque. "
            "Demandez au secrétariat d'en remettre, comme vous le feriez, puis remplissez "
            "le bac : l'impression reprend seule."
        ),
        lambda record: Happening.NO_PAPER in record.mended and record.came(Act.PRINTED),
        happening=Happening.NO_PAPER,
    ),
    Exercise(
        "conclude",
        lazy_gettext("Raccrocher et noter la suite"),
        lazy_gettext(
            "Raccrochez dans le bandeau, puis dites dans le rendez-vous ce qu'il en est "
            "résulté."
        ),
        lambda record: record.has(Act.OUTCOME_NOTED),
    ),
    Exercise(
        "empty_chair",
        lazy_gettext("Personne devant la borne"),
        lazy_gettext(
            "Faites venir quelqu'un, décrochez : la chaise est vide. Raccrochez, puis "
            "« Personne n'était là » dans le rendez-vous."
        ),
        lambda record: record.has(Act.MOVED, detail="done -> no_show"),
        needs_visitor=True,
    ),
)

EXERCISES: Mapping[UserRole, tuple[Exercise, ...]] = {
    UserRole.SECRETARY: _SECRETARY,
    UserRole.COUNSELLOR: _COUNSELLOR,
}
