# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fetches a prepared job, trying again over a line that is shaky."""

import time

from device_bridge.call.call import Call
from device_bridge.errors import BridgeError
from device_bridge.jobs.reasons import Reason
from device_bridge.server.port import (
    NotFound,
    NotInCall,
    PreparedJob,
    Server,
    ServerRefused,
    ServerUnreachable,
)

TRIES = 4
PAUSE_SECONDS = 1.0


class PreparedJobRefused(BridgeError):
    """The prepared job cannot be had; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def fetch_prepared(server: Server | None, call: Call, number: int) -> PreparedJob:
    """Give the prepared job; raises PreparedJobRefused. May take seconds."""
    if server is None:
        raise PreparedJobRefused(Reason.JOB_UNKNOWN)
    for left in reversed(range(TRIES)):
        try:
            return server.prepared_job(call.appointment, number)
        except ServerUnreachable:
            if left:
                time.sleep(PAUSE_SECONDS)
        except NotFound as error:
            raise PreparedJobRefused(Reason.JOB_UNKNOWN) from error
        except NotInCall as error:
            raise PreparedJobRefused(Reason.CALL_OVER) from error
        except ServerRefused as error:
            raise PreparedJobRefused(Reason.SERVER_REFUSED) from error
        except (KeyError, ValueError) as error:
            raise PreparedJobRefused(Reason.JOB_UNSUPPORTED) from error
    raise PreparedJobRefused(Reason.SERVER_UNREACHABLE)
