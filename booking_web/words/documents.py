# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of documents: refusals, removals, what the kiosk noticed of a scan."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.domain.documents.errors import (
    ExaminerUnavailable,
    Refusal,
    StoreFull,
    StoreNotConfigured,
    StoreUnavailable,
)
from booking_web.domain.forms.printed.scanned import Scanned
from booking_web.tables.device_jobs import Preset
from booking_web.tables.document_kinds import DocumentKind
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.words.dates import clock
from booking_web.words.returns import part_title

REFUSALS: dict[Refusal, LazyString] = {
    Refusal.EMPTY: lazy_gettext("Ce fichier est vide."),
    Refusal.TOO_LARGE: lazy_gettext(
        "Ce fichier est trop volumineux : %(limit)s Mo au plus."
    ),
    Refusal.TOO_MANY_PAGES: lazy_gettext(
        "Ce PDF a trop de pages : %(pages)s au plus. Découpez-le, puis recommencez."
    ),
    Refusal.NOT_A_DOCUMENT: lazy_gettext(
        "Ce fichier n'est ni un PDF, ni une photo JPEG ou PNG, quel que soit son nom."
    ),
    Refusal.ENCRYPTED: lazy_gettext(
        "Ce PDF est protégé par un mot de passe. Enregistrez-le sans protection, puis "
        "recommencez."
    ),
    Refusal.XFA: lazy_gettext(
        "Ce PDF est un formulaire XFA, que l'imprimante ne sait pas lire. Imprimez-le "
        "dans un fichier PDF, puis ajoutez ce fichier."
    ),
    Refusal.DAMAGED: lazy_gettext(
        "Ce fichier est abîmé : il ne peut pas être lu. Demandez-en un autre exemplaire."
    ),
    Refusal.CUT_OFF: lazy_gettext(
        "La fin de ce PDF manque : le téléchargement s'est arrêté en route. Téléchargez-le "
        "à nouveau, puis recommencez."
    ),
    Refusal.BOMB: lazy_gettext(
        "Ce fichier prendrait une place ou un travail démesurés une fois ouvert : il est "
        "refusé."
    ),
    Refusal.INFECTED: lazy_gettext(
        "Un virus a été trouvé dans ce fichier : il est refusé. Prévenez "
        "l'administrateur."
    ),
    Refusal.TOO_MANY_DOCUMENTS: lazy_gettext(
        "Ce rendez-vous a trop de documents : retirez-en d'abord."
    ),
    Refusal.RESIDENT_DISAGREES: lazy_gettext(
        "L'usager n'est pas d'accord : rien n'est gardé."
    ),
}

KINDS: dict[DocumentKind, LazyString] = {
    DocumentKind.IDENTITY: lazy_gettext("Pièce d'identité, recto et verso"),
    DocumentKind.IDENTITY_FRONT: lazy_gettext("Pièce d'identité, recto"),
    DocumentKind.IDENTITY_BACK: lazy_gettext("Pièce d'identité, verso"),
    DocumentKind.HEALTH_CARD: lazy_gettext("Carte Vitale"),
    DocumentKind.TAX_NOTICE: lazy_gettext("Avis d'imposition"),
    DocumentKind.PROOF_OF_ADDRESS: lazy_gettext("Justificatif de domicile"),
    DocumentKind.BANK_DETAILS: lazy_gettext("RIB"),
    DocumentKind.PAYSLIP: lazy_gettext("Bulletin de salaire"),
    DocumentKind.CERTIFICATE: lazy_gettext("Attestation"),
    DocumentKind.SIGNED_FORM: lazy_gettext("Formulaire signé"),
    DocumentKind.MANDATE: lazy_gettext("Mandat signé"),
    DocumentKind.OTHER: lazy_gettext("Autre"),
}

# What is called by how it lay: nobody said yet what it is.
PAPERS: dict[Preset, LazyString] = {
    Preset.AUTO: lazy_gettext("Numérisation"),
    Preset.A4: lazy_gettext("Page"),
    Preset.CARD: lazy_gettext("Carte"),
    Preset.FEEDER: lazy_gettext("Feuilles"),
    Preset.PHOTO: lazy_gettext("Photo"),
}

