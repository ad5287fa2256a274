# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments made elsewhere come in by a page, a command and the API, and come in once."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from booking_web.domain.imports.importing import preview, run_import
from booking_web.domain.imports.interpreting import Scope
from booking_web.domain.imports.lines import Note, Outcome, WhyRefused
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.postal_address import AppointmentAddress
from provisioning.database.models import Counter, Kiosk, Organisation, Relay, User

NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
HEAD = "reference;relais;organisme;date;heure;nom;motif;precision;duree"
GOOD = "A1;Relais de Wassigny;MSA;25/11/2026;9h05;Mme  Lefèvre;;retraite;20 min"
MANAGER = "responsable@msa.example"
ADMINISTRATOR = "admin@guichet.example"


def file_of(*lines: str, encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join([HEAD, *lines]).encode(encoding)


def appointments_in(database) -> list[Appointment]:
    with database.read() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


@pytest.fixture
def scope(database) -> Scope:
    """Give a scope without bounds."""
    with database.read() as session:
        user = session.scalars(select(User).where(User.email == MANAGER)).one()
    return Scope(user_id=user.id, actor=f"user:{user.id}")


def test_a_second_import_changes_nothing(database, scope) -> None:
    content = file_of(GOOD, GOOD.replace("A1", "A2").replace("Wassigny", "Guise"))
    foreseen = preview(database, content, scope, NOW)
    assert foreseen.counts == {"new": 1, "known": 0, "different": 0, "refused": 1}
    assert appointments_in(database) == []
    first = run_import(database, content, scope, NOW)
    assert first.counts == foreseen.counts
    assert [each.why for each in first.lines] == [None, WhyRefused.COUNTER_TAKEN]
    [made] = appointments_in(database)
    assert (made.resident_name, made.reason, str(made.source)) == (
        "Mme Lefèvre",
        "retraite",
        "import",
    )
    assert made.starts_at == datetime(2026, 11, 25, 8, 5, tzinfo=UTC)
    assert made.ends_at - made.starts_at == timedelta(minutes=20)
    for work in (preview, run_import):
        again = work(database, content, scope, NOW)
        assert again.counts == {"new": 0, "known": 1, "different": 0, "refused": 1}
        assert again.lines[0].appointment_id == made.id
    changed = run_import(database, file_of(GOOD.replace("9h05", "11h")), scope, NOW)
    assert [each.outcome for each in changed.lines] == [Outcome.DIFFERENT]
    assert [each.starts_at for each in appointments_in(database)] == [made.starts_at]
    with database.read() as session:
        entries = session.scalars(select(JournalEntry)).all()
    assert [(each.actor, each.act) for each in entries] == [(scope.actor, "booked")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("A1", ""), WhyRefused.NO_REFERENCE),
        (("Mme  Lefèvre", ""), WhyRefused.NO_NAME),
        (("Mme  Lefèvre", "123"), WhyRefused.BAD_NAME),
        (("Mme  Lefèvre", "x" * 121), WhyRefused.TOO_LONG),
        (("Mme  Lefèvre", "a\u202eb"), WhyRefused.BROKEN),
        (("Relais de Wassigny", "Laon"), WhyRefused.UNKNOWN_RELAY),
        (("Relais de Wassigny", ""), WhyRefused.UNKNOWN_RELAY),
        (("MSA", "CAF"), WhyRefused.UNKNOWN_ORGANISATION),
        (("25/11/2026", "25/13/2026"), WhyRefused.BAD_DAY),
        (("25/11/2026", "23/11/2026"), WhyRefused.PAST),
        (("25/11/2026", "25/11/2028"), WhyRefused.TOO_FAR),
        (("9h05", "9h61"), WhyRefused.BAD_HOUR),
        (("25/11/2026;9h05", "28/03/2027;2h30"), WhyRefused.NO_SUCH_HOUR),
        (("20 min", "4"), WhyRefused.BAD_MINUTES),
        (("20 min", "long"), WhyRefused.BAD_MINUTES),
        (("20 min", "20;trop"), WhyRefused.BROKEN),
        (("retraite", "x" * 201), WhyRefused.TOO_LONG),
    ],
)
@pytest.mark.parametrize("work", [preview, run_import])
def test_a_wrong_line_is_refused_with_its_cause_and_the_good_one_taken(
    database, scope, change, why, work
) -> None:
    good = GOOD.replace("A1", "B1").replace("9h05", "15h")
    content = file_of(GOOD.replace(*change), good)
    report = work(database, content, scope, NOW)
    assert [(each.number, each.why) for each in report.lines] == [(2, why), (3, None)]


