import MattingCore
import PortraitMattingKit
import SwiftUI

/// Shows the camera with a new background.
struct LiveView: View {
    @StateObject private var controller = LiveController()
    @State private var isShown = false
    @Environment(\.scenePhase) private var scenePhase

    private let everySecond = Timer.publish(every: 1, on: .main, in: .common).autoconnect()

    var body: some View {
        GeometryReader { geometry in
            ScrollView {
                VStack(alignment: .leading, spacing: 12) {
                    if let error = controller.error {
                        ErrorBanner(error: error) { controller.error = nil }
                    }
                    ZStack {
                        LivePicture(pipeline: controller.pipeline)
                            .accessibilityElement(children: .ignore)
                            .accessibilityLabel(Text("Camera picture with the new background"))
                        if controller.isLoading { ProgressView("Loading the model") }
                    }
                    .frame(maxWidth: .infinity)
                    .frame(height: geometry.size.height * 0.7)
                    Button(action: controller.switchCamera) {
                        Label("Switch camera", systemImage: "arrow.triangle.2.circlepath.camera")
                    }
                    OptionsView(options: $controller.options, nameOfNone: "Original", onError: controller.report)
                    UnitsPicker(units: $controller.units)
                    if let rates = controller.rates { RatesView(rates: rates, thermal: controller.thermalState) }
                }
                .padding()
            }
            .onChange(of: geometry.size) { _ in controller.turn() }
        }
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

/// Shows the frame rates of the camera and the screen, and where a frame's time goes.
struct RatesView: View {
    let rates: LiveRates
    let thermal: String

    var body: some View {
        VStack(alignment: .leading) {
            Text("\(rates.shown, specifier: "%.0f") of \(rates.camera, specifier: "%.0f") frames per second")
            Text("Dropped: \(rates.dropped, specifier: "%lld")")
            Text("Preprocessing: \(rates.mean.pre, specifier: "%.1f") ms")
            Text("Network: \(rates.mean.inference, specifier: "%.1f") ms")
            Text("Postprocessing: \(rates.mean.post, specifier: "%.1f") ms")
            Text("Thermal state: \(thermal)")
        }
        .font(.footnote)
        .accessibilityElement(children: .combine)
    }
}

/// Chooses the processors that Core ML may use.
struct UnitsPicker: View {
    @Binding var units: ComputeUnits

    var body: some View {
        Picker("Compute units", selection: $units) {
            Text("All").tag(ComputeUnits.all)
            Text("CPU and Neural Engine").tag(ComputeUnits.cpuAndNeuralEngine)
            Text("CPU and GPU").tag(ComputeUnits.cpuAndGPU)
            Text("CPU only").tag(ComputeUnits.cpu)
        }
        .pickerStyle(.menu)
    }
}
