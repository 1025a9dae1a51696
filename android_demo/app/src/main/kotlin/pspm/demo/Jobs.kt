package pspm.demo

import java.util.concurrent.CancellationException
import pspm.matting.Progress
import pspm.matting.Step

/** What a job of the Photo screen does at a time, and its text. */
enum class JobStep(val text: Int) {
    WAIT(R.string.working),
    OPEN(R.string.step_open),
    LOOK(R.string.step_look),
    SECOND_LOOK(R.string.step_second_look),
    REFINE(R.string.step_refine),
    FOREGROUND(R.string.step_foreground),
    BLUR(R.string.step_blur),
    COMPOSE(R.string.step_compose),
    SAVE(R.string.step_save),
    CANCEL(R.string.step_cancel);

    companion object {
        /** The same step of the library. */
        fun of(step: Step): JobStep = valueOf(step.name)
    }
}

/** Where a job is: [done] of [of] parts of a step. [of] is 0 where their number is not known. */
data class JobState(val step: JobStep, val done: Int = 0, val of: Int = 0)

/**
 * Jobs that take long and run one after the other: where the running one is, and a way to cancel them all. They outlive the
 * screen that began them, as when the device is turned. Any thread may use it.
 */
class Jobs {
    /** Called when [state] changed, on the thread that changed it. */
    @Volatile
    var onChange: () -> Unit = {}

    /** Where the running job is, or null if there is none. */
    @Volatile
    var state: JobState? = null
        private set

    private val unfinished = LinkedHashMap<Progress, Boolean>()

    /** Announce a job before it is run. [endsWithScreen]: whether it is of no use once the screen is left. */
    fun announce(endsWithScreen: Boolean = true): Progress {
        lateinit var progress: Progress
        progress = Progress { step, done, of -> show(progress, JobState(JobStep.of(step), done, of)) }
        change {
            unfinished[progress] = endsWithScreen
            state ?: JobState(JobStep.WAIT)
        }
        return progress
    }

    /** Run an announced job. Returns whether it ran to its end; false if it was cancelled before or meanwhile. */
    fun run(progress: Progress, job: () -> Unit): Boolean = try {
        progress.check()
        job()
        true
    } catch (_: CancellationException) {
        false
    } finally {
        change {
            unfinished.remove(progress)
            if (unfinished.isEmpty()) null else JobState(JobStep.WAIT)
        }
    }

    /** Say what the running job does, where the library does not. */
    fun at(progress: Progress, step: JobStep) {
        progress.check()
        show(progress, JobState(step))
    }

    /** Cancel the running job and those that wait for it. */
    fun cancel() = cancel { true }

    /** Cancel the jobs that are of no use once the screen is left. */
    fun leave() = cancel { it }

    private fun cancel(which: (Boolean) -> Boolean) = change {
        val chosen = unfinished.filterValues(which).keys
        for (progress in chosen) progress.cancel()
        if (chosen.isEmpty()) state else JobState(JobStep.CANCEL)
    }

    private fun show(progress: Progress, next: JobState) = change { if (progress.isCancelled) state else next }

    private fun change(next: () -> JobState?) {
        synchronized(unfinished) { state = next() }
        onChange()
    }
}
