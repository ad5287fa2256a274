# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server's certificate: the site's own, files from elsewhere, ACME; and its renewal."""

from pathlib import Path

import pytest

from provisioning.asterisk.certificates import ensure_certificates
from provisioning.server import certificate
from provisioning.server.certificate import (
    RENEWAL,
    authority_for_kiosks,
    has_certificate_of_another,
    obtain_from_acme,
    renew,
    see_to_certificate,
    take_given_certificate,
)
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine
from provisioning.server.work import Work
from tests.unit.provisioning.server.machines import (
    ToldPrograms,
    machine_in,
    some_answers,
)

NAME = "guichet.example.fr"
RELOADED = ["systemctl reload guichet-front.service"]


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Machine, ToldPrograms]:
    monkeypatch.setattr(certificate, "protect", lambda machine: [])
    return machine_in(tmp_path / "root")


def given(folder: Path, *names: str) -> tuple[Path, Path]:
    """Make a certificate of another authority, and its key."""
    ensure_certificates(folder, names or (NAME,))
    return folder / "server.pem", folder / "server.key"


def files(pem: Path, key: Path) -> dict[str, object]:
    return {"kind": "files", "certificate": str(pem), "key": str(key)}


def test_the_site_s_own_is_kept_while_it_is_good(here) -> None:
    machine, programs = here
    assert renew(machine, some_answers())
    assert programs.which("systemctl reload") == RELOADED
    assert programs.which("/usr/sbin/guichet-asterisk")[0].endswith(
        "-rx module reload res_pjsip.so"
    )
    programs.asked.clear()
    assert not renew(machine, some_answers())
    assert programs.asked == []
    assert authority_for_kiosks(machine, some_answers().certificate).exists()


def test_another_name_is_signed_for(here) -> None:
    machine, _ = here
    renew(machine, some_answers())
    before = (machine.layout.tls / "ca.pem").read_bytes()
    assert renew(machine, some_answers(other_names=["10.1.2.3"]))
    assert (machine.layout.tls / "ca.pem").read_bytes() == before


def test_files_that_are_given_are_taken_and_taken_again_when_renewed(
    here, tmp_path: Path
) -> None:
    machine, programs = here
    pem, key = given(tmp_path / "one")
    answers = some_answers(certificate=files(pem, key))
    assert renew(machine, answers)
    assert (machine.layout.tls / "server.pem").read_bytes() == pem.read_bytes()
    assert (machine.layout.tls / "server.key").read_bytes() == key.read_bytes()
    assert (machine.layout.tls / "server.key").stat().st_mode & 0o077 == 0
    assert not renew(machine, answers)
    renewed = given(tmp_path / "two")
    for source, target in zip(renewed, (pem, key)):
        target.write_bytes(source.read_bytes())
    programs.asked.clear()
    assert renew(machine, answers)
    assert programs.which("systemctl reload") == RELOADED


def test_from_elsewhere_back_to_the_site_s_own_is_noticed(here, tmp_path: Path) -> None:
    machine, _ = here
    renew(machine, some_answers())
    assert not has_certificate_of_another(machine)
    elsewhere = some_answers(certificate=files(*given(tmp_path / "one")))
    own = (machine.layout.tls / "ca.pem").read_bytes()
    take_given_certificate(machine, elsewhere.certificate)
    assert (machine.layout.tls / "ca.pem").read_bytes() == own
    assert has_certificate_of_another(machine)


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda pem, key: pem.unlink(), "No such file"),
        (lambda pem, key: pem.write_text("nonsense"), "is no certificate"),
        (lambda pem, key: key.write_text("nonsense"), "is no key without a password"),
        (
            lambda pem, key: key.write_bytes(given(key.parent / "x")[1].read_bytes()),
            "is not the key of",
        ),
    ],
)
def test_files_that_do_not_fit_change_nothing(
    here, tmp_path: Path, break_it, sentence: str
) -> None:
    machine, programs = here
    good = given(tmp_path / "good")
    renew(machine, some_answers(certificate=files(*good)))
    programs.asked.clear()
    pem, key = given(tmp_path / "bad")
    break_it(pem, key)
    with pytest.raises(ServerError, match=sentence):
        renew(machine, some_answers(certificate=files(pem, key)))
    assert (machine.layout.tls / "server.pem").read_bytes() == good[0].read_bytes()
    assert (machine.layout.tls / "server.key").read_bytes() == good[1].read_bytes()
    assert programs.asked == []


def test_an_acme_authority_is_asked_once_and_its_certificate_taken(here) -> None:
    machine, programs = here
    folder = machine.path(f"/etc/letsencrypt/live/{NAME}")
    answers = some_answers(
        other_names=["10.1.2.3", "sip.example.fr"],
        certificate={"kind": "acme", "email": "it@example.fr"},
    )

    def certbot_has_run() -> None:
        pem, key = given(folder, NAME, "sip.example.fr")
        pem.rename(folder / "fullchain.pem")
        key.rename(folder / "privkey.pem")

    with pytest.raises(ServerError):
        obtain_from_acme(Work(machine, answers))
    [asked] = programs.which("certbot")
    assert "--webroot-path /var/lib/guichet-challenges" in asked
    assert f"--domain {NAME} --domain sip.example.fr" in asked
    assert "10.1.2.3" not in asked and "--email it@example.fr" in asked
    assert asked.endswith("--deploy-hook /usr/bin/guichet-server renew-certificate")
    certbot_has_run()
    programs.asked.clear()
    assert obtain_from_acme(Work(machine, answers))
    assert programs.which("certbot") == []
    assert programs.which("systemctl reload") == RELOADED
    assert not obtain_from_acme(Work(machine, answers))
    assert str(authority_for_kiosks(machine, answers.certificate)).endswith(
        "/etc/ssl/certs/ca-certificates.crt"
    )


def test_who_vouches_elsewhere_is_kept_where_the_pages_can_read_it(
    here, tmp_path: Path
) -> None:
    machine, _ = here
    folder = tmp_path / "one"
    pem, key = given(folder)
    told = files(pem, key) | {"authority": str(folder / "ca.pem")}
    answers = some_answers(certificate=told)
    renew(machine, answers)
    kept = authority_for_kiosks(machine, answers.certificate)
    assert kept == machine.layout.tls / "authority.pem"
    assert kept.read_bytes() == (folder / "ca.pem").read_bytes()
    assert not renew(machine, answers)
    renew(machine, some_answers(certificate=files(pem, key)))
    assert not kept.exists()


def test_where_no_acme_is_wanted_nothing_is_asked(here) -> None:
    machine, programs = here
    assert not obtain_from_acme(Work(machine, some_answers()))
    assert programs.asked == []


def test_what_renews_it_each_day_is_tried_at_once(tmp_path: Path) -> None:
    machine, programs = machine_in(tmp_path)
    for kind in (
        {"kind": "own"},
        {"kind": "files", "certificate": "/tmp/c.pem", "key": "/tmp/k.pem"},
    ):
        work = Work(machine, some_answers(certificate=kind))
        assert not see_to_certificate(work)
        assert programs.asked.pop() == f"systemctl start {RENEWAL}"
    programs.answer(f"systemctl start {RENEWAL}", exit_code=1)
    with pytest.raises(ServerError, match="logs --unit certificate.* not in /tmp"):
        see_to_certificate(work)
