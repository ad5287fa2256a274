# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the kiosk tells its device bridge of the call, and what it does with the answers.

The bridge is another process, which may be slow, absent or killed: nothing here waits.
"""

from pathlib import Path
from typing import Any

from device_bridge.call.cues import Cue
from device_bridge.call.link import (
    Audience,
    Held,
    LinkClient,
    Say,
    SetVolume,
    Show,
)
from sip_endpoints.call.line_quality import LineQuality
from sip_endpoints.call.phone import (
    CallGoneError,
    OrderRefusedError,
    Phone,
    PromptError,
)
from sip_endpoints.call.record import CallRecord
from sip_endpoints.call.sip_text import printable
from sip_endpoints.log import Log
from sip_endpoints.loudness import Loudness

log = Log(__name__)

# In UTF-8 that and the headers fit the packet that RFC 3428 (section 8) allows.
MAX_TEXT_CHARACTERS = 400
# One recording for each cue in each language; `script/make-prompts` speaks them, people may
# do it better.
PROMPTS = Path(__file__).parent / "prompts"
FRENCH = "fr"


class DeviceLink:
    """One call's worth of talk with the bridge; a source of the endpoint's loop.

    Only a confirmed call that carries an appointment is told. Its digits come from
    whoever Asterisk connected to the kiosk, or from the dispatcher: the kiosk answers
    its own Asterisk alone, and the dialplan lets nobody else in (docs/asterisk.md).
    """

    def __init__(
        self, client: LinkClient, phone: Phone, loudness: Loudness | None = None
    ) -> None:
        self._client = client
        self._phone = phone
        # None: a kiosk without a sound server, whose volume nobody sets.
        self._loudness = loudness
        self._record: CallRecord | None = None
        self._told_resident: str | None = None
        self._document_shown: int | None = None
        self._spoken: str | None = None
        self._spoken_in: str | None = None
        # The one appointment that may come: the last one is not wiped yet.
        self._held_for: int | None = None

    def is_held_against(self, appointment: str | None) -> bool:
        """Tell whether the kiosk still holds something of another appointment."""
        return self._held_for is not None and appointment != str(self._held_for)

    def confirm(self, record: CallRecord) -> None:
        """Tell that the call is up."""
        appointment = record.appointment_id
        if appointment is None or not _is_number(appointment):
            return
        self._record = record
        self._client.confirm_call(
            record.sip_call_id, int(appointment), record.remote_user
        )

    def send_digit(self, digit: str) -> None:
        """Tell a key of the confirmed call; before that, nobody may ask anything."""
        if self._record is not None:
            self._client.send_digit(self._record.sip_call_id, digit)

    def tell_line(self, sent: LineQuality, received: LineQuality) -> None:
        """Tell how well the counsellor sees the resident, and the resident them.

        The bridge hears it where it changed.
        """
        if self._record is not None:
            self._client.tell_line(self._record.sip_call_id, sent, received)

    def end(self, kept: int) -> None:
        """Tell that the call is over; forget what was said and shown in it.

        `kept` is how much of it the telephone remembers otherwise.
        """
        record, self._record = self._record, None
        self._told_resident = self._document_shown = None
        self._spoken = self._spoken_in = None
        if record is not None:
            self._client.end_call(record.sip_call_id, kept)
        if self._loudness is not None:
            self._loudness.restore()

    def poll(self) -> None:
        """Pass on what the bridge wants told and shown in the call that is up."""
        for message in self._client.poll():
            if isinstance(message, Held):
                self._held_for = message.appointment
                continue
            record = self._record
            if record is None or message.call != record.sip_call_id:
                continue
            if isinstance(message, Show):
                self._document_shown = message.document
            elif isinstance(message, SetVolume):
                self._set_volume(message.level)
            else:
                self._tell(record, message)
        self._follow_volume()

    def status(self) -> dict[str, Any]:
        """Return what `status` shows: what the resident is told, hears and sees."""
        return {
            "connected": self._client.is_connected,
            "told_resident": self._told_resident,
            "document_shown": self._document_shown,
            "spoken": self._spoken,
            "spoken_in": self._spoken_in,
            "volume": self._loudness.level if self._loudness else None,
            "held_for": self._held_for,
        }

    def close(self) -> None:
        """Leave the bridge, which then waits a little for the telephone to return."""
        self._client.close()
        if self._loudness is not None:
            self._loudness.close()

    def _set_volume(self, level: int) -> None:
        """Set it; the answer is told in any case, once it is known."""
        if self._loudness is None:
            self._client.tell_volume(None)
        else:
            self._loudness.set(level)

    def _follow_volume(self) -> None:
        if self._loudness is not None and self._loudness.poll():
            self._client.tell_volume(self._loudness.level)

    def _tell(self, record: CallRecord, said: Say) -> None:
        if said.to is not Audience.COUNSELLOR:
            self._told_resident = said.text
            # Chosen in the call, after the telephone was told one with it.
            self._speak(said, said.language or record.language)
        if said.to is Audience.RESIDENT:
            return
        try:
            text = printable(said.text, MAX_TEXT_CHARACTERS)
            self._phone.send_message(record.call, text)
        except CallGoneError:
            log.info("too late for a sentence", appointment=record.appointment_id)
        except OrderRefusedError as error:
            log.warning("sentence not sent", reason=str(error))

    def _speak(self, said: Say, language: str) -> None:
        """Play the sentence's recording at the kiosk; without one the screen must do.

        What nobody recorded in the call's language is spoken in French.
        """
        if not said.cue or said.cue not in set(Cue):
            return
        recording = recording_of(said.cue, language)
        try:
            self._phone.play(recording)
        except PromptError as error:
            log.warning("sentence not spoken", cue=said.cue, reason=str(error))
            return
        self._spoken, self._spoken_in = said.cue, recording.parent.name


def recording_of(cue: str, language: str) -> Path:
    """Give the file that says a cue; the language came from the network."""
    spoken = PROMPTS / language / f"{cue}.wav"
    # Letters alone name a folder below.
    if language.isascii() and language.isalpha() and spoken.is_file():
        return spoken
    return PROMPTS / FRENCH / f"{cue}.wav"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
