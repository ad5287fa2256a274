# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of a CV: its parts and fields, what it does not take, whether it fits."""

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.domain.cv.content import (
    CvContent,
    Entry,
    Language,
    Layout,
    Section,
)
from booking_web.domain.cv.errors import (
    CvError,
    CvGone,
    CvNotText,
    CvTooLong,
    NobodyAgreed,
)

FIELDS: dict[str, LazyString] = {
    "name": lazy_gettext("Nom et prénom"),
    "title": lazy_gettext("Métier ou poste cherché"),
    "town": lazy_gettext("Commune"),
    "telephone": lazy_gettext("Téléphone"),
    "email": lazy_gettext("Adresse e-mail"),
    "mobility": lazy_gettext("Permis, véhicule"),
    "summary": lazy_gettext("Ce que je cherche, en deux ou trois phrases"),
    "skills": lazy_gettext("Ce que je sais faire"),
    "interests": lazy_gettext("Loisirs, engagements"),
}
ENTRY_FIELDS: dict[Section, dict[str, LazyString]] = {
    Section.EXPERIENCE: {
        "title": lazy_gettext("Poste"),
        "employer": lazy_gettext("Employeur"),
        "place": lazy_gettext("Lieu"),
        "start": lazy_gettext("Début"),
        "end": lazy_gettext("Fin"),
        "tasks": lazy_gettext("Ce que j'y ai fait, une ligne par tâche"),
    },
    Section.TRAINING: {
        "title": lazy_gettext("Diplôme ou formation"),
        "school": lazy_gettext("Établissement"),
        "year": lazy_gettext("Année"),
    },
    Section.LANGUAGE: {
        "name": lazy_gettext("Langue"),
        "level": lazy_gettext("Niveau"),
    },
    Section.LICENCE: {
        "name": lazy_gettext("Permis, habilitation ou certificat"),
        "year": lazy_gettext("Année"),
    },
}
SECTIONS: dict[Section, LazyString] = {
    Section.EXPERIENCE: lazy_gettext("Expériences"),
    Section.TRAINING: lazy_gettext("Formations"),
    Section.LANGUAGE: lazy_gettext("Langues"),
    Section.LICENCE: lazy_gettext("Permis et habilitations"),
}
ONE_OF: dict[Section, LazyString] = {
    Section.EXPERIENCE: lazy_gettext("Expérience"),
    Section.TRAINING: lazy_gettext("Formation"),
    Section.LANGUAGE: lazy_gettext("Langue"),
    Section.LICENCE: lazy_gettext("Permis ou habilitation"),
}
ADDING: dict[Section, LazyString] = {
    Section.EXPERIENCE: lazy_gettext("Ajouter une expérience"),
    Section.TRAINING: lazy_gettext("Ajouter une formation"),
    Section.LANGUAGE: lazy_gettext("Ajouter une langue"),
    Section.LICENCE: lazy_gettext("Ajouter un permis ou une habilitation"),
}
LEVELS: dict[str, LazyString | str] = {
    "": lazy_gettext("(non précisé)"),
    Language.SOME: lazy_gettext("notions"),
    Language.SPOKEN: lazy_gettext("parlé"),
    Language.FLUENT: lazy_gettext("courant"),
    Language.NATIVE: lazy_gettext("langue maternelle"),
}
LAYOUTS: dict[Layout, LazyString] = {
    Layout.SOBER: lazy_gettext("Sobre, une colonne"),
    Layout.COLUMNS: lazy_gettext("Deux colonnes, en couleur"),
}
# What stands together at the top of the page.
_TOP = ("name", "title", "town", "telephone", "email", "mobility")
# Points: letters that are smaller are told of.
SMALL = 9.9
LONGEST_TOLD = 2
# An employer reads no more sheets.
MOST_SHEETS = 2


def words_of_section(content: CvContent, section: str) -> tuple[str, str]:
    """Give what a section of the page is called, and all that is written in it."""
    name, _, number = section.partition("-")
    if name in set(Section):
        entries = content.of(Section(name))
        if number:
            entries = tuple(each for each in entries if str(each.number) == number)
        label = ONE_OF[Section(name)] if number else SECTIONS[Section(name)]
        return str(label), "\n".join(_words_of_entry(each) for each in entries)
    fields = _TOP if name == "name" else (name,)
    label = FIELDS.get(name, FIELDS["name"])
    return str(label), ", ".join(filter(None, map(content.get, fields)))


