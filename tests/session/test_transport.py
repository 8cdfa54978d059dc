"""Play, stop, seek and loop over a player that only remembers."""

from __future__ import annotations

from musicassist.session.transport import Transport
from quiet_sound import QuietSound


def test_whoever_joins_while_it_plays_keeps_it_going_past_the_end_without_playing_anew() -> None:
    sound = QuietSound()
    transport = Transport(sound)  # type: ignore[arg-type]
    transport.play()
    transport.accompany("duet", is_on=True)
    assert sound.runs_past_end
    assert sound.told("play") == [(0,)]


def test_whoever_plays_along_keeps_a_lent_loop_going_past_the_end() -> None:
    sound = QuietSound()
    transport = Transport(sound)  # type: ignore[arg-type]
    for name in ("duet", "recording"):
        transport.accompany(name, is_on=True)
    transport.accompany("duet", is_on=False)
    transport.play_lent_loop(480, 960, 480)
    assert sound.runs_past_end
    transport.accompany("recording", is_on=False)
    transport.play()
    assert not sound.runs_past_end


def test_a_loop_on_loan_gives_way_to_the_users_own() -> None:
    sound = QuietSound()
    transport = Transport(sound)  # type: ignore[arg-type]
    transport.set_loop(0, 480)
    transport.lend_loop(960, 1920)
    transport.set_loop(480, 960)
    assert transport.active_loop == (960, 1920)
    transport.give_loop_back()
    transport.give_loop_back()
    assert sound.said == [("loop", 0, 480), ("loop", 960, 1920), ("loop", 960, 1920), ("loop", 480, 960)]


def test_playing_begins_inside_of_what_is_repeated() -> None:
    sound = QuietSound()
    transport = Transport(sound)  # type: ignore[arg-type]
    transport.set_loop(480, 960)
    transport.play()
    assert sound.position == 0
    sound.position = 2000
    transport.play()
    assert sound.position == 480
    transport.lend_loop(960, 1920)
    transport.play()
    assert sound.position == 960


def test_play_loop_jumps_while_playing_and_starts_while_not() -> None:
    sound = QuietSound()
    transport = Transport(sound)  # type: ignore[arg-type]
    transport.lend_loop(960, 1920)
    transport.play_loop()
    transport.play_loop()
    assert sound.said == [("loop", 960, 1920), ("seek", 960), ("play", 960), ("seek", 960)]


def test_each_place_where_the_playhead_is_put_is_told_before_it_is_there() -> None:
    told: list[tuple[int, float]] = []
    sound = QuietSound(position=7)
    transport = Transport(sound)  # type: ignore[arg-type]
    transport.on_jump.append(lambda tick: told.append((tick, sound.position)))
    transport.seek(-3)
    transport.set_loop(480, 960)
    sound.position = 1000
    transport.play()
    transport.play_lent_loop(0, 1920, 240)
    assert told == [(0, 7), (480, 1000), (240, 480)]


def test_a_switched_off_loop_is_kept() -> None:
    sound = QuietSound()
    transport = Transport(sound)  # type: ignore[arg-type]
    transport.toggle_loop()
    assert not transport.is_looping
    transport.set_loop(5, 5)
    transport.toggle_loop()
    assert (transport.loop, transport.active_loop) == ((5, 6), None)
    transport.toggle_loop()
    assert transport.active_loop == (5, 6)


def test_each_command_is_told_once() -> None:
    told: list[int] = []
    transport = Transport(QuietSound(), lambda: told.append(1))  # type: ignore[arg-type]
    transport.play()
    transport.stop()
    transport.set_metronome(enabled=True)
    transport.seek(3.6)
    assert len(told) == 4
    assert transport.position_tick() == 4


def test_previews_sound_as_the_selected_track() -> None:
    sound = QuietSound()
    transport = Transport(sound)  # type: ignore[arg-type]
    transport.set_live_track(0, 0)
    transport.set_live_track(3, 40)
    transport.set_live_track(3, 40)
    transport.preview(60, 100)
    assert sound.said == [("live_track", 3, 40), ("preview", 60, 100, 3, 40)]


def test_the_playhead_is_where_the_user_put_it_until_it_is_played_or_moved_otherwise() -> None:
    transport = Transport(QuietSound())  # type: ignore[arg-type]
    transport.put_playhead(960.4)
    assert transport.put_tick == 960
    transport.lend_loop(480, 1920)
    transport.play_loop()  # takes are heard in their place
    assert transport.put_tick == 960
    transport.give_loop_back()
    transport.play()
    assert transport.put_tick is None
    transport.put_playhead(480)  # it plays on from there
    assert transport.put_tick is None
    transport.stop()
    transport.put_playhead(480)
    transport.seek(960)
    assert transport.put_tick is None
