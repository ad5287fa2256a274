# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line at the kiosk: the same operations with no call and no server."""

import json
import os
import subprocess

import pytest

from stage.bridge import COMMAND
from stage.scanner import ScannerConfiguration
from stage.waiting import PATIENCE


@pytest.fixture
def guichet_bridge(tmp_path):
    def run(*arguments):
        return subprocess.run(
            [str(COMMAND), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60 * PATIENCE,
            cwd=tmp_path,
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
        )

    return run


@pytest.fixture
def at_printer(cups):
    port = str(cups.port)
    return ("--cups-host", "127.0.0.1", "--cups-port", port, "--printer", cups.queue)


@pytest.fixture
def at_scanner(tmp_path):
    configuration = ScannerConfiguration(tmp_path / "sane", glass_mm=100)
    return (
        *("--sane-config-dir", str(configuration.directory)),
        *("--scanner", configuration.device),
    )


def test_it_prints_a_file_and_leaves_nothing_at_cups(
    guichet_bridge, at_printer, cups, tmp_path, pdf, pages_of
):
    file = tmp_path / "form.pdf"
    file.write_bytes(pdf("Formulaire", 2))

    done = guichet_bridge("print", file, "--copies", 2, *at_printer)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Impression terminée, 4 pages." in done.stdout
    expected = ["Formulaire page 1", "Formulaire page 2"]
    assert [pages_of(file) for file in cups.printed_files()] == [expected, expected]
    jobs = cups.connect().getJobs(which_jobs="all", my_jobs=False)
    assert jobs == {}


def test_it_scans_the_feeder_to_a_file(guichet_bridge, at_scanner, tmp_path, pages_of):
    target = tmp_path / "scan.pdf"

    done = guichet_bridge("scan", "--preset", "feeder", "--output", target, *at_scanner)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(pages_of(target)) == 10


def test_what_is_no_pdf_fails_with_the_reason(guichet_bridge, at_printer, tmp_path):
    file = tmp_path / "letter.pdf"
    file.write_text("Bonjour")

    done = guichet_bridge("print", file, *at_printer)

    assert done.returncode == 1
    assert "Ce document n'est pas un PDF." in done.stdout


def test_status_tells_both_devices_and_fails_when_one_cannot_work(
    guichet_bridge, at_printer, at_scanner, cups
):
    well = guichet_bridge("status", "--json", *at_printer, *at_scanner)
    cups.unplug_printer()
    ill = guichet_bridge("status", "--json", *at_printer, *at_scanner)

    assert well.returncode == 0
    assert json.loads(well.stdout)["ok"] is True
    assert json.loads(well.stdout)["scanner"]["state"] == "idle"
    assert ill.returncode == 1
    assert json.loads(ill.stdout)["printer"]["reasons"] == ["printer_offline"]


def test_status_of_a_running_bridge_tells_its_jobs(guichet_bridge, scanning_kiosk):
    bundle = scanning_kiosk.bridge.bundle

    done = guichet_bridge("status", "--bundle", bundle, "--json")

    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert (answer["bridge"]["appointment"], answer["bridge"]["jobs"]) == (41, [])


def test_list_names_queues_and_scanners(guichet_bridge, at_printer, at_scanner, cups):
    places = (*at_printer[:4], *at_scanner[:2])

    done = guichet_bridge("list", "--json", *places)

    answer = json.loads(done.stdout)
    assert answer["printers"] == {cups.queue: cups.printer_uri}
    assert answer["scanners"] == ["test:0"]


@pytest.mark.parametrize(
    "arguments",
    [("status",), ("run", "missing.toml"), ("scan", "--output", "x", "--preset", "b")],
)
def test_wrong_settings_exit_with_2(guichet_bridge, arguments):
    done = guichet_bridge(*arguments)

    assert done.returncode == 2
    assert done.stderr != ""
