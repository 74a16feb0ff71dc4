"""Learners: a provider registers its own, keeps profile and consent, and erases them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from learners.adapters.learner_repository import LearnerFilter, list_learners
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import merging, registering
from learners.domain.learner import remarks_on
from learners.entrypoints.fields import CredentialFilter
from learners.entrypoints.ids import AnyLearnerPath, LearnerPath
from learners.entrypoints.known_filters import demand_credential
from learners.entrypoints.learner_bodies import ConsentBody, LearnerBody, LearnerPatch, MergeBody, SearchBody
from learners.entrypoints.learner_views import (
    ChangedLearnerView,
    LearnerView,
    PersonalLearnerView,
    RevisedLearnerView,
    SearchView,
    learner_view,
    personal_view,
)
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import IfMatch, Precondition, etag_of
from makersync.http.wiring import Reading, Transaction
from reference.region_filter import RegionFilter

COLLECTION = "/v1/learners"
ONE = COLLECTION + "/{learner_id}"
WordsFilter = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        description="Only learners who are found by all of these words: by how names, e-mail addresses and student numbers "
        "begin, in upper or lower case, without accents and punctuation.",
        examples=["robin exam"],
    ),
]
SeekingFilter = Annotated[
    bool | None,
    Query(description="Only learners who are looking for work, or with `false` those who are not.", examples=[True]),
]


def learner_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["learners"], route_class=LearnersRoute)
    _add_registration(router, units_of_work)
    _add_reading(router, units_of_work)
    _add_revision(router, units_of_work)
    _add_search_and_consent(router, units_of_work)
    _add_merging(router, units_of_work)
    return router


def _add_registration(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=ChangedLearnerView, summary="Register a learner")
    async def register_learner(principal: Writer, wanted: LearnerBody, creation: Creating) -> Response:
        """The person is kept in this service's database alone, until the learner is erased: no event has it, and the answer
        leaves it out, since answers are kept for a day under their `Idempotency-Key`. The rest is published as
        `LearnerRegistered` to the regions of the reach. Nobody is matched without `seeking` and `consents_to_matching`.

        Refused (422) when the ZIP code is unknown, or when the wage floor is no pay for an hour. A warning names a wage floor
        far above what the occupations of manufacturing pay.
        """

        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(principal))
            learner = await registering.register_learner(uow, principal.tenant, wanted.profile(), wanted.consents_to_matching)
            view = ChangedLearnerView.changed(
                learner, remarks_on(learner.availability, units_of_work.medians), uow.clock.today()
            )
            return Created(view, f"{COLLECTION}/{learner.learner_id}", learner.version)

        return await creation.once(make)

    @router.delete(ONE, status_code=204, summary="Erase a learner, for good")
    async def erase_learner(principal: Writer, learner_id: LearnerPath, if_match: IfMatch, session: Transaction) -> None:
        """Deletes the person, the profile, the awards and the pathways at once, empties matches and kept answers, and frees
        seats in cohorts. The id, the version and the regions stay, so that an event that comes late brings nothing back; so
        does what the audit has of an imported search.

        `LearnerErased` is published to every region of the reach, with the id alone: matches end, the other services keep no
        more than ids, and the topics lose what they held of the learner as they are compacted, within about a day. The address
        then answers 404, as if nobody had been there.
        """
        uow = units_of_work.at(session, requester_of(principal))
        await registering.erase_learner(uow, learner_id, expecting(if_match))


def _add_reading(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.get(COLLECTION, summary="List one's learners")
    async def list_own_learners(
        principal: Reader,
        session: Reading,
        page: PageQuery,
        seeking: SeekingFilter = None,
        region: RegionFilter = None,
        credential: CredentialFilter = None,
        q: WordsFilter = None,
    ) -> Page[PersonalLearnerView]:
        """The provider's own learners, with the persons. `region` is that of the home, and `credential` takes awards of every
        status, whether or not they count today.
        """
        await demand_credential(session, credential)
        found = await list_learners(session, principal.tenant, LearnerFilter(seeking, region, credential, q or ""), page)
        return found.map(lambda one: personal_view(one.learner, one.person, units_of_work.clock.today()))

    @router.get(ONE, summary="Read a learner")
    async def read_learner(
        principal: Reader, learner_id: LearnerPath, session: Reading, response: Response
    ) -> PersonalLearnerView:
        """One of the provider's own, with the person. The `ETag` of the answer is what changes of the learner and of the awards
        send in `If-Match`.
        """
        uow = units_of_work.at(session, requester_of(principal))
        learner = await uow.learners.get(learner_id)
        response.headers["ETag"] = etag_of(learner.version)
        return personal_view(learner, await uow.learners.person(learner_id), units_of_work.clock.today())


def _add_revision(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.patch(ONE, summary="Change profile and availability")
    async def revise_learner(
        principal: Writer,
        learner_id: LearnerPath,
        wanted: LearnerPatch,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> RevisedLearnerView:
        """What is left out stays, null empties what may be unknown. Regions that the reach loses receive a withdrawal, and
        matches follow. A search begins on the day on which `seeking` becomes true, and is forgotten when it becomes false.
        A changed person is a new version too, but its event carries nothing of the person. Nothing happens when nothing
        changes.

        Refused (422) for the same reasons as a registration. Consent has an address of its own.
        """
        uow = units_of_work.at(session, requester_of(principal))
        learner, person = await registering.revise_learner(uow, learner_id, expecting(if_match), wanted.rewrite)
        response.headers["ETag"] = etag_of(learner.version)
        remarks = remarks_on(learner.availability, units_of_work.medians)
        return RevisedLearnerView.revised(learner, person, remarks, units_of_work.clock.today())


def _add_search_and_consent(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.put(ONE + "/seeking-since", summary="Import since when a learner seeks, for operators")
    async def import_search(
        operator: Operator, learner_id: AnyLearnerPath, wanted: SearchBody, session: Transaction, response: Response
    ) -> SearchView:
        """For a learner who sought before being registered here: of equal scores the earlier search comes first. It needs no
        `If-Match`, and the audit keeps the date and the reason. Refused (409) when the learner does not seek, and (422)
        for a date after today or before 2000.
        """
        uow = units_of_work.at(session, requester_of(operator))
        learner = await registering.import_search(uow, learner_id, wanted.seeking_since, wanted.reason)
        response.headers["ETag"] = etag_of(learner.version)
        return SearchView(learner_id=learner_id, seeking_since=wanted.seeking_since, version=learner.version)

    @router.put(ONE + "/consent", summary="Give or withdraw the consent to be matched")
    async def decide_consent(
        principal: Writer,
        learner_id: LearnerPath,
        wanted: ConsentBody,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> LearnerView:
        """With the consent, a learner who seeks is matched. Withdrawing it ends every match (`consent_withdrawn`) and counts
        the learner in no supply. What is known of the learner stays here, and its events stay on the topics: erasing the
        learner removes them. Nothing happens when it is so already.
        """
        uow = units_of_work.at(session, requester_of(principal))
        learner = await registering.decide_consent(uow, learner_id, expecting(if_match), wanted.consents_to_matching)
        response.headers["ETag"] = etag_of(learner.version)
        return learner_view(learner, units_of_work.clock.today())


def _add_merging(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(ONE + "/merges", summary="Merge another record of the same person into a learner")
    async def merge_learners(
        principal: Writer,
        learner_id: LearnerPath,
        wanted: MergeBody,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> LearnerView:
        """For somebody who was registered twice. The learner of the address gets all awards of the other, and what is not known
        of the person; profile, availability and ZIP code stay. Only who consents in both records is matched afterwards. An
        award in progress of a cohort in which both have a seat goes, and its seat becomes free. The other record is erased
        (`LearnerErased`), with its introductions, matches and pathways; its address answers 410 and names the learner who
        stays. It cannot be undone. The same merge again has no effect.

        Refused (409) while an introduction of the other learner is open or waits for the confirmation of a hire, (412) when
        either version is outdated, and (422) when the other is no learner of the provider.
        """
        uow = units_of_work.at(session, requester_of(principal))
        other = Precondition(frozenset({etag_of(wanted.version)}))
        learner = await merging.merge_learners(uow, learner_id, expecting(if_match), wanted.learner_id, expecting(other))
        response.headers["ETag"] = etag_of(learner.version)
        return learner_view(learner, units_of_work.clock.today())
