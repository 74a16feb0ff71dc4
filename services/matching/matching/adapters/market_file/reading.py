"""The subjects of a market file, one reader each (MARKET.md sections 2, 3, 4 and 14)."""

from collections.abc import Container

from matching.adapters.market_file.fields import Fields, IntegerRange
from matching.domain.market.catalog import CompetencyLevel, MarketCatalog, MarketCompetency, MarketCredential
from matching.domain.market.subjects import (
    REACH_KM,
    Alternative,
    AwardStatus,
    CompetencyAlternative,
    CredentialAlternative,
    Evidence,
    MarketAward,
    MarketCohort,
    MarketLearner,
    MarketOpening,
    Necessity,
    OpeningStatus,
    RequirementGroup,
    Shift,
)
from reference.places import REMOTE, Places, UnknownZip

_FROM_NOUGHT, _FROM_ONE = IntegerRange(0), IntegerRange(1)
_LEVELS, _WEIGHTS, _REACH = IntegerRange(1, 5), IntegerRange(1, 10), IntegerRange(1, 300)


class SeenIds:
    """The ids of each kind that a document has named; the second of the same kind is a problem."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def read(self, fields: Fields, name: str, kind: str) -> str:
        """The id in a field, which must be the first of its kind."""
        found = fields.text(name)
        if found and (kind, found) in self._seen:
            fields.note(name, f"repeated id {found!r}")
        self._seen.add((kind, found))
        return found


def read_competency(fields: Fields, ids: SeenIds) -> MarketCompetency:
    """A competency."""
    return MarketCompetency(ids.read(fields, "id", "competency"), fields.text("name"))


def read_credential(fields: Fields, ids: SeenIds) -> MarketCredential:
    """A credential definition; lists may be left out when they are empty."""
    return MarketCredential(
        id=ids.read(fields, "id", "credential"),
        name=fields.text("name"),
        issuer=fields.text("issuer"),
        aliases=fields.texts("aliases"),
        confers=tuple(
            CompetencyLevel(entry.text("competency"), entry.whole("level", _LEVELS)) for entry in fields.entries("confers")
        ),
        implies=fields.texts("implies"),
        composed_of=fields.texts("composed_of"),
        valid_months=fields.optional_whole("valid_months", _FROM_ONE),
        training_weeks=fields.optional_whole("training_weeks", _FROM_NOUGHT),
        references=fields.texts("references"),
    )


def check_references(fields: Fields, definition: MarketCredential, catalog: MarketCatalog) -> None:
    """Note what a definition refers to and the catalog lacks, what it names twice, and a reference to itself."""
    for index, entry in enumerate(definition.confers):
        _check_known(fields, f"confers[{index}].competency", entry.competency, catalog.competencies)
    for name, credentials in (("implies", definition.implies), ("composed_of", definition.composed_of)):
        for index, credential in enumerate(credentials):
            if credential == definition.id:
                fields.note(f"{name}[{index}]", "must not be the credential itself")
            elif credential in credentials[:index]:
                fields.note(f"{name}[{index}]", f"repeated id {credential!r}")
            _check_known(fields, f"{name}[{index}]", credential, catalog.credentials)


class SubjectReader:
    """Reads openings, learners and cohorts against a catalog and a table of places.

    Ids are unique within their kind in the whole document, those of awards too; a group's within its opening.
    Dates may come in any order, as in a stream: an award that expired before it was issued is never in force.
    """

    def __init__(self, catalog: MarketCatalog, places: Places) -> None:
        self._catalog = catalog
        self._places = places
        self._ids = SeenIds()

    def opening(self, fields: Fields) -> MarketOpening:
        """An opening; its region follows from its ZIP."""
        zip_code, remote = fields.optional_text("zip"), fields.flag("remote", default=False)
        opening = MarketOpening(
            opening_id=self._ids.read(fields, "opening_id", "opening"),
            employer_id=fields.text("employer_id"),
            title=fields.text("title"),
            region=self._region(fields, zip_code, remote),
            zip=zip_code,
            remote=remote,
            positions=fields.whole("positions", _FROM_ONE),
            filled=fields.whole("filled", _FROM_NOUGHT, default=0),
            occupation=fields.optional_text("occupation"),
            start_by=fields.optional_day("start_by"),
            closes_on=fields.optional_day("closes_on"),
            shifts=fields.choices("shifts", Shift),
            wage_min=fields.optional_whole("wage_min", _FROM_NOUGHT),
            wage_max=fields.optional_whole("wage_max", _FROM_NOUGHT),
            groups=self._groups(fields),
            status=fields.choice("status", OpeningStatus),
            version=fields.whole("version", _FROM_ONE, default=1),
        )
        _check_opening(fields, opening)
        return opening

    def learner(self, fields: Fields) -> MarketLearner:
        """A learner with all awards."""
        learner = MarketLearner(
            learner_id=self._ids.read(fields, "learner_id", "learner"),
            provider_id=fields.text("provider_id"),
            zip=fields.text("zip"),
            reach_km=fields.whole("reach_km", _REACH, default=REACH_KM),
            remote_ok=fields.flag("remote_ok", default=False),
            seeking=fields.flag("seeking"),
            seeking_since=fields.optional_day("seeking_since"),
            consents_to_matching=fields.flag("consents_to_matching"),
            available_from=fields.optional_day("available_from"),
            shifts=fields.choices("shifts", Shift),
            wage_floor=fields.optional_whole("wage_floor", _FROM_NOUGHT),
            awards=tuple(self._award(entry) for entry in fields.entries("awards")),
            version=fields.whole("version", _FROM_ONE, default=1),
        )
        self._zip_region(fields, learner.zip)
        return learner

    def cohort(self, fields: Fields) -> MarketCohort:
        """A cohort of a known region."""
        cohort = MarketCohort(
            cohort_id=self._ids.read(fields, "cohort_id", "cohort"),
            provider_id=fields.text("provider_id"),
            credential=fields.text("credential"),
            region=fields.text("region"),
            seats=fields.whole("seats", _FROM_NOUGHT),
            enrolled=fields.whole("enrolled", _FROM_NOUGHT),
            starts_on=fields.day("starts_on"),
            ends_on=fields.day("ends_on"),
        )
        _check_known(fields, "credential", cohort.credential, self._catalog.credentials)
        _check_known(fields, "region", cohort.region, self._places.regions())
        return cohort

    def _award(self, fields: Fields) -> MarketAward:
        award = MarketAward(
            award_id=self._ids.read(fields, "award_id", "award"),
            credential=fields.text("credential"),
            status=fields.choice("status", AwardStatus),
            issued_on=fields.optional_day("issued_on"),
            expires_on=fields.optional_day("expires_on"),
            expected_on=fields.optional_day("expected_on"),
            evidence=fields.choice("evidence", Evidence),
        )
        _check_known(fields, "credential", award.credential, self._catalog.credentials)
        return award

    def _groups(self, fields: Fields) -> tuple[RequirementGroup, ...]:
        ids = SeenIds()
        return tuple(self._group(entry, ids) for entry in fields.entries("groups"))

    def _group(self, fields: Fields, ids: SeenIds) -> RequirementGroup:
        group = RequirementGroup(
            id=ids.read(fields, "id", "group"),
            necessity=fields.choice("necessity", Necessity),
            any_of=tuple(self._alternative(entry) for entry in fields.entries("any_of")),
            weight=fields.whole("weight", _WEIGHTS, default=1),
            verified_only=fields.flag("verified_only", default=False),
        )
        if fields.is_empty("any_of") and fields.sound("any_of"):
            fields.note("any_of", "must hold at least one alternative")
        return group

    def _alternative(self, fields: Fields) -> Alternative:
        if fields.has("credential") == fields.has("competency"):
            fields.note("credential", "exactly one of credential and competency is required")
            fields.has("level")
            return CredentialAlternative("")
        if fields.has("credential"):
            if fields.has("level"):
                fields.note("level", "unknown field")
            credential = fields.text("credential")
            _check_known(fields, "credential", credential, self._catalog.credentials)
            return CredentialAlternative(credential)
        competency, level = fields.text("competency"), fields.whole("level", _LEVELS)
        _check_known(fields, "competency", competency, self._catalog.competencies)
        return CompetencyAlternative(competency, level)

    def _region(self, fields: Fields, zip_code: str | None, remote: bool) -> str:
        if fields.sound("zip", "remote") and (zip_code is None) != remote:
            fields.note("zip", "exactly one of zip and remote: true is required")
        if remote or not zip_code:
            return REMOTE
        return self._zip_region(fields, zip_code)

    def _zip_region(self, fields: Fields, zip_code: str) -> str:
        try:
            return self._places.point(zip_code).region
        except UnknownZip as unknown:
            if fields.sound("zip"):
                fields.note("zip", str(unknown))
            return ""


def _check_known(fields: Fields, name: str, reference: str, known: Container[str]) -> None:
    if reference and reference not in known:
        fields.note(name, f"unknown: {reference!r}")


def _check_opening(fields: Fields, opening: MarketOpening) -> None:
    if fields.sound("positions", "filled") and opening.filled > opening.positions:
        fields.note("filled", "must not be above positions")
