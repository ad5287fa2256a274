# SPDX-License-Identifier: AGPL-3.0-or-later
"""The journal's details are read by an officer: no word of them stays a code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import booking_web
from booking_web.shell.readings import LISTS
from booking_web.words.journal_details import DETAILS, detail_words

ROOT = Path(booking_web.__file__).parent
# Their details are the fleet's, and the history's of the directory.
OTHERS = ("migrations", "alerts", "administrator")


def literals(node: ast.AST) -> Iterator[str]:
    """Give the words that are written into a detail as they are."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for each in node.values:
            yield from literals(each)
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def details_in(source: str) -> Iterator[str]:
    """Give what a module writes into details, by itself or by a constant of its own."""
    module = ast.parse(source)
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            for each in node.keywords:
                if each.arg == "detail":
                    name = getattr(each.value, "id", "")
                    yield from literals(constants.get(name, each.value))
        elif isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(
                isinstance(each, ast.Name) and each.id == "detail" for each in targets
            ):
                yield from literals(node.value)


def test_every_word_that_is_written_into_a_detail_has_words_of_its_own() -> None:
    known = {word for each in DETAILS for word in each.split()}
    written = {each for listed in LISTS.values() for each in listed.split()}
    for path in ROOT.rglob("*.py"):
        source = path.read_text()
        if "detail" in source and not set(OTHERS) & set(path.parts):
            for told in details_in(source):
                written |= set(re.findall(r"[A-Za-z_]{2,}", told))
    assert len(written) > 30
    assert written - known == set()


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("12 appointments, 3 to 40", "12 rendez-vous, 3 à 40"),
        ("1 appointments, 1 to 1", "1 rendez-vous, 1 à 1"),
        ("document 3, 1 pages", "document 3, 1 page"),
        ("document 1, 11 pages", "document 1, 11 pages"),
        ("desk of calls", "bureau des appels"),
        ("appointments without an entry", "rendez-vous sans fiche"),
        ("waiting list jour 2031-01-02", "liste d'attente jour 2031-01-02"),
        ("booked -> arrived", "Réservé → Arrivé"),
        ("mandate 4, entered_wrongly", "mandat 4, Erreur de saisie"),
        # The names of places are nobody's words.
        ("page-of-guests 2031-01-02 +1: 3", "page-of-guests 2031-01-02 +1: 3"),
        ("handover 2: msa -> text-office", "passage 2: msa → text-office"),
    ],
)
def test_a_detail_is_told_in_words(detail: str, words: str) -> None:
    assert detail_words(detail) == words
