import CoreVideo
import Foundation
import MattingCore
import Metal
import PortraitMattingKit

/// Passes pictures from the camera's queue, which composes them, to the screen, which shows the newest.
final class LivePipeline: @unchecked Sendable {
    var onError: (@Sendable (Error) -> Void)?

    private let lock = NSLock()
    private var renderer: LiveRenderer?
    private var wanted: LiveBackground?
    private var isNewScene = false
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

    /// Compose a frame. Call this on the camera's queue, one frame at a time.
    func process(_ frame: CVPixelBuffer) {
        let (renderer, background, isNew) = locked {
            defer { (wanted, isNewScene) = (nil, false) }
            return (self.renderer, wanted, isNewScene)
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
        } catch {
            onError?(error)
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
