package pspm.demo

import pspm.matting.Background
import pspm.matting.Bundle
import pspm.matting.LiveFrame
import pspm.matting.LivePipeline
import pspm.matting.engine.Engine
import pspm.matting.pictures.YuvFrame

/**
 * Runs camera frames through a [LivePipeline], which is created again when their size changes and reset when their rotation
 * changes. Use it from one thread; [background] and [onFrame] may be set from another.
 */
class LiveFrames(private val bundle: Bundle, val engine: Engine) : AutoCloseable {
    /** The background, applied from the next frame on. */
    @Volatile
    var background: Background = Background.Blur(0.5)

    /** Called with each finished frame, on a thread of the pipeline. */
    @Volatile
    var onFrame: (LiveFrame) -> Unit = {}

    /** Frames a second and times over about the last second. */
    val pace = Pace()

    @Volatile
    private var given = 0L
    private var source: YuvFrame? = null
    private var live: LivePipeline? = null
    private var turn = 0 to false

    /** The frame into which to copy a camera's planes. */
    fun source(width: Int, height: Int): YuvFrame {
        val old = source
        if (old != null && old.width == width && old.height == height) return old
        return YuvFrame(width, height).also { source = it }
    }

    /**
     * Replace the background of the frame in [source]. [onFrame] is called with it, at the latest while the next frame is in
     * the network. [given]: how many frames the camera gave so far.
     */
    fun run(rotation: Int, mirror: Boolean, given: Long = 0) {
        val frame = checkNotNull(source) { "there is no frame; copy one into source first" }
        val live = pipeline(frame, rotation, mirror)
        this.given = given
        live.background = background
        live.run(frame, rotation, mirror)
    }

    /** Wait until [onFrame] was called with the last frame. */
    fun finish() {
        live?.finish()
    }

    /** Start a new sequence, for example after a change of the camera. */
    fun restart() {
        live?.reset()
        pace.restart()
    }

    override fun close() {
        live?.close()
        engine.close()
    }

    private fun pipeline(frame: YuvFrame, rotation: Int, mirror: Boolean): LivePipeline {
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
        old?.finish()
        old?.close()
        return LivePipeline(bundle, engine, width, height, ::show).also { live = it }
    }

    private fun show(frame: LiveFrame) {
        onFrame(frame)
        pace.add(FrameNanos(frame.preNanos, frame.inferenceNanos, frame.postNanos), given, System.nanoTime())
    }
}
