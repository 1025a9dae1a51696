package pspm.demo

import pspm.matting.Background
import pspm.matting.Bundle
import pspm.matting.LiveMatting
import pspm.matting.engine.Engine
import pspm.matting.pictures.YuvFrame

/**
 * Runs camera frames through a [LiveMatting], which is created again when their size changes and reset when their rotation
 * changes. Use it from one thread; [background] may be set from another.
 */
class LiveFrames(private val bundle: Bundle, val engine: Engine) : AutoCloseable {
    /** The background, applied from the next frame on. */
    @Volatile
    var background: Background = Background.Blur(0.5)

    /** Frame rate and latencies over about the last second. */
    val pace = Pace()

    private var source: YuvFrame? = null
    private var live: LiveMatting? = null
    private var turn = 0 to false

    /** The frame into which to copy a camera's planes. */
    fun source(width: Int, height: Int): YuvFrame {
        val old = source
        if (old != null && old.width == width && old.height == height) return old
        return YuvFrame(width, height).also { source = it }
    }

    /** Replace the background of the frame in [source]. The result is valid until the next call. */
    fun run(rotation: Int, mirror: Boolean): LiveMatting {
        val frame = checkNotNull(source) { "there is no frame; copy one into source first" }
        val live = matting(frame, rotation, mirror)
        if (live.background !== background) live.background = background
        live.run(frame, rotation, mirror)
        pace.add(live.preNanos + live.inferenceNanos + live.postNanos, live.inferenceNanos, System.nanoTime())
        return live
    }

    /** Start a new sequence, for example after a change of the camera. */
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

/** Measures frame rate and latencies. */
class Pace {
    private var frames = 0
    private var total = 0L
    private var network = 0L
    private var began = 0L

    /** Frames a second. */
    var framesPerSecond = 0.0
        private set

    /** Mean latency of a frame, in milliseconds. */
    var frameMillis = 0.0
        private set

    /** Mean latency of the network, in milliseconds. */
    var networkMillis = 0.0
        private set

    /** Restart the count. */
    fun restart() {
        frames = 0
        total = 0
        network = 0
    }

    /** Count a frame that ended at the time [now]. Returns true about once a second, when the figures change. */
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
