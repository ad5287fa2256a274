# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables that Asterisk itself reads (realtime by ODBC), with Asterisk's own names.

The columns are those that `realtime_rows` sets, and those that Asterisk 22 asks for by
name (`mailboxes`, `reason_paused`). A column absent here keeps Asterisk's default. There
is no column for a clear secret, on purpose. Contacts stay in Asterisk's astdb.
"""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base
from provisioning.database.models import NAME_LENGTH, SLUG_LENGTH

INTERFACE_LENGTH = SLUG_LENGTH + 20
YES_NO_LENGTH = 3
AUTHS_LENGTH = 130


class PjsipEndpoint(Base):
    """How a kiosk or a counsellor may call and be called (`type=endpoint`)."""

    __tablename__ = "ps_endpoints"

    id: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    aors: Mapped[str] = mapped_column(String(SLUG_LENGTH))
    # Names of `ps_auths`: two where a former secret is still good.
    auth: Mapped[str] = mapped_column(String(AUTHS_LENGTH))
    # None: any. Asterisk takes a registration over every transport, but calls by this one.
    transport: Mapped[str | None] = mapped_column(String(40))
    context: Mapped[str] = mapped_column(String(80))
    message_context: Mapped[str] = mapped_column(String(80))
    identify_by: Mapped[str] = mapped_column(String(80))
    callerid: Mapped[str] = mapped_column(String(NAME_LENGTH + SLUG_LENGTH + 10))
    language: Mapped[str] = mapped_column(String(10))
    tone_zone: Mapped[str] = mapped_column(String(10))
    allow: Mapped[str] = mapped_column(String(200))
    dtmf_mode: Mapped[str] = mapped_column(String(10))
    media_encryption: Mapped[str] = mapped_column(String(10))
    media_encryption_optimistic: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    max_audio_streams: Mapped[int]
    max_video_streams: Mapped[int]
    webrtc: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    direct_media: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    rtp_symmetric: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    force_rport: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    rewrite_contact: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    rtp_timeout: Mapped[int]
    rtp_timeout_hold: Mapped[int]
    timers: Mapped[str] = mapped_column(String(10))
    timers_min_se: Mapped[int]
    timers_sess_expires: Mapped[int]
    trust_id_inbound: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    trust_connected_line: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    send_connected_line: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    send_pai: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    allow_transfer: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    allow_subscribe: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    allow_overlap: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    redirect_method: Mapped[str] = mapped_column(String(20), server_default="uri_pjsip")
    # Asked for by name by the message-waiting module; nobody here has a mailbox.
    mailboxes: Mapped[str | None] = mapped_column(String(200))


class PjsipAuth(Base):
    """The digests with which an endpoint proves who it is (`type=auth`)."""

    __tablename__ = "ps_auths"

    id: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    auth_type: Mapped[str] = mapped_column(String(20))
    username: Mapped[str] = mapped_column(String(SLUG_LENGTH))
    realm: Mapped[str] = mapped_column(String(80))
    # `SHA-256:<hex>`, for softphones `MD5:<hex>,SHA-256:<hex>`.
    password_digest: Mapped[str] = mapped_column(String(250))
    supported_algorithms_uas: Mapped[str] = mapped_column(String(80))
    # Without it Asterisk 22 answers 500: its default, MD5, has no digest here.
    supported_algorithms_uac: Mapped[str] = mapped_column(String(80))


class PjsipAor(Base):
    """Where an endpoint may register (`type=aor`)."""

    __tablename__ = "ps_aors"

    id: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    max_contacts: Mapped[int]
    remove_existing: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    minimum_expiration: Mapped[int]
    default_expiration: Mapped[int]
    maximum_expiration: Mapped[int]
    # Asterisk selects by `qualify_frequency > 0` when it starts.
    qualify_frequency: Mapped[int]
    qualify_timeout: Mapped[float]
    # Asterisk selects by `contact != ''` for its list of contacts; nobody has a fixed one.
    contact: Mapped[str | None] = mapped_column(String(255))
    mailboxes: Mapped[str | None] = mapped_column(String(200))


class AsteriskQueue(Base):
    """An organisation's queue; `_` in a column name is `-` in Asterisk's manual."""

    __tablename__ = "queues"

    name: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    musicclass: Mapped[str] = mapped_column(String(80))
    strategy: Mapped[str] = mapped_column(String(20))
    timeout: Mapped[int]
    retry: Mapped[int]
    timeoutpriority: Mapped[str] = mapped_column(String(10))
    wrapuptime: Mapped[int]
    weight: Mapped[int]
    maxlen: Mapped[int]
    autofill: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    autopause: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    ringinuse: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    joinempty: Mapped[str] = mapped_column(String(80))
    leavewhenempty: Mapped[str] = mapped_column(String(80))
    reportholdtime: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    setinterfacevar: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    setqueuevar: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    announce_frequency: Mapped[int]
    min_announce_frequency: Mapped[int]
    announce_position: Mapped[str] = mapped_column(String(10))
    announce_position_only_up: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    announce_to_first_user: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    announce_holdtime: Mapped[str] = mapped_column(String(10))
    periodic_announce: Mapped[str] = mapped_column(String(200))
    periodic_announce_frequency: Mapped[int]
    periodic_announce_startdelay: Mapped[int]
    relative_periodic_announce: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
    queue_youarenext: Mapped[str] = mapped_column(String(80))
    queue_thereare: Mapped[str] = mapped_column(String(80))
    queue_callswaiting: Mapped[str] = mapped_column(String(80))
    queue_thankyou: Mapped[str] = mapped_column(String(80))


class QueueMember(Base):
    """A counsellor in the queue of an organisation.

    Asterisk finds the row by `uniqueid` and writes `paused` and `reason_paused` itself:
    provisioning sets them once and leaves them alone.
    """

    __tablename__ = "queue_members"
    __table_args__ = (UniqueConstraint("queue_name", "interface"),)

    uniqueid: Mapped[int] = mapped_column(primary_key=True)
    queue_name: Mapped[str] = mapped_column(String(SLUG_LENGTH), index=True)
    interface: Mapped[str] = mapped_column(String(INTERFACE_LENGTH))
    membername: Mapped[str] = mapped_column(String(SLUG_LENGTH))
    state_interface: Mapped[str] = mapped_column(String(INTERFACE_LENGTH))
    penalty: Mapped[int]
    paused: Mapped[int]
    reason_paused: Mapped[str | None] = mapped_column(String(80))
    wrapuptime: Mapped[int]
    ringinuse: Mapped[str] = mapped_column(String(YES_NO_LENGTH))
