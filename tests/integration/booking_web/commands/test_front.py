# SPDX-License-Identifier: AGPL-3.0-or-later
"""The front: slow clients, strangers' bodies, forged addresses, and what browsers get."""

import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse
from pathlib import Path

import pytest
import requests

from booking_web.commands.front.configuration import BROTLI_MODULE
from booking_web.shell.site.security_headers import headers_of_every_answer
from provisioning.asterisk.certificates import ensure_certificates
from stage.waiting import PATIENCE, wait_for

GUICHET_WEB = Path(sys.executable).with_name("guichet-web")
SLOW_CLIENTS = 200
BEGUN = {
    "headers": b"GET /connexion HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "bodies": b"POST /connexion HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 100000\r\n\r\nemail=",
}
MEGABYTE = b"%PDF-1.7 " + bytes(1024 * 1024 - 9)


@contextmanager
def slow_clients(port: int, begun: bytes) -> Iterator[None]:
    """Have many connections open, each of which sends a byte now and then, to the end."""
    is_over = threading.Event()

    def drip(clients: list[socket.socket]) -> None:
        while not is_over.wait(0.5):
            for number, client in enumerate(clients):
                try:
                    client.send(b"a")
                except OSError:
                    # Put out by the server, as is its right: it comes back at once.
                    clients[number] = begin()

    with ExitStack() as stack:

        def begin() -> socket.socket:
            client = stack.enter_context(
                socket.create_connection(("127.0.0.1", port), timeout=10 * PATIENCE)
            )
            client.sendall(begun)
            return client

        clients = [begin() for _ in range(SLOW_CLIENTS)]
        dripping = threading.Thread(target=drip, args=(clients,))
        dripping.start()
        stack.callback(dripping.join)
        stack.callback(is_over.set)
        yield


@pytest.mark.parametrize("part", BEGUN)
def test_two_hundred_slow_clients_keep_nobody_waiting(serve_site, part) -> None:
    site = serve_site("--workers", "1", "--threads", "12")
    # None of them ever ends: who waited for one would wait for ever.
    with slow_clients(site.port, BEGUN[part]):
        for _ in range(5):
            answer = requests.get(f"{site.url}/sante", timeout=20 * PATIENCE)
            assert answer.status_code == 200


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "[::]:8000", "192.0.2.1:8000"])
def test_the_application_listens_to_no_network(address) -> None:
    result = subprocess.run(
        [str(GUICHET_WEB), "serve", "--bind", address],
        env={"GUICHET_DATABASE_URL": "sqlite://", "GUICHET_SECRET_KEY": "x"},
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
    )
    assert result.returncode == 2
    assert f"{address} is on a network" in result.stderr
    assert "guichet-web front" in result.stderr


def test_the_front_speaks_in_the_clear_to_this_machine_alone(tmp_path) -> None:
    result = subprocess.run(
        [str(GUICHET_WEB), "front", "--listen", "0.0.0.0:8080"]
        + ["--folder", str(tmp_path / "front")],
        env={"GUICHET_DATABASE_URL": "sqlite://", "GUICHET_SECRET_KEY": "x"},
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
    )
    assert result.returncode == 2
    assert "--certificate" in result.stderr


def test_the_way_to_https_needs_the_sites_own_address(tmp_path) -> None:
    result = subprocess.run(
        [str(GUICHET_WEB), "front", "--redirect-from", "127.0.0.1:80"]
        + ["--folder", str(tmp_path / "front")],
        env={"GUICHET_DATABASE_URL": "sqlite://", "GUICHET_SECRET_KEY": "x"},
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
    )
    assert result.returncode == 2
    assert "set site_url" in result.stderr


def test_of_a_strangers_large_body_nothing_reaches_the_disk(serve_site) -> None:
    site = serve_site("--workers", "1", "--threads", "12")
    held = site.front_folder / "body"
    before = held.stat().st_mtime_ns
    for path, status in (
        ("/connexion", 413),
        ("/api/v1/appointments", 413),
        ("/rendez-vous/1/documents", 303),
        ("/api/kiosk/v1/uploads/1", 401),
    ):
        method = "PATCH" if "uploads" in path else "POST"
        # The kiosk's pieces are smaller than this; what is too large for all is 413 too.
        body = MEGABYTE * (24 if status != 401 else 6)
        found, words = _send_half(site.port, method, path, body)
        assert found == status, (path, words)
        if status == 413:
            is_program = path.startswith("/api")
            assert ('"status": 413' if is_program else "trop grand") in words
    # A file that came and went would have changed its folder.
    assert held.stat().st_mtime_ns == before
    log = wait_for(
        lambda: (text := site.program.log_text()).count("GET /depot") == 2 and text,
        "both who may not were asked about",
    )
    assert "POST" not in log and "PATCH" not in log


