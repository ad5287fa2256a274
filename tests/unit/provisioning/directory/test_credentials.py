# SPDX-License-Identifier: AGPL-3.0-or-later
"""Secrets, and what is stored of them."""

import hashlib

import pytest

from provisioning.directory.credentials import (
    UNKNOWN_PASSWORD,
    SipSecret,
    hash_password,
    is_password,
    new_password,
    new_sip_secret,
    sip_password_digest,
)
from provisioning.directory.digests import digest_of


def test_secrets_differ_each_time_and_are_long():
    secrets = {new_sip_secret("kiosk-guise", with_token=True) for _ in range(50)}
    assert len({secret.secret for secret in secrets}) == 50
    assert len({secret.token for secret in secrets}) == 50
    assert {len(secret.secret) for secret in secrets} == {32}


def test_a_password_can_be_read_out():
    password = new_password("a@b.fr").password
    assert [len(group) for group in password.split("-")] == [5, 5, 5, 5]
    assert not set(password) & set("il1o0ABC")


def test_only_a_kiosk_gets_a_token():
    assert new_sip_secret("counsellor-msa-1", with_token=False).token is None


@pytest.mark.parametrize(
    "made", [new_sip_secret("kiosk-guise", with_token=True), new_password("a@b.fr")]
)
def test_a_secret_does_not_show_in_a_log_or_a_traceback(made):
    shown = f"{made!r} {made}"
    for value in (
        getattr(made, name, None) for name in ("secret", "token", "password")
    ):
        assert value is None or value not in shown


def test_asterisk_gets_the_sha_256_of_user_realm_and_secret():
    digest = sip_password_digest(SipSecret("kiosk-guise", "s3cret"), with_md5=False)
    expected = hashlib.sha256(b"kiosk-guise:asterisk:s3cret").hexdigest()
    assert digest == f"SHA-256:{expected}"


def test_a_softphone_gets_both_digests():
    digest = sip_password_digest(SipSecret("fred", "mypass"), with_md5=True)
    # The example of Asterisk's own pjsip.conf.
    assert digest.startswith("MD5:43a8d9be3da524f9a59ca0593d7b1b5d,SHA-256:")


def test_a_token_is_stored_as_its_sha_256():
    assert digest_of("abc") == hashlib.sha256(b"abc").hexdigest()


def test_a_password_is_known_by_its_hash_and_another_one_is_not():
    hashed = hash_password("correct-hors\u00e9")
    assert hashed.startswith("$argon2id$")
    assert is_password("correct-hors\u00e9", hashed)
    # As a keyboard writes it that has a key for the accent.
    assert is_password("correct-horse\u0301", hashed)
    assert not is_password("correct-house", hashed)


@pytest.mark.parametrize("stored", [UNKNOWN_PASSWORD, "", "unused", "$argon2id$v=19"])
def test_no_password_opens_what_has_none(stored):
    assert not is_password("", stored)
    assert not is_password(stored, stored)


@pytest.mark.usefixtures("passwords_take_their_work")
def test_to_refuse_an_unknown_account_takes_as_much_work():
    hashed = hash_password("correct-horse")
    assert (
        UNKNOWN_PASSWORD.rpartition("$")[0].rpartition("$")[0]
        == (hashed.rpartition("$")[0].rpartition("$")[0])
    )
