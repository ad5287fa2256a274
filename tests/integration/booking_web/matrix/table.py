# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every route, and who may use it: a route that is not listed here fails the matrix."""

from dataclasses import dataclass, field
from typing import Any

from tests.integration.booking_web.matrix.sides import SIDES

VISITOR = "visitor"
SECRETARY = "secretary"
COUNSELLOR = "counsellor"
MANAGER = "manager"
SUPERVISOR = "supervisor"
OFFICER = "officer"
ADMINISTRATOR = "administrator"
KIOSK = "kiosk"
SCREEN = "screen"
CLIENT = "client"
ROLES = (
    VISITOR,
    SECRETARY,
    COUNSELLOR,
    MANAGER,
    SUPERVISOR,
    OFFICER,
    ADMINISTRATOR,
    KIOSK,
    SCREEN,
    CLIENT,
)
# Who has no session is to the pages like anybody from the street.
STRANGERS = (VISITOR, KIOSK, SCREEN, CLIENT)

DESK = (SECRETARY,)
CONSOLE = (COUNSELLOR, SECRETARY)
FILLING = (COUNSELLOR,)
RECEIVING = (COUNSELLOR,)
IMPORTERS = (MANAGER,)
FEEDS = (SECRETARY, MANAGER)
# Of residents these see none, whatever they open.
OF_THE_SITE = (SUPERVISOR, OFFICER, ADMINISTRATOR)
DISPLAYS = (SUPERVISOR, ADMINISTRATOR)
FIGURES = (SECRETARY, MANAGER, SUPERVISOR, ADMINISTRATOR)
SIGNED_IN = (SECRETARY, COUNSELLOR, MANAGER, *OF_THE_SITE)

# What a town hall has to itself, also from one at whose kiosk its residents come.
KEPT_BY_TOWN_HALL = {"resident", "residents", "entry", "feed"}

SHOWN = (200,)
# Done, or refused in words because of how the object stands.
DONE = (303, 409, 422)


@dataclass(frozen=True)
class Way:
    """One method of one route."""

    endpoint: str
    method: str
    who: tuple[str, ...]
    # What those who may are answered, about what is theirs.
    ok: tuple[int, ...]
    # The kind of object that the address names; empty: none.
    of: str = ""
    # What strangers and other roles are answered.
    stranger: int = 303
    other: int = 403
    values: dict[str, Any] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    json: Any = None
    # What the answer is about somebody else's object.
    foreign: int = 404
    # No token is asked for: no browser sends what opens it by itself.
    has_token: bool = True
    # Who may send it is asked before its token, which lies in a large body.
    is_gated: bool = False
    # It is done to the resident: their own town hall decides, not the kiosk's.
    on_resident: bool = False

    @property
    def forms(self) -> tuple[dict[str, str], ...]:
        """Give what the form may hold: what it takes to act, and nothing at all."""
        return (self.data, {}) if self.data else ({},)

    def is_theirs(self, role: str, side: str) -> bool:
        """Tell whether the object of this side is this role's, whatever it may do with it."""
        if self.on_resident or self.of in KEPT_BY_TOWN_HALL:
            is_kept_here = SIDES[side].home == SIDES["own"].home
            return is_kept_here if role in (SECRETARY, CLIENT) else sees(role, side)
        return sees(role, side)

    def answers(self, role: str, side: str) -> tuple[int, ...]:
        """Give the statuses that this role may be answered about an object of this side."""
        if role not in self.who:
            return (self.stranger if role in STRANGERS else self.other,)
        return self.ok if self.is_theirs(role, side) else (self.foreign,)


def sees(role: str, side: str) -> bool:
    """Tell whether this side's appointments are theirs, by whom or where they are held."""
    its, own = SIDES[side], SIDES["own"]
    if role in (COUNSELLOR, MANAGER):
        return its.organisation == own.organisation
    if role in (KIOSK, SCREEN):
        return its.kiosk == own.kiosk
    return own.home in (its.home, its.relay)


def is_told(role: str, side: str) -> bool:
    """Tell whether pages of this role may tell of who comes, and why, on this side."""
    return role not in (*OF_THE_SITE, VISITOR) and sees(role, side)


def is_told_where_they_live(role: str, side: str) -> bool:
    """Tell whether they may tell of their town hall's register: names, addresses.

    Who receives them has the address in the forms that are filled in.
    """
    its, own = SIDES[side], SIDES["own"]
    if role == SECRETARY:
        return its.home == own.home
    return role == COUNSELLOR and is_told(role, side)


def _pages(who: tuple[str, ...], of: str, *endpoints: str) -> list[Way]:
    return [Way(each, "GET", who, SHOWN, of) for each in endpoints]


def _acts(who: tuple[str, ...], of: str, *endpoints: str) -> list[Way]:
    return [Way(each, "POST", who, DONE, of) for each in endpoints]


def _both(who: tuple[str, ...], *endpoints: str) -> list[Way]:
    shown = [Way(each, "GET", who, SHOWN) for each in endpoints]
    return shown + [Way(each, "POST", who, DONE) for each in endpoints]


