# SPDX-License-Identifier: AGPL-3.0-or-later
"""An installation, step by step, on a machine in a folder."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioning.server import (
    files,
    install,
    plan,
    preparing,
    site_files,
)
from provisioning.server.answers import AnswersError, answers_text
from provisioning.server.checks.check import State, are_well, serves
from provisioning.server.checks.of_machine import database_rights
from provisioning.server.database import prepare_database, upgrade_tables
from provisioning.server.errors import ServerError
from provisioning.server.install import choose_answers
from provisioning.server.looking import installed_answers
from provisioning.server.machine import Machine
from provisioning.server.main import main
from provisioning.server.plan import steps_of
from provisioning.server.preparing import check_machine, install_packages
from provisioning.server.services import start_services, stop_everything
from provisioning.server.site_files import write_files
from provisioning.server.units import STARTED_BY_TIMERS, enabled, services
from provisioning.server.work import Step, Work
from tests.unit.provisioning.server.machines import (
    ADMINISTRATOR,
    ToldPrograms,
    gives_nothing_away,
    machine_in,
    some_answers,
)


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Machine, ToldPrograms]:
    """Give a machine with the package of Asterisk, in a folder."""
    machine, programs = machine_in(tmp_path)
    monkeypatch.setattr(
        site_files,
        "protect",
        lambda machine: files.protect(machine, gives_nothing_away),
    )
    stock = tmp_path / "usr/lib/guichet-asterisk"
    (stock / "sounds/fr").mkdir(parents=True)
    description = {
        "program": ["/usr/sbin/guichet-asterisk"],
        "version": "22.10.1",
        "modules_dir": str(stock / "modules"),
        "data_dir": str(stock),
        "sqlite_odbc_driver": str(stock / "libsqlite3odbc.so"),
        "postgresql_odbc_driver": str(stock / "psqlodbcw.so"),
    }
    (stock / "asterisk.json").write_text(json.dumps(description))
    files.make_folders(machine)
    return machine, programs


def settings_in(machine: Machine) -> dict[str, object]:
    return tomllib.loads(machine.layout.settings.read_text())


def test_the_steps_follow_the_answers() -> None:
    names = [step.name for step in steps_of(some_answers())]
    assert names == [
        *("machine", "proxy", "packages", "users", "database", "site", "tables"),
        *("firewall", "backups", "repository", "archive"),
        # The front shows an ACME authority what it asks for, so it must run by then.
        *("services", "certificate", "administrator"),
    ]
    acme = some_answers(certificate={"kind": "acme", "email": "it@example.fr"})
    assert steps_of(acme)[2].sees_to == "Debian's postgresql, certbot"


def test_the_same_answers_again_change_no_file(here) -> None:
    machine, _ = here
    answers = some_answers(mail={"host": "smtp.example.fr", "sender": "g@example.fr"})
    assert write_files(Work(machine, answers))
    before = {p: p.read_bytes() for p in machine.root.rglob("*") if p.is_file()}
    again = Work(machine, answers)
    assert not write_files(again) and not again.changed
    assert {p: p.read_bytes() for p in machine.root.rglob("*") if p.is_file()} == before


def test_the_answers_become_settings_and_are_taken_back(here) -> None:
    machine, _ = here
    answers = some_answers(
        mail={"host": "smtp.example.fr", "sender": "g@example.fr", "password": "p"},
    )
    write_files(Work(machine, answers))
    settings = settings_in(machine)
    assert settings["smtp_host"] == "smtp.example.fr" and settings["smtp_port"] == 587
    assert settings["mail_from"] == "g@example.fr" and "smtp_username" not in settings
    assert settings["site_url"] == "https://guichet.example.fr"
    assert settings["sip_server"] == "guichet.example.fr"
    assert settings["database_url"] == (
        "postgresql+psycopg://guichet@/guichet?host=/var/run/postgresql"
    )
    # Telephones that are a page come by the front; Asterisk's own port is on no network.
    assert settings["ws_port"] == 8088
    http = (machine.layout.etc / "http.conf").read_text().splitlines()
    assert {"bindaddr = 127.0.0.1", "bindport = 8088"} <= set(http)
    odbc = (machine.layout.asterisk / "odbc.ini").read_text()
    assert "Username = guichet-asterisk\n" in odbc and "Password = \n" in odbc
    assert "Servername = /var/run/postgresql\n" in odbc
    write_files(Work(machine, some_answers()))
    assert not {"smtp_host", "mail_from"} & settings_in(machine).keys()
    assert settings_in(machine)["secret_key"] == settings["secret_key"]


def test_who_is_told_of_the_machines_and_the_token_of_the_figures(here) -> None:
    machine, _ = here
    mail = {"host": "smtp.example.fr", "sender": "g@example.fr"}
    told = mail | {"alerts": ["it@example.fr", "help@example.fr"]}
    write_files(Work(machine, some_answers(mail=told, metrics=True)))
    settings = settings_in(machine)
    assert settings["alert_mail"] == "it@example.fr help@example.fr"
    assert re.fullmatch("[0-9a-f]{64}", str(settings["metrics_token"]))
    # Where the answers say nothing of them, what is there stays.
    write_files(Work(machine, some_answers(mail=mail)))
    assert settings_in(machine) == settings
    write_files(Work(machine, some_answers(mail=told, metrics=True)))
    assert settings_in(machine) == settings
    write_files(Work(machine, some_answers(metrics=False)))
    # No address is left without a mail server: the pages would not start.
    assert not {"alert_mail", "metrics_token"} & settings_in(machine).keys()


def test_what_was_added_by_hand_stays(here) -> None:
    machine, _ = here
    write_files(Work(machine, some_answers()))
    file = machine.layout.settings
    file.write_text(file.read_text() + 'help_keys = "F1"\n')
    write_files(Work(machine, some_answers(kiosks=200)))
    assert settings_in(machine)["help_keys"] == "F1"
    assert settings_in(machine)["calls_at_once"] == 250


def test_fault_interrupted_between_two_files_it_is_mended_by_running_it_again(
    here, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, _ = here
    answers = some_answers()

    def killed(*_: object, **__: object) -> list[Path]:
        raise KeyboardInterrupt

    monkeypatch.setattr(site_files, "answers_text", killed)
    with pytest.raises(KeyboardInterrupt):
        write_files(Work(machine, answers))
    assert not machine.answers_file.exists()
    secret = settings_in(machine)["secret_key"]
    monkeypatch.undo()
    monkeypatch.setattr(
        site_files,
        "protect",
        lambda machine: files.protect(machine, gives_nothing_away),
    )
    write_files(Work(machine, answers))
    assert machine.answers_file.exists()
    assert settings_in(machine)["secret_key"] == secret


def test_only_what_the_answers_take_is_installed(here) -> None:
    machine, programs = here
    programs.answer("systemctl is-active", exit_code=3)
    assert not install_packages(Work(machine, some_answers(database="sqlite")))
    assert programs.which("apt-get") == []
    assert install_packages(Work(machine, some_answers()))
    assert programs.which("apt-get") == [
        "apt-get install --yes --no-install-recommends postgresql"
    ]
    programs.answer("dpkg-query", "installed")
    assert not install_packages(Work(machine, some_answers()))


def test_debians_nginx_gives_its_ports_up_where_it_serves_nothing(here) -> None:
    machine, programs = here
    sites = machine.path("/etc/nginx/sites-enabled")
    sites.mkdir(parents=True)
    (sites / "default").touch()
    assert install_packages(Work(machine, some_answers()))
    assert programs.asked[-1] == "systemctl disable --now --quiet nginx.service"
    (sites / "intranet").touch()
    programs.asked.clear()
    with pytest.raises(ServerError, match="intranet"):
        install_packages(Work(machine, some_answers()))
    assert programs.which("systemctl disable") == []


def test_a_machine_that_cannot_be_a_server_is_told_why(
    here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, _ = here
    work = Work(machine, some_answers())
    monkeypatch.setattr(preparing.os, "geteuid", lambda: 1000)
    with pytest.raises(ServerError, match="run it as root"):
        check_machine(work)
    monkeypatch.setattr(preparing.os, "geteuid", lambda: 0)
    monkeypatch.setattr(preparing, "SYSTEMD", tmp_path / "nowhere")
    with pytest.raises(ServerError, match="systemd, which does not run here"):
        check_machine(work)
    monkeypatch.setattr(preparing, "SYSTEMD", tmp_path)
    monkeypatch.setattr(preparing, "knows_its_own_name", lambda: True)
    assert not check_machine(work)
    machine.asterisk_file.unlink()
    with pytest.raises(ServerError, match="apt-get install guichet-asterisk"):
        check_machine(work)


def test_a_machine_learns_its_own_name(
    here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, _ = here
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1\tlocalhost\n")
    monkeypatch.setattr(preparing.os, "geteuid", lambda: 0)
    monkeypatch.setattr(preparing, "SYSTEMD", tmp_path)
    monkeypatch.setattr(preparing, "HOSTS", hosts)
    monkeypatch.setattr(preparing, "knows_its_own_name", lambda: False)
    monkeypatch.setattr(preparing.socket, "gethostname", lambda: "counter")
    assert check_machine(Work(machine, some_answers()))
    assert hosts.read_text() == "127.0.0.1\tlocalhost\n127.0.1.1\tcounter\n"


def test_services_that_do_not_run_are_started_and_the_others_left_alone(here) -> None:
    machine, programs = here
    programs.answer("systemctl is-active --quiet guichet-web", exit_code=3)
    assert start_services(Work(machine, some_answers()))
    assert programs.which("systemctl restart") == []
    assert programs.which("systemctl start") == [
        f"systemctl start {' '.join(enabled())}"
    ]


def test_fault_a_service_that_does_not_come_up_is_named(here) -> None:
    machine, programs = here
    programs.answer("systemctl start", exit_code=1)
    programs.answer("systemctl is-active --quiet guichet-web.", exit_code=3)
    with pytest.raises(ServerError) as failed:
        start_services(Work(machine, some_answers()))
    assert str(failed.value) == (
        "guichet-web.service did not come up; see why: guichet-server logs --unit"
        " guichet-web.service"
    )


def test_each_service_is_told_of_what_it_reads_and_no_call_is_cut(here) -> None:
    machine, programs = here
    layout = machine.layout

    def told_of(*changed: Path) -> list[str]:
        programs.asked.clear()
        start_services(Work(machine, some_answers(), set(changed)))
        told = [
            *programs.which("systemctl restart"),
            *programs.which("systemctl reload"),
        ]
        told += [
            asked.rpartition("-rx ")[2]
            for asked in programs.which("/usr/sbin/guichet-asterisk")
        ]
        return told

    assert told_of() == []
    assert told_of(layout.etc / "rtp.conf") == ["core stop when convenient"]
    assert told_of(layout.tls / "server.pem") == [
        "systemctl reload guichet-front.service",
        "module reload res_pjsip.so",
    ]
    assert told_of(layout.settings) == [f"systemctl restart {' '.join(services()[1:])}"]


def test_tables_are_upgraded_where_they_must_be(here) -> None:
    machine, programs = here
    web = f"guichet-web --config {machine.layout.settings}"
    programs.answer(f"{web} upgrade-database --dry-run", "an upgrade is pending\n")
    assert upgrade_tables(Work(machine, some_answers(database="sqlite")))
    assert programs.asked[-2:] == [
        f"guichet: {web} upgrade-database",
        "guichet: guichet-provision refresh",
    ]
    programs.answer(f"{web} upgrade-database --dry-run", "database up to date\n")
    programs.asked.clear()
    assert not upgrade_tables(Work(machine, some_answers(database="sqlite")))
    assert programs.asked == [
        f"guichet: {web} upgrade-database --dry-run",
        "guichet: guichet-provision refresh",
    ]


def test_a_new_server_has_no_sqlite_and_one_that_has_it_goes_on(
    here, tmp_path: Path
) -> None:
    machine, programs = here
    former = some_answers(database="sqlite")
    with pytest.raises(ServerError, match="keeps its data in PostgreSQL: take the key"):
        prepare_database(Work(machine, former))
    assert not machine.sqlite_file.exists()
    machine.sqlite_file.touch()
    assert not prepare_database(Work(machine, former))
    assert programs.asked == []
    # Whatever its answers leave out, and whoever brings others: what it holds stays there.
    least = answers_text(some_answers()).replace('database = "postgresql"\n', "")
    given = tmp_path / "given.toml"
    given.write_text(least)
    machine.answers_file.write_text(least)
    for answers in (
        choose_answers(machine, None, given),
        choose_answers(machine, None, None),
        installed_answers(machine),
    ):
        assert answers.database == "sqlite"
    machine.sqlite_file.unlink()
    assert installed_answers(machine).database == "postgresql"
    assert choose_answers(machine, None, given).database == "postgresql"


def test_who_has_sqlite_is_told_to_move_and_is_kept_from_nothing() -> None:
    found = database_rights(Machine(), some_answers(database="sqlite"))
    assert found.state is State.FAILED and "move-database postgresql" in found.advice
    assert serves([found]) and not are_well([found])
    assert database_rights(Machine(), some_answers()).state is State.OK


def test_answers_come_from_a_file_from_the_first_time_or_from_a_person(
    here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, _ = here
    with pytest.raises(Exception, match="how is this server called"):
        choose_answers(machine, None, None)
    monkeypatch.setattr(install.sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(Exception, match="give --answers FILE"):
        choose_answers(machine, "guichet.example.fr", None)
    given = tmp_path / "given.toml"
    given.write_text(answers_text(some_answers(kiosks=3)))
    assert choose_answers(machine, None, given).kiosks == 3
    machine.answers_file.write_text(answers_text(some_answers(kiosks=4)))
    assert choose_answers(machine, None, None).kiosks == 4
    assert choose_answers(machine, "other.example.fr", None).name == "other.example.fr"
    machine.answers_file.write_text("kiosks = 4\n")
    with pytest.raises(AnswersError, match='key "name": is missing'):
        choose_answers(machine, None, None)


def test_a_new_server_keeps_things_for_less_long_and_an_old_one_as_it_did(
    here, tmp_path: Path
) -> None:
    machine, _ = here
    given = tmp_path / "given.toml"
    least = "name = 'guichet.example.fr'\n[administrator]\n" + "".join(
        f"{key} = '{value}'\n" for key, value in ADMINISTRATOR.items()
    )
    given.write_text(least)

    def kept() -> tuple[int, int | None]:
        answers = choose_answers(machine, None, given)
        return answers.forget_after_days, answers.forget_documents_after_days

    assert kept() == (730, 30)
    # The same file again, on the server that it made: it stays so.
    machine.answers_file.write_text(answers_text(choose_answers(machine, None, given)))
    assert kept() == (730, 30)
    write_files(Work(machine, choose_answers(machine, None, None)))
    environment = machine.path("/etc/guichet/units.env")
    assert environment.read_text() == (
        "GUICHET_FORGET_AFTER_DAYS=730\nGUICHET_FORGET_DOCUMENTS_AFTER_DAYS=30\n"
    )
    # One of before, whether its answers say how long or not.
    for former in (least, f"forget_after_days = 1000\n{least}"):
        machine.answers_file.write_text(former)
        assert kept() == (1000, None)
        write_files(Work(machine, choose_answers(machine, None, None)))
        assert environment.read_text() == "GUICHET_FORGET_AFTER_DAYS=1000\n"
    # Its answers taken along to a new machine: what they say, they say.
    machine.answers_file.unlink()
    given.write_text(f"forget_after_days = 1000\n{least}")
    assert kept() == (1000, None)


def test_what_would_be_done_is_told_and_nothing_is_done(tmp_path: Path) -> None:
    given = tmp_path / "given.toml"
    given.write_text(answers_text(some_answers()))
    arguments = ["install", "--answers", str(given), "--dry-run"]
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 0, told.output
    assert "packages       Debian's postgresql\n" in told.stdout
    as_json = CliRunner().invoke(main, [*arguments, "--json"])
    assert json.loads(as_json.stdout)["steps"][0]["step"] == "machine"


def test_a_step_that_fails_is_named_in_one_sentence_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(work: Work) -> bool:
        raise ServerError("the disk is full: make room")

    given = tmp_path / "given.toml"
    given.write_text(answers_text(some_answers()))
    monkeypatch.setattr(
        install, "steps_of", lambda answers: [Step("site", "settings", refuses)]
    )
    monkeypatch.setattr(install, "one_at_a_time", lambda command: preparing_nothing())
    told = CliRunner().invoke(main, ["install", "--answers", str(given)])
    assert told.exit_code == 1
    assert told.stderr.splitlines() == [
        "site           settings ... failed",
        "Error: site: the disk is full: make room. Then run guichet-server install"
        " again: what is done is kept.",
    ]
    assert plan.steps_of(some_answers())


class preparing_nothing:
    """Stands for the lock, which is the machine's own."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def test_what_a_timer_has_begun_is_stopped_with_the_rest_and_is_no_failure(
    here,
) -> None:
    machine, programs = here
    stop_everything(machine)
    stopped, forgiven = programs.which("systemctl")
    for name in (
        "guichet-server.target",
        "guichet-web.service",
        "guichet-prune.timer",
        *STARTED_BY_TIMERS,
    ):
        assert name in stopped.split()
    assert forgiven == f"systemctl reset-failed {' '.join(sorted(STARTED_BY_TIMERS))}"
