# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a kiosk's packages come from, the nightly window, and what became of an update."""

import json
from pathlib import Path
from typing import Any

import pytest

from sip_endpoints.machine.packages.apt import Apt, NotPrepared
from sip_endpoints.machine.packages.outcome import (
    Outcome,
    UpdateState,
    read_outcome,
    refused_versions,
    write_failure,
)
from sip_endpoints.machine.packages.repository import (
    Repository,
    RepositoryKeyChanged,
    RepositoryMalformed,
    follow_repository,
    keep_repository,
    kept_repository,
    read_repository,
)
from sip_endpoints.machine.packages.source import (
    remove_source,
    write_source,
    write_timers,
)
from sip_endpoints.machine.system.choices import Choices, Updates
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.programs import Ran
from sip_endpoints.machine.system.window import read_window
from tests.unit.sip_endpoints.machine.running import Programs, refused, said

KEY = (
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----\n"
)
TOLD = {"uri": "https://guichet.example.fr/depot/", "suite": "pilot", "key": KEY}
OURS = Repository(TOLD["uri"], "pilot", KEY)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path)
    made.updates.mkdir(parents=True)
    return made


def test_what_the_server_says_of_its_packages_is_read() -> None:
    assert read_repository(TOLD) == OURS
    assert read_repository(None) is None
    assert OURS.host == "guichet.example.fr"


@pytest.mark.parametrize(
    "change",
    [
        {"uri": "ftp://guichet.example.fr/"},
        {"uri": "http://guichet.example.fr/depot"},
        {"uri": "https://guichet.example.fr/ stable main\ndeb https://evil/"},
        {"uri": 3},
        {"suite": "stable\nTrusted: yes"},
        {"suite": ""},
        {"key": "-----BEGIN CERTIFICATE-----"},
        {"key": None},
        {"key": KEY + "x" * 100_000},
    ],
)
def test_what_would_become_another_line_of_apt_is_refused(
    change: dict[str, Any],
) -> None:
    with pytest.raises(RepositoryMalformed):
        read_repository({**TOLD, **change})


@pytest.mark.parametrize("told", ["https://guichet.example.fr/", [], 3])
def test_what_is_no_repository_is_refused(told: object) -> None:
    with pytest.raises(RepositoryMalformed):
        read_repository(told)


def test_another_ring_is_noticed_once(places: Places) -> None:
    assert keep_repository(OURS, places)
    assert not keep_repository(OURS, places)
    other = Repository(OURS.uri, "stable", KEY)
    assert keep_repository(other, places)
    assert kept_repository(places) == other
    assert keep_repository(None, places)
    assert kept_repository(places) is None


def test_another_key_is_believed_from_who_enrols_alone(places: Places) -> None:
    assert keep_repository(OURS, places)
    of_another = Repository("https://evil.example/", "stable", KEY + "of another")
    with pytest.raises(RepositoryKeyChanged):
        follow_repository(of_another, places)
    # Nor after the server has said for a while that it has none.
    assert follow_repository(None, places)
    with pytest.raises(RepositoryKeyChanged):
        follow_repository(of_another, places)
    assert kept_repository(places) is None
    assert follow_repository(Repository(OURS.uri, "stable", KEY), places)
    assert keep_repository(of_another, places)
    assert kept_repository(places) == of_another


def test_a_kiosk_from_before_believes_the_first_key_that_it_is_told(
    places: Places,
) -> None:
    assert follow_repository(None, places) is False
    assert follow_repository(OURS, places)
    assert places.trusted_key.read_text() == KEY
    with pytest.raises(RepositoryKeyChanged):
        follow_repository(Repository(OURS.uri, OURS.suite, KEY + "x"), places)


def test_apt_reads_the_server_s_ring_by_its_key_and_its_authority(
    places: Places,
) -> None:
    places.settings.mkdir(parents=True)
    places.web_authority.write_text("an authority")
    keep_repository(OURS, places)
    assert write_source(places)
    source = places.apt_source.read_text().splitlines()
    assert source[1:] == [
        "Types: deb",
        "URIs: https://guichet.example.fr/depot/",
        "Suites: pilot",
        "Components: main",
        f"Signed-By: {places.repository_key}",
        "Check-Date: yes",
        "Check-Valid-Until: yes",
        "Valid-Until-Max: 604800",
    ]
    assert places.repository_key.read_text() == KEY
    assert (
        f'Acquire::https::guichet.example.fr::CaInfo "{places.web_authority}";'
        in places.apt_settings.read_text()
    )


def test_a_server_without_packages_leaves_no_source(places: Places) -> None:
    keep_repository(OURS, places)
    write_source(places)
    keep_repository(None, places)
    assert not write_source(places)
    assert not places.apt_source.exists()
    assert not places.repository_key.exists()
    assert "CaInfo" not in places.apt_settings.read_text()


def test_leaving_takes_all_of_it_away(places: Places) -> None:
    keep_repository(OURS, places)
    write_source(places)
    write_timers(Choices(), places)
    places.update_step.write_text("installing 1 2 0 -")
    remove_source(places)
    left = [each for each in places.root.rglob("*") if each.is_file()]
    assert left == []
    assert not any(file.parent.exists() for file in places.update_timers.values())


