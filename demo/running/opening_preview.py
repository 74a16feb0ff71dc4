"""An employer asks how many learners one more opening would reach, before it publishes it."""

from collections.abc import Callable, Mapping

from demo.client.issued_ids import IssuedIds
from demo.client.service_clients import ServiceClients
from demo.market.bodies import opening_body
from demo.market.cast import Cast
from demo.showing.narration import Narrator

#: The product promises moments; the rest is for a machine that does much else.
_PATIENCE_S = 15
_PATH = f"/v1/openings/preview?wait={_PATIENCE_S}"


class OpeningPreview:
    """Works once the market is loaded."""

    def __init__(self, clients: ServiceClients, ids: IssuedIds, cast: Cast, narrator: Narrator) -> None:
        self._clients, self._ids, self._cast, self._narrator = clients, ids, cast, narrator

    async def tell(self, say: Callable[[str], None]) -> None:
        """Say what the answer is. Raises RefusedByService and ServiceAway."""
        opening = next((one for one in list(self._cast.openings) if one.key in self._ids.openings), None)
        if opening is None:
            say("No employer has an opening to ask about.")
            return
        employer = self._ids.employers[opening.employer]
        asked = f"[preview] {employer.name} asks about one more {self._narrator.job(opening)}"
        reach = (await self._clients.openings.create(employer.token, _PATH, opening_body(opening)))["reach"]
        if reach is None:
            say(f"{asked}: the counts have not come within {_PATIENCE_S} s")
            return
        counts = f"{range_words(reach['in_reach'])} in reach, {range_words(reach['qualified'])} qualified"
        say(f"{asked}: {counts}, {range_words(reach['near_misses'])} one requirement away")


def range_words(counted: Mapping[str, int]) -> str:
    """Such as `15 to 19`, `fewer than 5` or `none`."""
    least, below = counted["at_least"], counted["fewer_than"]
    if below == 1:
        return "none"
    return f"{least} to {below - 1}" if least >= below - least else f"fewer than {below}"
