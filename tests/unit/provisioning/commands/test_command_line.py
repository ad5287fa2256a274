# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision` as IT types it: results, complaints, exit codes, secrets."""

import json
import os
import stat
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from provisioning.cli import main
from provisioning.database.engine import Database
from tests.unit.provisioning.commands.conftest import INVENTORY, Run

CAF = (
    "add-organisation caf --name Allocations --short-name CAF --counsellor Ève".split()
)


@pytest.fixture
def rows(tmp_path: Path) -> Callable[[str], list[tuple]]:
    """Query the database of `run`."""

    def query(sql: str) -> list[tuple]:
        database = Database(f"sqlite:///{tmp_path / 'guichet.db'}")
        with database.read() as session:
            found = [tuple(row) for row in session.execute(text(sql))]
        database.dispose()
        return found

    return query


def test_applying_twice_says_that_there_is_nothing_to_change(run: Run):
    assert (
        "done: 6 added, 8 rows of Asterisk"
        in run("apply", "inventory.toml", "--secrets-later").stdout
    )
    assert (
        run("apply", "inventory.toml", "--secrets-later").stdout
        == "nothing to change\n"
    )
    again = json.loads(
        run("apply", "inventory.toml", "--secrets-later", "--json").stdout
    )
    assert (again["changed"], again["changes"], again["realtime"]) == (False, [], [])


def test_new_secrets_that_would_be_written_nowhere_change_nothing(run: Run, rows):
    result = run("apply", "inventory.toml", exit_code=1)
    assert "there are new secrets, of " in result.stderr
    for each in ("counsellor-msa-1", "kiosk-guise", "--secrets-dir FOLDER"):
        assert each in result.stderr
    for way in ("--secrets-later", "enrolment-code", "softphone", "guichet-web invite"):
        assert way in result.stderr
    assert rows("SELECT slug FROM relay") == rows("SELECT id FROM ps_endpoints") == []
    run("apply", "inventory.toml", "--secrets-later")
    # Where nobody is new, nothing is to be said.
    assert run("apply", "inventory.toml").stdout == "nothing to change\n"


def test_a_dry_run_says_all_and_writes_nothing(run: Run, rows, tmp_path: Path):
    result = run("apply", "inventory.toml", "--dry-run", "--secrets-dir", "secrets")
    assert '+ kiosk kiosk-guise: relay "guise"' in result.stdout
    assert "would be: 6 added" in result.stdout
    assert rows("SELECT slug FROM relay") == rows("SELECT id FROM ps_endpoints") == []
    assert not (tmp_path / "secrets").exists()


