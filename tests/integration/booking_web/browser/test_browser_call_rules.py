# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the desk's scripts decide about a call by themselves: each as a rule without a call."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from sip_endpoints.call.line_report import LineReport, read_report
from stage.stack import REPOSITORY

pytestmark = pytest.mark.real

SCRIPTS = REPOSITORY / "booking_web/static/counsellor/desk"
RULES = (
    "line-report",
    "picture-rate",
    "call-counts",
    "own-media",
    "dossier",
    "picture-zoom",
    "desk-keys",
)


@pytest.fixture(scope="module")
def rules(browser: Browser) -> Page:
    """Give a blank page that has the rules, and nothing else."""
    page = browser.new_page()
    for name in RULES:
        page.add_script_tag(path=Path(SCRIPTS, f"{name}.js"))
    return page


def test_a_browser_asks_for_whole_pictures_and_for_no_packet_again(rules: Page) -> None:
    lines = [
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:* nack",
        "a=rtcp-fb:96 nack pli",
        "a=rtcp-fb:* ccm fir",
        "",
    ]
    left = rules.evaluate("sdp => sdpWithoutRepeats(sdp)", "\r\n".join(lines))
    assert left.split("\r\n") == [lines[0], *lines[3:]]


def test_an_address_that_is_hidden_puts_nobody_on_hold(rules: Page) -> None:
    hidden = (
        "c=IN IP4 0.0.0.0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
    )
    sent = rules.evaluate("sdp => sdpWithAddress(sdp)", hidden)
    assert sent == hidden.replace("0.0.0.0", "127.0.0.1")
    known = "c=IN IP4 10.0.0.0\r\no=- 1 2 IN IP4 0.0.0.0\r\n"
    assert rules.evaluate("sdp => sdpWithAddress(sdp)", known) == known


@pytest.mark.parametrize(
    ("protocol", "address", "offered", "wanted"),
    [
        ("udp", "192.0.2.7", "192.0.2.1", True),
        ("tcp", "192.0.2.7", "192.0.2.1", False),
        # Asterisk could pair none of these with what it offers, and the call would be silent.
        ("udp", "2001:db8::7", "192.0.2.1", False),
        ("udp", "192.0.2.7", "2001:db8::1", False),
        ("udp", "6f0c1a52.local", "192.0.2.1", False),
    ],
)
def test_an_answer_leaves_with_the_first_address_that_asterisk_can_pair(
    rules: Page, protocol: str, address: str, offered: str, wanted: bool
) -> None:
    lines = ["m=audio 9 UDP/TLS/RTP/SAVPF 96"]
    lines += [f"a=candidate:Hc0000201 1 UDP 2130706431 {offered} 10000 typ host", ""]
    found = rules.evaluate(
        "([candidate, sdp]) => isCandidateEnough(candidate, sdp)",
        [{"protocol": protocol, "address": address}, "\r\n".join(lines)],
    )
    assert found is wanted


@pytest.mark.parametrize(
    "report", [LineReport(0.0626, 19.6, 512.4), LineReport(3.0, -1.0, 0.2)]
)
def test_the_page_writes_what_a_kiosk_reads(rules: Page, report: LineReport) -> None:
    text = rules.evaluate(
        "told => writeLineReport(told)",
        {"loss": report.loss, "pictures": report.pictures, "kbps": report.kbps},
    )
    read = read_report(text)
    assert read is not None
    assert read.loss == min(1.0, round(report.loss, 3))
    assert read.pictures == max(0, round(report.pictures))
    assert read.kbps == round(report.kbps)


def test_the_page_reads_what_a_kiosk_writes_and_nothing_else(rules: Page) -> None:
    text = LineReport(0.25, 12, 300, 400).to_text()
    told = rules.evaluate("text => readLineReport(text)", text)
    assert told == {"loss": 0.25, "pictures": 12, "kbps": 300, "most": 400}
    for wrong in ("Bonjour", "guichet-line/1 loss=1001 pictures=0 kbps=0", text + "x"):
        assert rules.evaluate("text => readLineReport(text)", wrong) is None


RATES = """([losses, most]) => {
  const rate = pictureRate();
  return losses.map((loss) => rate({loss, most}));
}"""


def test_the_picture_begins_small_and_takes_what_the_kiosks_line_has(
    rules: Page,
) -> None:
    rates = rules.evaluate(RATES, [[0.0] * 8, None])
    assert rates[0] == 300 and rates == sorted(rates) and rates[-1] == 800
    # The sound has its part of what the kiosk's line carries.
    assert rules.evaluate(RATES, [[0.0] * 8, 400])[-1] == 200
    assert rules.evaluate(RATES, [[0.0] * 8, 100])[-1] == 60


@pytest.mark.parametrize("carries", [250, 400, 650])
def test_a_full_line_is_left_what_it_carries(rules: Page, carries: int) -> None:
    rates = rules.evaluate(
        """carries => {
          const rate = pictureRate();
          let kilobits = 600;
          return Array.from({length: 120}, () => {
            const sent = 1.1 * kilobits + 60;
            kilobits = rate({loss: Math.max(0, 1 - carries / sent), most: null});
            return kilobits;
          });
        }""",
        carries,
    )
    sent = [1.1 * rate + 60 for rate in rates[20:]]
    assert min(sent) > 0.4 * carries
    # Now and then more is tried; the sound has nearly all of its time to itself.
    assert len([each for each in sent if each > 1.02 * carries]) < 0.1 * len(sent)


def test_a_line_that_becomes_thin_is_left_to_the_sound_at_once(rules: Page) -> None:
    rates = rules.evaluate("""() => {
          const rate = pictureRate();
          let kilobits = 300;
          return Array.from({length: 20}, (_, number) => {
            const sent = 1.1 * kilobits + 60;
            const kbps = Math.min(sent, number < 6 ? 2000 : 250);
            kilobits = rate({loss: 1 - kbps / sent, most: null, kbps});
            return kilobits;
          });
        }""")
    assert rates[5] == 800
    # The voice is broken for no longer than it takes to hear of it, twice.
    assert [rate for rate in rates[8:] if 1.1 * rate + 60 > 250] == []
    assert min(rates) >= 80


def test_a_line_that_loses_whatever_is_sent_keeps_its_picture(rules: Page) -> None:
    losses = [0.0, 0.0, *[0.05, 0.07, 0.04, 0.06] * 15]
    rates = rules.evaluate(RATES, [losses, None])
    assert min(rates) >= 150
    assert min(rates[20:]) >= 300


def test_where_pictures_do_not_come_whole_the_kiosk_is_asked_for_small_ones(
    rules: Page,
) -> None:
    asked = rules.evaluate("""() => {
          const wish = pictureWish();
          const lossy = Array(3).fill({loss: 0.05, pictures: 2});
          const clean = Array(16).fill({loss: 0, pictures: 20});
          return [...clean.slice(-2), ...lossy, ...clean].map((seen) => wish(seen));
        }""")
    assert asked == [None, None, None, *[260] * 16, 3000, 3000]
    text = rules.evaluate(
        "writeLineReport({loss: 0.05, pictures: 2, kbps: 300, most: 260})"
    )
    assert read_report(text) == LineReport(0.05, 2, 300, 260)
    # One that comes is left as it is, whatever the line loses.
    moving = "pictureWish()({loss: 0.05, pictures: 18})"
    assert rules.evaluate(moving) is None


