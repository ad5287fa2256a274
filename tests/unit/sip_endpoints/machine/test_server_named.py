# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who makes a PC a kiosk may name the server as they found it: an address of a page, say."""

import pytest

from sip_endpoints.machine.enrolment import command
from sip_endpoints.machine.enrolment.command import Speaker
from sip_endpoints.machine.server.address import host_of
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("guichet.example.fr", "guichet.example.fr"),
        (" Guichet.Example.FR. ", "guichet.example.fr"),
        ("https://guichet.example.fr", "guichet.example.fr"),
        ("http://guichet.example.fr/", "guichet.example.fr"),
        ("HTTPS://guichet.example.fr:8443/connexion?next=/", "guichet.example.fr:8443"),
        ("guichet.example.fr/administration/bornes", "guichet.example.fr"),
        ("mairie-élan.example.fr", "mairie-élan.example.fr"),
        ("192.0.2.7", "192.0.2.7"),
        ("https://[2001:db8::7]/", "[2001:db8::7]"),
        ("g", "g"),
    ],
)
def test_a_server_is_known_by_what_is_typed(typed: str, host: str) -> None:
    assert host_of(typed) == host


@pytest.mark.parametrize(
    "typed",
    [
        *("", "https://", "guichet example.fr", "someone@guichet.example.fr"),
        *("-guichet.example.fr", "guichet.example.fr:", "guichet.example.fr:no"),
        *("2001:db8::7", "guichet.example.fr?next=/", "a\nb"),
    ],
)
def test_what_names_no_server_is_told_so(typed: str) -> None:
    with pytest.raises(MachineError, match="n'est pas le nom d'un serveur"):
        host_of(typed)


def test_a_code_is_asked_of_the_server_that_was_meant(tmp_path, monkeypatch) -> None:
    asked = []

    class AskedError(Exception):
        pass

    def ask(host: str, *_: object) -> None:
        asked.append(host)
        raise AskedError

    monkeypatch.setattr(command, "ask_for_grant", ask)
    monkeypatch.setattr(command, "machine_id", lambda: "0")
    with pytest.raises(AskedError):
        command._grant_of_code(
            *("https://Guichet.example.fr/", "ABCDE-FGHJK-MNPQR-STVWX"),
            *(Places(tmp_path), Speaker(True)),
        )
    assert asked == ["guichet.example.fr"]
