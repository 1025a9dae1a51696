plugins {
    alias(libs.plugins.android.application)
}

// Read the version from pyproject.toml.
val pspmVersion = rootDir.resolveSibling("pyproject.toml").readLines()
    .first { it.startsWith("version = ") }
    .substringAfter('"')
    .substringBefore('"')

android {
    namespace = "pspm.demo"
    compileSdk = 36
    buildFeatures {
        resValues = true
    }
    defaultConfig {
        applicationId = "pspm.demo"
        minSdk = 26
        targetSdk = 36
        versionCode = 1
        versionName = pspmVersion
        resValue("string", "version", pspmVersion)
        ndk {
            abiFilters += listOf("arm64-v8a", "x86_64")
        }
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
            // The debug key. Replace it with your own to publish the app.
            signingConfig = signingConfigs.getByName("debug")
        }
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    packaging {
        jniLibs.useLegacyPackaging = false
    }
    testOptions {
        unitTests.all { it.useJUnitPlatform() }
    }
}

dependencies {
    implementation(project(":matting"))
    testImplementation(libs.json)
    testImplementation(libs.junit)
    testRuntimeOnly(libs.junit.launcher)
}

// The models are exported, not committed. Without them, stop the build and explain how to export them.
tasks.named("preBuild") {
    val assets = layout.projectDirectory.dir("src/main/assets").asFile
    doFirst {
        check(assets.resolve("sample.jpg").isFile) {
            "app/src/main/assets contains no models; run android_demo/tools/assets.sh once"
        }
    }
}
