# SPDX-License-Identifier: AGPL-3.0-or-later
"""The codes that tell why an appointment is in its state; the pages translate them."""

from enum import StrEnum


class Reason(StrEnum):
    """Why the dispatcher moved an appointment."""

    PRESUMED_AT_THE_HOUR = "presumed_at_the_hour"
    KIOSK_OFFLINE = "kiosk_offline"
    KIOSK_SILENT = "kiosk_silent"
    KIOSK_BUSY = "kiosk_busy"
    # It was busy, and is called again by itself: nobody has to do anything.
    KIOSK_AWAITED = "kiosk_awaited"
    KIOSK_REFUSED = "kiosk_refused"
    QUEUE_TIMEOUT = "queue_timeout"
    RESIDENT_LEFT = "resident_left"
    CALL_BROKEN = "call_broken"
    ASTERISK_LOST = "asterisk_lost"
    DISPATCHER_LOST = "dispatcher_lost"
    HUNG_UP_BY_SECRETARY = "hung_up_by_secretary"
    SERVER_FULL = "server_full"
    ACCESS_CUT = "access_cut"
    # It waits once more: its counsellor handed it over.
    HANDED_OVER = "handed_over"


# Q.850 causes with which a kiosk that did not answer ends: causes.h of Asterisk, and
# hangup_sip2cause() of res_pjsip for the SIP answer behind each.
UNREACHABLE_BY_CAUSE: dict[int, Reason] = {
    0: Reason.KIOSK_SILENT,
    16: Reason.KIOSK_SILENT,
    17: Reason.KIOSK_BUSY,
    18: Reason.KIOSK_SILENT,
    19: Reason.KIOSK_SILENT,
    21: Reason.KIOSK_REFUSED,
    # It sent the call elsewhere.
    23: Reason.KIOSK_REFUSED,
    29: Reason.KIOSK_REFUSED,
    58: Reason.KIOSK_REFUSED,
    65: Reason.KIOSK_REFUSED,
    79: Reason.KIOSK_REFUSED,
    88: Reason.KIOSK_REFUSED,
}

UNREACHABLE_BY_DIAL_STATUS: dict[str, Reason] = {
    "BUSY": Reason.KIOSK_BUSY,
    "CONGESTION": Reason.KIOSK_REFUSED,
    "NOANSWER": Reason.KIOSK_SILENT,
    "CANCEL": Reason.KIOSK_SILENT,
}

# Causes with which a call that stood breaks: no user responding, subscriber absent,
# destination or network out of order, temporary failure, congestion, channel gone
# (rtp_timeout gives 44), resource unavailable, a timer expired, protocol error, and
# interworking: a telephone that began anew in the call knows nothing of it (481).
BROKEN_CAUSES = frozenset({18, 20, 27, 38, 41, 42, 44, 47, 102, 111, 127})
