"""What is published of a pathway: only what differs, an empty list only after another, an end only of what was published."""

from matching.domain.pathways.published import PathwayRecord, PublishedPathways, digest_of
from matching.domain.pathways.unlocking import Unlocked

REGION = "17410"
MILLING, WELDING = Unlocked("nims:milling", 3), Unlocked("aws:welding", 1)


def told(
    pathways: PublishedPathways, *unlocked: Unlocked, provider: str = "college"
) -> tuple[int, tuple[Unlocked, ...]] | None:
    change = pathways.publish("ann", provider, unlocked)
    return None if change is None else (change.record.version, change.unlocked)


def test_only_a_changed_list_is_published() -> None:
    pathways = PublishedPathways(REGION)
    assert told(pathways, MILLING) == (1, (MILLING,))
    assert told(pathways, MILLING) is None
    assert told(pathways, Unlocked(MILLING.credential, 4)) == (2, (Unlocked(MILLING.credential, 4),))
    assert told(pathways, WELDING, MILLING) == (3, (WELDING, MILLING))


def test_an_empty_list_is_published_after_one_that_was_not() -> None:
    pathways = PublishedPathways(REGION)
    assert told(pathways) is None
    assert told(pathways, MILLING) == (1, (MILLING,))
    assert told(pathways) == (2, ())
    assert told(pathways) is None


def test_a_new_provider_is_published_although_the_list_is_the_same() -> None:
    pathways = PublishedPathways(REGION)
    told(pathways, MILLING)
    assert told(pathways, MILLING, provider="academy") == (2, (MILLING,))


def test_a_list_that_names_another_opening_is_published_again() -> None:
    pathways = PublishedPathways(REGION)
    first, second = (Unlocked(MILLING.credential, 3, (opening_id,)) for opening_id in ("first", "second"))
    assert told(pathways, first) == (1, (first,))
    assert told(pathways, first) is None
    assert told(pathways, second) == (2, (second,))


def test_a_list_without_names_counts_as_the_same_until_it_says_something_else() -> None:
    """Guards: the first sweep after an upgrade would otherwise publish every list."""
    pathways = PublishedPathways(REGION, [PathwayRecord("ann", 4, digest_of("college", [MILLING]))])
    named = Unlocked(MILLING.credential, MILLING.unlocked, ("first",))
    assert told(pathways, named) is None
    fewer = Unlocked(MILLING.credential, 2, ("first",))
    assert told(pathways, fewer) == (5, (fewer,))
    assert told(pathways, named) == (6, (named,))


def test_an_end_is_published_once_and_versions_continue_after_it() -> None:
    pathways = PublishedPathways(REGION)
    assert pathways.end("ann") is None
    told(pathways, MILLING)
    ended = pathways.end("ann")
    assert ended is not None
    assert (ended.record, ended.provider_id, ended.unlocked) == (PathwayRecord("ann", 2, None), None, ())
    assert pathways.end("ann") is None
    assert told(pathways) is None
    assert told(pathways, MILLING) == (3, (MILLING,))


def test_published_pathways_continue_from_what_is_stored() -> None:
    pathways = PublishedPathways(
        REGION,
        [PathwayRecord("ann", 4, digest_of("college", [MILLING])), PathwayRecord("bob", 2, None)],
    )
    assert [*pathways.listed()] == ["ann"]
    assert told(pathways, MILLING) is None
    assert told(pathways, WELDING) == (5, (WELDING,))
    assert pathways.end("bob") is None
