# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows that Asterisk reads."""

import pytest

from provisioning.asterisk.realtime_rows import (
    counsellor_rows,
    kiosk_rows,
    member_row,
    queue_row,
    rows_of,
)
from provisioning.asterisk.telephones import Telephone
from provisioning.database.realtime import PjsipAuth, PjsipEndpoint, QueueMember
from provisioning.inventory.plan import Kind

DIRECTORY = {
    Kind.RELAY: {"guise": {"name": "Relais de Guise"}},
    Kind.KIOSK: {"kiosk-guise": {"relay": "guise"}},
    Kind.ORGANISATION: {"msa": {"name": "MSA"}},
    Kind.COUNSELLOR: {
        "counsellor-msa-1": {
            "name": "A",
            "organisation": "msa",
            "softphone": False,
            "in_clear": False,
            "browser": False,
        }
    },
}


def columns_of(rows, table):
    [row] = [row for row in rows if row.table is table]
    return row.columns


def test_a_kiosk_is_called_with_video_over_srtp_and_may_call_nobody():
    endpoint = columns_of(kiosk_rows("kiosk-guise", "Relais de Guise"), PjsipEndpoint)
    expected = {
        "context": "guichet-kiosk",
        "aors": "kiosk-guise",
        "auth": "kiosk-guise",
        "callerid": '"Relais de Guise" <kiosk-guise>',
        "allow": "!all,opus,g722,ulaw,vp8,h264",
        "dtmf_mode": "info",
        "media_encryption": "sdes",
        "media_encryption_optimistic": "no",
        "rtp_timeout": 30,
        "direct_media": "no",
        "identify_by": "username",
        "max_video_streams": 1,
        "language": "fr",
    }
    assert {name: endpoint[name] for name in expected} == expected


def test_our_own_counsellor_is_as_strict_as_a_kiosk():
    rows = counsellor_rows("counsellor-msa-1", "A", Telephone.OURS)
    endpoint, auth = columns_of(rows, PjsipEndpoint), columns_of(rows, PjsipAuth)
    assert endpoint["context"] == "guichet-counsellor"
    assert endpoint["media_encryption_optimistic"] == "no"
    assert auth["supported_algorithms_uas"] == "SHA-256"
    assert auth["supported_algorithms_uac"] == "SHA-256"


@pytest.mark.parametrize(
    ("telephone", "optimistic", "transport"),
    [
        (Telephone.SOFTPHONE, "no", "transport-tls"),
        (Telephone.SOFTPHONE_IN_CLEAR, "yes", None),
    ],
)
def test_a_softphone_is_encrypted_unless_it_may_be_in_clear_and_is_asked_for_md5_only(
    telephone: Telephone, optimistic: str, transport: str | None
):
    rows = counsellor_rows("counsellor-msa-1", "A", telephone)
    endpoint, auth = columns_of(rows, PjsipEndpoint), columns_of(rows, PjsipAuth)
    assert endpoint["media_encryption"] == "sdes"
    assert endpoint["media_encryption_optimistic"] == optimistic
    assert endpoint["transport"] == transport
    assert auth["supported_algorithms_uas"] == "MD5"


@pytest.mark.parametrize("softphone", [False, True])
@pytest.mark.parametrize("in_clear", [False, True])
def test_our_own_program_is_never_in_clear(softphone: bool, in_clear: bool):
    telephone = Telephone.of(softphone=softphone, in_clear=in_clear, browser=False)
    assert telephone.is_softphone is softphone
    assert telephone.may_be_in_clear is (softphone and in_clear)


def test_a_browser_comes_by_its_websocket_with_dtls_and_a_digest_that_jssip_knows():
    rows = counsellor_rows("counsellor-msa-1", "A", Telephone.BROWSER)
    endpoint, auth = columns_of(rows, PjsipEndpoint), columns_of(rows, PjsipAuth)
    expected = {
        "webrtc": "yes",
        "transport": None,
        "media_encryption": "dtls",
        "media_encryption_optimistic": "no",
        # A call that is well would die of either, and of a timer while the line is cut.
        "rtp_timeout": 0,
        "rtp_timeout_hold": 0,
        "timers": "no",
        "context": "guichet-counsellor",
        "allow_transfer": "no",
    }
    assert {name: endpoint[name] for name in expected} == expected
    assert auth["supported_algorithms_uas"] == "MD5"


