package pspm.matting

/** What is shown behind the person. */
sealed interface Backdrop {
    /** A plain colour. */
    data class Colour(val colour: Int) : Backdrop

    /** A picture, which covers the frame. */
    class Picture(val photo: Photo) : Backdrop

    /** The background itself out of focus, [strength] from 0 to 1. */
    data class Blur(val strength: Double) : Backdrop
}

/**
 * Frames of a camera in, frames with another background out, for upright frames of [width] x [height]. All buffers are
 * made with the object or when the backdrop changes; a frame allocates nothing. For one thread.
 *
 * [engine] stays the caller's to close.
 */
class LiveMatting(bundle: Bundle, private val engine: Engine, val width: Int, val height: Int) {
    private val network = NetworkView(bundle, engine)
    private val shrink = Shrink(width, height, engine.width, engine.height, Filter.BILINEAR)
    private val smoothing = Smoothing(engine.width * engine.height)
    private val refine = Refine(engine.width, engine.height, width, height)
    private val foreground = Foreground(width, height, FOREGROUND_SIDE)
    private val view = IntArray(engine.width * engine.height)
    private val alpha = FloatArray(engine.width * engine.height)
    private val matte = ByteArray(width * height)
    private val behind = IntArray(width * height)
    private var lens: Lens? = null
    private var blurred = IntArray(0)
    private var enlarge: Resample? = null

    /** The frame as it came, upright, and after [run] the result; packed and opaque. */
    val frame = IntArray(width * height)

    /** What is shown behind the person. */
    var backdrop: Backdrop = Backdrop.Colour(rgb(32, 160, 255))
        set(value) {
            field = value
            prepare(value)
        }

    /** How long the three stages of the last frame took. */
    var preNanos = 0L
        private set
    var inferenceNanos = 0L
        private set
    var postNanos = 0L
        private set

    init {
        prepare(backdrop)
    }

    /** A new sequence begins: another camera, the device turned. */
    fun reset() = smoothing.reset()

    /** Replace the background of a camera's frame, turned and mirrored as said; the result is in [frame]. */
    fun run(source: YuvFrame, rotation: Int, mirror: Boolean) {
        val start = System.nanoTime()
        source.toUpright(rotation, mirror, frame)
        see()
        val seen = System.nanoTime()
        engine.run()
        val inferred = System.nanoTime()
        draw()
        preNanos = seen - start
        inferenceNanos = inferred - seen
        postNanos = System.nanoTime() - inferred
    }

    /** The first stage on what is in [frame]: to the network's size, into its input. */
    fun see() {
        shrink.run(frame, view)
        network.write(view)
    }

    /** The last stage: from the network's output to the frame with its new background, in [frame]. */
    fun draw() {
        network.read(alpha)
        smoothing.run(alpha)
        refine.run(alpha, view, frame, matte)
        lens?.let {
            if (!it.blurs) return
            it.run(frame, matte, blurred)
            enlarge?.run(blurred, behind)
        }
        foreground.run(frame, matte, frame)
        layOver(frame, matte, behind)
    }

    private fun prepare(backdrop: Backdrop) {
        lens = null
        enlarge = null
        when (backdrop) {
            is Backdrop.Colour -> behind.fill(backdrop.colour or -0x1000000)
            is Backdrop.Picture -> cover(backdrop.photo, width, height).copyInto(behind)
            is Backdrop.Blur -> prepare(Lens(width, height, backdrop.strength, LENS_RADIUS))
        }
    }

    private fun prepare(wanted: Lens) {
        blurred = IntArray(wanted.blurredWidth * wanted.blurredHeight)
        enlarge = Resample(
            wanted.blurredWidth,
            wanted.blurredHeight,
            width,
            height,
            Filter.BILINEAR,
            coverBox(wanted.blurredWidth, wanted.blurredHeight, width, height)
        )
        lens = wanted
    }

    private companion object {
        // A frame is seen for a thirtieth of a second: coarser copies than a photo's will do.
        const val FOREGROUND_SIDE = 128
        const val LENS_RADIUS = 4.0
    }
}
