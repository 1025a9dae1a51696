package pspm.matting

import java.util.concurrent.CancellationException
import pspm.matting.stages.Rows
import pspm.matting.stages.WatchedRows

/**
 * What a call does at a time. [LOOK]: the network looks at a photo and closer at people in it. [SECOND_LOOK]: it sees the soft
 * edges again from nearer. [REFINE]: the matte is brought to the photo's size. [FOREGROUND]: foreground colours are estimated.
 * [BLUR]: the background is blurred. [COMPOSE]: the result is put together.
 */
public enum class Step { LOOK, SECOND_LOOK, REFINE, FOREGROUND, BLUR, COMPOSE }

/**
 * Follows a call that takes long, and can end it early. Pass one to the calls of [Matting] and [PortraitMatting].
 *
 * After [cancel], a call throws [CancellationException] at its next check: between two runs of the network, and between two
 * bands of a picture. It returns nothing, the listener hears nothing more of it, and the model can be used again. A call that
 * is made with a cancelled object throws at once.
 */
public class Progress internal constructor(private val listener: Listener?, private val isEnded: () -> Boolean) {
    /** Hears what a call does, on the call's own thread. */
    public fun interface Listener {
        /**
         * [done] of [of] parts of a [step] are done; parts take different times. [of] is 0 where their number is not known
         * before.
         */
        public fun onProgress(step: Step, done: Int, of: Int)
    }

    /** Follow with a [listener], or without one. */
    @JvmOverloads
    public constructor(listener: Listener? = null) : this(listener, { false })

    @Volatile
    private var cancelled = false

    /** Whether [cancel] was called. */
    public val isCancelled: Boolean get() = cancelled || isEnded()

    /** End the calls that this object follows. Any thread may call it, at any time. */
    public fun cancel() {
        cancelled = true
    }

    /** Throw [CancellationException] if [cancel] was called. */
    public fun check() {
        if (isCancelled) throw CancellationException("the call was cancelled")
    }

    /** Check, and then tell the listener. */
    internal fun at(step: Step, done: Int, of: Int) {
        check()
        listener?.onProgress(step, done, of)
    }

    /** The rows of a step that runs over them so often, with a check and news for the listener between bands of them. */
    internal fun rows(step: Step, runs: Int): Rows = WatchedRows(runs) { done, of -> at(step, done, of) }
}
