"""What is told of a pathway: only what differs, an empty list only after another, an end only of what was told."""

from matching.domain.pathways.published import PathwayRecord, PublishedPathways, digest_of
from matching.domain.pathways.unlocking import Unlocked

REGION = "17410"
MILLING, WELDING = Unlocked("nims:milling", 3), Unlocked("aws:welding", 1)


def told(book: PublishedPathways, *unlocked: Unlocked, provider: str = "college") -> tuple[int, tuple[Unlocked, ...]] | None:
    change = book.tell("ann", provider, unlocked)
    return None if change is None else (change.record.version, change.unlocked)


def test_only_a_changed_list_is_told() -> None:
    book = PublishedPathways(REGION)
    assert told(book, MILLING) == (1, (MILLING,))
    assert told(book, MILLING) is None
    assert told(book, Unlocked(MILLING.credential, 4)) == (2, (Unlocked(MILLING.credential, 4),))
    assert told(book, WELDING, MILLING) == (3, (WELDING, MILLING))


def test_an_empty_list_is_told_where_there_was_one() -> None:
    book = PublishedPathways(REGION)
    assert told(book) is None
    assert told(book, MILLING) == (1, (MILLING,))
    assert told(book) == (2, ())
    assert told(book) is None


def test_another_provider_is_told_although_the_list_is_the_same() -> None:
    book = PublishedPathways(REGION)
    told(book, MILLING)
    assert told(book, MILLING, provider="academy") == (2, (MILLING,))


def test_an_end_is_told_once_and_versions_go_on_after_it() -> None:
    book = PublishedPathways(REGION)
    assert book.end("ann") is None
    told(book, MILLING)
    ended = book.end("ann")
    assert ended is not None
    assert (ended.record, ended.provider_id, ended.unlocked) == (PathwayRecord("ann", 2, None), None, ())
    assert book.end("ann") is None
    assert told(book) is None
    assert told(book, MILLING) == (3, (MILLING,))


def test_a_book_goes_on_from_what_is_stored() -> None:
    book = PublishedPathways(
        REGION,
        [PathwayRecord("ann", 4, digest_of("college", [MILLING])), PathwayRecord("bob", 2, None)],
    )
    assert [*book.listed()] == ["ann"]
    assert told(book, MILLING) is None
    assert told(book, WELDING) == (5, (WELDING,))
    assert book.end("bob") is None
