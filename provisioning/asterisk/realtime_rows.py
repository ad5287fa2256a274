# SPDX-License-Identifier: AGPL-3.0-or-later
"""Builds Asterisk's realtime rows of kiosks, counsellors and organisations. Pure.

The rows name things that live in `asterisk-config/`: the contexts, the music class and
the recorded announcements. They hold no secret; a digest is added by `directory`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.asterisk.telephones import Telephone
from provisioning.database.engine import Base
from provisioning.database.realtime import (
    AsteriskQueue,
    PjsipAor,
    PjsipAuth,
    PjsipEndpoint,
    QueueMember,
)
from provisioning.inventory.plan import Kind, Snapshot, Value

KIOSK_CONTEXT = "guichet-kiosk"
COUNSELLOR_CONTEXT = "guichet-counsellor"
GUEST_CONTEXT = "guichet-guest"
# No slug holds such a line: a guest's telephone has the name of nothing else.
GUEST_PREFIX = "guest_"
# An empty context: a MESSAGE outside a call goes nowhere.
MESSAGE_CONTEXT = "guichet-nobody"
SECURE_TRANSPORT = "transport-tls"
REALM = "asterisk"
# Who speaks no Opus speaks G.722 rather than the old telephone's narrow sound.
CODECS = "!all,opus,g722,ulaw,vp8,h264"
MUSIC_CLASS = "default"
WAITING_ANNOUNCEMENT = "guichet/un-conseiller-va-vous-repondre"
QUALIFY_SECONDS = 15
RTP_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class RealtimeRow:
    """One row that must exist: its table, what identifies it and its other columns.

    `initial` holds columns that are set when the row is added and then belong to Asterisk.
    """

    table: type[Base]
    key: Mapping[str, Value]
    columns: Mapping[str, Value]
    initial: Mapping[str, Value]

    @property
    def name(self) -> str:
        """Name the row for a person: `ps_endpoints kiosk-wassigny`."""
        return " ".join([self.table.__tablename__, *map(str, self.key.values())])


def rows_of(directory: Snapshot) -> list[RealtimeRow]:
    """Give every realtime row that this directory needs, and no other may exist."""
    relays = directory.get(Kind.RELAY, {})
    rows = []
    for slug, kiosk in directory.get(Kind.KIOSK, {}).items():
        rows += kiosk_rows(slug, str(relays[str(kiosk["relay"])]["name"]))
    for slug in directory.get(Kind.ORGANISATION, {}):
        rows.append(queue_row(slug))
    for slug, counsellor in directory.get(Kind.COUNSELLOR, {}).items():
        telephone = Telephone.of(
            softphone=bool(counsellor["softphone"]),
            in_clear=bool(counsellor["in_clear"]),
            browser=bool(counsellor["browser"]),
        )
        rows += counsellor_rows(slug, str(counsellor["name"]), telephone)
        rows.append(member_row(str(counsellor["organisation"]), slug))
    return rows


def kiosk_rows(slug: str, relay_name: str) -> list[RealtimeRow]:
    """Give the endpoint, auth and aor of a kiosk: TLS and SRTP only; it may call nobody."""
    return _identity_rows(slug, relay_name, KIOSK_CONTEXT, Telephone.OURS)


def counsellor_rows(slug: str, name: str, telephone: Telephone) -> list[RealtimeRow]:
    """Give the endpoint, auth and aor of a counsellor.

    Over which transports one may come in clear is settled by those that the site opens.
    """
    return _identity_rows(slug, name, COUNSELLOR_CONTEXT, telephone)


def guest_rows(number: int) -> list[RealtimeRow]:
    """Give the endpoint, auth and aor of a guest's page: they last as long as an invitation."""
    name = guest_telephone(number)
    return _identity_rows(name, name, GUEST_CONTEXT, Telephone.BROWSER)


def guest_telephone(number: int) -> str:
    """Name the telephone of the guest with this number."""
    return f"{GUEST_PREFIX}{number}"


def queue_row(organisation: str) -> RealtimeRow:
    """Give the queue of an organisation, named by its slug."""
    return RealtimeRow(
        table=AsteriskQueue,
        key={"name": organisation},
        columns={
            "musicclass": MUSIC_CLASS,
            # Never ringall: two members that answer by themselves could both be connected.
            "strategy": "rrmemory",
            "timeout": 20,
            "retry": 1,
            "timeoutpriority": "app",
            "wrapuptime": 5,
            "weight": 0,
            "maxlen": 0,
            "autofill": "yes",
            "autopause": "no",
            "ringinuse": "no",
            # A resident waits even while no counsellor is there: the limit is Queue()'s.
            "joinempty": "yes",
            "leavewhenempty": "no",
            "reportholdtime": "no",
            "setinterfacevar": "yes",
            "setqueuevar": "yes",
            "announce_frequency": 45,
            "min_announce_frequency": 15,
            "announce_position": "yes",
            "announce_position_only_up": "no",
            # The first in line hears the periodic announcement only: an announcement
            # would hold up the counsellor who has just become free.
            "announce_to_first_user": "no",
            "announce_holdtime": "no",
            "periodic_announce": WAITING_ANNOUNCEMENT,
            # While it speaks nobody is rung (up to 4 s): the music class says the same at
            # once and between two pieces, without holding anything up.
            "periodic_announce_frequency": 60,
            "periodic_announce_startdelay": 60,
            "relative_periodic_announce": "yes",
            # Who finds no counsellor free hears this before anybody can be rung: keep it
            # short, and nothing after it.
            "queue_youarenext": "guichet/vous-etes-le-prochain",
            "queue_thereare": "queue-thereare",
            "queue_callswaiting": "queue-callswaiting",
            # Empty would mean Asterisk's own sentence.
            "queue_thankyou": "guichet/silence",
        },
        initial={},
    )