@pytest.mark.parametrize(
    ("text", "ours", "debian"),
    [
        ("02:00-05:00", "02:00", "03:30"),
        ("23:00-02:00", "23:00", "00:30"),
        ("00:00-01:00", "00:00", "00:30"),
    ],
)
def test_both_updates_begin_in_the_window_ours_first(
    text: str, ours: str, debian: str
) -> None:
    window = read_window(text)
    assert f"OnCalendar=*-*-* {ours}\n" in window.timer_text()
    assert f"OnCalendar=*-*-* {debian}\n" in window.timer_text(is_second_half=True)


@pytest.mark.parametrize(
    "text", ["", "2:00-5:00", "02:00", "24:00-25:00", "02:00-02:30", "02:00-02:00", 3]
)
def test_a_window_that_is_none_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="heure"):
        read_window(text)


def test_the_window_of_kiosk_toml_is_the_timers(places: Places) -> None:
    write_timers(Choices(updates=Updates("01:00-03:00")), places)
    ours, debian = (file.read_text() for file in places.update_timers.values())
    assert "*-*-* 01:00" in ours
    assert "*-*-* 02:00" in debian


def test_the_last_outcome_is_told(places: Places) -> None:
    assert read_outcome(places) is None
    write_failure(places, "1.0", "1.1", "disk_full")
    told = read_outcome(places)
    assert told is not None
    assert (told.state, told.before, told.after, told.cause) == (
        UpdateState.FAILED,
        "1.0",
        "1.1",
        "disk_full",
    )


@pytest.mark.parametrize("text", ["", "[]", '{"state": "danced"}', "{}"])
def test_an_outcome_that_is_none_is_not_told(places: Places, text: str) -> None:
    places.update_outcome.write_text(text)
    assert read_outcome(places) is None


def test_an_outcome_has_no_cause_where_all_went_well() -> None:
    told = Outcome(UpdateState.DONE, "1.0", "1.1", "now").to_json()
    assert json.dumps(told) == (
        '{"state": "done", "from": "1.0", "to": "1.1", "at": "now", "cause": null}'
    )


def test_versions_that_were_put_back_are_remembered(places: Places) -> None:
    assert refused_versions(places) == frozenset()
    places.refused_versions.write_text("1.1\n1.2\n")
    assert refused_versions(places) == {"1.1", "1.2"}


MADISON = """\
guichet-kiosk | 0.9 | https://guichet.example.fr/depot pilot/main amd64 Packages
guichet-kiosk | 1.1 | https://guichet.example.fr/depot pilot/main amd64 Packages
nonsense
"""


def apt(places: Places, **answers: Ran) -> Apt:
    default = {
        "dpkg-query": said("ii |1.0"),
        "apt-cache": said(MADISON),
        # dpkg says by its code alone which version is newer.
        "dpkg --compare-versions 0.9 gt 1.1": refused(),
        "dpkg --compare-versions 0.9 gt 1.0": refused(),
    }
    named = {name.replace("_", "-"): answer for name, answer in answers.items()}
    return Apt(places, Programs({**default, **named}))


def test_the_newest_version_of_the_server_alone_is_offered(places: Places) -> None:
    assert apt(places).offered() == "1.1"


def test_an_older_version_is_not_offered(places: Places) -> None:
    older = said(MADISON.splitlines()[0])
    assert apt(places, apt_cache=older).offered() == ""


@pytest.mark.parametrize(
    ("errors", "cause"),
    [
        ("E: Failed to fetch https://guichet.example.fr/depot", "no_list"),
        (
            "E: Release file for https://guichet.example.fr/depot/dists/pilot/InRelease is"
            " expired (invalid since 1d 2h 3min 4s). Updates will not be applied.",
            "list_old",
        ),
    ],
)
def test_lists_that_cannot_be_read_and_old_ones_are_told_apart(
    places: Places, errors: str, cause: str
) -> None:
    with pytest.raises(NotPrepared) as told:
        apt(places, apt_get=refused(errors)).refresh()
    assert told.value.cause == cause


@pytest.mark.parametrize("told", ["iU |1.1", "iHR|1.1", "rc |1.1", ""])
def test_a_package_that_is_not_whole_is_no_version(places: Places, told: str) -> None:
    assert apt(places, dpkg_query=said(told)).installed() == ""


@pytest.mark.parametrize(
    ("errors", "cause"),
    [
        ("E: Packages need to be removed but remove is disabled.", "would_remove"),
        ("E: Unable to correct problems", "no_way"),
    ],
)
def test_what_apt_will_not_do_is_told(places: Places, errors: str, cause: str) -> None:
    with pytest.raises(NotPrepared) as told:
        apt(places, apt_get=refused(errors)).download("1.1")
    assert told.value.cause == cause


def test_without_a_package_of_before_nothing_begins(places: Places) -> None:
    with pytest.raises(NotPrepared) as told:
        apt(places, env=said("")).keep_installed()
    assert told.value.cause == "keep_failed"
