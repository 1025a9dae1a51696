package pspm.matting

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.isActive
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** Runs blocking work on a dispatcher, one piece after the other. Work that waits for its turn holds no thread. */
internal class Turns(private val dispatcher: CoroutineDispatcher) {
    private val turn = Mutex()

    /**
     * The result of [work]. Throws what it throws, and CancellationException if the caller is cancelled meanwhile, which also
     * cancels the progress that work gets. [listener]: hears of that progress.
     */
    suspend fun <T> take(listener: Progress.Listener? = null, work: (Progress) -> T): T = turn.withLock {
        withContext(dispatcher) { work(Progress(listener) { !isActive }) }
    }
}