_PUBLIC = [
    Way("home", "GET", ROLES, (303,)),
    Way("health", "GET", ROLES, SHOWN),
    # Without a setting it is not there, whoever asks.
    Way("metrics", "GET", ROLES, (404,)),
    Way("static", "GET", ROLES, SHOWN, values={"filename": "shell/site.css"}),
    Way("languages.switch", "GET", ROLES, (303,), values={"code": "en"}),
    Way("security_contact.show", "GET", ROLES, (404,)),
    Way("territory.show", "GET", ROLES, (404,)),
    # What a public site owes to anybody.
    *_pages(ROLES, "", "notices.accessibility", "notices.legal", "notices.privacy"),
    # Whoever is signed in is led on; the others get the form, and a guess is refused.
    Way("accounts.sign_in", "GET", ROLES, (200, 302)),
    Way("accounts.sign_in", "POST", ROLES, (200,)),
    Way("passwords.forgotten", "GET", ROLES, SHOWN),
    Way("passwords.forgotten", "POST", ROLES, SHOWN),
    Way("passwords.choose", "GET", ROLES, (404,), values={"token": "guessed"}),
    Way("passwords.choose", "POST", ROLES, (404,), values={"token": "guessed"}),
    # Nobody is half way in: strangers begin anew, who is signed in is led on.
    Way("second_step.ask", "GET", ROLES, (303,)),
    Way("second_step.ask", "POST", ROLES, (303,)),
    # Without a setting it is not there, whoever asks.
    Way("provider.leave", "GET", ROLES, (404,)),
    Way("provider.come_back", "GET", ROLES, (404,)),
    Way("provider.ended", "GET", ROLES, (404,)),
    Way("own_account.show", "GET", SIGNED_IN, SHOWN),
    Way("own_account.end_sign_ins", "POST", SIGNED_IN, DONE),
    Way("own_account.choose_alerts", "POST", SIGNED_IN, DONE),
    Way("second_factor.show", "GET", SIGNED_IN, SHOWN),
    Way("second_factor.set_up", "POST", SIGNED_IN, DONE),
    Way("second_factor.renew_codes", "POST", SIGNED_IN, DONE),
    Way("second_factor.stop", "POST", SIGNED_IN, DONE),
    Way("passwords.change", "GET", SIGNED_IN, SHOWN),
    Way("passwords.change", "POST", SIGNED_IN, DONE),
    # A secret of its own sets a softphone up, and none was given.
    Way("softphone.show", "GET", ROLES, (404,), values={"token": "guessed"}),
    Way("softphone.save", "POST", ROLES, (404,), values={"token": "guessed"}),
    # A secret of its own lets a guest into a call, and none was given.
    Way("guest_link.show", "GET", ROLES, (404,), values={"token": "guessed"}),
    Way("guest_link.use", "POST", ROLES, (404,), values={"token": "guessed"}),
    Way("guest_visit.show", "GET", ROLES, (403,)),
    Way("guest_visit.may_connect", "GET", ROLES, (403,)),
    Way("guest_visit.open_telephone", "POST", ROLES, (403,)),
    Way("guest_visit.tell", "POST", ROLES, (403,)),
    Way("guest_visit.go", "POST", ROLES, (403,)),
    # A secret of its own opens a calendar, and none was given.
    Way("feeds.read", "GET", ROLES, (404,), values={"token": "guessed"}),
    Way("api-docs.openapi_json", "GET", ROLES, SHOWN),
    Way("booking-api-docs.openapi_json", "GET", ROLES, SHOWN),
]

_WHOM = {"cherche": "Ada"}
_SLOT = {"slot": "2031-01-02T09:00Z@wassigny"}
_PLACE = {"place": _SLOT["slot"]}
_TOLD = {"outcome": "told"}
_NUMBER = {"telephone": "06 12 34 56 78"}
_WHY = {"raison": "resident_asked"}
_SURE = {"confirme": "1"}
_OURS = {"name": "rappel"}
_SENT = {"submission": "a number of the matrix"}
_HIGHER = _SENT | {"sens": "haut"}
_TURNED = _SENT | {"sens": "droite"}

_DESK = [
    Way("desk.show", "GET", DESK, SHOWN, other=303),
    Way("desk.show_after_refusal", "GET", DESK, (303,)),
    Way("desk.show_slots", "GET", DESK, SHOWN, stranger=401),
    Way("desk.changes", "GET", DESK, SHOWN, stranger=401),
    Way("waiting.show_offers", "GET", DESK, SHOWN, stranger=401),
    Way("residents.suggest", "POST", DESK, SHOWN, stranger=401),
    Way("residents.show_all", "POST", DESK, SHOWN),
    *_pages(DESK, "", "waiting.show", "messages.show", "messages.reminders"),
    Way("figures.show", "GET", FIGURES, SHOWN, other=303),
    *_pages(FIGURES, "", "figures.sheet", "figures.council"),
    *_pages(DESK, "", "week.show", "week.week_csv", "week.day_csv", "week.print_list"),
    *_pages(DESK, "", "residents.show_all"),
    *_pages(DESK, "resident", "residents.show"),
    *_pages(DESK, "residents", "residents.ask_to_merge"),
    *_pages(DESK, "appointment", "desk.ask_to_cancel"),
    Way("desk.ask_where_to", "GET", DESK, (200, 303), "appointment"),
    Way("desk.ask_about_no_show", "GET", DESK, (200, 303, 409), "appointment"),
    *_pages(DESK, "appointment", "slips.show"),
    *_pages(DESK, "", "host_kit.show"),
    Way("host_kit.paper", "GET", DESK, SHOWN, values={"kind": "affiche"}),
    *_acts(DESK, "", "desk.book"),
    Way("waiting.pass_on", "POST", DESK, DONE, "entry", data=_SLOT),
    Way("waiting.take", "POST", DESK, DONE, "entry", data=_SLOT),
    *_acts(DESK, "entry", "waiting.put_back"),
    *_acts(DESK, "message", "messages.try_again"),
    Way(
        "messages.note_reminder",
        "POST",
        DESK,
        DONE,
        "appointment",
        data=_TOLD,
        on_resident=True,
    ),
    Way(
        "messages.add_number",
        "POST",
        DESK,
        DONE,
        "appointment",
        data=_NUMBER,
        on_resident=True,
    ),
    *_pages(DESK, "appointment", "desk.ask_to_hang_up", "desk.ask_to_set_back"),
    *_acts(DESK, "appointment", "desk.set_back_now"),
    *_acts(DESK, "help", "desk.answer_help"),
    *_acts(DESK, "kiosk", "desk.test_kiosk", "opening.test_kiosk"),
    *_pages(DESK, "", "opening.show", "own_relays.show"),
    *_acts(DESK, "", "own_relays.choose"),
    Way("opening.changes", "GET", DESK, SHOWN, stranger=401),
    Way(
        "opening.note",
        "POST",
        DESK,
        (303, 400),
        "kiosk",
        values={"step": "paper"},
        data={"found": "ok"},
    ),
    *_acts(DESK, "resident", "residents.edit"),
    Way("residents.find_double", "POST", DESK, (200, 303, 422), "resident"),
    *_acts(DESK, "residents", "residents.merge"),
    *_acts(DESK, "appointment", "desk.arrive", "desk.call", "desk.hang_up"),
    *_acts(DESK, "appointment", "desk.finish", "desk.no_show", "desk.reschedule"),
    *_acts(DESK, "appointment", "desk.ask_another_interpreter"),
    Way("desk.note_usefulness", "POST", DESK, (*DONE, 400), "appointment"),
    # Last: what was withdrawn or cancelled is no object of the others any more.
    *_acts(DESK, "entry", "waiting.withdraw"),
    *_acts(DESK, "appointment", "desk.cancel"),
]

