"""Run a job: plan its photos unit by unit, let an engine do them, write the ledgers, and merge them at the end."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from pspm_runtime.command.batch.account import Account, Style, kinds
from pspm_runtime.command.batch.ledger.ledger_lines import JOB_FOLDER
from pspm_runtime.command.batch.outcomes import outcomes
from pspm_runtime.command.batch.planning.shard import Shard
from pspm_runtime.command.batch.progress import Progress
from pspm_runtime.command.batch.work_through import work_through
from pspm_runtime.command.job.delivery import Delivery, read_photo, sha256_of
from pspm_runtime.command.job.inputs.lists import is_list
from pspm_runtime.command.job.inputs.open_source import NO_PHOTOS, open_source
from pspm_runtime.command.job.inputs.source import Source
from pspm_runtime.command.job.item import Delivered, Item, JobStoppedError
from pspm_runtime.command.job.ledger import JobLedger, in_units
from pspm_runtime.command.job.manifest import merge
from pspm_runtime.command.job.order import JobOrder
from pspm_runtime.command.job.places.addresses import Address, is_address
from pspm_runtime.command.job.places.open_place import open_place
from pspm_runtime.command.job.places.place import Place
from pspm_runtime.command.stop_signals import StopSignals, stop_signals
from pspm_runtime.errors import OutputError, PhotoError, PspmError

# So many failures are named at the end; the manifest has all of them.
MOST_NAMED = 20


def run_job(job: JobOrder) -> int:
    """Do a job, or what is left of it, and return the exit code. Raises PspmError for what concerns the whole job."""
    order = job.order
    if not order.out or order.out == "-":
        raise OutputError("a job needs a place for its results; give a folder or an address with -o")
    order.check_format(Path(f"each result{order.suffix}"), animated=order.frames)
    shard = Shard() if order.shard is None else Shard.parse(order.shard)
    job = replace(job, order=order.for_many())
    place = open_place(order.out)
    with stop_signals() as stop:
        limits = {"max_megapixels": order.effect.max_megapixels, "require_person": order.effect.require_person}
        ledger = JobLedger(place, order.recipe(), limits, shard)
        source = open_source(job, f"{order.out}/{JOB_FOLDER}/unfinished/{ledger.run}")
        items = source.items()
        first = next(items, None)
        if first is None:
            raise PhotoError(_no_photos(job, source))
        place.open(ledger.run)
        with closing(place), closing(ledger):
            ledger.read()
            account = Account(order.style, many=True, left_out=source.left_out, most_named=MOST_NAMED)
            account.all_in = f"{place.address}/{JOB_FOLDER}"
            return _Run(job, shard, source, place, ledger, stop, account).run(chain((first,), items))


def _no_photos(job: JobOrder, source: Source) -> str:
    if is_list(job.input):
        return f"{job.input} is an empty list; name at least one photo in it"
    left_out = f"; left out: {kinds(source.left_out)}" if source.left_out else ""
    return f"{job.input} {NO_PHOTOS}{left_out}; choose another place"


@dataclass
class _Run:
    """One run of a job."""

    job: JobOrder
    shard: Shard
    source: Source
    place: Place
    ledger: JobLedger
    stop: StopSignals
    account: Account

    def run(self, items: Iterator[Item]) -> int:
        """Do what is left of the items, and print the account, also when a signal or an error ends the run early."""
        order = self.job.order
        self._progress = Progress(None, shown=order.style is Style.TEXT)
        return work_through(self._outcomes(items), self._record, self.stop, self.account, self._progress, self._end)

    def _outcomes(self, items: Iterator[Item]) -> Generator[tuple[Item, Delivered | PspmError]]:
        pending = self._pending(items)
        first = next(pending, None)
        if first is None:  # without a model, a pool or a cluster
            return
        self.ledger.begin()
        order = self.job.order
        options = Address.parse(self.job.input).options if is_address(self.job.input) else ""
        delivery = Delivery(
            order.work(order.suffix), order.out, self.ledger.run, order.force, options, self.job.by_content
        )
        every = chain((first,), pending)
        if self.job.engine == "ray":
            from pspm_runtime.command.job.ray_workers import Cluster, on_ray

            threads = order.effect.threads or 1
            cluster = Cluster(self.job.address, self.job.workers, threads, gpu=order.effect.device == "cuda")
            yield from on_ray(every, delivery.on_any_machine(threads), cluster)
        else:
            yield from outcomes(every, delivery, order.processes)

    def _pending(self, items: Iterator[Item]) -> Iterator[Item]:
        """The photos that have to be done. The others are recorded at once."""
        for unit in in_units(item for item in items if self.shard.holds(item.result)):
            unit = self.source.with_states(unit)
            done = self.ledger.are_done(unit)
            failed = self.ledger.have_failed(unit)
            if self.job.check:
                done &= [size is not None for size in self.place.sizes_of([item.result for item in unit])]
            for item, is_done, has_failed in zip(unit, done, failed, strict=True):
                with self.stop.deferred():
                    is_pending = self._is_pending(item, is_done=bool(is_done), has_failed=bool(has_failed))
                if is_pending:
                    yield item
                else:
                    self._progress.advance()

    def _is_pending(self, item: Item, *, is_done: bool, has_failed: bool) -> bool:
        """Whether a photo has to be done; records it if not."""
        if is_done:
            self.account.skipped(item.photo, self._target(item))
            return False
        if has_failed and not self.job.retry_failed:
            self.account.failed_earlier(item.photo)
            return False
        try:
            if item.error:
                raise item.error
            if self.job.by_content and (sha256 := self.ledger.has_content(item, self._sha256)):
                self._record(item, Delivered(0, 0, sha256=sha256))
                return False
            self.source.check(item)
        except PspmError as error:
            self._record(item, error)
            return False
        return True

    def _sha256(self, item: Item) -> str:
        return sha256_of(read_photo(item, "", self.job.order.effect.max_megapixels))

    def _record(self, item: Item, outcome: Delivered | PspmError) -> None:
        if isinstance(outcome, JobStoppedError):
            raise outcome
        self.ledger.add(item, outcome)
        if isinstance(outcome, PspmError):
            self.account.failed(item.photo, str(outcome))
        else:
            self.account.written(item.photo, self._target(item), outcome.frames_left, has_person=outcome.has_person)

    def _target(self, item: Item) -> str:
        return f"{self.place.address}/{item.result}"

    def _end(self) -> None:
        """Merge the ledgers, when all parts of the job have come to their end."""
        self.ledger.close()
        if self.shard.count > 1:
            ended = f"{JOB_FOLDER}/ended"
            with self.place.replace(f"{ended}/{self.shard.number}of{self.shard.count}") as file:
                file.write(b"\n")
            names = {f"{ended}/{number}of{self.shard.count}" for number in range(1, self.shard.count + 1)}
            if not names <= self.place.sizes(ended).keys():
                return
        name = merge(self.place)
        self.account.all_in = f"{self.place.address}/{name}"
