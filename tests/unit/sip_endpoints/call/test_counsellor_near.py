# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the dialplan tells of a counsellor is read, and nothing else is taken for it."""

import pytest

from sip_endpoints.call.counsellor_near import (
    CounsellorNear,
    Nearness,
    read_counsellor_near,
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "guichet-counsellor/1 called appointment=42",
            CounsellorNear(Nearness.CALLED, "42"),
        ),
        (
            "guichet-counsellor/1 answered appointment=7\r\n",
            CounsellorNear(Nearness.ANSWERED, "7"),
        ),
        # A call that belongs to no appointment.
        (
            "guichet-counsellor/1 answered appointment=",
            CounsellorNear(Nearness.ANSWERED, None),
        ),
        (
            "guichet-counsellor/1 left appointment=42",
            CounsellorNear(Nearness.LEFT, "42"),
        ),
        ("", None),
        ("answered appointment=42", None),
        ("guichet-counsellor/2 answered appointment=42", None),
        ("guichet-counsellor/1 gone appointment=42", None),
        ("guichet-counsellor/1 answered appointment=-1", None),
        ("guichet-counsellor/1 answered appointment=" + "9" * 19, None),
        ("guichet-counsellor/1 answered appointment=42 more", None),
        ("guichet-counsellor/1 answered appointment=\u0664", None),
    ],
)
def test_a_text_is_read_letter_for_letter(
    text: str, told: CounsellorNear | None
) -> None:
    assert read_counsellor_near(text) == told
