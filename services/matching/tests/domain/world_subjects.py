"""The subjects of a world of several regions as documents, and the rules under which they are read."""

from dataclasses import replace
from random import Random

import market_oracle
import markets
from markets import Document

from matching.adapters.market_file.files import market_of
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import Market, MarketCohort, MarketLearner, MarketOpening
from reference.places import Places


class WorldSubjects:
    """Openings, learners and cohorts with their versions; `document` has the date, the policy and the whole catalog.

    Some credentials are `undefined`: awards and openings name them, and the catalog of now has no definition of them.
    """

    def __init__(self, rng: Random, places: Places) -> None:
        self.places = places
        self.document: Document = markets.market_document(rng, 0, 0, 0)
        self.undefined = set(rng.sample(markets.CREDENTIALS, 2))
        self.versions: dict[tuple[str, str], int] = {}
        self._by_kind: dict[str, dict[str, Document]] = {"openings": {}, "learners": {}, "cohorts": {}}
        self._homes: dict[str, Document] = {}

    # What the markets are compared with.

    def market(self) -> Market:
        """The whole world as a market; credentials that are not defined yet are held by nobody."""
        return replace(market_of(self._everything(), self.places), catalog=self.catalog())

    def known_document(self) -> Document:
        """The whole world as a market file, in which some references may be to credentials without a definition."""
        credentials = [item for item in self.document["catalog"]["credentials"] if item["id"] not in self.undefined]
        return self._everything() | {"catalog": self.document["catalog"] | {"credentials": credentials}}

    def catalog(self) -> MarketCatalog:
        full = self._parse().catalog
        known = (item for name, item in full.credentials.items() if name not in self.undefined)
        return MarketCatalog.of(full.competencies.values(), known)

    def policy(self) -> Policy:
        return self._parse().policy

    # What changes.

    def new_learner(self, rng: Random, learner_id: str) -> MarketLearner:
        version = self._next("learner", learner_id)
        document = self._keep(rng, "learners", learner_id, markets.learner_document(rng, learner_id, version))
        return self._parse(learners=[document]).learners[0]

    def new_opening(self, rng: Random, opening_id: str) -> MarketOpening:
        home = self._homes.setdefault(opening_id, markets.opening_place(rng))
        version = self._next("opening", opening_id)
        document = self._keep(rng, "openings", opening_id, markets.opening_document(rng, opening_id, version, home))
        return self._parse(openings=[document]).openings[0]

    def drafts(self, rng: Random) -> tuple[MarketOpening, ...]:
        """Openings that nobody publishes, some at places where no opening ever was."""
        made = [markets.opening_document(rng, f"d{number}") for number in range(4)]
        asked = [each | {"zip": "44113"} if each.get("zip") and rng.random() < 0.3 else each for each in made]
        return self._parse(openings=asked).openings

    def new_cohort(self, rng: Random, cohort_id: str) -> MarketCohort:
        home = self._homes.setdefault(cohort_id, {"region": rng.choice(markets.REGIONS)})
        version = self._next("cohort", cohort_id)
        document = self._by_kind["cohorts"][cohort_id] = markets.cohort_document(rng, cohort_id, home["region"])
        return replace(self._parse(cohorts=[document]).cohorts[0], version=version)

    def reached(self, learner_id: str) -> dict[str, bool]:
        """Whether the learner reaches each region."""
        learner = self._by_kind["learners"][learner_id]
        return {region: market_oracle.reaches(learner, region) for region in markets.REGIONS}

    def erase_learner(self, learner_id: str) -> int:
        """Returns the version of the erasure; the learner need not exist."""
        self._by_kind["learners"].pop(learner_id, None)
        return self._next("learner", learner_id)

    def remove_opening(self, rng: Random) -> MarketOpening | None:
        """Any of them, at the version of its removal; None when there is none."""
        removed = self._remove(rng, "openings")
        if removed is None:
            return None
        opening = self._parse(openings=[removed]).openings[0]
        return replace(opening, version=self._next("opening", opening.opening_id))

    def remove_cohort(self, rng: Random) -> MarketCohort | None:
        """Any of them, at the version of its removal; None when there is none."""
        removed = self._remove(rng, "cohorts")
        if removed is None:
            return None
        cohort = self._parse(cohorts=[removed]).cohorts[0]
        return replace(cohort, version=self._next("cohort", cohort.cohort_id))

    def set_credentials(self, credentials: list[Document]) -> None:
        self.document["catalog"] = self.document["catalog"] | {"credentials": credentials}

    def _remove(self, rng: Random, kind: str) -> Document | None:
        of_kind = self._by_kind[kind]
        return of_kind.pop(rng.choice(sorted(of_kind))) if of_kind else None

    def _keep(self, rng: Random, kind: str, subject_id: str, new: Document) -> Document:
        """Most changes are small ones."""
        old = self._by_kind[kind].get(subject_id)
        changed = markets.partly_changed(rng, old, new) if old and rng.random() < 0.7 else new
        self._by_kind[kind][subject_id] = changed
        return changed

    def _next(self, kind: str, subject_id: str) -> int:
        self.versions[kind, subject_id] = self.versions.get((kind, subject_id), 0) + 1
        return self.versions[kind, subject_id]

    def _everything(self) -> Document:
        return self.document | {kind: list(by_id.values()) for kind, by_id in self._by_kind.items()}

    def _parse(self, **subjects: list[Document]) -> Market:
        nothing: Document = {"openings": [], "learners": [], "cohorts": []}
        return market_of(self.document | nothing | subjects, self.places)
