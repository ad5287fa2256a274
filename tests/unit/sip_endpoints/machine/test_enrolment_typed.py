# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is typed at a PC that waits for its code, and what it answers."""

from pathlib import Path

import click
import pytest

from sip_endpoints.machine.enrolment import command
from sip_endpoints.machine.enrolment.code import EnrolmentCode, read_code
from sip_endpoints.machine.enrolment.grant import Grant
from sip_endpoints.machine.enrolment.typed import read_typed
from sip_endpoints.machine.server.address import host_of
from sip_endpoints.machine.server.faults import Cause, SiteUnreachable
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places

CODE = "ABCDE-FGHJK-MNPQR-STVWX"
READ = "ABCDEFGHJKMNPQRSTVWX"
SERVER = "guichet.example.fr"


@pytest.mark.parametrize(
    "line",
    [
        CODE,
        CODE.lower().replace("-", " "),
        f"  {SERVER}  {CODE}",
        f"https://{SERVER}/administration {CODE}",
        f"guichet-kiosk enrol {SERVER} {CODE}",
    ],
)
def test_a_code_is_read_as_people_and_readers_of_squares_type_it(line: str) -> None:
    host, code = read_typed(line, SERVER)
    assert (host_of(host), read_code(code).normalised) == (SERVER, READ)


@pytest.mark.parametrize("host", ["autre.example.fr", "10.1.2.3", "[fd00::3]:8443"])
def test_another_server_than_the_known_one_may_be_typed(host: str) -> None:
    assert read_typed(f"{host} {CODE}", SERVER) == (host, CODE)


@pytest.mark.parametrize(
    "line", [f"guichet {CODE}", f"guichet-kiosk enrol guichet {CODE}"]
)
def test_where_no_server_is_known_the_first_word_is_it(line: str) -> None:
    assert read_typed(line, "") == ("guichet", CODE)


@pytest.mark.parametrize(
    ("line", "known", "said"),
    [
        ("", SERVER, "Tapez le code"),
        ("", "", "Tapez le serveur, puis le code"),
        (SERVER, SERVER, "Tapez le code"),
        ("guichet-kiosk enrol", SERVER, "Tapez le code"),
        (CODE, "", "Tapez le serveur, puis le code"),
    ],
)
def test_what_is_no_code_is_told_why(line: str, known: str, said: str) -> None:
    with pytest.raises(MachineError, match=said):
        read_typed(line, known)


class Terminal:
    """Somebody who types these lines, and a server that knows one code."""

    def __init__(self, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines, self.asked, self.said = lines, list[str](), list[str]()
        monkeypatch.setattr(click, "prompt", self._prompt)
        monkeypatch.setattr(command, "ask_for_grant", self._grant)
        monkeypatch.setattr(command, "machine_id", lambda: "0")

    def say(self, text: str) -> None:
        self.said.append(text)

    def _prompt(self, text: str, **_: object) -> str:
        self.asked.append(text)
        return self.lines.pop(0)

    def _grant(self, host: str, code: EnrolmentCode, *_: object) -> Grant:
        if (host, code.normalised) != (SERVER, READ):
            raise SiteUnreachable(Cause.NO_ANSWER, f"{host} ne répond pas.")
        return Grant({"kiosk": {"slug": "kiosk-guise"}}, "", None, "fr")


def test_the_code_is_asked_for_until_the_server_of_the_medium_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(tmp_path)
    places.settings.mkdir(parents=True)
    places.server.write_text(f"{SERVER}\n")
    there = Terminal(
        ["ABCDE", f"a..b/ {CODE}", CODE.replace("A", "B"), CODE], monkeypatch
    )
    grant = command.ask_for_code(places, there)
    assert grant.slug == "kiosk-guise"
    assert there.asked == ["Code"] * 4
    asked, short, elsewhere, away, known = there.said
    assert SERVER in asked
    assert "celui-ci en a 5" in short
    assert "a..b ne répond pas" in elsewhere
    assert away == f"{SERVER} ne répond pas.\n"
    assert known == f"{SERVER} a reconnu le code : ce PC est kiosk-guise."


@pytest.mark.parametrize("kept", [None, "", "not a name\n", b"\xff"])
def test_a_pc_that_knows_no_server_asks_for_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str | bytes | None
) -> None:
    places = Places(tmp_path)
    places.settings.mkdir(parents=True)
    if kept is not None:
        text = kept if isinstance(kept, bytes) else kept.encode()
        places.server.write_bytes(text)
    there = Terminal([f"{SERVER} {CODE}"], monkeypatch)
    command.ask_for_code(places, there)
    assert there.asked == ["Serveur et code"]