def test_what_came_between_two_looks_is_told_with_all_headers(rules: Page) -> None:
    sound = {"type": "inbound-rtp", "kind": "audio", "timestamp": 1000}
    sound |= {"packetsReceived": 100, "packetsLost": 0, "bytesReceived": 8000}
    sound |= {"totalSamplesReceived": 48_000, "concealedSamples": 0}
    later = sound | {"timestamp": 3000, "packetsReceived": 190, "packetsLost": 10}
    later |= {"bytesReceived": 15_200, "totalSamplesReceived": 144_000}
    later |= {"concealedSamples": 9600}
    picture = {"type": "inbound-rtp", "kind": "video", "timestamp": 3000}
    picture |= {"packetsReceived": 0, "packetsLost": 0, "framesDecoded": 40}
    seen = rules.evaluate(
        "([before, after]) => betweenCounts(countCall(before), countCall(after))",
        [[sound], [later, picture]],
    )
    assert seen["seconds"] == 2
    assert seen["loss"] == pytest.approx(0.1)
    assert seen["pictures"] == 20
    assert seen["concealed"] == pytest.approx(0.1)
    assert seen["kbps"] == pytest.approx(8 * (7200 + 90 * 38) / 2000)
    # Pictures that are counted anew are no picture that stands still.
    still = picture | {"timestamp": 5000, "packetsReceived": 5, "framesDecoded": 2}
    sound = later | {"timestamp": 5000, "packetsReceived": 390}
    assert (
        rules.evaluate(
            "([before, after]) => betweenCounts(countCall(before), countCall(after))",
            [[later, picture], [sound, still]],
        )
        is None
    )


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        ({"loss": 0, "pictures": 20}, "good"),
        ({"loss": 0, "pictures": 20, "roundTrip": 1.2}, "late"),
        ({"loss": 0.1, "pictures": 20}, "coarse"),
        ({"loss": 0, "pictures": 5}, "coarse"),
        ({"loss": 0, "pictures": 0}, "no_picture"),
        ({"loss": 0.2, "pictures": 0}, "broken"),
        ({"loss": 0, "pictures": 20, "concealed": 0.2}, "broken"),
    ],
)
def test_a_line_is_told_in_one_word(rules: Page, seen: dict, wanted: str) -> None:
    assert rules.evaluate("seen => lineQuality(seen, true)", seen) == wanted


def test_what_gets_worse_is_told_soon_and_what_gets_better_later(rules: Page) -> None:
    told = rules.evaluate("""() => {
          const tell = lastingQuality(4000, 10000);
          return [["coarse", 0], ["coarse", 3900], ["coarse", 4000], ["good", 5000],
            ["good", 14900], ["good", 15000]].map(([seen, now]) => tell(seen, now));
        }""")
    assert told == ["good", "good", "coarse", "coarse", "coarse", "good"]


def test_a_picture_that_stands_still_is_asked_for_until_it_moves(rules: Page) -> None:
    asked = rules.evaluate("""() => {
          const isStalled = stalledPictures();
          const seen = [[0, 0, 0], [0, 0, 900], [1, 0, 1000], [1, 0, 1200]];
          seen.push([1, 0, 1250], [1, 0, 1500], [1, 0, 1550], [2, 0, 1600]);
          // Packets were lost since the last picture: no need to wait and see.
          seen.push([3, 4, 2000], [3, 4, 2160], [3, 5, 2170], [3, 5, 2300]);
          return seen.map(([frames, pictureLost, now]) => isStalled({frames, pictureLost}, now));
        }""")
    # Before the first picture there is none that could stand still.
    still = [False, False, False, False, True, False, True, False]
    assert asked == [*still, False, False, True, False]


def test_where_no_picture_comes_at_all_it_is_asked_for_less_and_less(
    rules: Page,
) -> None:
    asked = rules.evaluate("""() => {
          const isStalled = stalledPictures();
          const looks = Array.from({length: 100}, (_, number) => 100 * number);
          return looks.filter((now) => isStalled({frames: 1, pictureLost: 0}, now));
        }""")
    assert asked == [300, 600, 900, 1200, 1500, 3500, 5500, 7500, 9500]


