package pspm.matting

import java.util.concurrent.CancellationException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.rgb

private const val SIDE = 64

/** What a listener hears of a call, and that a call ends where it is cancelled. */
class ProgressTest {
    private val width = 230
    private val height = 170

    // A bright disc with a soft border on black.
    private val photo = Photo(
        width,
        height,
        IntArray(width * height) {
            val (x, y) = it % width - 110 to it / width - 90
            rgb((600 - (x * x + y * y) / 8).coerceIn(0, 255), 90, it % 256)
        }
    )
    private var runs = 0
    private val matting = Matting(emptyBundle(SIDE), brightness(SIDE) { runs++ })
    private val matte: Matte = matting.predictAlpha(photo)

    private val calls = mapOf<String, (Progress) -> Any>(
        "predictAlpha" to { matting.predictAlpha(photo, quality = Quality.BEST, progress = it).values },
        "cutOut" to { matting.cutOut(photo, matte, progress = it).pixels },
        "replaceBackground with a colour" to { matting.replaceBackground(photo, 5, matte, progress = it).pixels },
        "replaceBackground with a picture" to { matting.replaceBackground(photo, photo, matte, progress = it).pixels },
        "blurBackground" to { matting.blurBackground(photo, 0.8, matte, progress = it).pixels },
        "cutOut with a matte of its own" to { matting.cutOut(photo, progress = it).pixels }
    )

    private data class News(val step: Step, val done: Int, val of: Int)

    private fun newsOf(call: (Progress) -> Any): List<News> {
        val news = mutableListOf<News>()
        call(Progress { step, done, of -> news += News(step, done, of) })
        return news
    }

    @Test
    fun `each call names its steps in their order`() {
        val looks = listOf(Step.LOOK, Step.SECOND_LOOK, Step.REFINE)
        val steps = mapOf(
            "predictAlpha" to looks,
            "cutOut" to listOf(Step.FOREGROUND, Step.COMPOSE),
            "replaceBackground with a colour" to listOf(Step.FOREGROUND, Step.COMPOSE),
            "replaceBackground with a picture" to listOf(Step.FOREGROUND, Step.COMPOSE),
            "blurBackground" to listOf(Step.BLUR, Step.FOREGROUND, Step.COMPOSE),
            "cutOut with a matte of its own" to looks + listOf(Step.FOREGROUND, Step.COMPOSE)
        )
        for ((name, call) in calls) assertEquals(steps[name], newsOf(call).map { it.step }.distinct(), name)
    }

    @Test
    fun `the parts of a step only grow, and their number stays`() {
        for ((name, call) in calls) {
            for ((step, news) in newsOf(call).groupBy { it.step }) {
                assertEquals(1, news.map { it.of }.distinct().size, "$name, $step")
                assertEquals(news.map { it.done }.sorted().distinct(), news.map { it.done }, "$name, $step")
                if (step != Step.LOOK) assertTrue(news.all { it.done < it.of }, "$name, $step: ${news.last()}")
            }
        }
    }

    @Test
    fun `a call ends where it is cancelled, and the next one is as if it had not been`() {
        for ((name, call) in calls) {
            val expected = call(Progress())
            val whole = newsOf(call)
            for (stop in listOf(0, whole.size / 3, whole.size - 1) + whole.indices.filter { whole[it].done == 0 }) {
                var heard = 0
                lateinit var progress: Progress
                progress = Progress { _, _, _ -> if (heard++ == stop) progress.cancel() }
                assertThrows(CancellationException::class.java, { call(progress) }, "$name, $stop")
                assertEquals(stop + 1, heard, "$name: the listener hears nothing more")
            }
            assertSame(expected, call(Progress()), name)
        }
    }

    @Test
    fun `the network is not run again after a cancellation`() {
        lateinit var progress: Progress
        progress = Progress { _, done, _ -> if (done == 1) progress.cancel() }
        runs = 0
        assertThrows(CancellationException::class.java) {
            matting.predictAlpha(photo, quality = Quality.BEST, progress = progress)
        }
        // The look that was announced first, and the one after which it was cancelled.
        assertEquals(1, runs)
    }

    @Test
    fun `a call with a cancelled object does nothing`() {
        val before = photo.pixels.clone()
        val result = IntArray(photo.pixels.size)
        val cancelled = Progress().apply { cancel() }
        runs = 0
        for ((name, call) in calls) assertThrows(CancellationException::class.java, { call(cancelled) }, name)
        assertThrows(CancellationException::class.java) { matting.replaceBackground(photo, 5, matte, result, cancelled) }
        assertEquals(0, runs)
        assertArrayEquals(IntArray(result.size), result)
        assertArrayEquals(before, photo.pixels)
    }

    @Test
    fun `a cancelled coroutine ends the call that runs, and gets no result`() = runBlocking {
        val turns = Turns(Dispatchers.Default)
        for ((name, call) in calls) {
            val begun = CountDownLatch(1)
            val isCancelled = CountDownLatch(1)
            var result: Any? = null
            val thrown = AtomicReference<Throwable>()
            val job = launch(Dispatchers.Default) {
                result = turns.take({ _, _, _ ->
                    begun.countDown()
                    isCancelled.await()
                }) {
                    try {
                        call(it)
                    } catch (error: CancellationException) {
                        thrown.set(error)
                        throw error
                    }
                }
            }
            begun.await()
            job.cancel()
            isCancelled.countDown()
            job.join()
            assertTrue(thrown.get() is CancellationException, "$name: the call itself ends")
            assertEquals(null, result, name)
        }
        assertSame(matte.values, turns.take { matting.predictAlpha(photo).values }, "the next call")
    }

    @Test
    fun `a call that ended before it was cancelled has its result`() = runBlocking {
        val turns = Turns(Dispatchers.Default)
        var result: ByteArray? = null
        val job = launch { result = turns.take { matting.predictAlpha(photo, progress = it).values } }
        job.join()
        job.cancelAndJoin()
        assertArrayEquals(matte.values, result)
        val progress = Progress()
        matting.predictAlpha(photo, progress = progress)
        progress.cancel()
        assertTrue(progress.isCancelled)
        assertFalse(Progress().isCancelled)
    }

    private fun assertSame(expected: Any, found: Any, message: String) = when (expected) {
        is ByteArray -> assertArrayEquals(expected, found as ByteArray, message)
        else -> assertArrayEquals(expected as IntArray, found as IntArray, message)
    }
}