def test_new_secrets_are_written_once_for_the_owner_alone(run: Run, tmp_path: Path):
    folder = tmp_path / "secrets"
    result = run("apply", "inventory.toml", "--secrets-dir", str(folder), "--json")
    names = ["accounts.toml", "counsellor-msa-1.toml", "kiosk-guise.toml"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert sorted(json.loads(result.stdout)["files"]) == [
        str(folder / name) for name in names
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    before = {path: path.read_bytes() for path in folder.iterdir()}
    run("apply", "inventory.toml", "--secrets-dir", str(folder))
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_no_secret_is_printed_logged_or_stored_in_clear(run: Run, tmp_path: Path):
    result = run("apply", "inventory.toml", "--secrets-dir", "secrets")
    kiosk = tomllib.loads((tmp_path / "secrets/kiosk-guise.toml").read_text())
    accounts = tomllib.loads((tmp_path / "secrets/accounts.toml").read_text())
    secrets = [
        kiosk["sip"]["secret"],
        kiosk["kiosk"]["token"],
        accounts["mairie@guise.example"],
    ]
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("guichet.db*"))
    for secret in secrets:
        assert secret not in result.output
        assert secret.encode() not in stored


def test_the_log_goes_to_stderr_and_names_what_changed(run: Run):
    url = f"sqlite:///{Path.cwd() / 'guichet.db'}"
    result = CliRunner().invoke(
        main,
        [
            "--database-url",
            url,
            "--verbose",
            "apply",
            "inventory.toml",
            "--json",
            "--secrets-later",
        ],
    )
    assert json.loads(result.stdout)["changed"] is True
    logged = [json.loads(line) for line in result.stderr.splitlines() if line[0] == "{"]
    assert {"directory changed", "realtime rows written"} == {
        entry["event"] for entry in logged
    }
    assert logged[0]["key"] == "guise"


def test_bundles_need_to_know_where_asterisk_is(run: Run, rows, tmp_path: Path):
    without_sip = INVENTORY.replace('[sip]\nserver = "sip.example"', "")
    (tmp_path / "inventory.toml").write_text(without_sip)
    result = run("apply", "inventory.toml", "--secrets-dir", "secrets", exit_code=2)
    assert "a bundle needs Asterisk's host: give --sip-server" in result.stderr
    assert rows("SELECT slug FROM kiosk") == []


def test_the_certificate_authority_is_copied_beside_the_bundles(
    run: Run, tmp_path: Path
):
    (tmp_path / "authority.pem").write_text("CERTIFICATE")
    sip = '[sip]\nserver = "sip.example"\nca = "authority.pem"'
    inventory = INVENTORY.replace('[sip]\nserver = "sip.example"', sip)
    (tmp_path / "inventory.toml").write_text(inventory)
    run("apply", "inventory.toml", "--secrets-dir", "secrets")
    assert (tmp_path / "secrets/ca.pem").read_text() == "CERTIFICATE"


def test_a_wrong_inventory_is_told_line_by_line_and_nothing_is_written(
    run: Run, rows, tmp_path: Path
):
    wrong = INVENTORY.replace('relay = "guise"', 'relay = "gise"')
    (tmp_path / "inventory.toml").write_text(wrong)
    result = run("apply", "inventory.toml", exit_code=2)
    assert result.stderr.splitlines() == [
        'inventory.toml, line 10, [[kiosks]] number 1, key "relay": no relay has the slug'
        ' "gise"; known: guise. Correct it or add it under [[relays]].',
        'inventory.toml, line 29, [[users]] number 1, key "relay": no relay has the slug'
        ' "gise"; known: guise. Correct it or add it under [[relays]].',
    ]
    assert rows("SELECT slug FROM relay") == []


def test_one_command_adds_an_organisation_with_queue_counter_and_counsellor(
    run: Run, rows
):
    run("apply", "inventory.toml", "--secrets-later")
    run(*CAF)
    assert rows("SELECT name FROM queues ORDER BY name") == [("caf",), ("msa",)]
    assert rows("SELECT slug FROM counter ORDER BY slug") == [("caf-1",), ("msa-1",)]
    assert rows(
        "SELECT interface, paused FROM queue_members WHERE queue_name = 'caf'"
    ) == [("PJSIP/counsellor-caf-1", 0)]
    assert rows("SELECT context FROM ps_endpoints WHERE id = 'counsellor-caf-1'") == [
        ("guichet-counsellor",)
    ]


def test_adding_the_same_again_changes_nothing_and_something_else_is_refused(run: Run):
    run("apply", "inventory.toml", "--secrets-later")
    run(*CAF)
    assert run(*CAF).stdout == "nothing to change\n"
    other = [*CAF, "--abandon-after-seconds", "60"]
    assert "organisation caf exists already and is different" in (
        run(*other, exit_code=1).stderr
    )


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (
            ["add-kiosk", "guise-2", "--relay", "guise"],
            '"guise-2" must begin with "kiosk-": write "kiosk-guise-2".',
        ),
        (
            ["add-kiosk", "kiosk-x", "--relay", "x"],
            'no relay has the slug "x"; known: guise.',
        ),
        (
            ["add-counsellor", "counsellor-x", "--name", "X", "--organisation", "x"],
            'no organisation has the slug "x"; known: msa.',
        ),
        (
            ["add-user", "x@y.fr", "--name", "X", "--role", "secretary"],
            "the role secretary needs a relay",
        ),
        (
            ["add-counter", "guise", "--name", "X", "--organisation", "msa"],
            '"guise" is already the slug of a relay',
        ),
    ],
)
def test_adding_follows_the_rules_of_the_inventory(
    run: Run, arguments: list[str], complaint: str
):
    run("apply", "inventory.toml", "--secrets-later")
    assert complaint in run(*arguments, exit_code=2).stderr


