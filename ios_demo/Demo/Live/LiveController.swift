import Foundation
import MattingCore
import PortraitMattingKit
import SwiftUI

/// State of the Live screen.
@MainActor final class LiveController: ObservableObject {
    @Published var options = Options() { didSet { pipeline.show(options.live) } }
    @Published var units = ComputeUnits.all { didSet { load() } }
    @Published private(set) var position = PortraitCamera.Position.front
    @Published private(set) var isLoading = false
    @Published private(set) var rates: LiveRates?
    @Published private(set) var thermalState = DeviceFacts.thermalState
    @Published var error: ErrorText?

    let pipeline = LivePipeline()
    let recorder: RecordingController

    private let camera = PortraitCamera()
    private var isVisible = false
    private var rotation = PortraitCamera.Rotation.portrait
    private var loading: Task<Void, Never>?

    init() {
        recorder = RecordingController(pipeline: pipeline)
        recorder.onError = { [weak self] error in self?.report(error) }
        camera.onFrame = { [pipeline] in pipeline.process($0, at: $1) }
        camera.onDrop = { [pipeline] in pipeline.countDrop() }
        camera.onError = { [weak self] error in Task { @MainActor in self?.cameraFailed(error) } }
        camera.onResumed = { [weak self] in Task { @MainActor in self?.cameraResumed() } }
        pipeline.onError = { [weak self] error in Task { @MainActor in self?.report(error) } }
        pipeline.show(options.live)
    }

    func appear() {
        isVisible = true
        recorder.isInFront = true
        ScreenAwake.keep(true, for: "live")
        if loading == nil { load() }
        startCamera()
    }

    func disappear() {
        isVisible = false
        ScreenAwake.keep(false, for: "live")
        recorder.isInFront = false
        recorder.stop()
        camera.stop()
    }

    func switchCamera() {
        position = position == .front ? .back : .front
        pipeline.restart()
        startCamera()
    }

    /// Call when the interface may have been rotated. A video has one shape, so a recording ends if it was.
    func turn() {
        guard rotation != InterfaceRotation.current else { return }
        recorder.stop()
        rotation = InterfaceRotation.current
        pipeline.restart()
        camera.turn(rotation)
    }

    /// Call once a second while the screen is shown. There is no event for a rotation from one landscape to the other.
    func refresh() {
        turn()
        recorder.refresh()
        rates = pipeline.takeRates()
        thermalState = DeviceFacts.thermalState
    }

    private func startCamera() {
        let position = position
        rotation = InterfaceRotation.current
        Task {
            do {
                try await camera.start(position, rotation: rotation)
                if !isVisible { camera.stop() }
            } catch {
                report(error)
            }
        }
    }

    /// Load the model for the chosen compute units. The old renderer keeps running until the new one is ready.
    private func load() {
        loading?.cancel()
        isLoading = true
        let units = units
        loading = Task {
            do {
                let renderer = try await Task.detached {
                    try LiveRenderer(engine: PortraitMatting(computeUnits: units).engine)
                }.value
                if Task.isCancelled { return }
                pipeline.use(renderer)
                pipeline.show(options.live)
            } catch {
                report(error)
            }
            isLoading = false
        }
    }

    /// No frames come, so a recording ends here and is complete.
    private func cameraFailed(_ error: MattingError) {
        recorder.stop()
        report(error)
    }

    /// The interruption is over, so its message is no longer true.
    private func cameraResumed() {
        pipeline.restart()
        error = nil
    }

    func report(_ error: Error) { self.error = ErrorText(error) }
}
