"""The composing engine: a request in, takes out. Used by one thread at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from musicassist.composing.composed import HELPERS, WeightsFile, weights_file, with_composed
from musicassist.composing.critic import Before, best_of, scores_of, shipped_critic
from musicassist.composing.family import Families, IsCancelled, Loaded, OnNote
from musicassist.composing.kept_notes import differing, passages, with_accents, with_pinned
from musicassist.composing.leaning import Expecting, Lean, Leaning, leaned_scores, likeness
from musicassist.composing.melody_takes import MelodyTake, Sampler, compose
from musicassist.composing.melody_task import MelodyTask, melody_task
from musicassist.composing.note_history import SeedMemory
from musicassist.composing.outline import Row
from musicassist.composing.plan_following import PlanGuide
from musicassist.composing.planning import PLANNED, plan_request, with_plans
from musicassist.composing.predictor import Predictor
from musicassist.composing.request import GenerationRequest, Take
from musicassist.composing.seed_reading import ReadingCancelled, never
from musicassist.composing.span import request_amends
from musicassist.composing.take_plan import TakePlan
from musicassist.composing.training_music import FILE_NAME, NUMBERED_LICENCE, TrainingMusic, training_music_in
from musicassist.disk import is_there
from musicassist.errors import QT_TRANSLATE_NOOP, CheckpointError, ConstraintError, MusicAssistError
from musicassist.models.cards import ModelCard, read_card
from musicassist.models.weights import open_weights
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Note, Notes
from musicassist.tokens.grammar import MAX_COPY

OnProgress = Callable[[float], None]
_NO_MODEL = QT_TRANSLATE_NOOP("Errors", "There is no model named {name}. Installed: {known}.")
_PROGRESS_STEP = 0.02
MAX_ROUNDS = 6  # LIMIT: so often takes are composed anew in place of those that are refused
_ROUND_SEED = 1_000_003  # from one round to the next, so that requests with seeds side by side have other rounds
log = logging.getLogger(__name__)


class GenerationCancelled(Exception):
    """The work was stopped because somebody asked for it."""


class Engine:
    """Holds the models that were used; loads each at its first use.

    Args:
        folder: Where the checkpoints lie.
        families: Those whose models it can load.
    """

    def __init__(self, folder: Path, families: Families) -> None:
        self.folder = folder
        self.families = families
        self._loaded: dict[str, Loaded] = {}

    def models(self) -> tuple[ModelCard, ...]:
        """The cards of the installed models."""
        return self.families.installed(self.folder)

    def ready(self, name: str) -> Loaded:
        """A model with what its predictors need, loaded if need be; for measuring."""
        self.load(name)
        return self._loaded[name]

    def load(self, name: str) -> None:
        """Loads a model, and the models that its card names as its parts.

        Raises:
            CheckpointError: It is missing, damaged or of another vocabulary.
        """
        if name not in self._loaded:
            self._loaded[name] = self._load(name, may_have_parts=True)

    def _load(self, name: str, *, may_have_parts: bool) -> Loaded:
        path = self.folder / f"{name}.safetensors"
        if "/" in name or "\\" in name or not is_there(path):
            known = ", ".join(card.name for card in self.models()) or "none"
            raise CheckpointError(_NO_MODEL, name=name, known=known)
        card = read_card(path.with_suffix(".json"))
        family = self.families.family(card.variant)
        decoding = family.decoding()
        if card.vocabulary != decoding.vocabulary():
            raise CheckpointError(
                QT_TRANSLATE_NOOP(
                    "Errors",
                    "The model {file} was made for another version of musicassist. Install or train a new one.",
                ),
                file=path,
            )
        names = card.config.get("parts", {}) if may_have_parts else {}
        with open_weights(path) as weights:
            model = decoding.model(card.config, weights)
            if not isinstance(names, dict) or not all(isinstance(part, str) for part in names.values()):
                raise ValueError("parts that are none")
        parts = {role: self._load(part, may_have_parts=False) for role, part in names.items()}
        if not decoding.fits(parts):
            raise CheckpointError(
                QT_TRANSLATE_NOOP("Errors", "The model {name} names a part that it cannot be mixed with."),
                name=card.name,
            )
        return Loaded(family, card, model, path, SeedMemory(), parts)

    def training_music(self) -> TrainingMusic | None:
        """The index of what the models of the folder learned from; None where there is none that can be read.

        It is read when it is asked for first, which takes a third of a second.
        """
        try:
            return training_music_in(self.folder)
        except CheckpointError as error:
            log.warning("%s", error)
            return None

    def generate(
        self,
        request: GenerationRequest,
        *,
        on_note: OnNote | None = None,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
    ) -> tuple[Take, ...]:
        """The takes that were asked for.

        Args:
            request: What is wanted.
            on_note: Told of each note: the take's number (from 1) and the note. It is told as soon as the note is made
                or, where the critic chooses, when it has chosen.
            on_progress: Told in small steps which share of all is composed, 0..1, where no notes are told meanwhile.
            is_cancelled: Asked while the seed is read, and before each note.

        Raises:
            SeedError: There is nothing to continue.
            ConstraintError: The demands cannot be met together.
            CheckpointError: The model cannot be loaded, or does not serve what is asked.
            GenerationCancelled: ``is_cancelled`` said so.
        """
        on_note, is_cancelled = on_note or _unheard, is_cancelled or never
        takes = self._takes(request, on_note, on_progress, is_cancelled)
        weights = self.weights_of(request)
        return tuple(with_composed(take, request, weights) for take in takes)

    def weights_of(self, request: GenerationRequest) -> tuple[WeightsFile, ...]:
        """The files that have a say in the takes of a request whose model is loaded, the model's own first."""
        ready = self._loaded[request.model]
        paths = [ready.path, *(part.path for part in ready.parts.values())]
        paths += [checkpoints_folder() / f"{name}.safetensors" for name in HELPERS]
        if request.constraints.new_to_training:
            paths.append(self.folder / FILE_NAME)
        return tuple(own for own in map(weights_file, dict.fromkeys(paths)) if own is not None)

    def _takes(
        self, request: GenerationRequest, on_note: OnNote, on_progress: OnProgress | None, is_cancelled: IsCancelled
    ) -> tuple[Take, ...]:
        if request.constraints.new_to_training:
            takes = self._new_to_training(request, on_progress, is_cancelled)
            _tell(takes, on_note)
            return takes
        takes = self._composed(request, on_note, on_progress, is_cancelled)
        music = self.training_music()
        return takes if music is None else tuple(self._with_evidence(take, request.model, music) for take in takes)

    def _new_to_training(
        self, request: GenerationRequest, on_progress: OnProgress | None, is_cancelled: IsCancelled
    ) -> tuple[Take, ...]:
        """Takes below the line; in place of those above it others are composed, and in the end there may be fewer."""
        music = self.training_music()
        if music is None:
            raise ConstraintError(
                QT_TRANSLATE_NOOP(
                    "Errors",
                    "There is no index of the music that {model} learned from, so nothing can be compared with it. Do "
                    "without 'only new against the training music'.",
                ),
                model=request.model,
            )
        kept: dict[int, Take] = {}
        for round_ in range(MAX_ROUNDS):
            asked = replace(request, seed=request.seed + round_ * _ROUND_SEED)
            for take in self._composed(asked, _unheard, on_progress if not round_ else None, is_cancelled, music):
                judged = self._with_evidence(take, request.model, music)
                number = len(kept) + 1 if request.is_chosen_from else take.number
                if not _is_above(judged) and number <= request.takes:
                    kept.setdefault(number, replace(judged, seed=request.seed))
            if len(kept) == request.takes:
                break
        if not kept:
            raise ConstraintError(
                QT_TRANSLATE_NOOP(
                    "Errors",
                    "Each take of {model} has more in common with the training music than 95 % of human pieces. Ask "
                    "for more surprise, other bars or another seed.",
                ),
                model=request.model,
            )
        return tuple(replace(kept[old], number=new) for new, old in enumerate(sorted(kept), 1))

    def _with_evidence(self, take: Take, model: str, music: TrainingMusic) -> Take:
        """With what it shares with the music that its model has read."""
        licences = self.ready(model).card.data.get("licence classes")
        has_read_all = not isinstance(licences, list) or NUMBERED_LICENCE in licences
        return replace(take, evidence=music.evidence_of(take.notes, with_numbered=has_read_all))

    def _composed(
        self,
        request: GenerationRequest,
        on_note: OnNote,
        on_progress: OnProgress | None,
        is_cancelled: IsCancelled,
        music: TrainingMusic | None = None,
    ) -> tuple[Take, ...]:
        """The takes of a request; with an index, the critic chooses among those below its line."""
        task = melody_task(request)
        ready = self.ready(request.model)
        if request.kind not in ready.card.verbs:
            raise self.families.unserved(ready.card, request.kind, self.models())
        told_share = 0.0

        def tell_share(share: float) -> None:
            nonlocal told_share
            if on_progress is not None and request.is_chosen_from and share >= told_share + _PROGRESS_STEP:
                told_share = share
                on_progress(share)

        tell_note = _unheard if request.is_chosen_from else on_note
        composer = ready.family.decoding().composer
        if composer is not None:
            if request.is_reroll:
                raise ConstraintError(
                    QT_TRANSLATE_NOOP("Errors", "{model} composes whole bars. Choose another model for notes of them."),
                    model=request.model,
                )
            made = composer(ready, request, task, tell_note, tell_share, is_cancelled)
            rows: Sequence[Sequence[Row]] = [tuple(task.grid.melody(take.notes)) for take in made or ()]
            made = made and tuple(with_pinned(take, request) for take in made)
        elif request.has_parts:
            raise self.families.writes_line(ready.card, self.models())
        else:
            made, rows = _lines(ready, request, task, tell_note, tell_share, is_cancelled)
        if made is None:
            raise GenerationCancelled
        phrase = tuple(task.known_phrase)
        made = tuple(replace(own, likeness=likeness(phrase, line)) for own, line in zip(made, rows, strict=True))
        if not request.is_chosen_from:
            return made
        if request.is_reroll:
            made = tuple(with_accents(take, request) for take in made)
            places = differing(request, made)
            made, rows = tuple(made[place] for place in places), [rows[place] for place in places]
        if on_progress is not None:
            on_progress(1.0)  # an open end may be a rest
        if music is not None:
            judged = [self._with_evidence(take, request.model, music) for take in made]
            new = [place for place, take in enumerate(judged) if not _is_above(take)]
            made, rows = tuple(made[place] for place in new), [rows[place] for place in new]
        is_judged = request.keep != "notes"
        takes = tuple(
            replace(
                made[place],
                number=number,
                chosen_from=request.composed if is_judged else 0,
                ranked_by="critic" if is_judged else "",
            )
            for number, place in enumerate(_chosen(request, task, made, rows), 1)
        )
        _tell(takes, on_note)
        return takes

    def read_ahead(self, request: GenerationRequest, is_cancelled: Callable[[], bool]) -> None:
        """Reads the seed of a request that may come, so that the first note comes sooner; else it changes nothing.

        A model that is not loaded, or that does not serve it, reads nothing, and so does one without a seed to read.

        Args:
            request: What may be asked for.
            is_cancelled: Asked while the seed is read; what was read till then is kept.
        """
        ready = self._loaded.get(request.model)
        if ready is None or not ready.reads_notes or request.kind not in ready.card.verbs or is_cancelled():
            return
        with suppress(MusicAssistError, ReadingCancelled):  # who asks in earnest is told
            task = melody_task(request)
            if request.kind in PLANNED:
                plan_request(task)  # what it finds in the seed is kept
            ready.note_reader().begin(task.passage, (np.random.default_rng(0),), is_cancelled)


