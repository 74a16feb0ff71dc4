"""Drafts of the demo's market as the matching service knows them: as domain objects, and as the data of events."""

from collections.abc import Mapping
from dataclasses import replace

from contracts.vocabulary import AwardStatus, Evidence, Necessity, OpeningStatus, Shift
from demo.market.atlas import Atlas
from demo.market.bodies import Body, award_body, learner_body, opening_body
from demo.market.chance import dice
from demo.market.drafts import AwardDraft, GroupDraft, LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket
from matching.domain.market.catalog import CompetencyLevel, MarketCatalog, MarketCompetency, MarketCredential
from matching.domain.market.subjects import (
    CompetencyAlternative,
    CredentialAlternative,
    MarketAward,
    MarketLearner,
    MarketOpening,
    RequirementGroup,
)
from reference.places import REMOTE

#: The demo's learners have 2.3 awards on average, the nation that is measured three.
MORE_AWARDS = 0.7
#: Fields that an opening has in its draft under the same names and in the same types.
_SAME = ("title", "zip", "remote", "positions", "filled", "occupation", "start_by", "closes_on", "wage_min", "wage_max")


class People:
    """Knows what the register makes of each provider's awards."""

    def __init__(self, market: GeneratedMarket) -> None:
        self._issuers: Mapping[str, frozenset[str]] = {one.key: one.issuers for one in market.providers()}
        self._atlas: Atlas = market.atlas

    def learner(self, draft: LearnerDraft, version: int = 1) -> MarketLearner:
        return MarketLearner(
            learner_id=draft.key,
            provider_id=draft.provider,
            zip=draft.zip,
            seeking=draft.seeking,
            consents_to_matching=draft.consents,
            reach_km=draft.reach_km,
            remote_ok=draft.remote_ok,
            seeking_since=draft.seeking_since,
            available_from=draft.available_from,
            shifts=frozenset(map(Shift, draft.shifts)),
            wage_floor=draft.wage_floor,
            awards=tuple(self._award(draft, award) for award in draft.awards),
            version=version,
        )

    def learner_data(self, draft: LearnerDraft) -> Body:
        """As `learners.learner.v1` tells it, but for the region, which differs from record to record."""
        awards = [
            {"award_id": award.key, "evidence": self._evidence(draft, award)} | award_body(award) for award in draft.awards
        ]
        whose = {"learner_id": draft.key, "provider_id": draft.provider, "consents_to_matching": draft.consents}
        return whose | learner_body(draft) | {"awards": awards}

    def _award(self, draft: LearnerDraft, award: AwardDraft) -> MarketAward:
        return MarketAward(
            award_id=award.key,
            credential=award.credential,
            status=AwardStatus(award.status),
            evidence=Evidence(self._evidence(draft, award)),
            issued_on=award.issued_on,
            expires_on=award.expires_on,
            expected_on=award.expected_on,
        )

    def _evidence(self, draft: LearnerDraft, award: AwardDraft) -> str:
        issuer = self._atlas.credentials[award.credential].issuer
        return "verified" if issuer in self._issuers[draft.provider] else "attested"


def opening_of(draft: OpeningDraft, version: int = 1, status: str = "open") -> MarketOpening:
    return MarketOpening(
        opening_id=draft.key,
        employer_id=draft.employer,
        region=region_of(draft),
        shifts=frozenset(map(Shift, draft.shifts)),
        groups=tuple(map(_group, draft.groups)),
        status=OpeningStatus(status),
        version=version,
        **{name: getattr(draft, name) for name in _SAME},
    )


def opening_data(draft: OpeningDraft) -> Body:
    whose = {"opening_id": draft.key, "employer_id": draft.employer, "region": region_of(draft), "status": "open"}
    return whose | opening_body(draft)


def region_of(draft: OpeningDraft) -> str:
    return REMOTE if draft.remote else draft.region


def catalog_of(atlas: Atlas) -> MarketCatalog:
    competencies = [MarketCompetency(entry["id"], entry["name"]) for entry in atlas.catalog["competencies"]]
    return MarketCatalog.of(competencies, map(_definition, atlas.catalog["credentials"]))


def experienced(market: GeneratedMarket, draft: LearnerDraft) -> LearnerDraft:
    """With one award more for seven of ten: three a learner, and shares of qualified and near misses as large markets have."""
    rng = dice(market.plan.seed, "experience", draft.key)
    if rng.random() >= MORE_AWARDS:
        return draft
    award = market.supply.another_award(rng, f"{draft.key}-x", draft.region, market.plan.day)
    return replace(draft, awards=(*draft.awards, award))


def _group(draft: GroupDraft) -> RequirementGroup:
    forms = tuple(
        CredentialAlternative(form.credential)
        if form.credential is not None
        else CompetencyAlternative(form.competency or "", form.level or 0)
        for form in draft.any_of
    )
    return RequirementGroup(draft.id, Necessity(draft.necessity), forms, draft.weight, draft.verified_only)


def _definition(entry: Body) -> MarketCredential:
    return MarketCredential(
        id=entry["id"],
        name=entry["name"],
        issuer=entry["issuer"],
        confers=tuple(CompetencyLevel(one["competency"], one["level"]) for one in entry.get("confers", ())),
        implies=tuple(entry.get("implies", ())),
        composed_of=tuple(entry.get("composed_of", ())),
        training_weeks=entry.get("training_weeks"),
    )
