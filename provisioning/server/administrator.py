# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first administrator: an account, and a one-time link to choose a password by."""

import json

from provisioning.server.database import guichet_web, pages_url
from provisioning.server.files import PAGES
from provisioning.server.work import Work


def let_administrator_in(work: Work) -> bool:
    """Have the account, and make a link for as long as the person has never signed in."""
    administrator = work.answers.administrator
    is_new = administrator.email.lower() not in _known_people(work)
    if is_new:
        _provision(
            work,
            *("add-user", administrator.email, "--name", administrator.name),
            *("--role", "administrator"),
        )
    told = json.loads(
        guichet_web(
            work.machine, "invite", administrator.email, "--unless-signed-in", "--json"
        )
    )
    work.link = told["link"] or ""
    return is_new


def _known_people(work: Work) -> set[str]:
    told = json.loads(_provision(work, "list", "users", "--json"))
    return {user["email"].lower() for user in told["users"]}


def _provision(work: Work, *arguments: str) -> str:
    url = pages_url(work.machine, work.answers.database)
    return work.machine.programs.run(
        "guichet-provision", "--database-url", url, *arguments, user=PAGES
    )
