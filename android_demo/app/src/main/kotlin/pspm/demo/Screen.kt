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

/** Base class of the three screens: tabs, a status line, and a worker thread. */
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
        // Running jobs finish first; their status is no longer shown.
        work { release() }
        thread.quitSafely()
        super.onDestroy()
    }

    /** Free what the worker thread uses. Called last, on that thread. */
    protected abstract fun release()

    /** Run a job on the worker thread. Show the user a [MattingException] or the lack of memory. */
    protected fun work(job: () -> Unit) {
        worker.post {
            try {
                job()
            } catch (error: MattingException) {
                showStatus(sentence(error))
            } catch (error: OutOfMemoryError) {
                showStatus(getString(R.string.photo_too_large))
            }
        }
    }

    /** The worker thread's handler, for Android's callbacks. */
    protected val workerHandler: Handler get() = worker

    /** Show a text on the status line. May be called from any thread. */
    protected fun showStatus(text: String) = onScreen { status.text = text }

    /** Run a job on the main thread, unless the screen was destroyed. */
    protected fun onScreen(job: () -> Unit) = runOnUiThread { if (!isDestroyed) job() }

    /** Run a job when a view is tapped. */
    protected fun onTap(id: Int, job: () -> Unit) = findViewById<View>(id).setOnClickListener { job() }

    /** Start another app for a result. If there is none, tell the user. */
    protected fun startOther(intent: Intent, request: Int) {
        try {
            startActivityForResult(intent, request)
        } catch (_: ActivityNotFoundException) {
            showStatus(getString(R.string.no_app))
        }
    }

    private fun open(screen: Class<out Activity>) {
        startActivity(Intent(this, screen).addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP))
        finish()
    }

    /** An error's message as a complete sentence. */
    protected fun sentence(error: MattingException): String = error.message.orEmpty().replaceFirstChar { it.uppercase() } + "."

    private companion object {
        val TABS = listOf(
            R.id.live to LiveActivity::class.java,
            R.id.photo to PhotoActivity::class.java,
            R.id.benchmark to BenchmarkActivity::class.java
        )
    }
}
