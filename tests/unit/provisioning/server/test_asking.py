# SPDX-License-Identifier: AGPL-3.0-or-later
"""The questions of an installation: a handful, and what is answered becomes the answers."""

import click
import pytest
from click.testing import CliRunner, Result

from provisioning.server.answers import NEW_TERMS, Answers, AnswersError
from provisioning.server.asking import ask
from tests.unit.provisioning.server.machines import some_answers


def asked(
    *lines: str, router: str | None = None, proxy: str | None = None
) -> tuple[Answers | None, Result]:
    found: list[Answers] = []

    @click.command()
    def asking() -> None:
        found.append(ask("guichet.example.fr", router, proxy))

    result = CliRunner().invoke(asking, input="".join(f"{line}\n" for line in lines))
    return (found[0] if found else None), result


def test_whoever_takes_what_is_proposed_has_the_usual_server() -> None:
    answers, result = asked("Camille Martin", "camille@example.fr", *[""] * 8)
    assert answers == some_answers(**NEW_TERMS), result.output
    assert result.stdout == ""


def test_the_router_to_which_the_name_leads_is_proposed() -> None:
    who = ("Camille Martin", "camille@example.fr")
    answers, result = asked(*who, *[""] * 8, router="203.0.113.9")
    expected = some_answers(public_address="203.0.113.9", **NEW_TERMS)
    assert answers == expected, result.output
    # Who knows better says so.
    answers, result = asked(*who, *[""] * 3, "none", *[""] * 4, router="203.0.113.9")
    assert answers == some_answers(**NEW_TERMS), result.output


def test_the_proxy_that_apt_goes_by_is_proposed() -> None:
    who, known = ("Camille Martin", "camille@example.fr"), "http://10.0.0.8:3128/"
    answers, result = asked(*who, *[""] * 8, proxy=known)
    expected = some_answers(proxy={"url": "http://10.0.0.8:3128"}, **NEW_TERMS)
    assert answers == expected, result.output
    answers, result = asked(*who, *[""] * 4, "none", *[""] * 3, proxy=known)
    assert answers == some_answers(**NEW_TERMS), result.output


def test_each_answer_counts() -> None:
    answers, result = asked(
        *("Camille Martin", "camille@example.fr", "40"),
        *("acme", "it@example.fr", "10.1.2.3 sip.example.fr", "203.0.113.9"),
        *("proxy.example.fr:3128", "y"),
        *("smtp.example.fr", "tls", "", "g@example.fr", "guichet", "p"),
        *("it@example.fr help@example.fr", "y"),
    )
    assert answers == some_answers(
        kiosks=40,
        certificate={"kind": "acme", "email": "it@example.fr"},
        other_names=["10.1.2.3", "sip.example.fr"],
        public_address="203.0.113.9",
        proxy={"url": "http://proxy.example.fr:3128"},
        softphones=True,
        mail={
            "host": "smtp.example.fr",
            "security": "tls",
            "port": 465,
            "sender": "g@example.fr",
            "username": "guichet",
            "password": "p",
            "alerts": ["it@example.fr", "help@example.fr"],
        },
        metrics=True,
        **NEW_TERMS,
    ), result.output
    # The password is not shown where it is typed.
    assert "Password: \n" in result.stderr


def test_the_administrator_is_told_of_the_machines_unless_others_are() -> None:
    answers, result = asked(
        *("Camille Martin", "camille@example.fr", *[""] * 6),
        *("smtp.example.fr", "", "", "g@example.fr", "", "", ""),
    )
    assert answers is not None and answers.mail is not None, result.output
    assert answers.mail.alerts == ("camille@example.fr",)
    assert answers.metrics is None


@pytest.mark.parametrize("email", ["camille", "camille@example"])
def test_what_is_no_answer_is_asked_again_at_once(email: str) -> None:
    answers, result = asked(
        *("Camille Martin", email, "camille@example.fr", "", "", "under_score"),
        *("10.1.2.3", "the router", "none", "the proxy", "", "", "not a name"),
        *("", ""),
    )
    expected = some_answers(other_names=["10.1.2.3"], **NEW_TERMS)
    assert answers == expected, result.output
    assert f'Error: "{email}" is no e-mail address\nAdministrator' in result.stderr
    assert 'Error: "under_score" is neither a name such as' in result.stderr
    assert 'Error: "the router" is no address such as' in result.stderr
    assert "Error: this is no Web proxy such as" in result.stderr
    assert 'Error: "not a name" is neither a name such as' in result.stderr


def test_a_name_that_leads_to_no_server_is_told_before_anything_is_asked() -> None:
    @click.command()
    def asking() -> None:
        ask("guichet_example")

    result = CliRunner().invoke(asking)
    assert isinstance(result.exception, AnswersError)
    assert '"guichet_example" is neither a name' in str(result.exception)
    assert result.output == ""
