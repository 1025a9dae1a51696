package pspm.demo

import android.os.Handler
import android.os.HandlerThread

/**
 * A thread and the [session] that only this thread uses. Both outlive a screen that is created again, for example because the
 * device is turned.
 */
class Worker<Session : AutoCloseable>(val session: Session) {
    private val thread = HandlerThread("matting").apply { start() }

    /** The thread's handler, for Android's callbacks. */
    val handler = Handler(thread.looper)

    /** Finish the jobs that were posted, close the session, and end the thread. */
    fun quit() {
        handler.post { session.close() }
        thread.quitSafely()
    }
}