def test_an_hour_that_comes_twice_is_the_first_and_said_so(database, scope) -> None:
    line = GOOD.replace("25/11/2026;9h05", "31/10/2027;2h30")
    report = run_import(database, file_of(line), scope, NOW)
    assert report.lines[0].notes == (Note.HOUR_COMES_TWICE,)
    [made] = appointments_in(database)
    assert made.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_reason_that_is_none_of_the_list_becomes_words(database, scope) -> None:
    report = run_import(
        database, file_of(GOOD.replace(";;", ";Aide au bois;")), scope, NOW
    )
    assert report.lines[0].notes == (Note.REASON_UNKNOWN,)
    assert appointments_in(database)[0].reason == "Aide au bois – retraite"


def test_a_reference_twice_in_a_file_is_taken_once(database, scope) -> None:
    content = file_of(GOOD, GOOD.replace("9h05", "10h"))
    report = run_import(database, content, scope, NOW)
    assert [each.why for each in report.lines] == [None, WhyRefused.REFERENCE_TWICE]


def test_a_thousand_lines_are_read_and_taken(database, scope) -> None:
    with database.write() as session:
        session.add(Relay(id=90, slug="big", name="Grand relais", commune="Big"))
        session.add(Organisation(id=90, slug="big", name="Grand", short_name="Grand"))
        session.flush()
        for number in range(10):
            session.add(
                Kiosk(slug=f"k-{number}", relay_id=90, token_digest=f"d-{number}")
            )
            session.add(
                Counter(slug=f"c-{number}", name=f"{number}", organisation_id=90)
            )
    content = file_of(
        *(
            f"R{n};Grand relais;Grand;{25 + n // 400}/11/2026;"
            f"{8 + n // 40 % 10}h{n // 10 % 4 * 15:02};M. {n} Dupont;;;15"
            for n in range(1000)
        )
    )
    foreseen = preview(database, content, scope, NOW)
    report = run_import(database, content, scope, NOW)
    assert foreseen.counts["new"] == report.counts["new"] == 1000


def test_the_api_shows_first_and_imports_when_told(msa, database) -> None:
    content = "ref,relais,date,heure,nom\n1,guise,25/11/2026,9h,M. Noël\n2,guise,x,9h,M"

    def send(**query):
        return msa.send_csv("/imports", content.encode("cp1252"), **query)

    shown = send()
    assert shown.json["counts"] == {"new": 1, "known": 0, "different": 0, "refused": 1}
    assert shown.json["lines"][1] | {"sentences": []} == {
        "line": 3,
        "outcome": "refused",
        "why": "bad_day",
        "sentences": [],
        "reference": "2",
        "starts_at": None,
        "appointment": None,
    }
    assert "24/11/2026" in shown.json["lines"][1]["sentences"][0]
    assert appointments_in(database) == []
    assert send(dry_run="false").json["counts"]["new"] == 1
    assert [each.resident_name for each in appointments_in(database)] == ["M. Noël"]
    refused = msa.send_csv("/imports", b"nom\nx")
    assert refused.status_code == 422
    assert refused.json["type"].endswith(":file-missing-columns")
    assert msa.post("/imports", {}).status_code == 415


