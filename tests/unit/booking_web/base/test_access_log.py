# SPDX-License-Identifier: AGPL-3.0-or-later
"""A path in the access log: no secret, and no line that its sender made up."""

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from booking_web.base.access_log import DiscreetLogger, told_path

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


def test_a_screen_that_says_that_all_is_well_fills_no_log(caplog) -> None:
    settings = Config()
    settings.set("accesslog", "-")
    logger = DiscreetLogger(settings)
    logger.access_log.propagate = True

    def lines(method: str, path: str, status: str) -> int:
        caplog.clear()
        with caplog.at_level(logging.INFO, "gunicorn.access"):
            answer = SimpleNamespace(status=status, sent=0, headers=[])
            asked = SimpleNamespace(headers=[], method=method, uri=path, query="")
            environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "RAW_URI": path}
            environ["SERVER_PROTOCOL"] = "HTTP/1.1"
            logger.access(answer, asked, environ, timedelta())
        return len(caplog.records)

    assert lines("POST", "/borne/vu", "204 NO CONTENT") == 0
    for method, path, status in (
        ("POST", "/borne/vu", "403 FORBIDDEN"),
        ("GET", "/borne/vu", "204 NO CONTENT"),
        ("POST", "/borne/vue", "204 NO CONTENT"),
    ):
        assert lines(method, path, status) == 1, (method, path, status)
