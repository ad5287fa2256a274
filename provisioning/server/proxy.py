# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Web proxy by which a server reaches the Internet, where it reaches it by no other way.

It is for what a server fetches and keeps outside: Debian's packages, an ACME authority, a
backup's repository, an identity provider. What its kiosks and browsers ask of it never goes
there, nor do webhooks, which go to addresses that were judged.
"""

import os
from urllib.parse import unquote, urlsplit

from provisioning.server.answers import Answers, ProxyAnswers
from provisioning.server.machine import Machine
from provisioning.server.work import Work

ENVIRONMENT = "/etc/guichet/proxy.env"
APT_SETTINGS = "/etc/apt/apt.conf.d/90guichet-proxy"
# apt_auth.conf(5): what is read by root alone.
APT_PASSWORD = "/etc/apt/auth.conf.d/guichet-proxy.conf"
# Debian's own timer renews what certbot obtained.
CERTBOT = "/etc/systemd/system/certbot.service.d/guichet-proxy.conf"
# Names of the variables that are not the shell's.
_set_by_us: set[str] = set()
_HERE = ("localhost", "127.0.0.1", "::1")
_WRITTEN = "Written by guichet-server install, as /etc/guichet/server.toml says."


def set_up_proxy(work: Work) -> bool:
    """Tell apt, certbot and our own programs of the proxy, or have them forget it."""
    wanted = _texts(work.answers)
    changed = [
        work.write(work.machine.path(name), text)
        for name, text in wanted.items()
        if text
    ]
    for name in (name for name, text in wanted.items() if not text):
        file = work.machine.path(name)
        if file.exists():
            file.unlink()
            changed.append(work.note([file]))
    if wanted[APT_SETTINGS]:
        # Whoever asks apt for something reads it; no password is in it.
        work.machine.path(APT_SETTINGS).chmod(0o644)
    use_proxy(work.machine)
    return any(changed)


def use_proxy(machine: Machine) -> None:
    """Have what this program starts know the proxy that is set up now, or none.

    What the shell says of one stands.
    """
    for name in _set_by_us:
        os.environ.pop(name, None)
    _set_by_us.clear()
    try:
        text = machine.path(ENVIRONMENT).read_text()
    except OSError:
        return
    for line in text.splitlines():
        name, is_set, value = line.partition("=")
        if is_set and not name.startswith("#") and name not in os.environ:
            os.environ[name] = value
            _set_by_us.add(name)


def proxy_of_apt(machine: Machine) -> str | None:
    """Give the proxy that apt goes by already, as Debian's installation asked for it."""
    told = machine.programs.try_to_run(
        *("apt-config", "--format", "%v%n", "dump", "Acquire::http::Proxy")
    )
    proxy = told.output.strip().splitlines()[:1] if told.exit_code == 0 else []
    return proxy[0] if proxy and proxy[0] not in ("", "DIRECT") else None


def shown(proxy: ProxyAnswers) -> str:
    """Give the proxy's address as it may be shown, without its password."""
    address = urlsplit(proxy.url)
    return f"{address.scheme}://{address.netloc.rpartition('@')[2]}"


def _texts(answers: Answers) -> dict[str, str]:
    """Give what each file is to hold; nothing: it is not to be there."""
    proxy = answers.proxy
    if proxy is None:
        return dict.fromkeys((ENVIRONMENT, APT_SETTINGS, APT_PASSWORD, CERTBOT), "")
    address, direct = urlsplit(proxy.url), (*answers.names, *proxy.direct)
    around = ",".join((*_HERE, *direct))
    settings = [f"// {_WRITTEN}"]
    for scheme in ("http", "https"):
        settings.append(f'Acquire::{scheme}::Proxy "{shown(proxy)}/";')
        settings += [f'Acquire::{scheme}::Proxy::{name} "DIRECT";' for name in direct]
    password = ""
    if address.username:
        password = (
            f"# {_WRITTEN}\nmachine {shown(proxy)}/ login {unquote(address.username)}"
            f" password {unquote(address.password or '')}\n"
        )
    return {
        # curl(1) knows the first one in small letters alone.
        ENVIRONMENT: f"# {_WRITTEN}\nhttp_proxy={proxy.url}\nHTTP_PROXY={proxy.url}\n"
        f"HTTPS_PROXY={proxy.url}\n"
        f"NO_PROXY={around}\n",
        APT_SETTINGS: "\n".join(settings) + "\n",
        APT_PASSWORD: password,
        CERTBOT: f"# {_WRITTEN}\n[Service]\nEnvironmentFile={ENVIRONMENT}\n"
        if answers.certificate.kind == "acme"
        else "",
    }
