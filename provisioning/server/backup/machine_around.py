# SPDX-License-Identifier: AGPL-3.0-or-later
"""The machine around a restoration: its packages, users, PostgreSQL and services."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from provisioning.server.answers import read_answers
from provisioning.server.archive import set_up_archive
from provisioning.server.backup.errors import RestoreRefused
from provisioning.server.backup.fetching import Fetched
from provisioning.server.backup.postgresql_copy import bring_back
from provisioning.server.backup.putting_back import new_database_url
from provisioning.server.backup.site_settings import SiteSettings
from provisioning.server.certificate import obtain_from_acme
from provisioning.server.checks.all import run_checks, wait_until_serving
from provisioning.server.checks.check import Checked
from provisioning.server.database import (
    DATABASE,
    Psql,
    guichet_web,
    prepare_database,
    upgrade_tables,
)
from provisioning.server.errors import ServerError
from provisioning.server.firewall import set_up_firewall
from provisioning.server.machine import Machine
from provisioning.server.preparing import (
    check_machine,
    install_packages,
    make_users_and_folders,
)
from provisioning.server.proxy import set_up_proxy
from provisioning.server.repository.setting_up import (
    RepositoryBack,
    bring_back_repository,
)
from provisioning.server.services import start_services, stop_everything
from provisioning.server.site_files import write_files
from provisioning.server.units import TARGET, enabled
from provisioning.server.work import Work

FORMER = f"{DATABASE}_before"
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public';"


class MachineAround:
    """A machine with systemd, on which the package is installed."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._was_running = False
        # The name that the database of the site before has meanwhile.
        self._former = ""
        self._work: Work | None = None

    def make_ready(self, settings: Path) -> None:
        """Have packages, users and folders as these settings want them."""
        answers = settings / self._machine.answers_file.name
        if not answers.exists():
            raise RestoreRefused(
                "this backup is of a site that guichet-server install did not make: restore"
                " its files by hand (docs/backup.md)"
            )
        self._work = Work(self._machine, read_answers(answers))
        check_machine(self._work)
        if self._work.answers.proxy is not None:
            # Debian's packages may come by it alone.
            set_up_proxy(self._work)
        install_packages(self._work)
        make_users_and_folders(self._work)

    def stop(self) -> None:
        """Stop all services and timers; calls end."""
        programs = self._machine.programs
        self._was_running = self._machine.is_active(TARGET)
        programs.run("systemctl", "daemon-reload")
        stop_everything(self._machine)

    def fill(self, fetched: Fetched, site: SiteSettings) -> None:
        """Fill a new PostgreSQL database; a former one is renamed."""
        make_users_and_folders(self._made_ready)
        url = new_database_url(fetched, site)
        if not url:
            return
        prepare_database(self._made_ready)
        psql = Psql(self._machine.programs)
        tables = psql.run(_TABLES, DATABASE)
        if int(tables):
            # Never dropped by us: it may be all that is left of the former site.
            former = f"{FORMER}_{datetime.now(UTC):%Y%m%d_%H%M%S}"
            psql.run(f'ALTER DATABASE "{DATABASE}" RENAME TO "{former}";')
            self._former = former
            prepare_database(self._made_ready)
        bring_back(make_url(url), fetched.database)

    def empty_again(self) -> None:
        """Give the former PostgreSQL database its name back."""
        if self._former:
            psql = Psql(self._machine.programs)
            psql.run(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE);')
            psql.run(f'ALTER DATABASE "{self._former}" RENAME TO "{DATABASE}";')
            self._former = ""

    def settle(self, fetched: Fetched) -> dict[str, Any]:
        """Write what this version wants, bring the tables to it, settle, forget."""
        work = self._made_ready
        write_files(work)
        upgrade_tables(work)
        told = guichet_web(
            self._machine,
            *("settle-older-copy", "--copied-at"),
            fetched.manifest.made_at.isoformat(),
        )
        days = str(work.answers.forget_after_days)
        guichet_web(self._machine, "prune", "--older-than-days", days, "--json")
        settled: dict[str, Any] = json.loads(told)
        return settled

    def offer_packages(self) -> RepositoryBack:
        """Have it there, empty on a bare machine."""
        return bring_back_repository(self._made_ready)

    def start(self) -> list[Checked]:
        """Start everything, as an installation does, and run its checks."""
        work = self._made_ready
        set_up_proxy(work)
        set_up_firewall(work)
        set_up_archive(work)
        start_services(work)
        if work.answers.certificate.kind == "acme":
            try:
                obtain_from_acme(work)
            except ServerError:
                # The name may still lead to the former machine; the check says what to do.
                pass
        wait_until_serving(self._machine, work.answers)
        return run_checks(self._machine, work.answers)

    def start_again(self) -> None:
        """Start what ran before."""
        if self._was_running:
            self._machine.programs.run("systemctl", "start", *enabled())

    @property
    def _made_ready(self) -> Work:
        assert self._work is not None
        return self._work
