# SPDX-License-Identifier: AGPL-3.0-or-later
"""The check of what the public pages must tell."""

from pathlib import Path

import pytest

from booking_web.base.notice_settings import OWED
from provisioning.server.checks import of_notices
from provisioning.server.checks.check import State
from tests.unit.provisioning.server.machines import machine_in, some_answers


def test_it_names_what_the_pages_lack_and_stops_nothing(tmp_path: Path) -> None:
    machine, _programs = machine_in(tmp_path)
    settings = machine.layout.settings
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('site_publisher = "La mairie"\n')
    found = of_notices.public_pages(machine, some_answers())
    assert found.state is State.ABSENT
    assert found.says.endswith(": " + ", ".join(OWED[1:]))
    settings.write_text("".join(f'{name} = "told"\n' for name in OWED))
    assert of_notices.public_pages(machine, some_answers()).state is State.OK


def test_it_asks_for_the_settings_that_the_pages_ask_for() -> None:
    assert of_notices.OWED == OWED


@pytest.mark.parametrize(
    ("answer", "state"), [(200, State.OK), (404, State.FAILED), (None, State.OK)]
)
def test_it_looks_whether_the_mark_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int | None, state: State
) -> None:
    machine, _programs = machine_in(tmp_path)
    settings = machine.layout.settings
    settings.parent.mkdir(parents=True, exist_ok=True)
    lines = [f'{name} = "told"\n' for name in (*OWED, "territory_mark")]
    settings.write_text("".join(lines))

    def ask(_machine: object, _answers: object, path: str) -> tuple[int, bytes]:
        assert path == "/marque.png"
        if answer is None:
            raise ConnectionRefusedError
        return answer, b""

    monkeypatch.setattr(of_notices.of_network, "ask_site", ask)
    found = of_notices.public_pages(machine, some_answers())
    assert found.state is state
    if state is State.FAILED:
        assert found.says.endswith("the mark, told") and "JPEG or PNG" in found.advice
