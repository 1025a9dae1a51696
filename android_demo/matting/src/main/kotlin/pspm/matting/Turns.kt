package pspm.matting

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** Runs blocking work on a dispatcher, one piece after the other. Work that waits for its turn holds no thread. */
internal class Turns(private val dispatcher: CoroutineDispatcher) {
    private val turn = Mutex()

    /** The result of [work]. Throws what it throws, and CancellationException if the caller is cancelled meanwhile. */
    suspend fun <T> take(work: () -> T): T = turn.withLock { withContext(dispatcher) { work() } }
}
