"""A whole market as one JSON document, in and out (MARKET.md section 14)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matching.adapters.catalog_events import competency_of, credential_of
from matching.adapters.cohort_events import cohort_of
from matching.adapters.learner_events import learner_of
from matching.adapters.market_file.checking import check_market
from matching.adapters.market_file.field_reading import read_fields
from matching.adapters.market_file.forms import CatalogChangeFile, CatalogFile, MarketFile, OpeningInFile, decode_market
from matching.adapters.market_file.problems import FieldProblem, Problems, parse_json
from matching.adapters.opening_events import opening_of
from matching.domain.market.catalog import MarketCatalog, MarketCompetency, MarketCredential
from matching.domain.market.policy import Policy, policy_problems
from matching.domain.market.subjects import Market, MarketOpening
from matching.domain.rules.matches import MatchFacts, RankedMatch
from reference.places import REMOTE, Places


class InvalidMarket(ValueError):
    """The document is not a market; `problems` names every broken rule with its place. Its writer must correct it."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{problem.place}: {problem.rule}" for problem in self.problems))


def read_market(text: str | bytes, places: Places) -> Market:
    """The market in a JSON text; raises `InvalidMarket` with all its problems, repeated fields included."""
    return read_sound(text, places) or _read_field_by_field(text, places)


def read_sound(text: str | bytes, places: Places) -> Market | None:
    """The market in a JSON text, read at once; None when there may be a problem, whose place is found field by field."""
    try:
        file = decode_market(text)
    except (ValueError, RecursionError):
        return None
    problems = Problems()
    market = _checked(file, places, problems) if file is not None else None
    return market if not problems.found else None


def _read_field_by_field(text: str | bytes, places: Places) -> Market:
    try:
        document = parse_json(text)
    except (ValueError, RecursionError) as error:
        raise InvalidMarket([FieldProblem("document", f"must be JSON: {error}")]) from error
    return market_of(document, places)


def market_of(document: object, places: Places) -> Market:
    """The market in a parsed document; raises `InvalidMarket` with all its problems.

    A reference to what the catalog lacks is a problem here, though not in a stream: a file has everything at hand.
    Fields without a default are required but for lists, which are empty when left out; null means absent.
    """
    problems = Problems()
    file = read_fields(document, MarketFile, problems)
    market = _checked(file, places, problems) if file is not None else None
    if market is None:
        raise InvalidMarket(problems.found)
    return market


def _checked(file: MarketFile, places: Places, problems: Problems) -> Market | None:
    """The market in a file; None when there are problems."""
    check_market(file, places, problems)
    numbers = known_numbers(file.policy)
    for name, rule in policy_problems(numbers):
        problems.note(f"policy.{name}", rule)
    if problems.found:
        return None
    return Market(
        day=file.day,
        policy=Policy.from_dict(numbers),
        catalog=MarketCatalog.of(*definitions_of(file.catalog)),
        openings=tuple([_opening(each, places) for each in file.openings]),
        learners=tuple([learner_of(each, each.version or 1) for each in file.learners]),
        cohorts=tuple([cohort_of(each, 1) for each in file.cohorts]),
    )


def _opening(read: OpeningInFile, places: Places) -> MarketOpening:
    return opening_of(read, places.point(read.zip).region if read.zip else REMOTE, read.version or 1)


def known_numbers(policy: Mapping[str, object]) -> dict[str, object]:
    """The numbers that a file gives: it may give any of them, and null gives none."""
    defaults = Policy().to_dict()
    return {name: value for name, value in (policy or {}).items() if value is not None or name not in defaults}


def definitions_of(catalog: CatalogFile | CatalogChangeFile) -> tuple[list[MarketCompetency], list[MarketCredential]]:
    """What the catalog of a file defines."""
    competencies = [competency_of(each) for each in catalog.competencies or ()]
    return competencies, [credential_of(each) for each in catalog.credentials or ()]


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the live matches differ from the evaluation of the same state.

    `aspect` is ``match`` when only one of the two has the pair, else a field of the pair: ``score``,
    ``components``, ``groups``, ``seeking_since`` or ``rank``.
    """

    opening_id: str
    learner_id: str
    aspect: str
    live: object
    evaluated: object


def compare(live: Iterable[RankedMatch], evaluated: Iterable[RankedMatch]) -> list[Difference]:
    """Every difference, pair by pair in the order of opening and learner id; empty when the law of section 10 holds."""
    ours = {(match.opening_id, match.learner_id): match for match in live}
    theirs = {(match.opening_id, match.learner_id): match for match in evaluated}
    return [
        difference for pair in sorted(ours | theirs) for difference in _compare_pair(pair, ours.get(pair), theirs.get(pair))
    ]


def _compare_pair(pair: tuple[str, str], ours: RankedMatch | None, theirs: RankedMatch | None) -> list[Difference]:
    if ours is None or theirs is None:
        return [Difference(*pair, "match", ours is not None, theirs is not None)]
    mine, other = _aspects(ours), _aspects(theirs)
    return [Difference(*pair, name, mine[name], other[name]) for name in mine if mine[name] != other[name]]


def _aspects(match: RankedMatch) -> Mapping[str, object]:
    facts: MatchFacts = match.facts
    return {
        "score": facts.score,
        "components": facts.components,
        "groups": facts.outcomes,
        "seeking_since": facts.seeking_since,
        "rank": match.rank,
    }