@pytest.mark.parametrize(
    ("name", "message", "wanted"),
    [
        ("NotAllowedError", "Permission denied", "refused"),
        ("NotAllowedError", "Permission denied by system", "blocked_by_system"),
        ("NotFoundError", "Requested device not found", "absent"),
        ("NotReadableError", "Could not start video source", "busy"),
        ("TypeError", "", "unknown"),
    ],
)
def test_why_a_device_does_not_open_is_named(
    rules: Page, name: str, message: str, wanted: str
) -> None:
    trouble = "([name, message]) => mediaTrouble({name, message})"
    assert rules.evaluate(trouble, [name, message]) == wanted


def test_keys_act_on_buttons_and_never_where_one_writes(rules: Page) -> None:
    rules.set_content(
        "<input id=a><input id=b type=checkbox><textarea id=c></textarea>"
        "<select id=d></select><button id=e></button><p id=f contenteditable></p>"
    )
    written = rules.evaluate(
        "[...'abcdef'].filter(id => isWritten(document.getElementById(id)))"
    )
    assert written == ["a", "c", "d", "f"]


@pytest.mark.parametrize(
    ("box", "view", "part"),
    [
        # Whole, in a box of its own shape and in a wider one.
        ((800, 450), (1, 0.5, 0.5), [0, 0, 640, 360]),
        ((1600, 450), (1, 0.5, 0.5), [0, 0, 640, 360]),
        # Twice: a quarter of it, in the middle and in a corner.
        ((800, 450), (2, 0.5, 0.5), [160, 90, 320, 180]),
        ((800, 450), (2, 0.25, 0.25), [0, 0, 320, 180]),
        ((800, 450), (4, 0.875, 0.875), [480, 270, 160, 90]),
        # Twice in a box twice as wide: the whole width is seen, half of the height.
        ((1600, 450), (2, 0.5, 0.5), [0, 90, 640, 180]),
    ],
)
def test_what_is_seen_of_an_enlarged_picture_is_what_a_still_keeps(
    rules: Page,
    box: tuple[int, int],
    view: tuple[float, float, float],
    part: list[int],
) -> None:
    seen = rules.evaluate(
        "([box, [times, x, y]]) => zoomedPart(box, [640, 360], { times, x, y })",
        [box, view],
    )
    assert seen == part


@pytest.mark.parametrize(
    ("key", "code", "pressed"),
    [
        ("M", "KeyM", True),
        # Where an AZERTY keyboard has its M, and what stands where others have theirs.
        ("M", "Semicolon", True),
        ("?", "KeyM", True),
        ("Q", "KeyA", False),
    ],
)
def test_a_key_goes_by_the_letter_that_stands_on_it(
    rules: Page, key: str, code: str, pressed: bool
) -> None:
    found = rules.evaluate(
        """([key, code]) => {
            document.body.innerHTML = "<p><button aria-keyshortcuts='Alt+Shift+A' hidden></button>"
                + "<button aria-keyshortcuts='Alt+Shift+M'></button></p>";
            const event = new KeyboardEvent("keydown", { key, code, altKey: true, shiftKey: true });
            return buttonOfKey(document.body, event) !== null;
        }""",
        [key, code],
    )
    assert found is pressed


@pytest.mark.parametrize(
    ("field", "is_lost"),
    [
        ("<input>", True),
        ("<textarea></textarea>", True),
        ("<select></select>", True),
        ("<input type=checkbox>", True),
        ("<input type=radio>", True),
        ("<input type=file>", True),
        # The volume is set as it is moved.
        ("<input type=range>", False),
    ],
)
def test_what_was_begun_beside_a_call_is_not_thrown_away_by_the_next_one(
    rules: Page, field: str, is_lost: bool
) -> None:
    stays = rules.evaluate(
        """field => new Promise(done => {
            const frame = document.body.appendChild(document.createElement("iframe"));
            const dossier = openDossier(frame, "/connexion", () => undefined);
            frame.onload = () => {
                const begun = frame.contentDocument.body.firstElementChild;
                begun.dispatchEvent(new Event("input", { bubbles: true }));
                done(dossier.isTyped);
                frame.remove();
            };
            frame.srcdoc = field;
        })""",
        field,
    )
    assert stays is is_lost
