# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the kiosk's second screen writes and says in each scene: plain and short.

`sentence` stands in very large letters, two lines at most. `second` are lines below it: the
first is written whose values are known. `spoken` is the same for the ear, without values,
so that a person may record it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.domain.kiosks.scenes import Scene
from booking_web.words.consents import DEFAULT_TEXT


@dataclass(frozen=True)
class SceneWords:
    """The words of one scene."""

    sentence: LazyString
    spoken: LazyString
    second: tuple[LazyString | str, ...] = ()


_FACE_DOWN = lazy_gettext("Le côté écrit contre la vitre.")
_PAGES = (
    lazy_gettext("page %(page)s sur %(pages)s"),
    lazy_gettext("page %(page)s"),
)

WORDS: dict[Scene, SceneWords] = {
    Scene.CLOSED: SceneWords(
        lazy_gettext("C'est fermé."),
        lazy_gettext("Le guichet est fermé."),
        (lazy_gettext("Le guichet rouvre %(opens)s."),),
    ),
    Scene.FREE: SceneWords(
        lazy_gettext("Bienvenue au guichet virtuel."),
        lazy_gettext("Bienvenue. Pour parler à un conseiller, voyez la secrétaire."),
        (lazy_gettext("Pour parler à un conseiller, voyez la secrétaire."),),
    ),
    Scene.EXPECTED: SceneWords(
        lazy_gettext("Asseyez-vous.\nOn va vous appeler."),
        lazy_gettext("Asseyez-vous devant les écrans. On va vous appeler."),
    ),
    # The text is written below, and spoken before: the site's own, or the usual one.
    Scene.CONSENT: SceneWords(
        lazy_gettext("Dites oui ou non."),
        DEFAULT_TEXT,
    ),
    Scene.CALLING: SceneWords(
        lazy_gettext("Nous appelons un conseiller.\nRestez assis."),
        lazy_gettext("Nous appelons un conseiller. Restez assis."),
    ),
    Scene.WAITING: SceneWords(
        lazy_gettext("Un conseiller va vous répondre.\nRestez assis."),
        lazy_gettext("Un conseiller va vous répondre. Restez assis."),
        ("%(people)s",),
    ),
    Scene.WAITING_LONG: SceneWords(
        lazy_gettext("L'attente est longue.\nRestez assis."),
        lazy_gettext(
            "L'attente est longue. Restez assis. Si personne ne répond, voyez la "
            "secrétaire."
        ),
        (lazy_gettext("Si personne ne répond, voyez la secrétaire."),),
    ),
    Scene.IN_CALL: SceneWords(
        lazy_gettext("Le conseiller est là.\nParlez normalement."),
        lazy_gettext("Le conseiller est là. Parlez normalement."),
    ),
    Scene.COMING_BACK: SceneWords(
        lazy_gettext("Le conseiller revient.\nRestez assis."),
        lazy_gettext("Un instant. Le conseiller revient. Restez assis."),
    ),
    Scene.DOCUMENT: SceneWords(
        lazy_gettext("Le conseiller vous montre un document."),
        lazy_gettext("Le conseiller vous montre un document."),
    ),
    Scene.FORM: SceneWords(
        lazy_gettext("Le conseiller remplit un formulaire avec vous."),
        lazy_gettext("Le conseiller remplit un formulaire avec vous."),
    ),
    Scene.LAY_ON_GLASS: SceneWords(
        lazy_gettext("Posez votre document sur la vitre"),
        lazy_gettext("Posez votre document sur la vitre."),
        (_FACE_DOWN,),
    ),
    Scene.LAY_CARD: SceneWords(
        lazy_gettext("Posez votre carte sur la vitre"),
        lazy_gettext("Posez votre carte sur la vitre."),
        (lazy_gettext("La photo contre la vitre."),),
    ),
    Scene.LOAD_FEEDER: SceneWords(
        lazy_gettext("Glissez vos feuilles dans le haut de l'appareil"),
        lazy_gettext("Glissez vos feuilles dans le haut de l'appareil."),
        ("%(side)s",),
    ),
    Scene.SCANNING: SceneWords(
        lazy_gettext("L'appareil lit votre papier.\nN'y touchez pas."),
        lazy_gettext("L'appareil lit votre papier. N'y touchez pas."),
        _PAGES,
    ),
    Scene.TURN_CARD: SceneWords(
        lazy_gettext("Retournez la carte sur la vitre"),
        lazy_gettext("Retournez la carte sur la vitre."),
    ),
    Scene.TURN_PAPER: SceneWords(
        lazy_gettext("Retournez votre papier"),
        lazy_gettext("La page est vide. Retournez votre papier sur la vitre."),
        (_FACE_DOWN,),
    ),
    Scene.GOOD: SceneWords(
        lazy_gettext("C'est bon.\nReprenez votre papier."),
        lazy_gettext("C'est bon. Vous pouvez reprendre votre papier."),
    ),
    Scene.ONCE_MORE: SceneWords(
        lazy_gettext("Encore une fois.\nReposez votre papier."),
        lazy_gettext("La page est floue. Reposez votre papier, bien à plat."),
        (lazy_gettext("Bien à plat sur la vitre."),),
    ),
    Scene.TAKE_PAPER: SceneWords(
        lazy_gettext("Reprenez votre document"),
        lazy_gettext("Vous pouvez reprendre votre document."),
    ),
    Scene.PRINTING: SceneWords(
        lazy_gettext("Impression en cours"),
        lazy_gettext("Impression en cours."),
        _PAGES,
    ),
    Scene.TAKE_SHEETS: SceneWords(
        lazy_gettext("Prenez vos feuilles"),
        lazy_gettext("Votre document est imprimé. Prenez vos feuilles."),
    ),
    Scene.SIGN: SceneWords(
        lazy_gettext("Signez la feuille"),
        lazy_gettext("Signez la feuille. Le conseiller vous dit où."),
        (lazy_gettext("Le conseiller vous dit où."),),
    ),
    Scene.DEVICE_TROUBLE: SceneWords(
        lazy_gettext("Un instant, le conseiller s'en occupe"),
        lazy_gettext("Un instant, le conseiller s'en occupe."),
    ),
    Scene.GOODBYE: SceneWords(
        lazy_gettext("C'est terminé.\nMerci, au revoir."),
        lazy_gettext("C'est terminé. Reprenez tous vos papiers. Merci, au revoir."),
        (lazy_gettext("Reprenez tous vos papiers."),),
    ),
    Scene.NOBODY: SceneWords(
        lazy_gettext("Aucun conseiller n'a pu répondre.\nVoyez la secrétaire."),
        lazy_gettext("Aucun conseiller n'a pu répondre. Voyez la secrétaire."),
    ),
    Scene.CALL_CUT: SceneWords(
        lazy_gettext("L'appel est coupé.\nVoyez la secrétaire."),
        lazy_gettext("L'appel est coupé. Voyez la secrétaire."),
        (lazy_gettext("Elle peut rappeler."),),
    ),
    Scene.LINE_CUT: SceneWords(
        lazy_gettext("La ligne est coupée.\nRestez assis."),
        lazy_gettext(
            "La ligne est coupée. Restez assis. Si elle ne revient pas, voyez la "
            "secrétaire."
        ),
        (lazy_gettext("Si elle ne revient pas, voyez la secrétaire."),),
    ),
    Scene.OUT_OF_ORDER: SceneWords(
        lazy_gettext("La borne est en panne.\nVoyez la secrétaire."),
        lazy_gettext("La borne est en panne. Voyez la secrétaire."),
        ("%(told)s",),
    ),
}


def second_line(scene: Scene, values: Mapping[str, str]) -> str:
    """Give what is written below the sentence; nothing where a value is not known."""
    known = {name: value for name, value in values.items() if value}
    for line in WORDS[scene].second:
        try:
            return str(line) % known
        except KeyError:
            continue
    return ""


def side_words(is_fed_face_down: bool) -> str:
    """Say which side of a sheet is up in the kiosk's feeder."""
    if is_fed_face_down:
        return gettext("Le côté écrit vers le bas.")
    return gettext("Le côté écrit vers le haut.")


def people_words(before: int | None) -> str:
    """Say how many are answered first; nothing where nobody knows."""
    if before is None:
        return ""
    if before == 0:
        return gettext("C'est bientôt à vous.")
    return ngettext(
        "Une personne passe avant vous.",
        "%(num)s personnes passent avant vous.",
        before,
    )


def trouble_told_words() -> str:
    """Say to whom it is told that the kiosk is out of order."""
    return gettext("L'administrateur est prévenu.")
