# SPDX-License-Identifier: AGPL-3.0-or-later
"""The answers of an installation: read, refused with a sentence, written again."""

from pathlib import Path
from typing import Any

import pytest

from provisioning.server.answers import (
    AnswersError,
    answers_of,
    answers_text,
    read_answers,
)
from tests.unit.provisioning.server.machines import ADMINISTRATOR, some_answers

ALL = """
name = "Guichet.Example.fr."
other_names = ["10.1.2.3", "sip.example.fr"]
database = "postgresql"
kiosks = 30
softphones = true
forget_after_days = 400

[administrator]
name = "Camille Martin"
email = "camille@example.fr"

[certificate]
kind = "files"
certificate = "/root/guichet.pem"
key = "/root/guichet.key"

[mail]
host = "smtp.example.fr"
username = "guichet"
password = 'a"b'
sender = "guichet@example.fr"

[firewall]
also_open = [22, 9100]
"""


def test_a_file_that_says_everything_is_read_and_written_again(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(ALL)
    answers = read_answers(file)
    assert answers.names == ("guichet.example.fr", "10.1.2.3", "sip.example.fr")
    assert answers.mail and answers.mail.port == 587
    assert answers.firewall.also_open == (22, 9100)
    file.write_text(answers_text(answers))
    assert read_answers(file) == answers
    # As a person writes it, who will change it.
    assert "\nkiosks = 30\n" in file.read_text()


def test_what_is_left_out_is_the_least(tmp_path: Path) -> None:
    answers = some_answers()
    assert (answers.database, answers.kiosks, answers.softphones) == (
        "postgresql",
        10,
        False,
    )
    assert answers.certificate.kind == "own" and answers.mail is None
    assert answers.firewall.enabled and answers.firewall.also_open == (22,)
    file = tmp_path / "server.toml"
    file.write_text(answers_text(answers))
    assert read_answers(file) == answers


def test_the_name_of_the_command_line_stands_before_the_file_s(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(ALL)
    assert read_answers(file, name="other.example.fr").name == "other.example.fr"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"colour": "red"}, 'key "colour": is no key that is known'),
        ({"mail": {"host": "h", "sender": "a@b.fr", "tls": 1}}, 'key "mail.tls"'),
        (
            {"name": "guichet_example"},
            'key "name": "guichet_example" is neither a name',
        ),
        ({"name": "a; rm"}, 'key "name"'),
        ({"administrator": {"name": "C"}}, 'key "administrator.email": is missing'),
        ({"administrator": {"name": "C", "email": "c"}}, '"c" is no e-mail address'),
        ({"kiosks": 0}, 'key "kiosks"'),
        ({"database": "mysql"}, 'key "database"'),
        ({"certificate": {"kind": "acme"}}, 'needs "email"'),
        ({"certificate": {"kind": "files"}}, 'needs "certificate" and "key"'),
        (
            {
                "certificate": {
                    "kind": "files",
                    "certificate": "guichet.pem",
                    "key": "/root/k",
                }
            },
            "must be an absolute path",
        ),
        (
            {"name": "10.0.0.1", "certificate": {"kind": "acme", "email": "a@b.fr"}},
            '"name" is an address',
        ),
        ({"firewall": {"also_open": [70000]}}, 'key "firewall.also_open.0"'),
    ],
)
def test_an_answer_that_makes_no_server_is_refused_with_a_sentence(
    change: dict[str, Any], sentence: str
) -> None:
    document = {"name": "guichet.example.fr", "administrator": ADMINISTRATOR, **change}
    with pytest.raises(AnswersError) as refused:
        answers_of(document, "answers.toml")
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("answers.toml")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(AnswersError) as refused:
        answers_of({"name": "guichet.example.fr", "kiosks": -1}, "answers.toml")
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        'answers.toml, key "kiosks"',
        'answers.toml, key "administrator"',
    ]


@pytest.mark.parametrize("text", [b"name = ", b"\xff"])
def test_what_is_no_toml_is_told_so(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "answers.toml"
    file.write_bytes(text)
    with pytest.raises(AnswersError, match="this is not TOML"):
        read_answers(file)


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    assert some_answers(name="2001:DB8::1").site_url == "https://[2001:db8::1]"
