# SPDX-License-Identifier: AGPL-3.0-or-later
"""SIP text as it comes from the network, friendly or not."""

import pytest

from sip_endpoints.call.sip_text import (
    is_auto_answer,
    printable,
    read_headers,
    read_name_and_user,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"M. Dupont (Wassigny)" <sip:kiosk-wassigny@h>;tag=1', "M. Dupont (Wassigny)"),
        ('"a \\"b\\" \\\\c" <sip:kiosk-wassigny@h>', 'a "b" \\c'),
        ("Élodie <sip:kiosk-wassigny@h>", "Élodie"),
        ("<sip:kiosk-wassigny@h:5061;transport=tls>", ""),
        ("sip:kiosk-wassigny@h;tag=2", ""),
        ('"<sip:evil@h>" <sips:kiosk-wassigny@h>', "<sip:evil@h>"),
    ],
)
def test_name_and_user_are_read(value, expected):
    assert read_name_and_user(value) == (expected, "kiosk-wassigny")


@pytest.mark.parametrize("value", ["", "<>", "<tel:+33>", '"', "<sip:h>"])
def test_a_header_without_a_user_gives_none(value):
    assert read_name_and_user(value)[1] == ""


def test_headers_are_read_whatever_their_case_and_folding():
    headers = read_headers(
        "INVITE sip:a@b SIP/2.0\r\nf: <sip:x@y>\r\nCALL-INFO: <sip:g>\r\n"
        " ;answer-after=0\r\ncall-info: <sip:h>\r\n\r\nCall-Info: in the body"
    )
    assert headers == {
        "from": ["<sip:x@y>"],
        "call-info": ["<sip:g> ;answer-after=0", "<sip:h>"],
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("<sip:g>;answer-after=0",), True),
        (("<sip:g>; Answer-After = 0",), True),
        (("<sip:g>;x=1;answer-after=0;y=2",), True),
        (("<sip:a>;purpose=icon", "<sip:g>;answer-after=0"), True),
        (("<sip:a>;answer-after=0, <sip:b>",), True),
        (("<sip:g>;answer-after=00",), False),
        (("<sip:g>;answer-after=0.5",), False),
        (("<sip:g>;xanswer-after=0",), False),
        ((), False),
    ],
)
def test_only_the_mark_itself_is_the_mark(values, expected):
    assert is_auto_answer(values) is expected


def test_network_text_cannot_move_the_cursor_nor_fill_the_screen():
    assert printable("a\x1b[2Jb\r\nc\u202e") == "a [2Jb  c "
    assert len(printable("x" * 10_000)) == 120
