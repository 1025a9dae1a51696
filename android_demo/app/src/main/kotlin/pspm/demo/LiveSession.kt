package pspm.demo

import pspm.matting.engine.Delegate

/** The loaded network and the open camera of the Live screen. Used on the worker thread only. */
class LiveSession : AutoCloseable {
    /** Runs frames through the network, once it is loaded. */
    var frames: LiveFrames? = null

    /** The delegate that the user asked for when [frames] was made. */
    var wanted = Delegate.CPU

    /** The open camera. */
    var camera: Camera? = null

    /** Why the CPU replaces the wanted delegate, as a sentence, or nothing. */
    var refusal = ""

    /** Close the camera, but keep the network. */
    fun closeCamera() {
        camera?.close()
        camera = null
    }

    override fun close() {
        closeCamera()
        frames?.close()
        frames = null
    }
}
