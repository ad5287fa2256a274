# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever stands in an address or in a field that is read: never an unexpected fault."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from booking_web.shell.sent_text import SentText
from tests.integration.booking_web.matrix.conftest import World, new_world
from tests.integration.booking_web.matrix.table import ROLES, SECRETARY, WAYS, Way

# Where a browser leaves for another site, whose page is named as one of ours: it drops tabs and
# ends of lines, and reads a backslash as a slash. Each field has the next of them.
ELSEWHERE = (
    *("/\t/elsewhere.example/bureau", "/\n/elsewhere.example/bureau"),
    *("//elsewhere.example/bureau", "/\\elsewhere.example/bureau"),
    *("/\r\n/elsewhere.example/bureau", "https://elsewhere.example/bureau"),
)
# A digit that is no number, more than anybody types; then what one database
# refuses: past 63 bits; past 31 bits, and the character that no text there may hold.
HOSTILE = {
    "sqlite": ("9" * 30, "9" * 5000, "²", "é" * 5000),
    "postgresql": (str(2**31), "a\0b"),
}
# Longer than Python reads; and the last number that PostgreSQL holds, and the next one.
NUMBERS = {
    "sqlite": ("9" * 5000,),
    "postgresql": (str(2**31 - 1), str(2**31)),
}
NO_FAULT = b"pas de votre fait"
# They end the session that the others need.
ENDING = {"accounts.sign_out"}


class Recorded(SentText):
    """The fields of a request; what is asked for by name is written down."""

    names: set[str] = set()

    def __getitem__(self, name):
        Recorded.names.add(name)
        return super().__getitem__(name)

    def __contains__(self, name) -> bool:
        Recorded.names.add(name)
        return super().__contains__(name)

    def get(self, name, *args, **kwargs):
        Recorded.names.add(name)
        return super().get(name, *args, **kwargs)

    def getlist(self, name, *args, **kwargs):
        Recorded.names.add(name)
        return super().getlist(name, *args, **kwargs)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request, new_ground, tmp_path_factory) -> Iterator[World]:
    """Give a world on SQLite, then on a real PostgreSQL: each refuses what the other takes."""
    folder = tmp_path_factory.mktemp("hostile")
    if request.param == "sqlite":
        ground = new_ground(folder)
    else:
        ground = request.getfixturevalue("_new_postgresql_ground")()
    with new_world(ground, folder) as made:
        yield made


@pytest.fixture
def recorded(world, monkeypatch) -> Iterator[dict[Way, set[str]]]:
    """Give the fields that each way reads when its own people use it."""
    monkeypatch.setattr(world.app.request_class, "parameter_storage_class", Recorded)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for way in WAYS:
        if way.endpoint in ENDING or not way.who:
            continue
        Recorded.names = set()
        world.ask(way.who[0], way, "own", way.data).close()
        found[way.endpoint, way.method] |= Recorded.names - {"csrf_token"}
    yield found


def leaves(location: str) -> bool:
    """Tell whether a browser that is led there leaves the site."""
    return urlsplit(location.replace("\\", "/")).netloc != ""


def test_no_number_or_name_in_an_address_is_an_unexpected_fault(world) -> None:
    wrong, asked = [], 0
    for rule in world.app.url_map.iter_rules():
        for number in NUMBERS[world.database.engine.dialect.name]:
            if not rule._converters:
                continue
            address = re.sub(r"<int:\w+>", number, rule.rule)
            # Two lines are no name of anything, nor a header.
            address = re.sub(r"<[^>]*>", "a%0Ab", address)
            for role in ROLES:
                asked += 1
                headers = world.headers[role]
                method = next(iter(sorted(rule.methods - {"HEAD", "OPTIONS"})))
                token = {"csrf_token": world.tokens[role]}
                for asked_by in {method, "GET"}:
                    answer = world.clients[role].open(
                        address, method=asked_by, headers=headers, data=token
                    )
                    if answer.status_code == 500 or leaves(answer.location or ""):
                        wrong.append(f"{asked_by} {address} by {role}")
                    answer.close()
    assert not wrong, "\n" + "\n".join(wrong)
    assert asked > 500


def test_no_field_is_an_unexpected_fault_or_leads_to_another_site(
    world, recorded
) -> None:
    wrong, asked, elsewhere = [], 0, itertools.cycle(ELSEWHERE)
    for way in WAYS:
        # What is open to all leads who is signed in on to where they wanted.
        role = SECRETARY if way.who == ROLES else (way.who or ("",))[0]
        for name in sorted(recorded[way.endpoint, way.method]):
            for value in (
                *HOSTILE[world.database.engine.dialect.name],
                next(elsewhere),
            ):
                asked += 1
                answer = world.send(role, way, name, value)
                is_wrong = answer.status_code == 500 or leaves(answer.location or "")
                # What was asked wrongly is said so, and is no trouble of the service's.
                if is_wrong or answer.status_code < 500 and NO_FAULT in answer.data:
                    wrong.append(f"{way.method} {way.endpoint} {name}={value[:12]!r}")
                answer.close()
    assert not wrong, "\n" + "\n".join(wrong)
    assert asked > 500