_MANAGER = [
    Way("manager.show", "GET", (MANAGER,), SHOWN, other=303),
    *_pages((MANAGER,), "", "manager.plan_again", "manager.show_appointments"),
    *_both((MANAGER,), "manager.add_closure", "manager.add_opening", "manager.rules"),
    *_both((MANAGER,), "manager.call_rules"),
    *_pages((MANAGER,), "opening", "manager.change_opening"),
    *_acts((MANAGER,), "opening", "manager.change_opening"),
    Way("manager.remove_opening", "POST", (MANAGER,), DONE, "opening", data=_SURE),
    Way("manager.remove_closure", "POST", (MANAGER,), DONE, "closure", data=_SURE),
    Way("manager.move_it", "POST", (MANAGER,), DONE, "appointment", data=_PLACE),
    *_acts((MANAGER,), "appointment", "manager.keep_it"),
    # The organisation of the matrix interprets in nobody's appointment.
    *(
        Way(f"manager.{each}", "POST", (MANAGER,), (404,), "appointment")
        for each in (
            "send_another_interpreter",
            "keep_interpreter",
            "give_up_interpreter",
        )
    ),
    Way("manager.cancel_it", "POST", (MANAGER,), DONE, "appointment", data=_WHY),
    *_acts((MANAGER,), "", "manager.publish_usual_week"),
    *_pages(IMPORTERS, "", "imports.show"),
    Way("imports.show_again", "GET", IMPORTERS, (303,)),
    *_acts(IMPORTERS, "", "imports.show_preview", "imports.confirm"),
    *_pages(FEEDS, "", "feeds.show"),
    *_acts(FEEDS, "", "feeds.make"),
    *_pages(FEEDS, "feed", "feeds.ask_to_revoke"),
    # What is gone already is told in the same words: a second press is no error.
    Way("feeds.revoke", "POST", FEEDS, DONE, "feed", foreign=303),
]


_MARK = {"digest": "0" * 16}


def _picture_act(endpoint: str, who: tuple[str, ...], of: str = "", **more: Any) -> Way:
    # What was sent without the page's own number for it is refused (400).
    return Way(endpoint, "POST", who, (*DONE, 400), of, **more)


_TELEPHONE = [
    # The site has no line for pages. A script is told (401), not led away.
    Way("own_telephone.open_one", "POST", (COUNSELLOR,), (501,), stranger=401),
    # Nor can it have the call, or have kept a still of it.
    Way(
        "call_desk.keep_still",
        "POST",
        (COUNSELLOR,),
        (409,),
        "appointment",
        stranger=401,
    ),
    Way(
        "call_desk.undo_still",
        "POST",
        (COUNSELLOR,),
        (404,),
        "document",
        stranger=401,
    ),
    # Not from a page of ours: no browser that says so is let in.
    Way("own_telephone.may_connect", "GET", (), (), stranger=401),
]

_PICTURES = [
    *_pages((MANAGER,), "", "pictures.show"),
    *_pages((COUNSELLOR,), "", "own_photo.show", "call_desk.show"),
    # There is no picture yet.
    Way("pictures.show_mark", "GET", (MANAGER,), (404,), values=_MARK),
    Way("pictures.show_photo", "GET", (MANAGER,), (404,), "counsellor", values=_MARK),
    Way("own_photo.draw", "GET", (COUNSELLOR,), (404,), values=_MARK),
    _picture_act("pictures.keep", (MANAGER,), is_gated=True),
    _picture_act("pictures.remove", (MANAGER,), data=_SENT),
    _picture_act("pictures.keep_one_photo", (MANAGER,), "counsellor", is_gated=True),
    _picture_act("pictures.remove_one_photo", (MANAGER,), "counsellor", data=_SENT),
    _picture_act("own_photo.keep", (COUNSELLOR,), is_gated=True),
    _picture_act("own_photo.remove", (COUNSELLOR,), data=_SENT),
]


