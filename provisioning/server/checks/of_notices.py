# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check of what the public pages must tell, which only the site's own people know."""

import tomllib

from provisioning.server.answers import Answers
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


def public_pages(machine: Machine, _answers: Answers) -> Checked:
    """Tell which of them are missing: the pages say so too, and no service stands still."""
    file = machine.layout.settings
    try:
        settings = tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        return failed(NAME, f"{file}: {error}", "guichet-server install")
    missing = [name for name in OWED if not settings.get(name)]
    if missing:
        return absent(
            NAME, f"not told yet, to be written in {file}: {', '.join(missing)}"
        )
    return ok(NAME, "all is told that a public site owes")
