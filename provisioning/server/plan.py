# SPDX-License-Identifier: AGPL-3.0-or-later
"""The steps of an installation, in their order. Each may be done again at any time."""

from provisioning.server.administrator import let_administrator_in
from provisioning.server.answers import Answers
from provisioning.server.archive import set_up_archive
from provisioning.server.backup.first_passphrase import make_passphrase
from provisioning.server.certificate import see_to_certificate
from provisioning.server.database import prepare_database, upgrade_tables
from provisioning.server.firewall import set_up_firewall
from provisioning.server.preparing import (
    check_machine,
    install_packages,
    make_users_and_folders,
    needed_packages,
)
from provisioning.server.proxy import set_up_proxy, shown
from provisioning.server.repository.setting_up import ensure_repository
from provisioning.server.services import start_services
from provisioning.server.site_files import write_files
from provisioning.server.work import Step


def steps_of(answers: Answers) -> list[Step]:
    """Give the steps that these answers take."""
    packages = ", ".join(needed_packages(answers))
    return [
        Step("machine", "root, systemd, Asterisk, its own name", check_machine),
        Step(
            "proxy",
            (
                f"{shown(answers.proxy)}, for apt and what goes out"
                if answers.proxy
                else "none is wanted: ours is taken away"
            ),
            set_up_proxy,
        ),
        Step(
            "packages",
            f"Debian's {packages}" if packages else "ports 80 and 443 are free",
            install_packages,
        ),
        Step("users", "users, groups, folders", make_users_and_folders),
        Step("database", _DATABASES[answers.database], prepare_database),
        Step("site", "settings, certificates, Asterisk's configuration", write_files),
        Step("tables", "the database at this version", upgrade_tables),
        Step(
            "firewall",
            (
                "the table inet guichet"
                if answers.firewall.enabled
                else "none is wanted: ours is taken away"
            ),
            set_up_firewall,
        ),
        Step("backups", "a passphrase for them, shown", make_passphrase),
        Step("repository", "packages for kiosks, none yet", ensure_repository),
        Step(
            "archive",
            (
                "Debian's packages, for kiosks that reach nothing else"
                if answers.updates.debian
                else "kiosks take Debian's packages elsewhere"
            ),
            set_up_archive,
        ),
        Step("services", "enabled, started, told what changed", start_services),
        Step(
            "certificate", _CERTIFICATES[answers.certificate.kind], see_to_certificate
        ),
        Step("administrator", answers.administrator.email, let_administrator_in),
    ]


_CERTIFICATES = {
    "own": "renewed by a timer, tried once",
    "acme": "asked of the ACME authority; renewed by a timer, tried once",
    "files": "taken by a timer when you renew it, tried once",
}
_DATABASES = {
    "postgresql": "PostgreSQL, two roles and a database",
    "sqlite": "SQLite, a file that was here before",
}
