"""The policy is one value with every number of sections 8 to 13."""

from dataclasses import asdict

import pytest

from matching.domain.market.policy import InvalidPolicy, Policy, policy_problems


def test_the_numbers_are_those_of_the_text() -> None:
    numbers = Policy().to_dict()
    assert (numbers["weight_preferred"], numbers["weight_trainable"], numbers["weight_evidence"]) == (50, 30, 20)
    assert (numbers["shortlist_min"], numbers["shortlist_max"], numbers["shortlist_per_position"]) == (10, 100, 5)
    thresholds = [numbers[f"threshold_{level}"] for level in ("balanced", "shortage", "severe")]
    assert thresholds == [667, 1500, 3000]
    assert (numbers["pipeline_days"], numbers["smoothing"], numbers["top_credentials"]) == (180, 2000, 5)
    assert (numbers["guard_openings"], numbers["guard_employers"], numbers["guard_employer_share"]) == (5, 3, 667)
    assert (numbers["hysteresis_tenths"], numbers["revision_tenths"]) == (9, 1)
    assert (numbers["pathway_size"], numbers["refresh_seconds"], numbers["pathway_rate"]) == (5, 3600, 500)


def test_a_policy_survives_its_plain_form() -> None:
    policy = Policy(version=3, weight_evidence=7, threshold_severe=5000)
    assert Policy.from_dict(policy.to_dict()) == policy
    assert Policy.from_dict({"version": 3}) == Policy(version=3)


def test_every_problem_is_named() -> None:
    with pytest.raises(InvalidPolicy) as refusal:
        Policy.from_dict({"version": 0, "weight_evidence": True, "smoothing": 1.5, "colour": 1, "guard_openings": "5"})
    assert dict(refusal.value.problems) == {
        "version": "must be 1 to 2147483647",
        "weight_evidence": "must be an integer",
        "smoothing": "must be an integer",
        "colour": "unknown field",
        "guard_openings": "must be an integer",
    }


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"shortlist_min": 101}, "shortlist_min"),
        ({"shortlist_max": 9}, "shortlist_min"),
        ({"threshold_balanced": 1500}, "threshold_balanced"),
        ({"threshold_severe": 1500}, "threshold_balanced"),
    ],
)
def test_numbers_must_agree_with_each_other_and_with_the_defaults(values: dict[str, object], field: str) -> None:
    assert [name for name, _ in policy_problems(values)] == [field]


@pytest.mark.parametrize("name", ["weight_preferred", "weight_trainable", "weight_evidence", "smoothing"])
def test_what_divides_is_never_nought(name: str) -> None:
    assert policy_problems({name: 0})
    assert not policy_problems({name: 1})


def test_a_policy_that_is_built_in_code_is_checked_too() -> None:
    with pytest.raises(InvalidPolicy):
        Policy(shortlist_min=200)
    assert asdict(Policy()) == Policy().to_dict()
