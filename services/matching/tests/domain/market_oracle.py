"""MARKET.md evaluated the slow and literal way, on the plain document, without any code of the product.

Every section is a transcription: loops over everything, no index, no cache but the distances. It is what the domain is
compared with.
"""

import csv
import functools
import importlib.resources
import math
from datetime import date, timedelta
from typing import Any

Doc = dict[str, Any]

DEFAULT_POLICY = {
    "version": 1,
    "weight_preferred": 50,
    "weight_trainable": 30,
    "weight_evidence": 20,
    "shortlist_min": 10,
    "shortlist_max": 100,
    "shortlist_per_position": 5,
    "pipeline_days": 180,
    "guard_openings": 5,
    "guard_employers": 3,
    "guard_employer_share": 667,
    "threshold_balanced": 667,
    "threshold_shortage": 1500,
    "threshold_severe": 3000,
    "smoothing": 2000,
    "top_credentials": 5,
    "pathway_size": 5,
}


def evaluate(market: Doc) -> Doc:
    """Matches, pathways and cells of sections 9, 11, 12 and 14."""
    return {"matches": _matches(market), "pathways": _pathways(market), "cells": _cells(market)}


# Section 1


@functools.cache
def _points() -> dict[str, tuple[float, float, str]]:
    table = importlib.resources.files("reference") / "zip_regions.csv"
    with table.open(encoding="utf-8") as lines:
        return {row["zip"]: (float(row["lat"]), float(row["lon"]), row["region"]) for row in csv.DictReader(lines)}


@functools.cache
def distance_m(a: str, b: str) -> int:
    (lat_a, lon_a, _), (lat_b, lon_b, _) = _points()[a], _points()[b]
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (lat_a, lon_a, lat_b, lon_b))
    h = math.sin((lat_b - lat_a) / 2) ** 2
    h += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return int(2 * 6371008.8 * math.asin(math.sqrt(h)))


@functools.cache
def reach(zip_code: str, reach_km: int) -> frozenset[str]:
    return frozenset(point[2] for other, point in _points().items() if distance_m(zip_code, other) <= 1000 * reach_km)


def region_of(opening: Doc) -> str:
    return "remote" if opening.get("remote") else _points()[opening["zip"]][2]


def reaches(learner: Doc, region: str) -> bool:
    if region == "remote":
        return bool(learner.get("remote_ok", False))
    return region in reach(learner["zip"], learner.get("reach_km", 40))


# Sections 2, 4 and 5


def holdings(market: Doc, credentials: set[str]) -> set[str]:
    definitions = market["catalog"]["credentials"]
    known = {definition["id"] for definition in definitions}
    held = credentials & known
    while True:
        more = set(held)
        for definition in definitions:
            if definition["id"] in held:
                more |= set(definition["implies"]) & known
            if definition["composed_of"] and set(definition["composed_of"]) <= held:
                more.add(definition["id"])
        if more == held:
            return held
        held = more


def in_force(award: Doc, day: date) -> bool:
    if award["status"] != "active" or "issued_on" not in award or award["issued_on"] > day.isoformat():
        return False
    return "expires_on" not in award or day.isoformat() < award["expires_on"]


def awards_in_force(market: Doc, learner: Doc, verified: bool = False) -> list[Doc]:
    day = date.fromisoformat(market["day"])
    found = [award for award in learner["awards"] if in_force(award, day)]
    return [award for award in found if not verified or award["evidence"] == "verified"]


def holdings_of(market: Doc, awards: list[Doc]) -> set[str]:
    return holdings(market, {award["credential"] for award in awards})


def reasons(market: Doc, alternative: Doc, held: set[str]) -> set[str]:
    """The holdings that make an alternative held."""
    if "credential" in alternative:
        return {alternative["credential"]} & held
    return {
        definition["id"]
        for definition in market["catalog"]["credentials"]
        if definition["id"] in held
        for entry in definition["confers"]
        if entry["competency"] == alternative["competency"] and entry["level"] >= alternative["level"]
    }


