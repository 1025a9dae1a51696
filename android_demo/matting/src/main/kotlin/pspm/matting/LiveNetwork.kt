package pspm.matting

import pspm.matting.engine.Engine
import pspm.matting.pictures.Filter
import pspm.matting.pictures.Shrink
import pspm.matting.stages.NetworkView
import pspm.matting.stages.TemporalSmoothing

/** The first half of live matting: from an upright frame of [width] x [height] pixels to its steadied alpha. */
internal class LiveNetwork(bundle: Bundle, engine: Engine, width: Int, height: Int) {
    private val network = NetworkView(bundle, engine)
    private val shrink = Shrink(width, height, engine.width, engine.height, Filter.BILINEAR)
    private val smoothing = TemporalSmoothing(engine.width * engine.height)

    /** Resize a [frame] to the network's [view], and write that to the network's input. */
    fun write(frame: IntArray, view: IntArray) {
        shrink.run(frame, view)
        network.write(view)
    }

    /** Read the network's output, and steady it with the frames before. */
    fun read(alpha: FloatArray) {
        network.read(alpha)
        smoothing.smooth(alpha)
    }

    /** Start a new sequence. */
    fun reset() = smoothing.reset()
}
