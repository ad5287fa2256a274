# SPDX-License-Identifier: AGPL-3.0-or-later
"""A name that is written in one is parted as a reader would."""

import pytest

from booking_web.base.names import family_and_given


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
        ("", "", ""),
    ],
)
def test_a_name_has_two_parts_or_none(name, family, given) -> None:
    assert family_and_given(name) == (family, given)