def test_diff_shows_both_sides_and_ends_like_diff(run: Run, tmp_path: Path):
    assert "+ relay guise" in run("diff", "inventory.toml", exit_code=1).stdout
    run("apply", "inventory.toml", "--secrets-later")
    assert run("diff", "inventory.toml", exit_code=0).stdout == "nothing to change\n"
    run(*CAF)
    assert run("diff", "inventory.toml", exit_code=1).stdout == (
        "nothing to change\n"
        "! counsellor counsellor-caf-1: exists, not in the inventory; kept\n"
        "! counter caf-1: exists, not in the inventory; kept\n"
        "! organisation caf: exists, not in the inventory; kept\n"
    )
    (tmp_path / "inventory.toml").write_text("[[relay]]")
    run("diff", "inventory.toml", exit_code=2)


def test_nothing_is_removed_unless_pruning_is_asked_for(run: Run, rows):
    run("apply", "inventory.toml", "--secrets-later")
    run(*CAF)
    run("apply", "inventory.toml", "--secrets-later")
    assert ("caf",) in rows("SELECT slug FROM organisation")
    assert "- organisation caf" in run("apply", "inventory.toml", "--prune").stdout
    assert rows("SELECT slug FROM organisation") == [("msa",)]
    assert rows("SELECT name FROM queues") == [("msa",)]
    assert rows("SELECT id FROM ps_auths ORDER BY id") == [
        ("counsellor-msa-1",),
        ("kiosk-guise",),
    ]


def test_removing_what_others_belong_to_is_refused_with_the_command_that_would_work(
    run: Run, rows
):
    run("apply", "inventory.toml", "--secrets-later")
    result = run("remove", "msa", exit_code=1)
    assert (
        'remove all of it with "guichet-provision remove msa msa-1 counsellor-msa-1"'
        in result.stderr
    )
    assert "- organisation msa" in (
        run("remove", "msa", "msa-1", "counsellor-msa-1").stdout
    )
    assert rows("SELECT slug FROM counsellor") == rows("SELECT name FROM queues") == []


def test_a_new_kiosks_bridge_trusts_the_authority_of_its_web_application(
    run: Run, tmp_path: Path
):
    authority = tmp_path / "authority.pem"
    authority.write_text("a certificate")
    run("apply", "inventory.toml", "--secrets-later")
    for kiosk, options, expected in (
        ("kiosk-guise-2", (), "ca.pem"),
        ("kiosk-guise-3", ("--public-web-certificate",), None),
    ):
        run(
            *("add-kiosk", kiosk, "--relay", "guise", "--printer", "guichet"),
            *(
                "--secrets-dir",
                str(tmp_path / "secrets"),
                "--sip-server",
                "sip.example",
            ),
            *("--sip-ca", str(authority), "--web-url", "https://web.example"),
            *options,
        )
        bundle = tomllib.loads((tmp_path / "secrets" / f"{kiosk}.toml").read_text())
        assert bundle["bridge"].get("server_ca_file") == expected
    assert (tmp_path / "secrets" / "ca.pem").read_text() == "a certificate"


def test_what_does_not_exist_is_not_removed_shown_or_rotated(run: Run):
    for arguments in (
        ["remove", "absent"],
        ["show", "absent"],
        ["rotate-secret", "absent", "--print"],
    ):
        assert 'nothing is called "absent"' in run(*arguments, exit_code=1).stderr


def test_rotating_prints_the_secret_once_and_replaces_the_digest(run: Run, rows):
    run("apply", "inventory.toml", "--secrets-later")
    digest = "SELECT password_digest FROM ps_auths WHERE id = 'kiosk-guise'"
    before = rows(digest)
    shown = json.loads(run("rotate-secret", "kiosk-guise", "--print", "--json").stdout)
    assert rows(digest) != before
    assert len(shown["password"]) == 32
    assert shown["token"]
    assert shown["password"] not in run("show", "kiosk-guise").output


