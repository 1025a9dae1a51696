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

    /** Frames a second and times over about the last second. */
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

    /**
     * Replace the background of the frame in [source]. The result is valid until the next call. [given]: how many frames
     * the camera gave so far.
     */
    fun run(rotation: Int, mirror: Boolean, given: Long = 0): LiveMatting {
        val frame = checkNotNull(source) { "there is no frame; copy one into source first" }
        val live = matting(frame, rotation, mirror)
        if (live.background !== background) live.background = background
        live.run(frame, rotation, mirror)
        pace.add(FrameNanos(live.preNanos, live.inferenceNanos, live.postNanos), given, System.nanoTime())
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
