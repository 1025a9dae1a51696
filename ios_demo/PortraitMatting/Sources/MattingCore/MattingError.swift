import Foundation

/// Whatever can go wrong, each with a sentence that says what to do.
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
    case graphicsUnavailable(String)
}

extension MattingError: LocalizedError {
    public var errorDescription: String? {
        switch self {
        case .modelMissing(let name): "The model is not there: \(name) was not found."
        case .manifestUnreadable(let reason): "The model's manifest cannot be used: \(reason)."
        case .modelDamaged(let file, let found, let expected):
            "\(file) is damaged or not the model its manifest names (sha256 \(found.prefix(12))…, "
                + "expected \(expected.prefix(12))…)."
        case .modelUnsupported(let reason): "The model cannot be used here: \(reason)."
        case .inferenceFailed(let reason): "The network did not run: \(reason)."
        case .photoUnreadable: "The photo cannot be read."
        case .photoTooLarge(let megapixels, let limit):
            "The photo has \(rounded(megapixels)) megapixels, more than the limit of \(rounded(limit))."
        case .noPerson: "No person was found in the photo."
        case .strengthOutOfRange(let strength): "A blur strength of \(strength) is out of range."
        case .cameraDenied: "The camera may not be used."
        case .cameraMissing: "There is no camera."
        case .cameraLost(let reason): "The camera stopped: \(reason)."
        case .graphicsUnavailable(let reason): "The graphics processor cannot be used: \(reason)."
        }
    }

    public var recoverySuggestion: String? {
        switch self {
        case .modelMissing, .manifestUnreadable, .modelDamaged:
            "Export the model again with pspm export, put it where ios_demo/README.md says, and build again."
        case .modelUnsupported: "Export the model again with pspm export --format coreml --precision fp16."
        case .inferenceFailed: "Try again, or choose other compute units."
        case .photoUnreadable: "Choose another copy of it, or another photo."
        case .photoTooLarge: "Make it smaller, or raise the limit."
        case .noPerson: "Choose another photo, or do not require a person."
        case .strengthOutOfRange: "Choose one from 0 to 1."
        case .cameraDenied: "Allow it in Settings, under Privacy & Security, Camera."
        case .cameraMissing: "Use the Photo screen instead."
        case .cameraLost: "Close other apps that use the camera, then come back."
        case .graphicsUnavailable: "Use the Photo screen instead, which does without it."
        }
    }
}

private func rounded(_ x: Double) -> String { String(Int(x.rounded())) }
