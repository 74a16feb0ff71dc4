"""A whole market as one JSON document, in and out (MARKET.md section 14)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from matching.adapters.market_file.fields import FieldProblem, Fields, Problems, parse_json
from matching.adapters.market_file.reading import SeenIds, SubjectReader, check_references, read_competency, read_credential
from matching.adapters.market_file.schema import decode_market
from matching.adapters.market_file.subjects import SoundSubjects
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy, policy_problems
from matching.domain.market.subjects import Market
from matching.domain.rules.matches import MatchFacts, RankedMatch
from reference.places import Places


class InvalidMarket(ValueError):
    """The document is not a market; `problems` names every broken rule with its place. Its writer must correct it."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{problem.place}: {problem.rule}" for problem in self.problems))


def read_market(text: str | bytes, places: Places) -> Market:
    """The market in a JSON text; raises `InvalidMarket` with all its problems, repeated fields included."""
    return read_sound(text, places) or _read_strictly(text, places)


def read_sound(text: str | bytes, places: Places) -> Market | None:
    """The market in a JSON text by its schema; None when there may be a problem, which only the strict reader can name."""
    try:
        form = decode_market(text)
        market = market_of(form.without_subjects(), places)
        subjects = SoundSubjects(form, market.catalog, places)
        return replace(market, openings=subjects.openings(), learners=subjects.learners())
    except (ValueError, RecursionError):
        return None


def _read_strictly(text: str | bytes, places: Places) -> Market:
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
    fields = Fields(document, "", problems)
    if document is None:
        problems.note("", "must be an object")
    market = _read(fields, places, problems)
    fields.finish()
    if problems.found:
        raise InvalidMarket(problems.found)
    return market


def _read(fields: Fields, places: Places, problems: Problems) -> Market:
    day = fields.day("day")
    policy = _read_policy(fields, problems)
    catalog = _read_catalog(fields.nested("catalog"))
    reader = SubjectReader(catalog, places)
    return Market(
        day=day,
        policy=policy,
        catalog=catalog,
        openings=tuple(reader.opening(entry) for entry in fields.entries("openings", required=True)),
        learners=tuple(reader.learner(entry) for entry in fields.entries("learners", required=True)),
        cohorts=tuple(reader.cohort(entry) for entry in fields.entries("cohorts", required=True)),
    )


def _read_policy(fields: Fields, problems: Problems) -> Policy:
    """The default policy with the numbers of the file in place; a file may give any of them, and null gives none."""
    if not fields.has("policy"):
        return Policy()
    entry = fields.nested("policy")
    defaults = Policy().to_dict()
    numbers = {name: value for name, value in entry.rest().items() if value is not None or name not in defaults}
    found = policy_problems(numbers)
    for name, rule in found:
        problems.note(entry.at(name), rule)
    return Policy() if found else Policy.from_dict(numbers)


def _read_catalog(fields: Fields) -> MarketCatalog:
    ids = SeenIds()
    competencies = [read_competency(entry, ids) for entry in fields.entries("competencies", required=True)]
    credentials = [(entry, read_credential(entry, ids)) for entry in fields.entries("credentials", required=True)]
    fields.finish()
    catalog = MarketCatalog.of(competencies, (definition for _, definition in credentials))
    for entry, definition in credentials:
        check_references(entry, definition, catalog)
    return catalog


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
