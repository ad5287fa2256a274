# SPDX-License-Identifier: AGPL-3.0-or-later
"""A path in the access log: no secret, and no line that its sender made up."""

import pytest

from booking_web.base.access_log import told_path

TOKEN = "c3VjaCBhIHNlY3JldC1vZi1vbmU_"
FORGED = '\n{"event": "password refused"}'


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/bureau/semaine.csv", "/bureau/semaine.csv"),
        (f"/mur/lien/{TOKEN}", "/mur/lien/..."),
        (f"/x\n/mur/lien/{TOKEN}/{TOKEN}", "/x\\x0A/mur/lien/.../..."),
        (f"/x{FORGED}", "/x\\x0A{\\x22event\\x22: \\x22password refused\\x22}"),
        ('/x" 200 1 1us\r', "/x\\x22 200 1 1us\\x0D"),
        # As WSGI gives it: a byte a character.
        ("/caf\xc3\xa9\\n\x85\x1b[2J", "/caf\\xC3\\xA9\\x5Cn\\x85\\x1B[2J"),
    ],
)
def test_a_path_is_told_on_one_line_without_its_secrets(path: str, told: str) -> None:
    assert told_path(path) == told
