"""Apply an effect to many photos."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from pspm_runtime.command.batch.account import Account, Style, kinds
from pspm_runtime.command.batch.ledger.ledger import Ledger, PhotoState
from pspm_runtime.command.batch.ledger.ledger_lines import LEDGER
from pspm_runtime.command.batch.order import EXISTS, PIPE, Order
from pspm_runtime.command.batch.outcomes import outcomes
from pspm_runtime.command.batch.planning.names import PHOTO_SUFFIXES, Disk
from pspm_runtime.command.batch.planning.plan import Job, Plan
from pspm_runtime.command.batch.planning.protected_inputs import ProtectedInputs
from pspm_runtime.command.batch.planning.shard import Shard
from pspm_runtime.command.batch.progress import Progress
from pspm_runtime.command.batch.work import Outcome, Result
from pspm_runtime.command.batch.work_through import work_through
from pspm_runtime.command.stop_signals import StopSignals
from pspm_runtime.errors import OutputError, PhotoError, PspmError
from pspm_runtime.files.save import write


def run_many(paths: list[Path], order: Order, stop: StopSignals, *, several: bool) -> int:
    """Process every photo of the paths, and return the exit code.

    several: whether the results of a folder go to a folder of its name. Raises PspmError for what concerns the whole
    run.
    """
    source = "the list of photos" if several else str(paths[0])
    out = Path(order.out)
    if order.out == PIPE:
        raise OutputError(f"{source} may give several results, and a pipe holds one; give a folder with -o")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; give a folder for the results of {source}")
    order.check_format(Path(f"each result{order.suffix}"), animated=order.frames)
    if order.effect.trimap:
        raise PhotoError(
            f"{order.effect.trimap_name} cannot be the trimap of several photos; process them one by one, each with "
            "its own --trimap"
        )
    shard = Shard() if order.shard is None else Shard.parse(order.shard)
    plan = Plan(paths, out, order.suffix, several=several)
    inputs = ProtectedInputs([*paths, *order.effect.inputs], plan.folders, out)
    inputs.check(out / LEDGER)
    order = order.for_many()
    jobs = iter(plan)
    first = next(jobs, None)
    if first is None:
        left_out = f"; left out: {kinds(plan.left_out)}" if plan.left_out else ""
        raise PhotoError(f"{source} holds no photos ({', '.join(PHOTO_SUFFIXES)}{left_out}); choose another folder")
    mine = shard.of(chain((first,), jobs))
    with closing(Ledger(out, order.recipe(), resume=order.resume)) as ledger:
        plan.disk = Disk(out, ledger.unfinished)
        account = Account(order.style, many=True, left_out=plan.left_out)
        progress = Progress(
            lambda: shard.of(Plan(paths, out, order.suffix, several=several)), shown=order.style is Style.TEXT
        )
        return _Batch(order, plan, inputs, ledger, stop, account, progress).run(mine)


@dataclass
class _Batch:
    """A run over many photos: one ledger, one account, one progress bar."""

    order: Order
    plan: Plan
    inputs: ProtectedInputs
    ledger: Ledger
    stop: StopSignals
    account: Account
    progress: Progress

    def run(self, jobs: Iterator[Job]) -> int:
        """Process the jobs and print the account, also when a signal or an error ends the run early."""
        work = self.order.work(self.order.suffix)
        results = outcomes(self._pending(jobs), work, self.order.processes)
        return work_through(results, self._record, self.stop, self.account, self.progress)

    def _record(self, job: Job, outcome: Outcome) -> None:
        if isinstance(outcome, PspmError):
            self.account.failed(job.photo, str(outcome))
        else:
            self._deliver(job, outcome)

    def _pending(self, jobs: Iterator[Job]) -> Iterator[Job]:
        """The jobs that have to be done. The others are recorded at once."""
        for job in jobs:
            job = replace(job, state=PhotoState.of(job.photo))
            with self.stop.deferred():
                is_pending = self._is_pending(job)
            if is_pending:
                yield job
            else:
                self.progress.advance()

    def _is_pending(self, job: Job) -> bool:
        """Whether a job has to be done; records it if not."""
        target = Path(self.order.out, job.result)
        try:
            if job.error:
                raise job.error
            self.ledger.clean(target.parent)
            if self.order.resume and self.ledger.holds(job.state, job.result):
                self.account.skipped(job.photo, target)
                return False
            self.inputs.check(target, job.photo)
            if not os.path.lexists(target):
                return True
            if self.ledger.made_meanwhile(job.state, job.result):
                self.account.skipped(job.photo, target)
                return False
            if self.ledger.remove_placeholder(job.state, job.result):
                return True
            if target.is_dir():
                raise OutputError(f"{target} is a folder; give another folder with -o")
            if not self.order.force:
                raise OutputError(f"{target} {EXISTS}")
        except (PspmError, OSError) as error:
            self.account.failed(job.photo, _sentence(error, target))
            return False
        return True

    def _deliver(self, job: Job, result: Result) -> None:
        target = Path(self.order.out, job.result)

        def record(unfinished: Path) -> None:
            # Again, because a folder may have become a link meanwhile.
            self.inputs.check(target, job.photo)
            if job.state:
                self.ledger.add(job.state, job.result, result.data, unfinished)

        try:
            self.inputs.check(target, job.photo)
            write(result.data, target, force=self.order.force, unfinished=self.ledger.unfinished, before_naming=record)
        except (PspmError, OSError) as error:
            if self.ledger.made_meanwhile(job.state, job.result):
                self.account.skipped(job.photo, target)
            else:
                self.account.failed(job.photo, _sentence(error, target))
        else:
            self.account.written(job.photo, target, result.frames_left, has_person=result.has_person)


def _sentence(error: Exception, target: Path) -> str:
    if isinstance(error, OSError):
        return f"{target} cannot be written: {error.strerror}; choose another place"
    return str(error)
