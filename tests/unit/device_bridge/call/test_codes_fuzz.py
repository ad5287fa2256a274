# SPDX-License-Identifier: AGPL-3.0-or-later
"""Broken and hostile digits: no crash, and no command that was not keyed."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from device_bridge.call.call import MISTAKE_SECONDS, Call, CallCodes, Repeated
from device_bridge.call.codes import (
    CODE_LIMIT_SECONDS,
    DIGIT_LIMIT_SECONDS,
    CodeParser,
    Command,
    Mistake,
)

WHOLE_CODE = re.compile(r"\*[0-9][0-9]{0,3}#$", re.ASCII)
digits = st.one_of(
    st.sampled_from("0123456789*#"), st.sampled_from("ABCD²٣ é\n"), st.just("")
)
pauses = st.one_of(
    st.floats(0, 0.5), st.sampled_from([DIGIT_LIMIT_SECONDS, 100.0, 1e-9])
)
keyed = st.lists(st.tuples(digits, pauses), max_size=60)


@settings(max_examples=600)
@given(keyed)
def test_a_command_is_exactly_the_code_that_was_keyed_last(sequence):
    parser = CodeParser()
    text, times, at = "", [], 0.0

    for digit, pause in sequence:
        at += pause
        found = parser.take(digit, at)
        text += digit
        times += [at] * len(digit)
        if isinstance(found, Command):
            match = WHOLE_CODE.search(text)
            assert match is not None
            verb, number = match[0][1], match[0][2:-1]
            assert found.verb == verb
            assert found.number == (int(number) if number else None)
            moments = times[match.start() : match.end()]
            assert moments[-1] - moments[0] <= CODE_LIMIT_SECONDS
            gaps = [b - a for a, b in zip(moments, moments[1:], strict=False)]
            assert max(gaps) <= DIGIT_LIMIT_SECONDS


@settings(max_examples=300)
@given(keyed)
def test_each_mistake_is_told_at_most_once_in_a_while(sequence):
    codes = CallCodes()
    codes.confirm(Call("gv-1-1", 1))
    told: dict[Mistake, list[float]] = {}
    at = 0.0

    for digit, pause in sequence:
        at += pause
        for outcome in (*codes.digit("gv-1-1", digit, at), *codes.expire(at)):
            if isinstance(outcome, Mistake):
                told.setdefault(outcome, []).append(at)

    for moments in told.values():
        gaps = [b - a for a, b in zip(moments, moments[1:], strict=False)]
        assert all(gap >= MISTAKE_SECONDS for gap in gaps)


@settings(max_examples=300)
@given(keyed, st.sampled_from(["gv-2-1", "", "gv-1-2"]))
def test_digits_of_another_call_never_ask_for_anything(sequence, stranger):
    codes = CallCodes()
    codes.confirm(Call("gv-1-1", 1))
    at = 0.0

    for digit, pause in sequence:
        at += pause
        assert list(codes.digit(stranger, digit, at)) == []


@settings(max_examples=200)
@given(st.lists(st.sampled_from(["*12#", "*2#", "*31#"]), max_size=12))
def test_the_same_code_at_once_is_never_obeyed_twice(codes_keyed):
    codes = CallCodes()
    codes.confirm(Call("gv-1-1", 1))
    outcomes = []

    for code in codes_keyed:
        for digit in code:
            outcomes += codes.digit("gv-1-1", digit, 0.0)

    for before, after in zip(outcomes, outcomes[1:], strict=False):
        keyed_before = before.command if isinstance(before, Repeated) else before
        if isinstance(after, Command):
            assert keyed_before != after