def test_a_dry_rotation_replaces_nothing(run: Run, rows):
    run("apply", "inventory.toml", "--secrets-later")
    digests = "SELECT id, password_digest FROM ps_auths"
    before = rows(digests)
    result = run("rotate-secret", "kiosk-guise", "--print", "--dry-run")
    assert result.stdout == "would replace the secret of kiosk kiosk-guise (dry run)\n"
    assert rows(digests) == before


def test_rotating_renews_a_bundle_in_place(run: Run, tmp_path: Path):
    run("apply", "inventory.toml", "--secrets-dir", "secrets")
    path = tmp_path / "secrets/kiosk-guise.toml"
    before = tomllib.loads(path.read_text())
    result = run("rotate-secret", "kiosk-guise", "--bundle", str(path))
    after = tomllib.loads(path.read_text())
    assert after["sip"]["secret"] not in (before["sip"]["secret"], result.output)
    assert after["kiosk"]["token"] != before["kiosk"]["token"]
    assert after["sip"] | {"secret": ""} == before["sip"] | {"secret": ""}


def test_rotating_asks_where_the_secret_goes(run: Run):
    run("apply", "inventory.toml", "--secrets-later")
    assert "give one of --print, --bundle FILE and --discard" in (
        run("rotate-secret", "kiosk-guise", exit_code=2).stderr
    )
    assert "kiosk-guise is locked out" in (
        run("rotate-secret", "kiosk-guise", "--discard").stdout
    )
    assert "relay guise has no secret" in (
        run("rotate-secret", "guise", "--print", exit_code=1).stderr
    )


def test_a_users_new_password_ends_the_sessions_of_the_old_one(run: Run, rows):
    run("apply", "inventory.toml", "--secrets-later")
    [(password, session)] = rows("SELECT password, session_key FROM user_account")
    run("rotate-secret", "mairie@guise.example", "--print")
    [(new_password, new_session)] = rows(
        "SELECT password, session_key FROM user_account"
    )
    assert new_password != password
    assert new_session != session


def test_turning_a_counsellor_to_a_softphone_gives_a_new_secret(
    run: Run, rows, tmp_path: Path
):
    run("apply", "inventory.toml", "--secrets-later")
    softphone = INVENTORY.replace('"Conseillère"', '"Conseillère"\nsoftphone = true')
    (tmp_path / "inventory.toml").write_text(softphone)
    result = run("apply", "inventory.toml", "--secrets-later")
    assert "~ counsellor counsellor-msa-1: softphone no -> yes" in result.stdout
    assert "new secret for counsellor-msa-1" in result.stdout
    assert "rotate-secret counsellor-msa-1 --print" in result.stderr
    [(digest,)] = rows(
        "SELECT password_digest FROM ps_auths WHERE id = 'counsellor-msa-1'"
    )
    assert digest.startswith("MD5:")


def test_a_browser_is_handed_no_secret_and_its_page_alone_gets_one(
    run: Run, rows, tmp_path: Path
):
    run("apply", "inventory.toml", "--secrets-later")
    browser = INVENTORY.replace('"Conseillère"', '"Conseillère"\nbrowser = true')
    (tmp_path / "inventory.toml").write_text(browser)
    result = run("apply", "inventory.toml", "--secrets-dir", "secrets")
    assert "~ counsellor counsellor-msa-1: browser no -> yes" in result.stdout
    assert "secret" not in result.stdout + result.stderr
    assert not (tmp_path / "secrets" / "counsellor-msa-1.toml").exists()
    auth = "SELECT password_digest FROM ps_auths WHERE id = 'counsellor-msa-1'"
    [(digest,)] = rows(auth)
    assert digest.startswith("MD5:")
    printed = run("rotate-secret", "counsellor-msa-1", "--print", exit_code=1)
    assert "gets its secret by itself" in printed.stderr
    assert rows(auth) == [(digest,)]
    ended = run("rotate-secret", "counsellor-msa-1", "--discard")
    assert "gets a new secret as soon as it asks" in ended.stdout
    assert rows(auth) != [(digest,)]