@pytest.mark.parametrize("telephone", sorted(set(Telephone) - {Telephone.BROWSER}))
def test_whoever_is_no_browser_comes_by_sip_itself(telephone: Telephone):
    rows = counsellor_rows("counsellor-msa-1", "A", telephone)
    endpoint = columns_of(rows, PjsipEndpoint)
    assert (endpoint["webrtc"], endpoint["media_encryption"]) == ("no", "sdes")


@pytest.mark.parametrize("telephone", Telephone)
def test_nobody_is_called_but_where_they_came_from(telephone: Telephone):
    rows = counsellor_rows("counsellor-msa-1", "A", telephone)
    endpoint = columns_of(rows, PjsipEndpoint)
    assert endpoint["rewrite_contact"] == "yes"
    # A kiosk is called by Originate, whoever else by Queue and Dial, which follow nobody.
    assert endpoint["redirect_method"] == "user"
    kiosk = columns_of(kiosk_rows("kiosk-guise", "Guise"), PjsipEndpoint)
    assert kiosk["redirect_method"] == "uri_pjsip"


def test_a_softphone_with_its_camera_off_is_kept_and_a_dead_one_noticed():
    rows = counsellor_rows("counsellor-msa-1", "A", Telephone.SOFTPHONE)
    endpoint = columns_of(rows, PjsipEndpoint)
    assert endpoint["rtp_timeout"] == endpoint["rtp_timeout_hold"] == 0
    assert (endpoint["timers"], endpoint["timers_sess_expires"]) == ("always", 90)


@pytest.mark.parametrize("telephone", Telephone)
def test_no_row_has_a_place_for_a_clear_secret(telephone: Telephone):
    rows = counsellor_rows("counsellor-msa-1", "A", telephone)
    assert not {"password", "md5_cred"} & columns_of(rows, PjsipAuth).keys()
    assert not {"password", "md5_cred"} & set(PjsipAuth.__table__.columns.keys())


@pytest.mark.parametrize(
    "name, callerid",
    [
        ("L'été", '"L\'été" <kiosk-guise>'),
        ('La "Maison"', "\"La 'Maison'\" <kiosk-guise>"),
        ("a;b^c", '"a^3Bb^5Ec" <kiosk-guise>'),
        ("back\\slash", '"backslash" <kiosk-guise>'),
        ("<sip:x>", '"<sip:x>" <kiosk-guise>'),
    ],
)
def test_a_name_cannot_break_out_of_the_caller_id(name: str, callerid: str):
    assert columns_of(kiosk_rows("kiosk-guise", name), PjsipEndpoint)["callerid"] == (
        callerid
    )


def test_a_queue_takes_a_resident_whoever_is_there_and_speaks_our_prompt():
    queue = queue_row("msa")
    expected = {
        "strategy": "rrmemory",
        "joinempty": "yes",
        "leavewhenempty": "no",
        "ringinuse": "no",
        "periodic_announce": "guichet/un-conseiller-va-vous-repondre",
    }
    assert {name: queue.columns[name] for name in expected} == expected
    assert queue.key == {"name": "msa"}


def test_a_member_is_reached_and_watched_by_its_own_endpoint():
    member = member_row("msa", "counsellor-msa-1")
    assert member.key == {"queue_name": "msa", "interface": "PJSIP/counsellor-msa-1"}
    assert member.columns["state_interface"] == "PJSIP/counsellor-msa-1"


def test_pausing_is_left_to_asterisk_once_the_member_is_there():
    assert set(member_row("msa", "counsellor-msa-1").initial) == {
        "paused",
        "reason_paused",
    }
    assert "paused" not in member_row("msa", "counsellor-msa-1").columns


def test_a_directory_gives_each_identity_its_three_rows_and_each_organisation_a_queue():
    assert sorted(
        " ".join([row.table.__tablename__, *map(str, row.key.values())])
        for row in rows_of(DIRECTORY)
    ) == [
        "ps_aors counsellor-msa-1",
        "ps_aors kiosk-guise",
        "ps_auths counsellor-msa-1",
        "ps_auths kiosk-guise",
        "ps_endpoints counsellor-msa-1",
        "ps_endpoints kiosk-guise",
        "queue_members msa PJSIP/counsellor-msa-1",
        "queues msa",
    ]


def test_every_column_of_every_row_exists_and_none_is_forgotten():
    for row in rows_of(DIRECTORY):
        given = {*row.key, *row.columns, *row.initial}
        table = row.table.__table__
        assert given <= set(table.columns.keys())
        required = {
            column.name
            for column in table.columns
            if not column.nullable
            and not (row.table is QueueMember and column.primary_key)
        }
        # The digest is the one thing that only the holder of the secret can make.
        assert required - given in (set(), {"password_digest"})
