import Foundation
import MattingCore
import PortraitMattingKit
import SwiftUI
import UniformTypeIdentifiers

/// State of the Photo screen.
@MainActor final class PhotoController: ObservableObject {
    @Published var options = Options() { didSet { if options != oldValue { compose() } } }
    @Published var quality = MatteQuality.balanced { didSet { if quality != oldValue { lookAgain() } } }
    @Published private(set) var result: CGImage?
    @Published private(set) var file: URL?
    @Published private(set) var isWorking = false
    @Published private(set) var isSmaller = false
    /// How often the network has looked at the photo that is being matted; 0 before and after.
    @Published private(set) var looks = 0
    @Published var error: ErrorText?

    private var matting: PortraitMatting?
    private var read: (@Sendable () async throws -> (image: CGImage, isSmaller: Bool))?
    private var photo: MattedPhoto?
    private var preview: MattedPhoto?
    /// Longer side of a preview, in pixels.
    private static let previewSide = 2048
    /// Time without a change of the options after which the full result is made, in nanoseconds.
    private static let pause: UInt64 = 500_000_000
    private var work: Task<Void, Never>?
    /// Number of the work, so that news of work that was cancelled is not shown.
    private var turn = 0

    /// Matte a new photo. `read` returns the picture and whether it was reduced.
    func open(_ read: @escaping @Sendable () async throws -> (image: CGImage, isSmaller: Bool)) {
        self.read = read
        begin { [self] in
            (photo, preview, result, file) = (nil, nil, nil, nil)
            let (image, isSmaller) = try await read()
            self.isSmaller = isSmaller
            let matting = try await loaded()
            // Shown until the matte is there, and instead of a result if nobody is in the photo.
            result = image
            let turn = turn
            let matted = try await matting.matted(image, requirePerson: true, quality: quality) { [weak self] runs in
                Task { @MainActor in self?.looked(runs, turn) }
            }
            looks = 0
            let side = Self.previewSide
            preview = await Task.detached { matted.reduced(to: side) }.value
            photo = matted
            try await composed()
        }
    }

    /// Stop the work on the photo. What is on the screen stays.
    func cancel() {
        work?.cancel()
        turn += 1
        (isWorking, looks) = (false, 0)
    }

    private func looked(_ runs: Int, _ turn: Int) {
        if turn == self.turn && isWorking { looks = runs }
    }

    /// Matte the current photo again, with another quality.
    private func lookAgain() { if let read { open(read) } }

    /// Apply the options to the current photo.
    private func compose() {
        if photo != nil { begin { [self] in try await composed() } }
    }

    /// Show the result in the size of a screen. When the options have not changed for a moment, also write the file to
    /// share, at full size: while a slider moves, it is not worth the time.
    private func composed() async throws {
        guard let photo, let preview else { return }
        let options = options
        file = nil
        result = try await Self.applied(options, to: preview)
        try await Task.sleep(nanoseconds: Self.pause)
        file = try await Self.written(options, of: photo)
    }

    // Not on the main thread, and unlike detached tasks they end when the task that calls them is cancelled.

    private nonisolated static func applied(_ options: Options, to photo: MattedPhoto) async throws -> CGImage {
        try options.applied(to: photo)
    }

    private nonisolated static func written(_ options: Options, of photo: MattedPhoto) async throws -> URL {
        let picture = try options.applied(to: photo)
        try Task.checkCancellation()
        let isCutOut = options.effect == .none
        let data = try PhotoFile.encode(picture, as: isCutOut ? .png : .jpeg)
        try Task.checkCancellation()
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            isCutOut ? "portrait.png" : "portrait.jpg")
        try data.write(to: url, options: .atomic)
        return url
    }

    private func loaded() async throws -> PortraitMatting {
        if let matting { return matting }
        let new = try await Task.detached { try PortraitMatting() }.value
        matting = new
        return new
    }

    /// Run one task at a time: cancel the previous one and wait until it has stopped.
    private func begin(_ body: @escaping @MainActor () async throws -> Void) {
        let before = work
        before?.cancel()
        turn += 1
        (isWorking, looks, error) = (true, 0, nil)
        work = Task {
            await before?.value
            if Task.isCancelled { return }
            do {
                try await body()
            } catch is CancellationError {
                return
            } catch {
                report(error)
            }
            isWorking = false
        }
    }

    func report(_ error: Error) { self.error = ErrorText(error) }
}
