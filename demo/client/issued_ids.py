"""The ids and API keys that the services issued to the demo."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Organisation:
    """An employer or a provider. `token` is its API key."""

    id: str
    name: str
    token: str = field(repr=False)


@dataclass(slots=True)
class IssuedIds:
    """Ids by the demo's own keys. Openings, learners and awards are kept only while they take part in the play."""

    employers: dict[str, Organisation] = field(default_factory=dict)
    providers: dict[str, Organisation] = field(default_factory=dict)
    openings: dict[str, str] = field(default_factory=dict)
    learners: dict[str, str] = field(default_factory=dict)
    awards: dict[str, str] = field(default_factory=dict)