def support(market: Doc, awards: list[Doc]) -> dict[str, set[str]]:
    """Award ids by holding: start with nothing and apply the three rules until none adds anything."""
    held = holdings_of(market, awards)
    found: dict[str, set[str]] = {credential: set() for credential in held}
    while True:
        before = {credential: set(ids) for credential, ids in found.items()}
        for award in awards:
            if award["credential"] in held:
                found[award["credential"]].add(award["award_id"])
        for definition in market["catalog"]["credentials"]:
            if definition["id"] in held:
                for implied in definition["implies"]:
                    if implied in held:
                        found[implied] |= found[definition["id"]]
            if definition["composed_of"] and set(definition["composed_of"]) <= held:
                for component in definition["composed_of"]:
                    found[definition["id"]] |= found[component]
        if found == before:
            return found


def outcome(market: Doc, group: Doc, learner: Doc) -> Doc:
    every, verified = awards_in_force(market, learner), awards_in_force(market, learner, verified=True)
    held, proved = holdings_of(market, every), holdings_of(market, verified)
    is_verified = any(reasons(market, alternative, proved) for alternative in group["any_of"])
    is_held = any(reasons(market, alternative, held) for alternative in group["any_of"])
    if not (is_verified if group.get("verified_only") else is_held):
        return {"id": group["id"], "met": False, "evidence": None, "awards": []}
    pool, pool_held = (verified, proved) if is_verified else (every, held)
    supports = support(market, pool)
    awards = {
        award
        for alternative in group["any_of"]
        for credential in reasons(market, alternative, pool_held)
        for award in supports[credential]
    }
    evidence = "verified" if is_verified else "attested"
    return {"id": group["id"], "met": True, "evidence": evidence, "awards": sorted(awards)}


# Sections 6, 7 and 8


def passes_gates(opening: Doc, learner: Doc) -> bool:
    if not learner["seeking"] or not learner["consents_to_matching"]:
        return False
    if opening.get("remote"):
        if not learner.get("remote_ok", False):
            return False
    elif distance_m(opening["zip"], learner["zip"]) > 1000 * learner.get("reach_km", 40):
        return False
    if "start_by" in opening and "available_from" in learner and learner["available_from"] > opening["start_by"]:
        return False
    if opening["shifts"] and learner["shifts"] and not set(opening["shifts"]) & set(learner["shifts"]):
        return False
    return not ("wage_max" in opening and "wage_floor" in learner and opening["wage_max"] < learner["wage_floor"])


def unmet_required(market: Doc, opening: Doc, learner: Doc) -> list[Doc]:
    required = [group for group in opening["groups"] if group["necessity"] == "required"]
    return [group for group in required if not outcome(market, group, learner)["met"]]


def components(market: Doc, opening: Doc, learner: Doc) -> dict[str, int]:
    by_necessity: dict[str, list[Doc]] = {"required": [], "trainable": [], "preferred": []}
    for group in opening["groups"]:
        by_necessity[group["necessity"]].append(group)
    found: dict[str, int] = {}
    for necessity in ("preferred", "trainable"):
        groups = by_necessity[necessity]
        if groups:
            met = [group for group in groups if outcome(market, group, learner)["met"]]
            whole = sum(group.get("weight", 1) for group in groups)
            found[necessity] = 10000 * sum(group.get("weight", 1) for group in met) // whole
    required = by_necessity["required"]
    if required:
        verified = [group for group in required if outcome(market, group, learner)["evidence"] == "verified"]
        found["evidence"] = 10000 * len(verified) // len(required)
    return found


def score(policy: Doc, parts: dict[str, int]) -> int:
    if not parts:
        return 10000
    weight = {name: policy[f"weight_{name}"] for name in parts}
    return sum(weight[name] * parts[name] for name in parts) // sum(weight.values())


# Section 9


def policy_of(market: Doc) -> Doc:
    return DEFAULT_POLICY | (market.get("policy") or {})


def remaining(opening: Doc) -> int:
    return opening["positions"] - opening.get("filled", 0)


def live(market: Doc, opening: Doc) -> bool:
    in_time = "closes_on" not in opening or market["day"] <= opening["closes_on"]
    return opening["status"] == "open" and remaining(opening) > 0 and in_time


