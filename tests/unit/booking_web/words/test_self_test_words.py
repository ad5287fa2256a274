# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every cause of a self-test has a sentence for who sits at the desk."""

import re

import pytest
from flask import Flask

from booking_web.shell.languages import set_up_languages
from booking_web.words.self_tests import (
    CAUSES,
    CHECKS,
    cause_for_repair,
    cause_for_secretary,
    name_of,
)

# What no secretary should have to read.
JARGON = re.compile(
    r"(?i)\b(SIP|DNS|V4L2|SANE|CUPS|TLS|NTP|PipeWire|Asterisk|IP|port|service|log)\b"
)
# Each says what to do, by an imperative.
WHAT_TO_DO = re.compile(
    r"(?i)\b(ôtez|allumez|rebranchez|montez|vérifiez|prévenez|remettez|regardez|"
    r"redémarrez(-la)?|refaites|fermez|changez|ôtez-le)\b"
)


@pytest.fixture(autouse=True)
def _in_french():
    app = Flask("booking_web")
    set_up_languages(app)
    with app.test_request_context():
        yield


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_says_in_plain_words_what_to_do(cause) -> None:
    said = cause_for_secretary("camera", cause)
    assert said.endswith(".") and len(said) <= 110
    assert WHAT_TO_DO.search(said), said
    assert not JARGON.search(said), said
    assert cause_for_repair(cause) != cause


@pytest.mark.parametrize("check", CHECKS)
def test_an_unknown_cause_of_a_known_check_names_what_fails(check) -> None:
    said = cause_for_secretary(check, "of_a_newer_kiosk")
    assert said == (
        f"{name_of(check)} : quelque chose ne va pas. Prévenez l'administrateur."
    )
    assert cause_for_repair("of_a_newer_kiosk") == "of_a_newer_kiosk"


def test_a_check_of_a_newer_kiosk_is_named_as_it_names_itself() -> None:
    assert name_of("fan") == "fan"