@pytest.mark.parametrize("other", ["softphone = true", "in_clear = true"])
def test_a_telephone_is_a_browser_or_a_softphone(run: Run, tmp_path: Path, other: str):
    both = INVENTORY.replace('"Conseillère"', f'"Conseillère"\nbrowser = true\n{other}')
    (tmp_path / "inventory.toml").write_text(both)
    result = run("apply", "inventory.toml", exit_code=2)
    assert "remove browser, or softphone" in result.stderr


def test_showing_a_browser_tells_that_nobody_types_anything_in(run: Run):
    run("apply", "inventory.toml", "--secrets-later")
    run(*CAF, "--browser")
    shown = json.loads(run("show", "counsellor-caf-1", "--json").stdout)
    assert (shown["browser"], shown["softphone"]) == (True, False)
    assert shown["sip"]["encryption"] == "DTLS-SRTP always"


@pytest.mark.parametrize(
    ("options", "transport", "encryption"),
    [
        (("--softphone",), "TLS", "SRTP (SDES) always"),
        (
            ("--softphone", "--in-clear"),
            "TLS, TCP or UDP, as the site allows",
            "SRTP if the telephone can",
        ),
    ],
)
def test_showing_a_softphone_gives_its_three_settings(
    run: Run, options, transport, encryption
):
    run("apply", "inventory.toml", "--secrets-later")
    run(*CAF, *options)
    shown = run("show", "counsellor-caf-1", "--sip-server", "sip.example", "--json")
    assert json.loads(shown.stdout)["sip"] == {
        "server": "sip.example",
        "user": "counsellor-caf-1",
        "password": 'only once, by "guichet-provision rotate-secret counsellor-caf-1'
        ' --print"',
        "transport": transport,
        "encryption": encryption,
    }


def test_listing_one_kind_gives_its_table(run: Run):
    run("apply", "inventory.toml", "--secrets-later")
    assert run("list", "kiosks").stdout.splitlines() == [
        "slug         relay",
        "kiosk-guise  guise",
    ]
    assert json.loads(run("list", "relays", "--json").stdout) == {
        "relays": [
            {
                "kind": "relay",
                "slug": "guise",
                "name": "Relais de Guise",
                "commune": "Guise",
                "address": "",
                "time_zone": "Europe/Paris",
                "latitude": None,
                "longitude": None,
                "telephone": "",
                "room": "",
            }
        ]
    }


REASON = """
[[reasons]]
slug = "msa-rsa"
name = "RSA"
organisation = "msa"
papers = ["RIB", { name = "Carte Vitale", pictogram = "heart-pulse" }]
"""


def test_a_reason_is_applied_shown_changed_and_removed_with_its_papers(
    run: Run, rows, tmp_path: Path
):
    inventory = tmp_path / "inventory.toml"
    inventory.write_text(INVENTORY + REASON)
    assert (
        '+ reason msa-rsa: organisation "msa", name "RSA", position 0,'
        ' papers "RIB, Carte Vitale (heart-pulse)"'
    ) in run("apply", "inventory.toml", "--dry-run").stdout
    assert rows("SELECT slug FROM visit_reason") == []
    run("apply", "inventory.toml", "--secrets-later")
    assert (
        run("apply", "inventory.toml", "--secrets-later").stdout
        == "nothing to change\n"
    )
    shown = run("show", "msa-rsa").stdout
    assert "  papers: RIB, Carte Vitale (heart-pulse)\n" in shown
    assert json.loads(run("list", "reasons", "--json").stdout)["reasons"] == [
        {
            "kind": "reason",
            "slug": "msa-rsa",
            "name": "RSA",
            "pictogram": "",
            "minutes": None,
            "position": 0,
            "papers": [
                {"name": "RIB", "pictogram": ""},
                {"name": "Carte Vitale", "pictogram": "heart-pulse"},
            ],
            "organisation": "msa",
        }
    ]
    inventory.write_text(INVENTORY + REASON.replace('"RIB", ', "") + "minutes = 20\n")
    assert run("diff", "inventory.toml", exit_code=1).stdout.splitlines()[0] == (
        "~ reason msa-rsa: minutes None -> 20, papers"
        ' "RIB, Carte Vitale (heart-pulse)" -> "Carte Vitale (heart-pulse)"'
    )
    run("apply", "inventory.toml", "--secrets-later")
    assert rows("SELECT minutes FROM visit_reason") == [(20,)]
    assert "remove msa msa-1 msa-rsa counsellor-msa-1" in (
        run("remove", "msa", exit_code=1).stderr
    )
    run("remove", "msa-rsa")
    assert rows("SELECT slug FROM visit_reason") == []


