# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of forms: why a PDF is not taken, what to know of one that is."""

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.domain.forms.description import Notice
from booking_web.domain.forms.errors import FormRefusal
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.remarks import Remark, RemarkKind

REFUSALS: dict[FormRefusal, LazyString] = {
    FormRefusal.EMPTY: lazy_gettext(
        "Ce fichier est vide. Téléchargez le formulaire à nouveau, puis recommencez."
    ),
    FormRefusal.NOT_A_PDF: lazy_gettext(
        "Ce fichier n'est pas un PDF. Enregistrez le formulaire en PDF, puis "
        "recommencez."
    ),
    FormRefusal.TOO_LARGE: lazy_gettext(
        "Ce formulaire est trop volumineux : %(megabytes)s Mo au plus. Demandez-en une "
        "version plus légère."
    ),
    FormRefusal.TOO_MANY_PAGES: lazy_gettext(
        "Ce formulaire a trop de pages : %(pages)s au plus. Gardez les pages à remplir, "
        "sans la notice, puis recommencez."
    ),
    FormRefusal.TOO_MANY_FIELDS: lazy_gettext(
        "Ce formulaire a trop de champs : %(fields)s au plus. Partagez-le en plusieurs "
        "formulaires."
    ),
    FormRefusal.ENCRYPTED: lazy_gettext(
        "Ce formulaire est protégé par un mot de passe. Demandez à qui le publie une "
        "version sans protection, ou imprimez-le dans un fichier PDF et placez les "
        "champs à la main."
    ),
    FormRefusal.SIGNED: lazy_gettext(
        "Ce formulaire porte une signature électronique, que le remplir détruirait. "
        "Prenez-en un exemplaire vierge."
    ),
    FormRefusal.XFA_ONLY: lazy_gettext(
        "Ce formulaire est fait pour un seul logiciel (XFA) : ailleurs il est vide. "
        "Ouvrez-le dans Adobe Reader, imprimez-le dans un fichier PDF, ajoutez ce "
        "fichier, puis placez les champs à la main."
    ),
    FormRefusal.DAMAGED: lazy_gettext(
        "Ce fichier est abîmé : il ne peut pas être lu. Téléchargez le formulaire à "
        "nouveau, puis recommencez."
    ),
    FormRefusal.CUT_OFF: lazy_gettext(
        "La fin de ce PDF manque : le téléchargement s'est arrêté en route. Téléchargez le "
        "formulaire à nouveau, puis recommencez."
    ),
    FormRefusal.ENDLESS: lazy_gettext(
        "Ce fichier prendrait une place ou un travail démesurés une fois ouvert : il est "
        "refusé. Prenez le formulaire sur le site de qui le publie."
    ),
}

NOTICES: dict[Notice, LazyString] = {
    Notice.SCRIPTS: lazy_gettext(
        "Ce formulaire contient des programmes (calculs, contrôles) : ils ne sont pas "
        "exécutés. Vérifiez les totaux et les dates vous-même."
    ),
    Notice.XFA_DROPPED: lazy_gettext(
        "Ce formulaire existe aussi en XFA : cette partie est laissée de côté, les champs "
        "du PDF sont utilisés."
    ),
    Notice.RIGHTS_DROPPED: lazy_gettext(
        "Les droits d'usage propres à Adobe Reader sont retirés : ils ne servent pas ici."
    ),
    Notice.FIELDS_LEFT_OUT: lazy_gettext(
        "Des boutons ou des champs invisibles sont laissés de côté."
    ),
    Notice.PLACED: lazy_gettext(
        "Les champs de ce formulaire ont été placés ici, à la main."
    ),
}

REMARKS: dict[RemarkKind, LazyString] = {
    RemarkKind.OVERFLOWS: lazy_gettext(
        "Ce texte est plus long que sa case : la fin ne se verrait pas. Raccourcissez-le."
    ),
    RemarkKind.TINY: lazy_gettext(
        "Ce texte est si long pour sa case qu'il serait imprimé en lettres minuscules. "
        "Raccourcissez-le."
    ),
    RemarkKind.NO_SUCH_CHOICE: lazy_gettext(
        "Ce choix n'existe pas dans le formulaire."
    ),
    RemarkKind.NO_DATE: lazy_gettext(
        "Cette date n'existe pas, ou n'est pas écrite ainsi : 24/11/2026. Vérifiez-la."
    ),
    RemarkKind.STRANGERS: lazy_gettext(
        "Ces caractères ne peuvent pas être imprimés : %(characters)s. Écrivez-les "
        "autrement, ou à la main sur la feuille."
    ),
}


def remark_sentence(remark: Remark) -> str:
    """Say what is not as it was written and what to do."""
    if remark.kind is RemarkKind.TOO_LONG:
        return ngettext(
            "Il y a %(num)s caractère de trop pour cette case. Raccourcissez.",
            "Il y a %(num)s caractères de trop pour cette case. Raccourcissez.",
            int(remark.detail),
        )
    return str(REMARKS[remark.kind]) % {"characters": " ".join(remark.detail)}


def refusal_sentence(reason: FormRefusal, limits: Limits = Limits()) -> str:
    """Say why a PDF is not taken as a form and what to do."""
    return str(REFUSALS[reason]) % {
        "megabytes": limits.max_bytes // 1_000_000,
        "pages": limits.max_pages,
        "fields": limits.max_fields,
    }


def engine_words() -> str:
    """Say that forms can neither be read nor drawn now."""
    return gettext(
        "Les formulaires ne peuvent pas être lus en ce moment : rien n'est perdu. "
        "Réessayez dans un instant, puis prévenez l'administrateur."
    )
