# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a person places is made regular, judged, and known again with what it means."""

from dataclasses import replace

import pytest

from booking_web.domain.forms.asked import AskedField, Known
from booking_web.domain.forms.description import FieldKind, Option, Page, Rectangle
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.placed_checks import PlacedFault, faults_of, regular
from booking_web.domain.forms.placed_meaning import as_meant, asked_of, placed_of
from booking_web.domain.forms.proposals_taken import free_name
from tests.factories.forms_described import a_field, a_form

A4 = [Page(1, 595, 842)]
HERE = Rectangle(50, 50, 100, 15)
NAME = PlacedField("nom", FieldKind.TEXT, 1, HERE, "Nom")
YES = PlacedField("marie", FieldKind.RADIO, 1, HERE, "Marié ?", 0, "oui")

ANSWERS = (Option("o", "Oui"), Option("n", "Non"))


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"label": "x" * 201}, PlacedFault.LABEL_TOO_LONG),
        ({"key": "x" * 61}, PlacedFault.NAME_TOO_LONG),
        ({"key": " "}, PlacedFault.NO_LABEL),
        ({"label": "a\u202eb"}, PlacedFault.UNPRINTABLE),
        ({"kind": FieldKind.CHOICE}, PlacedFault.NOT_PLACEABLE),
        ({"kind": FieldKind.COMB, "cells": 101}, PlacedFault.CELLS),
        ({"kind": FieldKind.RADIO}, PlacedFault.NO_ANSWER),
        ({"kind": FieldKind.RADIO, "value": "x" * 61}, PlacedFault.ANSWER_TOO_LONG),
        ({"page": 2}, PlacedFault.NO_SUCH_PAGE),
        ({"rectangle": Rectangle(50, 50, 3, 15)}, PlacedFault.TOO_SMALL),
        ({"rectangle": Rectangle(550, 50, 100, 15)}, PlacedFault.OUTSIDE),
    ],
)
def test_each_fault_is_found(change, fault) -> None:
    assert faults_of(regular([replace(NAME, **change)]), A4) == {0: fault}


def test_places_of_one_name_are_of_one_kind_and_choices_of_two_answers() -> None:
    other = replace(NAME, kind=FieldKind.BOX)
    assert faults_of(regular([NAME, other]), A4) == {1: PlacedFault.OTHER_KIND}
    assert faults_of(regular([YES]), A4) == {0: PlacedFault.ONE_ANSWER}
    assert faults_of(regular([YES, YES]), A4) == {1: PlacedFault.ANSWER_TWICE}
    assert faults_of(regular([YES, replace(YES, value="non")]), A4) == {}
    assert faults_of(regular([NAME, NAME]), A4) == {}


def test_names_and_labels_are_made_regular() -> None:
    second = replace(NAME, key="a.b#c", label="Autre")
    first, other = regular([replace(NAME, key="a.b#c", label=" Nom  entier "), second])
    assert (first.key, first.label, other.label) == (
        "a-b-c",
        "Nom entier",
        "Nom entier",
    )


def test_what_was_placed_is_known_again_with_its_new_label() -> None:
    form = a_form(a_field("nom"), a_field("jour"))
    day = replace(NAME, key="jour", kind=FieldKind.DATE)
    description = as_meant(form.description, [NAME, day])
    assert [each.kind for each in description.fields] == [
        FieldKind.TEXT,
        FieldKind.DATE,
    ]
    placed = placed_of(description.fields, [AskedField("nom", "Nom de naissance")])
    assert [each.label for each in placed] == ["Nom de naissance", "Label of jour"]


def test_a_new_field_is_asked_behind_the_one_before_it_on_the_page() -> None:
    form = a_form(a_field("un"), a_field("nouveau"), a_field("deux"))
    before = [
        AskedField("deux", "Deux", "Groupe"),
        AskedField("un", "Un", known=Known.NAME),
        AskedField("parti", "Parti"),
    ]
    new = [replace(NAME, key=each, label=f"Dit {each}") for each in ("un", "nouveau")]
    asked = asked_of(new, form.description, before)
    assert [(each.key, each.label) for each in asked] == [
        ("deux", "Deux"),
        ("un", "Dit un"),
        ("nouveau", "Dit nouveau"),
    ]
    assert asked[0].group == "Groupe" and asked[1].known is Known.NAME


def test_a_choice_keeps_its_question_and_each_answer_when_it_is_placed_anew() -> None:
    field = a_field("marie", FieldKind.RADIO, options=ANSWERS)
    places = tuple(
        replace(field.places[0], key=f"marie#{each.value}", value=each.value)
        for each in ANSWERS
    )
    before = [AskedField("marie", "Êtes-vous marié ?")]
    placed = placed_of([replace(field, places=places)], before)
    assert [(each.value, each.label) for each in placed] == [("o", "Oui"), ("n", "Non")]
    form = a_form(field)
    assert as_meant(form.description, placed).fields[0].options == ANSWERS
    assert list(asked_of(placed, form.description, before)) == before
    assert asked_of(placed, form.description, ())[0].label == "Oui / Non"


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("p1-1", {"p1-1", "p1-1-2"}) == "p1-1-3"
