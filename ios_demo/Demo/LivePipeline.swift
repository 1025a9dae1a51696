import CoreVideo
import Foundation
import MattingCore
import Metal
import PortraitMatting

/// Passes pictures from the camera's queue, which composes them, to the screen, which shows the newest.
final class LivePipeline: @unchecked Sendable {
    var onError: (@Sendable (Error) -> Void)?

    private let lock = NSLock()
    private var renderer: LiveRenderer?
    private var wanted: LiveBackground?
    private var isNewScene = false
    private var picture: MTLTexture?
    private var count = 0
    private var recent: [Double] = []

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
                recent = recent.suffix(29) + [done.times.total]
            }
        } catch {
            onError?(error)
        }
    }

    /// Return the newest picture and its number, or nil if it was already shown.
    func newest(after shown: Int) -> (picture: MTLTexture, count: Int)? {
        locked { picture.flatMap { count > shown ? ($0, count) : nil } }
    }

    /// Mean latency of the last 30 frames, in milliseconds; nil before the first.
    var meanMilliseconds: Double? {
        locked { recent.isEmpty ? nil : recent.reduce(0, +) / Double(recent.count) }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }
}
