# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long a telephone waits before it registers again."""

from random import Random

from sip_endpoints.pjsua.backoff import Backoff


def test_a_lost_asterisk_is_tried_soon_and_never_less_than_every_four_seconds():
    backoff = Backoff(Random(1))
    delays = [backoff.next_delay_seconds(503) for _ in range(1000)]
    assert delays[0] < 0.7
    assert max(delays) <= 4.0


def test_a_refusal_is_tried_more_patiently_but_for_ever():
    backoff = Backoff(Random(1))
    delays = [backoff.next_delay_seconds(403) for _ in range(1000)]
    assert 15.0 <= min(delays[3:]) and max(delays) <= 25.0


def test_a_success_begins_anew():
    backoff = Backoff(Random(1))
    for _ in range(10):
        backoff.next_delay_seconds()
    backoff.reset()
    assert backoff.next_delay_seconds() < 0.7


def test_a_hundred_kiosks_do_not_return_together():
    first = {round(Backoff(Random(n)).next_delay_seconds(), 4) for n in range(100)}
    assert len(first) > 90


def test_an_asterisk_that_took_the_connection_but_not_the_request_is_tried_at_once():
    backoff = Backoff(Random(1))
    delays = [backoff.next_delay_seconds(408) for _ in range(100)]
    assert max(delays) <= 1.25