def _send_half(port: int, method: str, path: str, body: bytes) -> tuple[int, str]:
    """Begin to send a body; give the answer's status and words, which come before its end."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20 * PATIENCE) as client:
        client.sendall(head.encode())
        client.sendall(body[: 300 * 1024])
        with HTTPResponse(client) as answer:
            answer.begin()
            return answer.status, answer.read().decode()


def test_what_a_client_says_of_its_address_is_not_believed(serve_site) -> None:
    site = serve_site("--workers", "1", "--threads", "12")
    answers = []
    for number in range(40):
        said = f"198.51.100.{number}"
        headers = {
            "Authorization": "Bearer of nobody",
            "X-Forwarded-For": said,
            "X-Real-IP": said,
            "Forwarded": f"for={said}",
        }
        answer = requests.get(
            f"{site.url}/api/v1/appointments", headers=headers, timeout=10 * PATIENCE
        )
        answers.append(answer.status_code)
    # Counted by address: it is one and the same.
    assert answers == [401] * 30 + [429] * 10


def test_no_secret_of_an_address_is_in_a_log(serve_site) -> None:
    site = serve_site("--workers", "1", "--threads", "12")
    secret = "c3VjaCBhIHNlY3JldC1vZi1vbmU_"
    for path in (
        f"/agenda/{secret}.ics",
        f"/borne/rattacher?code={secret}",
        f"/x%0Aforged%22/{secret}",
    ):
        requests.get(site.url + path, timeout=10 * PATIENCE)
    # A request is logged after its answer.
    wait_for(lambda: "forged" in site.program.log_text(), "the last one is logged")
    site.program.kill()
    assert (
        requests.get(f"{site.url}/agenda/{secret}", timeout=10 * PATIENCE).status_code
        == 502
    )
    told = wait_for(
        lambda: site.front.log_text() if " 502 " in site.front.log_text() else None,
        "the front's log",
    )
    assert '"GET /agenda/....ics" 404' in told
    assert '"GET /borne/rattacher" 200' in told
    told += site.program.log_text()
    assert secret not in told
    # Nor does who asks write a line of their own.
    assert told.count('"GET /x\\x0Aforged\\x22/..." 404') == 2


def test_over_https_browsers_speak_http_2(serve_site, tmp_path) -> None:
    ensure_certificates(tmp_path / "tls", ["127.0.0.1"])
    site = serve_site("--workers", "1", "--threads", "12", tls=tmp_path / "tls")
    context = ssl.create_default_context(cafile=site.authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(
        ("127.0.0.1", site.port), timeout=10 * PATIENCE
    ) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
            assert secured.selected_alpn_protocol() == "h2"
            assert secured.version() in ("TLSv1.2", "TLSv1.3")
    # Without forward secrecy, or with encryption that is not authenticated, nobody gets in.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for offered, is_taken in (
        ("ECDHE+AESGCM", True),
        ("ECDHE+AES:!AESGCM:!AESCCM", False),
        ("kRSA", False),
    ):
        context.set_ciphers(offered)
        assert _gets_in(site.port, context) == is_taken, offered
    page = requests.get(
        f"{site.url}/connexion", timeout=10 * PATIENCE, verify=site.authority
    )
    assert page.headers["Content-Encoding"] in ("br", "gzip")
    # Who asks in the clear is led to the site's own address, whatever name was asked for.
    led = requests.get(
        f"{site.redirect_url}/bureau?jour=2026-11-26",
        headers={"Host": "elsewhere.example"},
        allow_redirects=False,
        timeout=10 * PATIENCE,
    )
    assert led.status_code == 301
    assert led.headers["Location"] == f"{site.url}/bureau?jour=2026-11-26"
    # A program is not: it is to hear that it spoke in the clear.
    program = requests.get(
        f"{site.redirect_url}/api/v1/appointments", timeout=10 * PATIENCE
    )
    assert (program.status_code, program.history) == (403, [])


def _gets_in(port: int, context: ssl.SSLContext) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=10 * PATIENCE) as plain:
        try:
            with context.wrap_socket(plain, server_hostname="127.0.0.1"):
                return True
        except ssl.SSLError:
            return False


def test_while_the_pages_are_away_the_front_says_so_and_the_page_comes_back(
    serve_site,
) -> None:
    site = serve_site("--workers", "1", "--threads", "12")
    site.program.kill()
    page = requests.get(f"{site.url}/bureau", timeout=10 * PATIENCE)
    assert page.status_code == 502
    assert "Le serveur ne répond pas pour l'instant" in page.text
    assert '<meta http-equiv="refresh" content="5">' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for path in re.findall('href="([^"]+)"', page.text):
        assert requests.get(site.url + path, timeout=10 * PATIENCE).status_code == 200
    answer = requests.post(f"{site.url}/api/v1/appointments", timeout=10 * PATIENCE)
    assert answer.status_code == 502
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["status"] == 502
    # Nobody asks for these words but the front itself.
    for path in ("/_words/502.html", "/_words/../nginx.conf.jinja"):
        assert requests.get(site.url + path, timeout=10 * PATIENCE).status_code in (
            404,
            502,
        )


def test_texts_come_compressed_with_the_headers_of_a_page(serve_site) -> None:
    site = serve_site("--workers", "1", "--threads", "12")
    better = "br" if BROTLI_MODULE.exists() else "gzip"
    for accepted, encoding in (("gzip", "gzip"), ("gzip, br", better)):
        for path in ("/connexion", "/static/shell/site.css"):
            answer = requests.get(
                site.url + path,
                headers={"Accept-Encoding": accepted},
                timeout=10 * PATIENCE,
            )
            assert answer.headers["Content-Encoding"] == encoding, path
            assert "Accept-Encoding" in answer.headers["Vary"], path
    style = requests.get(f"{site.url}/static/shell/site.css", timeout=10 * PATIENCE)
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "max-age=31536000" in style.headers["Cache-Control"]
    # What the front answers by itself carries them too.
    led = requests.get(
        f"{site.url}/rendez-vous/1/documents",
        timeout=10 * PATIENCE,
        allow_redirects=False,
    )
    unknown = requests.get(f"{site.url}/depot", timeout=10 * PATIENCE)
    assert (led.status_code, unknown.status_code) == (303, 404)
    for name, value in headers_of_every_answer(is_https=False).items():
        for answer in (style, led, unknown):
            assert answer.headers[name] == value, answer.url


def test_in_the_journal_requests_are_told_by_its_own_socket(tmp_path: Path) -> None:
    """What systemd gives a unit as standard output cannot be opened by nginx."""
    ours, journal = socket.socketpair()
    with ours, journal:
        subprocess.run(
            [GUICHET_WEB, "front", "--print", "--folder", tmp_path],
            stdout=journal,
            check=True,
            timeout=60 * PATIENCE,
        )
        journal.close()
        with ours.makefile() as printed:
            configuration = printed.read()
    assert "access_log syslog:server=unix:/dev/log" in configuration
    assert "/dev/stdout" not in configuration


@pytest.mark.parametrize("log", ["--access-log", "--no-access-log"])
def test_nginx_takes_what_it_is_told_with_a_log_and_without(log, tmp_path) -> None:
    printed = subprocess.run(
        [GUICHET_WEB, "front", "--print", log, "--folder", tmp_path],
        capture_output=True,
        text=True,
        check=True,
        timeout=60 * PATIENCE,
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(printed.stdout, encoding="utf-8")
    assert ("access_log off;" in printed.stdout) == (log == "--no-access-log")
    result = subprocess.run(
        ["nginx", "-t", "-c", configuration],
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
    )
    assert result.returncode == 0, result.stderr


def test_whoever_tries_codes_one_after_another_is_stopped_at_the_front(
    serve_site,
) -> None:
    server = serve_site()
    with requests.Session() as session:
        told = [
            session.get(
                f"{server.url}/api/kiosk/v1/enrolment/ABCDE", timeout=20 * PATIENCE
            )
            for _ in range(80)
        ]
    codes = [each.status_code for each in told]
    assert codes[0] == 404
    # The pages say so from the 21st on, the front before they are asked at all.
    assert codes[-1] == 429
    assert told[-1].headers["Content-Type"] == "application/problem+json"
    large = requests.post(
        f"{server.url}/api/kiosk/v1/enrolment",
        data=bytes(20_000),
        timeout=20 * PATIENCE,
    )
    assert large.status_code == 413


@pytest.mark.parametrize("page", ["ajouter", "reprendre", "7/edition"])
def test_a_stranger_sends_no_form_and_comes_back_to_the_page_after_the_sign_in(
    serve_site, page
) -> None:
    server = serve_site()
    address = f"{server.url}/organisme/formulaires/{page}"
    for answer in (
        requests.get(address, timeout=20 * PATIENCE, allow_redirects=False),
        requests.post(
            address, data=bytes(1000), timeout=20 * PATIENCE, allow_redirects=False
        ),
    ):
        assert answer.status_code == 303
        wanted = f"/connexion?next=/organisme/formulaires/{page}"
        assert answer.headers["Location"].endswith(wanted)
