"""What a service says about its feed in mails."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.feed.repository import Entry


@dataclass(frozen=True, slots=True)
class Wording:
    """What several entries of one type are called, "1 new candidate" and "3 new candidates", and the words that join it to the
    title of what they are about: " for CNC machinist"."""

    one: str
    many: str
    joint: str = " for "

    def counted(self, count: int) -> str:
        return f"{count:,} {self.one if count == 1 else self.many}"


@dataclass(frozen=True, slots=True)
class Family:
    """Types of entries about one thing that comes, changes and goes. What came and went since the last mail is not told."""

    begins: str
    changes: str
    ends: str

    @property
    def types(self) -> tuple[str, str, str]:
        return self.begins, self.changes, self.ends


@dataclass(frozen=True, slots=True)
class Mention:
    """Where an entry is told: under the heading of `section`, as `item`. An item is an id or a few words, never a name."""

    section: str
    item: str


#: The titles of sections, as the organisation knows them; a section without one is not headed by more than its id.
Titles = Callable[[AsyncSession, str, Collection[str]], Awaitable[Mapping[str, str]]]
NameOf = Callable[[AsyncSession, str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class MailOffer:
    """Which scopes the routes ask for, the meaning of each type of entry, and how mails tell them.

    `wordings` has each type, those first that a subject line names first. `name_of` is what an organisation is called. Of the
    types in each of `states` the last entry of a subject says all; of other types each is told, and a repeated one once.
    """

    reads: str
    writes: str
    types: Mapping[str, str]
    wordings: Mapping[str, Wording]
    mention_of: Callable[[Entry], Mention]
    titles: Titles
    name_of: NameOf
    families: Sequence[Family] = ()
    states: Sequence[Collection[str]] = ()
