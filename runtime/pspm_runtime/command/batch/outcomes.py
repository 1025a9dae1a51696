"""Do a task for many jobs, one after the other, or in several processes."""

from collections.abc import Generator, Iterator

from pspm_runtime.command.batch.task import J, R, Task


def outcomes(jobs: Iterator[J], task: Task[J, R], processes: int) -> Generator[tuple[J, R]]:
    """Yield every job with its result or with its error, in the order of the jobs.

    With several processes, at most two jobs for each are taken ahead. Stopping the iterator ends the processes.
    """
    if processes == 1:
        do = task.for_jobs()
        for job in jobs:
            yield job, do(job)
    else:
        # Imported here, because multiprocessing would slow every start of the command.
        from pspm_runtime.command.batch.processes import in_processes

        yield from in_processes(jobs, task, processes)
