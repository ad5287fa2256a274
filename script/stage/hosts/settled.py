# SPDX-License-Identifier: AGPL-3.0-or-later
"""An installed set that is returned to: what was written since is forgotten, in no time.

What each host had written becomes a layer of its own, below what it writes from then on.
"""

from stage.hosts.host_set import HostSet

_LAYER, _SETTLED = "layer", "settled"


def settle(hosts: HostSet) -> None:
    """Switch off in order what is on: as it is now, `begin_again` has it be."""
    for name in [each for each in hosts.hosts if hosts.host(each).is_up]:
        folder = hosts.folder / name
        hosts.host(name).shut_down()
        layer = folder / f"{_LAYER}-{len(list(folder.glob(f'{_LAYER}-*'))) + 1}"
        (folder / "upper").rename(layer)
        layers = f"{layer}:{hosts.layers(name)}"
        (folder / _SETTLED).write_text(layers, encoding="utf-8")
        hosts.stand_on(name, layers)


def begin_again(hosts: HostSet) -> None:
    """Have the hosts be as they were settled, switched on, and connected."""
    # Whoever ended a fault in its middle has left its line cut.
    hosts.network.answer_names()
    hosts.take_from_behind_routers()
    for name in hosts.hosts:
        hosts.network.mend(name)
        settled = hosts.folder / name / _SETTLED
        if settled.exists():
            hosts.stand_on(name, settled.read_text(encoding="utf-8")).boot()
        else:
            # A machine that came with a fault is no part of the village.
            hosts.host(name).pull_plug()
