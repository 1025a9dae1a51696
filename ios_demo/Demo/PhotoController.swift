import Foundation
import MattingCore
import PortraitMatting
import SwiftUI
import UniformTypeIdentifiers

/// State of the Photo screen.
@MainActor final class PhotoController: ObservableObject {
    @Published var options = Options() { didSet { if options != oldValue { compose() } } }
    @Published private(set) var result: CGImage?
    @Published private(set) var file: URL?
    @Published private(set) var isWorking = false
    @Published private(set) var isSmaller = false
    @Published var error: ErrorText?

    private var matting: PortraitMatting?
    private var photo: MattedPhoto?
    private var work: Task<Void, Never>?

    /// Matte a new photo. `read` returns the picture and whether it was reduced.
    func open(_ read: @escaping @Sendable () async throws -> (image: CGImage, isSmaller: Bool)) {
        begin { [self] in
            photo = nil
            let (image, isSmaller) = try await read()
            let matting = try await loaded()
            photo = try await matting.matted(image, requirePerson: true)
            self.isSmaller = isSmaller
            try await composed()
        }
    }

    /// Apply the options to the current photo.
    private func compose() {
        if photo != nil { begin { [self] in try await composed() } }
    }

    private func composed() async throws {
        guard let photo else { return }
        let options = options
        let (red, green, blue) = options.colour.components
        let (picture, url) = try await Task.detached { () -> (CGImage, URL) in
            let picture: CGImage
            switch options.effect {
            case .none: picture = try photo.cutOut()
            case .blur: picture = try photo.blurBackground(strength: options.strength)
            case .colour: picture = try photo.replaceBackground(with: .colour(red: red, green: green, blue: blue))
            case .picture:
                picture = try options.picture.map { try photo.replaceBackground(with: .picture($0)) } ?? photo.cutOut()
            }
            let type: UTType = options.effect == .none ? .png : .jpeg
            let url = FileManager.default.temporaryDirectory.appendingPathComponent(
                options.effect == .none ? "portrait.png" : "portrait.jpg")
            try PhotoFile.encode(picture, as: type).write(to: url, options: .atomic)
            return (picture, url)
        }.value
        try Task.checkCancellation()
        (result, file) = (picture, url)
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
        isWorking = true
        error = nil
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