def _unheard(_number: int, _note: Note) -> None:
    """What nobody is told of."""


def _tell(takes: Sequence[Take], on_note: OnNote) -> None:
    """Tells of all notes of takes that are done."""
    for take in takes:
        for note in take.notes:
            on_note(take.number, note)


def _is_above(take: Take) -> bool:
    return take.evidence is not None and take.evidence.is_above


def _lines(
    ready: Loaded,
    request: GenerationRequest,
    task: MelodyTask,
    on_note: OnNote,
    on_share: OnProgress,
    is_cancelled: IsCancelled,
) -> tuple[tuple[Take, ...] | None, Sequence[Sequence[Row]]]:
    """The takes of a model that writes one line, and their notes on the grid; None where it was cancelled."""
    plans: tuple[TakePlan, ...] = ()
    if ready.reads_notes and request.kind in PLANNED and not request.is_reroll:
        task, plans = with_plans(task, request, request.composed)
    tends_to = task.key if request.constraints.scale_strength == "tend" else None
    lean = Lean(tends_to, request.closeness, task.known_phrase) if tends_to is not None or request.closeness else None
    demands = task.passage.demands
    reached = np.full(request.composed, demands.from_step)

    def tell(index: int, row: Row) -> None:
        on_note(index + 1, task.note(row))
        reached[index] = row[0] + row[2]
        share = (reached.mean() - demands.from_step) / (demands.to_step - demands.from_step)
        on_share(float(np.clip(share, 0, 1)))

    composed: list[tuple[MelodyTake, float | None]] = []
    for first, own, count in passages(task.passage, task.key, request):
        expecting = Expecting(ready.predictor(replace(task, passage=own), request))
        predictor: Predictor = PlanGuide(expecting, reads_plans=ready.reads_plans) if plans else expecting
        made = compose(
            predictor if lean is None else Leaning(predictor, lean),
            own,
            count,
            Sampler(request.heat, request.top_p, request.seed + first * _ROUND_SEED),
            on_note=lambda index, row, first=first: tell(first + index, row),  # type: ignore[misc]
            is_cancelled=is_cancelled,
        )
        if made is None:
            return None, ()
        begun = int(own.is_opening)
        composed += [(take, expecting.bits_of(place, len(take.rows) - begun)) for place, take in enumerate(made)]
    takes = (
        replace(
            _take(request, task, own, number, plans[number - 1] if plans else None),
            surprisal_bits=bits,
        )
        for number, (own, bits) in enumerate(composed, 1)
    )
    return tuple(takes), [own.rows for own, _ in composed]


