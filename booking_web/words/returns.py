# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of printed forms: what came back, what is wrong, what to do."""

from collections.abc import Collection, Sequence

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.domain.forms.errors import FormRefusal
from booking_web.domain.forms.printed.claims import GIVEN_UP
from booking_web.domain.forms.printed.overview import Question
from booking_web.domain.forms.printed.standing import PageStanding, Standing
from booking_web.domain.residents.sameness import Sameness
from booking_web.tables.printed_forms import ReturnedKind, ZoneState

STRAYS: dict[ReturnedKind, LazyString] = {
    ReturnedKind.OTHER_PRINTING: lazy_gettext(
        "Cette page vient d'une impression qui n'est plus gardée."
    ),
    ReturnedKind.OTHER_FORM: lazy_gettext(
        "Cette page est d'un autre formulaire, qui n'est pas gardé ici."
    ),
    ReturnedKind.OTHER_APPOINTMENT: lazy_gettext(
        "Cette page est d'un autre rendez-vous. Vérifiez à qui elle est, puis retirez "
        "cette numérisation."
    ),
    ReturnedKind.NOT_OURS: lazy_gettext(
        "Le carré de cette page n'a pas été imprimé par ce serveur."
    ),
    ReturnedKind.SEVERAL_MARKS: lazy_gettext(
        "Deux pages étaient posées l'une sur l'autre. Numérisez-les une par une."
    ),
    ReturnedKind.NO_MARK: lazy_gettext(
        "Cette page n'a pas de carré lisible : il est coupé ou caché, ou c'est un autre "
        "papier."
    ),
}

# What failed to read a scan, beside the refusals of a file.
_FAILURES: dict[str, LazyString] = {
    GIVEN_UP: lazy_gettext(
        "La lecture s'est arrêtée deux fois. Relancez-la, ou rangez les pages à la main."
    ),
    "no_process": lazy_gettext(
        "Le serveur n'a pas pu lire cette numérisation. Relancez la lecture dans un "
        "instant."
    ),
    "no_store": lazy_gettext(
        "Cette numérisation n'est pas accessible en ce moment. Relancez la lecture dans "
        "un instant, puis prévenez l'administrateur."
    ),
    FormRefusal.ENDLESS: lazy_gettext(
        "Cette numérisation demande trop de travail au serveur. Relancez la lecture, ou "
        "numérisez-la à nouveau avec moins de pages."
    ),
    FormRefusal.TOO_MANY_PAGES: lazy_gettext(
        "Cette numérisation a trop de pages pour être lue. Numérisez-la en plusieurs "
        "fois."
    ),
}

ZONES: dict[ZoneState, LazyString] = {
    ZoneState.EMPTY: lazy_gettext("la case de signature est vide"),
    ZoneState.UNCERTAIN: lazy_gettext("la signature est à regarder"),
    ZoneState.SIGNED: lazy_gettext("signée"),
    ZoneState.ACCEPTED: lazy_gettext("vérifiée par vous"),
}


def failure_sentence(reason: str) -> str:
    """Say why a scan could not be looked through and what to do."""
    usual = lazy_gettext(
        "Cette numérisation n'a pas pu être lue. Relancez la lecture, ou numérisez-la à "
        "nouveau."
    )
    return str(_FAILURES.get(reason, usual))


def standing_sentence(standing: Standing) -> str:
    """Say how many pages came back, and what is wrong with them, in one sentence."""
    pages = len(standing.pages)
    told = ngettext("%(num)d page imprimée", "%(num)d pages imprimées", pages)
    if standing.came_back == 0:
        return gettext("%(printed)s, aucune revenue.", printed=told)
    back = ngettext("%(num)d revenue", "%(num)d revenues", standing.came_back)
    parts = [f"{told}, {back}"]
    if standing.missing:
        parts.append(
            ngettext(
                "il manque la page %(pages)s",
                "il manque les pages %(pages)s",
                len(standing.missing),
                pages=numbers(standing.missing),
            )
        )
    for state, wrong in (
        (ZoneState.EMPTY, standing.empty),
        (ZoneState.UNCERTAIN, standing.doubtful),
    ):
        parts += [
            gettext("page %(page)s : %(what)s", page=page, what=ZONES[state])
            for page in wrong
        ]
    if standing.is_complete:
        parts.append(gettext("tout y est"))
    return f"{' ; '.join(parts)}."


def page_words(page: PageStanding) -> str:
    """Say of one page whether it came back, and whether it is signed."""
    if page.counted is None:
        return gettext("pas revenue")
    if page.is_empty:
        return str(ZONES[ZoneState.EMPTY])
    if page.is_doubtful:
        return str(ZONES[ZoneState.UNCERTAIN])
    states = {state for _, state in page.counted.zones}
    if ZoneState.ACCEPTED in states:
        return str(ZONES[ZoneState.ACCEPTED])
    return str(ZONES[ZoneState.SIGNED]) if states else gettext("revenue")


