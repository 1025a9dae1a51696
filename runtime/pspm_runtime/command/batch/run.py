"""Apply an effect to one photo, to folders of photos or to a pipe."""

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pspm_runtime.command.batch.account import Account, Style
from pspm_runtime.command.batch.ledger import Ledger
from pspm_runtime.command.batch.plan import PHOTO_SUFFIXES, Job, Plan, expand, result_name
from pspm_runtime.command.batch.protected_inputs import ProtectedInputs
from pspm_runtime.command.batch.work import Work, outcomes
from pspm_runtime.command.effect import Effect
from pspm_runtime.command.standard_streams import read_standard_input, write_standard_output
from pspm_runtime.command.stop_signals import StopSignals, no_signals, stop_signals
from pspm_runtime.errors import OutputError, PhotoError, PspmError
from pspm_runtime.files.save import FORMATS, LOSSY, QUALITY, check_output, write

PIPE = "-"
EXISTS = "exists already; give --force to replace it"


@dataclass(frozen=True)
class Order:
    """What to do with the photos, and where to write the results.

    photos: files, folders, patterns, or "-" for standard input. out: a file, a folder, or "-" for standard output.
    suffix: of the results if `out` has none. transparent: whether the format must hold transparency.
    chosen: whether the user chose the suffix. quality: of lossy formats, None for the default.
    metadata and gps: keep the photo's EXIF data and place.
    force: replace existing results. resume: skip results that the ledger of `out` names. processes: of workers.
    """

    photos: list[str]
    effect: Effect
    out: str
    suffix: str
    transparent: bool = False
    chosen: bool = False
    quality: int | None = None
    metadata: bool = False
    gps: bool = False
    force: bool = False
    resume: bool = False
    processes: int = 1
    style: Style = Style.TEXT

    def work(self, suffix: str) -> Work:
        """The work on each photo, for results with a suffix."""
        return Work(self.effect, suffix, self.quality or QUALITY, metadata=self.metadata, gps=self.gps)

    def recipe(self) -> dict[str, Any]:
        """What the results of a run over several photos depend on besides the photos."""
        keeps = {"metadata": self.metadata or self.gps, "gps": self.gps}
        return {**self.effect.recipe(), "suffix": self.suffix, "quality": self.quality or QUALITY, **keeps}


def run(order: Order) -> int:
    """Process one photo, standard input, or every photo of folders and lists; return the exit code.

    A photo that fails does not stop the others. Raises PspmError for what concerns the whole run.
    """
    if not order.out:
        raise OutputError("the output name is empty; give a file, a folder or - with -o")
    with stop_signals() as stop:
        if order.photos == [PIPE]:
            return _run_one(PIPE, order)
        if PIPE in order.photos:
            raise PhotoError("- is standard input, which cannot be combined with other photos; process it separately")
        paths, several = expand(order.photos)
        if several or paths[0].is_dir():
            return _run_many(paths, order, stop, several=several)
        return _run_one(paths[0], order)


def _run_one(photo: Path | str, order: Order) -> int:
    account = Account(order.style)
    target = _target(photo, order)
    suffix = order.suffix if target is None else target.suffix
    _check_format(target or Path(f"the result{suffix}"), order)
    inputs = ProtectedInputs(order.effect.inputs if photo == PIPE else [Path(photo), *order.effect.inputs])
    if target is not None:
        inputs.check(target)
        if target.exists() and not order.force:
            # Checked before the work is done. `write` checks again, in case the file appears meanwhile.
            raise OutputError(f"{target} {EXISTS}, or choose another name")
    apply = order.work(suffix).open()
    data = apply(read_standard_input() if photo == PIPE else Path(photo))
    if target is None:
        write_standard_output(data)
        return 0
    write(data, target, force=order.force)
    account.written(photo, target)
    return account.report()


def _target(photo: Path | str, order: Order) -> Path | None:
    """The file for the result of one photo, None for standard output."""
    if order.out == PIPE:
        return None
    out = Path(order.out)
    if photo == PIPE or not (out.is_dir() or order.out.endswith(("/", os.sep))):
        return out
    return out / result_name(Path(photo).name, order.suffix)


def _check_format(target: Path, order: Order) -> None:
    """Raise OutputError if the target's format is unknown, does not fit the effect, or contradicts an option."""
    check_output(target, transparent=order.transparent)
    kind = FORMATS[target.suffix.lower()]
    if order.chosen and kind != FORMATS[order.suffix]:
        raise OutputError(
            f"{target} is not a {FORMATS[order.suffix]} file by its name; leave out --format, or rename it"
        )
    if order.quality is not None and not 1 <= order.quality <= 100:
        raise OutputError("--jpeg-quality must be from 1 to 100")
    if order.quality is not None and kind not in LOSSY:
        raise OutputError(f"--jpeg-quality does not change a {kind} file; leave it out, or choose --format jpg")


