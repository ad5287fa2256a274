# SPDX-License-Identifier: AGPL-3.0-or-later
"""A name that is written in one is parted as a reader would."""

import pytest

from booking_web.base.names import family_and_given, parted_civility, without_civility


@pytest.mark.parametrize(
    "name, family, given",
    [
        ("Jeanne Martin", "Martin", "Jeanne"),
        ("Mme Zoé Lefèvre", "Lefèvre", "Zoé"),
        ("Jean-Pierre Martin", "Martin", "Jean-Pierre"),
        ("Jean Pierre Martin", "Martin", "Jean Pierre"),
        ("MARTIN Jeanne", "MARTIN", "Jeanne"),
        ("M. DE LA TOUR Henri Paul", "DE LA TOUR", "Henri Paul"),
        ("Henri de La Tour", "de La Tour", "Henri"),
        ("Anne d'Ormesson", "d'Ormesson", "Anne"),
        ("JEANNE MARTIN", "MARTIN", "JEANNE"),
        ("Martin", "", ""),
        ("Mme Martin", "", ""),
        ("M. et Mme Jean Martin", "Martin", "Jean"),
        ("", "", ""),
    ],
)
def test_a_name_has_two_parts_or_none(name, family, given) -> None:
    assert family_and_given(name) == (family, given)


@pytest.mark.parametrize(
    ("name", "civility", "plain"),
    [
        ("Mme Martine Lefèvre", "f", "Martine Lefèvre"),
        (" M.  Jean  Dupont", "m", "Jean Dupont"),
        ("MONSIEUR Petit", "m", "Petit"),
        ("Mr Petit", "m", "Petit"),
        ("Mlle Petit", "f", "Petit"),
        ("Mlle. Petit", "f", "Petit"),
        ("Mademoiselle Petit", "f", "Petit"),
        ("Madame Zoé Petit", "f", "Zoé Petit"),
        ("M. et Mme Petit", "", "Petit"),
        ("Mme et M. Jean Petit", "", "Jean Petit"),
        ("Monsieur et Madame Petit", "", "Petit"),
        ("M. & Mme Petit", "", "Petit"),
        ("M. ou Mme Petit", "", "Petit"),
        ("Mme ou Mlle Petit", "", "Petit"),
        ("MM. Petit", "", "Petit"),
        ("M. Et Tahar", "m", "Et Tahar"),
        ("Mme", "", "Mme"),
        ("M.Dupont", "m", "Dupont"),
        ("J.Dupont", "", "J.Dupont"),
        ("Marie Dupont", "", "Marie Dupont"),
        ("", "", ""),
    ],
)
def test_a_name_stands_without_what_one_says_before_it(name, civility, plain) -> None:
    assert parted_civility(name) == (civility, plain)
    assert without_civility(name) == plain
