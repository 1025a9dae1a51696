package pspm.demo

/** How long the stages of a frame took, in nanoseconds: before the network, the network, after it. */
data class FrameNanos(val pre: Long, val inference: Long, val post: Long)

/**
 * Frames a second and mean times over about a second. [camera]: frames a second that the camera gave. [dropped]: how many of
 * them were not shown. [pre], [inference], [post]: milliseconds of a frame before the network, in it and after it.
 */
data class Rates(
    val camera: Double,
    val shown: Double,
    val dropped: Long,
    val pre: Double,
    val inference: Double,
    val post: Double
)

/** Measures the Live screen. Any thread may call it. */
class Pace {
    private val times = ArrayList<FrameNanos>()
    private var began = 0L
    private var givenBefore = 0L
    private var counts = false

    /** The last measurement. */
    @Volatile
    var rates: Rates? = null
        private set

    /** Begin anew, for example after a change of the camera. The last measurement stays until there is another one. */
    @Synchronized
    fun restart() {
        counts = false
    }

    /**
     * Count a frame that was shown at the time [now], when the camera had given [given] frames. [rates] change about once a
     * second.
     */
    @Synchronized
    fun add(frame: FrameNanos, given: Long, now: Long) {
        if (!counts) {
            begin(given, now)
            return
        }
        times += frame
        val took = now - began
        if (took < SECOND) return
        val came = given - givenBefore
        rates = Rates(
            came * SECOND / took.toDouble(),
            times.size * SECOND / took.toDouble(),
            maxOf(0L, came - times.size),
            mean { it.pre },
            mean { it.inference },
            mean { it.post }
        )
        begin(given, now)
    }

    private fun mean(stage: (FrameNanos) -> Long) = times.sumOf(stage) / 1e6 / times.size

    private fun begin(given: Long, now: Long) {
        counts = true
        began = now
        givenBefore = given
        times.clear()
    }

    private companion object {
        const val SECOND = 1_000_000_000L
    }
}
