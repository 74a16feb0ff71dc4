"""Accreditations that pages show: one that lasts, one that has ended, and one that never counted."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from learners.adapters.accreditation_tables import AccreditationRow
from makersync.http.wiring import Wiring
from services.learners.tests.samples import ISSUER

OF_ISSUER = urlencode({"issuer": ISSUER})


async def accredited(wiring: Wiring, whose: str) -> Sequence[str]:
    """The ids, in the order of the list."""
    now = wiring.clock.now()
    each: Sequence[dict[str, Any]] = (
        {"since": now.date()},
        {"ended_at": now, "reason": "W" + "o" * 100 + "rd"},
        {"ended_at": now, "retroactive": True, "until": now.date()},
    )
    issuer = {"provider_id": whose, "issuer": ISSUER, "issuer_key": ISSUER.casefold()}
    rows = [AccreditationRow(accreditation_id=f"acc_{n}", **issuer, **more) for n, more in enumerate(each, start=1)]
    async with wiring.store.transaction() as session:
        session.add_all(rows)
    return [f"acc_{n}" for n in range(1, len(each) + 1)]