def unmarked_sentence(pages: Sequence[int]) -> str:
    """Say which pages have no room for a mark and what follows from it."""
    return ngettext(
        "La page %(pages)s n'a pas assez de blanc pour le petit carré : elle est imprimée "
        "sans, et vous direz vous-même laquelle c'est quand elle revient.",
        "Les pages %(pages)s n'ont pas assez de blanc pour le petit carré : elles sont "
        "imprimées sans, et vous direz vous-même lesquelles ce sont quand elles reviennent.",
        len(pages),
        pages=numbers(pages),
    )


def twice_sentence(pages: Sequence[int]) -> str:
    """Say which pages came more than once, and which copy counts."""
    return ngettext(
        "La page %(pages)s est revenue plusieurs fois : la mieux signée compte.",
        "Les pages %(pages)s sont revenues plusieurs fois : les mieux signées comptent.",
        len(pages),
        pages=numbers(pages),
    )


def noted_sentence(states: Collection[ZoneState]) -> str:
    """Say that what a person said of a page is kept, and how its signatures look."""
    if ZoneState.EMPTY in states:
        return gettext("C'est noté. Sur cette page, la case de signature est vide.")
    if ZoneState.UNCERTAIN in states:
        return gettext("C'est noté. Sur cette page, la signature est à regarder.")
    if states:
        return gettext("C'est noté. Cette page est signée.")
    return gettext("C'est noté.")


def printed_elsewhere_sentence(day: str) -> str:
    """Say in which other appointment a form was printed; no day: one that is not seen."""
    if not day:
        return gettext("Imprimé à un autre rendez-vous de cet usager.")
    return gettext("Imprimé au rendez-vous du %(day)s.", day=day)


def back_elsewhere_sentence(day: str) -> str:
    """Say in which other appointment pages of a form came back."""
    if not day:
        return gettext("Revenu à un autre rendez-vous de cet usager.")
    return gettext("Revenu au rendez-vous du %(day)s.", day=day)


def kept_elsewhere_sentence(number: int, day: str) -> str:
    """Say of which other appointment the signed document is."""
    if not day:
        return gettext("Signé et gardé à un autre rendez-vous de cet usager.")
    return gettext(
        "Signé et gardé : document %(number)s du rendez-vous du %(day)s.",
        number=number,
        day=day,
    )


def awaited_sentence(form: str, day: str) -> str:
    """Say that the resident may have brought a form that was printed before."""
    return gettext(
        "« %(form)s », imprimé au rendez-vous du %(day)s, n'est pas encore revenu signé. "
        "Si l'usager l'a apporté, numérisez-le : ses pages seront reconnues.",
        form=form,
        day=day,
    )


_WHY_LIKELY: dict[Sameness, LazyString] = {
    Sameness.BY_BIRTH_DATE: lazy_gettext("du même nom, née le même jour"),
    Sameness.BY_TELEPHONE: lazy_gettext("du même nom, avec le même téléphone"),
}


def same_person_sentence(question: Question, day: str) -> str:
    """Ask whether a form printed elsewhere is of this resident, and say why it may be."""
    return ngettext(
        "%(num)d page de « %(form)s » est revenue : ce formulaire a été imprimé le %(day)s "
        "pour une personne %(alike)s. Demandez à l'usager si c'est le sien.",
        "%(num)d pages de « %(form)s » sont revenues : ce formulaire a été imprimé le "
        "%(day)s pour une personne %(alike)s. Demandez à l'usager si c'est le sien.",
        question.pages,
        form=question.title,
        day=day,
        alike=_WHY_LIKELY[question.sameness],
    )


def sign_again_words(standing: Standing) -> str:
    """Tell the resident what is still wanted, in few words."""
    if standing.empty:
        return ngettext(
            "Signez la page %(pages)s, puis posez-la dans le scanner.",
            "Signez les pages %(pages)s, puis posez-les dans le scanner.",
            len(standing.empty),
            pages=numbers(standing.empty),
        )
    return ngettext(
        "Posez la page %(pages)s dans le scanner.",
        "Posez les pages %(pages)s dans le scanner.",
        len(standing.missing),
        pages=numbers(standing.missing),
    )


def scan_again_words(pages: Sequence[int]) -> str:
    """Name the button that has the scanner take these pages."""
    return ngettext(
        "Numériser la page %(pages)s",
        "Numériser les pages %(pages)s",
        len(pages),
        pages=numbers(pages),
    )


def print_again_words(pages: Sequence[int]) -> str:
    """Name the button that prints these pages."""
    return ngettext(
        "Réimprimer la page %(pages)s",
        "Réimprimer les pages %(pages)s",
        len(pages),
        pages=numbers(pages),
    )


def part_title(form: str, pages: Sequence[int]) -> str:
    """Name the document with these pages of a form."""
    return ngettext(
        "%(form)s (page %(pages)s)",
        "%(form)s (pages %(pages)s)",
        len(pages),
        form=form,
        pages=numbers(pages),
    )


def numbers(pages: Sequence[int]) -> str:
    """Give numbers as people read them: 2, 3 et 5."""
    *before, last = [str(page) for page in pages]
    if not before:
        return last
    return gettext("%(first)s et %(last)s", first=", ".join(before), last=last)
