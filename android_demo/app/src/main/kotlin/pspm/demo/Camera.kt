package pspm.demo

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.Looper
import android.util.Range
import android.util.Size

/** The reason why there are no frames. */
enum class CameraError { NO_CAMERA, IN_USE, NO_FRAMES, FAILED }

/** Callbacks of a [Camera], called on its handler's thread. */
interface CameraListener {
    /** A new frame. It is closed after this call returns. Frames that arrive in the meantime are dropped. */
    fun onFrame(image: Image, camera: Camera)

    /** The camera cannot deliver frames. [detail]: Android's words for it, or the size of the frames, or nothing. */
    fun onCameraError(error: CameraError, detail: String)
}

/**
 * A camera of the device. It is open from construction until [close]. Construct it, use it and close it on [handler]'s
 * thread. If another app takes the camera, it is reopened as soon as that app releases it.
 */
class Camera(context: Context, wantFront: Boolean, private val handler: Handler, private val listener: CameraListener) {
    private val manager = context.getSystemService(CameraManager::class.java)
    private val chosen = choose(wantFront)
    private var device: CameraDevice? = null
    private var reader: ImageReader? = null
    private var closed = false
    private var opening = false
    private var lost = false

    /** Whether this is a front camera. */
    val front: Boolean = chosen?.front ?: false

    /** Degrees, clockwise, by which its frames must be rotated on a display in its natural orientation. */
    val sensorDegrees: Int = chosen?.sensorDegrees ?: 0

    /** How many frames it gave, dropped ones too. */
    var given = 0L
        private set

    private val counter = object : CameraCaptureSession.CaptureCallback() {
        override fun onCaptureStarted(session: CameraCaptureSession, request: CaptureRequest, timestamp: Long, frame: Long) {
            given++
        }
    }

    private val availability = object : CameraManager.AvailabilityCallback() {
        override fun onCameraAvailable(cameraId: String) {
            if (lost && cameraId == chosen?.id) open()
        }
    }

    init {
        if (chosen == null) {
            listener.onCameraError(CameraError.NO_CAMERA, "")
        } else {
            manager.registerAvailabilityCallback(availability, handler)
            open()
        }
    }

    /** Release the camera. */
    fun close() {
        closed = true
        manager.unregisterAvailabilityCallback(availability)
        closeDevice()
    }

    // The caller asks for the permission. Without it, opening ends in onCameraError.
    @SuppressLint("MissingPermission")
    private fun open() {
        val wanted = chosen?.id
        if (closed || opening || device != null || wanted == null) return
        opening = true
        lost = false
        attempt { manager.openCamera(wanted, DeviceCallback(), Handler(Looper.getMainLooper())) }
    }

