# SPDX-License-Identifier: AGPL-3.0-or-later
"""A reference is its client's own number: another client's same number is no news to it."""

import pytest

from booking_web.domain.imports.importing import run_import
from booking_web.domain.imports.interpreting import Scope
from tests.integration.booking_web.api.public.conftest import NOW

HEAD = "reference;relais;organisme;date;heure;nom"
NONE = {"new": 0, "known": 0, "different": 0, "refused": 0}


def line(hour: str, name: str = "Mme Lefèvre", organisation: str = "MSA") -> bytes:
    told = f"1;Relais de Wassigny;{organisation};25/11/2026;{hour};{name}"
    return f"{HEAD}\r\n{told}".encode("utf-8-sig")


def imported(client, content: bytes) -> dict[str, int]:
    answer = client.send_csv("/imports", content, dry_run="false")
    assert answer.status_code == 200, answer.text
    return answer.json["counts"]


@pytest.fixture
def town(caller, new_client):
    """Give the software of Wassigny's town hall."""
    return caller(new_client("town", "--relay", "wassigny", "--residents"))


def test_two_clients_number_their_appointments_as_they_like(msa, town) -> None:
    assert imported(msa, line("9h00")) == NONE | {"new": 1}
    assert imported(town, line("10h00", "M. Petit")) == NONE | {"new": 1}
    # And each finds its own again.
    assert imported(msa, line("9h00")) == NONE | {"known": 1}
    assert imported(town, line("10h30", "M. Petit")) == NONE | {"different": 1}


def test_a_clients_preview_tells_nothing_of_another_clients_number(msa, town) -> None:
    imported(msa, line("9h00"))
    [told] = town.send_csv("/imports", line("11h00", "M. Petit")).json["lines"]
    assert told["outcome"] == "new"
    assert told["appointment"] is None


def test_a_persons_file_and_a_programs_do_not_meet_either(msa, database) -> None:
    imported(msa, line("9h00"))
    scope = Scope(user_id=1, actor="user:1")
    report = run_import(database, line("11h00", "M. Petit"), scope, NOW)
    assert report.counts == NONE | {"new": 1}
