"""Writes a demo market as a market file (MARKET.md section 14), one thing at a time."""

import json
from collections.abc import Iterable
from typing import TextIO

from demo.market.atlas import Atlas
from demo.market.bodies import Body, award_body, cohort_body, learner_body, opening_body
from demo.market.drafts import CohortDraft, LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket


def write_market_file(market: GeneratedMarket, out: TextIO) -> None:
    """The market as its services hold it once everything is loaded, ids being the demo's own keys."""
    issuers = {provider.key: provider.issuers for provider in market.providers()}
    learners = (_learner(draft, market.atlas, issuers[draft.provider]) for draft in market.learners())
    out.write(f'{{"day": {json.dumps(market.plan.day.isoformat())},\n"catalog": {json.dumps(_catalog(market.atlas))}')
    _write_array(out, "openings", map(_opening, market.openings()))
    _write_array(out, "learners", learners)
    _write_array(out, "cohorts", map(_cohort, market.cohorts()))
    out.write("}\n")


def _write_array(out: TextIO, name: str, items: Iterable[Body]) -> None:
    out.write(f',\n"{name}": [')
    for place, item in enumerate(items):
        out.write((",\n" if place else "\n") + json.dumps(item))
    out.write("]")


def _catalog(atlas: Atlas) -> Body:
    return {"competencies": atlas.catalog["competencies"], "credentials": atlas.catalog["credentials"]}


def _opening(draft: OpeningDraft) -> Body:
    return {"opening_id": draft.key, "employer_id": draft.employer, "status": "open"} | opening_body(draft)


def _learner(draft: LearnerDraft, atlas: Atlas, issuers: frozenset[str]) -> Body:
    awards = [
        {"award_id": award.key, "evidence": _evidence(atlas, award.credential, issuers)} | award_body(award)
        for award in draft.awards
    ]
    whose = {"learner_id": draft.key, "provider_id": draft.provider, "consents_to_matching": draft.consents}
    return whose | learner_body(draft) | {"awards": awards}


def _evidence(atlas: Atlas, credential: str, issuers: frozenset[str]) -> str:
    """What the register makes of an award (MARKET.md section 4)."""
    return "verified" if atlas.credentials[credential].issuer in issuers else "attested"


def _cohort(draft: CohortDraft) -> Body:
    return {"cohort_id": draft.key, "provider_id": draft.provider} | cohort_body(draft)
