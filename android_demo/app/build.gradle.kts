plugins {
    alias(libs.plugins.android.application)
}

// The version is pyproject.toml's.
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
        targetSdk = 35
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
            // A key for trying it out; put your own in its place.
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

// The models are made, not committed: say how, rather than build an app without any.
tasks.named("preBuild") {
    val assets = layout.projectDirectory.dir("src/main/assets").asFile
    doFirst {
        check(assets.resolve("sample.jpg").isFile) {
            "app/src/main/assets holds no models; run android_demo/tools/assets.sh once"
        }
    }
}
