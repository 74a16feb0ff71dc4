"""The events of providers."""

from contracts.learners import ProviderState
from contracts.topics import PROVIDER
from learners.domain.provider import Provider
from makersync.effects.outbox import NewEvent


def provider_state(provider: Provider) -> ProviderState:
    return ProviderState(provider_id=provider.provider_id, name=provider.name)


def provider_event(provider: Provider) -> NewEvent:
    return NewEvent(PROVIDER, "ProviderNamed", provider.provider_id, None, provider.version, provider_state(provider))
