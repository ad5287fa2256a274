# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands around a kiosk that is no part of the product: screens, sound, scanner, printer.

A host has none of them. Screens are a drop-in of the unit that draws them, the sound card is
PipeWire's own null device, the scanner is SANE's `test`, and the camera is the telephone's
colour bars. The printer is a host of its own, that announces itself as a printer does.
"""

from pathlib import Path

from stage.cups import DUPLEX_AND_COLOUR
from stage.device_story import QUICK_RESIDENT
from stage.hosts.archives import fetch
from stage.hosts.host import Host
from stage.scanner import ScannerConfiguration
from stage.waiting import wait_for

PRINTER = "printer"
PRINTER_NAME = "Imprimante du relais"
PRINTED = "/var/spool/printed"
_SANE = "/etc/guichet-virtual-scanner"
SCREENS_UNIT = "/etc/systemd/system/guichet-session.service.d/virtual.conf"
BRIDGE_UNIT = "/etc/systemd/system/guichet-bridge.service.d/resident.conf"
SOUND_FILE = "/etc/pipewire/pipewire.conf.d/virtual.conf"
INSTALL_SECONDS = 600.0
ANNOUNCED_SECONDS = 60.0

# wlroots without a graphics card: two outputs in memory, drawn by the processor.
_SCREENS = """\
[Service]
Environment=WLR_BACKENDS=headless WLR_HEADLESS_OUTPUTS=2 WLR_RENDERER=pixman
Environment=WLR_LIBINPUT_NO_DEVICES=1
"""

# Who is at this kiosk lays a paper down, and turns a card over, in no time.
_RESIDENT = "[Service]\n" + "".join(
    f"Environment=GUICHET_BRIDGE_{name.upper()}={seconds}\n"
    for name, seconds in QUICK_RESIDENT
)

# What is played to the loudspeaker is what the microphone hears.
_SOUND = """\
context.objects = [
  { factory = adapter
    args = {
      factory.name = support.null-audio-sink
      node.name = room
      node.description = "Loudspeaker of the room"
      media.class = Audio/Sink
      object.linger = true
      audio.position = [ FL FR ]
      monitor.channel-volumes = true
    }
  }
]
context.modules = [
  { name = libpipewire-module-loopback
    args = {
      node.description = "Microphone of the room"
      capture.props = {
        node.name = room.ear
        stream.capture.sink = true
        target.object = room
      }
      playback.props = {
        node.name = room.microphone
        media.class = Audio/Source
      }
    }
  }
]
"""

_CHOICES = f"""\
[devices]
camera = "virtual"
sane_config_dir = "{_SANE}"
"""

_PRINT_COMMAND = f"""\
#!/bin/sh
for file; do :; done
count=$(ls {PRINTED} | wc -l)
cp "$file" {PRINTED}/.part
mv {PRINTED}/.part "{PRINTED}/$(printf %03d "$count")-$IPP_JOB_NAME.pdf"
"""

_PRINTER_UNIT = f"""\
[Unit]
Description=A printer that announces itself
Requires=avahi-daemon.service
After=avahi-daemon.service
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/sbin/ippeveprinter {" ".join(DUPLEX_AND_COLOUR)} \\
    -f application/pdf,image/pwg-raster -c /usr/local/bin/keep-printed \\
    -d /var/spool/printer -p 631 "{PRINTER_NAME}"
StateDirectory=printer
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
"""


def make_printer(printer: Host, folder: Path) -> None:
    """Make a bare host a printer, and return once it announces itself."""
    programs = ("cups-ipp-utils", "avahi-daemon")
    fetch(printer, programs, folder)
    printer.run(
        *("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes"),
        *programs,
        timeout_seconds=INSTALL_SECONDS,
    )
    printer.run("mkdir", "-p", PRINTED, "/var/spool/printer")
    printer.write("/usr/local/bin/keep-printed", _PRINT_COMMAND.encode(), "755")
    printer.write("/etc/systemd/system/printer.service", _PRINTER_UNIT.encode())
    printer.run("systemctl", "enable", "--now", "avahi-daemon", PRINTER)
    wait_for(
        lambda: printer.ask("ippfind", "-T", "2").stdout,
        "the printer announces itself",
        ANNOUNCED_SECONDS,
        0.2,
    )


def put_hardware(kiosk: Host, folder: Path) -> None:
    """Give a bare host what a kiosk's PC has, before anything of ours is installed."""
    kiosk.write(SCREENS_UNIT, _SCREENS.encode())
    kiosk.write(BRIDGE_UNIT, _RESIDENT.encode())
    kiosk.write(SOUND_FILE, _SOUND.encode())
    kiosk.write("/etc/guichet-kiosk/kiosk.toml", _CHOICES.encode())
    # Real-time threads are for who has a processor of their own: here it would only be
    # started in vain, and each program that plays or listens would wait for it.
    kiosk.run("systemctl", "mask", "rtkit-daemon")
    scanner = ScannerConfiguration(folder / "scanner")
    kiosk.put(sorted(scanner.directory.glob("*.conf")), _SANE)
    kiosk.run("mkdir", "-p", f"{_SANE}/dll.d")


def screens(kiosk: Host) -> dict[str, bytes]:
    """Give a picture (PNG) of each of the kiosk's screens, as its session draws them now."""
    session = (
        *("runuser", "-u", "guichet-kiosk", "--", "env"),
        *("XDG_RUNTIME_DIR=/run/guichet-session", "WAYLAND_DISPLAY=wayland-1"),
    )
    pictures = {}
    for number in (1, 2):
        output = f"HEADLESS-{number}"
        done = kiosk.ask(*session, "grim", "-o", output, "-")
        if done.returncode == 0:
            pictures[output] = done.stdout
    return pictures
