# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs and files book an interpreter as the desk does."""

import pytest

from booking_web.domain.imports.importing import preview, run_import
from booking_web.domain.imports.interpreting import Scope
from tests.factories.interpreters import INTERPRETERS, interpreted_in, let_interpret
from tests.integration.booking_web.api.public.conftest import NOW

HEADINGS = "reference;relais;organisme;date;heure;nom;interprete\n"
ANOTHER_KIOSK = {"relay": "guise", "resident_name": "M. Petit"}


def type_of(answer) -> str:
    return answer.json["type"].rpartition(":")[2]


@pytest.fixture
def interpreting(database) -> None:
    let_interpret(database)


def test_services_of_interpreters_are_told_apart_from_organisations(
    caller, new_client, interpreting
) -> None:
    anybody = caller(new_client("anybody", "--relay", "wassigny"))
    assert anybody.get("/interpreters").json == [
        {
            "slug": INTERPRETERS,
            "name": "Mission locale pour l'emploi de Thiérache",
            "interprets": "sign",
        }
    ]
    slugs = [each["slug"] for each in anybody.get("/organisations").json]
    assert "msa" in slugs and INTERPRETERS not in slugs
    refused = anybody.book(organisation=INTERPRETERS)
    assert (refused.status_code, type_of(refused)) == (422, "not-for-residents")


def test_an_interpreter_is_booked_shown_and_given_to_one_alone(
    msa, hours, interpreting, database
) -> None:
    made = msa.book(interpreter=INTERPRETERS)
    assert (made.status_code, made.json["interpreter"]) == (201, INTERPRETERS)
    # The same again is the same; another content with the same key is not.
    assert msa.book(interpreter=INTERPRETERS).status_code == 200
    assert type_of(msa.book()) == "key-reused"
    taken = msa.book("other-key", interpreter=INTERPRETERS, **ANOTHER_KIOSK)
    assert (taken.status_code, type_of(taken)) == (409, "slot-taken")
    # What is offered instead has an interpreter.
    starts = [slot["starts_at"] for slot in taken.json["slots"]]
    assert starts and made.json["starts_at"] not in starts
    asked = {"organisation": "msa", "relay": "guise", "after": made.json["starts_at"]}
    slots = msa.get("/slots", interpreter=INTERPRETERS, **asked).json["slots"]
    assert made.json["starts_at"] not in [slot["starts_at"] for slot in slots]
    assert interpreted_in(database) == [INTERPRETERS]


@pytest.mark.parametrize("named", ["msa", "nobody"])
def test_who_interprets_for_nobody_is_no_interpreter(
    msa, hours, interpreting, named
) -> None:
    for answer in (
        msa.book(interpreter=named),
        msa.get("/slots", organisation="msa", relay="guise", interpreter=named),
    ):
        assert (answer.status_code, type_of(answer)) == (422, "unknown-interpreter")


def test_a_file_names_the_interpreter(database, interpreting) -> None:
    lines = (
        "1;wassigny;msa;25/11/2026;9h00;Mme Roy;"
        "Mission locale pour l'emploi de Thiérache\n"
        f"2;guise;sous-prefecture-vervins;25/11/2026;9h00;M. Petit;{INTERPRETERS}\n"
        "3;guise;msa;25/11/2026;10h00;M. Grand;personne\n"
        f"4;guise;{INTERPRETERS};25/11/2026;11h00;M. Gros;\n"
        "5;guise;msa;25/11/2026;11h30;M. Seul;\n"
    )
    told = [
        ("new", None),
        ("refused", "interpreter_taken"),
        ("refused", "unknown_interpreter"),
        ("refused", "not_for_residents"),
        ("new", None),
    ]
    scope = Scope(user_id=1, actor="user:1")
    for bring in (preview, run_import):
        report = bring(database, (HEADINGS + lines).encode(), scope, NOW)
        assert [(line.outcome, line.why) for line in report.lines] == told
    assert interpreted_in(database) == [INTERPRETERS, None]
