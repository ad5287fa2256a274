# SPDX-License-Identifier: AGPL-3.0-or-later
"""How loud the kiosk is in a call, at a sound server that may be away, slow or strange."""

from pathlib import Path

import pytest

from sip_endpoints import loudness
from sip_endpoints.loudness import LEVELS, Loudness
from stage.waiting import wait_for

# Keeps its volume in the file beside it, as WirePlumber's program tells and sets it.
SERVER = """#!/bin/sh
echo "$@" >> "$0.asked"
[ -f "$0.away" ] && exit 69
case $1 in
get-volume) [ -f "$0.strange" ] && echo "Bonjour" || echo "Volume: $(cat "$0.volume")" ;;
set-volume) echo "$3" > "$0.new" && mv "$0.new" "$0.volume" ;;
esac
"""


class SoundServer:
    """A sound server of the test's own, behind the program that speaks to it."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "wpctl"
        self.program.write_text(SERVER)
        self.program.chmod(0o755)
        self.set(0.7)

    def set(self, volume: float) -> None:
        self._beside("volume").write_text(f"{volume}\n")

    @property
    def volume(self) -> float:
        return float(self._beside("volume").read_text())

    @property
    def asked(self) -> list[str]:
        return self._beside("asked").read_text().splitlines()

    def be(self, fault: str, is_so: bool = True) -> None:
        fault_file = self._beside(fault)
        if is_so:
            fault_file.touch()
        else:
            fault_file.unlink()

    def _beside(self, ending: str) -> Path:
        return self.program.with_name(f"wpctl.{ending}")


@pytest.fixture
def server(tmp_path: Path) -> SoundServer:
    return SoundServer(tmp_path)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "state/guichet-volume"


def started(server: SoundServer, kept: Path) -> Loudness:
    return Loudness(kept, str(server.program))


def answered(loud: Loudness) -> int | None:
    """Turn the loop until an answer came, and give the level."""
    wait_for(loud.poll, "the sound server is asked")
    return loud.level


def settled(loud: Loudness, server: SoundServer, volume: float) -> None:
    def is_so() -> bool:
        loud.poll()
        return server.volume == volume and loud.level == level_of(volume)

    wait_for(is_so, f"it is at {volume}")


def level_of(volume: float) -> int:
    return min(range(5), key=lambda at: abs(LEVELS[at] - volume)) + 1


def test_each_level_is_set_and_told_and_the_sites_own_comes_back(server, kept) -> None:
    loud = started(server, kept)
    assert answered(loud) == 3
    for level in (1, 2, 3, 4, 5):
        loud.set(level)
        settled(loud, server, LEVELS[level - 1])
    loud.restore()
    settled(loud, server, 0.7)
    assert not kept.exists()
    # What is muted is heard again.
    assert "set-mute @DEFAULT_AUDIO_SINK@ 0" in server.asked
    assert 0 < min(LEVELS) and max(LEVELS) == 1.0


@pytest.mark.parametrize("level", [0, 6, -1])
def test_no_other_level_is_set(server, kept, level: int) -> None:
    loud = started(server, kept)
    answered(loud)
    with pytest.raises(ValueError):
        loud.set(level)
    assert server.volume == 0.7


def test_a_telephone_that_was_killed_in_the_call_puts_it_back_as_it_starts(
    server, kept
) -> None:
    loud = started(server, kept)
    answered(loud)
    loud.set(5)
    settled(loud, server, 1.0)
    loud.close()
    settled(started(server, kept), server, 0.7)


def test_without_a_sound_server_nothing_is_known_and_it_is_put_back_later(
    server, kept, monkeypatch
) -> None:
    monkeypatch.setattr(loudness, "AGAIN_SECONDS", 0.05)
    loud = started(server, kept)
    answered(loud)
    loud.set(5)
    settled(loud, server, 1.0)
    server.be("away")
    loud.restore()
    assert answered(loud) is None
    loud.set(2)
    assert answered(loud) is None
    loud.restore()
    assert server.volume == 1.0 and kept.exists()
    server.be("away", False)
    settled(loud, server, 0.7)


def test_a_volume_wanted_before_the_server_answered_is_set_and_put_back(
    server, kept
) -> None:
    loud = started(server, kept)
    loud.set(1)
    settled(loud, server, LEVELS[0])
    loud.restore()
    settled(loud, server, 0.7)


def test_a_program_that_is_missing_hangs_or_says_nonsense_harms_nothing(
    server, kept, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(loudness, "LIMIT_SECONDS", 0.1)
    missing = Loudness(kept, str(tmp_path / "missing"))
    assert answered(missing) is None
    server.be("strange")
    assert answered(started(server, kept)) is None
    server.program.write_text("#!/bin/sh\nexec sleep 60\n")
    hung = started(server, kept)
    assert answered(hung) is None
    hung.set(3)
    hung.close()
