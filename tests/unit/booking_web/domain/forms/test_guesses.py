# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a label says that the booking knows, and what it leaves alone."""

import pytest

from booking_web.domain.forms.asked import AskedField, Known
from booking_web.domain.forms.description import Field, FieldKind, LabelSource
from booking_web.domain.forms.guesses import guessed, with_guesses


@pytest.mark.parametrize(
    "known, labels",
    [
        (
            Known.NAME,
            ["Nom et prénom", "Nom, Prénom(s)", "NOM / Prénoms", "Prénom et nom"],
        ),
        (Known.NAME, ["Nom et prénom du demandeur", "Je soussigné(e)"]),
        (
            Known.FAMILY_NAME,
            ["Nom", "NOM DE NAISSANCE", "Nom de famille :", "Votre nom"],
        ),
        (Known.FAMILY_NAME, ["Nom (en majuscules)", "Nom de l\u2019allocataire"]),
        (Known.GIVEN_NAMES, ["Prénom", "Prénom(s)", "Vos prénoms", "PRÉNOMS *"]),
        (Known.BIRTH_DATE, ["Date de naissance", "Né(e) le", "né le ….", "Née le :"]),
        (Known.BIRTH_DATE, ["Date de naissance (jj/mm/aaaa)", "Né le (jj mm aaaa)"]),
        (
            Known.BIRTH_DAY,
            ["Né(e) le : jour", "Né (e) : jour", "Date de naissance (JJ)"],
        ),
        (Known.BIRTH_MONTH, ["Né(e) le : mois", "Mois de naissance"]),
        (Known.BIRTH_YEAR, ["Date de naissance : année", "Année de naissance"]),
        (Known.YEAR, ["Fait le : année", "Date du jour (AAAA)"]),
        (None, ["Conjoint, né(e) le : jour", "Date : jour", "jour", "Nombre de mois"]),
        (Known.POSTCODE, ["Code postal", "CP", "C.P."]),
        (Known.COMMUNE, ["Commune", "Ville", "Localité", "Commune de résidence"]),
        (
            Known.STREET,
            ["Adresse", "Demeurant à", "N° et rue", "Numéro et nom de la voie"],
        ),
        (
            Known.TELEPHONE,
            ["Téléphone", "Tél.", "N° de téléphone", "Téléphone portable"],
        ),
        (
            Known.TELEPHONE,
            ["Numéros de téléphone - Domicile", "Téléphone : Vous-même"],
        ),
        (Known.EMAIL, ["Courriel", "Adresse électronique", "E-mail", "Adresse mail"]),
        (Known.COUNTRY, ["Pays"]),
        (Known.DATE, ["Fait le", "Date du jour"]),
        (
            None,
            ["Nom du conjoint", "Prénom de l'enfant", "Nom d'usage", "Nom du médecin"],
        ),
        (None, ["Lieu de naissance", "Commune de naissance", "Pays de naissance"]),
        (
            None,
            ["Date et lieu de naissance", "Date", "Nombre d'enfants", "Nom de la rue"],
        ),
        (
            None,
            ["Adresse de l'employeur", "Téléphone de l'établissement", "Fait à", ""],
        ),
    ],
)
def test_a_label_says_what_the_booking_knows_or_something_else(known, labels) -> None:
    assert {each: guessed(each) for each in labels} == dict.fromkeys(labels, known)


def ground(*labels: str) -> tuple[list[AskedField], list[Field]]:
    asked = [AskedField(f"f{number}", each) for number, each in enumerate(labels)]
    fields = [
        Field(each.key, FieldKind.TEXT, (), each.label, LabelSource.TOOLTIP)
        for each in asked
    ]
    return asked, fields


def test_of_two_that_ask_the_same_the_first_is_the_residents() -> None:
    asked, fields = ground("Nom", "Prénom", "Nom", "Prénom", "Nom du demandeur")
    found = with_guesses(asked, fields, ())
    assert [each.known for each in found] == [
        *(Known.FAMILY_NAME, Known.GIVEN_NAMES, None, None),
        Known.FAMILY_NAME,
    ]


def test_a_date_is_asked_once_whole_or_in_parts() -> None:
    parts = ["Né(e) le : jour", "Né(e) le : mois", "Né(e) le : année"]
    for labels, known in (
        (["Né(e) le", *parts], [Known.BIRTH_DATE, None, None, None]),
        (
            [*parts, "Date de naissance", *parts],
            [Known.BIRTH_DAY, Known.BIRTH_MONTH, Known.BIRTH_YEAR, *[None] * 4],
        ),
    ):
        found = with_guesses(*ground(*labels), ())
        assert [each.known for each in found] == known


def test_what_follows_the_name_of_somebody_else_is_theirs() -> None:
    labels = [
        *("Le bailleur : nom ou raison sociale", "Adresse", "Téléphone"),
        *("Nom d\u2019usage", "Nom et prénom", "Adresse", "Téléphone"),
    ]
    found = with_guesses(*ground(*labels), ())
    assert [each.known for each in found] == [
        *(None, None, None, None),
        *(Known.NAME, Known.ADDRESS, Known.TELEPHONE),
    ]


def test_an_address_is_whole_where_nothing_else_asks_for_the_postcode() -> None:
    for labels, known in (
        (("Adresse",), Known.ADDRESS),
        (("Adresse", "Code postal"), Known.STREET),
    ):
        found = with_guesses(*ground(*labels), ())
        assert found[0].known is known


def test_what_a_manager_said_before_is_left_as_it_is() -> None:
    asked, fields = ground("Nom", "Prénom")
    found = with_guesses(asked, fields, asked[:1])
    assert [each.known for each in found] == [None, Known.GIVEN_NAMES]
