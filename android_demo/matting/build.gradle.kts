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
            // These tests need the test vectors and the shim, which only tools/build.sh provides (on Linux).
            it.filter {
                excludeTestsMatching("pspm.matting.EngineTest")
                excludeTestsMatching("pspm.matting.StagesTest")
            }
        }
    }
}

dependencies {
    implementation(libs.litert)
    implementation(libs.litert.api)
    implementation(libs.litert.gpu)
    implementation(libs.litert.gpu.api)
    testImplementation(libs.json)
    testImplementation(libs.junit)
    testRuntimeOnly(libs.junit.launcher)
}
