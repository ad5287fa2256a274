# SPDX-License-Identifier: AGPL-3.0-or-later
"""The wording of the call that Asterisk is asked for."""

import pytest

from booking_web.dispatcher.placing.claims import Claim
from booking_web.dispatcher.placing.originating import caller_name, originate_of


def claim(**changed: object) -> Claim:
    values: dict[str, object] = {
        "appointment_id": 7,
        "call": "gv-7-2",
        "kiosk": "kiosk-guise",
        "relay_name": "Relais de Guise",
        "resident_name": "M. Dupont",
        "reason": "",
        "language": "en",
        "organisation": "msa",
        "organisation_name": "Mutualité sociale agricole (MSA)",
        "queue_seconds": 300,
    }
    return Claim(**(values | changed))  # type: ignore[arg-type]


def test_the_call_carries_the_appointment_and_the_mark_to_answer() -> None:
    call = originate_of(claim())
    assert (call.call, call.channel) == ("gv-7-2", "PJSIP/kiosk-guise")
    assert (call.context, call.extension) == ("guichet-queue", "start")
    assert call.codecs == "opus,g722,ulaw,vp8,h264"
    assert call.timeout_ms == 12000
    assert call.caller_id == '"Mutualité sociale agricole (MSA)" <guichet>'
    assert call.variables == {
        "__GUICHET_CALL": "gv-7-2",
        "__GUICHET_APPOINTMENT": "7",
        "__GUICHET_ORGANISATION": "msa",
        "__GUICHET_KIOSK": "kiosk-guise",
        "__GUICHET_CALLER_NAME": "M. Dupont (Relais de Guise)",
        "__GUICHET_QUEUE_SECONDS": "300",
        "__GUICHET_LANGUAGE": "en",
        "PJSIP_HEADER(add,Call-Info)": "<sip:guichet>;answer-after=0",
        "PJSIP_HEADER(add,X-Guichet-Appointment)": "7",
        "PJSIP_HEADER(add,X-Guichet-Language)": "en",
    }


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zoé O'Hara", "Zoé O'Hara (Guise)"),
        ('Jean "Jo" Roi', "Jean 'Jo' Roi (Guise)"),
        ("Jean\r\nAction: Logoff", "Jean Action: Logoff (Guise)"),
        ("  Jean \t Roi ", "Jean Roi (Guise)"),
        ("é" * 120, "é" * 60 + " (Guise)"),
        ("😀 Léa", "😀 Léa (Guise)"),
    ],
)
def test_any_name_is_one_short_line_on_the_counsellors_phone(
    name: str, shown: str
) -> None:
    assert caller_name(name, "Guise") == shown


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("", "M. Dupont (Relais de Guise)"),
        ("Dossier de retraite", "M. Dupont (Relais de Guise) - Dossier de retraite"),
        (
            'carte "grise"\r\nAction: Logoff',
            "M. Dupont (Relais de Guise) - carte 'grise' Action: Logoff",
        ),
        ("é" * 200, "M. Dupont (Relais de Guise) - " + "é" * 50),
    ],
)
def test_the_phone_says_why_the_resident_comes(reason: str, shown: str) -> None:
    call = originate_of(claim(reason=reason))
    assert call.variables["__GUICHET_CALLER_NAME"] == shown


def test_an_organisation_cannot_end_its_own_quotes() -> None:
    call = originate_of(claim(organisation_name='La "Caf"\n<evil>'))
    assert call.caller_id == "\"La 'Caf' <evil>\" <guichet>"


def test_a_claim_never_shows_the_resident_in_a_log() -> None:
    told = repr(claim(reason="Dossier de retraite"))
    assert "Dupont" not in told and "retraite" not in told
