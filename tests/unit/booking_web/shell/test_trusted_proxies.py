# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a request comes from is believed of named proxies alone."""

import pytest
from flask import request

from booking_web.app import create_app
from booking_web.base.settings import Settings, SettingsError
from booking_web.shell.services import EXTENSION
from booking_web.shell.site.trusted_proxies import TrustedProxies

FORGED = {
    "X-Forwarded-For": "192.0.2.66, 198.51.100.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "elsewhere.example",
}


@pytest.mark.parametrize(
    ("trusted", "peer", "seen"),
    [
        ("", "203.0.113.5", ("203.0.113.5", "http", "localhost")),
        ("", "", (None, "http", "localhost")),
        ("203.0.113.6", "203.0.113.5", ("203.0.113.5", "http", "localhost")),
        ("unix 127.0.0.1", "203.0.113.5", ("203.0.113.5", "http", "localhost")),
        ("203.0.113.5", "203.0.113.5", ("198.51.100.9", "https", "elsewhere.example")),
        (
            "203.0.113.0/24",
            "203.0.113.5",
            ("198.51.100.9", "https", "elsewhere.example"),
        ),
        (
            "2001:db8::/32",
            "2001:db8::7",
            ("198.51.100.9", "https", "elsewhere.example"),
        ),
        ("unix", "", ("198.51.100.9", "https", "elsewhere.example")),
    ],
)
def test_a_stranger_says_in_vain_where_it_comes_from(
    tmp_path, trusted, peer, seen
) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'guichet.db'}",
        secret_key="of the test",
        trusted_proxies=trusted,
        secure_cookies=False,
    )
    app = create_app(settings)
    told = []

    @app.get("/told")
    def tell() -> str:
        told.append((request.remote_addr or None, request.scheme, request.host))
        return ""

    app.test_client().get(
        "/told", headers=FORGED, environ_overrides={"REMOTE_ADDR": peer}
    )
    app.extensions[EXTENSION].database.dispose()
    assert told == [seen]


@pytest.mark.parametrize("text", ["*", "proxy.example", "10.0.0.1/8", "unix:/run/it"])
def test_what_names_no_proxy_is_refused(text) -> None:
    with pytest.raises(SettingsError, match="trusted_proxies"):
        TrustedProxies(text)
