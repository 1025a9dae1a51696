package pspm.demo

import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.ApplicationInfo
import android.os.BatteryManager
import android.os.Build
import android.os.PowerManager
import java.io.File
import java.io.IOException
import pspm.matting.NewerApi

/** Describes the device that runs the app. */
class ThisDevice(private val context: Context) {
    private val power = context.getSystemService(PowerManager::class.java)

    /** Whether the app was built for debugging, which makes it slower. */
    val isDebugBuild: Boolean = context.applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE != 0

    /** Its name, Android version, processor and number of cores. */
    fun describe() = Device(
        name = "${Build.MANUFACTURER} ${Build.MODEL}",
        system = "Android ${Build.VERSION.RELEASE} (API ${Build.VERSION.SDK_INT})",
        processor = processor(),
        cores = Runtime.getRuntime().availableProcessors()
    )

    /** Its thermal state, in Android's terms, and where its power comes from. */
    fun conditions() = Conditions(thermal(), charge())

    /** Peak memory of the app so far, in MB, or null if the system does not say. */
    fun peakMemoryMb(): Double? = try {
        val peak = File("/proc/self/status").readLines().first { it.startsWith("VmHWM:") }
        peak.filter { it.isDigit() }.toLong() * KILOBYTE / MEGABYTE
    } catch (_: IOException) {
        null
    } catch (_: NoSuchElementException) {
        null
    }

    private fun charge(): String {
        // The system keeps the last state of the battery for whoever asks.
        val state = context.registerReceiver(null, IntentFilter(Intent.ACTION_BATTERY_CHANGED)) ?: return "unknown"
        val level = state.getIntExtra(BatteryManager.EXTRA_LEVEL, -1)
        val whole = state.getIntExtra(BatteryManager.EXTRA_SCALE, -1)
        val source = if (state.getIntExtra(BatteryManager.EXTRA_PLUGGED, 0) == 0) "battery" else "charging"
        return if (level < 0 || whole <= 0) source else "$source ${level * PERCENT / whole} %"
    }

    @NewerApi
    private fun thermal(): String {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) return "unknown before Android 10"
        return STATES.getOrElse(power.currentThermalStatus) { "unknown" }
    }

    @NewerApi
    private fun processor(): String =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) "${Build.SOC_MANUFACTURER} ${Build.SOC_MODEL}" else Build.HARDWARE

    private companion object {
        const val KILOBYTE = 1024.0
        const val MEGABYTE = 1e6
        const val PERCENT = 100

        // In the order of PowerManager.THERMAL_STATUS_NONE (0) to THERMAL_STATUS_SHUTDOWN (6).
        val STATES = listOf("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
    }
}
