import SwiftUI

@main
struct DemoApp: App {
    var body: some Scene {
        WindowGroup {
            TabView {
                LiveView().tabItem { Label("Live", systemImage: "video") }
                PhotoView().tabItem { Label("Photo", systemImage: "photo") }
                BenchmarkView().tabItem { Label("Benchmark", systemImage: "speedometer") }
            }
        }
    }
}
