# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which of the papers that were asked for have come as documents; pure.

A paper is a name in the inventory's words. It is there where a document is of the kind that
the name speaks of, or is called by the paper's own name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from booking_web.domain.residents.names import words_of
from booking_web.tables.document_kinds import IDENTITY_CARDS, DocumentKind

_K = DocumentKind
# In this order, the first that fits: a "relevé d'identité bancaire" is nobody's identity card.
_WORDS: tuple[tuple[tuple[str, ...], frozenset[DocumentKind]], ...] = (
    (("rib", "releve d identite bancaire"), frozenset({_K.BANK_DETAILS})),
    (("carte vitale",), frozenset({_K.HEALTH_CARD})),
    (("avis d imposition", "avis d impot"), frozenset({_K.TAX_NOTICE})),
    (("justificatif de domicile",), frozenset({_K.PROOF_OF_ADDRESS})),
    (
        ("bulletin de salaire", "bulletins de salaire", "fiche de paie"),
        frozenset({_K.PAYSLIP}),
    ),
    (
        ("piece d identite", "carte d identite", "passeport", "titre de sejour"),
        IDENTITY_CARDS,
    ),
)


@dataclass(frozen=True)
class Arrived:
    """A document as far as it tells which paper it is."""

    number: int
    title: str
    # A value of `DocumentKind`, or empty.
    kind: str


def arrived_papers(
    papers: Iterable[str], documents: Sequence[Arrived]
) -> list[tuple[str, tuple[int, ...]]]:
    """Give each paper with the numbers of the documents that are it; none: not here yet."""
    return [(paper, _documents_of(paper, documents)) for paper in papers]


def _documents_of(paper: str, documents: Sequence[Arrived]) -> tuple[int, ...]:
    name, kinds = _plain(paper), _kinds_of(paper)
    return tuple(
        each.number
        for each in documents
        if each.kind in kinds or (name and name == _plain(each.title))
    )


def _kinds_of(paper: str) -> frozenset[DocumentKind]:
    words = f" {_plain(paper)} "
    for names, kinds in _WORDS:
        if any(f" {name} " in words for name in names):
            return kinds
    return frozenset()


def _plain(text: str) -> str:
    return " ".join(words_of(text))
