# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line `guichet-web fleet`, and `guichet-provision diagnose`.

The latter is a plug-in of `guichet-provision` (entry point group `guichet.commands`): the
archive comes by way of the tables of what happens, which provisioning must not know, and who
keeps the machines should not have to know that either.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.transactions import in_transaction
from booking_web.commands.settings import with_settings
from booking_web.domain.fleet.diagnosis import fetch_archive
from booking_web.domain.fleet.machines_now import KioskMachine, kiosk_machines
from booking_web.domain.fleet.orders import GOOD_FOR, ask_kiosk
from booking_web.domain.fleet.self_tests import checks_of, latest_self_tests
from booking_web.tables.fleet import (
    KioskOrder,
    KioskUpdate,
    OrderKind,
    OrderState,
    SelfTest,
    TestReason,
)
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk

POLL_SECONDS = 1.0
# A kiosk comes for its orders each minute, and needs some time for each.
WAIT_SECONDS = 300
ACTOR = "command"
# Made whenever a version was put in force at a kiosk.
BEGINS = (TestReason.UPDATE, TestReason.ENROLMENT)

wait_option = click.option(
    "--wait",
    "wait_seconds",
    type=click.IntRange(0),
    default=WAIT_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the kiosk.",
)
output_option = click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the archive.  [default: KIOSK-DAY.tar.gz here]",
)


@click.group()
def fleet() -> None:
    """Look after the kiosks' machines."""


@fleet.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@with_settings
def list_machines(settings: Settings, as_json: bool) -> None:
    """Show each kiosk: when it was heard, its version, its last self-test."""
    with _database(settings.database_url) as database, database.read() as session:
        now = utc_now()
        machines = kiosk_machines(session, now)
        begun = latest_self_tests(session, [each.kiosk_id for each in machines], BEGINS)
        for machine in machines:
            told = _told(machine, begun.get(machine.kiosk_id))
            if as_json:
                click.echo(json.dumps(told))
                continue
            test = {None: "not tested", True: "green", False: "red"}[told["is_ok"]]
            heard = told["heard_at"] or "never heard"
            click.echo(f"{machine.slug}  {heard}  {told['version'] or '-'}  {test}")


@fleet.command("self-test")
@click.argument("kiosk")
@wait_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_settings
def self_test(settings: Settings, kiosk: str, wait_seconds: int, as_json: bool) -> None:
    """Have KIOSK test itself, and show what it finds. Exit status 1 where it is red."""
    with _database(settings.database_url) as database:
        asked = _Asked.of(database, kiosk, OrderKind.SELF_TEST)
        asked.wait(wait_seconds)
        with database.read() as session:
            query = select(SelfTest).where(SelfTest.order_id == asked.order_id)
            test = session.scalars(query).one()
    if as_json:
        click.echo(json.dumps({"is_ok": test.is_ok, "checks": test.checks}))
    else:
        for check in checks_of(test):
            click.echo(f"{check.name}: {check.state} {check.cause}".rstrip())
    if not test.is_ok:
        raise click.exceptions.Exit(1)


@fleet.command("diagnose")
@click.argument("kiosk")
@output_option
@wait_option
@with_settings
def diagnose(
    settings: Settings, kiosk: str, output: Path | None, wait_seconds: int
) -> None:
    """Have KIOSK collect its logs and states, without residents, and write them here."""
    write_diagnosis(settings.database_url, kiosk, output, wait_seconds)


@click.command("diagnose")
@click.argument("kiosk")
@output_option
@wait_option
@click.pass_obj
def provision_diagnose(
    context: Any, kiosk: str, output: Path | None, wait_seconds: int
) -> None:
    """Have KIOSK collect its logs and states, without residents, and write them here."""
    write_diagnosis(context.required_url(), kiosk, output, wait_seconds)


