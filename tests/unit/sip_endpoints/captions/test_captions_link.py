# SPDX-License-Identifier: AGPL-3.0-or-later
"""The telephone's end of captions: never waits, keeps nothing, comes back by itself."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sip_endpoints.call.record import CallRecord
from sip_endpoints.captions.link import (
    AGAIN_SECONDS,
    HEAD_BYTES,
    PIPE,
    TOLD,
    CaptionsLink,
)
from stage.waiting import PATIENCE, wait_for
from tests.unit.sip_endpoints.fake_phone import FakePhone

HEAD = b"h" * HEAD_BYTES
TELLING = ("send_message", 1, TOLD)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "captions.sock"))
        listener.listen()
        listener.settimeout(5)
        yield listener


@pytest.fixture
def accept(listener: socket.socket) -> Iterator[Callable[[], socket.socket]]:
    """Give what takes the telephone's connection."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(listener.accept()[0])


@pytest.fixture
def phone() -> FakePhone:
    return FakePhone()


@pytest.fixture
def link(tmp_path: Path, phone: FakePhone) -> Iterator[CaptionsLink]:
    link = CaptionsLink(tmp_path / "captions.sock", phone)
    yield link
    link.close()


def record(language: str = "en") -> CallRecord:
    return CallRecord(
        call=1, remote_user="guichet", language=language, began_at=datetime.now(UTC)
    )


def test_the_voice_comes_after_a_line_that_says_what_it_is(
    link: CaptionsLink,
    phone: FakePhone,
    accept: Callable[[], socket.socket],
    tmp_path: Path,
) -> None:
    link.poll()
    assert phone.orders == []
    link.begin(record())
    link.poll()
    assert phone.orders == [("tap", 1), TELLING]
    assert not (tmp_path / PIPE).exists()
    phone.tapped.write(HEAD + b"\1\2" * 100)
    link.poll()
    service = accept()
    line, _, sound = service.recv(4096).partition(b"\n")
    assert json.loads(line) == {"language": "en", "rate": 48000}
    assert sound == b"\1\2" * 100
    assert link.status() == {"wanted": True, "heard": True}
    link.end()
    assert service.recv(4096) == b""
    assert phone.orders[-1] == ("untap",)
    assert link.status() == {"wanted": False, "heard": False}


def test_a_call_without_a_language_is_french(
    link: CaptionsLink, accept: Callable[[], socket.socket]
) -> None:
    link.begin(record(""))
    link.poll()
    service = accept()
    assert json.loads(service.recv(4096))["language"] == "fr"


def test_beside_an_interpreter_the_counsellor_speaks_their_own_language(
    link: CaptionsLink, phone: FakePhone, accept: Callable[[], socket.socket]
) -> None:
    said = record("en")
    heard = []
    for is_interpreted in (False, True, True, False):
        link.begin(said, is_interpreted=is_interpreted)
        link.poll()
        if not heard or not is_interpreted or heard[-1] != "fr":
            heard.append(json.loads(accept().recv(4096))["language"])
    assert heard == ["en", "fr", "en"]
    # Told once, however often another engine writes.
    assert phone.orders.count(TELLING) == 1


def test_without_a_service_nothing_is_tapped_and_it_is_tried_again(
    link: CaptionsLink, phone: FakePhone, tmp_path: Path
) -> None:
    link.begin(record())
    for _ in range(100):
        link.poll()
    assert phone.orders == []
    with socket.socket(socket.AF_UNIX) as late:
        late.bind(str(tmp_path / "captions.sock"))
        late.listen()

        def is_joined() -> bool:
            link.poll()
            return link.status()["heard"]

        wait_for(is_joined, "it is joined", AGAIN_SECONDS + 3)


def test_a_service_that_reads_nothing_holds_nobody_up(
    link: CaptionsLink, phone: FakePhone, listener: socket.socket
) -> None:
    link.begin(record())
    link.poll()
    phone.tapped.write(HEAD)
    began = time.monotonic()
    for _ in range(300):
        phone.tapped.write(b"\0" * 9600)
        link.poll()
    # Half a minute of sound, of which next to nothing was taken.
    assert time.monotonic() - began < 3 * PATIENCE
    assert link.status()["heard"]


def test_a_service_that_is_gone_is_left_and_the_tap_with_it(
    link: CaptionsLink, phone: FakePhone, accept: Callable[[], socket.socket]
) -> None:
    link.begin(record())
    link.poll()
    service = accept()
    service.close()
    phone.tapped.write(HEAD + b"\0" * 4096)
    link.poll()
    assert phone.orders[-1] == ("untap",)
    assert link.status() == {"wanted": True, "heard": False}


def test_streams_that_were_agreed_on_anew_are_tapped_anew(
    link: CaptionsLink, phone: FakePhone, listener: socket.socket
) -> None:
    link.begin(record())
    link.poll()
    link.agree_media(2)
    assert phone.orders == [("tap", 1), TELLING]
    link.agree_media(1)

    def is_joined() -> bool:
        link.poll()
        return link.status()["heard"]

    wait_for(is_joined, "it is joined", AGAIN_SECONDS + 3)
    assert phone.orders == [("tap", 1), TELLING, ("untap",), ("tap", 1)]


def test_a_call_that_is_gone_meanwhile_harms_nothing(
    link: CaptionsLink, phone: FakePhone, listener: socket.socket, tmp_path: Path
) -> None:
    phone.gone.add(1)
    link.begin(record())
    link.poll()
    assert link.status() == {"wanted": True, "heard": False}
    assert not (tmp_path / PIPE).exists()
