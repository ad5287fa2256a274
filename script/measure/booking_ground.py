# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fifty town halls on SQLite or PostgreSQL, the product and its peer under gunicorn."""

import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import requests

from measure.booking_peer import __file__ as PEER_FILE
from provisioning.database.schema import upgrade
from stage.ports import HeldPort
from stage.postgresql import PrivatePostgres
from stage.processes import Program, run_once

SECRETARIES = 50
COUNTERS_AN_ORGANISATION = 10
WORKERS, THREADS = 2, 64
POSTGRESQL_SETUP = Path(__file__).resolve().parents[2] / ".setup" / "postgresql.json"


def secretary_of(number: int) -> str:
    """Give the address with which this secretary signs in."""
    return f"secretary-{number:02}@bench.example"


def organisation_of(number: int) -> str:
    """Give the organisation that this secretary books for: its counters suffice for all."""
    return f"organisation-{number // COUNTERS_AN_ORGANISATION}"


def inventory() -> str:
    """Give an inventory with a relay, a kiosk and a secretary for each town hall."""
    lines = []
    for number in range(SECRETARIES):
        slug = f"relay-{number:02}"
        lines += [
            f'[[relays]]\nslug = "{slug}"\nname = "{slug}"\ncommune = "{slug}"',
            f'[[kiosks]]\nslug = "kiosk-{slug}"\nrelay = "{slug}"',
            f'[[users]]\nemail = "{secretary_of(number)}"\nname = "{slug}"\n'
            f'role = "secretary"\nrelay = "{slug}"',
            f'[[counters]]\nslug = "counter-{number:02}"\nname = "{number}"\n'
            f'organisation = "{organisation_of(number)}"',
        ]
    for slug in sorted({organisation_of(number) for number in range(SECRETARIES)}):
        lines.append(
            f'[[organisations]]\nslug = "{slug}"\nname = "{slug}"\nshort_name = "{slug}"'
        )
    return "\n".join(lines)


class BookingGround:
    """Where the product and the peer serve, and what opens the product's doors."""

    def __init__(self, directory: Path, url: str, peer_url: str) -> None:
        self._directory = directory
        self._url, self._peer_url = url, peer_url
        self._held = HeldPort(), HeldPort()
        self.port, self.peer_port = (each.number for each in self._held)
        self.passwords: dict[str, str] = {}

    def provision(self) -> None:
        """Fill the database."""
        path = self._directory / "inventory.toml"
        path.write_text(inventory())
        secrets = self._directory / "secrets"
        upgrade(self._url)
        run_once(
            [str(_installed("guichet-provision")), "--database-url", self._url]
            + ["apply", str(path), "--secrets-dir", str(secrets)]
            + ["--sip-server", "127.0.0.1"],
            directory=self._directory,
        )
        self.passwords = tomllib.loads((secrets / "accounts.toml").read_text())

    def start(self, stack: ExitStack) -> None:
        """Start both servers; the stack stops them."""
        counts = [str(WORKERS), str(THREADS)]
        ours = [str(_installed("guichet-web")), "serve"]
        ours += ["--bind", f"127.0.0.1:{self.port}"]
        ours += ["--workers", counts[0], "--threads", counts[1]]
        peer = [sys.executable, PEER_FILE, self._peer_url, str(self.peer_port)]
        for name, command, port in (
            ("web", ours, self.port),
            ("peer", [*peer, *counts], self.peer_port),
        ):
            program = Program(
                name,
                command,
                directory=self._directory,
                log=self._directory / f"{name}.log",
                environment={
                    "GUICHET_DATABASE_URL": self._url,
                    "GUICHET_SECRET_KEY": "a secret of the bench alone",
                    "GUICHET_SECURE_COOKIES": "false",
                },
            )
            program.start()
            stack.callback(program.stop)
            program.wait_until(partial(_answers, port))


@contextmanager
def booking_ground(directory: Path, kind: str) -> Iterator[BookingGround]:
    """Give both servers running on databases of this kind, `sqlite` or `postgresql`."""
    with ExitStack() as stack:
        if kind == "sqlite":
            urls = [f"sqlite:///{directory}/{name}.db" for name in ("ours", "peer")]
        else:
            server = PrivatePostgres(directory / "postgresql", POSTGRESQL_SETUP)
            server.start()
            stack.callback(server.stop)
            urls = [server.new_database(name) for name in ("ours", "peer")]
        ground = BookingGround(directory, *urls)
        ground.provision()
        ground.start(stack)
        yield ground


def _installed(program: str) -> Path:
    return Path(sys.executable).with_name(program)


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/sante", timeout=2).ok
    except requests.ConnectionError:
        return False
