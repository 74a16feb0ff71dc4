"""The check of what webhooks got finds what it is for."""

from typing import cast

from tests.faults.receiver import Receiver
from tests.faults.stubborn import Caller


def received(*messages: tuple[int, str, str]) -> list[str]:
    """What is wrong with messages of these positions, subjects and ids, in the order in which they came."""
    receiver = Receiver(cast(Caller, None))
    for position, subject, name in messages:
        body = f'{{"data": {{"position": {position}, "subject": "{subject}"}}}}'
        receiver._note(f"POST /hooks HTTP/1.1\r\nwebhook-id: {name}\r\n\r\n".encode(), body.encode())
    return list(receiver.faults())


def test_repetitions_and_other_subjects_in_between_are_no_fault() -> None:
    assert received((2, "b", "msg_2"), (1, "a", "msg_1"), (1, "a", "msg_1"), (3, "a", "msg_3"), (1, "a", "msg_1")) == []


def test_a_subject_out_of_order_and_a_second_id_are_faults() -> None:
    assert received((2, "a", "msg_2"), (1, "a", "msg_1")) == ["position 1 about a came after 2"]
    assert received((1, "a", "msg_1"), (1, "a", "msg_x")) == ["position 1 came with the ids [b'msg_1', b'msg_x']"]
