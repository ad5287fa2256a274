# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tests with real parts that every change must pass, one for each thing that must work.

All tests of the rings "quick" and "inside" belong to the gate as well, and `script/demo --check`.
Of those that start programs these do. Who adds one takes one away that costs as much: the budget
stands in CONTRIBUTING.md.
"""

_BROWSER = "tests/integration/booking_web/browser/"
_CALLS = "tests/integration/booking_web/dispatcher/test_dispatcher_calls.py::"
_DEVICES = "tests/integration/device_bridge/test_print_and_scan.py::"
_ASTERISK = "tests/integration/asterisk/test_asterisk_configuration.py::"

# What is guarded, and by which tests: a file, or one in it with all its parameters.
GATE = {
    "the whole story with a counsellor in a browser": "tests/end_to_end/test_story_in_browser.py",
    "the counsellor's desk in a call": "tests/end_to_end/test_call_desk.py::"
    "test_a_call_is_taken_seen_muted_held_and_ended_beside_its_file",
    "the second screen in a call": "tests/end_to_end/test_second_screen.py::"
    "test_codes_and_buttons_show_turn_and_clear",
    "a call": f"{_CALLS}test_a_due_appointment_is_called_connected_and_done",
    "a line of two": f"{_CALLS}test_two_due_at_one_kiosk_never_overlap",
    "a print": f"{_DEVICES}test_a_code_prints_the_document_and_says_so_to_both",
    "a scan": f"{_DEVICES}test_ten_sheets_of_the_feeder_become_a_document_with_the_same_hash",
    "nothing is left on the kiosk": f"{_DEVICES}"
    "test_when_the_call_is_over_nothing_is_left_and_the_server_has_the_proof",
    "a form is filled in": f"{_BROWSER}test_browser_filling.py::"
    "test_a_form_is_filled_in_by_keys_and_each_change_is_kept_and_drawn",
    "a form becomes a signed document": f"{_BROWSER}test_browser_printed_forms.py::"
    "test_what_comes_back_is_told_live_until_it_is_kept",
    "Asterisk on PostgreSQL": "tests/integration/asterisk/test_asterisk_postgresql.py",
    "Asterisk's own words": f"{_ASTERISK}test_asterisk_starts_without_a_single_warning",
    "Asterisk's modules": f"{_ASTERISK}test_every_listed_module_is_running_and_no_other",
    "the secretary's pages": f"{_BROWSER}test_browser_desk.py::"
    "test_the_keyboard_alone_signs_in_and_books",
    "the secretary's pages, read by axe": f"{_BROWSER}test_browser_desk.py::"
    "test_every_page_and_state_passes_axe_wide_and_narrow",
    "the secretary's pages without scripts": f"{_BROWSER}test_browser_without_scripts.py::"
    "test_booking_meets_every_answer",
    "the counsellor's pages": f"{_BROWSER}test_browser_without_scripts.py::"
    "test_a_counsellor_finds_the_resident_and_their_papers",
    "the manager's pages": f"{_BROWSER}test_browser_manager.py",
    "the kiosk's pages": f"{_BROWSER}test_browser_scenes.py::"
    "test_every_scene_is_drawn_large_and_legible_in_each_language",
    "the guest's pages": "tests/integration/booking_web/counsellor/test_guest.py::"
    "test_a_guest_joins_by_the_link_is_let_in_and_sent_away",
    "the administrator's pages": f"{_BROWSER}test_browser_administrator.py::"
    "test_a_secretary_is_invited_by_keyboard_and_chooses_her_password",
    "the pages of who oversees": f"{_BROWSER}test_browser_statistics.py::"
    "test_every_page_of_statistics_passes_axe_wide_and_narrow",
    "the public pages": f"{_BROWSER}test_browser_notices.py",
    "the pages behind the front": "tests/integration/booking_web/commands/test_front.py::"
    "test_over_https_browsers_speak_http_2",
    "the kiosk's two screens": "tests/integration/sip_endpoints/machine/test_session.py::"
    "test_both_screens_are_seen_and_can_be_exchanged",
    "the kiosk's telephone": "tests/integration/sip_endpoints/test_endpoint_calls.py::"
    "test_the_counsellor_who_answers_late_sees_the_resident_within_two_seconds",
    "the practice": "tests/integration/booking_web/practice/test_nothing_true_is_touched.py",
}


def is_at_the_gate(test: str) -> bool:
    """Tell whether the test of this name (file::test[parameters]) is one of these."""
    file, _, rest = test.partition("::")
    function = rest.partition("[")[0]
    return file in _CHOSEN or f"{file}::{function}" in _CHOSEN


_CHOSEN = frozenset(GATE.values())
