package pspm.demo

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Test

class PaceTest {
    private val frame = FrameNanos(5_000_000, 20_000_000, 10_000_000)
    private val pace = Pace()

    @Test
    fun `a camera of 30 frames a second of which 10 are shown`() {
        (0L..9L).forEach { pace.add(frame, 3 * it, it * 100_000_000) }
        assertNull(pace.rates)
        pace.add(frame, 30, 1_000_000_000)

        assertEquals(Rates(30.0, 10.0, 20, 5.0, 20.0, 10.0), pace.rates)
    }

    @Test
    fun `the rates change once a second`() {
        val seen = (0L..100L).mapNotNull {
            pace.add(frame, it, it * 40_000_000)
            pace.rates
        }

        assertEquals(4, seen.map { System.identityHashCode(it) }.distinct().size)
        assertEquals(25.0, seen.last().shown)
        assertEquals(0, seen.last().dropped)
    }

    @Test
    fun `frames before a restart do not count, nor the pause`() {
        (0L..10L).forEach { pace.add(frame, it, it * 100_000_000) }
        val before = pace.rates
        pace.add(frame, 11, 1_100_000_000)
        pace.restart()
        pace.add(frame, 0, 60_000_000_000)
        assertSame(before, pace.rates)
        (1L..10L).forEach { pace.add(frame, 2 * it, 60_000_000_000 + it * 100_000_000) }

        assertEquals(Rates(20.0, 10.0, 10, 5.0, 20.0, 10.0), pace.rates)
    }
}
