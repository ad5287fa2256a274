# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory of the bench, as an inventory file: enough kiosks and counters. Pure."""

from dataclasses import dataclass

OUR_KIOSK = "kiosk-bench-ours"
PEER_KIOSK = "kiosk-bench-peer"
BROWSER_KIOSK = "kiosk-bench-browser"
# No counsellor belongs to these: who is called into their queues stays there.
WAITING = "bench-waiting"
# One counsellor, who answers by himself: the far end of a call.
ANSWERED = "bench-answered"
FAR_COUNSELLOR = "counsellor-bench-far"
SECRETARY = "secretary@bench.example"
# Longer than any row: nobody is abandoned while a row measures.
ABANDON_AFTER_SECONDS = 1800
# Queues in which a burst is spread, as the kiosks of a region would be.
BURST_ORGANISATIONS = 5


@dataclass(frozen=True)
class Crowd:
    """Kiosks that sipp plays, each in a relay of its own town hall."""

    count: int

    def kiosks(self) -> list[str]:
        """Return the slugs of the crowd's kiosks."""
        return [f"kiosk-crowd-{number:03}" for number in range(self.count)]


def burst_organisation(number: int) -> str:
    """Return the organisation that the kiosk of this number is called for."""
    return f"bench-burst-{number % BURST_ORGANISATIONS}"


def relay_of(kiosk: str) -> str:
    """Return the relay that houses the kiosk."""
    return kiosk.removeprefix("kiosk-")


def inventory(crowd: Crowd, *, browsers: bool = False) -> str:
    """Return the inventory: our kiosk, the peers', the far counsellor and the crowd."""
    entries = []
    browser = (BROWSER_KIOSK,) if browsers else ()
    for kiosk in (OUR_KIOSK, PEER_KIOSK, *browser, *crowd.kiosks()):
        relay = relay_of(kiosk)
        entries.append(_table("relays", slug=relay, name=relay, commune="Bench"))
        entries.append(_table("kiosks", slug=kiosk, relay=relay))
    for organisation in (WAITING, ANSWERED):
        entries += _organisation(organisation, counters=1)
    for number in range(BURST_ORGANISATIONS if crowd.count else 0):
        counters = crowd.count // BURST_ORGANISATIONS + 1
        entries += _organisation(burst_organisation(number), counters=counters)
    entries.append(
        _table(
            "counsellors",
            slug=FAR_COUNSELLOR,
            name="Far end",
            organisation=ANSWERED,
        )
    )
    if crowd.count:
        relay = relay_of(crowd.kiosks()[0])
        entries.append(
            _table(
                "users", email=SECRETARY, name="Bench", role="secretary", relay=relay
            )
        )
    return "\n".join(entries)


def _organisation(slug: str, counters: int) -> list[str]:
    organisation = _table(
        "organisations",
        slug=slug,
        name=slug,
        abandon_after_seconds=ABANDON_AFTER_SECONDS,
        # Calls follow each other here.
        wrap_up_seconds=0,
    )
    return [organisation] + [
        _table("counters", slug=f"{slug}-{number}", name=slug, organisation=slug)
        for number in range(counters)
    ]


def _table(table: str, /, **values: str | int | bool) -> str:
    head = f"[[{table}]]"
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "\n".join([head, *lines]) + "\n"


def _toml(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else f'"{value}"'
