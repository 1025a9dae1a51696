package pspm.matting.engine

import java.util.concurrent.Callable
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors

/** A thread for jobs that must all run on the same thread, whichever thread asks. */
internal class OwnThread(name: String) : AutoCloseable {
    private val executor = Executors.newSingleThreadExecutor { job -> Thread(job, name).apply { isDaemon = true } }

    /** Run a job and wait for its result. Throws what the job throws. */
    fun <T> call(job: () -> T): T = try {
        executor.submit(Callable { job() }).get()
    } catch (error: ExecutionException) {
        throw error.cause ?: error
    }

    /** End the thread after the jobs that it has. */
    override fun close() = executor.shutdown()
}
