package pspm.demo

import android.content.Intent
import android.content.res.Configuration
import android.media.Image
import android.os.Build
import android.os.Bundle
import android.view.Surface
import android.view.View
import android.view.ViewGroup
import android.view.WindowManager
import android.widget.RadioButton
import android.widget.SeekBar
import android.widget.TextView
import pspm.matting.Background
import pspm.matting.MattingException
import pspm.matting.engine.Delegate
import pspm.matting.engine.FallBackEngine
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.uprightRotation

/** Shows the camera's picture with another background. */
class LiveActivity :
    Screen<LiveSession>(R.layout.live, R.id.live),
    CameraListener {
    private lateinit var view: FrameView
    private lateinit var swatches: Swatches
    private lateinit var strength: SeekBar
    private lateinit var permission: CameraPermission
    private lateinit var smallWindow: PictureInPicture
    private var isWide = false
    private var wantFront = true
    private var wantDelegate = Delegate.CPU

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        view = findViewById(R.id.frame)
        swatches = findViewById(R.id.colours)
        strength = findViewById(R.id.strength)
        wantFront = state?.getBoolean(FRONT, true) ?: true
        wantDelegate = state?.getString(DELEGATE)?.let { Delegate.valueOf(it) } ?: Delegate.CPU
        permission = CameraPermission(this)
        smallWindow = PictureInPicture(this)
        isWide = resources.getBoolean(R.bool.is_wide)
        onTap(R.id.status) {
            when {
                permission.isGranted -> openCamera(anew = true)
                permission.isRefusedForGood -> startOther(permission.settings(), SETTINGS)
                else -> permission.ask()
            }
        }
        onTap(R.id.other_camera) {
            wantFront = !wantFront
            openCamera(anew = true)
        }
        onTap(R.id.small_window) { if (!smallWindow.enter()) showStatus(getString(R.string.no_small_window)) }
        show(findViewById(R.id.small_window), smallWindow.isOffered)
        offerWindow(null)
        onTap(R.id.colour) { show(Background.Colour(swatches.colour)) }
        onTap(R.id.picture) {
            showOptions()
            startOther(Photos.pick(), PICTURE)
        }
        onTap(R.id.blur) { show(Background.Blur(strength())) }
        swatches.onChoice = { show(Background.Colour(it)) }
        afterSliding(strength) { show(Background.Blur(strength())) }
        for ((button, delegate) in DELEGATES) {
            onTap(button) {
                wantDelegate = delegate
                load()
            }
        }
        if (!permission.isGranted) permission.ask()
    }

    override fun onPostCreate(state: Bundle?) {
        super.onPostCreate(state)
        // The chosen background of an earlier screen was restored before this call.
        showOptions()
        showControls(!isInPictureInPictureMode)
        load()
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putBoolean(FRONT, wantFront)
        state.putString(DELEGATE, wantDelegate.name)
    }

    override fun onResume() {
        super.onResume()
        openCamera()
    }

    // A paused screen may still be seen: in the small window, or beside another app.
    override fun onStop() {
        work { session.closeCamera() }
        offerWindow(null)
        super.onStop()
    }

    override fun onUserLeaveHint() {
        super.onUserLeaveHint()
        // Later versions open the window themselves.
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.S) smallWindow.enter()
    }

    override fun onPictureInPictureModeChanged(isSmall: Boolean, configuration: Configuration) {
        super.onPictureInPictureModeChanged(isSmall, configuration)
        showControls(!isSmall)
        followWidth()
    }

    override fun onConfigurationChanged(configuration: Configuration) {
        super.onConfigurationChanged(configuration)
        followWidth()
    }

    override fun newSession() = LiveSession()

    override fun onRequestPermissionsResult(request: Int, names: Array<out String>, results: IntArray) {
        super.onRequestPermissionsResult(request, names, results)
        permission.onAnswer(results)
        openCamera()
    }

    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        super.onActivityResult(request, result, data)
        val uri = data?.data
        if (request != PICTURE || result != RESULT_OK || uri == null) return
        work {
            when (val opened = Photos(this).open(uri, BACKGROUND_PIXELS)) {
                is Opened.Success -> session.frames?.background = Background.Picture(opened.photo)
                is Opened.Failure -> showStatus(opened.message)
            }
        }
    }

    override fun onFrame(image: Image, camera: Camera) {
        val frames = session.frames ?: return
        val (luma, cb, cr) = image.planes
        val source = frames.source(image.width, image.height)
        source.copyLuma(luma.buffer, luma.rowStride)
        source.copyChroma(cb.buffer, cr.buffer, cb.rowStride, cb.pixelStride)
        try {
            frames.run(uprightRotation(camera.sensorDegrees, displayDegrees(), camera.front), camera.front, camera.given)
        } catch (error: MattingException) {
            session.closeCamera()
            onScreen { offerWindow(null) }
            showStatus(getString(R.string.live_stopped, resources.sentence(error)))
        }
    }

    override fun onCameraError(error: CameraError, detail: String) {
        onScreen { offerWindow(null) }
        showStatus(
            when (error) {
                CameraError.NO_CAMERA -> getString(R.string.no_camera)
                CameraError.IN_USE -> getString(R.string.camera_taken)
                CameraError.NO_FRAMES -> getString(R.string.camera_no_frames, detail)
                CameraError.FAILED -> getString(R.string.camera_failed, detail)
            }
        )
    }

    /** Load the network on the chosen delegate, unless it is loaded, and keep the background. */
    private fun load() {
        val delegate = wantDelegate
        val colour = findViewById<RadioButton>(R.id.colour).isChecked
        val first = if (colour) Background.Colour(swatches.colour) else Background.Blur(strength())
        work {
            val old = session.frames
            if (old != null && session.wanted == delegate) {
                showFramesOf(old)
                return@work
            }
            session.frames = null
            old?.close()
            session.wanted = delegate
            // Only if there is one: the status line may say something else, such as that the camera is not allowed.
            if (session.refusal.isNotEmpty()) refuse("")
            val bundle = Models(assets).read(Models.LIVE)
            val engine = FallBackEngine.open(bundle.model, delegate, TensorFlowLiteEngine.defaultThreads()) {
                refuse(getString(R.string.delegate_refused, resources.sentence(it)))
            }
            session.frames = LiveFrames(bundle, engine).apply {
                background = old?.background ?: first
                showFramesOf(this)
            }
        }
    }

    private fun showFramesOf(frames: LiveFrames) {
        var shown: Rates? = null
        frames.onFrame = { frame ->
            val isOther = view.shownSize != frame.width to frame.height
            view.showFrame(frame.pixels, frame.width, frame.height)
            val rates = frames.pace.rates
            if (rates != null && rates !== shown) show(rates, frames.engine.delegate)
            if (isOther || rates !== shown) onScreen { offerWindow(view.shownSize) }
            shown = rates
        }
    }

    private fun refuse(reason: String) {
        session.refusal = reason
        showStatus(reason)
    }

    private fun show(background: Background) {
        showOptions()
        work { session.frames?.background = background }
    }

    private fun showOptions() {
        show(swatches, findViewById<RadioButton>(R.id.colour).isChecked)
        show(strength, findViewById<RadioButton>(R.id.blur).isChecked)
    }

    /** Open the camera, unless it is open. [anew]: close it first. */
    private fun openCamera(anew: Boolean = false) {
        if (!permission.isGranted) {
            showStatus(getString(if (permission.isRefusedForGood) R.string.camera_in_settings else R.string.no_permission))
            return
        }
        val front = wantFront
        work {
            if (session.camera != null && !anew) return@work
            session.closeCamera()
            session.frames?.restart()
            showStatus(session.refusal)
            if (session.frames != null) session.camera = Camera(this, front, workerHandler, this)
        }
    }

    /** Say that the small window could show a picture of (width, height), or that there is none. */
    private fun offerWindow(size: Pair<Int, Int>?) {
        smallWindow.offer(size, if (isInPictureInPictureMode) smallWindow.place else view.placeInWindow)
        findViewById<View>(R.id.small_window).isEnabled = smallWindow.isReady
    }

    /** Show what is around the picture, or leave the window to the picture. */
    private fun showControls(visible: Boolean) {
        val all = view.parent as ViewGroup
        for (i in 0 until all.childCount) if (all.getChildAt(i) !== view) show(all.getChildAt(i), visible)
    }

    /** Take the layout for the window's width. The small window needs none. */
    private fun followWidth() {
        if (!isInPictureInPictureMode && resources.getBoolean(R.bool.is_wide) != isWide) recreate()
    }

    private fun strength() = strength.progress / PERCENT

    private fun show(rates: Rates, delegate: Delegate) {
        val line = with(rates) {
            getString(R.string.live_status, shown, camera, dropped, pre, inference, delegate.label, post)
        }
        onScreen { findViewById<TextView>(R.id.pace).text = line }
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
        const val SETTINGS = 3
        const val BACKGROUND_PIXELS = 2_000_000L
        const val PERCENT = 100.0
        val DELEGATES = listOf(R.id.cpu to Delegate.CPU, R.id.gpu to Delegate.GPU, R.id.nnapi to Delegate.NNAPI)
    }
}
