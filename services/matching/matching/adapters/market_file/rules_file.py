"""A change of the rules as one JSON document: `{"policy": {numbers}}`, `{"catalog": {definitions}}`, or both."""

from collections.abc import Iterable

from matching.adapters.market_file.fields import FieldProblem, Fields, Problems, parse_json
from matching.adapters.market_file.reading import SeenIds, check_references, read_competency, read_credential
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
    fields = Fields(document, "", problems)
    has_policy, has_catalog = fields.has("policy"), fields.has("catalog")
    if fields.is_object and not (has_policy or has_catalog):
        problems.note("", "must have a policy or a catalog")
    new_policy = _read_policy(fields.nested("policy"), policy, problems) if has_policy else policy
    new_catalog = _read_catalog(fields.nested("catalog"), catalog) if has_catalog else catalog
    fields.finish()
    if document is None or problems.found:
        raise InvalidRules(problems.found or [FieldProblem("document", "must be an object")])
    return ProposedRules(new_policy, new_catalog, _numbers(policy, new_policy), _definitions(catalog, new_catalog), has_catalog)


def _read_policy(entry: Fields, live: Policy, problems: Problems) -> Policy:
    known = live.to_dict()
    numbers = {name: value for name, value in entry.rest().items() if value is not None or name not in known}
    written_for = numbers.pop("version", live.version)
    if written_for != live.version:
        problems.note(entry.at("version"), f"is {live.version} now: the file was written against {written_for!r}")
    found = policy_problems(known | numbers)
    for name, rule in found:
        problems.note(entry.at(name), rule)
    if found or all(known[name] == value for name, value in numbers.items()):
        return live
    return Policy.from_dict(known | numbers | {"version": live.version + 1})


def _read_catalog(fields: Fields, live: MarketCatalog) -> MarketCatalog:
    ids = SeenIds()
    competencies = [read_competency(entry, ids) for entry in fields.entries("competencies")]
    credentials = [(entry, read_credential(entry, ids)) for entry in fields.entries("credentials")]
    fields.finish()
    catalog = MarketCatalog.of(
        [*live.competencies.values(), *competencies], [*live.credentials.values(), *(each for _, each in credentials)]
    )
    for entry, definition in credentials:
        check_references(entry, definition, catalog)
        before = live.credentials.get(definition.id)
        if before is not None and definition.issuer and definition.issuer != before.issuer:
            entry.note("issuer", "must not change: the evidence of awards stands on it")
    return catalog


def _numbers(live: Policy, proposed: Policy) -> tuple[tuple[str, int, int], ...]:
    after = proposed.to_dict()
    return tuple((name, was, after[name]) for name, was in live.to_dict().items() if name != "version" and was != after[name])


def _definitions(live: MarketCatalog, proposed: MarketCatalog) -> tuple[str, ...]:
    competencies = (f"competency/{key}" for key, each in proposed.competencies.items() if live.competencies.get(key) != each)
    credentials = (f"credential/{key}" for key, each in proposed.credentials.items() if live.credentials.get(key) != each)
    return (*sorted(competencies), *sorted(credentials))
