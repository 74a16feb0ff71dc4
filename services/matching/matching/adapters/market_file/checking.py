"""The rules between the fields of a market file (MARKET.md sections 2, 3, 4 and 14).

A value that has a problem of its own is absent here. The text that names a place is made only for a problem, because there
are hundreds of thousands of awards.
"""

from collections.abc import Container, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import TypeVar

from contracts.vocabulary import Shift
from matching.adapters.catalog_events import CompetencyEntryRead, CredentialEntryRead
from matching.adapters.cohort_events import CohortRead
from matching.adapters.learner_events import AwardRead, LearnerRead
from matching.adapters.market_file.forms import CatalogChangeFile, CatalogFile, MarketFile
from matching.adapters.market_file.problems import Problems
from matching.adapters.opening_events import AlternativeRead, OpeningRead
from matching.domain.market.catalog import MarketCatalog
from reference.places import Places, UnknownZip

EntryT = TypeVar("EntryT")

_NO_CATALOG = MarketCatalog.of((), ())


def check_market(file: MarketFile, places: Places, problems: Problems) -> None:
    """Note where the parts of a market contradict each other."""
    catalog = file.catalog or CatalogFile(competencies=(), credentials=())
    check_catalog(catalog, _NO_CATALOG, problems)
    SubjectChecker(catalog, places, problems).check(file)


def check_catalog(catalog: CatalogFile | CatalogChangeFile, live: MarketCatalog, problems: Problems) -> None:
    """Note repeated ids, and ids in definitions that neither the file nor the `live` catalog defines."""
    _check_distinct("catalog.competencies", "id", catalog.competencies, problems)
    _check_distinct("catalog.credentials", "id", catalog.credentials, problems)
    competencies = live.competencies.keys() | _ids(catalog.competencies)
    credentials = live.credentials.keys() | _ids(catalog.credentials)
    for index, definition in _present(catalog.credentials):
        _check_definition(f"catalog.credentials[{index}]", definition, competencies, credentials, problems)


def _check_definition(
    place: str, read: CredentialEntryRead, competencies: Container[str], credentials: Container[str], problems: Problems
) -> None:
    for index, entry in _present(read.confers):
        _check_known(f"{place}.confers[{index}].competency", entry.competency, competencies, problems)
    for name, named in (("implies", read.implies), ("composed_of", read.composed_of)):
        seen: set[str] = set()
        for index, credential in _present(named):
            at = f"{place}.{name}[{index}]"
            if credential == read.id:
                problems.note(at, "must not be the credential itself")
            elif credential in seen:
                problems.note(at, f"repeated id {credential!r}")
            seen.add(credential)
            _check_known(at, credential, credentials, problems)


