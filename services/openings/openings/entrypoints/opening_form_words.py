"""What a form asks for, with the names of the catalog, and what a search of the catalog finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.vocabulary import Necessity
from openings.adapters.catalog_repository import CatalogCopyRepository
from openings.entrypoints.opening_form import TypedAlternative, TypedGroup, TypedOpening
from reference.occupations import load_occupations

#: Findings of each kind that are shown: whoever wants others types more.
_MOST_FOUND = 8
#: One letter alone finds nearly everything.
_SHORTEST_SEARCH = 2


@dataclass(frozen=True, slots=True)
class CatalogNames:
    """The names of the credentials and competencies of a form, by id."""

    credentials: Mapping[str, str]
    competencies: Mapping[str, str]

    def of(self, wanted: TypedAlternative) -> str:
        if wanted.credential:
            return self.credentials.get(wanted.credential, wanted.credential)
        return self.competencies.get(wanted.competency, wanted.competency)

    def in_words(self, wanted: TypedAlternative) -> str:
        return f"{self.of(wanted)} at level {wanted.level} or above" if wanted.competency else self.of(wanted)


@dataclass(frozen=True, slots=True)
class Clause:
    """One requirement of the sentence: any of `any_of` meets it, in words."""

    any_of: Sequence[str]
    verified_only: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """Something of the catalog. `step` is what the form is told to add it."""

    step: str
    name: str
    said: str


async def names_of(session: AsyncSession, typed: TypedOpening) -> CatalogNames:
    wanted = [each for group in typed.groups for each in group.any_of]
    catalog = CatalogCopyRepository(session)
    credentials = await catalog.credential_names({each.credential for each in wanted if each.credential})
    return CatalogNames(credentials, await catalog.competency_names({each.competency for each in wanted if each.competency}))


def clauses_of(groups: Sequence[TypedGroup], names: CatalogNames) -> Mapping[str, Sequence[Clause]]:
    """What the sentence is made of, by necessity. A group without alternatives says nothing yet."""
    return {
        necessity.value: [
            Clause([names.in_words(each) for each in group.any_of], group.verified_only)
            for group in groups
            if group.necessity == necessity and group.any_of
        ]
        for necessity in Necessity
    }


async def find_for_group(session: AsyncSession, words: str, index: int) -> Sequence[Finding] | None:
    """Credentials, then competencies, in which words begin with each of these; None when there is too little to search for."""
    if sum(map(str.isalnum, words)) < _SHORTEST_SEARCH:
        return None
    catalog = CatalogCopyRepository(session)
    credentials = await catalog.credentials_beginning(words, _MOST_FOUND)
    competencies = await catalog.competencies_beginning(words, _MOST_FOUND)
    return [
        *(Finding(f"add:{index}:credential:{row.id}", row.name, f"credential of {row.issuer}") for row in credentials),
        *(Finding(f"add:{index}:competency:{row.id}", row.name, "competency") for row in competencies),
    ]


def find_occupation(words: str) -> Sequence[Finding] | None:
    """Occupations with every word in their title; None where there is too little, or a code already."""
    if len(words.strip()) < _SHORTEST_SEARCH or load_occupations().title(words.strip()):
        return None
    found = load_occupations().named(words, _MOST_FOUND)
    return [Finding(f"occupation:{code}", title, code) for code, title in found]