def test_one_command_adds_a_reason_and_others_take_places_and_telephones(
    run: Run, rows
):
    run("apply", "inventory.toml", "--secrets-later")
    reason = ["add-reason", "msa-rsa", "--organisation", "msa", "--name", "RSA"]
    reason += ["--pictogram", "cash-coin", "--minutes", "20"]
    reason += ["--paper", "RIB", "--paper", "Pièce d'identité"]
    assert "+ reason msa-rsa" in run(*reason).stdout
    assert run(*reason).stdout == "nothing to change\n"
    [(papers, minutes)] = rows("SELECT papers, minutes FROM visit_reason")
    assert [paper["name"] for paper in json.loads(papers)] == [
        "RIB",
        "Pièce d'identité",
    ]
    assert minutes == 20
    place = "--latitude -21.1 --longitude 55.5 --time-zone Indian/Reunion".split()
    relay = ["add-relay", "saint-denis", "--name", "Relais", "--commune", "Saint-Denis"]
    run(*relay, *place, "--room", "Salle 2", "--telephone", "+262 262 90 00 00")
    assert rows(
        "SELECT latitude, longitude, telephone, room FROM relay"
        " WHERE slug = 'saint-denis'"
    ) == [(-21.1, 55.5, "+262262900000", "Salle 2")]
    run(*CAF, "--telephone", "01 99 00 20 04", "--time-zone", "Indian/Reunion")
    assert rows("SELECT telephone, time_zone FROM organisation WHERE slug = 'caf'") == [
        ("+33199002004", "Indian/Reunion")
    ]


def test_what_somebody_changed_by_hand_in_asterisks_tables_is_set_right(
    run: Run, rows, tmp_path: Path
):
    run("apply", "inventory.toml", "--secrets-later")
    database = Database(f"sqlite:///{tmp_path / 'guichet.db'}")
    with database.write() as session:
        session.execute(text("UPDATE ps_endpoints SET media_encryption = 'no'"))
        session.execute(text("UPDATE queue_members SET paused = 1"))
    database.dispose()
    result = run("diff", "inventory.toml", exit_code=1)
    assert "~ asterisk row ps_endpoints kiosk-guise: change" in result.stdout
    run("apply", "inventory.toml", "--secrets-later")
    assert rows("SELECT DISTINCT media_encryption FROM ps_endpoints") == [("sdes",)]
    # A counsellor's pause is Asterisk's to write, not a difference.
    assert rows("SELECT paused FROM queue_members") == [(1,)]


def test_a_counter_cannot_change_its_organisation(run: Run, tmp_path: Path):
    run("apply", "inventory.toml", "--secrets-later")
    run(*CAF)
    moved = INVENTORY.replace(
        'name = "Guichet 1"\norganisation = "msa"',
        'name = "Guichet 1"\norganisation = "caf"',
    )
    (tmp_path / "inventory.toml").write_text(moved)
    assert "counter msa-1 cannot change its organisation" in (
        run("apply", "inventory.toml", exit_code=1).stderr
    )


def test_without_a_database_the_command_says_which_is_meant(monkeypatch):
    monkeypatch.delenv("GUICHET_DATABASE_URL", raising=False)
    result = CliRunner().invoke(main, ["list"])
    assert result.exit_code == 2
    assert "which database? Give --database-url" in result.stderr
    result = CliRunner().invoke(main, ["--database-url", "nonsense", "list"])
    assert result.exit_code == 2
    assert "is no address of a database" in result.stderr


