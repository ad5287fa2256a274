# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the clock of an endpoint is a year slow, so that no certificate is valid yet."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stage.dated_server import DatedServer, write_certificate
from stage.endpoint import Endpoint
from stage.waiting import wait_for

pytestmark = pytest.mark.real

YEAR = timedelta(days=365)
DAY = timedelta(days=1)


def test_the_clock_is_named_and_not_the_server(tmp_path: Path) -> None:
    begins_at = datetime.now(UTC) + YEAR
    files = write_certificate(tmp_path, begins_at, begins_at + YEAR)
    with DatedServer(YEAR + DAY, files) as server:
        bundle = tmp_path / "kiosk-wassigny.toml"
        bundle.write_text(
            '[sip]\nuser = "kiosk-wassigny"\nsecret = "x"\nserver = "127.0.0.1"\n'
            f'port = {server.port}\nca_file = "{files[0].name}"\n'
            '[media]\n[control]\nsocket = "kiosk-wassigny.sock"\n'
            '[kiosk]\nslug = "kiosk-wassigny"\n'
        )
        kiosk = Endpoint("kiosk-wassigny", bundle, directory=tmp_path)
        kiosk.program.start()
        try:
            wait_for(
                lambda: "the clock may be wrong" in kiosk.program.log_text(),
                "the log names the clock",
                30,
            )
            wait_for(
                lambda: (
                    "the clock is slow, set it"
                    in kiosk.status()["registration"]["reason"]
                ),
                "who asks is told too",
            )
            assert f"{begins_at:%Y-%m-%d}" in kiosk.status()["registration"]["reason"]
            # However often it is tried, it is said once.
            log = kiosk.program.log_text()
            assert log.count('"the clock may be wrong"') == 1
            assert server.heard == []
        finally:
            kiosk.program.stop()
