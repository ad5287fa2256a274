# SPDX-License-Identifier: AGPL-3.0-or-later
"""The browser's policies: our site and nothing else. Pure.

Each name is in https://chromeenterprise.google/policies/; Chromium says at chrome://policy
which it took.
"""

import base64
import json
import re
import ssl
from pathlib import Path
from typing import Any

_CERTIFICATE = re.compile(
    "-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL
)


def policy_text(
    site: str,
    start_page: Path,
    authority: str | None,
    language: str,
    has_captions: bool = False,
) -> str:
    """Give the file of policies for a kiosk of this site."""
    policies: dict[str, Any] = {
        # The first is not of Chromium's own pages, its settings for instance.
        "URLBlocklist": ["*", "chrome://*", "chrome-untrusted://*"],
        "URLAllowlist": [site, f"file://{start_page}"],
        # The site is reached without a Web proxy, whatever the machine knows of one.
        "ProxySettings": {"ProxyMode": "direct"},
        # 2: nowhere.
        "DeveloperToolsAvailability": 2,
        "DownloadRestrictions": 3,
        "PasswordManagerEnabled": False,
        "AutofillAddressEnabled": False,
        "AutofillCreditCardEnabled": False,
        "BrowserSignin": 0,
        "SyncDisabled": True,
        "BrowserAddPersonEnabled": False,
        "BrowserGuestModeEnabled": False,
        "IncognitoModeAvailability": 1,
        "DefaultPopupsSetting": 2,
        "DefaultNotificationsSetting": 2,
        "DefaultGeolocationSetting": 2,
        # A form is read aloud by itself: the resident touches nothing.
        "AutoplayAllowed": True,
        "AudioCaptureAllowed": False,
        "VideoCaptureAllowed": False,
        "ScreenCaptureAllowed": False,
        "ExtensionInstallBlocklist": ["*"],
        "PrintingEnabled": False,
        "TranslateEnabled": False,
        "SpellcheckEnabled": False,
        "SearchSuggestEnabled": False,
        "MetricsReportingEnabled": False,
        "BackgroundModeEnabled": False,
        "BookmarkBarEnabled": False,
        "AllowFileSelectionDialogs": False,
        "AllowDinosaurEasterEgg": False,
        "PromotionsEnabled": False,
        "ForcedLanguages": [language],
        # 5: nothing of the last time; the unit says what is opened.
        "RestoreOnStartup": 5,
    }
    if has_captions:
        # The page hears the kiosk's own captions on the loopback; it would ask for it.
        policies["LoopbackNetworkAllowedForUrls"] = [site]
    if authority is not None:
        policies["CACertificates"] = certificates(authority)
    return json.dumps(policies, indent=1) + "\n"


def certificates(authority: str) -> list[str]:
    """Give each certificate of a PEM file as the policy wants it: base64 of its DER."""
    return [
        base64.b64encode(ssl.PEM_cert_to_DER_cert(each)).decode()
        for each in _CERTIFICATE.findall(authority)
    ]