def qualified(market: Doc, opening: Doc) -> list[Doc]:
    passing = [learner for learner in market["learners"] if passes_gates(opening, learner)]
    return [learner for learner in passing if not unmet_required(market, opening, learner)]


def _matches(market: Doc) -> list[Doc]:
    found: list[Doc] = []
    policy = policy_of(market)
    for opening in market["openings"]:
        if not live(market, opening):
            continue
        ranked = []
        for learner in qualified(market, opening):
            parts = components(market, opening, learner)
            since = learner.get("seeking_since", "9999-99-99")
            ranked.append(((-score(policy, parts), since, learner["learner_id"]), learner, parts))
        ranked.sort(key=lambda entry: entry[0])
        least, most = policy["shortlist_min"], policy["shortlist_max"]
        cut = min(most, max(least, policy["shortlist_per_position"] * remaining(opening)))
        for rank, (key, learner, parts) in enumerate(ranked[:cut], start=1):
            groups = [outcome(market, group, learner) for group in opening["groups"]]
            found.append(
                {
                    "opening_id": opening["opening_id"],
                    "learner_id": learner["learner_id"],
                    "rank": rank,
                    "score": -key[0],
                    "components": parts,
                    "groups": groups,
                }
            )
    return sorted(found, key=lambda match: (match["opening_id"], match["learner_id"]))


# Section 11


def _pathways(market: Doc) -> list[Doc]:
    found = [{"learner_id": learner["learner_id"], "credentials": _pathway(market, learner)} for learner in market["learners"]]
    return sorted((each for each in found if each["credentials"]), key=lambda each: each["learner_id"])


def _pathway(market: Doc, learner: Doc) -> list[Doc]:
    unlocked = {
        definition["id"]: positions
        for definition in market["catalog"]["credentials"]
        if (positions := _unlocked(market, learner, definition["id"]))
    }
    weeks = {item["id"]: item.get("training_weeks", 10**9) for item in market["catalog"]["credentials"]}
    best = sorted(unlocked, key=lambda credential: (-unlocked[credential], weeks[credential], credential))
    kept = sorted(best[: policy_of(market)["pathway_size"]])
    return [{"credential": credential, "unlocked": unlocked[credential]} for credential in kept]


def _unlocked(market: Doc, learner: Doc, credential: str) -> int:
    if credential in holdings_of(market, awards_in_force(market, learner)):
        return 0
    award = {
        "award_id": "one-more",
        "credential": credential,
        "status": "active",
        "issued_on": market["day"],
        "evidence": "verified",
    }
    richer = learner | {"awards": [*learner["awards"], award]}
    return sum(
        remaining(opening)
        for opening in market["openings"]
        if live(market, opening)
        and passes_gates(opening, learner)
        and len(unmet_required(market, opening, learner)) == 1
        and not unmet_required(market, opening, richer)
    )


# Section 12


def subject_of(alternative: Doc) -> str:
    if "credential" in alternative:
        return f"credential:{alternative['credential']}"
    return f"competency:{alternative['competency']}@{alternative['level']}"


def subjects_of(group: Doc) -> set[str]:
    return {subject_of(alternative) for alternative in group["any_of"]}


def alternative_of(subject: str) -> Doc:
    kind, _, rest = subject.partition(":")
    if kind == "credential":
        return {"credential": rest}
    competency, _, level = rest.rpartition("@")
    return {"competency": competency, "level": int(level)}


def level_of(policy: Doc, openings: int, employers: int, employer_share: int, tightness: int) -> str:
    if openings < policy["guard_openings"] or employers < policy["guard_employers"]:
        return "insufficient_data"
    if employer_share > policy["guard_employer_share"]:
        return "insufficient_data"
    if tightness < policy["threshold_balanced"]:
        return "surplus"
    if tightness < policy["threshold_shortage"]:
        return "balanced"
    return "shortage" if tightness < policy["threshold_severe"] else "severe"


def _cells(market: Doc) -> list[Doc]:
    names = {
        (region_of(opening), subject)
        for opening in market["openings"]
        if live(market, opening)
        for group in opening["groups"]
        if group["necessity"] == "required"
        for subject in subjects_of(group)
    }
    return [_cell(market, region, subject) for region, subject in sorted(names)]


