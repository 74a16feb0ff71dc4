"""Every page of this service with something on it, for the tests that look at all of them."""

from contracts.topics import CANDIDATE_MATCH
from makersync.http.wiring import Wiring
from services.openings.tests.conftest import Caller, publish
from services.openings.tests.events import Feed
from services.openings.tests.introductions.scenes import Scene
from services.openings.tests.samples import group
from tests.visiting.every_page import OF_ALL_SERVICES, EveryPage
from tests.visiting.integration_pages import pages_of_integrations
from tests.visiting.operator_pages import pages_of_operators

from .conftest import invited

#: Longer than any line of a phone.
LONG_WORD = "Wo" + "o" * 100 + "d turner"


async def every_page_of(wiring: Wiring, acme: Caller, feed: Feed) -> EveryPage:
    """The addresses as an administrator of acme visits them, by the paths of their routes."""
    groups = [group(), group("cpt", necessity="trainable", any_of=[{"credential": "mssc.cpt"}])]
    published = await publish(acme, title=LONG_WORD, wage_min=2250, wage_max=3100, groups=groups)
    opening_id = published.rpartition("/")[2]
    empty = await publish(acme, title="Nobody yet")
    scene = Scene(acme, feed, opening_id)
    accepted, hired = await scene.accepted("lrn_01kb1q5ve0f6x2w8d4s9b7k3qa"), await scene.hired("lrn_2")
    asked = await scene.asked("lrn_3")
    await scene.propose("lrn_01kb1q5ve0f6x2w8d4s9b7k3qb")
    return {
        **OF_ALL_SERVICES,
        "/join/{token}": [await invited(wiring, address=f"{'a' * 60}@{'b' * 60}.example")],
        "/openings": ["/openings", "/openings?status=closed"],
        "/openings/new": ["/openings/new", f"/openings/new?copy={opening_id}"],
        "/openings/new/form": ["/openings/new/form"],
        "/openings/new/preview": ["/openings/new/preview"],
        "/openings/{opening_id}/edit": [f"/openings/{opening_id}/edit"],
        "/openings/{opening_id}/edit/form": [f"/openings/{opening_id}/edit/form"],
        "/openings/{opening_id}/edit/preview": [f"/openings/{opening_id}/edit/preview"],
        "/openings/{opening_id}": [f"/openings/{opening_id}", empty.removeprefix("/v1")],
        "/openings/{opening_id}/shortlist": [f"/openings/{opening_id}/shortlist"],
        "/openings/{opening_id}/candidates/{learner_id}/introduction": [
            f"/openings/{opening_id}/candidates/lrn_01kb1q5ve0f6x2w8d4s9b7k3qb/introduction"
        ],
        **await pages_of_integrations(wiring, acme),
        "/introductions": ["/introductions"],
        "/introductions/{introduction_id}": [f"/introductions/{each}" for each in (accepted, hired, asked)],
    }


async def every_page_of_operators(wiring: Wiring) -> EveryPage:
    """The addresses as an operator visits them, where acme has been admitted."""
    return {
        **await pages_of_operators(wiring, "openings.candidate-match", CANDIDATE_MATCH),
        "/organisations": ["/organisations"],
        "/organisations/{organisation_id}": ["/organisations/emp_acme"],
    }
