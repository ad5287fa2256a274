# SPDX-License-Identifier: AGPL-3.0-or-later
"""A PostgreSQL cluster of our own in a folder; nothing of the system's is touched."""

import json
import os
import signal
import subprocess
from pathlib import Path

import psycopg

from stage.ports import HeldPort
from stage.processes import Program

# initdb refuses root. As "nobody" with this one capability it still reads programs and
# data in folders that only root may enter; without the secure bit access(2), which
# initdb asks, would ignore the capability.
NOBODY = 65534
AS_NOBODY = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    # The kernel forgets it of whoever changes the user.
    "--pdeathsig=KILL",
)
USER = "guichet"


class PrivatePostgres:
    """One server on the loopback, made new in `directory`, without any password."""

    def __init__(self, directory: Path, setup_file: Path) -> None:
        setup = json.loads(setup_file.read_text())
        self._programs = Path(setup["bin_dir"])
        self._directory = directory
        self._environment = {}
        if setup["library_path"]:
            self._environment["LD_LIBRARY_PATH"] = setup["library_path"]
        self._prefix = AS_NOBODY if os.geteuid() == 0 else ()
        self._held = HeldPort()
        self.port = self._held.number
        self.log = directory / "postgresql.log"
        self._server = Program(
            "postgresql",
            [*self._prefix, str(self._programs / "postgres"), *self._arguments()],
            directory=directory,
            log=self.log,
            environment=self._environment,
            # A fast shutdown: clients are cut off, nothing is lost.
            stop_signal=signal.SIGINT,
        )

    def start(self) -> None:
        """Make the cluster and return once it answers."""
        self._directory.mkdir(parents=True, exist_ok=True)
        if self._prefix:
            os.chown(self._directory, NOBODY, NOBODY)
        subprocess.run(
            [
                *self._prefix,
                str(self._programs / "initdb"),
                *("-D", str(self._directory / "data"), "-U", USER, "-A", "trust"),
                *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            env=os.environ | self._environment,
            cwd=self._directory,
            check=True,
            capture_output=True,
        )
        self._server.start()
        self._server.wait_until(self._answers)

    def new_database(self, name: str, template: str = "template1") -> str:
        """Make an empty database, or a copy of one that nobody has open; give its URL."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever has it open: each takes 14 MB."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop the server; its folder stays."""
        self._server.stop()

    def _arguments(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            # The data is thrown away: it need not survive a power cut.
            "fsync": "off",
            "full_page_writes": "off",
            # In its folder, and gone with it: System V's and POSIX's outlive a kill.
            "dynamic_shared_memory_type": "mmap",
        }
        arguments = ["-D", str(self._directory / "data"), "-p", str(self.port)]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        return arguments

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._conninfo("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _conninfo(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user={USER} dbname={database}"
