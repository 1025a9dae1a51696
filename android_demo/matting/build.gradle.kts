plugins {
    alias(libs.plugins.android.library)
}

android {
    namespace = "pspm.matting"
    compileSdk = 36
    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    testOptions {
        unitTests.all {
            it.useJUnitPlatform()
            // The tests that run the engine need what tools/build.sh makes on Linux; here are those that do not.
            it.filter {
                excludeTestsMatching("pspm.matting.EngineTest")
                excludeTestsMatching("pspm.matting.ImageWorkTest")
            }
        }
    }
}

dependencies {
    implementation(libs.tensorflow.lite)
    implementation(libs.tensorflow.lite.api)
    implementation(libs.tensorflow.lite.gpu)
    implementation(libs.tensorflow.lite.gpu.api)
    testImplementation(libs.json)
    testImplementation(libs.junit)
    testRuntimeOnly(libs.junit.launcher)
}