def test_the_command_tells_lines_and_counts(command, database, tmp_path) -> None:
    path = tmp_path / "rendez-vous.csv"
    path.write_bytes(file_of(GOOD, "A2;nulle part", encoding="cp1252"))
    options = ("import", str(path), "--user", MANAGER)
    dry = command(*options, "--dry-run")
    assert (dry.exit_code, dry.stdout) == (
        1,
        "ligne 3 (refused) : Le nom manque.\n"
        "1 would be booked, 0 known, 0 known with other content, 1 refused\n",
    )
    assert appointments_in(database) == []
    assert command(*options).stdout.endswith(
        "1 booked, 0 known, 0 known with other content, 1 refused\n"
    )
    assert len(appointments_in(database)) == 1
    path.write_bytes(b"")
    empty = command(*options)
    assert empty.exit_code == 1 and "vide" in empty.output


def test_nothing_is_imported_in_the_name_of_an_administrator(
    command, database, tmp_path
) -> None:
    path = tmp_path / "rendez-vous.csv"
    path.write_bytes(file_of(GOOD))
    refused = command("import", str(path), "--user", ADMINISTRATOR)
    assert refused.exit_code == 1
    assert "books for no relay and no organisation" in refused.output
    assert appointments_in(database) == []


# What somebody may write into a cell who wishes us ill, or whose program is broken.
HOSTILE = (
    *("9" * 5000, "²", "-1", "1e9", "0x10", "\u0661\u0662", "9" * 30, str(2**31)),
    *('"', '""', '"a', "a\tb", "\ufeff", "\u200b", "a\u202eb", "e\u0301" * 200),
    *("=HYPERLINK(1)", "+1", "@SUM(1)", "%s%n{0}{x}", "' OR 1=1 --", "../../etc"),
    *(
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
        "\x1b[2J",
        "\x85",
        "\u2028",
        "🙂" * 300,
    ),
)


@pytest.mark.parametrize("column", HEAD.split(";"))
def test_whatever_stands_in_a_cell_spoils_no_other_line(
    database, scope, column
) -> None:
    place = HEAD.split(";").index(column)
    good = GOOD.replace("A1", "B1").replace("9h05", "15h")
    for hostile in HOSTILE:
        cells = GOOD.split(";")
        cells[place] = hostile
        lines = (";".join(cells), good)
        for work in (preview, run_import):
            report = work(database, file_of(*lines, encoding="utf-8"), scope, NOW)
            # A broken cell may make two lines of one; the last is the good one.
            assert (report.lines[-1].reference, report.lines[-1].why) == ("B1", None)
    # As it was written, or not at all: nothing that was invisible came in.
    for made in appointments_in(database):
        assert made.resident_name.isprintable() and made.reason.isprintable()


@pytest.fixture
def manager(visitor):
    """Give the organisation's manager, signed in."""
    assert visitor.sign_in(MANAGER).status_code == 302
    return visitor


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def upload(desk, content: bytes):
    page = desk.client.get("/organisme/import").text
    return desk.client.post(
        "/organisme/import/apercu",
        data={
            "csrf_token": token_of(page),
            "file": (io.BytesIO(content), "rendez-vous.csv"),
        },
    )


def test_the_page_shows_the_lines_before_it_takes_them(manager, database) -> None:
    shown = upload(manager, file_of(GOOD, "A2;nulle <b>part</b>"))
    assert shown.status_code == 200
    assert "Mme Lefèvre" in shown.text and "Le nom manque." in shown.text
    assert "<b>part</b>" not in shown.text
    assert appointments_in(database) == []
    carried = re.search(r'name="content" value="([^"]+)"', shown.text)[1]
    data = {"csrf_token": token_of(shown.text), "content": carried}
    done = manager.client.post("/organisme/import/valider", data=data)
    assert done.status_code == 200 and "1 rendez-vous repris." in done.text
    again = manager.client.post("/organisme/import/valider", data=data)
    assert "0 rendez-vous repris." in again.text
    assert [each.resident_name for each in appointments_in(database)] == ["Mme Lefèvre"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choisissez un fichier"),
        (b"\x00\x01\x02", "pas un texte"),
        (b"nom;date\nx;y", "Il manque une colonne"),
        (b"x" * 400_000, "trop grand"),
    ],
)
def test_a_file_of_no_use_is_told_on_the_page(manager, content, sentence) -> None:
    answer = upload(manager, content)
    assert answer.status_code == 422
    assert sentence in answer.text and 'aria-invalid="true"' in answer.text


