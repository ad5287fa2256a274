# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine asks a server, over TLS, for what its code stands for."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from sip_endpoints.machine.enrolment.asking import (
    EnrolmentRefused,
    ServerUnproven,
    ask_for_grant,
    open_site,
)
from sip_endpoints.machine.enrolment.attempt import (
    begin_attempt,
    end_attempt,
    is_answered,
)
from sip_endpoints.machine.enrolment.code import read_code
from sip_endpoints.machine.enrolment.grant import Grant, GrantMalformed
from sip_endpoints.machine.server.faults import Cause, ProblemAnswered, SiteUnreachable
from stage.enrolment_server import EnrolmentServer, proof_of

CODE = "ABCDEFGHJKMNPQRSTVWX"
MACHINE = {"id": "0" * 64, "hostname": "pc-guise", "version": "0.1.0"}
GET, POST = (
    ("GET", "/api/kiosk/v1/enrolment/ABCDE"),
    (
        "POST",
        "/api/kiosk/v1/enrolment",
    ),
)


def ask(server: EnrolmentServer, attempt: str = "a" * 32) -> Grant:
    code = read_code(CODE)
    return ask_for_grant(server.host, code, attempt, MACHINE, open_site(server.host))


def test_a_code_brings_a_bundle_over_the_authority_that_it_proves(
    tmp_path: Path,
) -> None:
    with EnrolmentServer(tmp_path) as server:
        server.lets_in(CODE)
        grant = ask(server)
    assert grant.slug == "kiosk-guise"
    assert grant.sip_authority == server.authority
    asked, told = server.heard
    assert (asked.method, asked.path, asked.content) == (*GET, b"")
    assert told.content == {"code": CODE, "attempt": "a" * 32, "machine": MACHINE}


def test_a_server_that_does_not_know_the_code_is_told_nothing(tmp_path: Path) -> None:
    with EnrolmentServer(tmp_path) as server:
        server.lets_in(CODE)
        wrong = proof_of("ABCDEFGHJKMNPQRSTVWZ", server.authority)
        shown = {"authority": server.authority, "proof": wrong}
        server.answers[GET] = lambda _: (200, shown)
        with pytest.raises(ServerUnproven, match="Rien ne lui a été confié"):
            ask(server)
    assert [each.method for each in server.heard] == ["GET"]


def test_a_server_in_between_that_passes_the_proof_on_is_told_nothing(
    tmp_path: Path,
) -> None:
    """It shows our authority with its proof, but cannot show a certificate of it."""
    with EnrolmentServer(tmp_path / "ours") as ours:
        pass
    with EnrolmentServer(tmp_path / "theirs") as theirs:
        shown = {"authority": ours.authority, "proof": proof_of(CODE, ours.authority)}
        theirs.answers[GET] = lambda _: (200, shown)
        with pytest.raises(SiteUnreachable) as refused:
            ask(theirs)
    assert refused.value.cause is Cause.CERTIFICATE_UNKNOWN
    assert [each.method for each in theirs.heard] == ["GET"]


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "inconnu"), (410, "déjà servi"), (429, "trop souvent")],
)
@pytest.mark.parametrize("asked", [GET, POST])
def test_a_code_that_is_refused_is_told_why(
    tmp_path: Path, asked: tuple[str, str], status: int, said: str
) -> None:
    with EnrolmentServer(tmp_path) as server:
        server.lets_in(CODE)
        server.answers[asked] = lambda _: (status, {"title": "No", "status": status})
        with pytest.raises(EnrolmentRefused, match=said):
            ask(server)


def test_a_server_that_breaks_is_named_with_its_words(tmp_path: Path) -> None:
    with EnrolmentServer(tmp_path) as server:
        server.lets_in(CODE)
        server.answers[POST] = lambda _: (
            503,
            {"title": "Away", "detail": "In a minute."},
        )
        with pytest.raises(ProblemAnswered, match=r"503\) : In a minute\."):
            ask(server)


