"""What can be wrong with signing in at an OpenID provider. Pages say it in words."""

from enum import StrEnum


class Fault(StrEnum):
    """Of the provider, of its answers, or of the way there and back."""

    #: Cannot be reached, or has a fault of its own.
    AWAY = "provider_away"
    #: Answers too slowly, or sends more than anything that it has to say.
    ENDLESS = "provider_endless"
    #: Sends us elsewhere, which nothing that is secret may follow.
    REDIRECTS = "provider_redirects"
    #: Is not what is set up: another issuer, other endpoints, or another client than it knows.
    MISCONFIGURED = "provider_misconfigured"
    #: Too many people sign in by it at this moment.
    BUSY = "provider_busy"
    #: The person, or the provider, does not want it.
    DENIED = "denied"
    #: The provider sent the browser back with an error of another kind.
    REFUSED = "provider_refused"
    #: It was begun in another browser, too long ago, or has come back before.
    REQUEST_OVER = "request_over"
    #: The code was used, or is too old.
    CODE_OVER = "code_over"
    #: The provider did not ask the person to prove once more who it is.
    NOT_ANEW = "not_proven_anew"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_NONCE = "wrong_nonce"
    #: The token is of another time than it is here.
    WRONG_TIME = "wrong_time"
    #: Signed with a key that the provider does not list.
    UNKNOWN_KEY = "unknown_key"
    #: Not signed as it has to be, or no ID token at all.
    UNFIT = "unfit_answer"


class ProviderRefused(Exception):
    """Nobody is signed in by this."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault
