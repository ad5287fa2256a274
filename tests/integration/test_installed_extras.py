# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine gets what it is for and no more: the wheel, installed by one extra at a time."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from guichet_programs import PROGRAMS
from stage.machines import PACKAGES, Machine, build_wheel, copy_sources
from tests.folders import Folders

pytestmark = pytest.mark.slow

SERVER_ONLY = {"flask", "weasyprint", "sqlalchemy", "alembic", "psycopg", "pydantic"}
DEVICES_ONLY = {"pycups", "python-sane"}
TELEPHONE_ONLY = {"pjsua2", "prompt-toolkit"}
TYPED = {program.typed: program.extra for program in PROGRAMS.values()}


@dataclass(frozen=True)
class Kind:
    """What one extra stands for."""

    packages: tuple[str, ...]
    programs: frozenset[str]
    forbidden: frozenset[str]
    # Programs whose first import already misses something here.
    refused: frozenset[str]
    # What lies among its packages and is another machine's.
    left_out: tuple[str, ...] = ()


SERVER_PROGRAMS = frozenset(
    {"guichet-web", "guichet-dispatcher", "guichet-provision", "guichet-server"}
)
KINDS = {
    "web": Kind(
        ("provisioning", "booking_web"),
        SERVER_PROGRAMS,
        frozenset(DEVICES_ONLY | TELEPHONE_ONLY),
        frozenset({"guichet-kiosk", "guichet-bridge", "guichet-counsellor"}),
    ),
    "kiosk": Kind(
        ("device_bridge", "sip_endpoints"),
        frozenset({"guichet-kiosk", "guichet-bridge"}),
        frozenset(SERVER_ONLY),
        SERVER_PROGRAMS,
    ),
    "counsellor": Kind(
        ("sip_endpoints",),
        frozenset({"guichet-counsellor"}),
        frozenset(SERVER_ONLY | DEVICES_ONLY | {"pikepdf", "pillow"}),
        SERVER_PROGRAMS | {"guichet-bridge"},
        ("sip_endpoints.machine", "sip_endpoints.kiosk_command"),
    ),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: Folders) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    copy_sources(folder)
    return folder


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: Folders) -> Path:
    # Building writes into its sources: the copy that the tests compare with stays as it is.
    copy = tmp_path_factory.mktemp("built")
    copy_sources(copy)
    return build_wheel(copy, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module", params=sorted(KINDS))
def extra(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def machine(extra: str, wheel: Path, tmp_path_factory: Folders) -> Machine:
    return Machine.make(tmp_path_factory.mktemp(extra) / "venv", wheel, extra)


def test_an_extra_brings_nothing_of_another_machine_s(
    machine: Machine, extra: str
) -> None:
    assert machine.brought & KINDS[extra].forbidden == set()
    assert "click" in machine.brought


def test_every_module_of_the_machine_is_there_and_imports(
    machine: Machine, extra: str, sources: Path
) -> None:
    packages, left_out = KINDS[extra].packages, KINDS[extra].left_out
    named = {
        ".".join(file.relative_to(sources).with_suffix("").parts)
        for package in packages
        for file in (sources / package).rglob("*.py")
        # Alembic runs a migration; nobody imports it.
        if "migrations" not in file.parts
    }
    ours = {name.removesuffix(".__init__") for name in named}
    assert machine.import_all(packages, left_out) == {
        name
        for name in ours
        if not any(f"{name}.".startswith(f"{each}.") for each in left_out)
    }


def test_every_program_of_the_machine_says_how_it_is_used(
    machine: Machine, extra: str
) -> None:
    for program in sorted(KINDS[extra].programs):
        told = machine.run(program, "--help")
        assert told.returncode == 0, told.stderr
        assert told.stdout.startswith(f"Usage: {program} ")


def test_a_program_whose_extra_is_not_installed_names_it_in_one_sentence(
    machine: Machine, extra: str
) -> None:
    for program in sorted(KINDS[extra].refused):
        told = machine.run(program, "--help")
        assert told.returncode == 1
        [sentence] = told.stderr.splitlines()
        assert sentence.startswith(f"{program} needs ")
        assert sentence.endswith(f": install guichet-virtuel[{TYPED[program]}].")


def test_the_wheel_carries_every_file_that_the_packages_hold(
    machine: Machine, sources: Path
) -> None:
    held = [
        file.relative_to(sources)
        for package in PACKAGES
        for file in (sources / package).rglob("*")
        if file.is_file()
    ]
    site_packages = machine.site_packages
    assert [file for file in held if not (site_packages / file).is_file()] == []
    [english] = site_packages.glob("booking_web/translations/en/LC_MESSAGES/*.mo")
    assert english.stat().st_size > 50_000


@pytest.mark.parametrize("extra", ["web"], indirect=True)
def test_a_site_is_written_where_there_is_no_checkout(
    machine: Machine, tmp_path: Path
) -> None:
    asterisk = tmp_path / "asterisk.json"
    described = {
        "program": ["/usr/sbin/asterisk"],
        "version": "22.5.2",
        "modules_dir": "/usr/lib/asterisk/modules",
        "data_dir": str(tmp_path / "share"),
        "sqlite_odbc_driver": "libsqlite3odbc.so",
        "postgresql_odbc_driver": "psqlodbcw.so",
    }
    asterisk.write_text(json.dumps(described))
    url = f"sqlite:///{tmp_path / 'guichet.db'}"
    site = tmp_path / "site"
    words = ["site", str(site), "--database-url", url, "--asterisk", str(asterisk)]
    told = machine.run("guichet-provision", *words)
    assert told.returncode == 0, told.stderr
    assert "guichet" in (site / "asterisk/etc/extensions.conf").read_text()
    assert (
        site / "asterisk/data/sounds/fr/guichet/aucun-conseiller.wav"
    ).stat().st_size > 50_000
    upgraded = machine.run(
        "guichet-provision", "--database-url", url, "upgrade-database"
    )
    assert (upgraded.returncode, upgraded.stdout) == (0, "upgraded\n"), upgraded.stderr
