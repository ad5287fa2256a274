# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever finds a hole finds whom to tell."""

from datetime import UTC, datetime, timedelta

import pytest

from booking_web.base.settings import SettingsError, load_settings

ADDRESS = "/.well-known/security.txt"


@pytest.mark.parametrize(
    ("contact", "written"),
    [
        ("securite@mairie.example", "mailto:securite@mairie.example"),
        ("mailto:securite@mairie.example", "mailto:securite@mairie.example"),
        ("https://mairie.example/securite", "https://mairie.example/securite"),
    ],
)
def test_the_sites_contact_is_where_it_is_looked_for(
    new_app, ground, contact, written
) -> None:
    app = new_app(ground, security_contact=contact, site_url="https://guichet.example")
    answer = app.test_client().get(ADDRESS)
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    expires = datetime.fromisoformat(fields.pop("Expires"))
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)
    assert fields == {
        "Contact": written,
        "Preferred-Languages": "fr, en",
        "Canonical": f"https://guichet.example{ADDRESS}",
    }


def test_a_site_without_contact_claims_none(visitor) -> None:
    assert visitor.client.get(ADDRESS).status_code == 404


@pytest.mark.parametrize("contact", ["nobody", "a@b.fr\nContact: x", "a@b fr", "@"])
def test_a_contact_that_nobody_could_use_is_refused(contact) -> None:
    with pytest.raises(SettingsError, match="security_contact"):
        load_settings(
            None,
            {
                "GUICHET_DATABASE_URL": "sqlite://",
                "GUICHET_SECRET_KEY": "k",
                "GUICHET_SECURITY_CONTACT": contact,
            },
        )
