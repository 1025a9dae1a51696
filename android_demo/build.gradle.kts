buildscript {
    dependencies {
        // Override the Kotlin version of AGP with the one that the code is tested with.
        classpath(libs.kotlin.gradle)
    }
}

plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.android.library) apply false
}
