# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every scene of the second screen as the application draws it, with all that it may write."""

from datetime import UTC, datetime, timedelta

from flask import Flask, render_template
from flask_babel import force_locale, gettext

from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.scenes import COUNTED, Scene
from booking_web.domain.kiosks.screen_content import ShownCue
from booking_web.pages.kiosk.present import NextAppointment
from booking_web.pages.kiosk.screen import Screen, drawn_with
from booking_web.words.consents import DEFAULT_TEXT
from booking_web.words.scenes import people_words, second_line, side_words
from provisioning.database.models import Kiosk, Relay

# A Friday; 10:09 on the wall of the relay.
NOW = datetime(2031, 1, 10, 9, 9, tzinfo=UTC)
KIOSK = Kiosk(
    slug="kiosk-wassigny",
    relay=Relay(name="Relais de Marly-Gomont", time_zone="Europe/Paris"),
)
NEXT = NextAppointment(
    "Z. L.", NOW + timedelta(minutes=8), "Mission locale", 2, True, "fr"
)


def html_of(app: Flask, scene: Scene, language: str) -> str:
    """Draw the page in this scene."""
    with app.test_request_context("/borne"), force_locale(language):
        return render_template(
            "kiosk/screen.html",
            **drawn_with(_screen(scene, language), KIOSK, NOW),
            help_keys="F1",
            has_strong_contrast=False,
            last_event=0,
        )


def _screen(scene: Scene, language: str) -> Screen:
    values = {
        "opens": "Monday, 9:00",
        "people": people_words(3),
        "side": side_words(False),
        "told": gettext("L'administrateur est prévenu."),
        "page": "3",
        "pages": "12",
    }
    lines = tuple(filter(None, (second_line(scene, values),)))
    if scene is Scene.CONSENT:
        lines = tuple(str(DEFAULT_TEXT).splitlines())
    return Screen(
        scene,
        KIOSK.relay.name,
        lines,
        appointment_id=1,
        organisation="Mission locale",
        organisation_id=2,
        counsellor="Conseillère de la mission locale",
        since=NOW - timedelta(minutes=14),
        before=3,
        counted=ShownCue(Cue.SCANNING, 3, 12) if scene in COUNTED else None,
        next=NEXT if scene in (Scene.FREE, Scene.EXPECTED) else None,
        language=language,
    )
