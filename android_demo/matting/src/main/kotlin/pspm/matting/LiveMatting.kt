package pspm.matting

import pspm.matting.engine.Engine
import pspm.matting.pictures.Filter
import pspm.matting.pictures.Resample
import pspm.matting.pictures.Shrink
import pspm.matting.pictures.YuvFrame
import pspm.matting.pictures.rgb
import pspm.matting.stages.Bokeh
import pspm.matting.stages.Foreground
import pspm.matting.stages.LIVE_FOREGROUND_SIDE
import pspm.matting.stages.LIVE_WORKING_RADIUS
import pspm.matting.stages.NetworkView
import pspm.matting.stages.Refine
import pspm.matting.stages.TemporalSmoothing
import pspm.matting.stages.compose
import pspm.matting.stages.cover
import pspm.matting.stages.coverBox

/**
 * Replaces the background of camera frames; upright frames have [width] x [height] pixels. All buffers are allocated when
 * the object is created or the background changes; a frame allocates nothing. Use it from one thread.
 *
 * The caller closes [engine].
 */
class LiveMatting(bundle: Bundle, private val engine: Engine, val width: Int, val height: Int) {
    private val network = NetworkView(bundle, engine)
    private val shrink = Shrink(width, height, engine.width, engine.height, Filter.BILINEAR)
    private val smoothing = TemporalSmoothing(engine.width * engine.height)
    private val refine = Refine(engine.width, engine.height, width, height)
    private val foreground = Foreground(width, height, LIVE_FOREGROUND_SIDE)
    private val view = IntArray(engine.width * engine.height)
    private val alpha = FloatArray(engine.width * engine.height)
    private val matte = ByteArray(width * height)
    private val backgroundPixels = IntArray(width * height)
    private var bokeh: Bokeh? = null
    private var blurred = IntArray(0)
    private var enlarge: Resample? = null

    /** The result of [run], packed and opaque. Before [postprocess] it holds the upright camera frame. */
    val frame = IntArray(width * height)

    /** The background behind the person. Setting [Background.Blur] throws [MattingException] for an invalid strength. */
    var background: Background = Background.Colour(rgb(32, 160, 255))
        @Throws(MattingException::class)
        set(value) {
            field = value
            prepare(value)
        }

    /** Time of [preprocess] and of turning the last frame upright, in nanoseconds. */
    var preNanos = 0L
        private set

    /** Time that the network took for the last frame, in nanoseconds. */
    var inferenceNanos = 0L
        private set

    /** Time of [postprocess] for the last frame, in nanoseconds. */
    var postNanos = 0L
        private set

    init {
        prepare(background)
    }

    /** Start a new sequence, for example after a change of the camera or of the device's rotation. */
    fun reset() = smoothing.reset()

    /**
     * Replace the background of a camera frame and store the result in [frame]. The frame is rotated clockwise by
     * [rotation] degrees, then mirrored if [mirror] is set; see [YuvFrame.toUpright].
     */
    @Throws(MattingException::class)
    fun run(source: YuvFrame, rotation: Int, mirror: Boolean) {
        val start = System.nanoTime()
        source.toUpright(rotation, mirror, frame)
        preprocess()
        val preprocessed = System.nanoTime()
        engine.run()
        val inferred = System.nanoTime()
        postprocess()
        preNanos = preprocessed - start
        inferenceNanos = inferred - preprocessed
        postNanos = System.nanoTime() - inferred
    }

    /** First stage: resize [frame] to the network's view and write it to the network's input. */
    fun preprocess() {
        shrink.run(frame, view)
        network.write(view)
    }

    /** Last stage: turn the network's output into a matte and replace the background in [frame]. */
    fun postprocess() {
        network.read(alpha)
        smoothing.smooth(alpha)
        refine.refine(alpha, view, frame, matte)
        bokeh?.let {
            if (!it.blurs) return
            it.blur(frame, matte, blurred)
            enlarge?.run(blurred, backgroundPixels)
        }
        foreground.estimateForeground(frame, matte, frame)
        compose(frame, matte, backgroundPixels)
    }

    private fun prepare(background: Background) {
        bokeh = null
        enlarge = null
        when (background) {
            is Background.Colour -> backgroundPixels.fill(background.colour or -0x1000000)
            is Background.Picture -> cover(background.photo, width, height).copyInto(backgroundPixels)
            is Background.Blur -> prepare(Bokeh(width, height, background.strength, LIVE_WORKING_RADIUS))
        }
    }

    private fun prepare(wanted: Bokeh) {
        blurred = IntArray(wanted.blurredWidth * wanted.blurredHeight)
        enlarge = Resample(
            wanted.blurredWidth,
            wanted.blurredHeight,
            width,
            height,
            Filter.BILINEAR,
            coverBox(wanted.blurredWidth, wanted.blurredHeight, width, height)
        )
        bokeh = wanted
    }
}
