"""The live state as a market file, with the live matches in a file beside it (MARKET.md section 14)."""

import json
from pathlib import Path

from makersync.errors import OperatorError
from makersync.runtime.service import Context
from matching.adapters.market_file.closing import closed
from matching.adapters.market_file.writing import Document, market_document, match_document
from matching.adapters.match_repository import live_matches
from matching.adapters.partition_standing import catching_up
from matching.adapters.subject_repository import live_market
from matching.domain.market.subjects import Market
from matching.domain.rules.matches import RankedMatch
from reference.places import load_places


async def export(context: Context, file: Path, region: str | None) -> tuple[Market, list[RankedMatch]]:
    """Write both files from one moment of the database; returns what was written. Raises OperatorError when it cannot.

    What the catalog does not define yet is written so that the result is the same (`closed`).
    """
    if region is not None and region not in load_places().regions():
        raise OperatorError(f"{region} is no region: name a labour market's code, such as 17410. Nothing was written.")
    async with context.store.snapshot() as session:
        if behind := await catching_up(session):
            raise OperatorError(
                f"The live matches do not follow from the openings and learners yet: the service catches up with partitions "
                f"{', '.join(map(str, behind))}. Nothing was written; try again when it has read what waits."
            )
        market = await live_market(session, context.clock, region)
        matches = await live_matches(session, region)
    known = closed(market)
    _write(file, market_document(known))
    _write(matches_file(file), {"matches": [_live_document(match) for match in matches]})
    return known, matches


def _write(file: Path, document: Document) -> None:
    try:
        file.write_text(json.dumps(document, indent=1), encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{file} cannot be written: {error.strerror}.") from error


def matches_file(file: Path) -> Path:
    return file.with_name(f"{file.stem}.matches.json")


def _live_document(match: RankedMatch) -> Document:
    """A match with what orders it, so that the comparison covers that too."""
    since = match.facts.seeking_since
    return match_document(match) | ({} if since is None else {"seeking_since": since.isoformat()})