def _run_many(paths: list[Path], order: Order, stop: StopSignals, *, several: bool) -> int:
    source = "the list of photos" if several else str(paths[0])
    out = Path(order.out)
    if order.out == PIPE:
        raise OutputError(f"{source} may give several results, and a pipe holds one; give a folder with -o")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; give a folder for the results of {source}")
    _check_format(Path(f"each result{order.suffix}"), order)
    if order.effect.trimap:
        raise PhotoError(f"a trimap belongs to one photo; give the photo of {order.effect.trimap} alone")
    plan = Plan(paths, out, order.suffix, several=several)
    jobs = iter(plan)
    first = next(jobs, None)
    if first is None:
        raise PhotoError(f"{source} holds no photos ({', '.join(PHOTO_SUFFIXES)}); choose another folder")
    ledger = Ledger(out, order.recipe())
    if order.resume:
        ledger.read_earlier_runs()
    with closing(ledger):
        return _Batch(order, plan, ledger, stop, Account(order.style, many=True, left_out=plan.left_out)).run(
            first, jobs
        )


@dataclass
class _Batch:
    """A run over many photos: one ledger, one account, one progress bar."""

    order: Order
    plan: Plan
    ledger: Ledger
    stop: StopSignals
    account: Account

    def run(self, first: Job, others: Iterator[Job]) -> int:
        """Process the jobs and print the account, also when a signal or an error ends the run early."""
        work = self.order.work(self.order.suffix)
        try:
            with (
                self._progress() as bar,
                closing(outcomes(self._pending(first, others, bar), work, self.order.processes)) as results,
            ):
                for job, outcome in results:
                    self.stop.check()
                    # A result that is written is in the account, too.
                    with self.stop.deferred():
                        if isinstance(outcome, PspmError):
                            self.account.failed(job.photo, str(outcome))
                        else:
                            self._deliver(job, outcome)
                    bar.update()
        except BaseException:
            self.account.stopped = True
            with no_signals(), suppress(OutputError, BrokenPipeError):
                self.account.report()
            raise
        return self.account.report()

    def _progress(self) -> Any:
        # Imported here, because `import pspm` does not need a progress bar.
        from tqdm import tqdm

        return tqdm(unit="photo", disable=None if self.order.style is Style.TEXT else True)

    def _pending(self, first: Job, others: Iterator[Job], bar: Any) -> Iterator[Job]:
        """The jobs that have to be done. The others are recorded at once."""
        inputs = ProtectedInputs(
            [*self.plan.inputs, *self.order.effect.inputs],
            self.plan.roots,
            self.plan.out,
        )
        for jobs in ((first,), others):
            for job in jobs:
                try:
                    if self._is_pending(job, inputs):
                        yield job
                        continue
                except (PspmError, OSError) as error:
                    self.account.failed(job.photo, _sentence(error, self.plan.out / job.result))
                bar.update()

    def _is_pending(self, job: Job, inputs: ProtectedInputs) -> bool:
        target = self.plan.out / job.result
        if job.error:
            raise job.error
        inputs.check(target)
        if self.order.resume and self.ledger.holds(job.photo, job.result):
            self.account.skipped(job.photo, target)
            return False
        if not os.path.lexists(target) or self.order.force:
            return True
        self._count_as_made_meanwhile(job, OutputError(f"{target} {EXISTS}"))
        return False

    def _deliver(self, job: Job, data: bytes) -> None:
        target = self.plan.out / job.result
        try:
            self.ledger.add(job.photo, job.result, len(data))
            write(data, target, force=self.order.force)
        except (PspmError, OSError) as error:
            self._count_as_made_meanwhile(job, OutputError(_sentence(error, target)))
        else:
            self.account.written(job.photo, target)

    def _count_as_made_meanwhile(self, job: Job, error: OutputError) -> None:
        """Skip a photo that another process has done since this run began; record the error for any other."""
        if self.ledger.made_meanwhile(job.photo, job.result):
            self.account.skipped(job.photo, self.plan.out / job.result)
        else:
            self.account.failed(job.photo, str(error))


def _sentence(error: Exception, target: Path) -> str:
    if isinstance(error, OSError):
        return f"{target} cannot be written: {error.strerror}; choose another place"
    return str(error)
