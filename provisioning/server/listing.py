# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of docs/operate.md about the server, made of what the code itself goes by.

`python -m provisioning.server.listing` prints them; a test compares them with the page.
"""

from collections.abc import Iterable, Sequence

from provisioning.server.answers import AdministratorAnswers, Answers
from provisioning.server.files import FILES
from provisioning.server.ports import open_ports
from provisioning.server.units import UNITS


def units_table() -> str:
    """Give every unit, whom it runs as, what it does."""
    rows = [(f"`{each.name}`", each.user or "-", each.does) for each in UNITS]
    return _table(("unit", "runs as", "does"), rows)


def ports_table() -> str:
    """Give every port that a server may open to the network."""
    answers = Answers(
        name="guichet.example",
        softphones=True,
        administrator=AdministratorAnswers(name="-", email="it@guichet.example"),
    )
    rows = [
        (each.numbers, each.protocol, each.who, each.when or "always")
        for each in open_ports(answers)
    ]
    return _table(("port", "protocol", "who comes", "open"), rows)


def files_table() -> str:
    """Give every file and folder, whom it belongs to, what it holds."""
    rows = [
        (
            f"`{each.path}{'/' if each.is_folder else ''}`",
            f"{each.user}:{each.group}",
            f"{each.mode:04o}",
            each.holds,
        )
        for each in FILES
    ]
    return _table(("path", "owner", "mode", "holds"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(units_table(), ports_table(), files_table(), sep="\n")
