"""Whether a deployment has an OpenID provider, and how it is spoken to: from the settings."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from makersync.delivery.addresses import Network
from makersync.delivery.targets import UrlRefused, checked_url
from makersync.errors import OperatorError
from makersync.mail.setup import public_address_of
from makersync.settings import Settings

#: Where a provider sends browsers back to.
RETURN_PATH = "/sign-in/oidc/return"
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class OidcSetup:
    """One provider. `issuer` is what it calls itself, to the letter; `name` is what people call it; `opened` are the networks
    in which it may stand although they are not public. Without a `client_secret` this service is a public client."""

    issuer: str
    client_id: str
    redirect_uri: str
    name: str
    opened: Sequence[Network] = ()
    client_secret: str = field(default="", repr=False)


def oidc_setup(settings: Settings) -> OidcSetup | None:
    """None where no issuer is set. Raises OperatorError where something else is missing then."""
    if not settings.oidc_issuer:
        return None
    public_address = public_address_of(settings)
    if public_address is None:
        raise OperatorError("MAKERSYNC_OIDC_ISSUER needs MAKERSYNC_PUBLIC_ADDRESS: the provider sends browsers back there.")
    if not settings.oidc_client_id:
        raise OperatorError("MAKERSYNC_OIDC_ISSUER needs MAKERSYNC_OIDC_CLIENT_ID: the name by which the provider knows us.")
    try:
        checked_url(settings.oidc_issuer, settings.oidc_networks)
    except UrlRefused as unfit:
        raise OperatorError(f"MAKERSYNC_OIDC_ISSUER {unfit.detail}.") from unfit
    return OidcSetup(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        redirect_uri=public_address + RETURN_PATH,
        name=settings.oidc_name.strip()[:_LONGEST_NAME],
        opened=settings.oidc_networks,
        client_secret=_secret(settings),
    )


def _secret(settings: Settings) -> str:
    if settings.oidc_client_secret_file is None:
        return settings.oidc_client_secret.get_secret_value()
    try:
        return settings.oidc_client_secret_file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise OperatorError("MAKERSYNC_OIDC_CLIENT_SECRET_FILE cannot be read.") from error
