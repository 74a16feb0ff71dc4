"""Answers to forms that were acted on."""

from starlette.responses import RedirectResponse

from makersync.pages.headers import PAGE_HEADERS


def see_other(path: str) -> RedirectResponse:
    """Leads to a page that is loaded with GET (RFC 9110, 15.4.4), so that nothing is sent again when it is reloaded."""
    return RedirectResponse(path, 303, headers=PAGE_HEADERS)