def _library(endpoint: str, of: str = "", **more: Any) -> Way:
    # What was sent without the page's own number for it is refused (400).
    return Way(endpoint, "POST", (MANAGER,), (*DONE, 200, 400), of, **more)


_LIBRARY = [
    *_pages((MANAGER,), "", "forms_library.show", "forms_library.add"),
    *_pages((MANAGER,), "form", "forms_library.show_form"),
    *_pages((MANAGER,), "form", "forms_library.ask_for_edition"),
    *_pages((MANAGER,), "form", "forms_library.place_fields"),
    *_pages((MANAGER,), "edition", "forms_library.show_pdf"),
    *_pages((MANAGER,), "edition", "forms_library.show_layout"),
    Way(
        "forms_library.show_page",
        "GET",
        (MANAGER,),
        SHOWN,
        "edition",
        values={"page": 1},
    ),
    Way("forms_library.show_ours", "GET", (MANAGER,), SHOWN, values=_OURS),
    _library("forms_library.add_ours", values=_OURS),
    *_pages((MANAGER,), "", "forms_library.hand_on", "forms_library.ask_for_library"),
    # Nobody chose a form.
    Way("forms_library.download_library", "GET", (MANAGER,), (422,)),
    _library("forms_library.preview_library", is_gated=True),
    _library("forms_library.take_library", data=_SENT),
    _library("forms_library.add_file", is_gated=True),
    _library("forms_library.add_edition", "form", is_gated=True),
    _library("forms_library.move", "form", data=_HIGHER),
    _library("forms_library.save_fields", "form", data=_SENT),
    _library("forms_library.save_placed", "form"),
    _library("forms_library.turn_page", "form", data=_TURNED, values={"page": 1}),
    _library("forms_library.rename", "form", data=_SENT),
    _library("forms_library.withdraw", "form", data=_SENT),
    _library("forms_library.put_back", "form", data=_SENT),
]


def _console_act(endpoint: str, of: str = "appointment", **values: Any) -> Way:
    ok = (*DONE, 400, 404)
    return Way(endpoint, "POST", CONSOLE, ok, of, stranger=401, values=values)


_CONSOLE = [
    Way("console.home", "GET", CONSOLE, SHOWN, other=303),
    Way("console.home_changes", "GET", CONSOLE, SHOWN, stranger=401),
    *_pages(CONSOLE, "appointment", "console.show", "console.show_consent"),
    Way("console.changes", "GET", CONSOLE, SHOWN, "appointment", stranger=401),
    *_pages(CONSOLE, "document", "console.view_document", "console.preview_document"),
    *_pages(CONSOLE, "document", "console.ask_to_remove", "console.show_table"),
    Way("console.table_changes", "GET", CONSOLE, SHOWN, "document", stranger=401),
    *(
        Way(each, "GET", CONSOLE, SHOWN, "document", values={"key": 1})
        for each in (
            *("console.show_laid_page", "console.laid_picture"),
            *("console.whole_picture",),
        )
    ),
    _console_act("console.run_job", act="numeriser"),
    _console_act("console.cancel"),
    Way(
        "console.upload",
        "POST",
        CONSOLE,
        (*DONE, 400),
        "appointment",
        is_gated=True,
    ),
    _console_act("console.state"),
    _console_act("console.choose_language"),
    _console_act("console.choose_discretion"),
    Way(
        "console.note_consent",
        "POST",
        CONSOLE,
        DONE,
        "appointment",
        stranger=401,
        data={"reponse": "withdrawn"},
    ),
    _console_act("console.read_consent_aloud"),
    _console_act("console.make_consent_receipt"),
    *_pages(CONSOLE, "appointment", "console.show_mandates"),
    Way("console.draw_up_mandate", "POST", FILLING, DONE, "appointment", stranger=401),
    *(
        Way(each, "POST", FILLING, DONE, "mandate", stranger=401)
        for each in ("console.scan_mandate", "console.choose_signed")
    ),
    Way(
        "console.revoke_mandate",
        "POST",
        CONSOLE,
        DONE,
        "mandate",
        stranger=401,
        data={"raison": "entered_wrongly"},
    ),
    Way("console.make_mandate_receipt", "POST", CONSOLE, DONE, "mandate", stranger=401),
    # Nobody of the matrix interprets: who may write there has the page of their own organisation.
    Way("console.show_typing", "GET", FILLING, (404,), "appointment"),
    Way(
        "console.type_words",
        "POST",
        FILLING,
        DONE,
        "appointment",
        stranger=401,
        foreign=303,
    ),
    _console_act("console.call_interpreter_again"),
    _console_act("console.send_interpreter_away"),
    *(
        Way(each, "POST", RECEIVING, DONE, "appointment", stranger=401)
        for each in (
            "console.invite_guest",
            "console.let_guest_in",
            "console.have_guest_leave",
        )
    ),
    Way(
        "console.guest_standing",
        "GET",
        RECEIVING,
        (200, 204),
        "appointment",
        stranger=401,
    ),
    Way(
        "console.telephone_guest",
        "POST",
        RECEIVING,
        DONE,
        "appointment",
        stranger=401,
        data={"number": "0612345678", "relation": "relative", "agreed": "1"},
    ),
    _console_act("console.choose_volume"),
    Way("duty.changes", "GET", FILLING, SHOWN, stranger=401),
    Way("duty.pause", "POST", FILLING, (303, 422), data={"reason": "break"}),
    Way("duty.be_available", "POST", FILLING, (303,)),
    Way("duty.prolong", "POST", FILLING, (303,)),
    _console_act("console.point"),
    *(
        Way(
            each,
            "POST",
            FILLING,
            (*DONE, 400, 404),
            "appointment",
            stranger=401,
        )
        for each in (
            *("console.write", "console.read_aloud"),
            *("console.keep_receipt", "console.print_receipt"),
        )
    ),
    *_pages(CONSOLE, "document", "console.show_pages"),
    Way("console.draw_page", "GET", CONSOLE, SHOWN, "document", values={"page": 1}),
    Way(
        "console.show_pages_changes",
        "GET",
        CONSOLE,
        SHOWN,
        "document",
        stranger=401,
    ),
    _console_act("console.hide_at_kiosk"),
    _console_act("console.run_again", "job"),
    _console_act("console.show_at_kiosk", "document"),
    _console_act("console.look", "document"),
    _console_act("console.change_table", "document"),
    _console_act("console.crop_laid_page", "document", key=1),
    _console_act("console.show_laid_page_at_kiosk", "document", key=1),
    _console_act("console.repeat_page", "document", key=1),
    _console_act("console.join_scan", "document"),
    _console_act("console.mark_table", "document"),
    _console_act("console.name_it", "document"),
    _console_act("console.keep_table", "document"),
    _console_act("console.set_back", "document"),
    _console_act("console.remove_document", "document"),
    Way(
        "console.ask_about_empty_chair",
        "GET",
        CONSOLE,
        (200, 303, 404, 409),
        "appointment",
    ),
    _console_act("console.say_chair_was_empty"),
    # It names the forms that were filled in.
    *_pages(FILLING, "appointment", "console.show_receipt"),
    *_pages(
        RECEIVING,
        "appointment",
        *("console.ask_to_call", "console.show_end", "console.propose_next"),
        "console.choose_handover",
    ),
    *_pages(RECEIVING, "appointment", "console.take_documents"),
    *(
        Way(each, "POST", RECEIVING, DONE, "appointment", stranger=401)
        for each in (
            *("console.call_kiosk", "console.finish_call", "console.settle_call"),
            *("console.note_end", "console.book_next", "console.hand_over"),
        )
    ),
    *_pages(RECEIVING, "handover", "console.show_handover"),
    Way("console.handover_changes", "GET", RECEIVING, SHOWN, "handover", stranger=401),
    Way("console.note_handover", "POST", RECEIVING, DONE, "handover", stranger=401),
]


def _filling_part(endpoint: str, **values: Any) -> Way:
    return Way(endpoint, "GET", FILLING, SHOWN, "draft", stranger=401, values=values)


def _filling_act(endpoint: str, of: str = "draft", **data: str) -> Way:
    ok = (*DONE, 200, 204, 404)
    return Way(endpoint, "POST", FILLING, ok, of, stranger=401, data=data)


_FILLING = [
    *_pages(FILLING, "draft", "filling.show", "filling.show_history"),
    *_pages(FILLING, "draft", "filling.ask_to_erase"),
    _filling_part("filling.changes"),
    _filling_part("filling.state"),
    _filling_part("filling.renew_token"),
    _filling_part("filling.draw_place"),
    _filling_part("filling.draw_page", number=1),
    _filling_act("filling.begin", "appointment", edition="1", submission="once"),
    _filling_act("filling.have"),
    _filling_act("filling.take_over"),
    _filling_act("filling.let_go"),
    _filling_act("filling.save", c0="Durand"),
    _filling_act("filling.save_key", champ="0", valeur="Durand"),
    _filling_act("filling.show_at_kiosk"),
    _filling_act("filling.frame", champ="0"),
    _filling_act("filling.hide_at_kiosk"),
    # Last: what waits for another appointment, or is erased, is nobody's any more.
    _filling_act("filling.set_aside"),
    _filling_act("filling.resume"),
    _filling_act("filling.erase"),
]


_RETURNS = [
    *_pages(FILLING, "printed draft", "returns.ask_to_print"),
    *_acts(FILLING, "printed draft", "returns.print_draft"),
    *_pages(FILLING, "returned", "returns.look_at_page", "returns.draw_returned"),
    *_acts(FILLING, "printed", "returns.print_again", "returns.scan_again"),
    *_acts(FILLING, "printed", "returns.keep_signed", "returns.say_same_person"),
    *_acts(FILLING, "scan", "returns.read_scan_again"),
    *_acts(FILLING, "returned", "returns.accept", "returns.say_which_page"),
]


def _cv_act(endpoint: str, **data: str) -> Way:
    ok = (*DONE, 200, 404, 422, 503)
    return Way(endpoint, "POST", FILLING, ok, "appointment", stranger=401, data=data)


_CV = [
    _cv_act("cv.begin"),
    *_pages(FILLING, "appointment", "cv.show", "cv.show_history", "cv.ask_to_erase"),
    Way("cv.draw", "GET", FILLING, SHOWN, "appointment", stranger=401),
    Way("cv.changes", "GET", FILLING, (200, 204), "appointment", stranger=401),
    Way("cv.state", "GET", FILLING, SHOWN, "appointment", stranger=401),
    Way("cv.renew_token", "GET", FILLING, SHOWN, "appointment", stranger=401),
    Way("cv.ask_to_send", "GET", FILLING, (200, 303), "appointment"),
    _cv_act("cv.save"),
    _cv_act("cv.save_key", cle="title", valeur="Vendeuse"),
    _cv_act("cv.preview"),
    _cv_act("cv.take_over"),
    _cv_act("cv.send"),
    _cv_act("cv.resume", cv="1"),
    # Last: what is erased is nobody's any more.
    _cv_act("cv.erase"),
]


