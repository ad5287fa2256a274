# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rows that are held about a resident, in the words of the paper: what, and what it says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking_web.base.local_time import local_day
from booking_web.domain.cv.content import Section
from booking_web.domain.held.collecting import Row
from booking_web.tables.conclusions import Outcome
from booking_web.tables.consents import ConsentAnswer
from booking_web.tables.states import AppointmentState
from booking_web.words import cv as cv_words
from booking_web.words.appointments import STATES
from booking_web.words.conclusions import OUTCOMES
from booking_web.words.consents import ANSWERS
from booking_web.words.dates import clock, short_date
from booking_web.words.languages import language_name

# What it is, and what is held of it.
Fact = tuple[str, str]
_ADDRESS = ("street", "postcode", "commune", "country")


@dataclass(frozen=True)
class Stretch:
    """Writes moments as they were on the relay's wall."""

    zone: ZoneInfo

    def day(self, at: datetime) -> str:
        """Write the day."""
        return short_date(local_day(at, self.zone))

    def moment(self, at: datetime) -> str:
        """Write the day and the hour."""
        return f"{self.day(at)}, {clock(at, self.zone)}"


def address_words(row: Mapping[str, object]) -> str:
    """Write a postal address on one line; empty where none is told."""
    parts = (str(row.get(name) or "") for name in _ADDRESS)
    return ", ".join(" ".join(each.split()) for each in parts if each)


def facts_of(appointment: Row, tables: Mapping[str, list[Row]]) -> list[Fact]:
    """Tell all that hangs on an appointment and that a person may want to read."""
    return [(label, words) for label, words in _facts(appointment, tables) if words]


def _facts(appointment: Row, tables: Mapping[str, list[Row]]) -> Iterator[Fact]:
    def of(table: str) -> list[Row]:
        number = appointment["id"]
        return [each for each in tables[table] if each["appointment_id"] == number]

    yield gettext("Nom noté"), appointment["resident_name"]
    yield gettext("Motif"), appointment["visit_reason"] or ""
    yield gettext("Précisions de la mairie"), appointment["reason"]
    state = AppointmentState(appointment["state"])
    yield gettext("Ce qu'il en est"), str(STATES[state].word)
    yield gettext("Langue de la borne"), language_name(appointment["language"])
    if appointment["discreet"]:
        yield gettext("Discret"), gettext("oui")
    if appointment["was_useful"] is not None:
        answer = gettext("oui") if appointment["was_useful"] else gettext("non")
        yield gettext("Utile, selon vous"), answer
    for each in of("appointment_address"):
        yield gettext("Adresse donnée"), address_words(each)
    for each in of("consent"):
        answer = str(ANSWERS[ConsentAnswer(each["answer"])])
        yield gettext("Votre réponse : %(answer)s", answer=answer), each["text"]
    for each in of("mandate"):
        yield gettext("Personne qui peut agir pour vous"), each["representative"]
        yield gettext("Pour cette démarche"), each["matter"]
    for each in of("conclusion"):
        yield gettext("Suite donnée"), str(OUTCOMES[Outcome(each["outcome"])])
        yield gettext("Note du conseiller"), each["note"]
    for each in of("handover"):
        yield gettext("Appel transmis à"), each["to_organisation"]
        yield gettext("Note pour qui prend la suite"), each["note"]
        yield gettext("Note de qui a transmis"), each["outcome_note"]
    for each in of("guest"):
        yield gettext("Tierce personne dans l'appel"), each["name"]
    for each in of("interpreter_call"):
        yield gettext("Dans l'appel"), each["organisation"]


def cv_facts(content: Mapping[str, str]) -> list[Fact]:
    """Tell what a CV says, part by part."""
    return [
        (_cv_label(key), value)
        for key, value in content.items()
        if value and key != "layout"
    ]


def _cv_label(key: str) -> str:
    if key in cv_words.FIELDS:
        return str(cv_words.FIELDS[key])
    section, number, name = key.split(".")
    part = Section(section)
    label = cv_words.ENTRY_FIELDS[part][name]
    return f"{cv_words.ONE_OF[part]} {number}, {label}"
