package pspm.demo

import android.content.Context
import android.os.Build
import android.os.PowerManager
import pspm.matting.NewerApi

/** Describes the device that runs the app. */
class ThisDevice(context: Context) {
    private val power = context.getSystemService(PowerManager::class.java)

    /** Its name, Android version, processor and number of cores. */
    fun describe() = Device(
        name = "${Build.MANUFACTURER} ${Build.MODEL}",
        system = "Android ${Build.VERSION.RELEASE} (API ${Build.VERSION.SDK_INT})",
        processor = processor(),
        cores = Runtime.getRuntime().availableProcessors()
    )

    /** Its thermal state, in Android's terms. */
    @NewerApi
    fun thermal(): String {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) return "unknown before Android 10"
        return STATES.getOrElse(power.currentThermalStatus) { "unknown" }
    }

    @NewerApi
    private fun processor(): String =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) "${Build.SOC_MANUFACTURER} ${Build.SOC_MODEL}" else Build.HARDWARE

    private companion object {
        // In the order of PowerManager.THERMAL_STATUS_NONE (0) to THERMAL_STATUS_SHUTDOWN (6).
        val STATES = listOf("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
    }
}
