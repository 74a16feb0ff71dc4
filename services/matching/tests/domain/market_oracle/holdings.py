"""Holdings, awards in force, and the outcome of a requirement group (sections 2, 4 and 5)."""

from datetime import date

from .documents import Doc


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
