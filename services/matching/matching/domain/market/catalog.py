"""The credential catalog: what a credential confers, implies and completes (MARKET.md sections 2 and 5)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

_REMEMBERED = 16_384
"""Answers of one kind that are kept per catalog. People hold few distinct sets of credentials, so most look-ups hit. A large
answer takes some kilobytes."""

Supporters = Mapping[str, frozenset[str]]
"""Each holding with the awarded credentials that support it."""


@dataclass(frozen=True, slots=True)
class MarketCompetency:
    """Something a person can do, such as ``machining.cnc-milling`` (section 2)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CompetencyLevel:
    """A competency at a level from 1 (aware) to 5 (expert)."""

    competency: str
    level: int


@dataclass(frozen=True, slots=True)
class MarketCredential:
    """What holding a credential means (section 2); `aliases`, `valid_months` and `references` only inform people."""

    id: str
    name: str
    issuer: str
    aliases: tuple[str, ...] = ()
    confers: tuple[CompetencyLevel, ...] = ()
    implies: tuple[str, ...] = ()
    composed_of: tuple[str, ...] = ()
    valid_months: int | None = None
    training_weeks: int | None = None
    references: tuple[str, ...] = ()


def credential_subject(credential: str) -> str:
    """The subject of a credential: ``credential:ID`` (section 12)."""
    return f"credential:{credential}"


def competency_subject(competency: str, level: int) -> str:
    """The subject of a competency at a level: ``competency:ID@LEVEL`` (section 12)."""
    return f"competency:{competency}@{level}"


