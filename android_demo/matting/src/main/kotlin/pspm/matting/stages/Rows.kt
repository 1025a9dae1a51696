package pspm.matting.stages

import java.util.concurrent.Executors
import java.util.concurrent.Semaphore

/** Work on the rows [from] to [until] of a picture, or on such a range of its tiles. [band]: which buffers it may use. */
internal fun interface Band {
    fun run(band: Int, from: Int, until: Int)
}

/** Divides the rows of a picture into bands. Each row is computed alone, so the result is the same for every division. */
internal interface Rows : AutoCloseable {
    /** Number of bands that may run at the same time, each with buffers of its own. */
    val bands: Int

    /** Run [work] on all rows from 0 to [count]. */
    fun run(count: Int, work: Band)

    /** End its threads, if it has any. */
    override fun close() = Unit
}

/** All rows in one band. */
internal object OneBand : Rows {
    override val bands = 1

    override fun run(count: Int, work: Band) = work.run(0, 0, count)
}

/**
 * Bands one after the other. [between] hears before each how many of how many bands are done, in so many [runs]; there may be
 * fewer.
 */
internal class WatchedRows(private val runs: Int, private val between: (Int, Int) -> Unit) : Rows {
    override val bands = 1
    private var done = 0

    override fun run(count: Int, work: Band) {
        for (part in 0 until PARTS) {
            val from = start(count, part, PARTS)
            val until = start(count, part + 1, PARTS)
            if (from == until) continue
            between(done * PARTS + part, runs * PARTS)
            work.run(0, from, until)
        }
        done++
    }

    private companion object {
        const val PARTS = 50
    }
}

/** Bands at the same time: one on the thread that calls, the others on threads of their own, which end with [close]. */
internal class ThreadedRows(override val bands: Int) : Rows {
    private val helpers = Executors.newFixedThreadPool(bands - 1) { Thread(it, "matting-band").apply { isDaemon = true } }
    private val tasks = List(bands - 1) { Runnable { help(it + 1) } }
    private val done = Semaphore(0)
    private var work = Band { _, _, _ -> }
    private var count = 0

    @Volatile
    private var failure: Throwable? = null

    override fun run(count: Int, work: Band) {
        this.count = count
        this.work = work
        failure = null
        for (task in tasks) helpers.execute(task)
        try {
            runBand(0)
        } finally {
            done.acquireUninterruptibly(tasks.size)
        }
        failure?.let { throw it }
    }

    override fun close() = helpers.shutdown()

    private fun help(band: Int) {
        try {
            runBand(band)
        } catch (error: Throwable) {
            failure = error
        } finally {
            done.release()
        }
    }

    private fun runBand(band: Int) {
        val from = start(count, band, bands)
        val until = start(count, band + 1, bands)
        if (from < until) work.run(band, from, until)
    }
}

/** [bands] bands: on one thread for one, else on as many. */
internal fun rowsIn(bands: Int): Rows {
    require(bands >= 1) { "the number of bands must be at least 1, not $bands" }
    return if (bands == 1) OneBand else ThreadedRows(bands)
}

/** The first row of a band. */
private fun start(count: Int, band: Int, bands: Int): Int = (count.toLong() * band / bands).toInt()
