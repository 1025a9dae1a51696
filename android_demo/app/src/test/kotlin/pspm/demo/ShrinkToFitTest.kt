package pspm.demo

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test

class ShrinkToFitTest {
    @Test
    fun `a job that fits runs at full size`() = assertEquals(1, shrinkToFit { it })

    @Test
    fun `the size is halved until the job fits`() {
        val tried = mutableListOf<Int>()
        val divisor = shrinkToFit {
            tried += it
            if (it < 8) throw OutOfMemoryError("test")
            it
        }
        assertEquals(8, divisor)
        assertEquals(listOf(1, 2, 4, 8), tried)
    }

    @Test
    fun `handles a real out-of-memory error`() {
        // The first array exceeds any heap, a later one fits.
        val size = shrinkToFit { LongArray(Int.MAX_VALUE / (it * it * it * it * it * it)).size }
        assertEquals(true, size < Int.MAX_VALUE)
    }

    @Test
    fun `throws if no size fits`() {
        assertThrows(OutOfMemoryError::class.java) { shrinkToFit<Int> { throw OutOfMemoryError("test") } }
    }

    @Test
    fun `divisor for a limit on the number of pixels`() {
        assertEquals(1, divisorFor(4000, 3000, 12_000_000))
        assertEquals(2, divisorFor(4000, 3000, 11_999_999))
        assertEquals(4, divisorFor(8000, 6000, 3_000_000))
        assertEquals(2, divisorFor(70_000, 70_000, 2_000_000_000))
    }
}
