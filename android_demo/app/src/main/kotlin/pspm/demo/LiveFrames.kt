package pspm.demo

import pspm.matting.Backdrop
import pspm.matting.Bundle
import pspm.matting.Engine
import pspm.matting.LiveMatting
import pspm.matting.YuvFrame

/**
 * The frames of a camera through [LiveMatting], which is made anew where their size or their turn changes. For one
 * thread; [backdrop] may be set from another.
 */
class LiveFrames(private val bundle: Bundle, val engine: Engine) : AutoCloseable {
    /** What is shown behind the person, from the next frame on. */
    @Volatile
    var backdrop: Backdrop = Backdrop.Blur(0.5)

    /** Milliseconds of a frame and of the network in it, and frames a second, over about the last second. */
    val pace = Pace()

    private var source: YuvFrame? = null
    private var live: LiveMatting? = null
    private var turn = 0 to false

    /** The frame to copy a camera's planes into. */
    fun source(width: Int, height: Int): YuvFrame {
        val old = source
        if (old != null && old.width == width && old.height == height) return old
        return YuvFrame(width, height).also { source = it }
    }

    /** Replace the background of what is in [source]; the pixels are the result's until the next call. */
    fun run(rotation: Int, mirror: Boolean): LiveMatting {
        val frame = checkNotNull(source) { "no frame was copied" }
        val live = matting(frame, rotation, mirror)
        if (live.backdrop !== backdrop) live.backdrop = backdrop
        live.run(frame, rotation, mirror)
        pace.add(live.preNanos + live.inferenceNanos + live.postNanos, live.inferenceNanos, System.nanoTime())
        return live
    }

    /** A new sequence: what was seen before has nothing to do with what comes. */
    fun restart() {
        live?.reset()
        pace.restart()
    }

    override fun close() = engine.close()

    private fun matting(frame: YuvFrame, rotation: Int, mirror: Boolean): LiveMatting {
        val upright = rotation % 180 == 0
        val width = if (upright) frame.width else frame.height
        val height = if (upright) frame.height else frame.width
        val old = live
        if (old != null && old.width == width && old.height == height) {
            if (turn != rotation to mirror) old.reset()
            turn = rotation to mirror
            return old
        }
        turn = rotation to mirror
        return LiveMatting(bundle, engine, width, height).also { live = it }
    }
}

/** How fast frames are. */
class Pace {
    private var frames = 0
    private var total = 0L
    private var network = 0L
    private var began = 0L

    var framesPerSecond = 0.0
        private set
    var frameMillis = 0.0
        private set
    var networkMillis = 0.0
        private set

    /** Begin to count anew. */
    fun restart() {
        frames = 0
        total = 0
        network = 0
    }

    /** One frame more, at the time [now]; true once a second, when the figures change. */
    fun add(frameNanos: Long, networkNanos: Long, now: Long): Boolean {
        if (frames == 0) began = now - frameNanos
        frames++
        total += frameNanos
        network += networkNanos
        if (now - began < SECOND) return false
        framesPerSecond = frames * SECOND.toDouble() / (now - began)
        frameMillis = total / 1e6 / frames
        networkMillis = network / 1e6 / frames
        restart()
        return true
    }

    private companion object {
        const val SECOND = 1_000_000_000L
    }
}
