"""The codes of an authenticator app (TOTP, RFC 6238): six digits that change every half minute."""

from datetime import datetime

import pyotp
import segno

_PERIOD_S = 30
#: Clocks of telephones are a little early or late, and typing takes time.
_STEPS = (0, -1, 1)


def new_secret() -> str:
    """160 bits in base 32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The number of the half minute that the code is of; None for a code that is of none that is near."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // _PERIOD_S
    for away in _STEPS:
        if pyotp.utils.strings_equal(totp.generate_otp(present + away), code):
            return present + away
    return None


def code_at(secret: str, now: datetime) -> str:
    return pyotp.TOTP(secret).generate_otp(int(now.timestamp()) // _PERIOD_S)


def drawn(secret: str, address: str, issuer: str) -> str:
    """The secret as a QR code, in SVG without any style."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=address, issuer_name=issuer)
    made = segno.make(uri, error="m", micro=False)
    return made.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="qr", title="QR code with the secret")
