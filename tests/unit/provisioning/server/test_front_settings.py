# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the front is told of the settings: five of them, and no secret."""

from pathlib import Path

import pytest

from provisioning.server.errors import ServerError
from provisioning.server.front_settings import front_environment

SETTINGS = """
database_url = "postgresql+psycopg://guichet:S3CRET@/guichet"
secret_key = "S3CRET"
ami_secret = "S3CRET"
site_url = "https://guichet.example.fr"
trusted_proxies = "127.0.0.1 ::1 unix"
documents_max_megabytes = 40
secure_cookies = true
ws_port = 8088
"""


def test_the_front_is_told_five_settings_and_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "guichet.toml"
    file.write_text(SETTINGS)
    assert front_environment(file, has_ipv6=True).splitlines() == [
        'GUICHET_FRONT_LISTEN="--listen 0.0.0.0:443 --redirect-from 0.0.0.0:80'
        ' --listen [::]:443 --redirect-from [::]:80"',
        'GUICHET_SITE_URL="https://guichet.example.fr"',
        'GUICHET_TRUSTED_PROXIES="127.0.0.1 ::1 unix"',
        'GUICHET_DOCUMENTS_MAX_MEGABYTES="40"',
        'GUICHET_SECURE_COOKIES="true"',
        'GUICHET_WS_PORT="8088"',
    ]


def test_a_machine_without_ipv6_is_not_asked_for_it(tmp_path: Path) -> None:
    file = tmp_path / "guichet.toml"
    file.write_text(SETTINGS)
    assert "[::]" not in front_environment(file, has_ipv6=False)


def test_a_value_cannot_become_a_line_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "guichet.toml"
    file.write_text('site_url = "https://x\\nLD_PRELOAD=/tmp/evil\\"\\\\"')
    [_, told] = front_environment(file, has_ipv6=False).splitlines()
    assert told == 'GUICHET_SITE_URL="https://x LD_PRELOAD=/tmp/evil\\"\\\\"'


def test_settings_that_are_missing_are_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="run guichet-server install"):
        front_environment(tmp_path / "none.toml", has_ipv6=True)