def _kiosk(
    endpoint: str, method: str, ok: tuple[int, ...], of: str = "", **given: Any
) -> Way:
    return Way(
        endpoint,
        method,
        (KIOSK,),
        ok,
        of,
        stranger=401,
        other=401,
        has_token=False,
        **given,
    )


_JOB = "00000000-0000-4000-8000-000000000001"
_REPORT = {"operation": "print", "state": "processing", "sequence": 1, "number": 1}
_SCAN = {"job": _JOB, "sha256": "0" * 64, "size": 10, "pages": 1}
_HEARTBEAT = {"printer": {"state": "ready"}, "scanner": {"state": "ready"}}

_MACHINE = {"version": "1.0", "machine_id": "0" * 64}
_SELF_TEST = {
    "version": "1.0",
    "reason": "morning",
    "checks": [{"name": "camera", "state": "ok"}],
}

_KIOSKS = [
    _kiosk("kiosk_api.show_call", "GET", SHOWN),
    _kiosk("kiosk_api.heartbeat", "POST", (200, 204, 422), json=_HEARTBEAT),
    _kiosk("kiosk_api.fetch_document", "GET", SHOWN, "document"),
    _kiosk("kiosk_api.fetch_job", "GET", SHOWN, "job"),
    _kiosk(
        "kiosk_api.report",
        "PUT",
        (200, 204, 409, 422),
        "appointment",
        values={"job": _JOB},
        json=_REPORT,
    ),
    _kiosk("kiosk_api.announce_scan", "POST", (200, 201), "appointment", json=_SCAN),
    _kiosk(
        "kiosk_api.show_on_screen",
        "PUT",
        (200, 204),
        "appointment",
        json={"document": 1, "page": 1},
    ),
    _kiosk(
        "kiosk_api.show_cue_on_screen",
        "PUT",
        (200, 204),
        "appointment",
        json={"cue": "printing", "page": 1, "pages": 2},
    ),
    _kiosk(
        "kiosk_api.wiped",
        "POST",
        (200, 204, 409, 422),
        "appointment",
        json={"files": 1, "bytes": 1, "at": "2031-01-02T10:00:00+01:00"},
    ),
    _kiosk("kiosk_api.report_machine", "PUT", SHOWN, json=_MACHINE),
    _kiosk("kiosk_api.report_self_test", "PUT", (204,), json=_SELF_TEST),
    _kiosk("kiosk_api.bring_result", "PUT", (415,), "order"),
    _kiosk("kiosk_api.Upload", "GET", SHOWN, "upload"),
    _kiosk("kiosk_api.Upload", "PATCH", (400, 409, 415, 422), "upload"),
    # This site does not say how kiosks reach its Asterisk.
    _kiosk("kiosk_api.renew_secrets", "POST", (503,), json={"machine_id": "ab" * 32}),
]

# A code opens them, whoever brings it; there is none.
_MACHINES = [
    Way(
        "machine_enrolment.show_authority",
        "GET",
        ROLES,
        (404, 429),
        values={"public_id": "ABCDE"},
    ),
    Way("machine_enrolment.enrol", "POST", ROLES, (422, 429), json={}, has_token=False),
]

_SCREENS = [
    Way("kiosk_screen.show", "GET", (SCREEN,), SHOWN, other=303),
    Way("kiosk_screen.changes", "GET", (SCREEN,), SHOWN, stranger=403),
    Way(
        "kiosk_voice.say",
        "GET",
        (SCREEN,),
        SHOWN,
        stranger=403,
        values={"language": "fr", "scene": "goodbye"},
    ),
    # Nobody's picture is on the screen.
    *(
        Way(each, "GET", (SCREEN,), (404,), stranger=403, values=_MARK)
        for each in ("kiosk_pictures.show_mark", "kiosk_pictures.show_photo")
    ),
    Way("kiosk_mirror.follow", "GET", (SCREEN,), SHOWN, stranger=403),
    # The screen follows no CV.
    Way(
        "kiosk_mirror.draw_cv",
        "GET",
        (SCREEN,),
        (404,),
        stranger=403,
        values={"cv_id": 1},
    ),
    # The screen shows a document: no draft is given.
    Way(
        "kiosk_mirror.draw_draft",
        "GET",
        (SCREEN,),
        (404,),
        stranger=403,
        values={"draft_id": 1, "page": 1},
    ),
    Way(
        "kiosk_mirror.read_aloud",
        "GET",
        (SCREEN,),
        (404,),
        stranger=403,
        values={"number": 1},
    ),
    # A code opens it, once, and none was given; a screen is led on.
    Way("kiosk_enrolment.ask", "GET", ROLES, (200, 303)),
    Way("kiosk_enrolment.take", "POST", ROLES, (403,)),
    Way(
        "kiosk_help.ask",
        "POST",
        (SCREEN,),
        (200, 204, 303),
        stranger=403,
        has_token=False,
    ),
    Way(
        "kiosk_help.end_call",
        "POST",
        (SCREEN,),
        (204, 404),
        stranger=403,
        has_token=False,
    ),
    Way(
        "kiosk_in_sight.tell",
        "POST",
        (SCREEN,),
        (204,),
        stranger=403,
        has_token=False,
    ),
    Way(
        "kiosk_screen.show_page",
        "GET",
        (SCREEN,),
        SHOWN,
        "document",
        stranger=403,
        values={"page": 1},
    ),
]


