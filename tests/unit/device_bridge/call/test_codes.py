# SPDX-License-Identifier: AGPL-3.0-or-later
"""Digits become commands, and nothing else does."""

import pytest

from device_bridge.call.codes import (
    CODE_LIMIT_SECONDS,
    DIGIT_LIMIT_SECONDS,
    CodeParser,
    Command,
    Mistake,
    Verb,
)


def key(digits, parser=None, every_seconds=0.2, start=0.0):
    """Key digits and give what came of them, without the Nones."""
    parser = parser or CodeParser()
    found = [
        parser.take(digit, start + number * every_seconds)
        for number, digit in enumerate(digits)
    ]
    return [each for each in found if each is not None]


@pytest.mark.parametrize(
    ("digits", "command"),
    [
        ("*12#", Command(Verb.PRINT, 2)),
        ("*1123#", Command(Verb.PRINT, 123)),
        ("*2#", Command(Verb.SCAN)),
        ("*24#", Command(Verb.SCAN, 4)),
        ("*3#", Command(Verb.COPY)),
        ("*320#", Command(Verb.COPY, 20)),
        ("*4#", Command(Verb.SHOW)),
        ("*43#", Command(Verb.SHOW, 3)),
        ("*7001#", Command(Verb.RUN, 1)),
        ("*0#", Command(Verb.CANCEL)),
        ("*81#", Command(Verb.VOLUME, 1)),
        ("*85#", Command(Verb.VOLUME, 5)),
        ("*9#", Command(Verb.STATE)),
        ("12*12#", Command(Verb.PRINT, 2)),
        ("*1*2#", Command(Verb.SCAN)),
        ("***9#", Command(Verb.STATE)),
    ],
)
def test_a_whole_code_is_one_command(digits, command):
    assert key(digits) == [command]


@pytest.mark.parametrize(
    ("digits", "mistake"),
    [
        ("12#", Mistake.NO_STAR),
        ("#", Mistake.NO_STAR),
        ("*#", Mistake.EMPTY),
        ("*1#", Mistake.NUMBER_MISSING),
        ("*7#", Mistake.NUMBER_MISSING),
        ("*10#", Mistake.NUMBER_ZERO),
        ("*1000#", Mistake.NUMBER_ZERO),
        ("*25#", Mistake.UNKNOWN_PRESET),
        ("*321#", Mistake.TOO_MANY_COPIES),
        ("*01#", Mistake.NUMBER_NOT_WANTED),
        ("*99#", Mistake.NUMBER_NOT_WANTED),
        ("*6#", Mistake.UNKNOWN_VERB),
        ("*8#", Mistake.NUMBER_MISSING),
        ("*80#", Mistake.NUMBER_ZERO),
        ("*86#", Mistake.UNKNOWN_VOLUME),
        ("*11234#", Mistake.NUMBER_TOO_LONG),
        ("*1A#", Mistake.NOT_A_DIGIT),
        ("*1é#", Mistake.NOT_A_DIGIT),
        ("*1²#", Mistake.NOT_A_DIGIT),
        ("*1٣#", Mistake.NOT_A_DIGIT),
    ],
)
def test_a_wrong_code_is_one_mistake(digits, mistake):
    assert key(digits) == [mistake]


def test_digits_without_end_are_answered_once():
    assert key("*1" + "5" * 10_000) == [Mistake.NUMBER_TOO_LONG]


def test_a_code_after_a_wrong_one_is_obeyed():
    assert key("*6666*12#") == [Mistake.UNKNOWN_VERB, Command(Verb.PRINT, 2)]


def test_a_code_given_up_is_told_after_its_time():
    parser = CodeParser()
    key("*1", parser)

    assert parser.expire(DIGIT_LIMIT_SECONDS) is None
    assert parser.expire(DIGIT_LIMIT_SECONDS + 0.3) is Mistake.INCOMPLETE
    assert parser.expire(DIGIT_LIMIT_SECONDS + 9) is None


def test_digits_that_come_slowly_one_by_one_do_not_keep_a_code_open():
    every = DIGIT_LIMIT_SECONDS - 1

    found = key("*111#", every_seconds=every)

    assert CODE_LIMIT_SECONDS < 4 * every + every
    assert found == [Mistake.INCOMPLETE] or found == [Command(Verb.PRINT, 11)]


def test_the_end_of_a_code_given_up_does_not_print():
    parser = CodeParser()
    key("*1", parser)

    found = key("2#", parser, start=60.0)

    assert found == [Mistake.INCOMPLETE]


@pytest.mark.parametrize(
    "keyed, begun",
    [
        ("", None),
        ("*", None),
        ("*1", Command(Verb.PRINT)),
        ("*12", Command(Verb.PRINT, 2)),
        ("*123", Command(Verb.PRINT, 23)),
        ("*7004", Command(Verb.RUN, 4)),
        ("*12#", None),
        ("*12*", None),
        ("*5", None),
        ("*12A", None),
        ("*12345", None),
    ],
)
def test_what_is_being_keyed_is_known_before_its_end(keyed, begun):
    parser = CodeParser()
    for digit in keyed:
        parser.take(digit, 0.0)

    assert parser.begun == begun


def test_a_code_given_up_for_its_pause_is_begun_no_more():
    parser = CodeParser()
    for digit in "*12":
        parser.take(digit, 0.0)

    parser.expire(100.0)

    assert parser.begun is None
