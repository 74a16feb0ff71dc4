"""The live market of one region (MARKET.md sections 9 to 13): put what happened, then settle the differences."""

from datetime import date

from makersync.places import Places
from matching.domain.catalog import Catalog
from matching.domain.market import Cohort, Learner, Opening
from matching.domain.policy import Policy
from matching.domain.records import Cell, Ending, RankedMatch, RegionState, Settlement


class RegionMarket:
    """All state of one region in memory; `put_*`, `remove_*` and `set_*` note what happened, `settle` evaluates it.

    Every method that takes a version ignores one that is not newer than what the market has, and returns False.
    Built from stored state everything counts as touched: the first `settle` is empty unless the stored matches and
    cells stand on another day, catalog or policy. Settle before `set_day`, so that yesterday ends with its own level.
    """

    def __init__(self, state: RegionState, catalog: Catalog, policy: Policy, places: Places) -> None:
        raise NotImplementedError

    @property
    def region(self) -> str:
        """The region's id: a CBSA code, ``nonmetro-XX`` or ``remote``."""
        raise NotImplementedError

    @property
    def day(self) -> date:
        """The UTC date that the market stands on."""
        raise NotImplementedError

    @property
    def policy(self) -> Policy:
        """The policy in use."""
        raise NotImplementedError

    @property
    def catalog(self) -> Catalog:
        """The catalog in use."""
        raise NotImplementedError

    def put_opening(self, opening: Opening) -> bool:
        """Take a newer state of an opening, live or not; raises `WrongRegion` or `UnknownZip` and changes nothing."""
        raise NotImplementedError

    def remove_opening(self, opening_id: str, version: int, ending: Ending = Ending.WITHDRAWN) -> bool:
        """Forget an opening but its version; its matches are withdrawn as `opening_closed`."""
        raise NotImplementedError

    def put_learner(self, learner: Learner) -> bool:
        """Take a newer state of a learner who reaches the region; raises `UnknownZip` and changes nothing."""
        raise NotImplementedError

    def remove_learner(self, learner_id: str, version: int, ending: Ending) -> bool:
        """Forget a learner but the version: withdrawn from the region (no longer in reach of it) or erased."""
        raise NotImplementedError

    def put_cohort(self, cohort: Cohort) -> bool:
        """Take a newer state of a cohort of the region; raises `WrongRegion` and changes nothing."""
        raise NotImplementedError

    def remove_cohort(self, cohort_id: str, version: int, ending: Ending = Ending.WITHDRAWN) -> bool:
        """Forget a cohort but its version."""
        raise NotImplementedError

    def set_catalog(self, catalog: Catalog) -> bool:
        """Use another catalog; False when it defines the same."""
        raise NotImplementedError

    def set_policy(self, policy: Policy) -> bool:
        """Use another policy; False when it is the same."""
        raise NotImplementedError

    def set_day(self, day: date) -> bool:
        """Move on to a later day; False when it is not later. The levels that held become yesterday's."""
        raise NotImplementedError

    def settle(self) -> Settlement:
        """Evaluate what was touched since the last time and return the net differences."""
        raise NotImplementedError

    def opening(self, opening_id: str) -> Opening | None:
        """The newest state of an opening, None when unknown or removed."""
        raise NotImplementedError

    def learner(self, learner_id: str) -> Learner | None:
        """The newest state of a learner, None when unknown, withdrawn or erased."""
        raise NotImplementedError

    def shortlist(self, opening_id: str) -> tuple[RankedMatch, ...]:
        """The live matches of an opening as of the last settlement, best first."""
        raise NotImplementedError

    def matches(self) -> tuple[RankedMatch, ...]:
        """All live matches as of the last settlement, by opening and learner id."""
        raise NotImplementedError

    def cell(self, subject: str) -> Cell | None:
        """A cell as of the last settlement, None when no live opening requires the subject."""
        raise NotImplementedError

    def cells(self) -> tuple[Cell, ...]:
        """All cells as of the last settlement, by subject."""
        raise NotImplementedError

    def state(self) -> RegionState:
        """All that a market equal to this one is rebuilt from."""
        raise NotImplementedError
