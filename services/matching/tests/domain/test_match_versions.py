"""Enough is remembered of matches that ended that versions never step back."""

from random import Random

import pytest

from matching.domain.pathways import published
from matching.domain.pathways.published import PathwayRecord, PublishedPathways
from matching.domain.pathways.unlocking import Unlocked
from matching.domain.region import match_versions
from matching.domain.region.match_versions import MatchVersions, Pair, facts_digest
from matching.domain.rules.matches import NO_FACTS, MatchBasis, StoredMatch

BASIS = MatchBasis(1, "00" * 16, "00" * 16)
PAIRS = [(f"job-{number % 7}", f"ann-{number}") for number in range(60)]


def enter(versions: MatchVersions, pair: Pair) -> int:
    return versions.enter(pair, NO_FACTS, facts_digest(NO_FACTS), BASIS).version


def test_versions_of_an_ended_match_grow_by_one_as_long_as_it_is_remembered() -> None:
    versions = MatchVersions([])
    assert [enter(versions, PAIRS[0]), versions.leave(PAIRS[0]).version, enter(versions, PAIRS[0])] == [1, 2, 3]
    versions.forget_ended()
    assert versions.floor == 0


def test_versions_only_grow_whatever_is_forgotten_and_loaded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_versions, "FEWEST_ENDED", 3)
    rng, versions, live, last = Random(7), MatchVersions([]), set[Pair](), dict[Pair, int]()
    for turn in range(3000):
        pair = rng.choice(PAIRS)
        version = versions.leave(pair).version if pair in live else enter(versions, pair)
        live ^= {pair}
        assert version > last.get(pair, 0)
        last[pair] = version
        versions.forget_ended()
        assert versions._ended_count <= max(3, len(live))
        assert (versions._live_count, versions.openings()) == (len(live), {opening_id for opening_id, _ in live})
        if turn % 100 == 99:
            stored = [
                each
                for each in versions.stored()
                if rng.random() < 0.9 or each.facts is not None or each.version > versions.floor
            ]
            versions = MatchVersions(stored, versions.floor)
    assert versions.floor > 0


def test_a_floor_does_not_sink_with_matches_that_began_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a pair that was forgotten with a high version came back with a low one, and no reader took it."""
    monkeypatch.setattr(match_versions, "FEWEST_ENDED", 2)
    versions, (often, *early), late = MatchVersions([]), PAIRS[:4], PAIRS[4:7]
    for pair in (*early, *late):
        enter(versions, pair)
    for _ in range(5):
        enter(versions, often)
        last = versions.leave(often).version
    for ending in (early, late):
        for pair in ending:
            versions.leave(pair)
        versions.forget_ended()
    assert (versions._ended, enter(versions, often) > last) == ({}, True)


def test_a_foreign_version_raises_no_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: one record of a stranger's, and no pair of the region had a version left."""
    for module in (match_versions, published):
        monkeypatch.setattr(module, "FEWEST_ENDED", 1)
    matches = MatchVersions([StoredMatch(*PAIRS[0], 2**62), StoredMatch(*PAIRS[1], 6)])
    matches.forget_ended()
    assert [enter(matches, pair) for pair in PAIRS[:3]] == [2**62 + 1, 7, 7]
    paths = PublishedPathways("17410", [PathwayRecord("ann", 2**62, None), PathwayRecord("bob", 6, None)])
    told = [paths.publish(each, "college", (Unlocked("nims:milling", 1),)) for each in ("ann", "bob", "cy")]
    assert [each.record.version for each in told if each] == [2**62 + 1, 7, 7]


def test_an_opening_without_matches_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_versions, "FEWEST_ENDED", 0)
    versions = MatchVersions([])
    for number in range(1000):
        enter(versions, (f"job-{number}", "ann"))
        versions.leave((f"job-{number}", "ann"))
        versions.forget_ended()
    assert (versions._live, versions._ended, versions.floor) == ({}, {}, 2000)


def test_pathways_that_ended_go_on_above_what_they_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "FEWEST_ENDED", 2)
    pathways, last = PublishedPathways("17410"), dict[str, int]()
    for turn in range(200):
        learner_id = f"ann-{turn * 7 % 10}"
        told = pathways.publish(learner_id, "college", (Unlocked("nims:milling", 1),))
        assert told is not None
        ended = pathways.end(learner_id)
        assert ended is not None
        assert last.get(learner_id, 0) < told.record.version < ended.record.version
        last[learner_id] = ended.record.version
        assert len(pathways._ended) <= 2
    assert PublishedPathways("17410", [PathwayRecord("ann-0", pathways.floor, None)], pathways.floor)._ended == {}
