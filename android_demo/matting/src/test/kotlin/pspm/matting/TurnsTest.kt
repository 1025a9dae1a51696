package pspm.matting

import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class TurnsTest {
    private val turns = Turns(Dispatchers.Default)

    @Test
    fun `work runs on the dispatcher, one piece at a time`() = runBlocking {
        val caller = Thread.currentThread()
        val running = AtomicInteger()
        val together = (1..8).map {
            async {
                turns.take {
                    assertNotEquals(caller, Thread.currentThread())
                    val now = running.incrementAndGet()
                    Thread.sleep(1)
                    running.decrementAndGet()
                    now
                }
            }
        }.awaitAll()

        assertEquals(List(8) { 1 }, together)
    }

    @Test
    fun `an error reaches the caller, and the next piece has its turn`() = runBlocking {
        val error = assertThrows<NoPersonException> { runBlocking { turns.take { throw NoPersonException() } } }

        assertEquals("no person was found in the photo; choose another photo", error.message)
        assertEquals(3, turns.take { 3 })
    }

    @Test
    fun `work that waits can be cancelled`() = runBlocking {
        val begun = CountDownLatch(1)
        val end = CountDownLatch(1)
        val first = launch(Dispatchers.IO) {
            turns.take {
                begun.countDown()
                end.await()
            }
        }
        begun.await()
        var ran = false
        val second = launch { turns.take { ran = true } }
        second.cancelAndJoin()
        end.countDown()
        first.join()

        assertFalse(ran)
    }
}
