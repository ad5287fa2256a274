# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a label says that the booking knows already: a first guess, which a manager reads; pure.

Of the resident alone: a label that names somebody else is left, and so is what follows, up
to the next name; of two fields that ask the same the first is the resident's, since forms
ask about others further down.
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
    r"|ecole|locataire|vehicule|gestionnaire|denomination|raison sociale)\b"
)
# The resident's, but not what the booking knows.
_OTHERWISE = re.compile(
    r"\b(contact|deces|precedente?|ancienne?|usage|marital|2e|second)\b"
)
# Where such a label names somebody, what follows is asked of them.
_NAMES = re.compile(
    r"\b(noms?|prenoms?|soussignee?|denomination|raison sociale|gestionnaire)\b"
)
_BORN = re.compile(r"\bnaissance\b|\bnee?\b")
_THEIRS = re.compile(
    r"\b(demandeur|declarant|allocataire|assure|usager|beneficiaire|vous[- ]meme)\b"
)
# Each is the whole of what a label says, but for whose it is and how it is written.
_SAYINGS: tuple[tuple[Known, str], ...] = (
    (Known.NAME, r"(vos )?noms?,? (et |de naissance,? (et )?|/ ?)?prenoms?"),
    (Known.NAME, r"prenoms?,? (et )?noms?|je soussignee?|identite"),
    (Known.FAMILY_NAME, r"(votre )?noms?( de naissance| de famille| patronymique)?"),
    (Known.GIVEN_NAMES, r"(vos |votre )?prenoms?( usuel)?"),
    (Known.BIRTH_DATE, r"(votre )?date( de)? naissance|nee?( le)?"),
    (Known.EMAIL, r"(votre )?(adresse )?(electronique|courriel|e-?mail|mail|mel)"),
    (Known.STREET, r"(votre )?adresse( postale| actuelle| complete| personnelle)?"),
    (Known.STREET, r"domicile|demeurant( a)?|habitant( a)?"),
    (Known.STREET, r"n(umero|°|o)?,? (et |/ ?)?(nom de (la )?)?(rue|voie).*|rue|voie"),
    (Known.POSTCODE, r"(votre )?code postal|c\.?p\.?"),
    (Known.COMMUNE, r"(votre )?(commune|ville|localite)( de residence)?"),
    (Known.COUNTRY, r"pays( de residence)?"),
    (
        Known.TELEPHONE,
        r"(n(umeros?|°|o)? de )?(votre )?(telephone|tel\.?|portable|mobile).*",
    ),
    (Known.DATE, r"fait le|date d(u jour|e la demande|e signature)|le \(date\)"),
)
_BESIDE = re.compile(r"\(.*?\)|\d+[.)-]|[:*.,…_]+$|^[-–•\d. ]+")


# Behind the words that ask for a date, where its day, month and year are three fields.
_PART = re.compile(r"[:( -]\s*(jours?|jj|mois|mm|annee|aaaa)\s*\)?\s*")
# "(jj mm aaaa)" is how the whole of it is written.
_SHAPE = re.compile(r"\b(jj|mm)\b")
_PARTS_OF = {
    Known.BIRTH_DATE: (Known.BIRTH_DAY, Known.BIRTH_MONTH, Known.BIRTH_YEAR),
    Known.DATE: (Known.DAY, Known.MONTH, Known.YEAR),
}
_INITIALS = "jma"


def with_guesses(
    asked: Sequence[AskedField], fields: Iterable[Field], before: Iterable[AskedField]
) -> tuple[AskedField, ...]:
    """Give what is asked; fields that were not asked before are told what the booking knows."""
    kinds = {each.key: each.kind for each in fields}
    fresh = {each.key for each in asked} - {each.key for each in before}
    taken = {each.known for each in asked if each.known}
    found = []
    are_others = False
    for each in asked:
        known = guessed(each.label) if kinds[each.key] in WRITTEN else None
        said = without_accents(each.label)
        if _NAMES.search(said) and (known or _OTHERS.search(said)):
            are_others = known is None
        elif are_others:
            known = None
        is_theirs = bool(_THEIRS.search(plain(each.label)))
        is_first = known is not None and not _same_as(known) & taken
        if each.key in fresh and known and (is_first or is_theirs):
            taken.add(known)
            each = replace(each, known=known)
        found.append(each)
    if Known.POSTCODE not in taken:
        # Nothing else asks for the rest of it.
        found = [_whole_address(each, fresh) for each in found]
    return tuple(found)


def _same_as(known: Known) -> set[Known]:
    """Give what asks for the same: it, a date for its parts, and its parts for a date."""
    for whole, parts in _PARTS_OF.items():
        if known is whole or known in parts:
            return {whole, known, *(parts if known is whole else ())}
    return {known}


def _whole_address(asked: AskedField, fresh: set[str]) -> AskedField:
    is_line = asked.known is Known.STREET and "adresse" in plain(asked.label)
    return (
        replace(asked, known=Known.ADDRESS) if is_line and asked.key in fresh else asked
    )


def guessed(label: str) -> Known | None:
    """Give what the booking knows of what a label asks for; None where it says more or less."""
    bare = without_accents(label).strip()
    if part := re.fullmatch(rf"(.*\w.*?){_PART.pattern}", bare, re.DOTALL):
        whole = None if _SHAPE.search(part[1]) else guessed(part[1])
        if whole in _PARTS_OF:
            return _PARTS_OF[whole][_INITIALS.index(part[2][0])]
    words = plain(label)
    if part := re.fullmatch(r"(jour|mois|annee) de( votre)? naissance", words):
        return _PARTS_OF[Known.BIRTH_DATE][_INITIALS.index(part[1][0])]
    if _OTHERS.search(words) or _OTHERWISE.search(words):
        return None
    without = _THEIRS.sub("", words)
    if without != words:
        # "nom de l'assuré", "adresse du demandeur": what led to whose it is goes too.
        words = re.sub(r"(\b(du|de l|de la|de|l|le|la)|:)\s*$", "", without.strip())
        words = words.strip()
    is_born = bool(_BORN.search(words))
    for known, saying in _SAYINGS:
        if re.fullmatch(saying, words):
            return known
    if is_born and re.fullmatch(r".*date de naissance.*", words):
        return None if "lieu" in words else Known.BIRTH_DATE
    return None


def plain(label: str) -> str:
    """Give a label in small letters without accents, nor what stands in brackets."""
    letters = without_accents(label)
    # "prénom(s)", "né(e) le": one word.
    letters = re.sub(r"(?<=[a-z]) ?\((s|e|es)\)", r"\1", letters)
    previous = None
    while previous != letters:
        previous, letters = letters, _BESIDE.sub("", letters).strip()
    return " ".join(letters.replace("'", " ").split())


def without_accents(label: str) -> str:
    """Give a label in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", label.replace("’", "'").lower())
    return "".join(each for each in decomposed if not unicodedata.combining(each))
