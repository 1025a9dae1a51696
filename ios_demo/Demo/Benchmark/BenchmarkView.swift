import MattingCore
import PortraitMattingKit
import SwiftUI
import UIKit

/// Measures whole frames on this device. Shows the result as text and shares it as a file for `pspm bench --compare`.
struct BenchmarkView: View {
    @StateObject private var controller = BenchmarkController()
    @Environment(\.scenePhase) private var scenePhase

    var body: some View {
        ScrollView {
            VStack(alignment: .leading, spacing: 12) {
                if let error = controller.error {
                    ErrorBanner(error: error) { controller.error = nil }
                }
                Text("Frames are generated, so the camera is not used. Do not use the device during the measurement.")
                Group {
                    toggle("All", .all)
                    toggle("CPU and Neural Engine", .cpuAndNeuralEngine)
                    toggle("CPU and GPU", .cpuAndGPU)
                    toggle("CPU only", .cpu)
                    Toggle("Also run each for one minute without a pause", isOn: $controller.isSustained)
                    Toggle("Also measure Apple's person segmentation", isOn: $controller.comparesVision)
                }
                .disabled(controller.isRunning)
                if controller.isRunning {
                    ProgressView("Measuring")
                    Button("Stop", action: controller.cancel)
                } else {
                    Button("Start benchmark", action: controller.start).disabled(controller.units.isEmpty)
                }
                ForEach(controller.runs, id: \.id) { RunView(run: $0) }
                if let file = controller.file, let json = controller.json {
                    ShareLink(item: file) { Label("Share result", systemImage: "square.and.arrow.up") }
                    Button {
                        UIPasteboard.general.string = json
                    } label: {
                        Label("Copy result", systemImage: "doc.on.doc")
                    }
                    Text(json).font(.footnote).textSelection(.enabled)
                }
            }
            .padding()
        }
        .onDisappear(perform: controller.cancel)
        // In the background the system stops the app, and its times are wrong.
        .onChange(of: scenePhase) { phase in
            if phase != .active { controller.cancel() }
        }
    }

    private func toggle(_ name: LocalizedStringKey, _ units: ComputeUnits) -> some View {
        Toggle(
            name,
            isOn: Binding(
                get: { controller.units.contains(units) },
                set: { isOn in
                    if isOn { controller.units.insert(units) } else { controller.units.remove(units) }
                }))
    }
}

/// The result for one choice of compute units: its timings, or the reason it was refused.
struct RunView: View {
    let run: BenchmarkRun

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(verbatim: "\(run.model.name), \(run.delegate), \(run.precision), \(run.effect.rawValue)")
                .font(.headline)
            if let refused = run.refused { Text("Refused: \(refused)") }
            if let stages = run.stages, let fps = run.fps {
                Text("\(fps, specifier: "%.1f") frames per second")
                stage("Preprocessing", stages.pre)
                stage("Network", stages.inference)
                stage("Postprocessing", stages.post)
                stage("Total", stages.total)
            }
            if let paced = run.paced {
                Text("Dropped at 30 frames per second: \(paced.dropped, specifier: "%lld")")
            }
            if let sustained = run.sustained {
                Text("At the end of the minute: \(sustained.fpsLastTenth, specifier: "%.1f") frames per second")
            }
        }
        .accessibilityElement(children: .combine)
    }

    private func stage(_ name: LocalizedStringKey, _ statistics: Statistics) -> some View {
        VStack(alignment: .leading) {
            Text(name)
            Text("mean \(statistics.mean, specifier: "%.1f"), p50 \(statistics.p50, specifier: "%.1f") ms")
            Text("p90 \(statistics.p90, specifier: "%.1f"), p99 \(statistics.p99, specifier: "%.1f") ms")
        }
        .font(.subheadline)
    }
}
