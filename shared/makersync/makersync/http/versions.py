"""Optimistic concurrency: the strong ETag of a resource is its version, and changes require it in If-Match."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from makersync.http.problems import MalformedRequest, StaleVersion, VersionRequired

_ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAG_LIST = re.compile(rf"{_ENTITY_TAG}(?:[ \t]*,[ \t]*{_ENTITY_TAG})*")


def etag_of(version: int) -> str:
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class Precondition:
    """The tags of an If-Match header; None stands for `*`, any version."""

    tags: frozenset[str] | None

    def demand(self, version: int) -> None:
        """Raises StaleVersion, with the current ETag, unless `version` is among the tags."""
        if self.tags is not None and etag_of(version) not in self.tags:
            detail = f"The current version is {version}: read it again before changing it."
            raise StaleVersion("version_outdated", detail, headers={"ETag": etag_of(version)})


def parse_if_match(header: str | None) -> Precondition:
    """Raises VersionRequired if the header is missing, and MalformedRequest if it is not a list of entity tags.

    A weak tag never equals a strong one (RFC 9110, 8.8.3.2): it is accepted as syntax and then treated as stale.
    """
    if header is None:
        raise VersionRequired("version_required", 'Send the ETag of the version that you are changing: If-Match: "7".')
    if header.strip() == "*":
        return Precondition(None)
    if len(header) > 1000 or not _TAG_LIST.fullmatch(header.strip()):
        raise MalformedRequest.of("If-Match", "entity_tag", 'must be * or quoted entity tags, such as "7"')
    return Precondition(frozenset(re.findall(_ENTITY_TAG, header)))


def _if_match(
    if_match: Annotated[
        str | None,
        Header(description='ETag of the version to change, such as `"7"`, or `*` for whichever is current. Without it: 428.'),
    ] = None,
) -> Precondition:
    return parse_if_match(if_match)


#: A parameter of every route that changes or ends a resource; call `demand` with the version that was read in the transaction.
IfMatch = Annotated[Precondition, Depends(_if_match)]
