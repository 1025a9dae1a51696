import Foundation
import MattingCore
import SwiftUI

/// An error message for the user: what is wrong, and what to do.
struct ErrorText: Identifiable, Equatable {
    let title: String
    let remedy: String

    var id: String { title + remedy }

    init(_ error: Error) {
        guard let error = error as? MattingError else {
            title = error.localizedDescription
            remedy = String(localized: "Try again.")
            return
        }
        (title, remedy) = ErrorText.words(for: error)
    }

    private static func words(for error: MattingError) -> (String, String) {
        switch error {
        case .modelMissing, .manifestUnreadable, .modelDamaged, .modelUnsupported:
            (
                String(localized: "The model is missing, damaged or not supported on this device."),
                String(localized: "Add the model to the app again and rebuild it.")
            )
        case .inferenceFailed, .graphicsUnavailable:
            (
                String(localized: "The network could not run on this device."),
                String(localized: "Choose other compute units, or restart the app.")
            )
        case .photoUnreadable:
            (String(localized: "The photo cannot be read."), String(localized: "Choose another photo."))
        case .photoTooLarge:
            (String(localized: "The photo is too large."), String(localized: "Choose a smaller photo."))
        case .noPerson:
            (String(localized: "No person was found in the photo."), String(localized: "Choose another photo."))
        case .strengthOutOfRange:
            (String(localized: "The blur strength is out of range."), String(localized: "Choose another strength."))
        case .cameraDenied:
            (
                String(localized: "The app has no access to the camera."),
                String(localized: "Allow camera access in Settings, under Privacy & Security, Camera.")
            )
        case .cameraMissing:
            (String(localized: "This device has no camera."), String(localized: "Use the Photo screen instead."))
        case .cameraLost:
            (String(localized: "The camera stopped."), String(localized: "Restart the app, then try again."))
        case .cameraInterrupted(.otherApp):
            (
                String(localized: "Another app is using the camera."),
                String(localized: "Close other apps that use the camera.")
            )
        case .cameraInterrupted(.appBeside):
            (
                String(localized: "The camera stops while another app is open beside this one."),
                String(localized: "Show this app alone on the screen.")
            )
        case .cameraInterrupted(.heat):
            (
                String(localized: "The camera stopped because the device is too hot."),
                String(localized: "Let the device cool down.")
            )
        case .cameraInterrupted(.other):
            (String(localized: "The camera stopped."), String(localized: "Wait until the camera comes back."))
        case .recordingStopped:
            (
                String(localized: "The recording stopped."),
                String(localized: "The video up to this moment is kept.")
            )
        case .recordingFailed:
            (
                String(localized: "The video could not be recorded."),
                String(localized: "Free some storage, then record again.")
            )
        }
    }
}

/// Shows an error at the top of its screen, which stays usable.
struct ErrorBanner: View {
    let error: ErrorText
    let dismiss: () -> Void

    var body: some View {
        VStack(alignment: .leading, spacing: 8) {
            Text(error.title).font(.headline)
            Text(error.remedy)
            Button("Dismiss", action: dismiss)
        }
        .padding()
        .frame(maxWidth: .infinity, alignment: .leading)
        .background(.thinMaterial)
        .accessibilityElement(children: .contain)
    }
}
