# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's token says whose it is and since when, to the site that made it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from provisioning.directory.credentials import new_sip_secret, secrets_with
from provisioning.directory.kiosk_tokens import new_token, read_token

KEY = "the site's secret"


def test_a_token_tells_its_kiosk_and_its_moment() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    told = read_token(new_token("kiosk-guise", KEY), KEY)
    assert told is not None
    assert told.slug == "kiosk-guise"
    assert before <= told.made_at <= datetime.now(UTC)


def test_no_two_tokens_are_alike() -> None:
    assert len({new_token("kiosk-guise", KEY) for _ in range(50)}) == 50


def _cut_off() -> str:
    return new_token("kiosk-guise", KEY)[:-1]


def _of_another_kiosk() -> str:
    return new_token("kiosk-guise", KEY).replace("kiosk-guise", "kiosk-wassigny")


def _of_another_site() -> str:
    return new_token("kiosk-guise", "another site's secret")


def _unsigned() -> str:
    return new_token("kiosk-guise", "")


@pytest.mark.parametrize(
    "make", [_cut_off, _of_another_kiosk, _of_another_site, _unsigned]
)
def test_what_this_site_did_not_sign_tells_nothing(make: Callable[[], str]) -> None:
    assert read_token(make(), KEY) is None


@pytest.mark.parametrize("token", ["", "nothing", "kiosk-guise.chance.stamp.signature"])
def test_what_is_no_token_at_all_tells_nothing(token: str) -> None:
    assert read_token(token, KEY) is None


def test_without_a_key_nothing_is_believed() -> None:
    assert read_token(new_token("kiosk-guise", ""), "") is None


def test_all_that_a_kiosk_has_is_known_by_its_token() -> None:
    made = new_sip_secret("kiosk-guise", with_token=True, signing_key=KEY)
    assert made.token is not None
    again = secrets_with("kiosk-guise", made.token)
    assert again == made
    assert len({made.secret, made.token, made.screen_code}) == 3
    other = new_sip_secret("kiosk-guise", with_token=True, signing_key=KEY)
    assert other.secret != made.secret
    assert other.screen_code != made.screen_code
