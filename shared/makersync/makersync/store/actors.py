"""Who did something, as the activity log and the owners of idempotency keys write it: `member:<id>` or `key:<id>`."""

_MEMBER, _KEY = "member:", "key:"


def member_actor(member_id: str) -> str:
    """A person who was signed in."""
    return f"{_MEMBER}{member_id}"


def key_actor(key_id: str) -> str:
    """An API key."""
    return f"{_KEY}{key_id}"


def member_id_of(actor: str) -> str | None:
    """The id of the member who acted; None when it was no member."""
    return actor.removeprefix(_MEMBER) if actor.startswith(_MEMBER) else None


def key_id_of(actor: str) -> str | None:
    """The id of the API key that acted; None when it was no key."""
    return actor.removeprefix(_KEY) if actor.startswith(_KEY) else None
