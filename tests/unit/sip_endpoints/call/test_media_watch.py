# SPDX-License-Identifier: AGPL-3.0-or-later
"""When a call's media is fine, black, or gone."""

import pytest

from sip_endpoints.call.media_watch import MediaWatch, Verdict
from sip_endpoints.call.phone import AudioStatistics, MediaStatistics, VideoStatistics


@pytest.fixture
def watch():
    return MediaWatch(0.0, silence_limit_seconds=8.0, black_picture_seconds=4.0)


def look(watch, seconds, *, sound=0, picture=0, frames=0):
    return watch.look(
        seconds,
        MediaStatistics(
            AudioStatistics("opus", sound, 0),
            VideoStatistics("VP8", 640, 480, picture, 0, frames),
        ),
    )


def test_music_without_pictures_in_the_queue_is_fine(watch):
    for second in range(60):
        assert look(watch, second, sound=second) is Verdict.FINE


def test_a_camera_covered_in_the_middle_of_the_call_is_fine(watch):
    for second in range(60):
        shown = min(second, 10)
        assert (
            look(watch, second, sound=second, picture=shown, frames=shown)
            is Verdict.FINE
        )


def test_picture_packets_without_a_frame_restart_the_media_three_times(watch):
    verdicts = [
        look(watch, second, sound=second, picture=second) for second in range(60)
    ]
    assert verdicts.count(Verdict.RESTART) == 3
    assert verdicts.index(Verdict.RESTART) == 5
    assert Verdict.PEER_GONE not in verdicts


def test_nothing_at_all_for_the_limit_means_that_the_peer_is_gone(watch):
    assert look(watch, 1.0, sound=3) is Verdict.FINE
    assert look(watch, 8.9, sound=3) is Verdict.FINE
    assert look(watch, 9.0, sound=3) is Verdict.PEER_GONE


def test_media_that_never_began_means_that_the_peer_is_gone(watch):
    assert watch.look(7.9, None) is Verdict.FINE
    assert watch.look(8.0, None) is Verdict.PEER_GONE


def test_counters_that_begin_anew_are_a_sign_of_life(watch):
    look(watch, 0.0, sound=500)
    assert look(watch, 7.9, sound=3) is Verdict.FINE
    assert look(watch, 15.0, sound=3) is Verdict.FINE


def test_a_picture_that_a_bad_line_lost_is_not_asked_for_anew(watch):
    """Another start of the media would lose the sound for a moment, and cure nothing."""
    for second in range(60):
        verdict = watch.look(
            second,
            MediaStatistics(
                AudioStatistics("opus", second, 0),
                VideoStatistics("VP8", 640, 360, 20 * second, 5 * second, 0),
            ),
        )
        assert verdict is Verdict.FINE
