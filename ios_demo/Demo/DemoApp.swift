import SwiftUI
import UIKit

@main
struct DemoApp: App {
    @UIApplicationDelegateAdaptor(AppDelegate.self) private var delegate

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

/// Tells the system which rotations the interface may have. SwiftUI has no other way to lock it.
final class AppDelegate: NSObject, UIApplicationDelegate {
    func application(
        _ application: UIApplication, supportedInterfaceOrientationsFor window: UIWindow?
    ) -> UIInterfaceOrientationMask {
        InterfaceRotation.allowed
    }
}
