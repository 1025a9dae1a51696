"""Go through the outcomes of a run, record each, and print the account whatever ends the run."""

from collections.abc import Callable, Generator
from contextlib import closing, suppress

from pspm_runtime.command.batch.account import Account
from pspm_runtime.command.batch.progress import Progress
from pspm_runtime.command.batch.task import J, R
from pspm_runtime.command.stop_signals import StopSignals, no_signals
from pspm_runtime.errors import OutputError


def work_through(
    outcomes: Generator[tuple[J, R]],
    record: Callable[[J, R], None],
    stop: StopSignals,
    account: Account,
    progress: Progress,
    end: Callable[[], None] = lambda: None,
) -> int:
    """Record every outcome and return the exit code. The account is printed also when a signal or an error ends it.

    end: what is left to do when all outcomes are recorded.
    """
    try:
        with progress, closing(outcomes) as results:
            for job, outcome in results:
                stop.check()
                # A result that is written is in the account, too.
                with stop.deferred():
                    record(job, outcome)
                    progress.advance()
        end()
    except BaseException:
        account.stopped = True
        with no_signals(), suppress(OutputError, BrokenPipeError):
            account.report()
        raise
    with stop.deferred():
        return account.report()