def member_row(organisation: str, counsellor: str) -> RealtimeRow:
    """Give the place of a counsellor in the organisation's queue."""
    interface = f"PJSIP/{counsellor}"
    return RealtimeRow(
        table=QueueMember,
        key={"queue_name": organisation, "interface": interface},
        columns={
            "membername": counsellor,
            "state_interface": interface,
            "penalty": 0,
            "wrapuptime": 5,
            "ringinuse": "no",
        },
        initial={"paused": 0, "reason_paused": None},
    )


def _identity_rows(
    slug: str, display_name: str, context: str, telephone: Telephone
) -> list[RealtimeRow]:
    return [
        _endpoint_row(slug, display_name, context, telephone),
        _auth_row(slug, telephone),
        _aor_row(slug),
    ]


def _endpoint_row(
    slug: str, display_name: str, context: str, telephone: Telephone
) -> RealtimeRow:
    is_browser = telephone is Telephone.BROWSER
    return RealtimeRow(
        table=PjsipEndpoint,
        key={"id": slug},
        columns={
            "aors": slug,
            "auth": slug,
            "transport": _transport_of(telephone),
            "context": context,
            "message_context": MESSAGE_CONTEXT,
            "identify_by": "username",
            "callerid": f'"{_quotable(display_name)}" <{slug}>',
            "language": "fr",
            "tone_zone": "fr",
            "allow": CODECS,
            "dtmf_mode": "info",
            "media_encryption": "dtls" if is_browser else "sdes",
            "media_encryption_optimistic": (
                "yes" if telephone.may_be_in_clear else "no"
            ),
            "max_audio_streams": 1,
            "max_video_streams": 1,
            # ICE, RTCP beside RTP, AVPF and DTLS with a certificate that Asterisk makes.
            "webrtc": "yes" if is_browser else "no",
            "direct_media": "no",
            "rtp_symmetric": "yes",
            "force_rport": "yes",
            # Whoever registers is called where they came from: an address of their own choice,
            # a browser's too, could be the operator's.
            "rewrite_contact": "yes",
            **_liveness_columns(telephone),
            # Who calls is told by the directory, never by the phone.
            "trust_id_inbound": "no",
            # Connected-line updates would be re-INVITEs in the first second of a call.
            "trust_connected_line": "no",
            "send_connected_line": "no",
            "send_pai": "no",
            "allow_transfer": "no",
            "allow_subscribe": "no",
            "allow_overlap": "no",
            # Who sends a call elsewhere (302) gives Queue or Dial a name, and those follow none
            # (option i). A kiosk is called by Originate, which has no such option and would call
            # any endpoint that it names: it is called again, at its own address.
            "redirect_method": "uri_pjsip" if context == KIOSK_CONTEXT else "user",
            "mailboxes": None,
        },
        initial={},
    )


def _transport_of(telephone: Telephone) -> str | None:
    """Name the transport that calls it; None: the one that it registered by."""
    # Who registered in the clear is not called in the clear. A browser is called by its own
    # WebSocket, whose far end is the front on the loopback.
    is_free = telephone.may_be_in_clear or telephone is Telephone.BROWSER
    return None if is_free else SECURE_TRANSPORT


def _liveness_columns(telephone: Telephone) -> dict[str, Value]:
    # A peer that dies without a BYE must not keep its channel for ever. Asterisk's RTP
    # time-out watches every stream, so it would hang up on a softphone that took video and
    # has its camera off (measured): there, session timers notice after a minute.
    if telephone.is_softphone:
        return {
            "rtp_timeout": 0,
            "rtp_timeout_hold": 0,
            "timers": "always",
            "timers_min_se": 90,
            "timers_sess_expires": 90,
        }
    # A browser's call that is well would die of the time-out too (asterisk#1940), and what
    # a session timer sends while the WebSocket is cut would end the call.
    if telephone is Telephone.BROWSER:
        return {
            "rtp_timeout": 0,
            "rtp_timeout_hold": 0,
            "timers": "no",
            "timers_min_se": 90,
            "timers_sess_expires": 1800,
        }
    return {
        "rtp_timeout": RTP_TIMEOUT_SECONDS,
        "rtp_timeout_hold": 300,
        "timers": "yes",
        "timers_min_se": 90,
        "timers_sess_expires": 600,
    }


def _auth_row(slug: str, telephone: Telephone) -> RealtimeRow:
    algorithms = "MD5" if telephone.signs_in_by_md5 else "SHA-256"
    return RealtimeRow(
        table=PjsipAuth,
        key={"id": slug},
        columns={
            "auth_type": "digest",
            "username": slug,
            "realm": REALM,
            "supported_algorithms_uas": algorithms,
            "supported_algorithms_uac": algorithms,
        },
        initial={},
    )


def _aor_row(slug: str) -> RealtimeRow:
    return RealtimeRow(
        table=PjsipAor,
        key={"id": slug},
        columns={
            "max_contacts": 1,
            "remove_existing": "yes",
            "minimum_expiration": 15,
            "default_expiration": 300,
            "maximum_expiration": 3600,
            "qualify_frequency": QUALIFY_SECONDS,
            "qualify_timeout": 3.0,
            "contact": None,
            "mailboxes": None,
        },
        initial={},
    )


def _quotable(name: str) -> str:
    # A quotation mark would end the name, and `;` ends a value in Asterisk's realtime
    # driver, which reads `^3B` as `;`.
    plain = name.replace("\\", "").replace('"', "'")
    return plain.replace("^", "^5E").replace(";", "^3B")
