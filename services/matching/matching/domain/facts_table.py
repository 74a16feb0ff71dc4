"""What matches say, by the skills of a learner and the groups of an opening: many pairs share both.

The same as `matching.domain.pairing.match_facts`, which compares each pair.
"""

from dataclasses import dataclass
from typing import ClassVar

from matching.domain.groups import AskedGroups
from matching.domain.market import Award, Evidence, Learner, Opening, credentials_of
from matching.domain.pairing import awards_digest, groups_digest
from matching.domain.profile import Rules, profile_of
from matching.domain.records import Components, GroupOutcome, MatchBasis, MatchFacts
from matching.domain.scoring import components_of, score_of

MOST_PLANS = 65_536
MOST_TABLES = 2
_Group = tuple[str, bool, Evidence | None, frozenset[str]]
"""Id, met, evidence, and the credentials whose awards support it."""


@dataclass(frozen=True, slots=True)
class Person:
    """A learner with the awards in force, their credentials, those of the verified ones, and the digest of all."""

    learner: Learner
    in_force: tuple[Award, ...]
    held: frozenset[str]
    verified: frozenset[str]
    digest: str

    @classmethod
    def of(cls, learner: Learner, rules: Rules) -> "Person":
        """The learner on the day of the rules."""
        in_force = learner.awards_in_force(rules.day)
        verified = credentials_of(award for award in in_force if award.evidence == Evidence.VERIFIED)
        return cls(learner, in_force, credentials_of(in_force), verified, awards_digest(in_force))

    def basis(self, opening: Opening) -> MatchBasis:
        """What a match with an opening stands on."""
        return MatchBasis(opening.version, groups_digest(opening.groups), self.digest)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a match says of everybody with the same skills."""

    score: int
    components: Components
    groups: tuple[_Group, ...]


class FactsTable:
    """Remembers under one catalog and policy, for every region of the process."""

    _shared: ClassVar[list["FactsTable"]] = []

    @classmethod
    def under(cls, rules: Rules) -> "FactsTable":
        """The table of these rules; those of the last few are kept."""
        table = next((each for each in cls._shared if each.fits(rules)), None)
        if table is None:
            table = cls(rules)
            cls._shared[:] = [table, *cls._shared[: MOST_TABLES - 1]]
        return table

    def __init__(self, rules: Rules) -> None:
        self._catalog, self._policy = rules.catalog, rules.policy
        self._plans: dict[tuple[int, frozenset[str], frozenset[str]], tuple[AskedGroups, _Plan]] = {}

    def fits(self, rules: Rules) -> bool:
        """Whether it remembers what holds under these rules."""
        return rules.catalog is self._catalog and rules.policy == self._policy

    def facts(self, asked: AskedGroups, person: Person, rules: Rules) -> MatchFacts:
        """What a match of a qualified learner says; outcomes are in the opening's order."""
        key = (id(asked), person.held, person.verified)
        known = self._plans.get(key)
        if known is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            # The groups are kept with the plan, so that nothing else gets their identity.
            known = self._plans[key] = (asked, _planned(asked, person.learner, rules))
        plan = known[1]
        outcomes = tuple(_outcome(group, person.in_force) for group in plan.groups)
        return MatchFacts(plan.score, plan.components, outcomes, person.learner.seeking_since)


def _planned(asked: AskedGroups, learner: Learner, rules: Rules) -> _Plan:
    profile = profile_of(learner, rules)
    components = components_of(asked, profile)
    groups: list[_Group] = []
    for group in asked.all:
        if not group.met_by(profile):
            groups.append((group.group.id, False, None, frozenset()))
            continue
        verified = group.verified_by(profile)
        holdings = profile.verified if verified else profile.held
        evidence = Evidence.VERIFIED if verified else Evidence.ATTESTED
        groups.append((group.group.id, True, evidence, rules.catalog.sources(group.subjects, holdings.awarded)))
    return _Plan(score_of(components, rules.policy), components, tuple(groups))


def _outcome(group: _Group, in_force: tuple[Award, ...]) -> GroupOutcome:
    """Only verified awards support a group that is met with verified evidence."""
    group_id, met, evidence, sources = group
    if not met:
        return GroupOutcome(group_id, met=False, evidence=None, awards=())
    proven = evidence == Evidence.VERIFIED
    counting = (award for award in in_force if award.credential in sources and not (proven and award.evidence != evidence))
    return GroupOutcome(group_id, met=True, evidence=evidence, awards=tuple(sorted(award.award_id for award in counting)))