@dataclass(frozen=True, slots=True)
class MarketCatalog:
    """All competencies and credential definitions by id, with their consequences remembered.

    Two catalogs are equal when they define the same. A competency that is conferred counts whether or not
    its own definition (a name) has arrived: only an unknown credential is held by nobody (section 2).
    """

    competencies: Mapping[str, MarketCompetency]
    credentials: Mapping[str, MarketCredential]
    _closure: Callable[[frozenset[str]], frozenset[str]] = field(init=False, repr=False, compare=False)
    _subjects: Callable[[frozenset[str]], frozenset[str]] = field(init=False, repr=False, compare=False)
    _supporters: Callable[[frozenset[str]], Supporters] = field(init=False, repr=False, compare=False)
    _with_credential: Callable[[frozenset[str], str], frozenset[str]] = field(init=False, repr=False, compare=False)
    _sources: Callable[[frozenset[str], frozenset[str]], frozenset[str]] = field(init=False, repr=False, compare=False)
    _providers: Callable[[str], tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _conferrers: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Nothing that is remembered refers to the catalog, because a reference cycle would outlive its use."""
        remember = lru_cache(maxsize=_REMEMBERED)
        definitions, conferrers = self.credentials, _index_conferrers(self.credentials)
        closure, subjects = remember(partial(_close, definitions)), remember(partial(_subjects_of, definitions))
        supporters = remember(lambda awarded: _support(definitions, awarded, closure(awarded)))
        remembered = {
            "_closure": closure,
            "_subjects": subjects,
            "_supporters": supporters,
            "_with_credential": remember(lambda awarded, one: subjects(closure(awarded | {one}))),
            "_sources": remember(lambda asked, awarded: _find_sources(conferrers, asked, supporters(awarded))),
            "_providers": remember(lambda subject: _rank_providers(definitions, subject, lambda one: subjects(closure(one)))),
            "_conferrers": conferrers,
        }
        for name, value in remembered.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, competencies: Iterable[MarketCompetency], credentials: Iterable[MarketCredential]) -> "MarketCatalog":
        """A catalog of these definitions; of several with one id the last counts."""
        return cls({item.id: item for item in competencies}, {item.id: item for item in credentials})

    def holdings(self, credentials: Iterable[str]) -> frozenset[str]:
        """The known ones of `credentials`, closed under implies and composed_of (section 5)."""
        return self._closure(frozenset(credentials))

    def subjects(self, holdings: frozenset[str]) -> frozenset[str]:
        """Every subject that closed `holdings` make held: credentials, and competencies at each level up to theirs."""
        return self._subjects(holdings)

    def supports(self, credentials: Iterable[str]) -> Supporters:
        """For each holding of someone awarded `credentials`, which of these support it (section 5, least sets)."""
        return self._supporters(frozenset(credentials))

    def with_credential(self, awarded: frozenset[str], credential: str) -> frozenset[str]:
        """The subjects held by someone awarded `awarded` and `credential`."""
        return self._with_credential(awarded, credential)

    def sources(self, subjects: frozenset[str], awarded: frozenset[str]) -> frozenset[str]:
        """The credentials among `awarded` that support the holdings which make any of `subjects` held (section 5)."""
        return self._sources(subjects, awarded)

    def conferrers(self, subject: str) -> frozenset[str]:
        """The credentials that make `subject` held by themselves, unclosed: a holding among them is its reason."""
        return self._conferrers.get(subject, frozenset())

    def provides(self, credential: str) -> frozenset[str]:
        """The subjects that `credential` alone, closed, makes held (section 12); none when it is unknown."""
        return self.provides_together(frozenset((credential,)))

    def provides_together(self, awarded: frozenset[str]) -> frozenset[str]:
        """The subjects that `awarded`, closed, make held."""
        return self.subjects(self.holdings(awarded))

    def providers(self, subject: str) -> tuple[str, ...]:
        """Every credential that provides `subject`, by training_weeks ascending (absent last), then id."""
        return self._providers(subject)

    def training_order(self, credential: str) -> tuple[bool, int, str]:
        """Sort key of a known credential: training_weeks ascending, absent last, then id."""
        return _training_order(self.credentials[credential])


def _training_order(definition: MarketCredential) -> tuple[bool, int, str]:
    weeks = definition.training_weeks
    return (weeks is None, weeks or 0, definition.id)


def _find_sources(conferrers: Mapping[str, frozenset[str]], subjects: frozenset[str], supports: Supporters) -> frozenset[str]:
    reasons = {credential for subject in subjects for credential in conferrers.get(subject, ())}
    return frozenset(source for credential in reasons & supports.keys() for source in supports[credential])


def _rank_providers(
    definitions: Mapping[str, MarketCredential], subject: str, provided: Callable[[frozenset[str]], frozenset[str]]
) -> tuple[str, ...]:
    providing = [each for each in definitions.values() if subject in provided(frozenset((each.id,)))]
    return tuple(each.id for each in sorted(providing, key=_training_order))


def _close(definitions: Mapping[str, MarketCredential], credentials: frozenset[str]) -> frozenset[str]:
    held = {credential for credential in credentials if credential in definitions}
    while gained := _implied(definitions, held) | _completed(definitions, held):
        held |= gained
    return frozenset(held)


def _implied(definitions: Mapping[str, MarketCredential], held: set[str]) -> set[str]:
    return {x for credential in held for x in definitions[credential].implies if x in definitions and x not in held}


def _completed(definitions: Mapping[str, MarketCredential], held: set[str]) -> set[str]:
    return {
        whole.id
        for whole in definitions.values()
        if whole.composed_of and whole.id not in held and held.issuperset(whole.composed_of)
    }


def _subjects_of(definitions: Mapping[str, MarketCredential], holdings: frozenset[str]) -> frozenset[str]:
    return frozenset(subject for credential in holdings for subject in _own_subjects(definitions[credential]))


def _own_subjects(definition: MarketCredential) -> list[str]:
    conferred = [
        competency_subject(entry.competency, level) for entry in definition.confers for level in range(1, entry.level + 1)
    ]
    return [credential_subject(definition.id), *conferred]


def _index_conferrers(definitions: Mapping[str, MarketCredential]) -> dict[str, frozenset[str]]:
    index: dict[str, set[str]] = {}
    for definition in definitions.values():
        for subject in _own_subjects(definition):
            index.setdefault(subject, set()).add(definition.id)
    return {subject: frozenset(credentials) for subject, credentials in index.items()}


def _support(definitions: Mapping[str, MarketCredential], awarded: frozenset[str], holdings: frozenset[str]) -> Supporters:
    """Grow the support sets from the awards outwards until nothing changes, so that they are the least ones."""
    support: dict[str, set[str]] = {holding: {holding} & awarded for holding in holdings}
    flows = _support_flows(definitions, holdings)
    changed = True
    while changed:
        changed = False
        for source, target in flows:
            if not support[source] <= support[target]:
                support[target] |= support[source]
                changed = True
    return {holding: frozenset(sources) for holding, sources in support.items()}


def _support_flows(definitions: Mapping[str, MarketCredential], holdings: frozenset[str]) -> list[tuple[str, str]]:
    implied = [(x, y) for x in holdings for y in definitions[x].implies if y in holdings]
    completed = [
        (part, whole)
        for whole in holdings
        if holdings.issuperset(definitions[whole].composed_of)
        for part in definitions[whole].composed_of
    ]
    return implied + completed
