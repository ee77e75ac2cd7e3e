"""Lines that a thread of their own writes: whole, in order, all of them."""

from __future__ import annotations

import io
import threading

from fhir_facade.telemetry.lines import Lines


class Gate(io.BytesIO):
    """A stream that takes nothing until it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.opened = threading.Event(), threading.Event()

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.asked.set()
        assert self.opened.wait(10)
        return super().write(data)


def numbered(count: int) -> list[bytes]:
    return [b"%d\n" % number for number in range(count)]


def test_a_caller_does_not_wait_for_the_stream_and_no_line_is_lost_or_out_of_order() -> None:
    stream, lost = Gate(), []
    lines = Lines(stream, lambda: lost.append(1))
    lines.in_background()
    for line in numbered(1_500):
        lines.msg(line)  # the stream is shut: a caller that waited for it would stay here
    assert stream.asked.wait(10)
    stream.opened.set()
    lines.flush()
    assert stream.getvalue().splitlines(keepends=True) == numbered(1_500)
    assert lost == []


def test_a_stream_that_takes_nothing_fills_no_memory() -> None:
    stream, lost = Gate(), []
    lines = Lines(stream, lambda: lost.append(1))
    lines.in_background()
    lines.msg(b"first\n")
    assert stream.asked.wait(10)
    for line in numbered(20_010):
        lines.msg(line)
    assert len(lost) == 10  # the first line is on its way, 20,000 wait
    stream.opened.set()


def test_a_closed_stream_loses_lines_and_says_so() -> None:
    stream, lost = io.BytesIO(), []
    stream.close()
    Lines(stream, lambda: lost.append(1)).msg(b"x\n")
    assert lost == [1]
