package pspm.demo

/** The running benchmark and the results so far. May be used on any thread. */
class BenchmarkSession : AutoCloseable {
    /** Whether a benchmark was started and has not ended. */
    @Volatile
    var running = false
        private set

    /** The benchmark that runs, once its model is loaded. */
    var benchmark: Benchmark? = null
        @Synchronized set(value) {
            field = value
            if (stopped) value?.stopped = true
        }

    /** The results as text for the screen. */
    @Volatile
    var text = ""

    /** The results as JSON, or null if there are none. */
    @Volatile
    var json: String? = null

    private var stopped = false

    /** Begin. A second start is not possible before [end]. */
    @Synchronized
    fun begin() {
        running = true
        stopped = false
    }

    /** Ask the benchmark to stop, also if its model is still being loaded. */
    @Synchronized
    fun stop() {
        stopped = true
        benchmark?.stopped = true
    }

    /** The benchmark has ended. */
    @Synchronized
    fun end() {
        benchmark = null
        running = false
    }

    override fun close() = stop()
}
