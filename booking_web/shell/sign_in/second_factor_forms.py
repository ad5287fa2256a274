# SPDX-License-Identifier: AGPL-3.0-or-later
"""The forms of a person's own second factor: who changes it says again who they are."""

from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField

from booking_web.domain.rights.account_names import as_looked_up
from booking_web.shell.services import services
from booking_web.shell.sign_in.given_codes import given_code
from booking_web.shell.sign_in.pages import has_password
from provisioning.database.models import User


def own_account() -> User:
    """Give the account of who is signed in."""
    with services().database.read() as reading:
        return reading.get_one(User, current_user.id)


class PasswordAgainForm(FlaskForm):
    """The password, once more; the token was checked before the view."""

    class Meta:
        csrf = False

    password = PasswordField(lazy_gettext("Mot de passe"))

    def has_right_password(self) -> bool:
        """Tell whether it is right, after saying beside it that it is not."""
        user = own_account()
        typed = self.password.data or ""
        if has_password(as_looked_up(user.email), user, typed):
            return True
        self.password.errors = [gettext("Ce n'est pas votre mot de passe.")]
        return False


class ConfirmForm(PasswordAgainForm):
    """The first code, with what the page had drawn."""

    draft = HiddenField()
    code = StringField(lazy_gettext("Code à six chiffres"))


class ChangeFactorForm(PasswordAgainForm):
    """A code of the second factor that is to be changed."""

    code = StringField(lazy_gettext("Code du téléphone, ou code de secours"))

    def is_good(self) -> bool:
        """Tell whether both are right, after saying beside each what is wrong."""
        if not self.has_right_password():
            return False
        if given_code(own_account(), self.code.data or "") is not None:
            return True
        self.code.errors = [
            gettext(
                "Ce code n'est pas le bon, ou il a déjà servi. Attendez le suivant."
            )
        ]
        return False
