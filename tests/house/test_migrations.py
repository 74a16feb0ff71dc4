"""The migrations of every service: they end with the tables that the code declares, and keep what older versions stored."""

import json
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from makersync.store.database import Store
from makersync.store.migrations import config, migrate

SERVICES = ("openings", "learners", "matching")
RENAMED_TABLES = [("openings", "0006", "match_tally", "match_counts"), ("learners", "0012", "signal_tally", "signal_counts")]
COUNTS = {
    "match_tally": "INSERT INTO match_tally (partition, proposed, revised, withdrawn) VALUES (3, 5, 2, 1)",
    "signal_tally": "INSERT INTO signal_tally (partition, kind, total) VALUES (3, 'SignalRaised', 5)",
}


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store(database_url)
    yield store
    await store.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_migrated_database_has_the_tables_that_the_code_declares(store: Store, service: str) -> None:
    await migrate(store, service)
    declared: list[MetaData] = import_module(f"{service}.bootstrap").definition().metadata

    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), declared))

    async with store.connection() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize(("service", "before", "old", "new"), RENAMED_TABLES)
async def test_renamed_tables_keep_their_rows(store: Store, service: str, before: str, old: str, new: str) -> None:
    await at_revision(store, service, before)
    await run(store, COUNTS[old])
    rows = await run(store, f"SELECT * FROM {old}")
    await migrate(store, service)
    assert await run(store, f"SELECT * FROM {new}") == rows
    await at_revision(store, service, before, command.downgrade)
    assert await run(store, f"SELECT * FROM {old}") == rows


async def test_an_opening_keeps_the_closing_date_whose_expiry_was_announced(store: Store) -> None:
    await at_revision(store, "openings", "0006")
    await run(store, "INSERT INTO employer VALUES ('emp_1', 'Bolt', '2026-11-22')")
    await run(
        store,
        "INSERT INTO opening (opening_id, employer_id, version, groups_version, region, title, remote, positions, filled, "
        "closes_on, shifts, groups, status, expiry_told, published_at, changed_at) VALUES ('opn_1', 'emp_1', 2, 1, '17410', "
        "'Machinist', false, 1, 0, '2026-11-20', '[]', '[]', 'open', '2026-11-20', '2026-11-01', '2026-11-21')",
    )
    await migrate(store, "openings")
    assert await run(store, "SELECT CAST(expiry_announced_for AS VARCHAR) FROM opening") == [("2026-11-20",)]
    await at_revision(store, "openings", "0006", command.downgrade)
    assert await run(store, "SELECT CAST(expiry_told AS VARCHAR) FROM opening") == [("2026-11-20",)]


async def test_stored_policies_keep_their_meaning_and_the_live_one_gets_a_next_version(store: Store) -> None:
    await at_revision(store, "matching", "0009")
    for version, openings in ((1, 5), (4, 6)):
        numbers = f'{{"version": {version}, "guard_openings": {openings}}}'
        await run(store, f"INSERT INTO policy (version, document, applied_at) VALUES ({version}, '{numbers}', '2026-11-22')")
    await migrate(store, "matching")
    assert await policies(store) == {
        1: {"version": 1, "guard_openings": 5, "guard_employer_share": 1000},
        4: {"version": 4, "guard_openings": 6, "guard_employer_share": 1000},
        5: {"version": 5, "guard_openings": 6, "guard_employer_share": 667},
    }
    [(action, subject, changed)] = await run(store, "SELECT action, subject, CAST(detail AS VARCHAR) FROM audit")
    assert (action, subject, json.loads(changed)) == ("policy_applied", "policy/5", {"guard_employer_share": [1000, 667]})
    await at_revision(store, "matching", "0009", command.downgrade)
    assert (await policies(store))[5] == {"version": 5, "guard_openings": 6}


async def test_where_no_policy_was_applied_none_is_stored(store: Store) -> None:
    await at_revision(store, "matching", "0009")
    await migrate(store, "matching")
    assert await policies(store) == {}
    assert await run(store, "SELECT * FROM audit") == []


