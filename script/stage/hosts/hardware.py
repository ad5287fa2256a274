# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands around a kiosk that is no part of the product: screens, sound, scanner, printer.

A host has none of them. Screens are a drop-in of the unit that draws them, the sound card is
PipeWire's own null device, the scanner is SANE's `test`, and the camera is the telephone's
colour bars. The printer is a host of its own, that announces itself as a printer does.
"""

from pathlib import Path

from stage.cups import DUPLEX_AND_COLOUR
from stage.hosts.archives import fetch
from stage.hosts.host import Host
from stage.hosts.host_set import HostSet
from stage.scanner import ScannerConfiguration

PRINTER = "printer"
PRINTER_NAME = "Imprimante du relais"
PRINTED = "/var/spool/printed"
_SANE = "/etc/guichet-virtual-scanner"
INSTALL_SECONDS = 600.0

# wlroots without a graphics card: two outputs in memory, drawn by the processor.
_SCREENS = """\
[Service]
Environment=WLR_BACKENDS=headless WLR_HEADLESS_OUTPUTS=2 WLR_RENDERER=pixman
Environment=WLR_LIBINPUT_NO_DEVICES=1
"""

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
ExecStart=/usr/sbin/ippeveprinter {' '.join(DUPLEX_AND_COLOUR)} \\
    -f application/pdf,image/pwg-raster -c /usr/local/bin/keep-printed \\
    -d /var/spool/printer -p 631 "{PRINTER_NAME}"
StateDirectory=printer
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
"""


def add_printer(host_set: HostSet) -> Host:
    """Boot a printer and return once it announces itself."""
    printer = host_set.add(PRINTER)
    printer.boot()
    programs = ("cups-ipp-utils", "avahi-daemon")
    fetch(printer, programs, host_set.folder / PRINTER)
    printer.run(
        *("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes"),
        *programs,
        timeout_seconds=INSTALL_SECONDS,
    )
    printer.run("mkdir", "-p", PRINTED, "/var/spool/printer")
    printer.write("/usr/local/bin/keep-printed", _PRINT_COMMAND.encode(), "755")
    printer.write("/etc/systemd/system/printer.service", _PRINTER_UNIT.encode())
    printer.run("systemctl", "enable", "--now", "avahi-daemon", PRINTER)
    return printer


def put_hardware(kiosk: Host, folder: Path) -> None:
    """Give a bare host what a kiosk's PC has, before anything of ours is installed."""
    units = "/etc/systemd/system"
    for unit in ("guichet-session", "guichet-screen"):
        kiosk.write(f"{units}/{unit}.service.d/virtual.conf", _SCREENS.encode())
    kiosk.write("/etc/pipewire/pipewire.conf.d/virtual.conf", _SOUND.encode())
    kiosk.write("/etc/guichet-kiosk/kiosk.toml", _CHOICES.encode())
    scanner = ScannerConfiguration(folder / "scanner")
    kiosk.put(sorted(scanner.directory.glob("*.conf")), _SANE)
    kiosk.run("mkdir", "-p", f"{_SANE}/dll.d")


def printed(printer: Host) -> dict[str, bytes]:
    """Give what came out of the printer, by name, in order."""
    names = printer.run("ls", PRINTED).splitlines()
    return {name: printer.read(f"{PRINTED}/{name}") for name in names}