def _client(
    endpoint: str, method: str, ok: tuple[int, ...], of: str = "", **given: Any
) -> Way:
    return Way(
        endpoint,
        method,
        (CLIENT,),
        ok,
        of,
        stranger=401,
        other=401,
        has_token=False,
        **given,
    )


_CLIENTS = [
    _client("booking_api.list_organisations", "GET", SHOWN),
    _client("booking_api.list_interpreters", "GET", SHOWN),
    _client("booking_api.list_relays", "GET", SHOWN),
    _client("booking_api.list_appointments", "GET", SHOWN),
    _client("booking_api.list_reasons", "GET", SHOWN, values={"slug": "msa"}),
    _client("booking_api.list_slots", "GET", (422,)),
    _client("booking_api.show_appointment", "GET", SHOWN, "appointment"),
    _client("booking_api.book_appointment", "POST", (400, 422), json={}),
    _client("booking_api.import_appointments", "POST", (400, 415, 422)),
    _client(
        "booking_api.reschedule_appointment",
        "POST",
        (200, 400, 409, 422),
        "appointment",
        json={"starts_at": "2031-01-02T10:00:00+01:00", "reason": "other"},
    ),
    _client(
        "booking_api.choose_kiosk_language",
        "POST",
        (200, 400, 422),
        "appointment",
        json={"language": "en"},
    ),
    _client(
        "booking_api.choose_discretion",
        "POST",
        (200, 400, 422),
        "appointment",
        json={"discreet": True},
    ),
    _client(
        "booking_api.cancel_appointment",
        "POST",
        (200, 400, 409, 422),
        "appointment",
        json={"reason": "other"},
    ),
    *(
        Way(
            "_tell_nothing_there",
            method,
            ROLES,
            (404,),
            values={"address": "no/such/thing"},
            has_token=False,
        )
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    ),
]

# A question first, a form that came back, or done.
_ADMINISTERED = (200, 303, 400, 404, 409, 422)


def _administered(kind: str, ref: str, *acts: str) -> list[Way]:
    """Give the pages of one kind of entry; each asks, or refuses an empty form."""
    who, at = (ADMINISTRATOR,), {"ref": ref}
    of_all = [
        Way(f"administrator.{kind}_list", "GET", who, SHOWN),
        Way(f"administrator.{kind}_add", "GET", who, (200, 303)),
        Way(f"administrator.{kind}_add", "POST", who, _ADMINISTERED),
    ]
    of_one = [(f"{kind}_change", "GET"), (f"{kind}_change", "POST")]
    of_one += [(act, "POST") for act in acts]
    return of_all + [
        Way(f"administrator.{name}", method, who, _ADMINISTERED, values=at)
        for name, method in of_one
    ]


def _administered_machines() -> list[Way]:
    who, at = (ADMINISTRATOR,), {"ref": "kiosk-wassigny"}
    shown = {"fleet": {}, "fleet_changes": {}, "fleet_kiosk": at}
    shown |= {"fleet_kiosk_changes": at}
    acts = {"fleet_test": at, "fleet_diagnose": at, "fleet_update": at}
    acts |= {"fleet_archive": at | {"order_id": 1}}
    return [
        *(
            Way(f"administrator.{name}", "GET", who, SHOWN, values=values)
            for name, values in shown.items()
        ),
        Way("administrator.fleet_node", "GET", who, (404,), values={"ref": "none"}),
        *(
            Way(f"administrator.{name}", "POST", who, (303,), values=values)
            for name, values in acts.items()
        ),
    ]


_ADMINISTRATION = [
    Way("administrator.overview", "GET", (ADMINISTRATOR,), SHOWN, other=303),
    Way("administrator.papers_list", "GET", (ADMINISTRATOR,), SHOWN),
    *_administered_machines(),
    Way("administrator.paper_change", "GET", (ADMINISTRATOR,), _ADMINISTERED),
    Way("administrator.paper_change", "POST", (ADMINISTRATOR,), _ADMINISTERED),
    *_administered("relay", "wassigny", "relay_remove"),
    *(
        Way(
            "administrator.relay_distances",
            method,
            (ADMINISTRATOR,),
            _ADMINISTERED,
            values={"ref": "wassigny"},
        )
        for method in ("GET", "POST")
    ),
    *(
        Way(f"administrator.{name}", method, (ADMINISTRATOR,), answers)
        for name, method, answers in (
            ("choose_enrolment_sheets", "GET", SHOWN),
            ("make_enrolment_sheets", "POST", _ADMINISTERED),
        )
    ),
    *_administered("organisation", "msa", "organisation_remove"),
    *_administered("counter", "msa-1", "counter_remove"),
    *_administered("reason", "retraite", "reason_remove"),
    *_administered(
        "kiosk",
        "kiosk-wassigny",
        "kiosk_lock_out",
        "kiosk_remove",
        "kiosk_renew_secret",
        "new_enrolment_code",
        "new_enrolment_file",
        "new_screen_code",
    ),
    *_administered(
        "counsellor",
        "counsellor-msa-1",
        "counsellor_lock_out",
        "counsellor_remove",
        "counsellor_renew_secret",
        "make_softphone_link",
        "make_softphone_sheet",
    ),
    *_administered(
        "person",
        "1",
        "close_person",
        "renew_link",
        "reset_second_factor",
        "untie_person",
        "give_relays_to",
        "open_person",
        "person_remove",
    ),
]

