import MattingCore
import PortraitMattingKit
import SwiftUI

/// The controls of Live: the background, a row of buttons as of a camera, and details on request.
struct LiveControls: View {
    @ObservedObject var controller: LiveController
    @ObservedObject var recorder: RecordingController
    @Binding var fillsScreen: Bool
    @Binding var showsDetails: Bool

    var body: some View {
        VStack(alignment: .leading, spacing: 12) {
            OptionsView(options: $controller.options, nameOfNone: "Original", onError: controller.report)
            if recorder.state == .recording { RecordingTime(seconds: recorder.seconds) }
            buttons
            if showsDetails {
                UnitsPicker(units: $controller.units)
                if let rates = controller.rates { RatesView(rates: rates, thermal: controller.thermalState) }
            }
        }
        .padding()
        .frame(maxWidth: .infinity, alignment: .leading)
    }

    /// Symbols need not grow as far as text does, and five of them must fit beside each other.
    private var buttons: some View {
        HStack {
            Button(action: controller.switchCamera) {
                Label("Switch camera", systemImage: "arrow.triangle.2.circlepath.camera")
            }
            .disabled(recorder.state != .off)
            Spacer()
            Toggle(isOn: $fillsScreen) {
                Label("Fill the screen", systemImage: "arrow.up.left.and.arrow.down.right")
            }
            .toggleStyle(.button)
            Spacer()
            RecordButton(recorder: recorder, hasPicture: controller.rates != nil)
            Spacer()
            Button(action: recorder.showLast) { Label("Last video", systemImage: "play.rectangle") }
                .disabled(recorder.video == nil)
            Spacer()
            Toggle(isOn: $showsDetails) { Label("Details", systemImage: "gauge.medium") }.toggleStyle(.button)
        }
        .labelStyle(.iconOnly)
        .font(.title2)
        .dynamicTypeSize(...DynamicTypeSize.accessibility1)
    }
}

/// Starts and stops a recording.
struct RecordButton: View {
    @ObservedObject var recorder: RecordingController
    let hasPicture: Bool

    var body: some View {
        Group {
            if recorder.state == .recording {
                Button(action: recorder.stop) { Label("Stop recording", systemImage: "stop.circle.fill") }
            } else {
                Button(action: recorder.start) { Label("Record video", systemImage: "record.circle") }
                    .disabled(recorder.state == .finishing || !hasPicture)
            }
        }
        .font(.largeTitle)
        .foregroundStyle(.red)
    }
}

/// How long a recording is.
struct RecordingTime: View {
    let seconds: Int

    var body: some View {
        Text(Duration.seconds(seconds), format: .time(pattern: .minuteSecond))
            .font(.headline)
            .monospacedDigit()
            .foregroundStyle(.red)
            .accessibilityLabel(Text("Recorded seconds: \(seconds, specifier: "%lld")"))
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
