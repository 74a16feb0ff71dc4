"""A change of the rules as one JSON document: `{"policy": {numbers}}`, `{"catalog": {definitions}}`, or both."""

from collections.abc import Iterable, Mapping

from msgspec import UNSET

from matching.adapters.market_file.checking import check_catalog
from matching.adapters.market_file.field_reading import read_fields
from matching.adapters.market_file.files import definitions_of, known_numbers
from matching.adapters.market_file.forms import CatalogChangeFile, RulesFile
from matching.adapters.market_file.problems import FieldProblem, Problems, parse_json
from matching.domain.evaluation.proposed_rules import ProposedRules
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy, policy_problems


class InvalidRules(ValueError):
    """The document is no change of the rules; `problems` names every broken rule with its place. Its writer must correct it."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{problem.place}: {problem.rule}" for problem in self.problems))


def read_rules(text: str | bytes, policy: Policy, catalog: MarketCatalog) -> ProposedRules:
    """What a JSON text proposes beside the live `policy` and `catalog`; raises `InvalidRules` with all its problems.

    A policy names any of its numbers; a `version` among them is the one that it was written against, and must be live.
    A catalog is in the form of a market file (MARKET.md section 14), and may refer to live definitions.
    """
    try:
        document = parse_json(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRules([FieldProblem("document", f"must be JSON: {error}")]) from error
    problems = Problems()
    file = read_fields(document, RulesFile, problems)
    proposed = _proposed(file, policy, catalog, problems) if file is not None else None
    if proposed is None:
        raise InvalidRules(problems.found)
    return proposed


def _proposed(file: RulesFile, policy: Policy, catalog: MarketCatalog, problems: Problems) -> ProposedRules | None:
    if file.policy is UNSET and file.catalog is UNSET and problems.sound("policy", "catalog"):
        problems.note("", "must have a policy or a catalog")
    new_policy = _new_policy(file.policy, policy, problems) if file.policy is not UNSET else policy
    if file.catalog:
        _check_catalog(file.catalog, catalog, problems)
    if problems.found:
        return None
    new_catalog = _new_catalog(file.catalog, catalog) if file.catalog else catalog
    changed = _definitions(catalog, new_catalog)
    return ProposedRules(new_policy, new_catalog, _numbers(policy, new_policy), changed, bool(file.catalog))


def _new_policy(proposed: Mapping[str, object], live: Policy, problems: Problems) -> Policy:
    known, numbers = live.to_dict(), known_numbers(proposed)
    written_for = numbers.pop("version", live.version)
    if written_for != live.version:
        problems.note("policy.version", f"is {live.version} now: the file was written against {written_for!r}")
    found = policy_problems(known | numbers)
    for name, rule in found:
        problems.note(f"policy.{name}", rule)
    if found or all(known[name] == value for name, value in numbers.items()):
        return live
    return Policy.from_dict(known | numbers | {"version": live.version + 1})


def _check_catalog(proposed: CatalogChangeFile, live: MarketCatalog, problems: Problems) -> None:
    check_catalog(proposed, live, problems)
    for index, definition in enumerate(proposed.credentials or ()):
        before = live.credentials.get(definition.id) if definition else None
        if before is not None and definition.issuer and definition.issuer != before.issuer:
            place = f"catalog.credentials[{index}].issuer"
            problems.note(place, "must not change: the evidence of awards stands on it")


def _new_catalog(proposed: CatalogChangeFile, live: MarketCatalog) -> MarketCatalog:
    competencies, credentials = definitions_of(proposed)
    return MarketCatalog.of([*live.competencies.values(), *competencies], [*live.credentials.values(), *credentials])


def _numbers(live: Policy, proposed: Policy) -> tuple[tuple[str, int, int], ...]:
    after = proposed.to_dict()
    return tuple((name, was, after[name]) for name, was in live.to_dict().items() if name != "version" and was != after[name])


def _definitions(live: MarketCatalog, proposed: MarketCatalog) -> tuple[str, ...]:
    competencies = (f"competency/{key}" for key, each in proposed.competencies.items() if live.competencies.get(key) != each)
    credentials = (f"credential/{key}" for key, each in proposed.credentials.items() if live.credentials.get(key) != each)
    return (*sorted(competencies), *sorted(credentials))
