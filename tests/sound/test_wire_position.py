"""The shared position: what is written is read, and a frame between two writings is interpolated."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicassist.sound.wire import BOARD_BYTES, Position, PositionBoard


def test_a_reader_sees_what_the_writer_wrote(tmp_path: Path) -> None:
    writer, reader = PositionBoard(tmp_path / "board"), PositionBoard(tmp_path / "board")
    position = Position(3, 480.5, 960.0, 12.25, 0.0, 1920.0, 12.5)
    writer.write(position)
    assert reader.read() == position
    writer.close()
    reader.close()


def test_a_half_written_position_is_never_returned(tmp_path: Path) -> None:
    board = PositionBoard(tmp_path / "board")
    board.write(Position(1, 100.0))
    assert board.read().tick == 100.0
    data = bytearray((tmp_path / "board").read_bytes())
    data[10] ^= 0xFF
    assert len(data) == BOARD_BYTES
    (tmp_path / "board").write_bytes(data)
    assert board.read() == Position(1, 100.0)
    board.close()


def test_the_position_moves_on_between_writings_and_wraps_in_the_loop() -> None:
    playing = Position(tick=900, ticks_per_second=1000, at_seconds=5.0, loop_start_tick=500, loop_end_tick=1000)
    assert playing.tick_at(5.05) == pytest.approx(950)
    assert playing.tick_at(5.15) == pytest.approx(550)
    assert playing.tick_at(5.65) == pytest.approx(550)
    assert playing.tick_at(4.0) == 900


def test_beyond_the_loop_it_goes_straight_on() -> None:
    beyond = Position(tick=1200, ticks_per_second=1000, loop_start_tick=500, loop_end_tick=1000)
    assert beyond.tick_at(1.0) == 2200


def test_a_place_that_waits_begins_to_move_by_itself() -> None:
    position = Position(tick=480.0, ticks_per_second=960.0, at_seconds=10.0, waiting_ticks=96.0)
    assert [position.tick_at(seconds) for seconds in (10.0, 10.1, 10.2)] == pytest.approx([480.0, 480.0, 576.0])
    assert [position.waiting_at(seconds) for seconds in (10.0, 10.05, 10.2)] == pytest.approx([96.0, 48.0, 0.0])
