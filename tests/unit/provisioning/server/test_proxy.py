# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Web proxy of a server: who is told of it, who is not, and what is kept from whom."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from provisioning.server.answers import AnswersError, answers_text, read_answers
from provisioning.server.certificate import obtain_from_acme
from provisioning.server.proxy import (
    APT_PASSWORD,
    APT_SETTINGS,
    CERTBOT,
    ENVIRONMENT,
    proxy_of_apt,
    set_up_proxy,
    use_proxy,
)
from provisioning.server.services import hand_on
from provisioning.server.work import Work
from tests.unit.provisioning.server.machines import machine_in, some_answers

PROXY = {
    "url": "http://guichet:p%40ss@proxy.example.fr:3128",
    "direct": ["nas.example"],
}
ACME = {"kind": "acme", "email": "it@example.fr"}
NAMES = ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the shell that runs the tests knows of one, and what a test sets."""
    for name in NAMES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr("provisioning.server.proxy._set_by_us", set())


def test_apt_certbot_and_our_programs_are_told_and_the_password_is_roots(
    tmp_path: Path,
) -> None:
    machine, _ = machine_in(tmp_path)
    answers = some_answers(proxy=PROXY, certificate=ACME, other_names=["10.1.2.3"])
    work = Work(machine, answers)
    assert set_up_proxy(work) and not set_up_proxy(Work(machine, answers))
    files = {name: machine.path(name) for name in (ENVIRONMENT, APT_PASSWORD)}
    assert {stat.S_IMODE(each.stat().st_mode) for each in files.values()} == {0o600}
    assert files[APT_PASSWORD].read_text().splitlines()[1] == (
        "machine http://proxy.example.fr:3128/ login guichet password p@ss"
    )
    assert os.environ["HTTPS_PROXY"] == PROXY["url"]
    around = os.environ["NO_PROXY"].split(",")
    assert {"127.0.0.1", "guichet.example.fr", "10.1.2.3", "nas.example"} <= set(around)
    assert f"EnvironmentFile={ENVIRONMENT}" in machine.path(CERTBOT).read_text()
    settings = machine.path(APT_SETTINGS)
    assert stat.S_IMODE(settings.stat().st_mode) == 0o644
    assert "p@ss" not in settings.read_text() and "p%40ss" not in settings.read_text()
    # Not wanted any more: no trace of it.
    assert set_up_proxy(Work(machine, some_answers(certificate=ACME)))
    assert not any(
        machine.path(name).exists()
        for name in (ENVIRONMENT, APT_PASSWORD, APT_SETTINGS, CERTBOT)
    )


def test_apt_goes_by_it_but_not_to_the_server_itself(tmp_path: Path) -> None:
    machine, _ = machine_in(tmp_path)
    set_up_proxy(Work(machine, some_answers(proxy={"url": "proxy.example.fr:3128"})))
    assert not machine.path(APT_PASSWORD).exists()
    dumped = subprocess.run(
        ["apt-config", "--format", "%f=%v%n", "dump", "Acquire"],
        env={"PATH": os.environ["PATH"], "APT_CONFIG": str(machine.path(APT_SETTINGS))},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for scheme in ("http", "https"):
        assert f"Acquire::{scheme}::Proxy::guichet.example.fr=DIRECT" in dumped


def test_what_the_shell_says_of_a_proxy_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, _ = machine_in(tmp_path)
    use_proxy(machine)
    assert not any(name in os.environ for name in NAMES)
    monkeypatch.setenv("HTTPS_PROXY", "http://other.example:8080")
    set_up_proxy(Work(machine, some_answers(proxy=PROXY)))
    assert os.environ["HTTPS_PROXY"] == "http://other.example:8080"


def test_who_changes_it_is_served_by_the_new_one_at_once(tmp_path: Path) -> None:
    """The certificate is asked for in the run of install that changes the proxy."""
    machine, _ = machine_in(tmp_path)
    set_up_proxy(Work(machine, some_answers(proxy=PROXY)))
    other = "http://other.example:8080"
    set_up_proxy(Work(machine, some_answers(proxy={"url": other})))
    assert os.environ["HTTP_PROXY"] == os.environ["HTTPS_PROXY"] == other
    assert "nas.example" not in os.environ["NO_PROXY"]
    set_up_proxy(Work(machine, some_answers()))
    assert not any(name in os.environ for name in NAMES)


def test_the_authority_is_asked_once_the_proxy_is_known(tmp_path: Path) -> None:
    """certbot is started with our environment, and its own timer has a drop-in."""
    machine, programs = machine_in(tmp_path)
    answers = some_answers(proxy=PROXY, certificate=ACME)
    set_up_proxy(Work(machine, answers))
    seen = []
    programs.answer("certbot", exit_code=1)
    with pytest.raises(Exception, match="certbot failed"):
        obtain_from_acme(Work(machine, answers))
    seen += programs.which("certbot")
    assert len(seen) == 1 and os.environ["HTTPS_PROXY"] == PROXY["url"]


def test_the_pages_start_again_where_it_changed(tmp_path: Path) -> None:
    machine, programs = machine_in(tmp_path)
    hand_on(machine, [machine.path(ENVIRONMENT)], {"guichet-web.service"})
    assert programs.which("systemctl restart") == [
        "systemctl restart guichet-web.service"
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("http://proxy.example.fr:3128/\n", "http://proxy.example.fr:3128/"),
        ("DIRECT\n", None),
        ("\n", None),
        ("", None),
    ],
)
def test_what_debians_installation_was_told_is_proposed(
    tmp_path: Path, told: str, expected: str | None
) -> None:
    machine, programs = machine_in(tmp_path)
    programs.answer("apt-config", told)
    assert proxy_of_apt(machine) == expected


@pytest.mark.parametrize(
    "url",
    [
        "proxy.example.fr",
        "https://proxy.example.fr:3128",
        "socks5://proxy.example.fr:1080",
        "http://proxy.example.fr:99999",
        "http://proxy.example.fr:3128/path",
        'http://proxy.example.fr:3128";x',
        "http://pro xy:3128",
        "http://proxy\n.example.fr:3128",
        "http://:3128",
    ],
)
def test_what_is_no_web_proxy_is_refused(url: str) -> None:
    with pytest.raises(AnswersError, match="this is no Web proxy such as"):
        some_answers(proxy={"url": url})


def test_the_answers_keep_it(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text(answers_text(some_answers(proxy=PROXY)))
    proxy = read_answers(file).proxy
    assert proxy is not None
    assert (proxy.url, proxy.direct) == (PROXY["url"], ("nas.example",))
