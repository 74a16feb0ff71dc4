"""The catalog that every installation starts with."""

from importlib import resources

import orjson

from learners.adapters.catalog_repository import definition_of
from learners.domain.catalog import Competency, CredentialDefinition


def read_reference_catalog() -> tuple[tuple[Competency, ...], tuple[CredentialDefinition, ...]]:
    """Competencies and credential definitions of the package `reference`."""
    file = resources.files("reference") / "catalog.json"
    document = orjson.loads(file.read_bytes())
    competencies = tuple(Competency(one["id"], one["name"]) for one in document["competencies"])
    return competencies, tuple(definition_of(one) for one in document["credentials"])