# Without the tick: whose they are stays as it is for the rows below.
_LOOSE = {
    "nom": "a",
    "telephone": "0612",
    "jour": "2026-11-24",
    "usager": "1",
    "rdv": "1",
}
_OVERSIGHT = [
    Way("journal.show", "GET", (OFFICER,), SHOWN, other=303),
    *_pages((OFFICER,), "", "journal.export", "journal.find_resident"),
    Way("journal.find_resident", "POST", (OFFICER,), SHOWN, data=_WHOM),
    # Of whatever relay: nobody's journal is foreign to the officer.
    Way("journal.show_account", "GET", (OFFICER,), SHOWN, values={"resident_id": 1}),
    *_pages((OFFICER,), "", "file_rights.find", "file_rights.show_terms"),
    Way("file_rights.find", "POST", (OFFICER,), SHOWN, data=_WHOM),
    # The rights of residents of whatever relay.
    *(
        Way(f"file_rights.{each}", "GET", (OFFICER,), SHOWN, values={"resident_id": 1})
        for each in (
            *("show", "export", "ask_to_correct", "ask_to_erase"),
            "ask_to_restrict",
        )
    ),
    # Without the tick: who is erased is no more for the rows below.
    *(
        Way(f"file_rights.{each}", "POST", (OFFICER,), DONE, values={"resident_id": 1})
        for each in ("correct", "erase", "restrict_resident", "lift_restriction")
    ),
    *_pages((OFFICER,), "", "file_rights.find_loose"),
    Way("file_rights.find_loose", "POST", (OFFICER,), SHOWN, data=_LOOSE),
    Way("file_rights.tie_loose", "POST", (OFFICER,), DONE, data=_LOOSE),
    Way(
        "file_rights.untie_loose",
        "POST",
        (OFFICER,),
        (404,),
        values={"resident_id": 1, "number": 1},
    ),
    *_pages(OF_THE_SITE, "", "board.show"),
    Way("board.changes", "GET", OF_THE_SITE, SHOWN, stranger=401),
    *_pages(DISPLAYS, "", "displays.show"),
    Way("displays.make", "POST", DISPLAYS, (200, 422), data={"label": "Hall"}),
    Way("displays.ask_to_revoke", "GET", DISPLAYS, (404,), values={"display_id": 9}),
    Way("displays.revoke", "POST", DISPLAYS, (303,), values={"display_id": 9}),
    # A secret of its own lets a screen in, and none was given.
    Way("wall.show", "GET", ROLES, (403,)),
    Way("wall.changes", "GET", ROLES, (401,)),
    Way("wall.ask", "GET", ROLES, (404,), values={"token": "guessed"}),
    Way("wall.use", "POST", ROLES, (404,), values={"token": "guessed"}),
]

# Asked by the front beside a large upload, never by a browser.
_FRONT = [Way("_may_send", "GET", ROLES, (200, 204, 401, 403))]

# Paths of the engine that tells open pages of changes; it knows who asks by their cookie.
LINES = {"/direct": SIGNED_IN, "/borne/direct": (SCREEN,), "/mur/direct": ()}

_ELSEWHERE = {"relais": "guise"}
# Of the changes that a page is told of, all that there can be.
_EVERY_NUMBER = {"n": ",".join(map(str, range(1, 100)))}


def _named(role: str, endpoint: str, *ok: int, **values: str) -> Way:
    return Way(endpoint, "GET", (role,), ok, values=values)


def _searched(endpoint: str, **data: str) -> Way:
    return Way(endpoint, "POST", (SECRETARY,), (*SHOWN, 404), data=data)


# Whose things are asked for is not in the path of these, but in the query or the form.
NAMED = [
    _named(SECRETARY, "desk.show", 404, **_ELSEWHERE),
    _named(SECRETARY, "desk.changes", 404, **_ELSEWHERE),
    _named(SECRETARY, "desk.changes", 200, **_EVERY_NUMBER),
    _named(COUNSELLOR, "console.home_changes", 200, **_EVERY_NUMBER),
    _named(SECRETARY, "waiting.show_offers", 404, **_ELSEWHERE),
    _named(SECRETARY, "week.show", 404, **_ELSEWHERE),
    _named(SECRETARY, "week.week_csv", 404, **_ELSEWHERE),
    _named(SECRETARY, "week.day_csv", 404, **_ELSEWHERE),
    _named(SECRETARY, "week.print_list", 404, **_ELSEWHERE),
    _named(SECRETARY, "figures.show", 404, **_ELSEWHERE),
    _named(SECRETARY, "figures.sheet", 404, **_ELSEWHERE),
    _named(SECRETARY, "figures.council", 404, **_ELSEWHERE),
    _named(CLIENT, "booking_api.list_appointments", 200, 422, relay="guise"),
    _searched("residents.suggest", relay="guise", resident_name="Ada"),
    _searched("residents.show_all", cherche="Ada", **_ELSEWHERE),
]

# What ends a session comes when all else was asked.
_LAST = [Way("accounts.sign_out", "POST", ROLES, (302,))]

WAYS = [
    *_PUBLIC,
    *_DESK,
    *_MANAGER,
    *_LIBRARY,
    *_PICTURES,
    *_TELEPHONE,
    *_CONSOLE,
    *_FILLING,
    *_RETURNS,
    *_CV,
    *_KIOSKS,
    *_MACHINES,
    *_SCREENS,
    *_CLIENTS,
    *_ADMINISTRATION,
    *_OVERSIGHT,
    *_FRONT,
    *_LAST,
]
