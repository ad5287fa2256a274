# SPDX-License-Identifier: AGPL-3.0-or-later
"""The engine's process is killed, stopped, or cannot start: the next key is drawn."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from booking_web.base import own_process
from booking_web.domain.forms import engine as engines
from booking_web.domain.forms.engine import FormEngine
from booking_web.domain.forms.errors import EngineUnavailable
from booking_web.domain.forms.reader import FormRead
from tests.factories import pdf_forms
from tests.factories.forms_read import draft_of, read_form


@pytest.fixture(autouse=True)
def _files_worked_on_by_forks() -> None:
    """Have each process started, as on a machine: its limits are what is tried here."""


@pytest.fixture(scope="module")
def form() -> FormRead:
    return read_form(pdf_forms.request_for_a_home().saved())


@pytest.fixture
def engine() -> Iterator[FormEngine]:
    engine = FormEngine()
    yield engine
    engine.close()


def pid_of(engine: FormEngine) -> int:
    assert engine.pid is not None
    return engine.pid


def test_a_killed_engine_is_replaced_and_shows_what_was_filled_in(engine, form) -> None:
    draft = draft_of(form, {"nom": "Éloïse", "cp": "02120"})
    before = engine.show(draft, "cp"), engine.page(draft, 1)
    killed = pid_of(engine)
    os.kill(killed, signal.SIGKILL)

    assert (engine.show(draft, "cp"), engine.page(draft, 1)) == before
    assert pid_of(engine) != killed


def test_an_engine_that_hangs_is_ended_and_replaced(engine, form, monkeypatch) -> None:
    monkeypatch.setattr(engines, "TIMEOUT_SECONDS", 0.2)
    draft = draft_of(form, {"nom": "Éloïse"})
    while True:
        try:
            before = engine.show(draft, "nom")
            break
        except EngineUnavailable:
            # The machine is too busy to start one so fast: it may take longer.
            monkeypatch.setattr(engines, "TIMEOUT_SECONDS", engines.TIMEOUT_SECONDS * 2)
    hung = pid_of(engine)
    os.kill(hung, signal.SIGSTOP)
    monkeypatch.setattr(engines, "TIMEOUT_SECONDS", engines.TIMEOUT_SECONDS * 4)

    assert engine.show(draft, "nom") == before
    assert pid_of(engine) != hung
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)


def test_where_no_process_starts_it_is_said_and_the_next_call_tries_again(
    engine, form, monkeypatch
) -> None:
    draft = draft_of(form, {"nom": "Éloïse"})
    with monkeypatch.context() as patch:

        def refuse(*_: object, **__: object) -> None:
            raise OSError("no memory")

        patch.setattr(own_process.subprocess, "Popen", refuse)
        with pytest.raises(EngineUnavailable):
            engine.show(draft, "nom")
    assert engine.show(draft, "nom").png.startswith(b"\x89PNG")


def test_the_process_ends_with_its_engine(form) -> None:
    engine = FormEngine()
    engine.show(draft_of(form, {}), "nom")
    pid = pid_of(engine)
    del engine
    found = subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False)
    assert found.returncode == 1
