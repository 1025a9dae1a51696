import MattingCore
import PortraitMatting
import SwiftUI
import UIKit

/// Times of whole frames on this device, as text and as a file for `pspm bench --compare`.
struct BenchmarkView: View {
    @StateObject private var controller = BenchmarkController()

    var body: some View {
        ScrollView {
            VStack(alignment: .leading, spacing: 12) {
                if let error = controller.error {
                    ErrorBanner(error: error) { controller.error = nil }
                }
                Text("Frames are generated, so the camera is not used. Leave the device alone while it measures.")
                Group {
                    toggle("All", .all)
                    toggle("CPU and Neural Engine", .cpuAndNeuralEngine)
                    toggle("CPU and GPU", .cpuAndGPU)
                    toggle("CPU alone", .cpu)
                    Toggle("One more minute each, without a pause", isOn: $controller.isSustained)
                }
                .disabled(controller.isRunning)
                if controller.isRunning {
                    ProgressView("Measuring")
                    Button("Stop", action: controller.cancel)
                } else {
                    Button("Start the benchmark", action: controller.start).disabled(controller.units.isEmpty)
                }
                ForEach(controller.runs, id: \.delegate) { RunView(run: $0) }
                if let file = controller.file, let json = controller.json {
                    ShareLink(item: file) { Label("Share the result", systemImage: "square.and.arrow.up") }
                    Button {
                        UIPasteboard.general.string = json
                    } label: {
                        Label("Copy the result", systemImage: "doc.on.doc")
                    }
                    Text(json).font(.footnote).textSelection(.enabled)
                }
            }
            .padding()
        }
        .onDisappear(perform: controller.cancel)
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

/// One choice of compute units: its times, or why it was refused.
struct RunView: View {
    let run: BenchmarkRun

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(verbatim: "\(run.delegate), \(run.precision)").font(.headline)
            if let refused = run.refused { Text("Refused: \(refused)") }
            if let stages = run.stages, let fps = run.fps {
                Text("\(fps, specifier: "%.1f") frames a second")
                stage("Before the network", stages.pre)
                stage("Network", stages.inference)
                stage("After the network", stages.post)
                stage("In all", stages.total)
            }
            if let sustained = run.sustained {
                Text("At the end of the minute: \(sustained.fpsLastTenth, specifier: "%.1f") frames a second")
            }
        }
        .accessibilityElement(children: .combine)
    }

    private func stage(_ name: LocalizedStringKey, _ summary: Summary) -> some View {
        VStack(alignment: .leading) {
            Text(name)
            Text("mean \(summary.mean, specifier: "%.1f"), p50 \(summary.p50, specifier: "%.1f") ms")
            Text("p90 \(summary.p90, specifier: "%.1f"), p99 \(summary.p99, specifier: "%.1f") ms")
        }
        .font(.subheadline)
    }
}