ORIGINS: dict[Source, LazyString] = {
    Source.SCAN: lazy_gettext("numérisé à la borne"),
    Source.UPLOAD: lazy_gettext("ajouté ici"),
    Source.MADE: lazy_gettext("fait ici"),
    Source.STILL: lazy_gettext("image de l'appel"),
}

# Codes that may stand in the journal: they tell nothing of anybody.
REMOVALS: dict[str, LazyString] = {
    "wrong_document": lazy_gettext("Ce n'est pas le bon document"),
    "wrong_person": lazy_gettext("Il concerne une autre personne"),
    "unreadable": lazy_gettext("Il est illisible ou mal numérisé"),
    "asked_by_resident": lazy_gettext("L'usager demande de le retirer"),
    "no_longer_needed": lazy_gettext("Il n'est plus utile"),
}


def refusal_sentence(reason: Refusal, max_megabytes: int, max_pages: int) -> str:
    """Say why a file is not taken and what to do."""
    return str(REFUSALS[reason]) % {"limit": max_megabytes, "pages": max_pages}


def unread_title(document: Document) -> str:
    """Call a document that the reader of the page may not look into."""
    if document.source == Source.MADE:
        return gettext("Papier fait avec le conseiller")
    return gettext("Papier de ce rendez-vous")


def document_title(document: Document, scan: Scanned | None) -> str:
    """Say what a document is called: its title, or what it is; `scan`: what is known of it."""
    if document.title:
        return document.title
    if document.kind:
        return str(KINDS[DocumentKind(document.kind)])
    if scan is None:
        return gettext("Document")
    if scan.forms:
        of = " ; ".join(part_title(form, pages) for form, pages in scan.forms)
        return gettext("%(pages)s et autre chose", pages=of) if scan.has_more else of
    hour = clock(scan.at, scan.zone)
    return gettext("%(paper)s de %(hour)s", paper=str(PAPERS[scan.preset]), hour=hour)


def still_title(at: datetime, time_zone: str) -> str:
    """Call a still of a call by the hour at which it was kept, on the relay's wall."""
    hour = clock(at, ZoneInfo(time_zone))
    return gettext("Image de l'appel, %(hour)s", hour=hour)


def trouble_sentence(error: StoreUnavailable) -> str:
    """Say why nothing can be kept or read now."""
    if isinstance(error, StoreFull):
        return gettext(
            "Le disque du serveur est plein : rien n'a été enregistré. Prévenez "
            "l'administrateur."
        )
    if isinstance(error, StoreNotConfigured):
        return gettext(
            "Ce serveur n'est pas réglé pour garder des documents. Prévenez "
            "l'administrateur."
        )
    if isinstance(error, ExaminerUnavailable):
        return gettext(
            "Le contrôle des fichiers (antivirus) ne répond pas : rien n'a été "
            "enregistré. Réessayez dans un instant, puis prévenez l'administrateur."
        )
    return gettext(
        "Les documents ne sont pas accessibles en ce moment. Réessayez dans un instant, "
        "puis prévenez l'administrateur."
    )


def verdict_sentence(verdicts: str) -> str:
    """Say what the kiosk noticed of a scan; empty where all looked well."""
    pages: dict[str, list[str]] = {}
    for verdict in verdicts.split():
        name, _, page = verdict.partition(":")
        pages.setdefault(name, []).append(page)
    parts = []
    if blank := pages.get("blank"):
        parts.append(
            ngettext(
                "page %(pages)s vide",
                "pages %(pages)s vides",
                len(blank),
                pages=", ".join(blank),
            )
        )
    if blurred := pages.get("blurred"):
        parts.append(
            ngettext(
                "page %(pages)s peut-être floue",
                "pages %(pages)s peut-être floues",
                len(blurred),
                pages=", ".join(blurred),
            )
        )
    if "partial" in pages:
        parts.append(gettext("numérisation incomplète"))
    return " ; ".join(parts)
