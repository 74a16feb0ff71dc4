"""Every page of this service with something on it, for the tests that look at all of them."""

from contracts.topics import CANDIDATE_MATCH
from learners.entrypoints.members_offer import MEMBERS
from makersync.http.wiring import Wiring
from makersync.members.joining import MemberInvitation
from services.learners.tests.conftest import Caller
from services.learners.tests.events import REGION, Feed, match, opening, signal
from services.learners.tests.introducing import act, asked, candidate
from services.learners.tests.samples import accepted, definition, record
from services.learners.tests.test_pathways import SAFETY, refreshed
from tests.visiting import browser as visits
from tests.visiting.every_page import OF_ALL_SERVICES, EveryPage
from tests.visiting.integration_pages import pages_of_integrations
from tests.visiting.operator_pages import pages_of_operators

from .accrediting import OF_ISSUER, accredited

CELL = f"/demand/{REGION}/credential:nims:cnc-milling-operator"
#: Longer than any line of a phone.
LONG_WORD = "Wo" + "o" * 100 + "d turner"


async def every_page_of(wiring: Wiring, york: Caller, feed: Feed) -> EveryPage:
    """The addresses as an administrator of york visits them, by the paths of their routes."""
    learner_id = await candidate(york, person={"name": "ليلى " + LONG_WORD, "email": f"{'a' * 60}@example.org"})
    award_id = await record(york, learner_id)
    coming = await record(york, learner_id, status="in_progress", issued_on=None, expires_on=None, expected_on="2027-03-01")
    bare = await candidate(york, person={"name": "Bo"}, seeking=False)
    await feed.batch(opening(1, title=LONG_WORD, employer_name="شركة Werk", closes_on="2027-01-04"))
    matches = match("MatchProposed", 1, learner_id), match("MatchProposed", 1, learner_id, "opn_unknown")
    await feed.batch(*matches, refreshed(1, learner_id, {SAFETY: 3}))
    await feed.batch(asked(learner_id))
    invitation = MemberInvitation("prv_york", f"{'a' * 60}@{'b' * 60}.example", "reader")
    guarded = signal("ShortageSilenced", 1, "competency:machining.cnc-milling@3", level="insufficient_data")
    await feed.batch(signal("ShortageRaised", 1, day="2026-10-01", demand=4000), signal("ShortageRevised", 2), guarded)
    one = f"/learners/{learner_id}"
    link = accepted(await act(york, "learner-link"))["page"].partition("8102")[2]
    await feed.batch(asked(bare, name="int_2", job={"title": LONG_WORD, "employer_name": LONG_WORD, "remote": True}))
    return {
        **OF_ALL_SERVICES,
        "/join/{token}": [await visits.invited(wiring, MEMBERS, invitation)],
        "/demand": ["/demand", "/demand?region=29540"],
        "/demand/{region}/{subject}": [f"{CELL}?seats=12", f"/demand/{REGION}/competency:machining.cnc-milling@3"],
        **await pages_of_integrations(wiring, york),
        "/introductions": ["/introductions"],
        "/introductions/{introduction_id}": ["/introductions/int_1", "/introductions/int_2"],
        "/answers/{token}": [link, f"{link}?lang=es"],
        "/contacts/{introduction_id}/{token}": ["/contacts/int_1/x"],
        "/learners": ["/learners"],
        "/learners/new": ["/learners/new"],
        "/learners/{learner_id}": [one, f"/learners/{bare}"],
        "/learners/{learner_id}/merge/{other_id}": [f"{one}/merge/{bare}", f"/learners/{bare}/merge/{learner_id}"],
        "/learners/{learner_id}/profile": [f"{one}/profile"],
        "/learners/{learner_id}/awards/new": [f"{one}/awards/new"],
        "/learners/{learner_id}/awards/{award_id}": [f"{one}/awards/{award_id}", f"{one}/awards/{coming}"],
    }


async def every_page_of_operators(wiring: Wiring, york: Caller) -> EveryPage:
    """The addresses as an operator visits them."""
    wanted = definition(id="york:starter", name=LONG_WORD)
    proposed = await york.post("/v1/catalog/proposals", wanted, Idempotency_Key="k")
    granted = await accredited(wiring, whose="prv_york")
    return {
        **await pages_of_operators(wiring, "learners.market", CANDIDATE_MATCH),
        "/accreditations": ["/accreditations", "/accreditations?provider_id=prv_york", f"/accreditations?{OF_ISSUER}"],
        "/accreditations/new": ["/accreditations/new"],
        "/accreditations/{accreditation_id}": [f"/accreditations/{each}" for each in granted],
        "/accreditations/{accreditation_id}/end": [f"/accreditations/{each}/end" for each in granted],
        "/organisations": ["/organisations"],
        "/organisations/{organisation_id}": ["/organisations/prv_york"],
        "/proposals": ["/proposals"],
        "/proposals/{proposal_id}": [str(proposed.headers["Location"]).removeprefix("/v1/catalog")],
    }