def test_an_answer_that_is_no_grant_is_refused(tmp_path: Path) -> None:
    with EnrolmentServer(tmp_path) as server:
        server.lets_in(CODE)
        server.answers[POST] = lambda _: (200, {"bundle": {}})
        with pytest.raises(GrantMalformed):
            ask(server)


def test_a_lost_answer_is_asked_for_again_by_the_same_attempt(tmp_path: Path) -> None:
    kept, code = tmp_path / "attempt.json", read_code(CODE)
    with EnrolmentServer(tmp_path / "server") as server:
        server.lets_in(CODE)
        server.lost = 1
        with pytest.raises(SiteUnreachable):
            ask(server, begin_attempt(kept, code))
        assert kept.stat().st_mode & 0o777 == 0o600
        grant = ask(server, begin_attempt(kept, code))
        end_attempt(kept)
    assert grant.slug == "kiosk-guise"
    posted = [each.content["attempt"] for each in server.heard if each.method == "POST"]
    assert len(posted) == 2 and len(set(posted)) == 1
    assert is_answered(kept, code)
    assert not is_answered(kept, read_code("ABCDEFGHJKMNPQRSTVWZ"))
    assert begin_attempt(kept, code) not in posted


def test_another_code_is_another_attempt(tmp_path: Path) -> None:
    kept = tmp_path / "attempt.json"
    first = begin_attempt(kept, read_code(CODE))
    assert begin_attempt(kept, read_code("ABCDEFGHJKMNPQRSTVWZ")) != first


def test_a_broken_record_of_an_attempt_begins_another(tmp_path: Path) -> None:
    kept = tmp_path / "attempt.json"
    kept.write_text('{"code": ')
    assert len(begin_attempt(kept, read_code(CODE))) == 32


def test_a_clock_that_is_slow_is_named_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To a clock of last year the certificate is not valid yet; here it is the other way."""
    with EnrolmentServer(tmp_path, starts=timedelta(days=1)) as server:
        server.lets_in(CODE)
        monkeypatch.setattr(
            "sip_endpoints.machine.server.faults.ask_date",
            lambda host, port: "Fri, 01 Jan 2100 00:00:00 GMT",
        )
        with pytest.raises(
            SiteUnreachable, match="L'horloge de la borne retarde"
        ) as told:
            ask(server)
    assert told.value.cause is Cause.CLOCK_OFF


def test_a_certificate_that_ended_is_not_blamed_on_the_clock(tmp_path: Path) -> None:
    with EnrolmentServer(
        tmp_path, starts=timedelta(days=-9), ends=timedelta(days=-1)
    ) as server:
        server.lets_in(CODE)
        with pytest.raises(SiteUnreachable, match="périmé") as told:
            ask(server)
    assert told.value.cause is Cause.CERTIFICATE_ENDED


def test_a_port_where_nobody_listens_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SiteUnreachable, match="refuse la connexion") as told:
            ask_for_grant(host, read_code(CODE), "a" * 32, MACHINE, open_site(host))
    assert told.value.cause is Cause.NO_ANSWER


@pytest.mark.parametrize(
    ("number", "cause", "said"),
    [
        (socket.EAI_NONAME, Cause.NAME_UNKNOWN, "est inconnu"),
        (socket.EAI_AGAIN, Cause.NO_NETWORK, "Pas de réseau"),
    ],
)
def test_a_name_that_is_unknown_is_not_a_network_that_is_away(
    monkeypatch: pytest.MonkeyPatch, number: int, cause: Cause, said: str
) -> None:
    def look_up(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "said by the resolver")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    host = "guichet.example.fr"
    with pytest.raises(SiteUnreachable, match=said) as told:
        ask_for_grant(host, read_code(CODE), "a" * 32, MACHINE, open_site(host))
    assert told.value.cause is cause
