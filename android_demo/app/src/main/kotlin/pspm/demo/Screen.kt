package pspm.demo

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.os.Bundle
import android.os.Handler
import android.view.View
import android.widget.Button
import android.widget.SeekBar
import android.widget.TextView
import pspm.matting.MattingException

/**
 * Base class of the three screens: tabs, a status line, and a worker thread with the screen's state.
 *
 * [Session]: what only the worker thread uses. It is kept when the screen is created again for another rotation, size, theme
 * or font.
 */
abstract class Screen<Session : AutoCloseable>(private val layout: Int, private val tab: Int) : Activity() {
    private lateinit var worker: Worker<Session>
    private lateinit var status: TextView

    // A second, quick tap would start a second screen over the first.
    private var isLeaving = false

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        worker = kept() ?: Worker(newSession())
        setContentView(layout)
        status = findViewById(R.id.status)
        for ((id, screen) in TABS) {
            val button = findViewById<Button>(id)
            button.isSelected = id == tab
            if (id != tab) button.setOnClickListener { open(screen) }
        }
    }

    override fun onDestroy() {
        // Running jobs finish first. They can no longer show anything on this screen.
        if (!isChangingConfigurations) worker.quit()
        super.onDestroy()
    }

    override fun onResume() {
        super.onResume()
        isLeaving = false
    }

    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        super.onActivityResult(request, result, data)
        isLeaving = false
    }

    override fun onRetainNonConfigurationInstance(): Any = worker

    @Suppress("UNCHECKED_CAST", "DEPRECATION")
    private fun kept() = lastNonConfigurationInstance as Worker<Session>?

    /** The session of a screen that opens for the first time. */
    protected abstract fun newSession(): Session

    /** What the worker thread uses. Use it within [work], unless it says that other threads may use it. */
    protected val session: Session get() = worker.session

    /** Run a job on the worker thread. Show the user a [MattingException] or the lack of memory. */
    protected fun work(job: () -> Unit) {
        worker.handler.post {
            try {
                job()
            } catch (error: MattingException) {
                showStatus(resources.sentence(error))
            } catch (error: OutOfMemoryError) {
                showStatus(getString(R.string.photo_too_large))
            }
        }
    }

    /** The worker thread's handler, for Android's callbacks. */
    protected val workerHandler: Handler get() = worker.handler

    /** Show a text on the status line, which a screen reader reads out. May be called from any thread. */
    protected fun showStatus(text: String) = onScreen { status.text = text }

    /** Run a job on the main thread, unless the screen was destroyed. */
    protected fun onScreen(job: () -> Unit) = runOnUiThread { if (!isDestroyed) job() }

    /** Run a job when a view is tapped. */
    protected fun onTap(id: Int, job: () -> Unit) = findViewById<View>(id).setOnClickListener { job() }

    /** Show a view, or hide it without leaving room for it. */
    protected fun show(view: View, visible: Boolean) {
        view.visibility = if (visible) View.VISIBLE else View.GONE
    }

    /** Run a job when the user lets go of a slider. */
    protected fun afterSliding(slider: SeekBar, job: () -> Unit) = slider.setOnSeekBarChangeListener(
        object : SeekBar.OnSeekBarChangeListener {
            override fun onProgressChanged(bar: SeekBar, progress: Int, byUser: Boolean) = Unit

            override fun onStartTrackingTouch(bar: SeekBar) = Unit

            override fun onStopTrackingTouch(bar: SeekBar) = job()
        }
    )

    /** Start another app for a result. If there is none, tell the user. */
    protected fun startOther(intent: Intent, request: Int) {
        if (isLeaving) return
        isLeaving = true
        try {
            // The user comes back: this is not the way to the home screen, so Live opens no small window.
            startActivityForResult(intent.addFlags(Intent.FLAG_ACTIVITY_NO_USER_ACTION), request)
        } catch (_: ActivityNotFoundException) {
            isLeaving = false
            showStatus(getString(R.string.no_app))
        }
    }

    private fun open(screen: Class<out Activity>) {
        if (isLeaving) return
        isLeaving = true
        val flags = Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_NO_USER_ACTION
        startActivity(Intent(this, screen).addFlags(flags))
        finish()
    }

    private companion object {
        val TABS = listOf(
            R.id.live to LiveActivity::class.java,
            R.id.photo to PhotoActivity::class.java,
            R.id.benchmark to BenchmarkActivity::class.java
        )
    }
}
