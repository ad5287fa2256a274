# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one-time code, as people type it and as it proves a server."""

import pytest

from sip_endpoints.machine.enrolment.code import CodeMalformed, read_code
from stage.enrolment_server import proof_of

CODE = "ABCDEFGHJKMNPQRSTVWX"


@pytest.mark.parametrize(
    "typed",
    [
        "ABCDE-FGHJK-MNPQR-STVWX",
        "abcde fghjk mnpqr stvwx",
        "  abcdefghjkmnpqrstvwx\n",
        "ABCDE\u2013FGHJK\u2011MNPQR-STVWX",
    ],
)
def test_case_hyphens_and_blanks_do_not_matter(typed: str) -> None:
    assert read_code(typed).normalised == CODE


def test_letters_that_the_alphabet_lacks_are_read_as_the_digits_they_look_like() -> (
    None
):
    assert read_code("OIL00-11111-22222-33333").normalised == "01100111112222233333"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "20 caractères"),
        ("ABCDE-FGHJK-MNPQR", "en a 15"),
        ("ABCDE-FGHJK-MNPQR-STVWXY", "en a 21"),
        ("ABCDE-FGHJK-MNPQR-STVWU", "ne contient jamais U"),
        ("ABCDE-FGHJK-MNPQR-STV*É", "ne contient jamais * ni É"),
    ],
)
def test_what_is_no_code_is_told_why(typed: str, said: str) -> None:
    with pytest.raises(CodeMalformed, match=".*" + said.replace("*", r"\*")):
        read_code(typed)


def test_its_first_five_characters_are_its_name_and_the_rest_is_never_shown() -> None:
    code = read_code(CODE)
    assert code.public_id == "ABCDE"
    assert "FGHJK" not in repr(code)


@pytest.mark.parametrize("authority", ["-----BEGIN CERTIFICATE-----\n", None])
def test_a_server_that_knows_the_code_proves_its_authority(
    authority: str | None,
) -> None:
    assert read_code(CODE).proves(authority, proof_of(CODE, authority))


@pytest.mark.parametrize(
    ("authority", "proof"),
    [
        ("another", proof_of(CODE, "this")),
        (None, proof_of(CODE, "this")),
        ("this", proof_of("ABCDEFGHJKMNPQRSTVWZ", "this")),
        ("this", ""),
        ("this", "é"),
    ],
)
def test_nobody_else_does(authority: str | None, proof: str) -> None:
    assert not read_code(CODE).proves(authority, proof)
