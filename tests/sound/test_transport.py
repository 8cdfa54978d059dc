"""Play, stop, seek and loop over a player that only remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

from musicassist.sound.transport import Transport


@dataclass
class Tape:
    """A player that writes down what it is told."""

    is_playing: bool = False
    position: float = 0
    said: list[str] = field(default_factory=list)

    def play(self, from_tick: float, *, runs_past_end: bool = False, count_in_bars: int = 0) -> None:
        self.position, self.is_playing = from_tick, True
        self.said.append(f"play {from_tick}{' on' if runs_past_end else ''}")

    def run_past_end(self) -> None:
        self.said.append("on")

    def stop(self) -> None:
        self.is_playing = False
        self.said.append("stop")

    def seek(self, tick: float) -> None:
        self.position = tick
        self.said.append(f"seek {tick}")

    def set_loop(self, start_tick: int, end_tick: int) -> None:
        self.said.append(f"loop {start_tick} {end_tick}")

    def clear_loop(self) -> None:
        self.said.append("no loop")

    def set_metronome(self, *, enabled: bool) -> None:
        self.said.append(f"metronome {enabled}")

    def panic(self) -> None:
        self.said.append("panic")

    def preview(self, pitch: int, velocity: int, channel: int = 0, program: int = 0) -> None:
        self.said.append(f"preview {pitch} {velocity} {channel} {program}")

    def set_live_track(self, channel: int, program: int, output_port: str | None = None) -> None:
        self.said.append(f"live {channel} {program}")

    def position_tick(self) -> float:
        return self.position

    def waiting_ticks(self) -> float:
        return 0


def test_whoever_joins_while_it_plays_keeps_it_going_past_the_end_without_playing_anew() -> None:
    tape = Tape()
    transport = Transport(tape)
    transport.accompany("duet", is_on=True)
    transport.play()
    transport.accompany("duet", is_on=False)
    transport.accompany("duet", is_on=True)
    assert tape.said == ["play 0 on", "on"]


def test_a_loop_on_loan_gives_way_to_the_users_own() -> None:
    tape = Tape()
    transport = Transport(tape)
    transport.set_loop(0, 480)
    transport.lend_loop(960, 1920)
    transport.set_loop(480, 960)
    assert transport.active_loop == (960, 1920)
    transport.give_loop_back()
    transport.give_loop_back()
    assert tape.said == ["loop 0 480", "loop 960 1920", "loop 960 1920", "loop 480 960"]


def test_playing_begins_inside_of_what_is_repeated() -> None:
    tape = Tape()
    transport = Transport(tape)
    transport.set_loop(480, 960)
    transport.play()
    assert tape.position == 0
    tape.position = 2000
    transport.play()
    assert tape.position == 480
    transport.lend_loop(960, 1920)
    transport.play()
    assert tape.position == 960


def test_play_loop_jumps_while_playing_and_starts_while_not() -> None:
    tape = Tape()
    transport = Transport(tape)
    transport.lend_loop(960, 1920)
    transport.play_loop()
    transport.play_loop()
    assert tape.said == ["loop 960 1920", "seek 960", "play 960", "seek 960"]


def test_a_switched_off_loop_is_kept() -> None:
    tape = Tape()
    transport = Transport(tape)
    transport.toggle_loop()
    assert not transport.is_looping
    transport.set_loop(5, 5)
    transport.toggle_loop()
    assert (transport.loop, transport.active_loop) == ((5, 6), None)
    transport.toggle_loop()
    assert transport.active_loop == (5, 6)


def test_each_command_is_told_once() -> None:
    told: list[int] = []
    transport = Transport(Tape(), lambda: told.append(1))
    transport.play(runs_past_end=True)
    transport.stop()
    transport.set_metronome(enabled=True)
    transport.seek(3.6)
    assert len(told) == 4
    assert transport.position_tick() == 4


def test_previews_sound_as_the_selected_track() -> None:
    tape = Tape()
    transport = Transport(tape)
    transport.set_live_track(0, 0)
    transport.set_live_track(3, 40)
    transport.set_live_track(3, 40)
    transport.preview(60, 100)
    assert tape.said == ["live 3 40", "preview 60 100 3 40"]
