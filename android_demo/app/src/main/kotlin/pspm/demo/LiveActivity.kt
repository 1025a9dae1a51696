package pspm.demo

import android.Manifest
import android.content.Intent
import android.content.pm.PackageManager
import android.media.Image
import android.os.Bundle
import android.view.Surface
import android.view.View
import android.view.WindowManager
import android.widget.Button
import android.widget.SeekBar
import pspm.matting.Background
import pspm.matting.engine.Delegate
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.openOrFallBack
import pspm.matting.pictures.rgb
import pspm.matting.pictures.uprightRotation

/** Shows the camera's picture with another background. */
class LiveActivity :
    Screen(R.layout.live, R.id.live),
    CameraListener {
    private lateinit var view: FrameView
    private var wantFront = true
    private var wantDelegate = Delegate.CPU
    private var colour = 0

    // Used only on the worker thread.
    private var frames: LiveFrames? = null
    private var camera: Camera? = null
    private var refusal = ""

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        view = findViewById(R.id.frame)
        wantFront = state?.getBoolean(FRONT, true) ?: true
        wantDelegate = state?.getString(DELEGATE)?.let { Delegate.valueOf(it) } ?: Delegate.CPU
        onTap(R.id.status) { if (allowed()) restartCamera() else requestPermissions(PERMISSIONS, 1) }
        onTap(R.id.other_camera) {
            wantFront = !wantFront
            restartCamera()
        }
        onTap(R.id.colour) { show(Background.Colour(COLOURS[colour++ % COLOURS.size])) }
        onTap(R.id.picture) { startOther(Photos.pick(), PICTURE) }
        onTap(R.id.blur) { show(Background.Blur(strength())) }
        findViewById<SeekBar>(R.id.strength).setOnSeekBarChangeListener(
            object : SeekBar.OnSeekBarChangeListener {
                override fun onProgressChanged(bar: SeekBar, progress: Int, byUser: Boolean) = Unit

                override fun onStartTrackingTouch(bar: SeekBar) = Unit

                override fun onStopTrackingTouch(bar: SeekBar) = show(Background.Blur(strength()))
            }
        )
        onTap(R.id.delegate) {
            wantDelegate = Delegate.entries[(wantDelegate.ordinal + 1) % Delegate.entries.size]
            load()
        }
        load()
        if (!allowed()) requestPermissions(PERMISSIONS, 1)
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putBoolean(FRONT, wantFront)
        state.putString(DELEGATE, wantDelegate.name)
    }

    override fun onResume() {
        super.onResume()
        restartCamera()
    }

    override fun onPause() {
        work { closeCamera() }
        super.onPause()
    }

    override fun release() {
        closeCamera()
        frames?.close()
        frames = null
    }

    override fun onRequestPermissionsResult(request: Int, names: Array<out String>, results: IntArray) {
        super.onRequestPermissionsResult(request, names, results)
        restartCamera()
    }

    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        super.onActivityResult(request, result, data)
        val uri = data?.data
        if (request != PICTURE || result != RESULT_OK || uri == null) return
        work {
            when (val opened = Photos(this).open(uri, BACKGROUND_PIXELS)) {
                is Opened.Success -> show(Background.Picture(opened.photo))
                is Opened.Failure -> showStatus(opened.message)
            }
        }
    }

    override fun onFrame(image: Image, camera: Camera) {
        val frames = frames ?: return
        val (luma, cb, cr) = image.planes
        val source = frames.source(image.width, image.height)
        source.copyLuma(luma.buffer, luma.rowStride)
        source.copyChroma(cb.buffer, cr.buffer, cb.rowStride, cb.pixelStride)
        val shownRate = frames.pace.framesPerSecond
        val live = frames.run(uprightRotation(camera.sensorDegrees, displayDegrees(), camera.front), camera.front)
        view.showFrame(live.frame, live.width, live.height)
        if (frames.pace.framesPerSecond != shownRate) showPace(frames)
    }

    override fun onCameraError(error: CameraError, detail: String) = showStatus(
        when (error) {
            CameraError.NO_CAMERA -> getString(R.string.no_camera)
            CameraError.IN_USE -> getString(R.string.camera_taken)
            CameraError.FAILED -> getString(R.string.camera_failed, detail)
        }
    )

    /** Load the network on the chosen delegate and keep the background. */
    private fun load() {
        val delegate = wantDelegate
        with(findViewById<Button>(R.id.delegate)) {
            text = delegate.name
            contentDescription = getString(R.string.delegate, delegate.name)
        }
        work {
            val old = frames
            frames = null
            old?.close()
            refusal = ""
            val bundle = Models(assets).read(Models.LIVE)
            val engine = openOrFallBack(bundle, delegate, TensorFlowLiteEngine.defaultThreads()) {
                refusal = getString(R.string.delegate_refused, sentence(it))
                showStatus(refusal)
            }
            frames = LiveFrames(bundle, engine).apply { if (old != null) background = old.background }
        }
    }

    private fun show(background: Background) = work { frames?.background = background }

    private fun restartCamera() {
        if (!allowed()) {
            showStatus(getString(R.string.no_permission))
            return
        }
        showStatus("")
        val front = wantFront
        work {
            closeCamera()
            frames?.restart()
            if (frames != null) camera = Camera(this, front, workerHandler, this)
        }
    }

    private fun closeCamera() {
        camera?.close()
        camera = null
    }

    private fun allowed() = checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

    private fun strength() = findViewById<SeekBar>(R.id.strength).progress / 100.0

    private fun showPace(frames: LiveFrames) {
        val pace = frames.pace
        val by = frames.engine.delegate.label
        val line = getString(R.string.live_status, pace.framesPerSecond, pace.frameMillis, pace.networkMillis, by)
        showStatus("$line $refusal".trim())
    }

    // Context.getDisplay does not exist in Android 8.
    @Suppress("DEPRECATION")
    private fun displayDegrees() = when (windowManager.defaultDisplay.rotation) {
        Surface.ROTATION_90 -> 90
        Surface.ROTATION_180 -> 180
        Surface.ROTATION_270 -> 270
        else -> 0
    }

    private companion object {
        const val FRONT = "front"
        const val DELEGATE = "delegate"
        const val PICTURE = 2
        const val BACKGROUND_PIXELS = 2_000_000L
        val PERMISSIONS = arrayOf(Manifest.permission.CAMERA)
        val COLOURS = intArrayOf(rgb(32, 160, 255), rgb(0, 177, 64), rgb(255, 255, 255), rgb(0, 0, 0), rgb(255, 120, 40))
    }
}
