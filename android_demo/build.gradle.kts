buildscript {
    dependencies {
        // AGP brings a Kotlin of its own; this is the one that everything is tested with.
        classpath(libs.kotlin.gradle)
    }
}

plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.android.library) apply false
}
