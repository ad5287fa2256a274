# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the kiosk's clock is wrong; seen from here, its server lives in another time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stage.bridge import BridgeProgram
from stage.dated_server import DatedServer, write_certificate
from stage.waiting import wait_for

pytestmark = pytest.mark.real

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
TOKEN = "the-token-of-this-kiosk"


def bridge_of(folder: Path, server: DatedServer, **settings: Any) -> BridgeProgram:
    """Give a bridge with virtual devices that belongs to this server."""
    return BridgeProgram(
        folder / "bridge",
        {"printer": "virtual", "scanner": "virtual", "server_url": server.url}
        | {"token": TOKEN, "heartbeat_seconds": 0.5, "min_free_bytes": 0}
        | settings,
    )


def test_an_hour_is_named_in_the_log_and_to_whoever_asks(tmp_path: Path) -> None:
    with DatedServer(timedelta(hours=1)) as server:
        bridge = bridge_of(tmp_path, server)
        bridge.start()
        try:
            clock = wait_for(
                lambda: (found := bridge.status()["clock"])["is_wrong"] and found,
                "the clock is found wrong",
                poll_seconds=0.1,
            )
            assert clock["sentence"] == (
                "L'horloge de la borne retarde de 1 heure. Mettez-la à l'heure."
            )
            assert "the clock of this kiosk is wrong" in bridge.program.log_text()
            # Set right again, it is no longer spoken of.
            server.ahead = timedelta()
            wait_for(
                lambda: not bridge.status()["clock"]["is_wrong"],
                "right",
                poll_seconds=0.1,
            )
            assert bridge.status()["clock"]["sentence"] == ""
        finally:
            bridge.stop()


def test_a_year_is_named_though_no_certificate_is_valid_yet(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    files = write_certificate(tmp_path, now + YEAR - DAY, now + YEAR + DAY)
    with DatedServer(YEAR, files) as server:
        bridge = bridge_of(tmp_path, server, server_ca_file=str(files[0]))
        bridge.start()
        try:
            wait_for(
                lambda: "the clock of this kiosk is wrong" in bridge.program.log_text(),
                "the log names the clock",
            )
            assert bridge.status()["clock"]["sentence"] == (
                "L'horloge de la borne retarde de 365 jours. Mettez-la à l'heure."
            )
            # Words are all that comes of it: who is not verified gets nothing.
            assert {line for line, _ in server.heard} == {"HEAD / HTTP/1.0"}
            assert not any(TOKEN in str(headers) for _, headers in server.heard)
        finally:
            bridge.stop()


def test_a_certificate_that_ran_out_is_not_blamed_on_the_clock(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    files = write_certificate(tmp_path, now - YEAR, now - DAY)
    with DatedServer(timedelta(), files) as server:
        bridge = bridge_of(tmp_path, server, server_ca_file=str(files[0]))
        bridge.start()
        try:
            wait_for(
                lambda: "certificate is not valid now" in bridge.program.log_text(),
                "the log names the certificate",
            )
            assert not bridge.status()["clock"]["is_wrong"]
        finally:
            bridge.stop()
