"""The openings and learners of a market file without problems, made of what its schema read (MARKET.md section 14)."""

from collections.abc import Container

from msgspec import UNSET

from matching.adapters.market_file.schema import (
    AlternativeForm,
    AwardForm,
    GroupForm,
    LearnerForm,
    MarketForm,
    Maybe,
    NotTaken,
    OpeningForm,
    ValueT,
)
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.subjects import (
    REACH_KM,
    Alternative,
    CompetencyAlternative,
    CredentialAlternative,
    MarketAward,
    MarketLearner,
    MarketOpening,
    RequirementGroup,
    Shift,
)
from reference.places import REMOTE, Places


class SoundSubjects:
    """Makes subjects of their forms; raises `NotTaken` or `UnknownZip` where a rule that the schema cannot say is broken."""

    def __init__(self, form: MarketForm, catalog: MarketCatalog, places: Places) -> None:
        self._form = form
        self._catalog = catalog
        self._places = places

    def openings(self) -> tuple[MarketOpening, ...]:
        """Those of the file, in its order."""
        _require_distinct([form.opening_id for form in self._form.openings])
        return tuple([self._opening(form) for form in self._form.openings])

    def learners(self) -> tuple[MarketLearner, ...]:
        """Those of the file, in its order."""
        _require_distinct([form.learner_id for form in self._form.learners])
        _require_distinct([award.award_id for form in self._form.learners for award in form.awards or ()])
        return tuple([self._learner(form) for form in self._form.learners])

    def _opening(self, form: OpeningForm) -> MarketOpening:
        zip_code, filled = _given(form.zip), form.filled or 0
        if filled > form.positions:
            raise NotTaken("filled above positions")
        return MarketOpening(
            opening_id=form.opening_id,
            employer_id=form.employer_id,
            title=form.title,
            region=self._region(zip_code, bool(form.remote)),
            zip=zip_code,
            remote=bool(form.remote),
            positions=form.positions,
            filled=filled,
            occupation=form.occupation or None,
            start_by=form.start_by or None,
            closes_on=form.closes_on or None,
            shifts=_shifts(form.shifts or ()),
            wage_min=_given(form.wage_min),
            wage_max=_given(form.wage_max),
            groups=self._groups(form.groups or ()),
            status=form.status,
            version=form.version or 1,
        )

    def _region(self, zip_code: str | None, remote: bool) -> str:
        if (zip_code is None) is not remote:
            raise NotTaken("not exactly one of zip and remote: true")
        return REMOTE if zip_code is None else self._places.point(zip_code).region

    def _groups(self, forms: tuple[GroupForm, ...]) -> tuple[RequirementGroup, ...]:
        _require_distinct([form.id for form in forms])
        return tuple([self._group(form) for form in forms])

    def _group(self, form: GroupForm) -> RequirementGroup:
        any_of = tuple([self._alternative(each) for each in form.any_of])
        return RequirementGroup(form.id, form.necessity, any_of, form.weight or 1, bool(form.verified_only))

    def _alternative(self, form: AlternativeForm) -> Alternative:
        credential, competency, level = _given(form.credential), _given(form.competency), _given(form.level)
        if credential is not None and competency is None and level is None:
            return CredentialAlternative(_known(credential, self._catalog.credentials))
        if competency is not None and credential is None and level is not None:
            return CompetencyAlternative(_known(competency, self._catalog.competencies), level)
        raise NotTaken("neither a credential nor a competency with a level")

    def _learner(self, form: LearnerForm) -> MarketLearner:
        self._places.point(form.zip)
        return MarketLearner(
            learner_id=form.learner_id,
            provider_id=form.provider_id,
            zip=form.zip,
            reach_km=form.reach_km or REACH_KM,
            remote_ok=bool(form.remote_ok),
            seeking=form.seeking,
            seeking_since=form.seeking_since or None,
            consents_to_matching=form.consents_to_matching,
            available_from=form.available_from or None,
            shifts=_shifts(form.shifts or ()),
            wage_floor=_given(form.wage_floor),
            awards=tuple([self._award(award) for award in form.awards or ()]),
            version=form.version or 1,
        )

    def _award(self, form: AwardForm) -> MarketAward:
        return MarketAward(
            award_id=form.award_id,
            credential=_known(form.credential, self._catalog.credentials),
            status=form.status,
            issued_on=form.issued_on or None,
            expires_on=form.expires_on or None,
            expected_on=form.expected_on or None,
            evidence=form.evidence,
        )


def _given(value: Maybe[ValueT]) -> ValueT | None:
    return None if value is UNSET else value


def _shifts(words: tuple[Shift, ...]) -> frozenset[Shift]:
    _require_distinct(words)
    return frozenset(words)


def _known(reference: str, known: Container[str]) -> str:
    if reference not in known:
        raise NotTaken(f"unknown: {reference!r}")
    return reference


def _require_distinct(words: list[str] | tuple[str, ...]) -> None:
    if len(set(words)) < len(words):
        raise NotTaken("something is repeated")
