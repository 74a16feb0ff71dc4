"""Two definitions of one name: pointed out to proposer and operator, and published only when that is accepted."""

import pytest

from learners.domain.catalog import CredentialDefinition
from learners.domain.catalog_namesakes import Namesake, namesakes

from .conftest import Caller, Published
from .samples import accepted, definition, refused

SENSE = CredentialDefinition("aws:sense-1", "SENSE Level I, Entry Welder", "American Welding Society", ("Entry Welder",))
PROPOSALS = "/v1/catalog/proposals"
TWIN = {"id": "example:sense-again", "issuer": "American Welding Society", "confers": [], "training_weeks": 4}


@pytest.mark.parametrize(
    ("name", "aliases", "found"),
    [
        ("SENSE Level I, Entry Welder", (), [("name", "SENSE Level I, Entry Welder")]),
        ("Sense level i - entry welder", (), [("name", "SENSE Level I, Entry Welder")]),
        ("Welder One", ("ENTRY-WELDER",), [("aliases.0", "Entry Welder")]),
        ("SENSE Level II, Entry Welder", (), []),
    ],
)
def test_names_and_aliases_of_one_issuer_are_compared(
    name: str, aliases: tuple[str, ...], found: list[tuple[str, str]]
) -> None:
    new = CredentialDefinition("example:new", name, SENSE.issuer, aliases)
    assert namesakes(new, [SENSE]) == tuple(Namesake(field, SENSE.id, theirs) for field, theirs in found)


def test_another_issuers_names_are_its_own_and_nobody_is_a_namesake_of_itself() -> None:
    elsewhere = CredentialDefinition("example:new", SENSE.name, "Welding Council")
    assert namesakes(elsewhere, [SENSE]) == ()
    assert namesakes(SENSE, [SENSE]) == ()


def test_an_issuer_that_is_spelled_a_little_differently_is_the_same() -> None:
    new = CredentialDefinition("example:new", "Welder One", "American Welding Society.")
    assert namesakes(new, [SENSE]) == (Namesake("issuer", SENSE.id, SENSE.issuer),)


async def test_a_proposal_of_a_known_name_is_approved_only_when_that_is_accepted(
    york: Caller, operator: Caller, published: Published
) -> None:
    existing = accepted(await york.get("/v1/catalog/credentials/aws:sense-1"))
    made = await york.post(PROPOSALS, definition(**TWIN | {"name": existing["name"].upper()}))
    assert [(each["field"], each["rule"]) for each in accepted(made)["warnings"]] == [("name", "same_name")]
    path = made.headers["Location"]
    shown = accepted(await operator.get(path))["same_names"]
    assert shown == [{"field": "name", "credential": "aws:sense-1", "name": existing["name"]}]
    foreign = {"accept_foreign": True}
    assert refused(await operator.change("POST", f"{path}/approval", 1, foreign), 422) == [("accept_same_name", "same_name")]
    assert await published.kinds() == []
    approved = await operator.change("POST", f"{path}/approval", 1, foreign | {"accept_same_name": True})
    assert accepted(approved)["status"] == "approved"
    assert await published.kinds() == ["CredentialDefined"]


async def test_an_operator_who_defines_a_known_name_is_warned(operator: Caller) -> None:
    twin = definition(name="Sense Level I - Entry Welder", issuer="American Welding Society")
    made = accepted(await operator.send("PUT", "/v1/catalog/credentials/example:sense-again", json=twin))
    assert [(each["field"], each["rule"]) for each in made["warnings"]] == [("name", "same_name")]


async def test_an_operator_is_warned_of_a_provider_of_the_same_name(operator: Caller) -> None:
    first = accepted(await operator.post("/v1/providers", {"name": "Harford Tech"}))
    second = accepted(await operator.post("/v1/providers", {"name": "HARFORD TECH."}))
    assert (first["warnings"], second["warnings"][0]["rule"]) == ([], "same_name")
    assert first["provider_id"] in second["warnings"][0]["detail"]


async def test_an_operator_is_warned_of_a_competency_of_the_same_name(operator: Caller) -> None:
    address = "/v1/catalog/competencies/york.mechatronics"
    made = accepted(await operator.send("PUT", address, json={"name": "Mechatronic-Systems"}))
    [warning] = made["warnings"]
    assert (warning["field"], warning["rule"]) == ("name", "same_name")
    assert "automation.mechatronics" in warning["detail"]
    renamed = await operator.send("PUT", address, json={"name": "York systems"}, headers={"If-Match": '"1"'})
    assert accepted(renamed)["warnings"] == []
