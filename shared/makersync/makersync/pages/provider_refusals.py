"""What people are told when signing in at the OpenID provider did not work: what happened, and what to do."""

from collections.abc import Mapping

from makersync.oidc.faults import Fault

_AGAIN = "Try again in a minute."
_MEANWHILE = "If you have a password here, sign in with it meanwhile."
_OPERATOR = "If it happens again, tell an operator of the platform."
_UNTRUE = (403, f"What {{name}} says about you cannot be trusted, so nobody is signed in. Try again. {_OPERATOR}")
_MISMATCH = (
    503,
    f"Signing in with {{name}} is not set up rightly here, which an operator of the platform has to mend. {_MEANWHILE}",
)

#: The status of the page, and the words on it.
TEXTS: Mapping[Fault, tuple[int, str]] = {
    Fault.AWAY: (503, f"{{name}} cannot be reached at this moment. {_AGAIN} {_MEANWHILE}"),
    Fault.ENDLESS: (503, f"{{name}} did not answer in time. {_AGAIN} {_MEANWHILE}"),
    Fault.BUSY: (503, f"Too many people sign in with {{name}} at this moment. {_AGAIN}"),
    Fault.REDIRECTS: _MISMATCH,
    Fault.MISCONFIGURED: _MISMATCH,
    Fault.DENIED: (403, "{name} did not let you in, or you said no there. Try again if that was not meant."),
    Fault.REFUSED: (403, f"{{name}} sent you back without saying who you are. Try again. {_OPERATOR}"),
    Fault.REQUEST_OVER: (
        410,
        "This was begun in another browser, took too long, or was finished already. If you are signed in, go on; or else begin "
        "again, and let this site keep cookies.",
    ),
    Fault.CODE_OVER: (410, "It took too long, or this page was loaded twice. Begin again."),
    Fault.NOT_ANEW: (
        403,
        "{name} did not ask you to sign in once more. Sign out there, and try again. " + _OPERATOR,
    ),
    Fault.WRONG_ISSUER: _UNTRUE,
    Fault.WRONG_AUDIENCE: _UNTRUE,
    Fault.WRONG_NONCE: _UNTRUE,
    Fault.UNFIT: _UNTRUE,
    Fault.UNKNOWN_KEY: (503, f"{{name}} has just changed its keys. {_AGAIN} {_OPERATOR}"),
    Fault.WRONG_TIME: (
        403,
        f"What {{name}} says about you is of another time than it is here: a clock is wrong, or it took too long. Try again. "
        f"{_OPERATOR}",
    ),
}


def refusal_of(fault: Fault, name: str) -> tuple[int, str]:
    status, text = TEXTS[fault]
    words = text.format(name=name)
    return status, words[:1].upper() + words[1:]
