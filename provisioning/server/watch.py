# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server watch`: looks at everything by itself, and writes to who repairs.

The alerts of the pages live in the database: where that is away nobody is told of anything.
This keeps what it knows in a file, and its e-mails go out by the mail server itself.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import click

from provisioning.server.backup.result import read_result, write_result
from provisioning.server.checks.all import run_checks
from provisioning.server.checks.check import Checked, State
from provisioning.server.files import PAGES
from provisioning.server.lock import is_somebody_at_work
from provisioning.server.looking import installed_answers, require_root
from provisioning.server.machine import Machine
from provisioning.server.programs import ProgramFailed
from provisioning.server.state import WATCHED

# A service that is restarted, a line that is away for a moment: seen so often it is believed.
LOOKS = 2


@dataclass(frozen=True)
class Failing:
    """A check that failed: what it said last, since when, and how often it was seen."""

    name: str
    says: str
    advice: str
    since: str
    # Looks in a row in which it failed, and in which it was well since.
    looks: int = 0
    well: int = 0
    is_told: bool = False

    @property
    def is_believed(self) -> bool:
        """Tell whether it is no passing matter."""
        return self.looks >= LOOKS

    @property
    def is_over(self) -> bool:
        """Tell whether it is believed to be well again."""
        return self.well >= LOOKS


@dataclass(frozen=True)
class News:
    """What is to be told: what began to fail, and what is well again."""

    began: Sequence[Failing]
    over: Sequence[Failing]

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.began or self.over)


@click.command()
def watch() -> None:
    """Look at everything, and write to who is told of alerts; a timer does so.

    What fails twice in a row is told once, and once more when it is well again. Changes
    nothing, and keeps quiet while somebody installs, upgrades or restores.
    """
    require_root()
    machine = Machine()
    answers = installed_answers(machine)
    file = machine.path(WATCHED)
    now = datetime.now(UTC)
    known = failing_of(read_result(file))
    if is_somebody_at_work():
        write_result(file, told_of(known, now))
        click.echo("somebody is at work on this server: nothing is looked at")
        return
    known = seen(known, run_checks(machine, answers), now)
    news = news_of(known)
    if news and _is_sent(machine, news):
        known = settled(known)
    write_result(file, told_of(known, now))
    for each in known:
        click.echo(f"{each.name}: {each.says}")


def seen(
    known: Iterable[Failing], checks: Iterable[Checked], now: datetime
) -> list[Failing]:
    """Add a look to what is known; pure."""
    before = {each.name: each for each in known}
    found = {each.name: each for each in checks if each.state is State.FAILED}
    after = []
    for name in {**before, **found}:
        was = before.get(name) or Failing(name, "", "", now.isoformat())
        if check := found.get(name):
            said = replace(was, says=check.says, advice=check.advice)
            after.append(replace(said, looks=was.looks + 1, well=0))
        elif was.is_believed:
            was = replace(was, well=was.well + 1)
            # Of what nobody could be told in time nobody is told that it is over.
            if was.is_told or not was.is_over:
                after.append(was)
    return after


def news_of(known: Iterable[Failing]) -> News:
    """Give what is to be told of it; pure."""
    listed = list(known)
    return News(
        [
            each
            for each in listed
            if each.is_believed and not each.is_told and not each.well
        ],
        [each for each in listed if each.is_over and each.is_told],
    )


def settled(known: Iterable[Failing]) -> list[Failing]:
    """Note that all of it was told; pure."""
    return [
        replace(each, is_told=each.is_told or (each.is_believed and not each.well))
        for each in known
        if not each.is_over
    ]


def failing_of(result: Mapping[str, object]) -> list[Failing]:
    """Read what is known; what nobody can read was never known."""
    found = result.get("failing")
    try:
        return [Failing(**each) for each in found] if isinstance(found, list) else []
    except TypeError:
        return []


def told_of(known: Iterable[Failing], now: datetime) -> dict[str, object]:
    """Give it as the file has it; of `believed` the pages tell."""
    listed = list(known)
    return {
        "looked_at": now.isoformat(),
        "failing": [asdict(each) for each in listed],
        "believed": [each.name for each in listed if each.is_believed],
    }


def _is_sent(machine: Machine, news: News) -> bool:
    """Have it told by e-mail, if somebody is named; what does not go out is tried again."""
    told = {
        "began": [asdict(each) for each in news.began],
        "over": [asdict(each) for each in news.over],
    }
    settings = str(machine.layout.settings)
    try:
        machine.programs.run(
            *("guichet-web", "--config", settings, "messages", "watched"),
            user=PAGES,
            text=json.dumps(told),
        )
    except ProgramFailed as error:
        click.echo(str(error), err=True)
        return False
    return True
