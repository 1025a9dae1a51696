package pspm.demo

import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.NoPersonException
import pspm.matting.Step

class JobsTest {
    private val jobs = Jobs()
    private val seen = mutableListOf<JobStep?>()

    init {
        jobs.onChange = { seen += jobs.state?.step }
    }

    @Test
    fun `a job is waited for, named and over`() {
        val progress = jobs.announce()
        assertTrue(
            jobs.run(progress) {
                jobs.at(progress, JobStep.OPEN)
                assertEquals(JobState(JobStep.OPEN), jobs.state)
            }
        )
        assertEquals(listOf(JobStep.WAIT, JobStep.OPEN, null), seen)
    }

    @Test
    fun `every step of the library has a text`() {
        for (step in Step.entries) assertTrue(JobStep.of(step).text != 0)
        assertEquals(JobStep.entries.size, JobStep.entries.map { it.text }.distinct().size)
    }

    @Test
    fun `cancelling ends the running job and skips those that wait`() {
        val first = jobs.announce()
        val second = jobs.announce()
        val begun = CountDownLatch(1)
        val isCancelled = CountDownLatch(1)
        var wentOn = false
        var ranToItsEnd = true
        val worker = thread {
            ranToItsEnd = jobs.run(first) {
                begun.countDown()
                isCancelled.await()
                first.check()
                wentOn = true
            }
        }
        begun.await()
        jobs.cancel()
        assertEquals(JobState(JobStep.CANCEL), jobs.state)
        isCancelled.countDown()
        worker.join()
        assertFalse(ranToItsEnd)
        assertFalse(wentOn)
        assertFalse(jobs.run(second) { wentOn = true })
        assertFalse(wentOn)
        assertNull(jobs.state)
        assertTrue(jobs.run(jobs.announce()) { wentOn = true })
        assertTrue(wentOn)
    }

    @Test
    fun `leaving the screen ends what is of no use without it`() {
        val effect = jobs.announce()
        val save = jobs.announce(endsWithScreen = false)
        jobs.leave()
        assertFalse(jobs.run(effect) {})
        assertTrue(jobs.run(save) {})
    }

    @Test
    fun `a job that fails is over, and its error reaches the caller`() {
        assertThrows(NoPersonException::class.java) { jobs.run(jobs.announce()) { throw NoPersonException() } }
        assertNull(jobs.state)
        jobs.cancel()
        assertNull(jobs.state)
    }
}
