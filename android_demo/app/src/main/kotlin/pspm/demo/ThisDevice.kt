package pspm.demo

import android.content.Context
import android.os.Build
import android.os.PowerManager
import pspm.matting.NewerApi

/** What this device says of itself. */
class ThisDevice(context: Context) {
    private val power = context.getSystemService(PowerManager::class.java)

    /** Its name, Android's version and its processor. */
    fun describe() = Device(
        name = "${Build.MANUFACTURER} ${Build.MODEL}",
        system = "Android ${Build.VERSION.RELEASE} (API ${Build.VERSION.SDK_INT})",
        processor = processor(),
        cores = Runtime.getRuntime().availableProcessors()
    )

    /** How hot it is, in Android's words. */
    @NewerApi
    fun thermal(): String {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) return "not told before Android 10"
        return STATES.getOrElse(power.currentThermalStatus) { "unknown" }
    }

    @NewerApi
    private fun processor(): String =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) "${Build.SOC_MANUFACTURER} ${Build.SOC_MODEL}" else Build.HARDWARE

    private companion object {
        // PowerManager.THERMAL_STATUS_NONE to _SHUTDOWN are 0 to 6.
        val STATES = listOf("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
    }
}