def _cell(market: Doc, region: str, subject: str) -> Doc:
    policy = policy_of(market)
    asking = [
        (opening, group)
        for opening in market["openings"]
        if live(market, opening) and region_of(opening) == region
        for group in opening["groups"]
        if group["necessity"] == "required" and subject in subjects_of(group)
    ]
    asked = [(opening["employer_id"], 1000 * remaining(opening) // len(subjects_of(group))) for opening, group in asking]
    demand = sum(thousandths for _, thousandths in asked)
    holders = [learner for learner in _counted(market, region) if _holds(market, learner, subject)]
    at_home = [learner for learner in holders if _points()[learner["zip"]][2] == region]
    openings = {opening["opening_id"]: opening for opening, _ in asking}
    employers = {opening["employer_id"] for opening in openings.values()}
    largest = max(sum(thousandths for employer_id, thousandths in asked if employer_id == each) for each in employers)
    employer_share = 1000 * largest // demand if demand else 0
    evidence = len(openings), len(employers), employer_share
    pipeline = _pipeline(market, region, subject)
    tightness = _tightness(policy, demand, len(holders))
    tightness_ahead = _tightness(policy, demand, len(holders) + pipeline)
    return {
        "region": region,
        "subject": subject,
        "demand": demand,
        "openings": len(openings),
        "employers": len(employers),
        "supply": len(holders),
        "supply_home": len(at_home),
        "pipeline": pipeline,
        "blocked": sum(_blocked(market, opening, subject) for opening in openings.values()),
        "tightness": tightness,
        "level": level_of(policy, *evidence, tightness),
        "employer_share": employer_share,
        "tightness_ahead": tightness_ahead,
        "level_ahead": level_of(policy, *evidence, tightness_ahead),
        "top_credentials": _top(market, subject),
    }


def _tightness(policy: Doc, demand: int, supply: int) -> int:
    smoothing: int = policy["smoothing"]
    return 1000 * (demand + smoothing) // (1000 * supply + smoothing)


def _counted(market: Doc, region: str) -> list[Doc]:
    return [
        learner
        for learner in market["learners"]
        if learner["seeking"] and learner["consents_to_matching"] and reaches(learner, region)
    ]


def _holds(market: Doc, learner: Doc, subject: str, extra: tuple[str, ...] = ()) -> bool:
    credentials = {award["credential"] for award in awards_in_force(market, learner)} | set(extra)
    return bool(reasons(market, alternative_of(subject), holdings(market, credentials)))


def _provides(market: Doc, credential: str, subject: str) -> bool:
    return bool(reasons(market, alternative_of(subject), holdings(market, {credential})))


def _pipeline(market: Doc, region: str, subject: str) -> int:
    day = date.fromisoformat(market["day"])
    last = (day + timedelta(days=policy_of(market)["pipeline_days"])).isoformat()
    count = 0
    for learner in _counted(market, region):
        expected = tuple(
            award["credential"]
            for award in learner["awards"]
            if award["status"] == "in_progress" and "expected_on" in award and award["expected_on"] <= last
        )
        count += not _holds(market, learner, subject) and _holds(market, learner, subject, expected)
    for cohort in market["cohorts"]:
        in_time = day.isoformat() < cohort["ends_on"] <= last
        if cohort["region"] == region and in_time and _provides(market, cohort["credential"], subject):
            count += max(0, cohort["seats"] - cohort["enrolled"])
    return count


def _blocked(market: Doc, opening: Doc, subject: str) -> int:
    lacking = max(0, remaining(opening) - len(qualified(market, opening)))
    near = 0
    for learner in market["learners"]:
        if passes_gates(opening, learner):
            unmet = unmet_required(market, opening, learner)
            near += len(unmet) == 1 and subject in subjects_of(unmet[0])
    return min(lacking, near)


def _top(market: Doc, subject: str) -> list[str]:
    providing = [definition for definition in market["catalog"]["credentials"] if _provides(market, definition["id"], subject)]
    providing.sort(key=lambda item: (item.get("training_weeks", 10**9), item["id"]))
    return [definition["id"] for definition in providing[: policy_of(market)["top_credentials"]]]
