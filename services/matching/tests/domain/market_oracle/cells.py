"""Cells of supply and demand (section 12)."""

from datetime import date, timedelta

from .documents import Doc
from .gates import passes_gates, unmet_required
from .holdings import awards_in_force, holdings, reasons
from .places import home_region, reaches, region_of
from .policy import policy_of
from .shortlists import live, qualified, remaining


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


def evaluate_cells(market: Doc) -> list[Doc]:
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
    at_home = [learner for learner in holders if home_region(learner) == region]
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