def test_a_manager_imports_for_the_own_organisation_only(visitor, database) -> None:
    with database.write() as session:
        msa = session.scalars(select(Organisation).where(Organisation.slug == "msa"))
        changed = update(User).where(User.email == "conseiller@msa.example")
        session.execute(changed.values(role="manager", organisation_id=msa.one().id))
    visitor.sign_in("conseiller@msa.example")
    other = GOOD.replace("A1", "A2").replace("MSA", "Sous-préfecture")
    nameless = GOOD.replace("A1", "A3").replace("MSA", "").replace("9h05", "11h")
    text = upload(visitor, file_of(GOOD, other, nameless)).text
    assert text.count("Cet organisme n&#39;existe pas.") == 1
    assert "Enregistrer 2 rendez-vous" in text


def test_a_secretary_and_a_stranger_do_not_import(desk, new_app, ground) -> None:
    assert desk.client.get("/organisme/import").status_code == 403
    stranger = new_app(ground).test_client()
    answer = stranger.get("/organisme/import")
    assert (answer.status_code, "/connexion" in answer.location) == (303, True)


def test_an_address_comes_in_with_its_line_and_one_that_is_none_stops_nothing(
    database, scope
) -> None:
    columns = ";adresse;Code postal;Ville;pays"
    head = "reference;relais;organisme;date;heure;nom" + columns
    times = iter(("9h", "10h", "11h", "14h", "15h"))
    lines = [
        f"{reference};Wassigny;MSA;25/11/2026;{next(times)};Mme Roy;{address}"
        for reference, address in (
            ("A1", "12 rue des Lilas;02120;Guise;"),
            ("A2", '"12 rue des Lilas, 02120 Guise";;;'),
            ("A3", "Grand-Place 1;B-1000;Bruxelles;Belgique"),
            ("A4", "12 rue des Lilas;2120;Guise;"),
            ("A5", ";;;"),
        )
    ]
    content = "\n".join([head, *lines]).encode()
    foreseen = preview(database, content, scope, NOW)
    report = run_import(database, content, scope, NOW)
    assert foreseen.counts == report.counts
    assert report.counts["new"] == 5
    left_out = (Note.ADDRESS_LEFT_OUT,)
    assert [each.notes for each in report.lines] == [(), (), (), left_out, ()]
    assert "Lilas" not in repr(report)
    with database.read() as session:
        told = [
            (each.street, each.postcode, each.commune, each.country)
            for each in session.scalars(
                select(AppointmentAddress).order_by(AppointmentAddress.appointment_id)
            )
        ]
    guise = ("12 rue des Lilas", "02120", "Guise", "")
    assert told == [guise, guise, ("Grand-Place 1", "B-1000", "Bruxelles", "Belgique")]
    again = run_import(database, content, scope, NOW)
    assert again.counts["known"] == 5


def test_what_the_kiosk_speaks_comes_in_by_code_or_name(database, scope) -> None:
    head = "reference;relais;organisme;date;heure;nom;Langue"
    told = ("en", "Anglais", "ENGLISH", "Français", "", "volapük")
    lines = [
        f"A{number};Wassigny;MSA;25/11/2026;{9 + number}h;Mme Roy;{each}"
        for number, each in enumerate(told)
    ]
    report = run_import(database, "\n".join([head, *lines]).encode(), scope, NOW)
    unknown = (Note.LANGUAGE_UNKNOWN,)
    assert [each.notes for each in report.lines] == [(), (), (), (), (), unknown]
    with database.read() as session:
        kept = session.scalars(select(Appointment.language).order_by(Appointment.id))
        assert kept.all() == ["en", "en", "en", "fr", "fr", "fr"]
