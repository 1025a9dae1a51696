package pspm.matting

import kotlin.random.Random
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import pspm.matting.pictures.Filter
import pspm.matting.pictures.Photo
import pspm.matting.pictures.Resample
import pspm.matting.pictures.Shrink
import pspm.matting.pictures.YuvFrame
import pspm.matting.stages.WatchedRows
import pspm.matting.stages.rowsIn

private const val ROUNDS = 40

/** Bands of rows, at the same time or one after the other, give what one band gives, bit for bit. */
class BandsTest {
    private val random = Random(20261129)

    @Test
    fun `live frames of random sizes in random numbers of bands are those of one band`() {
        repeat(ROUNDS) {
            val side = 16 * random.nextInt(2, 8)
            val (width, height) = 2 * random.nextInt(8, 160) to 2 * random.nextInt(8, 160)
            val bands = random.nextInt(2, 9)
            val background = when (it % 3) {
                0 -> Background.Colour(random.nextInt())
                1 -> Background.Picture(photo(random.nextInt(1, 90), random.nextInt(1, 90)))
                else -> Background.Blur(random.nextDouble(0.2, 1.0))
            }
            val sources = List(2) { YuvFrame(width, height).apply { fill(photo(width, height)) } }
            val alpha = FloatArray(side * side) { i -> softDiscs(i % side, i / side, side) }
            fun frames(bands: Int): List<IntArray> {
                val network = FakeNetwork(side) { pixel, _ -> alpha[pixel] }
                return LiveMatting(emptyBundle(side), network, width, height, bands).use { live ->
                    live.background = background
                    sources.map { source ->
                        live.run(source, 0, false)
                        live.frame.clone()
                    }
                }
            }
            val expected = frames(1)
            frames(bands).forEachIndexed { i, frame ->
                assertArrayEquals(expected[i], frame, "$width x $height, view $side, $bands bands, $background, frame $i")
            }
        }
    }

    @Test
    fun `resized pictures of random sizes in bands are those of one band`() {
        repeat(ROUNDS) {
            val source = photo(random.nextInt(1, 200), random.nextInt(1, 200))
            val (toWidth, toHeight) = random.nextInt(1, 120) to random.nextInt(1, 120)
            val filter = Filter.entries[it % 3]
            val box = pspm.matting.pictures.Box(0.0, 0.0, source.width.toDouble(), source.height.toDouble())
            val found = List(3) { IntArray(toWidth * toHeight) }
            val expected = List(3) { IntArray(toWidth * toHeight) }
            rowsIn(random.nextInt(2, 6)).use { rows ->
                Resample(source.width, source.height, toWidth, toHeight, filter, box, rows).run(source.pixels, found[0])
                Shrink(source.width, source.height, toWidth, toHeight, filter, rows).run(source.pixels, found[1])
            }
            Shrink(
                source.width,
                source.height,
                toWidth,
                toHeight,
                filter,
                WatchedRows(1) { _, _ ->
                }
            ).run(source.pixels, found[2])
            Resample(source.width, source.height, toWidth, toHeight, filter).run(source.pixels, expected[0])
            for (i in 1..2) Shrink(source.width, source.height, toWidth, toHeight, filter).run(source.pixels, expected[i])
            for (i in 0..2) {
                assertArrayEquals(
                    expected[i],
                    found[i],
                    "${source.width} x ${source.height} to $toWidth x $toHeight"
                )
            }
        }
    }

    @Test
    fun `every row is in one band`() {
        for (count in listOf(0, 1, 2, 7, 49, 50, 51, 1000)) {
            for (rows in listOf(rowsIn(1), rowsIn(3), rowsIn(8), WatchedRows(1) { _, _ -> })) {
                val times = java.util.concurrent.atomic.AtomicIntegerArray(maxOf(1, count))
                rows.use { it.run(count) { _, from, until -> for (y in from until until) times.incrementAndGet(y) } }
                for (y in 0 until count) assertEquals(1, times[y], "$count rows")
            }
        }
    }

    @Test
    fun `an error in any band reaches the caller, and the next run works`() {
        rowsIn(3).use { rows ->
            for (broken in 0 until 3) {
                val error = assertThrows(MattingException::class.java) {
                    rows.run(30) { band, _, _ -> if (band == broken) throw MattingException("band $band") }
                }
                assertEquals("band $broken", error.message)
            }
            val bands = java.util.concurrent.ConcurrentSkipListSet<Int>()
            rows.run(30) { band, _, _ -> bands += band }
            assertEquals(setOf(0, 1, 2), bands)
        }
        assertThrows(IllegalArgumentException::class.java) { rowsIn(0) }
    }

    @Test
    fun `bands end their threads`() {
        val before = bandThreads()
        val live = LiveMatting(emptyBundle(32), leftHalf(32), 64, 48, 3)
        live.run(YuvFrame(64, 48), 0, false)
        assertEquals(before.size + 2, bandThreads().size)
        live.close()
        LivePipeline(emptyBundle(32), leftHalf(32), 64, 48, 3) {}.use {
            it.run(YuvFrame(64, 48), 0, false)
            it.finish()
        }
        for (thread in bandThreads() - before) thread.join(10_000)
        assertEquals(before, bandThreads())
    }

    private fun bandThreads() = Thread.getAllStackTraces().keys.filter { it.name == "matting-band" && it.isAlive }.toSet()

    private fun photo(width: Int, height: Int) = Photo(
        width,
        height,
        IntArray(width * height) {
            random.nextInt() or -0x1000000
        }
    )

    /** Two soft discs, so that some rows have many soft tiles and others none. */
    private fun softDiscs(x: Int, y: Int, side: Int): Float {
        fun disc(left: Double, top: Double) = 6 - 20 * kotlin.math.hypot(x - left * side, y - top * side) / side
        return maxOf(disc(0.3, 0.4), disc(0.75, 0.2)).coerceIn(0.0, 1.0).toFloat()
    }
}
