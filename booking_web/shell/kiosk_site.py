# SPDX-License-Identifier: AGPL-3.0-or-later
"""How kiosks reach this site, as its settings say; what an enrolled machine is given."""

from pathlib import Path

from flask import request

from booking_web.shell.services import services
from provisioning.bundles.bundle import Access
from provisioning.bundles.enrolment_file import (
    Enrolment,
    RepositoryFiles,
    SiteFiles,
    enrolment_at,
)
from provisioning.directory.errors import DirectoryError


class NotSetUp(DirectoryError):
    """The site's settings do not say how kiosks reach Asterisk, or name a bad file."""


def access_of_site() -> Access | None:
    """Give how kiosks reach Asterisk and the pages, where the settings say so."""
    settings = services().settings
    if settings.sip_server is None:
        return None
    return Access(
        settings.sip_server,
        settings.sip_port,
        Path(settings.sip_ca_file) if settings.sip_ca_file else None,
        settings.site_url or request.url_root,
    )


def enrolment_of_site() -> Enrolment:
    """Give the function that writes an enrolment. Raises NotSetUp."""
    settings, access = services().settings, access_of_site()
    if access is None or access.ca is None:
        raise NotSetUp("sip_server and sip_ca_file are missing in the site's settings")
    repository = None
    if settings.repository_uri and settings.repository_key_file:
        repository = RepositoryFiles(
            settings.repository_uri,
            settings.repository_suite,
            Path(settings.repository_key_file),
        )
    web_ca = Path(settings.web_ca_file) if settings.web_ca_file else None
    language = settings.kiosk_language
    try:
        return enrolment_at(SiteFiles(access, access.ca, web_ca, language, repository))
    except DirectoryError as error:
        raise NotSetUp(str(error)) from error
