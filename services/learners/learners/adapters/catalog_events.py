"""The events of the catalog."""

from dataclasses import asdict

from contracts.learners import CompetencyState, CredentialState
from contracts.topics import CATALOG
from learners.domain.catalog import Competency, CredentialDefinition, PublishedCredential
from makersync.effects.outbox import NewEvent


def credential_state(definition: CredentialDefinition) -> CredentialState:
    return CredentialState.model_validate(asdict(definition))


def competency_event(competency: Competency) -> NewEvent:
    state = CompetencyState(id=competency.id, name=competency.name)
    return NewEvent(CATALOG, "CompetencyDefined", f"competency/{competency.id}", None, competency.version, state)


def credential_event(credential: PublishedCredential) -> NewEvent:
    definition = credential.definition
    kind = "CredentialDefined" if credential.version == 1 else "CredentialRevised"
    return NewEvent(CATALOG, kind, f"credential/{definition.id}", None, credential.version, credential_state(definition))
