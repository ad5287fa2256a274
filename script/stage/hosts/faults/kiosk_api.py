# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the server answers to whoever comes with a kiosk's token, or with a code."""

from stage.hosts.host import Host
from stage.hosts.host_set import SITE

_PYTHON = "/usr/lib/guichet-{}/bin/python"
# Whoever asks so is no program of ours: it looks at no certificate.
_ASK = """
import ssl, sys, urllib.error, urllib.request
method, url, token = sys.argv[1:]
request = urllib.request.Request(url, method=method, data=b"{}" if method != "GET" else None)
request.add_header("Content-Type", "application/json")
if token:
    request.add_header("Authorization", "Bearer " + token)
try:
    with urllib.request.urlopen(request, context=ssl._create_unverified_context()) as answer:
        print(answer.status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


def status_with_token(kiosk: Host, token: str) -> int:
    """Give the status by which a kiosk's report with this token is answered."""
    return _status(kiosk, "kiosk", "PUT", "machine", token)


def status_of_code(counsellor: Host, public_id: str) -> int:
    """Give the status by which a question for a code is answered, asked from a PC."""
    return _status(counsellor, "counsellor", "GET", f"enrolment/{public_id}", "")


def _status(host: Host, package: str, method: str, path: str, token: str) -> int:
    url = f"https://{SITE}/api/kiosk/v1/{path}"
    told = host.run(_PYTHON.format(package), "-c", _ASK, method, url, token)
    return int(told)
