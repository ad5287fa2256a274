# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of a library of forms and of drafts: what is not taken, and why."""

from flask_babel import LazyString, lazy_gettext

from booking_web.domain.forms.asked import GROUP_LENGTH, LABEL_LENGTH, Known
from booking_web.domain.forms.draft_values import LONGEST
from booking_web.domain.forms.errors import LibraryRefusal, ValueRefusal
from booking_web.domain.forms.handed_on import MOST_BYTES, HandedFault
from booking_web.domain.forms.handed_on import MOST_FORMS as MOST_HANDED
from booking_web.domain.forms.library import MOST_FORMS
from booking_web.tables.forms import FORM_TITLE_LENGTH

KNOWN: dict[Known, LazyString] = {
    Known.NAME: lazy_gettext("le nom de l'habitant"),
    Known.FAMILY_NAME: lazy_gettext("son nom de famille"),
    Known.GIVEN_NAMES: lazy_gettext("ses prénoms"),
    Known.BIRTH_DATE: lazy_gettext("sa date de naissance"),
    Known.BIRTH_DAY: lazy_gettext("sa date de naissance : le jour"),
    Known.BIRTH_MONTH: lazy_gettext("sa date de naissance : le mois"),
    Known.BIRTH_YEAR: lazy_gettext("sa date de naissance : l'année"),
    Known.ADDRESS: lazy_gettext("son adresse postale, entière"),
    Known.STREET: lazy_gettext("son adresse : le numéro et la rue"),
    Known.POSTCODE: lazy_gettext("son adresse : le code postal"),
    Known.COMMUNE: lazy_gettext("son adresse : la commune"),
    Known.COUNTRY: lazy_gettext("son adresse : le pays"),
    Known.TELEPHONE: lazy_gettext("son téléphone"),
    Known.EMAIL: lazy_gettext("son adresse électronique"),
    Known.RELAY: lazy_gettext("le relais"),
    Known.DATE: lazy_gettext("la date du jour"),
    Known.DAY: lazy_gettext("la date du jour : le jour"),
    Known.MONTH: lazy_gettext("la date du jour : le mois"),
    Known.YEAR: lazy_gettext("la date du jour : l'année"),
    Known.COUNSELLOR: lazy_gettext("le nom du conseiller"),
    Known.REFERENCE: lazy_gettext("le numéro du rendez-vous"),
}

LIBRARY_REFUSALS: dict[LibraryRefusal, LazyString] = {
    LibraryRefusal.NO_TITLE: lazy_gettext("Donnez un titre au formulaire."),
    LibraryRefusal.TITLE_TOO_LONG: lazy_gettext(
        "Ce titre est trop long : %(title)s caractères au plus. Raccourcissez-le."
    ),
    LibraryRefusal.NO_LABEL: lazy_gettext(
        "Dites en quelques mots ce que demande ce champ."
    ),
    LibraryRefusal.LABEL_TOO_LONG: lazy_gettext(
        "Ce libellé est trop long : %(label)s caractères au plus. Raccourcissez-le."
    ),
    LibraryRefusal.GROUP_TOO_LONG: lazy_gettext(
        "Ce nom de groupe est trop long : %(group)s caractères au plus. Raccourcissez-le."
    ),
    LibraryRefusal.UNPRINTABLE: lazy_gettext(
        "Ce texte contient un caractère qui ne peut pas être affiché. Retapez-le au "
        "clavier."
    ),
    LibraryRefusal.UNKNOWN_FIELD: lazy_gettext(
        "Ce champ n'est pas dans le formulaire. Rechargez la page, puis recommencez."
    ),
    LibraryRefusal.FIELD_MISSING: lazy_gettext(
        "Il manque un champ du formulaire. Rechargez la page, puis recommencez."
    ),
    LibraryRefusal.FIELD_TWICE: lazy_gettext(
        "Un champ est là deux fois. Rechargez la page, puis recommencez."
    ),
    LibraryRefusal.OTHER_FORMS: lazy_gettext(
        "La liste des formulaires a changé entre-temps. Rechargez la page, puis "
        "recommencez."
    ),
    LibraryRefusal.TOO_MANY_FORMS: lazy_gettext(
        "La bibliothèque est pleine : %(forms)s formulaires au plus. Ajoutez une édition "
        "à un formulaire qui y est déjà."
    ),
}

HANDED_FAULTS: dict[HandedFault, LazyString] = {
    HandedFault.NOT_A_LIBRARY: lazy_gettext(
        "Ce fichier n'est pas une bibliothèque de formulaires. Prenez celui que l'autre "
        "organisme a téléchargé sur sa page « Transmettre »."
    ),
    HandedFault.TOO_LARGE: lazy_gettext(
        "Cette bibliothèque est trop volumineuse : %(megabytes)s Mo au plus. Choisissez "
        "moins de formulaires."
    ),
    HandedFault.TOO_MANY_FORMS: lazy_gettext(
        "Cette bibliothèque a trop de formulaires : %(forms)s au plus. Partagez-la en "
        "plusieurs fichiers."
    ),
    HandedFault.NEWER_VERSION: lazy_gettext(
        "Cette bibliothèque vient d'une version plus récente du guichet virtuel. Demandez "
        "à l'administrateur de mettre ce serveur à jour."
    ),
    HandedFault.DAMAGED: lazy_gettext(
        "Ce fichier est abîmé : rien n'en est pris. Demandez-le à nouveau à l'autre "
        "organisme."
    ),
}

VALUE_REFUSALS: dict[ValueRefusal, LazyString] = {
    ValueRefusal.NOT_FILLED_IN: lazy_gettext(
        "Ce champ ne se remplit pas ici : il se signe à la main, ou le formulaire ne le "
        "laisse pas changer."
    ),
    ValueRefusal.TOO_LONG: lazy_gettext(
        "Ce texte est trop long : %(value)s caractères au plus. Raccourcissez-le."
    ),
    ValueRefusal.NO_TEXT: lazy_gettext(
        "Ce texte contient un caractère qui ne peut pas être gardé. Retapez-le au clavier."
    ),
    ValueRefusal.NO_SUCH_CHOICE: lazy_gettext(
        "Ce choix n'existe pas dans le formulaire. Prenez-en un de la liste."
    ),
}


def library_sentence(reason: LibraryRefusal) -> str:
    """Say why what a manager says of a form is not taken and what to do."""
    return str(LIBRARY_REFUSALS[reason]) % {
        "title": FORM_TITLE_LENGTH,
        "label": LABEL_LENGTH,
        "group": GROUP_LENGTH,
        "forms": MOST_FORMS,
    }


def handed_sentence(fault: HandedFault) -> str:
    """Say why a file is not taken as a library of forms and what to do."""
    return str(HANDED_FAULTS[fault]) % {
        "megabytes": MOST_BYTES // 1_000_000,
        "forms": MOST_HANDED,
    }


def value_sentence(reason: ValueRefusal) -> str:
    """Say why a value is not kept and what to do; the value is not repeated."""
    return str(VALUE_REFUSALS[reason]) % {"value": LONGEST}
