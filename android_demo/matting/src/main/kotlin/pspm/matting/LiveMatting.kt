package pspm.matting

import pspm.matting.engine.Engine
import pspm.matting.pictures.YuvFrame
import pspm.matting.pictures.rgb
import pspm.matting.stages.rowsIn

/**
 * Replaces the background of camera frames; upright frames have [width] x [height] pixels. All buffers are allocated when
 * the object is created or the background changes; a frame allocates nothing. Use it from one thread.
 *
 * [bands]: number of bands of rows, at least 1, in which the background is replaced at the same time. Each further one has a
 * thread, which ends with [close]; the result is the same. [LivePipeline] does the same while the network sees the next frame.
 * The caller closes [engine].
 */
public class LiveMatting @JvmOverloads constructor(
    bundle: Bundle,
    private val engine: Engine,
    public val width: Int,
    public val height: Int,
    bands: Int = 1
) : AutoCloseable {
    private val network = LiveNetwork(bundle, engine, width, height)
    private val composition = LiveComposition(engine.width, engine.height, width, height, rowsIn(bands))
    private val view = IntArray(engine.width * engine.height)
    private val alpha = FloatArray(engine.width * engine.height)

    /** The result of [run], packed and opaque. Before [postprocess] it holds the upright camera frame. */
    public val frame: IntArray = IntArray(width * height)

    /** The background behind the person. Setting [Background.Blur] throws [MattingException] for an invalid strength. */
    public var background: Background = Background.Colour(rgb(32, 160, 255))
        @Throws(MattingException::class)
        set(value) {
            field = value
            composition.prepare(value)
        }

    /** Time of [preprocess] and of turning the last frame upright, in nanoseconds. */
    public var preNanos: Long = 0L
        private set

    /** Time that the network took for the last frame, in nanoseconds. */
    public var inferenceNanos: Long = 0L
        private set

    /** Time of [postprocess] for the last frame, in nanoseconds. */
    public var postNanos: Long = 0L
        private set

    init {
        composition.prepare(background)
    }

    /** Start a new sequence, for example after a change of the camera or of the device's rotation. */
    public fun reset(): Unit = network.reset()

    /**
     * Replace the background of a camera frame and store the result in [frame]. The frame is rotated clockwise by
     * [rotation] degrees, then mirrored if [mirror] is set; see [YuvFrame.toUpright].
     */
    @Throws(MattingException::class)
    public fun run(source: YuvFrame, rotation: Int, mirror: Boolean) {
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
    public fun preprocess(): Unit = network.write(frame, view)

    /** Last stage: turn the network's output into a matte and replace the background in [frame]. */
    public fun postprocess() {
        network.read(alpha)
        composition.compose(frame, view, alpha)
    }

    /** End the threads of the bands. The object cannot be used afterwards. */
    override fun close(): Unit = composition.close()
}
