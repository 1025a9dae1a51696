import Foundation

/// Every error of the package. `errorDescription` says what is wrong and `recoverySuggestion` what to do about it.
public enum MattingError: Error, Equatable, Sendable {
    case modelMissing(String)
    case manifestUnreadable(String)
    case modelDamaged(file: String, found: String, expected: String)
    case modelUnsupported(String)
    case inferenceFailed(String)
    case photoUnreadable
    case photoTooLarge(megapixels: Double, limit: Double)
    case noPerson
    case strengthOutOfRange(Double)
    case cameraDenied
    case cameraMissing
    case cameraLost(String)
    /// The system took the camera. It comes back by itself when the reason is gone.
    case cameraInterrupted(Interruption)
    case graphicsUnavailable(String)
    /// A recording ended early; what there was is complete.
    case recordingStopped(String)
    /// A recording could not be written, and there is no file.
    case recordingFailed(String)
}

extension MattingError {
    /// Why the system takes a camera from an app.
    public enum Interruption: Equatable, Sendable { case otherApp, appBeside, heat, other }
}

extension MattingError: LocalizedError {
    public var errorDescription: String? {
        switch self {
        case .modelMissing(let name): "The model is missing: \(name) was not found."
        case .manifestUnreadable(let reason): "The model's manifest is invalid: \(reason)."
        case .modelDamaged(let file, let found, let expected):
            "\(file) is damaged or does not match its manifest (SHA-256 \(found.prefix(12))…, "
                + "expected \(expected.prefix(12))…)."
        case .modelUnsupported(let reason): "The model is not supported: \(reason)."
        case .inferenceFailed(let reason): "The network could not run: \(reason)."
        case .photoUnreadable: "The photo cannot be read."
        case .photoTooLarge(let megapixels, let limit):
            "The photo has \(rounded(megapixels)) megapixels, more than the limit of \(rounded(limit))."
        case .noPerson: "No person was found in the photo."
        case .strengthOutOfRange(let strength): "The blur strength \(strength) is out of range."
        case .cameraDenied: "The app has no access to the camera."
        case .cameraMissing: "This device has no camera."
        case .cameraLost(let reason): "The camera stopped: \(reason)."
        case .cameraInterrupted(.otherApp): "The camera stopped: another app is using it."
        case .cameraInterrupted(.appBeside): "The camera stopped: another app is open beside this one."
        case .cameraInterrupted(.heat): "The camera stopped: the device is too hot."
        case .cameraInterrupted(.other): "The camera stopped: the system needs it."
        case .graphicsUnavailable(let reason): "The GPU cannot be used: \(reason)."
        case .recordingStopped(let reason): "The recording stopped: \(reason)."
        case .recordingFailed(let reason): "The video could not be written: \(reason)."
        }
    }

    public var recoverySuggestion: String? {
        switch self {
        case .modelMissing, .manifestUnreadable, .modelDamaged:
            "Export the model again with pspm export, copy it to the folder given in ios_demo/README.md, and rebuild."
        case .modelUnsupported: "Export the model again with pspm export --format coreml --precision fp16."
        case .inferenceFailed: "Try again, or choose other compute units."
        case .photoUnreadable: "Choose another photo, or another copy of this one."
        case .photoTooLarge: "Resize the photo, or raise the limit."
        case .noPerson: "Choose another photo, or set requirePerson to false."
        case .strengthOutOfRange: "Choose a strength from 0 to 1."
        case .cameraDenied: "Allow camera access in Settings, under Privacy & Security, Camera."
        case .cameraMissing: "Use the Photo screen instead."
        case .cameraLost: "Restart the app, then try again."
        case .cameraInterrupted(.otherApp): "Close other apps that use the camera."
        case .cameraInterrupted(.appBeside): "Show this app alone on the screen."
        case .cameraInterrupted(.heat): "Let the device cool down."
        case .cameraInterrupted(.other): "Wait until the camera comes back."
        case .graphicsUnavailable: "Use the Photo screen instead, which does not need the GPU."
        case .recordingStopped: "Use what was recorded until then, or record again."
        case .recordingFailed: "Free some storage, then record again."
        }
    }
}

private func rounded(_ x: Double) -> String { String(Int(x.rounded())) }
