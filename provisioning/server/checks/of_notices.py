# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check of what the public pages must tell, which only the site's own people know."""

import http.client
import tomllib
from http import HTTPStatus

from provisioning.server.answers import Answers
from provisioning.server.checks import of_network
from provisioning.server.checks.check import Checked, absent, failed, ok
from provisioning.server.machine import Machine

# The settings without which a public page is not whole; booking_web names the same.
OWED = (
    "site_publisher",
    "site_publisher_address",
    "publication_director",
    "site_host",
    "accessibility_stated_on",
    "accessibility_contact",
    "data_controller",
    "data_officer",
    "data_legal_basis",
)
NAME = "public pages"
MARK_PAGE = "/marque.png"


def public_pages(machine: Machine, answers: Answers) -> Checked:
    """Tell which of them are missing: the pages say so too, and no service stands still.

    A mark that is set and not shown has failed: nobody else would tell of it.
    """
    file = machine.layout.settings
    try:
        settings = tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        return failed(NAME, f"{file}: {error}", "guichet-server install")
    mark = settings.get("territory_mark")
    if mark and _is_not_shown(machine, answers):
        return failed(
            NAME,
            f"they do not show the mark, {mark}",
            "give a JPEG or PNG, below /etc/guichet, that the user guichet can read; then"
            " systemctl restart guichet-web",
        )
    missing = [name for name in OWED if not settings.get(name)]
    if missing:
        return absent(
            NAME, f"not told yet, to be written in {file}: {', '.join(missing)}"
        )
    return ok(NAME, "all is told that a public site owes")


def _is_not_shown(machine: Machine, answers: Answers) -> bool:
    """Tell whether the pages answer that they have no mark; whether they answer is asked apart."""
    try:
        return (
            of_network.ask_site(machine, answers, MARK_PAGE)[0] == HTTPStatus.NOT_FOUND
        )
    except (OSError, http.client.HTTPException):
        return False
