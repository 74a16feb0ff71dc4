"""The supply side: training providers, their learners around real ZIP codes, and the cohorts that they plan."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from random import Random

from demo.market.atlas import Atlas, Region, Work
from demo.market.chance import days_from, dice, some, weighted
from demo.market.drafts import AwardDraft, CohortDraft, LearnerDraft, ProviderDraft
from demo.market.plan import MarketPlan, Shares
from demo.market.training import Training

LEARNERS_A_PROVIDER = 80
FEWEST_PROVIDERS = 2
_REACH_KM = {20: 18, 30: 34, 40: 30, 50: 10, 70: 6, 120: 2}
#: How much a region trains for an occupation beside what it employs: where this is low, skills are short.
_EMPHASIS = (0.2, 0.5, 1.0, 1.0, 1.6, 2.5)


class Supply:
    """The providers, learners and cohorts of a plan."""

    def __init__(self, plan: MarketPlan, atlas: Atlas) -> None:
        self._plan = plan
        self._atlas = atlas
        self._regions = [atlas.region(code) for code in plan.regions]
        self._employment = {region: region.employment for region in self._regions}
        self._shares = Shares(plan.learners, self._regions)
        self._training = Training(atlas)
        self._trained_work = lru_cache(maxsize=None)(self._weigh_work)

    def providers(self) -> Iterator[ProviderDraft]:
        numbered = ((region, n) for region in self._regions for n in range(self._providers_of(region)))
        for number, (region, n) in enumerate(numbered, 1):
            key = _provider_key(region, n)
            issuers = self._atlas.issuers
            accredited = some(dice(self._plan.seed, "issuers", key), issuers, len(issuers) // 3, len(issuers) - 6)
            yield ProviderDraft(key, f"Synthetic Training {number}", region.code, frozenset(accredited))

    def learners(self) -> Iterator[LearnerDraft]:
        for index in range(self._plan.learners):
            yield self._learner(index, self._shares.place(index)[0], self._plan.day)

    def another_learner(self, index: int, day: date) -> LearnerDraft:
        """A learner who comes later, `index` from the plan's size on."""
        rng = dice(self._plan.seed, "later learner", index)
        return self._learner(index, weighted(rng, self._employment), day)

    def another_award(self, rng: Random, key: str, region: str, day: date) -> AwardDraft:
        """What a learner of the region may earn on `day`."""
        work = self._work(rng, self._atlas.region(region))
        wanted = rng.choice(work.occupation.templates)
        credentials = self._training.credentials_for(rng, wanted) or ("osha:10-general-industry",)
        credential = rng.choice(credentials)
        expires_on = self._training.expiry(credential, day)
        return AwardDraft(key=key, credential=credential, status="active", issued_on=day, expires_on=expires_on)

    def cohorts(self) -> Iterator[CohortDraft]:
        """A class or two of each provider, for what the region's work asks for."""
        for provider in self.providers():
            rng = dice(self._plan.seed, "cohorts", provider.key)
            for n in range(rng.randint(1, 2)):
                yield self._cohort(rng, provider, n)

    def _providers_of(self, region: Region) -> int:
        return max(FEWEST_PROVIDERS, -(-self._shares.of(region.code) // LEARNERS_A_PROVIDER))

    def _weigh_work(self, region: Region) -> dict[Work, float]:
        rng = dice(self._plan.seed, "emphasis", region.code)
        return {work: work.employment * rng.choice(_EMPHASIS) for work in region.work}

    def _work(self, rng: Random, region: Region) -> Work:
        return weighted(rng, self._trained_work(region))

    def _learner(self, index: int, region: Region, day: date) -> LearnerDraft:
        rng = dice(self._plan.seed, "learner", index)
        key, number = f"learner-{index + 1:06d}", f"{index + 1:06d}"
        work = self._work(rng, region)
        seeking = rng.random() < 0.9
        return LearnerDraft(
            key=key,
            provider=_provider_key(region, rng.randrange(self._providers_of(region))),
            region=region.code,
            name=f"Learner {number} (synthetic)",
            email=f"learner-{number}@example.com",
            zip=rng.choice(region.zips),
            reach_km=weighted(rng, _REACH_KM),
            remote_ok=rng.random() < 0.25,
            seeking=seeking,
            seeking_since=days_from(day, rng, -200, 0) if seeking else None,
            consents=rng.random() < 0.95,
            available_from=days_from(day, rng, -30, 60) if rng.random() < 0.2 else None,
            shifts=_shifts(rng),
            wage_floor=_wage_floor(rng, work),
            awards=self._awards(rng, key, work, day),
        )

    def _awards(self, rng: Random, learner: str, work: Work, day: date) -> tuple[AwardDraft, ...]:
        credentials = self._training.credentials_for(rng, rng.choice(work.occupation.templates))
        numbered = enumerate(credentials, 1)
        return tuple(self._training.award(rng, f"{learner}-a{n}", credential, day) for n, credential in numbered)

    def _cohort(self, rng: Random, provider: ProviderDraft, number: int) -> CohortDraft:
        award = self.another_award(rng, "", provider.region, self._plan.day)
        starts_on = days_from(self._plan.day, rng, -60, 60)
        seats = rng.randint(8, 24)
        return CohortDraft(
            key=f"{provider.key}-c{number + 1}",
            provider=provider.key,
            credential=award.credential,
            region=provider.region,
            seats=seats,
            enrolled=rng.randint(0, seats),
            starts_on=starts_on,
            ends_on=days_from(max(starts_on, self._plan.day), rng, 30, 180),
        )


def _provider_key(region: Region, number: int) -> str:
    return f"provider-{region.code}-{number + 1:03d}"


def _shifts(rng: Random) -> tuple[str, ...]:
    """Half take any shift; the others nearly always take days."""
    if rng.random() < 0.5:
        return ()
    others = some(rng, ("evening", "night", "weekend", "rotating"), 0, 2)
    return ("day", *others) if rng.random() < 0.9 or not others else others


def _wage_floor(rng: Random, work: Work) -> int | None:
    if rng.random() < 0.4:
        return None
    return round(work.median_cents * rng.uniform(0.7, 1.02) / 25) * 25
