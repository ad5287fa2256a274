# SPDX-License-Identifier: AGPL-3.0-or-later
"""Codes count only inside the confirmed call, and a doubled one once."""

from device_bridge.call.call import REPEAT_SECONDS, Call, CallCodes, Repeated
from device_bridge.call.codes import Command, Verb

CALL = Call("gv-7-1", 7, "counsellor-msa-1")
PRINT = Command(Verb.PRINT, 1)


def key(codes, text, at=0.0, call=CALL.id):
    return [outcome for digit in text for outcome in codes.digit(call, digit, at)]


def test_no_code_counts_before_a_call_and_after_it():
    codes = CallCodes()
    assert key(codes, "*11#") == []

    codes.confirm(CALL)
    assert key(codes, "*11#") == [PRINT]
    assert codes.end(CALL.id) == CALL
    assert key(codes, "*11#") == []


def test_half_a_code_does_not_live_on_in_the_next_call():
    codes = CallCodes()
    codes.confirm(CALL)
    key(codes, "*1")

    codes.confirm(Call("gv-8-1", 8))

    assert PRINT not in key(codes, "1#", call="gv-8-1")


def test_the_same_code_again_at_once_is_repeated_and_later_a_new_wish():
    codes = CallCodes()
    codes.confirm(CALL)

    assert key(codes, "*11#", at=0.0) == [PRINT]
    assert key(codes, "*11#", at=1.0) == [Repeated(PRINT)]
    assert key(codes, "*11#", at=1.0 + REPEAT_SECONDS) == [PRINT]


def test_asking_for_the_state_twice_is_answered_twice():
    codes = CallCodes()
    codes.confirm(CALL)

    assert key(codes, "*9#*9#") == [Command(Verb.STATE), Command(Verb.STATE)]


def test_the_end_of_another_call_does_not_end_this_one():
    codes = CallCodes()
    codes.confirm(CALL)

    assert codes.end("gv-6-1") is None
    assert codes.call == CALL


def test_a_new_call_replaces_the_one_whose_end_was_lost():
    codes = CallCodes()
    codes.confirm(CALL)
    newer = Call("gv-8-1", 8)

    assert codes.confirm(newer) == CALL
    assert codes.call == newer
