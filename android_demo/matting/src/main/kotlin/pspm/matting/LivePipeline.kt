package pspm.matting

import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors
import java.util.concurrent.Future
import pspm.matting.engine.Engine
import pspm.matting.pictures.YuvFrame
import pspm.matting.pictures.rgb
import pspm.matting.stages.rowsIn

/** A frame with another background. [pixels]: packed and opaque. The times are in nanoseconds. */
public class LiveFrame internal constructor(public val width: Int, public val height: Int, viewPixels: Int) {
    public val pixels: IntArray = IntArray(width * height)
    public var preNanos: Long = 0L
        internal set
    public var inferenceNanos: Long = 0L
        internal set
    public var postNanos: Long = 0L
        internal set
    internal val view = IntArray(viewPixels)
    internal val alpha = FloatArray(viewPixels)
}

/**
 * [LiveMatting] on two threads: while the network sees a frame, the one before it gets its background. So a frame comes as
 * often as the slower half allows, not both; the results are the same.
 *
 * Upright frames have [width] x [height] pixels. [onFrame] is called on a thread of the pipeline, with a frame that is valid
 * until it returns. Use the rest from one thread. [bands]: see [LiveMatting]. The caller closes [engine], after [close].
 */
public class LivePipeline(
    bundle: Bundle,
    private val engine: Engine,
    public val width: Int,
    public val height: Int,
    bands: Int,
    private val onFrame: (LiveFrame) -> Unit
) : AutoCloseable {
    /** A pipeline that replaces the background in one band. */
    public constructor(bundle: Bundle, engine: Engine, width: Int, height: Int, onFrame: (LiveFrame) -> Unit) :
        this(bundle, engine, width, height, 1, onFrame)

    private val network = LiveNetwork(bundle, engine, width, height)
    private val composition = LiveComposition(engine.width, engine.height, width, height, rowsIn(bands))
    private val frames = Array(2) { LiveFrame(width, height, engine.width * engine.height) }
    private val composer = Executors.newSingleThreadExecutor { Thread(it, "matting-composition") }
    private var prepared: Background? = null
    private var turn = 0
    private var composing: Future<*>? = null

    /** The background of the next frames. A blur of an invalid strength makes [run] throw [MattingException]. */
    @Volatile
    public var background: Background = Background.Colour(rgb(32, 160, 255))

    /** Start a new sequence, for example after a change of the camera or of the device's rotation. */
    public fun reset(): Unit = network.reset()

    /**
     * Run the network on a camera frame, see [LiveMatting.run]. Its background is replaced while the next call runs the
     * network. A call waits until the frame before has its background, and throws what went wrong with it.
     */
    @Throws(MattingException::class)
    public fun run(source: YuvFrame, rotation: Int, mirror: Boolean) {
        val frame = frames[turn]
        turn = 1 - turn
        val start = System.nanoTime()
        source.toUpright(rotation, mirror, frame.pixels)
        network.write(frame.pixels, frame.view)
        val preprocessed = System.nanoTime()
        engine.run()
        val inferred = System.nanoTime()
        network.read(frame.alpha)
        frame.preNanos = preprocessed - start
        frame.inferenceNanos = inferred - preprocessed
        val reading = System.nanoTime() - inferred
        finish()
        val wanted = background
        composing = composer.submit { compose(frame, wanted, reading) }
    }

    /** Wait until the last frame has its background. Throws what went wrong with it. */
    @Throws(MattingException::class)
    public fun finish() {
        val last = composing ?: return
        composing = null
        try {
            last.get()
        } catch (error: ExecutionException) {
            throw error.cause ?: error
        }
    }

    /** End the pipeline's threads, after the last frame. */
    override fun close() {
        composer.execute { composition.close() }
        composer.shutdown()
    }

    private fun compose(frame: LiveFrame, wanted: Background, reading: Long) {
        val start = System.nanoTime()
        if (wanted !== prepared) {
            composition.prepare(wanted)
            prepared = wanted
        }
        composition.compose(frame.pixels, frame.view, frame.alpha)
        frame.postNanos = reading + System.nanoTime() - start
        onFrame(frame)
    }
}
