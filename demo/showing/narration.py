"""Moves and regions in words, for the ticker."""

from demo.client.issued_ids import IssuedIds
from demo.market.atlas import Atlas
from demo.market.drafts import LearnerDraft, OpeningDraft
from demo.market.moves import (
    ChangeAward,
    CloseOpening,
    EraseLearner,
    FillPosition,
    Move,
    MoveLearner,
    PublishOpening,
    RecordAward,
    RegisterLearner,
    ReviseOpening,
    SetConsent,
)
from reference.places import load_places

_AWARD_WORDS = {
    "renew": "renews",
    "suspend": "is suspended from",
    "reinstate": "is reinstated in",
    "revoke": "loses",
    "expire": "has let expire",
}


class Narrator:
    """Knows the names that the ids stand for."""

    def __init__(self, atlas: Atlas, ids: IssuedIds) -> None:
        self._atlas = atlas
        self._ids = ids
        self._names = {entry["id"]: entry["name"] for entry in atlas.catalog["competencies"]}

    def move(self, move: Move) -> str:
        match move:
            case PublishOpening(opening):
                return f"{self._employer(opening)} looks for {opening.positions} {self.job(opening)}"
            case ReviseOpening(opening):
                return f"{self._employer(opening)} revises {self.job(opening)}"
            case FillPosition(opening):
                return f"{self._employer(opening)} has filled {opening.filled + 1} of {opening.positions} {self.job(opening)}"
            case CloseOpening(opening):
                return f"{self._employer(opening)} closes {self.job(opening)}"
            case _:
                return self._learner_move(move)

    def _learner_move(self, move: Move) -> str:
        match move:
            case RegisterLearner(learner):
                awards = _counted(len(learner.awards), "award")
                return f"{_learner(learner)} registers in {self._region(learner.region)} with {awards}"
            case RecordAward(learner, award):
                return f"{_learner(learner)} earns {award.credential}"
            case ChangeAward(learner, award, how):
                return f"{_learner(learner)} {_AWARD_WORDS[how]} {award.credential}"
            case SetConsent(learner, consents):
                return f"{_learner(learner)} {'consents to be matched' if consents else 'withdraws consent'}"
            case MoveLearner(learner, zip_code):
                return f"{_learner(learner)} moves to {zip_code} {load_places().point(zip_code).city}"
            case EraseLearner(learner):
                return f"{_learner(learner)} is erased"
            case _:
                raise TypeError(f"no words for {type(move).__name__}")

    def provider(self, key: str) -> str:
        return self._ids.providers[key].name

    def cell(self, region: str, subject: str) -> str:
        """Such as `CNC milling (level 2) in Cleveland, OH`."""
        return f"{self.subject(subject)} in {self._region(region)}"

    def subject(self, subject: str) -> str:
        kind, _, name = subject.partition(":")
        if kind != "competency":
            return name
        competency, _, level = name.partition("@")
        return f"{self._names.get(competency, competency)} (level {level})"

    def job(self, opening: OpeningDraft) -> str:
        where = "remote" if opening.remote else self._region(opening.region)
        return f"{opening.title.partition(',')[0]}, {where}"

    def _employer(self, opening: OpeningDraft) -> str:
        employer = self._ids.employers.get(opening.employer)
        return employer.name if employer else opening.employer

    def _region(self, code: str) -> str:
        """Its first city and state, such as `Detroit, MI`."""
        name = self._atlas.regions[code].name if code in self._atlas.regions else load_places().region_name(code)
        cities, _, states = name.partition(", ")
        return f"{cities.partition('-')[0]}, {states.partition('-')[0]}" if states else name


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _learner(learner: LearnerDraft) -> str:
    return learner.name.removesuffix(" (synthetic)")