def _chosen(
    request: GenerationRequest, task: MelodyTask, made: Sequence[Take], rows: Sequence[Sequence[Row]]
) -> list[int]:
    """The places of those that are shown, the best first; their ideas differ where there are enough.

    Of takes that write several tracks the line of the edited one is judged.
    """
    if request.keep == "notes":  # the critic knows nothing of loudness
        return list(range(min(len(made), request.takes)))
    passage = task.passage
    seed = () if passage.is_opening else tuple(passage.seed)
    before = Before(seed, passage.place.bars, passage.place.tonic, passage.demands.from_step)
    plans = [take.plan for take in made]
    ideas = [plan.intent if plan is not None else None for plan in plans] if any(plans) else None
    scores = leaned_scores(
        scores_of(shipped_critic(), before, rows),
        request.closeness,
        [take.likeness or 0.0 for take in made],
        request.surprise,
        [take.surprisal_bits or 0.0 for take in made],
    )
    return best_of(scores, rows, request.takes, ideas)


def _take(request: GenerationRequest, task: MelodyTask, made: MelodyTake, number: int, plan: TakePlan | None) -> Take:
    line, outline = [task.note(row) for row in made.rows], task.passage.outline
    notes = Notes.of(line) if outline is None else outline.notes(line, made.rows)
    return Take(
        notes=notes,
        from_tick=task.span.from_tick,
        to_tick=task.span.to_tick,
        model=request.model,
        seed=request.seed,
        number=number,
        in_scale_share=float(notes.in_key(task.key).mean()) if task.key is not None else 1.0,
        originality=1 - sum(run > MAX_COPY for run in made.copied) / max(1, len(made.copied)),
        constraints=request.constraints,
        revision=request.revision,
        amends=request_amends(request, notes, task.span),
        chords=() if request.is_reroll else task.proposed,
        plan=plan,
    )