class SubjectChecker:
    """Checks openings, learners and cohorts against a catalog and a table of places.

    Ids are unique within their kind in the whole document, those of awards too; a group's within its opening.
    Dates may come in any order, as in a stream: an award that expired before it was issued is never in force.
    """

    def __init__(self, catalog: CatalogFile, places: Places, problems: Problems) -> None:
        self._competencies = _ids(catalog.competencies)
        self._credentials = _ids(catalog.credentials)
        self._places = places
        self._problems = problems
        self._awards: set[str] = set()

    def check(self, file: MarketFile) -> None:
        """Note what is wrong with each subject, and what they repeat."""
        _check_distinct("openings", "opening_id", file.openings, self._problems)
        _check_distinct("learners", "learner_id", file.learners, self._problems)
        _check_distinct("cohorts", "cohort_id", file.cohorts, self._problems)
        for index, opening in _present(file.openings):
            self._opening(f"openings[{index}]", opening)
        for index, learner in _present(file.learners):
            self._learner(index, learner)
        for index, cohort in _present(file.cohorts):
            self._cohort(f"cohorts[{index}]", cohort)

    def _opening(self, place: str, read: OpeningRead) -> None:
        zip_place, remote_place = f"{place}.zip", f"{place}.remote"
        if bool(read.zip) is bool(read.remote) and self._problems.sound(zip_place, remote_place):
            self._problems.note(zip_place, "exactly one of zip and remote: true is required")
        if read.zip and not read.remote:
            self._zip(zip_place, read.zip)
        if read.positions and (read.filled or 0) > read.positions:
            self._problems.note(f"{place}.filled", "must not be above positions")
        self._shifts(place, read.shifts)
        _check_distinct(f"{place}.groups", "id", read.groups, self._problems)
        for index, group in _present(read.groups):
            for number, alternative in _present(group.any_of):
                self._alternative(f"{place}.groups[{index}].any_of[{number}]", alternative)

    def _alternative(self, place: str, read: AlternativeRead) -> None:
        credential, competency, level = f"{place}.credential", f"{place}.competency", f"{place}.level"
        if bool(read.credential) is bool(read.competency):
            if self._problems.sound(credential, competency):
                self._problems.note(credential, "exactly one of credential and competency is required")
        elif read.credential:
            if read.level:
                self._problems.note(level, "unknown field")
            _check_known(credential, read.credential, self._credentials, self._problems)
        elif read.competency:
            if not read.level and self._problems.sound(level):
                self._problems.note(level, "is required")
            _check_known(competency, read.competency, self._competencies, self._problems)

    def _learner(self, index: int, read: LearnerRead) -> None:
        if read.zip:
            self._zip(f"learners[{index}].zip", read.zip)
        if read.shifts:
            self._shifts(f"learners[{index}]", read.shifts)
        for number, award in _present(read.awards):
            if award.credential not in self._credentials or award.award_id in self._awards:
                self._award(f"learners[{index}].awards[{number}]", award)
            self._awards.add(award.award_id)

    def _award(self, place: str, read: AwardRead) -> None:
        _check_known(f"{place}.credential", read.credential, self._credentials, self._problems)
        if read.award_id and read.award_id in self._awards:
            self._problems.note(f"{place}.award_id", f"repeated id {read.award_id!r}")

    def _cohort(self, place: str, read: CohortRead) -> None:
        _check_known(f"{place}.credential", read.credential, self._credentials, self._problems)
        _check_known(f"{place}.region", read.region, self._places.regions(), self._problems)

    def _zip(self, place: str, zip_code: str) -> None:
        try:
            self._places.point(zip_code)
        except UnknownZip as unknown:
            if self._problems.sound(place):
                self._problems.note(place, str(unknown))

    def _shifts(self, place: str, shifts: AbstractSet[Shift]) -> None:
        """A file has an array of them, in which one may be repeated."""
        words = tuple(shifts or ())
        if len(set(words)) < len(words):
            for index, word in _present(words):
                if word in words[:index]:
                    self._problems.note(f"{place}.shifts[{index}]", "repeated")


def _present(entries: Iterable[EntryT]) -> Iterator[tuple[int, EntryT]]:
    """The entries without a problem of their own, with their index."""
    return ((index, each) for index, each in enumerate(entries or ()) if each)


def _ids(definitions: Iterable[CompetencyEntryRead | CredentialEntryRead]) -> set[str]:
    return {each.id for _, each in _present(definitions)}


def _check_distinct(place: str, name: str, entries: Iterable[object], problems: Problems) -> None:
    """Note each id that an entry before has; `name` is its field."""
    ids = [getattr(each, name, None) for each in entries or ()]
    if len(set(ids)) == len(ids):
        return
    seen: set[object] = set()
    for index, each in _present(ids):
        if each in seen:
            problems.note(f"{place}[{index}].{name}", f"repeated id {each!r}")
        seen.add(each)


def _check_known(place: str, reference: str, known: Container[str], problems: Problems) -> None:
    if reference and reference not in known:
        problems.note(place, f"unknown: {reference!r}")
