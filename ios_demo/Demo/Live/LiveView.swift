import SwiftUI

/// The Live screen: starts and stops the camera as it comes and goes.
struct LiveView: View {
    @StateObject private var controller = LiveController()
    @State private var isShown = false
    @Environment(\.scenePhase) private var scenePhase

    private let everySecond = Timer.publish(every: 1, on: .main, in: .common).autoconnect()

    var body: some View {
        LiveScreen(controller: controller, recorder: controller.recorder)
            .onAppear {
                isShown = true
                controller.appear()
            }
            .onDisappear {
                isShown = false
                controller.disappear()
            }
            .onChange(of: scenePhase) { phase in
                if phase != .active { controller.disappear() } else if isShown { controller.appear() }
            }
            .onReceive(everySecond) { _ in controller.refresh() }
    }
}
