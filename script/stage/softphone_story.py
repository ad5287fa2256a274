# SPDX-License-Identifier: AGPL-3.0-or-later
"""The devices worked by somebody else's softphone: baresip keys the codes.

Run it in a network of its own: `python -m stage.softphone_story DIRECTORY`. Prints the
transcript, then one JSON object.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from stage.baresip import BaresipPhone, write_folder
from stage.counsellor_desk import CounsellorDesk
from stage.device_story import COUNSELLOR_ACCOUNT, FORM_PAGES, QUICK_RESIDENT
from stage.papers import form_pdf, page_texts, sha256_of
from stage.secretary import Secretary
from stage.softphone import add_softphone
from stage.stack import Stage, StageOptions
from stage.story import KIOSK, ORGANISATION, RESIDENT, SECRETARY
from stage.waiting import wait_for

ADDRESS = "10.9.9.1"
SOFTPHONE_ORGANISATION = "msa"
WRONG_CODE, STATE_CODE, PRINT_CODE, SCAN_CODE = "*6#", "*9#", "*11#", "*2#"


class Transcript:
    """What baresip was made to do and what its chat pane showed, in time's order."""

    def __init__(self, phone: BaresipPhone) -> None:
        self._phone = phone
        self._began = time.monotonic()
        self._done: list[tuple[float, str]] = []

    def key(self, code: str, answer: str) -> None:
        """Key a code and return once the chat pane shows a line with the answer."""
        self.note(f"keys  {code}  (SIP INFO)")
        self._phone.key(code)
        self._phone.wait_chat(answer, 60)

    def note(self, what: str) -> None:
        """Write down what it does now."""
        self._done.append((time.monotonic(), what))

    def lines(self) -> list[str]:
        """Give everything, with seconds since the beginning."""
        read = [(at, f"reads {text}") for at, text in self._phone.timed_chat()]
        return [
            f"{at - self._began:7.3f} s  baresip {text}"
            for at, text in sorted(self._done + read)
        ]


def live(stage: Stage, phone: BaresipPhone) -> dict[str, Any]:
    """Live a call with baresip as counsellor; give what came out of it."""
    transcript = Transcript(phone)
    devices = stage.devices_of(KIOSK)
    passwords = stage.passwords()
    with Secretary(stage.url) as secretary, CounsellorDesk(stage.url) as desk:
        secretary.sign_in(SECRETARY, passwords[SECRETARY])
        desk.sign_in(COUNSELLOR_ACCOUNT, passwords[COUNSELLOR_ACCOUNT])
        watch = secretary.watch()
        appointment = secretary.book(RESIDENT, ORGANISATION)
        caller = phone.wait_event("CALL_INCOMING")["peerdisplayname"]
        transcript.note(f"rings {caller}")
        phone.command("accept")
        watch.wait_state(appointment, "in_call")
        transcript.note("takes the call")
        desk.upload(appointment, "demande.pdf", form_pdf(*FORM_PAGES))
        transcript.key(STATE_CODE, "Imprimante")
        transcript.key(WRONG_CODE, "Ce code n'existe pas.")
        transcript.key(PRINT_CODE, "Impression terminée")
        transcript.key(SCAN_CODE, "Numérisation reçue")
        received = desk.download(appointment, 2)
        [scanned] = (devices.settings.data_dir / "work").rglob("scan.pdf")
        result = {
            "chat": phone.chat(),
            "printed": [page_texts(sheet) for sheet in devices.cups.printed_files()],
            "scanned_pages": len(page_texts(received)),
            "sha256_matches": sha256_of(received) == sha256_of(scanned.read_bytes()),
        }
        phone.command("hangup")
        transcript.note("hangs up")
        watch.wait_state(appointment, "done")
        wait_for(lambda: not devices.files_left(), "the kiosk keeps nothing")
    return {**result, "transcript": transcript.lines()}


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def main(directory: Path) -> None:
    """Live the story in DIRECTORY, whose path must be short (sockets)."""
    options = StageOptions(
        bind=ADDRESS,
        softphones=True,
        devices=True,
        bridge_settings=QUICK_RESIDENT,
        provisions_in_process=True,
    )
    with Stage(directory, options) as stage:
        stage.prepare()
        account = add_softphone(stage, SOFTPHONE_ORGANISATION)
        bridge = stage.devices_of(KIOSK).name
        stage.start("asterisk", "web", "dispatcher", KIOSK, bridge)
        folder, port = stage.directory / "baresip", stage.ports.spare[0]
        write_folder(folder, account, port)
        phone = BaresipPhone(
            stage.directory, ["baresip", "-f", str(folder)], (ADDRESS, port)
        )
        try:
            phone.start()
            result = live(stage, phone)
        except Exception as error:
            error.add_note(f"the chat pane: {phone.chat()}")
            raise
        finally:
            phone.stop()
    click.echo("\n".join(result["transcript"]), err=True)
    click.echo(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
