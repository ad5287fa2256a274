# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a label says that the booking knows already: a first guess, which a manager reads; pure.

Of the resident alone: a label that names somebody else is left, and of two fields that ask
the same the first is the resident's, since forms ask about others further down.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from booking_web.domain.forms.asked import AskedField, Known
from booking_web.domain.forms.description import Field, FieldKind

WRITTEN = frozenset(
    {FieldKind.TEXT, FieldKind.MULTILINE, FieldKind.COMB, FieldKind.DATE}
)
# Whoever else a form asks about, and where else than at home something is.
_OTHERS = re.compile(
    r"\b(conjoint|epou(x|se)|partenaire|concubin|enfants?|pere|mere|parents?|employeurs?"
    r"|entreprise|etablissement|organisme|societe|association|representants?|tut(eur|elle)"
    r"|curat(eur|elle)|medecin|praticien|bailleur|proprietaire|heberge(ant|ur)|notaire"
    r"|banque|mandataire|defunt|autre personne|personne a (prevenir|contacter)|temoin"
    r"|ecole|locataire|vehicule|contact|deces|precedente?|ancienne?|usage|marital"
    r"|2e|second)\b"
)
_BORN = re.compile(r"\bnaissance\b|\bnee?\b")
_THEIRS = re.compile(
    r"\b(demandeur|declarant|allocataire|assure|usager|beneficiaire)\b"
)
# Each is the whole of what a label says, but for whose it is and how it is written.
_SAYINGS: tuple[tuple[Known, str], ...] = (
    (Known.NAME, r"(vos )?noms?,? (et |de naissance,? (et )?|/ ?)?prenoms?"),
    (Known.NAME, r"prenoms?,? (et )?noms?|je soussignee?|identite"),
    (Known.FAMILY_NAME, r"(votre )?noms?( de naissance| de famille| patronymique)?"),
    (Known.GIVEN_NAMES, r"(vos |votre )?prenoms?( usuel)?"),
    (Known.BIRTH_DATE, r"(votre )?date( de)? naissance|nee? le"),
    (Known.EMAIL, r"(votre )?(adresse )?(electronique|courriel|e-?mail|mail|mel)"),
    (Known.STREET, r"(votre )?adresse( postale| actuelle| complete| personnelle)?"),
    (Known.STREET, r"domicile|demeurant( a)?|habitant( a)?"),
    (Known.STREET, r"n(umero|°|o)?,? (et |/ ?)?(nom de (la )?)?(rue|voie).*|rue|voie"),
    (Known.POSTCODE, r"(votre )?code postal|c\.?p\.?"),
    (Known.COMMUNE, r"(votre )?(commune|ville|localite)( de residence)?"),
    (Known.COUNTRY, r"pays( de residence)?"),
    (
        Known.TELEPHONE,
        r"(n(umero|°|o)? de )?(votre )?(telephone|tel\.?|portable|mobile).*",
    ),
    (Known.DATE, r"fait le|date d(u jour|e la demande|e signature)|le \(date\)"),
)
_BESIDE = re.compile(r"\(.*?\)|\d+[.)-]|[:*.,…_]+$|^[-–•\d. ]+")


def with_guesses(
    asked: Sequence[AskedField], fields: Iterable[Field], before: Iterable[AskedField]
) -> tuple[AskedField, ...]:
    """Give what is asked; fields that were not asked before are told what the booking knows."""
    kinds = {each.key: each.kind for each in fields}
    fresh = {each.key for each in asked} - {each.key for each in before}
    taken = {each.known for each in asked if each.known}
    found = []
    for each in asked:
        known = guessed(each.label) if kinds[each.key] in WRITTEN else None
        is_theirs = bool(_THEIRS.search(plain(each.label)))
        if each.key in fresh and known and (known not in taken or is_theirs):
            taken.add(known)
            each = replace(each, known=known)
        found.append(each)
    if Known.POSTCODE not in taken:
        # Nothing else asks for the rest of it.
        found = [_whole_address(each, fresh) for each in found]
    return tuple(found)


def _whole_address(asked: AskedField, fresh: set[str]) -> AskedField:
    is_line = asked.known is Known.STREET and "adresse" in plain(asked.label)
    return (
        replace(asked, known=Known.ADDRESS) if is_line and asked.key in fresh else asked
    )


def guessed(label: str) -> Known | None:
    """Give what the booking knows of what a label asks for; None where it says more or less."""
    words = plain(label)
    if _OTHERS.search(words):
        return None
    whole = _THEIRS.sub("", words)
    if whole != words:
        # "nom de l'assuré", "adresse du demandeur": what led to whose it is goes too.
        words = re.sub(r"\b(du|de l|de la|de|l|le|la)\s*$", "", whole.strip()).strip()
    is_born = bool(_BORN.search(words))
    for known, saying in _SAYINGS:
        if re.fullmatch(saying, words):
            return known
    if is_born and re.fullmatch(r".*date de naissance.*", words):
        return None if "lieu" in words else Known.BIRTH_DATE
    return None


def plain(label: str) -> str:
    """Give a label in small letters without accents, nor what stands in brackets."""
    decomposed = unicodedata.normalize("NFKD", label.replace("’", "'").lower())
    letters = "".join(each for each in decomposed if not unicodedata.combining(each))
    # "prénom(s)", "né(e) le": one word.
    letters = re.sub(r"(?<=[a-z])\((s|e|es)\)", r"\1", letters)
    previous = None
    while previous != letters:
        previous, letters = letters, _BESIDE.sub("", letters).strip()
    return " ".join(letters.replace("'", " ").split())
