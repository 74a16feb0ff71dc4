"""A change of the rules that is proposed and not yet applied."""

from dataclasses import dataclass

from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy


@dataclass(frozen=True, slots=True)
class ProposedRules:
    """The rules as they would be: what the document leaves out stays as it is.

    `policy` has the next version, or is the live one when no number changes. `numbers` are (name, live, proposed) of those
    that change, `definitions` the subjects that are new or differ, such as ``credential/nims:milling``.
    """

    policy: Policy
    catalog: MarketCatalog
    numbers: tuple[tuple[str, int, int], ...]
    definitions: tuple[str, ...]
    has_catalog: bool

    @property
    def changes_nothing(self) -> bool:
        """Whether the rules stay as they are."""
        return not self.numbers and not self.definitions
