package pspm.demo

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.provider.Settings

/** The permission to use the camera, for a screen. */
class CameraPermission(private val activity: Activity) {
    /** Whether the user gave it. */
    val isGranted: Boolean get() = activity.checkSelfPermission(CAMERA) == PackageManager.PERMISSION_GRANTED

    /** Whether Android has stopped asking, because the user refused more than once. Known after an answer. */
    var isRefusedForGood: Boolean = false
        private set

    /** Ask for it. The answer comes to the screen's `onRequestPermissionsResult`. */
    fun ask() = activity.requestPermissions(arrayOf(CAMERA), REQUEST)

    /** Note an answer. */
    fun onAnswer(results: IntArray) {
        // An answer without results means that the question was interrupted.
        isRefusedForGood = results.isNotEmpty() && !isGranted && !activity.shouldShowRequestPermissionRationale(CAMERA)
    }

    /** The intent for the app's page in the system settings, where it can be given at any time. */
    fun settings(): Intent =
        Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", activity.packageName, null))

    private companion object {
        const val CAMERA = Manifest.permission.CAMERA
        const val REQUEST = 1
    }
}