    /**
     * Passes on to the handler's thread what happens to the device. It is called on the main thread: the handler's may have
     * ended before the device opens, and nobody would close it.
     */
    private inner class DeviceCallback : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) = pass(camera) {
            opening = false
            if (closed) {
                camera.close()
            } else {
                device = camera
                attempt { start(camera) }
            }
        }

        override fun onDisconnected(camera: CameraDevice) = pass(camera) { onLost(camera, CameraError.IN_USE, "") }

        override fun onError(camera: CameraDevice, error: Int) {
            val inUse = error == ERROR_CAMERA_IN_USE || error == ERROR_MAX_CAMERAS_IN_USE
            pass(camera) { onLost(camera, if (inUse) CameraError.IN_USE else CameraError.FAILED, "error $error") }
        }

        private fun pass(camera: CameraDevice, job: () -> Unit) {
            if (!handler.post(job)) camera.close()
        }

        private fun onLost(camera: CameraDevice, error: CameraError, detail: String) {
            opening = false
            camera.close()
            fail(error, detail)
        }
    }

    // The newer API to start a session does not exist in Android 8.
    @Suppress("DEPRECATION")
    private fun start(camera: CameraDevice) {
        val size = frameSize(camera.id)
        val frames = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, BUFFERS)
        reader = frames
        frames.setOnImageAvailableListener(
            { source -> source.acquireLatestImage()?.use { if (!closed) listener.onFrame(it, this) } },
            handler
        )
        val callback = object : CameraCaptureSession.StateCallback() {
            override fun onConfigured(session: CameraCaptureSession) {
                if (closed || device == null) return
                attempt {
                    val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
                    request.addTarget(frames.surface)
                    set(request, about(camera.id))
                    session.setRepeatingRequest(request.build(), counter, handler)
                }
            }

            override fun onConfigureFailed(session: CameraCaptureSession) =
                fail(CameraError.NO_FRAMES, "${size.width} x ${size.height}")
        }
        camera.createCaptureSession(listOf(frames.surface), callback, handler)
    }

    /** Camera2 throws these exceptions if the camera is busy, disabled, not permitted, or closed between two calls. */
    private fun attempt(job: () -> Unit) {
        try {
            job()
        } catch (error: CameraAccessException) {
            opening = false
            val inUse = error.reason in listOf(CameraAccessException.CAMERA_IN_USE, CameraAccessException.MAX_CAMERAS_IN_USE)
            fail(if (inUse) CameraError.IN_USE else CameraError.FAILED, error.message.orEmpty())
        } catch (error: SecurityException) {
            opening = false
            fail(CameraError.FAILED, error.message.orEmpty())
        } catch (error: IllegalStateException) {
            opening = false
            fail(CameraError.FAILED, error.message.orEmpty())
        } catch (error: IllegalArgumentException) {
            opening = false
            fail(CameraError.FAILED, error.message.orEmpty())
        }
    }

    private fun fail(error: CameraError, detail: String) {
        closeDevice()
        if (closed) return
        // Closing it makes a camera that failed available again: waiting for that would try for ever.
        lost = error == CameraError.IN_USE
        listener.onCameraError(error, detail)
    }

    private fun closeDevice() {
        device?.close()
        device = null
        reader?.close()
        reader = null
    }

    private fun set(request: CaptureRequest.Builder, about: CameraCharacteristics) {
        val focus = about[CameraCharacteristics.CONTROL_AF_AVAILABLE_MODES] ?: IntArray(0)
        if (CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_VIDEO in focus) {
            request[CaptureRequest.CONTROL_AF_MODE] = CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_VIDEO
        }
        val rates = about[CameraCharacteristics.CONTROL_AE_AVAILABLE_TARGET_FPS_RANGES].orEmpty()
        chooseFrameRate(rates.map { it.lower to it.upper })?.let { (lower, upper) ->
            request[CaptureRequest.CONTROL_AE_TARGET_FPS_RANGE] = Range(lower, upper)
        }
    }

    /** The first camera that faces the wanted way, or the first of all, or null. */
    private fun choose(wantFront: Boolean): Chosen? {
        val cameras = ids().mapNotNull { chosen(it) }
        return cameras.firstOrNull { it.front == wantFront } ?: cameras.firstOrNull()
    }

    private fun ids(): List<String> = try {
        manager.cameraIdList.toList()
    } catch (_: CameraAccessException) {
        emptyList()
    }

    /** Facts about a camera, or null if it was unplugged since it was listed. */
    private fun chosen(id: String): Chosen? = try {
        val about = about(id)
        val front = about[CameraCharacteristics.LENS_FACING] == CameraCharacteristics.LENS_FACING_FRONT
        Chosen(id, front, about[CameraCharacteristics.SENSOR_ORIENTATION] ?: 0)
    } catch (_: CameraAccessException) {
        null
    } catch (_: IllegalArgumentException) {
        null
    }

    private fun about(id: String) = manager.getCameraCharacteristics(id)

    private class Chosen(val id: String, val front: Boolean, val sensorDegrees: Int)

    private fun frameSize(id: String): Size {
        val sizes = about(id)[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP]
            ?.getOutputSizes(ImageFormat.YUV_420_888)
            .orEmpty()
            .map { it.width to it.height }
        val (width, height) = chooseFrameSize(sizes)
        return Size(width, height)
    }

    private companion object {
        const val BUFFERS = 2
    }
}
