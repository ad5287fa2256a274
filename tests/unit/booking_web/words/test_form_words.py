# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each refusal, notice and remark of a form has its sentence."""

import pytest
from flask import Flask
from flask_babel import Babel

from booking_web.domain.forms.description import Notice
from booking_web.domain.forms.errors import FormRefusal
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.remarks import Remark, RemarkKind
from booking_web.words.forms import NOTICES, refusal_sentence, remark_sentence


@pytest.fixture(autouse=True)
def french():
    app = Flask(__name__)
    Babel(app, default_locale="fr")
    with app.test_request_context():
        yield


@pytest.mark.parametrize("reason", FormRefusal)
def test_a_refusal_says_what_to_do(reason) -> None:
    sentence = refusal_sentence(reason, Limits())
    assert sentence.endswith(".") and "%(" not in sentence


def test_a_refusal_says_the_limits() -> None:
    limits = Limits(max_pages=7, max_fields=30, max_bytes=2_000_000)
    assert "7 au plus" in refusal_sentence(FormRefusal.TOO_MANY_PAGES, limits)
    assert "30 au plus" in refusal_sentence(FormRefusal.TOO_MANY_FIELDS, limits)
    assert "2 Mo au plus" in refusal_sentence(FormRefusal.TOO_LARGE, limits)


def test_each_notice_has_its_sentence() -> None:
    assert set(NOTICES) == set(Notice)


@pytest.mark.parametrize(
    "remark, words",
    [
        (Remark(RemarkKind.TOO_LONG, "1"), "1 caractère de trop"),
        (Remark(RemarkKind.TOO_LONG, "12"), "12 caractères de trop"),
        (Remark(RemarkKind.STRANGERS, "با"), "imprimés : ب ا. "),
        (Remark(RemarkKind.TINY), "en lettres minuscules"),
        (Remark(RemarkKind.OVERFLOWS), "plus long que sa case"),
        (Remark(RemarkKind.NO_SUCH_CHOICE), "n'existe pas"),
        (Remark(RemarkKind.NO_DATE), "24/11/2026"),
    ],
)
def test_a_remark_says_what_is_wrong(remark, words) -> None:
    assert words in remark_sentence(remark)
