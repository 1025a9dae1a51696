package pspm.demo

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.os.Bundle
import android.os.Handler
import android.os.HandlerThread
import android.view.View
import android.widget.Button
import android.widget.TextView
import pspm.matting.MattingException

/** What the three screens share: the tabs, a line that tells the user, and a thread for the work. */
abstract class Screen(private val layout: Int, private val tab: Int) : Activity() {
    private lateinit var thread: HandlerThread
    private lateinit var worker: Handler
    private lateinit var status: TextView

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        thread = HandlerThread("matting").apply { start() }
        worker = Handler(thread.looper)
        setContentView(layout)
        status = findViewById(R.id.status)
        for ((id, screen) in TABS) {
            val button = findViewById<Button>(id)
            button.isSelected = id == tab
            button.isEnabled = id != tab
            button.setOnClickListener { open(screen) }
        }
    }

    override fun onDestroy() {
        // What is under way finishes first; it tells nobody any more.
        work { release() }
        thread.quitSafely()
        super.onDestroy()
    }

    /** Free what the worker holds; runs on its thread, last of all. */
    protected abstract fun release()

    /** Run on the worker's thread; what goes wrong because of what was given is told to the user. */
    protected fun work(job: () -> Unit) {
        worker.post {
            try {
                job()
            } catch (error: MattingException) {
                tell(getString(R.string.failed, sentence(error)))
            } catch (error: OutOfMemoryError) {
                tell(getString(R.string.photo_too_large))
            }
        }
    }

    /** The thread's handler, for Android's callbacks. */
    protected val workerHandler: Handler get() = worker

    /** Show the user a line, from any thread. */
    protected fun tell(text: String) = onScreen { status.text = text }

    /** Run on the main thread, unless the screen has gone. */
    protected fun onScreen(job: () -> Unit) = runOnUiThread { if (!isDestroyed) job() }

    /** Run when a button is tapped. */
    protected fun onTap(id: Int, job: () -> Unit) = findViewById<View>(id).setOnClickListener { job() }

    /** Start another app for a result; without one the user is told. */
    protected fun startOther(intent: Intent, request: Int) {
        try {
            startActivityForResult(intent, request)
        } catch (_: ActivityNotFoundException) {
            tell(getString(R.string.no_app))
        }
    }

    private fun open(screen: Class<out Activity>) {
        startActivity(Intent(this, screen).addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP))
        finish()
    }

    /** An error's message as a sentence of its own. */
    protected fun sentence(error: MattingException): String = error.message.orEmpty().replaceFirstChar { it.uppercase() } + "."

    private companion object {
        val TABS = listOf(
            R.id.live to LiveActivity::class.java,
            R.id.photo to PhotoActivity::class.java,
            R.id.benchmark to BenchmarkActivity::class.java
        )
    }
}
