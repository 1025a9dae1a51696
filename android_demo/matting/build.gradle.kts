plugins {
    alias(libs.plugins.android.library)
    `maven-publish`
}

group = "pspm"
version = Regex("(?m)^version = \"(.*)\"").find(rootDir.resolve("../pyproject.toml").readText())!!.groupValues[1]

kotlin {
    explicitApi()
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
    publishing {
        singleVariant("release") {
            withSourcesJar()
        }
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

publishing {
    publications {
        register<MavenPublication>("release") {
            afterEvaluate {
                from(components["release"])
            }
        }
    }
}

dependencies {
    implementation(libs.litert)
    implementation(libs.litert.api)
    implementation(libs.litert.gpu)
    implementation(libs.litert.gpu.api)
    // For SuspendingMatting alone: an app without coroutines does without.
    compileOnly(libs.coroutines)
    testImplementation(libs.coroutines)
    testImplementation(libs.json)
    testImplementation(libs.junit)
    testRuntimeOnly(libs.junit.launcher)
}