def write_diagnosis(
    database_url: str, kiosk: str, output: Path | None, wait_seconds: int
) -> None:
    """Ask for an archive, wait for it and write it. Raises ClickException."""
    with _database(database_url) as database:
        # Before the kiosk does its work: the archive is given out once.
        file = output or Path(f"{kiosk}-{utc_now():%Y-%m-%d}.tar.gz")
        asked = _Asked.of(database, kiosk, OrderKind.DIAGNOSE)
        with new_file(file) as stream:
            asked.wait(wait_seconds)

            def fetch(session: Any) -> int:
                content = fetch_archive(
                    session, asked.kiosk_id, asked.order_id, utc_now()
                )
                if content is None:
                    raise click.ClickException(
                        "somebody else has fetched this archive from the page of the"
                        " fleet: ask again"
                    )
                stream.seek(0)
                stream.truncate()
                stream.write(content)
                stream.flush()
                return len(content)

            size = in_transaction(database, fetch)
    click.echo(f"{file}: {size} bytes")


@dataclass(frozen=True)
class _Asked:
    """An order that was given from here."""

    database: Database
    kiosk: str
    kiosk_id: int
    order_id: int

    @classmethod
    def of(cls, database: Database, kiosk: str, kind: OrderKind) -> "_Asked":
        """Ask the kiosk. Raises ClickException where there is no such kiosk."""
        with database.read() as session:
            kiosk_id = session.scalar(select(Kiosk.id).where(Kiosk.slug == kiosk))
        if kiosk_id is None:
            raise click.ClickException(
                f"no kiosk {kiosk}: guichet-provision list kiosks names them"
            )
        order_id = in_transaction(
            database,
            lambda session: ask_kiosk(session, kiosk_id, kind, ACTOR, utc_now()).id,
        )
        click.echo(f"{kiosk} is asked; it comes for it within a minute", err=True)
        return cls(database, kiosk, kiosk_id, order_id)

    def wait(self, seconds: int) -> None:
        """Wait until it is done. Raises ClickException where it is not in time."""
        end = time.monotonic() + seconds
        while True:
            with self.database.read() as session:
                order = session.get_one(KioskOrder, self.order_id)
            if order.state == OrderState.DONE:
                return
            left = end - time.monotonic()
            if left <= 0:
                was_heard = order.state == OrderState.TAKEN
                why = "has it and is not ready" if was_heard else "did not come for it"
                hours = int(GOOD_FOR.total_seconds()) // 3600
                raise click.ClickException(
                    f"{self.kiosk} {why}: is it switched on? What it brings within"
                    f" {hours} hours is on the page of the fleet"
                )
            time.sleep(min(POLL_SECONDS, left))


@contextmanager
def new_file(file: Path) -> Iterator[Any]:
    """Open a new file that nobody else reads; it goes again where the block fails.

    Raises ClickException where it is there already, or cannot be made.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise click.ClickException(f"{file} is there already: name another") from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
    except BaseException:
        file.unlink(missing_ok=True)
        raise


@contextmanager
def _database(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


def _told(machine: KioskMachine, begun: SelfTest | None) -> dict[str, Any]:
    told, test = machine.report, machine.test
    return {
        "kiosk": machine.slug,
        "heard_at": machine.heard_at and machine.heard_at.isoformat(timespec="seconds"),
        "is_silent": machine.is_silent,
        "version": told.version if told else None,
        "package": machine.package or None,
        "tested_at": test and test.heard_at.isoformat(timespec="seconds"),
        "begun_at": begun and begun.heard_at.isoformat(timespec="seconds"),
        "is_ok": test.is_ok if test else None,
        "failed": [
            {"name": each.name, "cause": each.cause}
            for each in (checks_of(test) if test else ())
            if each.has_failed
        ],
        "checks": {
            each.name: str(each.state) for each in (checks_of(test) if test else ())
        },
        "update": machine.update and _told_of_update(machine.update),
        "orders": [str(order.kind) for order in machine.orders],
    }


def _told_of_update(update: KioskUpdate) -> dict[str, Any]:
    at = update.tried_at
    return {
        "state": str(update.state),
        "from": update.from_version,
        "to": update.to_version,
        "at": at and at.isoformat(timespec="seconds"),
        "cause": update.cause or None,
    }