def _words_of_entry(entry: Entry) -> str:
    told = {**entry.values, "level": str(LEVELS.get(entry["level"], ""))}
    if not entry["level"]:
        del told["level"]
    return ", ".join(each for each in told.values() if each.strip())


def cv_trouble(error: CvError) -> str:
    """Say what a CV does not take and what to do."""
    if isinstance(error, CvTooLong):
        return gettext(
            "C'est trop long pour un CV : raccourcissez. Rien n'a été enregistré ici."
        )
    if isinstance(error, CvNotText):
        return gettext(
            "Ce texte contient des caractères illisibles. Retapez-le à la main."
        )
    if isinstance(error, NobodyAgreed):
        return gettext(
            "La mairie n'a noté que le nom de l'usager : son CV ne peut pas être gardé. "
            "Imprimez-le ou envoyez-le."
        )
    if isinstance(error, CvGone):
        return gettext("Ce CV n'est plus là : il a été effacé ou repris ailleurs.")
    return gettext("Cette partie du CV a été retirée entre-temps.")


def field_words(content: CvContent, key: str) -> str:
    """Call a field by its name, and by its entry's."""
    if key in FIELDS:
        return str(FIELDS[key])
    section_name, _, rest = key.partition(".")
    if section_name not in set(Section):
        return gettext("Ordre des parties")
    section = Section(section_name)
    number, _, name = rest.partition(".")
    field = ENTRY_FIELDS[section].get(name, ONE_OF[section])
    return gettext(
        "%(entry)s : %(field)s",
        entry=entry_words(content, section, int(number)),
        field=field,
    )


def entry_words(content: CvContent, section: Section, number: int) -> str:
    """Call an entry by what stands first in it, or by its place."""
    for place, each in enumerate(content.of(section), start=1):
        if each.number == number:
            named = each["title"] or each["name"]
            if named:
                return gettext(
                    "%(what)s « %(name)s »", what=ONE_OF[section], name=named
                )
            return gettext("%(what)s n° %(place)s", what=ONE_OF[section], place=place)
    return str(ONE_OF[section])


def fit_words(
    content: CvContent, *, pages: int, size: float, beyond: int, strangers: str
) -> tuple[list[str], bool]:
    """Say how many pages the CV takes, and what to do; tell too whether that is well."""
    words = []
    if pages > MOST_SHEETS:
        words.append(
            ngettext(
                "Le CV dépasse deux pages, d'environ %(num)s caractère.",
                "Le CV dépasse deux pages, d'environ %(num)s caractères.",
                max(beyond, 1),
            )
        )
        if longest := _longest(content):
            words.append(
                gettext("Raccourcissez d'abord : %(what)s.", what=" ; ".join(longest))
            )
    elif pages > 1:
        words.append(gettext("Le CV fait deux pages."))
        if size < SMALL:
            words.append(
                gettext(
                    "Les caractères sont petits (%(size)s points). Raccourcissez pour les "
                    "agrandir.",
                    size=f"{size:g}".replace(".", ","),
                )
            )
    elif size < SMALL:
        words.append(
            gettext(
                "Tout tient sur une page, mais en petits caractères (%(size)s points). "
                "Raccourcissez pour les agrandir.",
                size=f"{size:g}".replace(".", ","),
            )
        )
    else:
        words.append(gettext("Tout tient sur une page."))
    if strangers:
        words.append(
            gettext(
                "Ces caractères ne peuvent pas être imprimés, un « ? » les remplace : "
                "%(characters)s",
                characters=" ".join(strangers),
            )
        )
    return words, pages <= MOST_SHEETS


def _longest(content: CvContent) -> list[str]:
    """Name the texts that take the most room."""
    lengths = {
        key: len(value) + 60 * value.count("\n")
        for key, value in content.fields().items()
    }
    ranked = sorted(lengths, key=lambda key: -lengths[key])
    return [field_words(content, key) for key in ranked[:LONGEST_TOLD] if lengths[key]]
