# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever takes over a process that reads strangers' files has that process, and no more."""

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import booking_web
from booking_web.base import confinement, own_process
from booking_web.base.own_process import LimitedProcess
from tests.factories.stolen_reader import THEFTS

TOP = Path(booking_web.__file__).parents[1]
# Every module whose process is given a stranger's file.
READERS = sorted(
    str(file.relative_to(TOP).with_suffix("")).replace("/", ".")
    for file in (TOP / "booking_web").rglob("*.py")
    if re.search(r"import .*\blimit(_each_order)?\b", file.read_text())
)


@pytest.fixture(autouse=True)
def _files_worked_on_by_forks() -> None:
    """Have each process started, as on a machine."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[dict[str, object]]:
    """Give what there is to be stolen, beside the reader."""
    (tmp_path / "guichet.db").write_bytes(b"SQLite format 3, residents")
    (tmp_path / "documents.key").write_bytes(b"the documents' key")
    with (
        socket.create_server(("127.0.0.1", 0)) as port,
        socket.socket(socket.AF_UNIX) as program,
    ):
        program.bind(str(tmp_path / "program"))
        program.listen()
        yield {
            "database": str(tmp_path / "guichet.db"),
            "key": str(tmp_path / "documents.key"),
            "beside": str(tmp_path),
            "socket": str(tmp_path / "program"),
            "port": port.getsockname()[1],
            "server": os.getpid(),
            "without": [],
        }


@pytest.fixture
def ask(tmp_path, monkeypatch, site):
    """Give a function that steals in a module's process, and tells what came of it."""
    monkeypatch.setenv("GUICHET_DOCUMENTS_KEY", "in the server's environment")

    def ask(module: str) -> dict[str, str]:
        named = "stolen_" + module.replace(".", "_")
        words = "from tests.factories.stolen_reader import run\n"
        (tmp_path / f"{named}.py").write_text(f"{words}run({module!r})\n")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(TOP))))
        process = LimitedProcess(named)
        try:
            told = process.ask(site, [], 60.0)
        finally:
            process.end()
        assert told is not None
        return told

    return ask


def test_every_reader_is_known_here() -> None:
    assert READERS == [
        "booking_web.domain.documents.examination",
        "booking_web.domain.forms.engine_process",
        "booking_web.domain.forms.once",
        "booking_web.telling.papers.paper_work",
    ]


@pytest.mark.parametrize("module", READERS)
def test_a_stolen_reader_gets_nothing(ask, module, tmp_path) -> None:
    assert confinement.missing() == []
    told = ask(module)
    got = {name: told[name] for name in THEFTS if not told[name].startswith("refused")}
    assert got == {}
    assert not (tmp_path / "left").exists()
    # It is whole all the same: what it works with is there.
    assert told["its place"].startswith("done")
    assert told["no new privileges"] == "done: 1"
    assert "GUICHET" not in told["what it is told"]


def test_a_reader_that_is_not_kept_in_gets_everything(ask, tmp_path, site) -> None:
    """The thefts are real: without what keeps it in, each of them succeeds."""
    module = tmp_path / "not_kept_in.py"
    module.write_text(
        "from booking_web.base import limited_work\n"
        "def main():\n"
        "    limited_work.confine = lambda place: None\n"
        "    limited_work.limit(1 << 30, 10)\n"
        "    limited_work.answer_one(lambda *told: _answer(*told), 60.0)\n"
    )
    # Another program would answer nothing. Some kernels let nobody attach to a program that
    # did not begin him.
    site["without"] = ["another program", "the server's memory"]
    told = ask("not_kept_in")
    assert {
        name: told[name] for name in told if not told[name].startswith("done")
    } == {}


@pytest.mark.parametrize("lacks", ["landlock", "seccomp"])
def test_what_the_kernel_lacks_is_named(monkeypatch, lacks) -> None:
    if lacks == "landlock":
        monkeypatch.setattr(confinement.landlockpy, "abi_version", lambda: 2)
        assert confinement.missing() == ["Landlock 6 (it has 2)"]
    else:
        monkeypatch.setattr(confinement.seccompy, "supported", lambda: False)
        assert confinement.missing() == ["seccomp"]


def test_what_a_reader_left_is_wiped_with_it(ask, tmp_path, monkeypatch) -> None:
    places = tmp_path / "places"
    places.mkdir()
    monkeypatch.setattr(own_process.tempfile, "tempdir", str(places))
    assert ask(READERS[0])["its place"].startswith("done")
    assert list(places.iterdir()) == []
