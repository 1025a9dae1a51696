import CoreVideo
import Foundation
import MattingCore
import Metal
import PortraitMattingKit

/// Passes pictures from the camera's queue, which composes them, to the screen, which shows the newest.
final class LivePipeline: @unchecked Sendable {
    var onError: (@Sendable (Error) -> Void)?
    /// Called when a recording can take no more frames.
    var onRecordingError: (@Sendable (Error) -> Void)?

    private let lock = NSLock()
    private var renderer: LiveRenderer?
    private var wanted: LiveBackground?
    private var isNewScene = false
    private var recording: LiveVideoRecording?
    private var picture: MTLTexture?
    private var count = 0
    private var recent: [FrameTimes] = []
    private var drops = 0
    private var began = Date()

    var queue: MTLCommandQueue? { locked { renderer?.queue } }

    func use(_ renderer: LiveRenderer) { locked { self.renderer = renderer } }

    /// Takes effect with the next frame.
    func show(_ background: LiveBackground) { locked { wanted = background } }

    /// Call after the camera was switched or rotated.
    func restart() { locked { isNewScene = true } }

    /// Append the pictures from now on to a recording; nil ends that.
    func record(_ recording: LiveVideoRecording?) { locked { self.recording = recording } }

    /// Compose a frame of the camera's time in seconds. Call this on the camera's queue, one frame at a time.
    func process(_ frame: CVPixelBuffer, at seconds: Double) {
        let (renderer, background, isNew, recording) = locked {
            defer { (wanted, isNewScene) = (nil, false) }
            return (self.renderer, wanted, isNewScene, self.recording)
        }
        guard let renderer else { return }
        do {
            if let background { try renderer.setBackground(background) }
            if isNew { renderer.restart() }
            let done = try renderer.render(frame)
            locked {
                picture = done.picture
                count += 1
                recent.append(done.times)
            }
            if let recording { append(done.picture, to: recording, at: seconds, with: renderer) }
        } catch {
            onError?(error)
        }
    }

    private func append(
        _ picture: MTLTexture, to recording: LiveVideoRecording, at seconds: Double, with renderer: LiveRenderer
    ) {
        do {
            let size = PixelSize(width: picture.width, height: picture.height)
            try recording.append(size: size, seconds: seconds) { try renderer.copy(picture, to: $0) }
        } catch {
            onRecordingError?(error)
        }
    }

    /// Return the newest picture and its number, or nil if it was already shown.
    func newest(after shown: Int) -> (picture: MTLTexture, count: Int)? {
        locked { picture.flatMap { count > shown ? ($0, count) : nil } }
    }

    /// Count a frame of the camera that came while the one before was being composed.
    func countDrop() { locked { drops += 1 } }

    /// Rates since the last call; nil if no frame was composed since.
    func takeRates(now: Date = Date()) -> LiveRates? {
        locked {
            defer { (recent, drops, began) = ([], 0, now) }
            return LiveRates(of: recent, drops: drops, seconds: now.timeIntervalSince(began))
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }
}
