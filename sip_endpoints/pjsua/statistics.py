# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: what came in on the streams of a call."""

import pjsua2 as pj

from sip_endpoints.call.phone import (
    AudioStatistics,
    MediaStatistics,
    VideoStatistics,
)


def statistics_of(call: pj.Call) -> MediaStatistics | None:
    """Read the first stream of each kind; None before the media began. Raises pj.Error."""
    # Kept in a variable: the media vector belongs to the info object.
    info = call.getInfo()
    audio: AudioStatistics | None = None
    video: VideoStatistics | None = None
    for media in info.media:
        if media.status != pj.PJSUA_CALL_MEDIA_ACTIVE:
            continue
        if media.type == pj.PJMEDIA_TYPE_AUDIO and audio is None:
            audio = _audio(call, media.index)
        elif media.type == pj.PJMEDIA_TYPE_VIDEO and video is None:
            video = _video(call, media.index)
    return MediaStatistics(audio, video) if audio or video else None


def _audio(call: pj.Call, index: int) -> AudioStatistics:
    rtcp = call.getStreamStat(index).rtcp
    return AudioStatistics(
        codec=call.getStreamInfo(index).codecName,
        packets_received=int(rtcp.rxStat.pkt),
        packets_lost=int(rtcp.rxStat.loss),
        bytes_received=int(rtcp.rxStat.bytes),
        packets_sent=int(rtcp.txStat.pkt),
        packets_sent_lost=int(rtcp.txStat.loss),
    )


def _video(call: pj.Call, index: int) -> VideoStatistics:
    statistics = call.getStreamStat(index)
    received = statistics.rtcp.rxStat
    return VideoStatistics(
        codec=call.getStreamInfo(index).codecName,
        width=int(statistics.vidDecWidth),
        height=int(statistics.vidDecHeight),
        packets_received=int(received.pkt),
        packets_lost=int(received.loss),
        frames_decoded=int(statistics.vidDecFrames),
        gap_milliseconds=int(statistics.vidDecGap),
        bytes_received=int(received.bytes),
        packets_sent=int(statistics.rtcp.txStat.pkt),
        packets_sent_lost=int(statistics.rtcp.txStat.loss),
    )