async def test_a_stored_signal_is_kept_without_the_fields_of_version_2_of_the_rules(store: Store) -> None:
    await at_revision(store, "learners", "0013")
    await run(
        store,
        "INSERT INTO signal (region, subject, version, subject_kind, kind, level, demand, openings, employers, supply, "
        "supply_home, pipeline, blocked, tightness, top_credentials, policy_version, day, at) VALUES ('17410', "
        "'credential:mill', 3, 'credential', 'ShortageRaised', 'severe', 9000, 7, 4, 1, 1, 2, 5, 3666, '[]', 1, '2026-11-22', "
        "'2026-11-22')",
    )
    await migrate(store, "learners")
    shown = "SELECT version, level, demand, tightness, employer_share, tightness_ahead, level_ahead FROM signal"
    assert await run(store, shown) == [(3, "severe", 9000, 3666, None, None, None)]


async def policies(store: Store) -> dict[int, Any]:
    rows = await run(store, "SELECT version, CAST(document AS VARCHAR) FROM policy ORDER BY version")
    return {version: json.loads(document) for version, document in rows}


async def test_providers_are_concerned_by_the_regions_of_their_earlier_learners_and_cohorts(store: Store) -> None:
    await at_revision(store, "learners", "0014")
    learner = (
        "INSERT INTO learner VALUES ('lrn_{}', 'prv_{}', '17401', '{}', 5, false, true, NULL, true, NULL, '[]', NULL, '[]', 1)"
    )
    for number, provider, region in ((1, 1, "49620"), (2, 1, "49620"), (3, 2, "49620"), (4, 2, "29540")):
        await run(store, learner.format(number, provider, region))
    await run(
        store,
        "INSERT INTO cohort (cohort_id, provider_id, credential, region, seats, enrolled, starts_on, ends_on, cancelled, "
        "version) VALUES ('coh_1', 'prv_1', 'osha:10', 'remote', 5, 0, '2027-01-04', '2027-03-26', true, 2)",
    )
    await migrate(store, "learners")
    assert await run(store, "SELECT provider_id, region FROM provider_region ORDER BY provider_id, region") == [
        ("prv_1", "49620"),
        ("prv_1", "remote"),
        ("prv_2", "29540"),
        ("prv_2", "49620"),
    ]


async def test_persons_who_were_registered_before_are_found(store: Store) -> None:
    await at_revision(store, "learners", "0027")
    rest = "5, false, true, NULL, true, NULL, '[]', NULL, '[]', 1"
    row = "INSERT INTO learner VALUES ('lrn_{}', 'prv_1', '17401', '49620', {})"
    person = "INSERT INTO person (learner_id, name, email, phone) VALUES ('lrn_{}', '{}', {}, NULL)"
    for number, name, email in ((1, "José Mary-Ann", "'ja@x.example'"), (2, "王", "NULL")):
        await run(store, row.format(number, rest))
        await run(store, person.format(number, name, email))
    await migrate(store, "learners")
    assert await run(
        store, "SELECT learner_id, term FROM person_term WHERE provider_id = 'prv_1' ORDER BY learner_id, term"
    ) == [
        ("lrn_1", "ann"),
        ("lrn_1", "jaxexample"),
        ("lrn_1", "jose"),
        ("lrn_1", "mary"),
        ("lrn_1", "maryann"),
        ("lrn_2", "王"),
    ]


async def test_what_was_in_the_catalog_before_is_found_by_its_words(store: Store) -> None:
    await at_revision(store, "openings", "0019")
    await run(store, "INSERT INTO catalog_competency VALUES ('machining.cnc', 1, 'Fräsen', 'machining.cnc\nfräsen')")
    await migrate(store, "openings")
    assert await run(store, "SELECT scope, term, id FROM search_term ORDER BY term") == [
        ("competency", term, "machining.cnc") for term in ("cnc", "frasen", "machining")
    ]


async def test_the_issuers_of_the_catalog_are_compared_as_names_are(store: Store) -> None:
    """Guards: a proposal with the name of an older definition would be approved without a warning."""
    await at_revision(store, "learners", "0034")
    row = "INSERT INTO credential (id, issuer_key, definition, version) VALUES ('a', 'a', '{0}', 1)"
    await run(store, row.format(json.dumps({"issuer": "École-York 1"}).replace(":", r"\:")))
    await migrate(store, "learners")
    assert await run(store, "SELECT issuer_like FROM credential") == [("ecoleyork1",)]


async def at_revision(store: Store, service: str, revision: str, move: Callable[..., None] = command.upgrade) -> None:
    settings = config(service)

    def moved(connection: Connection) -> None:
        settings.attributes["connection"] = connection
        move(settings, revision)

    async with store.connection() as connection:
        await connection.run_sync(moved)


async def run(store: Store, statement: str) -> list[tuple[Any, ...]]:
    async with store.engine.begin() as connection:
        result = await connection.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []
