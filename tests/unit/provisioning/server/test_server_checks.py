# SPDX-License-Identifier: AGPL-3.0-or-later
"""The checks: each fault is told with what to do, and a server that works is green."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from provisioning.asterisk import certificates
from provisioning.asterisk.certificates import ensure_certificates
from provisioning.server.answers import Answers
from provisioning.server.checks import of_asterisk, of_machine, of_network
from provisioning.server.checks.check import Checked, State, failed, ok, told
from provisioning.server.machine import Machine
from tests.unit.provisioning.server.machines import (
    ToldPrograms,
    machine_in,
    some_answers,
)

NAME = "guichet.example.fr"
ADDRESS = "198.51.100.7"


@pytest.fixture
def here(tmp_path: Path) -> tuple[Machine, ToldPrograms]:
    machine, programs = machine_in(tmp_path)
    ensure_certificates(machine.layout.tls, (NAME,))
    link = {"addr_info": [{"local": ADDRESS}, {"local": "::1"}]}
    programs.answer("ip -json address", json.dumps([link]))
    return machine, programs


@contextmanager
def https(machine: Machine, answer: bytes) -> Iterator[int]:
    """Serve one answer after the other on the loopback, by the site's certificate."""
    tls = machine.layout.tls
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "server.pem", tls / "server.key")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                try:
                    with context.wrap_socket(line, server_side=True) as secured:
                        secured.recv(4096)
                        secured.sendall(answer)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def told_by_pages(status: str, database: str, asterisk: str) -> bytes:
    """Give what `/sante` answers."""
    body = json.dumps({"status": "-", "database": database, "asterisk": asterisk})
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def pages(machine: Machine, answers: Answers) -> Checked:
    return of_network.pages(machine, answers)


def leads_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443))]
    monkeypatch.setattr(of_network.socket, "getaddrinfo", lambda *_, **__: found)


def test_a_name_that_leads_here_is_well(here, monkeypatch) -> None:
    leads_to(monkeypatch, ADDRESS)
    assert of_network.names(here[0], some_answers()).state is State.OK


def test_a_name_that_leads_elsewhere_is_told_with_the_address(
    here, monkeypatch
) -> None:
    leads_to(monkeypatch, "203.0.113.9")
    monkeypatch.setattr(
        of_network, "_is_own_certificate_shown", lambda machine, name: None
    )
    found = of_network.names(here[0], some_answers())
    assert found.state is State.FAILED
    assert found.says == f"{NAME} leads to 203.0.113.9, which is not this machine"
    assert "correct the DNS" in found.advice


def test_a_router_that_leads_here_is_known_by_the_certificate(
    here, monkeypatch
) -> None:
    machine, _ = here
    router = {of_network.ipaddress.ip_address("203.0.113.9")}
    monkeypatch.setattr(of_network, "_addresses", lambda name: router)
    with https(machine, b"") as port:
        connect = socket.create_connection
        monkeypatch.setattr(
            of_network.socket,
            "create_connection",
            lambda _, seconds: connect(("127.0.0.1", port), seconds),
        )
        found = of_network.names(machine, some_answers(public_address="203.0.113.9"))
    assert found.state is State.OK and "lead to the router" in found.says


def test_a_name_that_nobody_knows_is_told(here, monkeypatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(of_network.socket, "getaddrinfo", unknown)
    found = of_network.names(here[0], some_answers())
    assert found.says == f"nobody knows {NAME}" and "in the DNS" in found.advice


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", State.OK, "answers"),
        (b"HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n", State.FAILED, "502"),
        (told_by_pages("200 OK", "ok", "ok"), State.OK, "answers"),
        (told_by_pages("200 OK", "ok", "unknown"), State.FAILED, "hears Asterisk"),
        (told_by_pages("503 Busy", "ok", "silent"), State.FAILED, "hears Asterisk"),
        (told_by_pages("503 Busy", "away", "unknown"), State.FAILED, "the database"),
        (b"", State.FAILED, "no answer"),
    ],
)
def test_the_pages_are_asked_by_https_how_they_are(
    here, monkeypatch, answer: bytes, state: State, says: str
) -> None:
    machine, _ = here
    with https(machine, answer) as port:
        monkeypatch.setattr(of_network, "HTTPS", port)
        found = pages(machine, some_answers())
    assert found.state is state and says in found.says


def test_a_certificate_for_another_name_is_not_believed(here, monkeypatch) -> None:
    machine, _ = here
    with https(machine, b"") as port:
        monkeypatch.setattr(of_network, "HTTPS", port)
        found = pages(machine, some_answers(name="other.example.fr"))
    assert found.state is State.FAILED and "not believed" in found.says


def test_a_certificate_that_has_ended_is_to_be_renewed(here, monkeypatch) -> None:
    machine, _ = here
    monkeypatch.setattr(certificates, "SERVER_LIFETIME", timedelta(hours=-1))
    ensure_certificates(machine.layout.tls, [NAME], renew=True)
    with https(machine, b"") as port:
        monkeypatch.setattr(of_network, "HTTPS", port)
        found = pages(machine, some_answers())
    assert "expired" in found.says
    assert found.advice == "guichet-server renew-certificate"


def test_ports_at_which_nobody_listens_are_named(here, monkeypatch) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    for name in ("HTTP", "HTTPS", "SIP_TLS"):
        monkeypatch.setattr(of_network, name, port)
    assert of_network.ports(here[0], some_answers()).state is State.OK
    listener.close()
    found = of_network.ports(here[0], some_answers())
    assert found.state is State.FAILED and str(port) in found.says


def test_the_mail_server_is_asked_where_one_is_named(here) -> None:
    machine, _ = here
    assert of_network.mail(machine, some_answers()).state is State.ABSENT
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    mail = {"host": "127.0.0.1", "port": port, "sender": "g@example.fr"}
    answers = some_answers(mail=mail)
    assert of_network.mail(machine, answers).state is State.OK
    listener.close()
    assert of_network.mail(machine, answers).state is State.FAILED


def test_the_certificate_is_looked_at_before_it_ends(here, monkeypatch) -> None:
    machine, _ = here
    assert of_network.certificate(machine, some_answers()).state is State.OK
    monkeypatch.setattr(of_network, "DAYS_LEAST", 900)
    found = of_network.certificate(machine, some_answers())
    assert found.state is State.FAILED
    assert found.advice == "guichet-server renew-certificate"


def test_asterisk_runs_with_every_module_of_its_configuration(here) -> None:
    machine, programs = here
    machine.layout.etc.mkdir(parents=True)
    (machine.layout.etc / "modules.conf").write_text(
        "preload = res_odbc.so\nload = app_queue.so\n"
    )
    row = "{}   what it does   0   {}   core\n"
    shown = row.format("res_odbc.so", "Running") + row.format("app_queue.so", "Running")
    programs.answer("/usr/sbin/guichet-asterisk", shown)
    assert of_asterisk.modules(machine, some_answers()).state is State.OK
    (machine.layout.etc / "modules_trunk.conf").write_text("load = res_more.so\n")
    found = of_asterisk.modules(machine, some_answers())
    assert found.says == "without res_more.so"
    (machine.layout.etc / "modules_trunk.conf").unlink()
    shown = shown.replace("0   Running", "0   Not Running", 1)
    programs.answer("/usr/sbin/guichet-asterisk", shown)
    found = of_asterisk.modules(machine, some_answers())
    assert (found.state, found.says) == (State.FAILED, "without res_odbc.so")
    programs.answer("/usr/sbin/guichet-asterisk", exit_code=1)
    assert of_asterisk.modules(machine, some_answers()).state is State.FAILED


@pytest.mark.parametrize(("connections", "state"), [(1, State.OK), (0, State.FAILED)])
def test_asterisk_s_link_to_the_database_is_looked_at(here, connections, state) -> None:
    machine, programs = here
    said = f"    Number of active connections: {connections} (out of 8)\n"
    programs.answer("/usr/sbin/guichet-asterisk", said)
    assert of_asterisk.link_to_database(machine, some_answers()).state is state


@pytest.mark.parametrize(
    ("unit", "then"),
    [
        ("guichet-backup.service", "guichet-server logs --unit guichet-backup.service"),
        ("guichet-journal.service", "guichet-web verify-journal"),
    ],
)
def test_what_a_timer_started_and_ended_badly_is_named(here, unit, then) -> None:
    machine, programs = here
    assert of_machine.timed_work(machine, some_answers()).state is State.OK
    asked = "systemctl show --property=Result --value "
    programs.answer(asked, "success\n")
    programs.answer(asked + unit, "exit-code\n")
    found = of_machine.timed_work(machine, some_answers())
    assert found.state is State.FAILED
    assert unit in found.says and then in found.advice


def test_units_that_do_not_run_are_named(here) -> None:
    machine, programs = here
    assert of_machine.units(machine, some_answers()).state is State.OK
    programs.answer("systemctl is-active --quiet guichet-firewall", exit_code=3)
    found = of_machine.units(machine, some_answers())
    assert found.says == "not running: guichet-firewall.service"
    without = some_answers(firewall={"enabled": False})
    assert of_machine.units(machine, without).state is State.OK
    # A timer that does not wait makes no backup, and nobody sees it.
    programs.answer("systemctl is-active --quiet guichet-backup.timer", exit_code=3)
    found = of_machine.units(machine, without)
    assert found.says == "not running: guichet-backup.timer"


def test_the_database_is_of_this_version(here) -> None:
    machine, programs = here
    assert of_machine.database(machine, some_answers()).state is State.OK
    programs.answer("guichet-web", "an upgrade is pending\n")
    found = of_machine.database(machine, some_answers())
    assert found.advice == "guichet-server upgrade"
    programs.answer("guichet-web", exit_code=1)
    assert of_machine.database(machine, some_answers()).state is State.FAILED


def test_a_disk_that_is_nearly_full_is_told(here, monkeypatch) -> None:
    machine, _ = here
    for folder in of_machine.KEPT_ON:
        machine.path(folder).mkdir(parents=True)
    monkeypatch.setattr(of_machine, "DISK_FREE_LEAST", 0)
    monkeypatch.setattr(of_machine, "DISK_FREE_SHARE", 0)
    assert of_machine.disk(machine, some_answers()).state is State.OK
    monkeypatch.setattr(of_machine, "DISK_FREE_SHARE", 1)
    assert of_machine.disk(machine, some_answers()).state is State.FAILED


def test_a_container_s_clock_is_its_host_s(here) -> None:
    machine, programs = here
    assert of_machine.clock(machine, some_answers()).state is State.ABSENT
    programs.answer("systemd-detect-virt", exit_code=1)
    assert of_machine.clock(machine, some_answers()).state in (State.OK, State.FAILED)


def test_below_what_failed_stands_what_to_do() -> None:
    assert told([ok("clock", "synchronised"), failed("disk", "full", "make room")]) == [
        "ok      clock         synchronised",
        "FAILED  disk          full",
        "                      -> make room",
    ]
