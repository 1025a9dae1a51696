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
import android.util.Size

/** Why there are no frames. */
enum class CameraTrouble { NONE_THERE, TAKEN, FAILED }

/** What a [Camera] tells, on its handler's thread. */
interface CameraListener {
    /** A frame; it is closed when this returns. Frames that come meanwhile are dropped. */
    fun onFrame(image: Image, camera: Camera)

    /** No frames come, or none any more; [detail] names the failure. */
    fun onTrouble(trouble: CameraTrouble, detail: String)
}

/**
 * One camera of the device, open from its making until [close]. Everything happens on [handler]'s thread, [close] too.
 * Where another app takes the camera, it is opened again as soon as that lets go of it.
 */
class Camera(context: Context, wantFront: Boolean, private val handler: Handler, private val listener: CameraListener) {
    private val manager = context.getSystemService(CameraManager::class.java)
    private val id = choose(wantFront)
    private var device: CameraDevice? = null
    private var reader: ImageReader? = null
    private var closed = false
    private var opening = false
    private var lost = false

    /** Whether it looks at the user. */
    val front: Boolean = id != null && facing(id) == CameraCharacteristics.LENS_FACING_FRONT

    /** By how many degrees its picture must be turned clockwise on a display in its natural position. */
    val sensorDegrees: Int = id?.let { about(it)[CameraCharacteristics.SENSOR_ORIENTATION] } ?: 0

    private val availability = object : CameraManager.AvailabilityCallback() {
        override fun onCameraAvailable(cameraId: String) {
            if (lost && cameraId == id) open()
        }
    }

    init {
        if (id == null) {
            listener.onTrouble(CameraTrouble.NONE_THERE, "")
        } else {
            manager.registerAvailabilityCallback(availability, handler)
            open()
        }
    }

    /** Let go of the camera. */
    fun close() {
        closed = true
        manager.unregisterAvailabilityCallback(availability)
        letGo()
    }

    // Who makes a camera has asked for the permission; without it the attempt ends in onTrouble.
    @SuppressLint("MissingPermission")
    private fun open() {
        val wanted = id
        if (closed || opening || device != null || wanted == null) return
        opening = true
        lost = false
        attempt { manager.openCamera(wanted, DeviceCallback(), handler) }
    }

    private inner class DeviceCallback : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            opening = false
            if (closed) {
                camera.close()
                return
            }
            device = camera
            attempt { start(camera) }
        }

        override fun onDisconnected(camera: CameraDevice) = lose(camera, CameraTrouble.TAKEN, "")

        override fun onError(camera: CameraDevice, error: Int) {
            val taken = error == ERROR_CAMERA_IN_USE || error == ERROR_MAX_CAMERAS_IN_USE
            lose(camera, if (taken) CameraTrouble.TAKEN else CameraTrouble.FAILED, "error $error")
        }

        private fun lose(camera: CameraDevice, trouble: CameraTrouble, detail: String) {
            opening = false
            camera.close()
            fail(trouble, detail)
        }
    }

    // The newer way to start a session is not in Android 8.
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
                    request[CaptureRequest.CONTROL_AF_MODE] = CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_VIDEO
                    session.setRepeatingRequest(request.build(), null, handler)
                }
            }

            override fun onConfigureFailed(session: CameraCaptureSession) =
                fail(CameraTrouble.FAILED, "it does not give frames of $size")
        }
        camera.createCaptureSession(listOf(frames.surface), callback, handler)
    }

    /** Camera2 throws these where the camera is busy, switched off, forbidden, or closed between two calls. */
    private fun attempt(job: () -> Unit) {
        try {
            job()
        } catch (error: CameraAccessException) {
            opening = false
            val taken = error.reason in listOf(CameraAccessException.CAMERA_IN_USE, CameraAccessException.MAX_CAMERAS_IN_USE)
            fail(if (taken) CameraTrouble.TAKEN else CameraTrouble.FAILED, error.message.orEmpty())
        } catch (error: SecurityException) {
            opening = false
            fail(CameraTrouble.FAILED, error.message.orEmpty())
        } catch (error: IllegalStateException) {
            opening = false
            fail(CameraTrouble.FAILED, error.message.orEmpty())
        } catch (error: IllegalArgumentException) {
            opening = false
            fail(CameraTrouble.FAILED, error.message.orEmpty())
        }
    }

    private fun fail(trouble: CameraTrouble, detail: String) {
        letGo()
        if (closed) return
        lost = true
        listener.onTrouble(trouble, detail)
    }

    private fun letGo() {
        device?.close()
        device = null
        reader?.close()
        reader = null
    }

    /** The camera that faces the way that is wanted, else any. */
    private fun choose(wantFront: Boolean): String? = try {
        val ids = manager.cameraIdList
        val wanted = if (wantFront) CameraCharacteristics.LENS_FACING_FRONT else CameraCharacteristics.LENS_FACING_BACK
        ids.firstOrNull { facing(it) == wanted } ?: ids.firstOrNull()
    } catch (_: CameraAccessException) {
        null
    }

    private fun about(id: String) = manager.getCameraCharacteristics(id)

    private fun facing(id: String) = about(id)[CameraCharacteristics.LENS_FACING]

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
