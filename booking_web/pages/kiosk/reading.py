# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form or CV that the second screen follows, read aloud: in its call, and kept nowhere."""

from flask import Response, abort
from flask_babel import force_locale

from booking_web.domain.cv.errors import CvGone
from booking_web.domain.cv.latest_first import on_paper
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.errors import DraftGone, UnknownForm
from booking_web.domain.forms.library_reading import read_edition
from booking_web.domain.kiosks.screen_content import (
    ReadAloud,
    Reading,
    ScreenContent,
    ShownDraft,
)
from booking_web.pages.kiosk.mirror import blueprint, call_of
from booking_web.pages.kiosk.sheets import place_of
from booking_web.shell.cv_services import cvs
from booking_web.shell.form_services import drafts
from booking_web.shell.services import services
from booking_web.shell.sign_in.kiosk_enrolment import known_kiosk
from booking_web.telling.voice.speaking import VOICE, VoiceUnavailable, speak
from booking_web.words.read_aloud import words_of_field, words_of_page
from booking_web.words.read_cv_aloud import words_of_cv, words_of_cv_place


@blueprint.get("/lecture/<int:number>.opus")
def read_aloud(number: int) -> Response:
    """Give what is to be read aloud now; 404 for what was asked for before."""
    kiosk = known_kiosk()
    with services().database.read() as session:
        content = call_of(session, kiosk).content
    reading = content.reading
    if reading is None or reading.number != number or reading.what is Reading.NONE:
        abort(404)
    try:
        # The labels are French, whatever language the screen's sentences are in.
        with force_locale(VOICE):
            sound = speak(_text(content, reading))
    except (CvGone, DraftGone, UnknownForm):
        abort(404)
    except (StoreUnavailable, VoiceUnavailable):
        abort(503)
    return Response(sound, mimetype="audio/ogg", headers={"Cache-Control": "no-store"})


def _text(content: ScreenContent, reading: ReadAloud) -> str:
    if content.cv is not None:
        cv = on_paper(cvs().read_one(content.cv.id).content)
        if reading.what is Reading.PAGE:
            return words_of_cv(cv)
        return words_of_cv_place(cv, reading.place)
    if content.draft is not None:
        return _text_of_draft(content.draft, reading)
    abort(404)


def _text_of_draft(shown: ShownDraft, reading: ReadAloud) -> str:
    opened = drafts().read(shown.id)
    with services().database.read() as session:
        edition = read_edition(session, opened.edition_id)
    found = place_of(edition.description, reading.place)
    if found is None or reading.what is Reading.PAGE:
        page = found[1].page if found else shown.page
        return words_of_page(edition.description, edition.asked, opened.values, page)
    field, _ = found
    labels = {each.key: each.label for each in edition.asked}
    value = opened.values.get(field.key, "")
    return words_of_field(field, labels.get(field.key, field.label), value)
