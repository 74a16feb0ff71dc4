"""The market file that benchmarks and anybody else recompute a market from (MARKET.md section 14)."""

import io
import json

from demo.market.generated_market import GeneratedMarket
from demo.market.market_file import write_market_file

FIELDS = {
    "openings": {
        "opening_id", "employer_id", "title", "occupation", "zip", "remote", "positions", "filled", "start_by", "closes_on",
        "shifts", "wage_min", "wage_max", "groups", "status",
    },
    "learners": {
        "learner_id", "provider_id", "zip", "reach_km", "remote_ok", "seeking", "seeking_since", "consents_to_matching",
        "available_from", "shifts", "wage_floor", "awards",
    },
    "cohorts": {"cohort_id", "provider_id", "credential", "region", "seats", "enrolled", "starts_on", "ends_on"},
}  # fmt: skip


def test_the_file_holds_the_whole_market_in_the_field_names_of_the_contract(market: GeneratedMarket) -> None:
    out = io.StringIO()
    write_market_file(market, out)
    document = json.loads(out.getvalue())
    assert set(document) == {"day", "catalog", "openings", "learners", "cohorts"}
    assert [len(document[name]) for name in ("openings", "learners")] == [300, 1000]
    for name, fields in FIELDS.items():
        assert set().union(*document[name]) == fields


def test_an_award_is_verified_where_the_provider_is_accredited(market: GeneratedMarket) -> None:
    out = io.StringIO()
    write_market_file(market, out)
    accredited = {provider.key: provider.issuers for provider in market.providers()}
    found = set()
    for learner in json.loads(out.getvalue())["learners"]:
        for award in learner["awards"]:
            issuer = market.atlas.credentials[award["credential"]].issuer
            assert (award["evidence"] == "verified") == (issuer in accredited[learner["provider_id"]])
            found.add(award["evidence"])
    assert found == {"verified", "attested"}
