"""What `makersync market explain` shows of a pair that does not match, line by line."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from matching.entrypoints.market_commands import app

CATALOG = {
    "competencies": [{"id": "skill", "name": "Skill"}],
    "credentials": [
        {"id": "cert:a", "name": "A", "issuer": "I", "training_weeks": 4},
        {"id": "cert:b", "name": "B", "issuer": "I"},
    ],
}


def shown(folder: Path, groups: list[dict[str, Any]], **learner: Any) -> str:
    job = {
        "opening_id": "[job]",
        "employer_id": "works",
        "title": "Machinist",
        "zip": "44101",
        "positions": 1,
        "status": "open",
        "groups": groups,
    }
    ann = {"learner_id": "ann", "provider_id": "college", "zip": "44101", "seeking": True, "consents_to_matching": True}
    document = {"day": "2026-11-20", "catalog": CATALOG, "openings": [job], "learners": [ann | learner], "cohorts": []}
    file = folder / "market.json"
    file.write_text(json.dumps(document))
    result = CliRunner().invoke(app, ["explain", str(file), "[job]", "ann"])
    assert result.exit_code == 0, result.output
    return result.output


def required(*forms: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": f"g-{len(json.dumps(forms))}", "necessity": "required", "any_of": list(forms)} | more


def test_an_attested_award_of_a_verified_only_group_is_shown_as_what_to_verify(tmp_path: Path) -> None:
    award = {"award_id": "word", "credential": "cert:a", "status": "active", "issued_on": "2026-01-01", "evidence": "attested"}
    text = shown(tmp_path, [required({"credential": "cert:a"}, id="g", verified_only=True)], awards=[award])
    assert "✗ g (required, weight 1, verified only): unmet" in text
    assert "✗ cert:a: attested, through cert:a" in text
    assert "✓ word cert:a: attested, issued 2026-01-01, in force" in text
    assert "verify award word (cert:a)" in text


def test_a_gate_and_two_credentials_are_one_change_together(tmp_path: Path) -> None:
    groups = [required({"credential": "cert:a"}, id="one"), required({"credential": "cert:b"}, id="two")]
    text = shown(tmp_path, groups, seeking=False)
    assert "[job] / ann on 2026-11-20, policy 1" in text
    assert "Not qualified: not_seeking" in text
    assert "The cheapest change, all of it together" in text
    assert "seeking: true" in text
    assert "earn cert:a: 4 weeks of training" in text
    assert "earn cert:b: training of unknown length" in text


def test_an_explanation_says_when_no_credential_leads_to_what_is_missing(tmp_path: Path) -> None:
    text = shown(tmp_path, [required({"competency": "skill", "level": 2})], zip="99501")
    assert "✗ skill at 2" in text
    assert "no credential of the catalog leads to what is missing" in text
    assert "longer than any reach may be" in text
    assert "Awards: none" in text
