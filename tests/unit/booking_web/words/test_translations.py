# SPDX-License-Identifier: AGPL-3.0-or-later
"""English is complete, and what is used is made of what is committed."""

import ast
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from structlog.testing import capture_logs

import booking_web
from booking_web.shell.languages import set_up_languages
from booking_web.tables.states import ActReason, AppointmentState
from booking_web.words.appointments import ACT_REASONS, REASONS, STATES

ROOM = Path(booking_web.__file__).parent
ENGLISH = ROOM / "translations" / "en" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def english() -> Catalog:
    return read_po(BytesIO((ENGLISH / "messages.po").read_bytes()), locale="en")


@pytest.fixture(scope="module")
def in_the_code() -> set[str]:
    found = extract_from_dir(ROOM, METHODS, keywords=KEYWORDS)
    return {message[2] for message in found}


def test_every_sentence_of_the_pages_is_in_english(english, in_the_code) -> None:
    assert "Valider le rendez-vous" in in_the_code
    untranslated = {
        text
        for text in in_the_code
        if english.get(text) is None or not english[text].string or english[text].fuzzy
    }
    assert untranslated == set()


def test_no_sentence_is_hidden_in_another() -> None:
    """Before Python 3.12, what stands in an f-string is not found: it stays French."""
    hidden = {
        f"{path.relative_to(ROOM)}:{call.lineno}"
        for path in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in KEYWORDS
    }
    assert hidden == set()


def test_the_catalogue_holds_nothing_that_no_page_says(english, in_the_code) -> None:
    assert {message.id for message in english if message.id} - in_the_code == set()


def test_sentences_have_one_apostrophe(in_the_code) -> None:
    # With two, one sentence would stand in the catalogue twice.
    assert {text for text in in_the_code if "’" in text} == set()


def test_placeholders_are_the_same_in_both_languages(english) -> None:
    assert list(english.check()) == []
    for message in english:
        if isinstance(message.id, str) and message.id:
            assert ("{minutes}" in message.id) == ("{minutes}" in message.string)


def test_the_compiled_catalogue_is_that_of_the_source(english) -> None:
    compiled = read_mo(BytesIO((ENGLISH / "messages.mo").read_bytes()))
    assert _sentences(compiled) == _sentences(english)


def test_the_application_names_a_language_that_was_not_compiled(tmp_path: Path) -> None:
    app = Flask("empty", root_path=str(tmp_path))
    with capture_logs() as lines:
        set_up_languages(app)
    assert [(line["log_level"], line["language"]) for line in lines] == [
        ("warning", "en")
    ]


def test_a_language_that_was_compiled_is_not_named() -> None:
    app = Flask("booking_web", root_path=str(ROOM))
    with capture_logs() as lines:
        set_up_languages(app)
    assert lines == []


def _sentences(catalogue: Catalog) -> dict[str, str]:
    # Of a sentence with a plural, babel gives lists here and tuples there.
    return {
        str([each.id] if isinstance(each.id, str) else list(each.id)): str(
            [each.string] if isinstance(each.string, str) else list(each.string)
        )
        for each in catalogue
        if each.id
    }


def test_every_state_has_its_own_word_and_icon() -> None:
    assert set(STATES) == set(AppointmentState)
    assert len({wording.icon for wording in STATES.values()}) == len(STATES)


def test_every_icon_in_use_is_vendored() -> None:
    sprite = (ROOM / "static" / "vendor" / "bootstrap-icons" / "icons.svg").read_text()
    for wording in STATES.values():
        assert f'id="{wording.icon}"' in sprite


def test_every_reason_of_the_contract_is_a_sentence() -> None:
    found_by_programs = {
        "kiosk_offline",
        "kiosk_silent",
        "kiosk_busy",
        "kiosk_awaited",
        "kiosk_refused",
        "queue_timeout",
        "call_broken",
        "resident_left",
        "asterisk_lost",
        "dispatcher_lost",
        "hung_up_by_secretary",
        "server_full",
        "access_cut",
        "handed_over",
        "presumed_at_the_hour",
    }
    chosen_by_people = {reason.value for reason in ActReason}
    assert set(REASONS) == found_by_programs | chosen_by_people
    assert set(ACT_REASONS) == set(ActReason)


def test_no_text_that_is_looked_up_late_takes_a_value_from_outside() -> None:
    """flask-babel has such texts written into a page as they are: a name would be markup."""
    with_values = set()
    for path in ROOM.rglob("*.py"):
        source = path.read_text()
        if "lazy_" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            is_lazy = isinstance(node, ast.Call) and "lazy_" in ast.unparse(node.func)
            if is_lazy and node.keywords:
                with_values |= {ast.unparse(each.value) for each in node.keywords}
    # A state's word; all others are constants of ours.
    constant = re.compile(r"(?:\w+\.)*[A-Z_]+")
    others = {each for each in with_values if not constant.fullmatch(each)}
    assert others == {"wording_of(former).word"}
