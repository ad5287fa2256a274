# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor's telephone does, and what the counsellor reads meanwhile."""

from dataclasses import replace

import pytest

from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.phone import (
    CallConfirmed,
    CallEnded,
    DigitAnswered,
    MessageReceived,
    RegistrationChanged,
    RegistrationState,
)
from sip_endpoints.counsellor import Counsellor
from tests.unit.sip_endpoints.fake_phone import received


class Screen:
    """Keeps what was said and how often it rang."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.rings = 0

    def say(self, text: str) -> None:
        self.lines.append(text)

    def ring(self) -> None:
        self.rings += 1


@pytest.fixture
def screen():
    return Screen()


@pytest.fixture
def make(phone, clock, screen):
    def make_counsellor(auto_answer: bool = False) -> Counsellor:
        keeper = CallKeeper(phone, 8.0, 4.0, clock)
        return Counsellor(phone, keeper, screen, auto_answer=auto_answer, clock=clock)

    return make_counsellor


@pytest.fixture
def counsellor(make):
    return make()


def from_the_queue(call: int = 1, **changes: object):
    return received(
        call,
        **{
            "account": "counsellor-msa-1",
            "remote_user": "kiosk-wassigny",
            "remote_name": "M. Dupont (Wassigny)",
            "call_info": (),
            **changes,
        },
    )


def test_a_call_of_the_queue_rings_with_name_and_relay(counsellor, phone, screen):
    counsellor.handle(from_the_queue())
    counsellor.tick()
    assert phone.orders == [("ring", 1)]
    assert screen.lines == [
        "Appel de M. Dupont (Wassigny). Tapez « répondre » (r) ou « raccrocher » (x)."
    ]
    assert screen.rings == 1


def test_it_rings_every_three_seconds_until_answered(counsellor, clock, screen):
    counsellor.handle(from_the_queue())
    for _ in range(13):
        counsellor.tick()
        clock.now += 0.5
    assert screen.rings == 3
    counsellor.answer()
    counsellor.handle(CallConfirmed(1))
    clock.now += 3
    counsellor.tick()
    assert screen.rings == 3


def test_auto_answer_takes_the_call_at_once(make, phone):
    make(auto_answer=True).handle(from_the_queue())
    assert phone.orders == [("answer", 1)]


@pytest.mark.parametrize("address", ["10.0.0.2:5061", "10.0.0.1:4444", ""])
def test_even_auto_answer_takes_calls_of_our_asterisk_only(make, phone, address):
    counsellor = make(auto_answer=True)
    counsellor.handle(from_the_queue(remote_address=address))
    assert phone.orders == [("hang_up", 1, 403)]


def test_a_second_call_is_busy(counsellor, phone):
    counsellor.handle(from_the_queue(1))
    counsellor.handle(from_the_queue(2))
    assert phone.orders == [("ring", 1), ("hang_up", 2, 486)]


def test_a_call_refused_by_hand_is_declined(counsellor, phone, screen):
    counsellor.handle(from_the_queue())
    assert counsellor.hang_up().error is None
    counsellor.handle(CallEnded(1, 603, "Decline"))
    assert phone.orders[-1] == ("hang_up", 1, 603)
    assert screen.lines[-1] == "L'appel n'a pas été pris."


def test_hanging_up_says_how_long_it_was(counsellor, screen):
    counsellor.handle(from_the_queue())
    counsellor.answer()
    counsellor.handle(CallConfirmed(1))
    counsellor.handle(CallEnded(1, 200, "OK"))
    assert screen.lines[1:] == [
        "En communication avec M. Dupont (Wassigny).",
        "Appel terminé (0 s).",
    ]


@pytest.mark.parametrize("order", ["answer", "hangup"])
def test_orders_without_a_call_are_refused_in_words(counsellor, phone, order):
    assert counsellor.obey(order, "").error.startswith("Aucun appel")
    assert phone.orders == []


def test_an_answered_call_is_not_answered_again(counsellor):
    counsellor.handle(from_the_queue())
    counsellor.handle(CallConfirmed(1))
    assert counsellor.answer().error == "Aucun appel à prendre."


def test_calling_a_kiosk_is_known_when_it_answers(counsellor, phone):
    outcome = counsellor.obey("call", "kiosk-wassigny")
    assert phone.orders == [("dial", 101, "kiosk-wassigny", True)]
    assert not outcome.is_known
    counsellor.handle(CallConfirmed(101))
    assert outcome.result["call"]["remote_user"] == "kiosk-wassigny"


def test_calling_a_kiosk_that_cannot_be_called_says_why(counsellor):
    outcome = counsellor.obey("call", "kiosk-guise")
    counsellor.handle(CallEnded(101, 403, "Forbidden"))
    assert outcome.error == "L'appel n'a pas abouti (403 Forbidden)."


@pytest.mark.parametrize(
    "slug", ["", "*56", "sip:x@evil", "kiosk wassigny", "Kiosk", "é"]
)
def test_only_a_slug_can_be_called(counsellor, phone, slug):
    assert counsellor.obey("call", slug).error is not None
    assert phone.orders == []


def test_a_code_leaves_one_key_at_a_time(counsellor, phone):
    counsellor.handle(from_the_queue())
    counsellor.handle(CallConfirmed(1))
    phone.orders.clear()
    outcome = counsellor.obey("digits", "*1#")
    assert phone.orders == [("send_digit", 1, "*")]
    counsellor.handle(DigitAnswered(1, 200))
    counsellor.handle(DigitAnswered(1, 200))
    assert not outcome.is_known
    counsellor.handle(DigitAnswered(1, 200))
    assert [order[2] for order in phone.orders] == ["*", "1", "#"]
    assert outcome.result == {}


def test_a_key_that_is_refused_stops_the_code(counsellor, phone):
    counsellor.handle(from_the_queue())
    counsellor.handle(CallConfirmed(1))
    outcome = counsellor.send_code("*12#")
    counsellor.handle(DigitAnswered(1, 500))
    assert outcome.error == "Le code n'est pas passé (500)."
    assert counsellor.send_code("*9#").error is None


def test_a_code_under_way_ends_with_the_call(counsellor):
    counsellor.handle(from_the_queue())
    counsellor.handle(CallConfirmed(1))
    outcome = counsellor.send_code("*12#")
    assert counsellor.send_code("*9#").error is not None
    counsellor.handle(CallEnded(1, 200, "OK"))
    assert outcome.error.startswith("La communication s'est terminée")


@pytest.mark.parametrize("code", ["", "12a", "*1 2#", "1" * 17, "A"])
def test_only_keys_are_keyed(counsellor, phone, code):
    counsellor.handle(from_the_queue())
    counsellor.handle(CallConfirmed(1))
    phone.orders.clear()
    assert counsellor.send_code(code).error is not None
    assert phone.orders == []


@pytest.mark.parametrize(
    ("order", "number", "available"),
    [("available", "*56", True), ("pause", "*55", False)],
)
def test_a_pause_is_known_when_the_switchboard_hung_up(
    counsellor, phone, order, number, available
):
    outcome = counsellor.obey(order, "")
    assert phone.orders == [("dial", 101, number, False)]
    counsellor.handle(CallConfirmed(101))
    assert counsellor.status()["available"] is None
    counsellor.handle(CallEnded(101, 200, "OK"))
    assert outcome.result == {"available": available}
    assert counsellor.status()["available"] is available


def test_a_pause_that_the_switchboard_refuses_changes_nothing(counsellor):
    outcome = counsellor.set_available(False)
    counsellor.handle(CallEnded(101, 404, "Not Found"))
    assert outcome.error == "Le standard a refusé (404 Not Found)."
    assert counsellor.status()["available"] is None


def test_a_pause_can_be_taken_during_a_conversation(counsellor):
    counsellor.handle(from_the_queue(1))
    counsellor.handle(CallConfirmed(1))
    outcome = counsellor.set_available(False)
    counsellor.handle(CallConfirmed(101))
    counsellor.handle(CallEnded(101, 200, "OK"))
    assert outcome.result == {"available": False}
    assert counsellor.status()["call"]["stage"] == "confirmed"


def test_messages_of_the_kiosk_are_shown_without_control_characters(counsellor, screen):
    counsellor.handle(from_the_queue())
    counsellor.handle(MessageReceived(1, "text/plain", "Impression\x1b[2J terminée"))
    assert screen.lines[-1] == "Message de la borne : Impression [2J terminée"
    assert counsellor.status()["messages"] == ["Impression [2J terminée"]


def test_messages_that_are_no_text_and_of_other_calls_are_not_shown(counsellor, screen):
    counsellor.handle(from_the_queue())
    before = list(screen.lines)
    counsellor.handle(MessageReceived(1, "application/octet-stream", "x"))
    counsellor.handle(MessageReceived(9, "text/plain", "x"))
    assert screen.lines == before


def test_a_lost_switchboard_is_told_and_its_return(counsellor, phone, screen):
    lost = replace(phone.registration, state=RegistrationState.UNREGISTERED)
    counsellor.handle(RegistrationChanged(lost))
    counsellor.handle(RegistrationChanged(phone.registration))
    assert screen.lines == [
        "Le standard ne répond plus ; nouvel essai en cours.",
        "Relié au standard.",
    ]


def test_a_dead_peer_is_noticed_and_the_line_is_free(counsellor, clock, screen):
    counsellor.handle(from_the_queue())
    counsellor.handle(CallConfirmed(1))
    clock.now += 9
    counsellor.tick()
    assert screen.lines[-1] == "La communication est perdue."
    counsellor.handle(from_the_queue(2))
    assert counsellor.status()["call"]["call"] == 2
