"""How learners come by their awards: who trains for an occupation earns what its openings ask for, more or less."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from demo.market.atlas import Alternative, Atlas, Credential, GroupTemplate
from demo.market.chance import days_from, weighted
from demo.market.drafts import AwardDraft

#: What many in manufacturing have, whatever they do.
_COMMON = {"osha:10-general-industry": 0.22, "act:ncrc-silver": 0.12, "mssc:cpt": 0.06}
_STATUS = {"active": 89, "in_progress": 6, "suspended": 2.5, "revoked": 2.5}
_WISH = {"required": 0.84, "preferred": 0.22, "trainable": 0.15}
_DAYS_A_MONTH = 30.44
_UNKNOWN_WEEKS = 30


class Training:
    """Chooses credentials, and the dates and states of their awards."""

    def __init__(self, atlas: Atlas) -> None:
        self._credentials = atlas.credentials
        self._providing = lru_cache(maxsize=None)(self._find_providing)

    def credentials_for(self, rng: Random, groups: Sequence[GroupTemplate]) -> tuple[str, ...]:
        """Credentials of somebody who trains for an occupation with these groups, each once."""
        earned = [self._choose(rng, group) for group in groups if rng.random() < _WISH[group.necessity]]
        common = [credential for credential, share in _COMMON.items() if rng.random() < share]
        return tuple(dict.fromkeys(credential for credential in (*earned, *common) if credential is not None))

    def award(self, rng: Random, key: str, credential: str, day: date) -> AwardDraft:
        """An award as it may stand on `day`: in force as a rule, now and then about to lapse or just lapsed."""
        status = weighted(rng, _STATUS)
        if status == "in_progress":
            expected_on = days_from(day, rng, -10, 170) if rng.random() < 0.85 else None
            return AwardDraft(key=key, credential=credential, status=status, expected_on=expected_on)
        issued_on, expires_on = self._dates(rng, credential, day)
        return AwardDraft(key=key, credential=credential, status=status, issued_on=issued_on, expires_on=expires_on)

    def expiry(self, credential: str, issued_on: date) -> date | None:
        """When an award issued that day ends by its definition; None when it does not."""
        months = self._credentials[credential].valid_months
        return None if months is None else issued_on + timedelta(days=round(months * _DAYS_A_MONTH))

    def _dates(self, rng: Random, credential: str, day: date) -> tuple[date, date | None]:
        months = self._credentials[credential].valid_months
        if months is None:
            return days_from(day, rng, -2000, -5), None
        validity = round(months * _DAYS_A_MONTH)
        issued_on = day - timedelta(days=rng.randint(1, round(validity * 1.05)))
        return issued_on, self.expiry(credential, issued_on)

    def _choose(self, rng: Random, group: GroupTemplate) -> str | None:
        """A credential that meets the group; the shorter its training, the more have it."""
        weights: dict[str, float] = {}
        for form in group.any_of:
            weights |= self._providing(form)
        return weighted(rng, weights) if weights else None

    def _find_providing(self, form: Alternative) -> Mapping[str, float]:
        found = (c for c in self._credentials.values() if self._provides(c, form))
        return {credential.id: 1 / (4 + (credential.training_weeks or _UNKNOWN_WEEKS)) for credential in found}

    def _provides(self, credential: Credential, form: Alternative) -> bool:
        """Whether it alone makes the alternative held (MARKET.md section 12)."""
        held = self._closure(credential.id)
        if form.credential is not None:
            return form.credential in held
        return any(self._credentials[one].levels.get(form.competency or "", 0) >= (form.level or 0) for one in held)

    def _closure(self, credential: str) -> frozenset[str]:
        """What holding one credential means, following `implies`; no module on its own completes a whole."""
        held, waiting = {credential}, [credential]
        while waiting:
            implied = set(self._credentials[waiting.pop()].implies) - held
            held |= implied
            waiting.extend(implied)
        return frozenset(held)
