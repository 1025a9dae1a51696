import Foundation
import MattingCore
import PortraitMattingKit
import SwiftUI

/// State of the Benchmark screen.
@MainActor final class BenchmarkController: ObservableObject {
    @Published var units: Set<ComputeUnits> = Set(ComputeUnits.allCases)
    @Published var isSustained = false
    /// Whether Apple's own person segmentation is measured, too.
    @Published var comparesVision = false
    @Published private(set) var isRunning = false
    @Published private(set) var runs: [BenchmarkRun] = []
    @Published private(set) var file: URL?
    @Published private(set) var json: String?
    @Published var error: ErrorText?

    private var work: Task<Void, Never>?

    func start() {
        (runs, file, json, error) = ([], nil, nil, nil)
        isRunning = true
        ScreenAwake.keep(true, for: "benchmark")
        let chosen = ComputeUnits.allCases.filter { units.contains($0) }
        let comparesVision = comparesVision
        var runner = BenchmarkRunner()
        if !isSustained { runner.sustainedSeconds = 0 }
        work = Task { [runner] in
            do {
                for units in chosen { try await measure { try runner.run(.bundled, units: units) } }
                if comparesVision { try await measure { try runner.runVision(.bundled) } }
                try finish(runner.frame)
            } catch is CancellationError {
                runs = []
            } catch {
                self.error = ErrorText(error)
            }
            isRunning = false
            ScreenAwake.keep(false, for: "benchmark")
        }
    }

    func cancel() { work?.cancel() }

    private func measure(_ job: @escaping @Sendable () throws -> [BenchmarkRun]) async throws {
        let work = Task.detached { try job() }
        runs.append(
            contentsOf: try await withTaskCancellationHandler {
                try await work.value
            } onCancel: {
                work.cancel()
            })
    }

    private func finish(_ frame: PixelSize) throws {
        guard !runs.isEmpty else { return }
        let bundle = try ModelBundle.bundled()
        let version = Bundle.main.object(forInfoDictionaryKey: "CFBundleShortVersionString") as? String
        let result = BenchmarkResult(
            pspm: version ?? "unknown", measured: Date(), model: .init(bundle), device: DeviceFacts.current,
            frame: .init(frame, content: BenchmarkProtocol.content), runs: runs)
        let data = try result.json()
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("benchmark-ios.json")
        try data.write(to: url, options: .atomic)
        (file, json) = (url, String(decoding: data, as: UTF8.self))
    }
}
