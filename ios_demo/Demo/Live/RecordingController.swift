import Foundation
import MattingCore
import PortraitMattingKit
import SwiftUI
import UIKit

/// A recorded video, in a temporary file.
struct RecordedVideo: Identifiable {
    let url: URL

    var id: URL { url }
}

/// Records the live picture, without sound. A recording ends as a complete file, whatever ends it.
@MainActor final class RecordingController: ObservableObject {
    enum State { case off, recording, finishing }

    @Published private(set) var state = State.off
    /// Whole seconds that were recorded.
    @Published private(set) var seconds = 0
    /// The last video, until the next recording starts.
    @Published private(set) var video: RecordedVideo?
    /// The video that is shown to be shared or saved.
    @Published var shown: RecordedVideo?

    var onError: ((Error) -> Void)?
    /// Whether the screen is in front. A video that is completed behind another one is shown when it comes back.
    var isInFront = false { didSet { showNew() } }

    private let pipeline: LivePipeline
    private var recording: LiveVideoRecording?
    private var isNew = false

    init(pipeline: LivePipeline) {
        self.pipeline = pipeline
        pipeline.onRecordingError = { [weak self] error in Task { @MainActor in self?.failed(error) } }
    }

    /// Start with the next frame. The interface does not rotate meanwhile, because a video has one size.
    func start() {
        guard state == .off else { return }
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("portrait.mp4")
        try? FileManager.default.removeItem(at: url)
        let recording = LiveVideoRecording { try LiveVideoFile(url, size: $0) }
        (self.recording, state, seconds, video, isNew) = (recording, .recording, 0, nil, false)
        InterfaceRotation.isLocked = true
        pipeline.record(recording)
    }

    /// Complete the file and show it. Does nothing unless a recording runs.
    func stop() {
        guard state == .recording, let recording else { return }
        pipeline.record(nil)
        (self.recording, state) = (nil, .finishing)
        InterfaceRotation.isLocked = false
        // The app may be on its way to the background, where the system would stop it in the middle of the file.
        let task = UIApplication.shared.beginBackgroundTask(withName: "recording")
        Task {
            do {
                if let url = try await recording.finish() {
                    (video, isNew) = (RecordedVideo(url: url), true)
                    showNew()
                }
            } catch {
                onError?(error)
            }
            state = .off
            UIApplication.shared.endBackgroundTask(task)
        }
    }

    /// Show the last video again.
    func showLast() { shown = video }

    /// Call once a second.
    func refresh() {
        if let recording { seconds = Int(recording.seconds) }
    }

    private func showNew() {
        guard isNew && isInFront else { return }
        (shown, isNew) = (video, false)
    }

    private func failed(_ error: Error) {
        stop()
        onError?(error)
    }
}
