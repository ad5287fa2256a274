# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names are found however they are typed, and doubles are told from homonyms."""

import pytest

from booking_web.domain.residents.names import (
    is_near_name,
    is_same_name,
    matches,
    name_words,
    search_key,
    spellings,
)
from booking_web.domain.residents.telephones import (
    NoTelephone,
    readable_telephone,
    telephone_of,
)


@pytest.mark.parametrize(
    ("typed", "name", "found"),
    [
        ("lefe", "Mme Martine Lefèvre", True),
        ("LEFÈ mar", "Mme Martine Lefèvre", True),
        ("mar lef", "Mme Martine Lefèvre", True),
        ("M. dup", "M. Dupont", True),
        ("neill", "O'Neill", True),
        ("roy", "Mme Dupuis-Roy", True),
        ("coeur", "M. Cœur", True),
        ("lodz", "M. Łódź", True),
        ("efe", "Mme Martine Lefèvre", False),
        ("jean jean", "M. Jean Dupont", False),
        ("jean j", "M. Jean Jaurès", True),
        ("%", "M. Dupont", True),
    ],
)
def test_a_name_is_found_by_the_beginning_of_any_word(typed, name, found) -> None:
    assert matches(name_words(typed), search_key(name)) is found


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("obrien", "Mme Kate O'Brien"),
        ("o brien", "OBrien"),
        ("dhauss", "M. d’Haussy"),
        ("haussy", "M. d'Haussy"),
        ("latour", "Mme de La Tour"),
        ("delatour", "Mme de La Tour"),
        ("la tour", "M. Latour"),
        ("st martin", "M. Saint-Martin"),
        ("saint martin", "M. St Martin"),
        ("ste marie", "Mme Sainte-Marie"),
        ("ndiaye", "M. N'Diaye"),
        ("st", "M. Stéphane"),
    ],
)
def test_apostrophes_and_particles_are_forgiven(typed, name) -> None:
    assert any(matches(way, search_key(name)) for way in spellings(typed))


@pytest.mark.parametrize(
    ("one", "other", "same", "near"),
    [
        ("M. Jean Dupont", "jean DUPONT", True, True),
        ("Dupont Jean", "M. Jean Dupont", True, True),
        ("M. Dupont", "M. Dupont", True, True),
        ("Mme O'Brien", "Mme OBrien", True, True),
        ("M. La Tour", "M. Latour", True, True),
        ("M. Luc St Martin", "M. Luc Saint-Martin", True, True),
        ("M. Luc Latour", "M. Luc de La Tour", False, True),
        ("M. Luc Le Roy", "M. Luc Roy", False, True),
        ("M. Dupont", "Dupont", False, True),
        ("M. Dupont", "Mme Dupont", False, False),
        ("M. Jean Dupont", "Mme Jean Dupont", False, False),
        ("Dupont", "Jean Dupont", False, True),
        ("Jean Dupont", "Jean Dupond", False, True),
        ("Mme Lefèvre", "Mme Lefebvre", False, True),
        ("Mme Lefèvre", "Mme Lefèrve", False, True),
        ("Jean Dupont", "Marie Dupont", False, False),
        ("Jean Roy", "Jean Ray", False, False),
        ("Mme Roy", "M. Dupont", False, False),
    ],
)
def test_two_names_are_the_same_near_or_other(one, other, same, near) -> None:
    assert is_same_name(one, other) is same
    assert is_near_name(one, other) is near
    assert is_near_name(other, one) is near


@pytest.mark.parametrize(
    ("typed", "stored", "read"),
    [
        ("06 12 34 56 78", "+33612345678", "06 12 34 56 78"),
        ("0033612345678", "+33612345678", "06 12 34 56 78"),
        ("0262 20 00 00", "+262262200000", "0262 20 00 00"),
        ("+32 470 12 34 56", "+32470123456", "+32 470 12 34 56"),
        ("  ", "", ""),
    ],
)
def test_a_telephone_number_is_stored_whole_and_read_as_one_says_it(
    typed, stored, read
) -> None:
    assert telephone_of(typed) == stored
    assert readable_telephone(stored) == read


@pytest.mark.parametrize("typed", ["06 12", "bonjour", "00", "06 12 34 56 78 90 12"])
def test_what_is_no_telephone_number_is_refused(typed) -> None:
    with pytest.raises(NoTelephone):
        telephone_of(typed)
