"""Whether a deployment has an OpenID provider: nothing is half set up."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from makersync.errors import OperatorError
from makersync.oidc.setup import oidc_setup
from makersync.settings import Settings

WHOLE: dict[str, Any] = {
    "public_address": "https://openings.example.org/",
    "oidc_issuer": "https://login.example.org/realms/works",
    "oidc_client_id": "makersync",
}


def test_without_an_issuer_there_is_no_provider() -> None:
    assert oidc_setup(Settings(oidc_client_id="makersync")) is None


def test_browsers_come_back_to_the_public_address() -> None:
    setup = oidc_setup(Settings(**WHOLE, oidc_client_secret=SecretStr("secret")))
    assert setup is not None and setup.redirect_uri == "https://openings.example.org/sign-in/oidc/return"
    assert setup.client_secret == "secret" and "secret" not in repr(setup)


def test_the_secret_stands_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    setup = oidc_setup(Settings(**WHOLE, oidc_client_secret_file=file))
    assert setup is not None and setup.client_secret == "from a file"
    with pytest.raises(OperatorError, match="CLIENT_SECRET_FILE cannot be read"):
        oidc_setup(Settings(**WHOLE, oidc_client_secret_file=tmp_path / "none"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"public_address": ""}, "MAKERSYNC_PUBLIC_ADDRESS"),
        ({"public_address": "http://openings.example.org"}, "MAKERSYNC_PUBLIC_ADDRESS"),
        ({"oidc_client_id": ""}, "MAKERSYNC_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "http://login.example.org"}, "must begin with https://"),
        ({"oidc_issuer": "https://10.0.0.7"}, "must lead to a public address"),
        ({"oidc_issuer": "login.example.org"}, "MAKERSYNC_OIDC_ISSUER must"),
    ],
)
def test_what_is_missing_is_said_at_the_start(changed: dict[str, Any], said: str) -> None:
    """Guards: the first member who signs in would be the one to find out."""
    with pytest.raises(OperatorError, match=said):
        oidc_setup(Settings(**WHOLE | changed))


def test_a_local_provider_stands_in_a_network_that_is_opened() -> None:
    opened = {"oidc_issuer": "http://127.0.0.1:9000", "oidc_networks": ("127.0.0.0/8",)}
    assert oidc_setup(Settings(**WHOLE | opened)) is not None