@pytest.mark.parametrize("command", [["upgrade-database"], ["list"]])
def test_a_database_that_cannot_be_opened_is_a_sentence(
    tmp_path: Path, command: list[str]
):
    url = f"sqlite:///{tmp_path / 'absent' / 'guichet.db'}"
    result = CliRunner().invoke(main, ["--database-url", url, *command])
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: the database cannot be used: unable to open database file\n",
    )


def test_an_address_of_no_database_is_refused_by_the_upgrade_too():
    result = CliRunner().invoke(main, ["--database-url", "x", "upgrade-database"])
    assert result.exit_code == 1
    assert "this is no address of a database" in result.stderr


def test_an_empty_database_says_what_to_run_first(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    result = CliRunner().invoke(main, ["--database-url", url, "list"])
    assert result.exit_code == 1
    assert 'run "guichet-provision upgrade-database"' in result.stderr


def commands_of(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    """Give each command, those of a group within it too."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands_of(command)
        else:
            yield name, command


def test_every_command_that_writes_has_a_dry_run_and_every_command_json():
    for name, command in commands_of(main):
        options = {
            option
            for parameter in command.params
            if isinstance(parameter, click.Option)
            for option in parameter.opts
        }
        assert "--json" in options, name
        if name not in ("list", "show", "diff", "site"):
            assert "--dry-run" in options, name


def test_a_service_of_interpreters_is_added_with_its_kind(run: Run, rows):
    lsf = "add-organisation lsf --name LSF --interprets sign --counsellor Camille"
    assert 'interprets "sign"' in run(*lsf.split()).stdout
    assert rows("SELECT slug, interprets FROM organisation") == [("lsf", "sign")]
    assert run(*CAF).exit_code == 0
    assert ("caf", "") in rows("SELECT slug, interprets FROM organisation")


def test_what_exists_is_exported_and_taken_back(run: Run, tmp_path: Path) -> None:
    run("apply", "inventory.toml", "--secrets-later")
    written = json.loads(run("export", "tables", "--json").stdout)["files"]
    assert sorted(written) == sorted(f"tables/{name}" for name in os.listdir("tables"))
    assert run("diff", "tables").stdout == "nothing to change\n"
    run("export", "all.toml")
    assert run("diff", "all.toml").stdout == "nothing to change\n"
    # A kiosk more, in the one table that it needs.
    table = Path("tables/kiosks.csv")
    table.write_text(table.read_text("utf-8-sig") + "kiosk-guise-2;guise\n", "cp1252")
    told = run("apply", str(table), "--secrets-later").stdout
    assert "+ kiosk kiosk-guise-2: relay" in told
    assert "relay guise: exists, not in the inventory; kept" in told
    # Nothing that is there is written over.
    assert "is there already" in run("export", "tables", exit_code=1).stderr
    assert "is there already" in run("export", "all.toml", exit_code=1).stderr
    assert "would write" in run("export", "other", "--dry-run").stdout
    assert not Path("other").exists()


def test_rows_that_another_version_wrote_are_set_right_and_secrets_stay(
    run: Run, rows: Callable[[str], list[tuple]], tmp_path: Path
) -> None:
    run("apply", "inventory.toml", "--secrets-later")
    assert run("refresh").stdout == "nothing to change\n"
    before = rows("SELECT id, password_digest FROM ps_auths")
    database = Database(f"sqlite:///{tmp_path / 'guichet.db'}")
    with database.write() as session:
        session.execute(text("UPDATE ps_endpoints SET rewrite_contact = 'no'"))
    assert (
        "~ asterisk row ps_endpoints kiosk-guise" in run("refresh", "--dry-run").stdout
    )
    assert "~ asterisk row ps_endpoints kiosk-guise" in run("refresh").stdout
    assert set(rows("SELECT rewrite_contact FROM ps_endpoints")) == {("yes",)}
    assert rows("SELECT id, password_digest FROM ps_auths") == before
    with database.write() as session:
        session.execute(text("DELETE FROM ps_auths WHERE id = 'kiosk-guise'"))
    database.dispose()
    # A new secret would be nobody's.
    assert "there are new secrets, of kiosk-guise" in run("refresh", exit_code=1).stderr
